package paycor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Settings are the settings of a Paycor connection. All are optional; see
// [ats.SecretSetting] for how the secret ones are kept.
type Settings struct {
	// FeatureEnabled is set once Recruiting Support has enabled video interviewing for
	// the company. Until then every action is refused.
	FeatureEnabled bool `json:"feature_enabled"`

	// Midnight is which midnight of the expiration date ends a request: "end", the
	// default, or "start".
	Midnight string `json:"midnight"`

	// HostURL and HostToken name the host of this company, instead of [Config.HostURL]
	// and of [Config.Host]. A host of its own needs a token of its own.
	HostURL   string     `json:"host_url"`
	HostToken ats.Secret `json:"host_token"`

	// SubscriptionKey, ClientID, ClientSecret and Scope are those of the company's own
	// application in the developer portal, each instead of the one in [Config].
	SubscriptionKey ats.Secret `json:"subscription_key"`
	ClientID        string     `json:"client_id"`
	ClientSecret    ats.Secret `json:"client_secret"`
	Scope           string     `json:"scope"`
}

// The names of a connection's sealed secrets; see [ats.SecretStore]. The first three
// are settings.
const (
	secretHostToken       = "host_token"
	secretSubscriptionKey = "subscription_key"
	secretClientSecret    = "client_secret"
	secretTokens          = "oauth_tokens" //nolint:gosec // a name, not a secret
	secretPolledOn        = "polled_on"    // a date, kept where the connection keeps things
)

// settingsOf returns a connection's settings, zero beside an error.
func settingsOf(c ats.Connection) (Settings, error) {
	s, err := ats.DecodeSettings[Settings](c.Settings)
	if err != nil {
		return Settings{}, fmt.Errorf("read settings of connection %s: %w", c.ID, err)
	}
	return s, nil
}

// midnight returns which midnight ends a request, and whether the setting is one.
func (s Settings) midnight() (ats.Midnight, bool) {
	switch s.Midnight {
	case "", ats.EndOfDay.String():
		return ats.EndOfDay, true
	case ats.StartOfDay.String():
		return ats.StartOfDay, true
	}
	return ats.EndOfDay, false
}

// CheckSettings implements [ats.SettingsDecoder]: see [Settings]. Its error joins an
// [*ats.SettingsError] for each problem; a tenant that is none is a refusal of its own,
// see [ParseTenant]. It calls nobody.
func (a *Adapter) CheckSettings(c ats.Connection) error {
	if _, err := ParseTenant(c.Tenant.Tenant); err != nil {
		return err
	}
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	var errs []error
	bad := func(field, problem string) {
		errs = append(errs, &ats.SettingsError{Field: field, Problem: problem})
	}
	if _, ok := s.midnight(); !ok {
		bad("midnight", `must be "end" or "start"`)
	}
	if s.HostURL != "" {
		if problem := urlProblem(s.HostURL); problem != "" {
			bad("host_url", problem)
		}
	}
	for _, text := range []struct{ name, value string }{
		{secretHostToken, s.HostToken.Reveal()},
		{secretSubscriptionKey, s.SubscriptionKey.Reveal()},
		{"client_id", s.ClientID},
		{secretClientSecret, s.ClientSecret.Reveal()},
		{"scope", s.Scope},
	} {
		if strings.ContainsFunc(text.value, isInvisible) {
			bad(text.name, "must be visible ASCII without spaces")
		}
	}
	return errors.Join(errs...)
}

// credentials are what the public API needs.
type credentials struct {
	subscriptionKey ats.Secret
	clientID        string
	clientSecret    ats.Secret
	scope           string
}

// credentialsOf returns the connection's own credentials, each with the deployment's as
// its default. Where one is missing the error matches [ats.ErrUnsupported] and says what
// to set.
func (a *Adapter) credentialsOf(ctx context.Context, c ats.Connection) (credentials, error) {
	s, err := settingsOf(c)
	if err != nil {
		return credentials{}, err
	}
	key, err := c.Secret(ctx, secretSubscriptionKey, orDefault(s.SubscriptionKey, a.cfg.SubscriptionKey))
	if err != nil {
		return credentials{}, err
	}
	secret, err := c.Secret(ctx, secretClientSecret, orDefault(s.ClientSecret, a.cfg.ClientSecret))
	if err != nil {
		return credentials{}, err
	}
	have := credentials{
		subscriptionKey: key, clientID: orDefault(s.ClientID, a.cfg.ClientID),
		clientSecret: secret, scope: orDefault(s.Scope, a.cfg.Scope),
	}
	if missing := have.missing(); missing != "" {
		return credentials{}, fmt.Errorf("paycor's API is not configured: set %s, for all connections or in this one's settings: %w", missing, ats.ErrUnsupported)
	}
	return have, nil
}

// missing names the first credential that is not there.
func (c credentials) missing() string {
	switch {
	case c.subscriptionKey.IsZero():
		return secretSubscriptionKey
	case c.clientID == "":
		return "client_id"
	case c.clientSecret.IsZero():
		return secretClientSecret
	case c.scope == "":
		return "scope"
	}
	return ""
}
