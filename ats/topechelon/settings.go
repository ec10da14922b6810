package topechelon

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The settings that are secrets; see [ats.SecretSetting].
const (
	secretHostToken    = "host_token"
	secretClientSecret = "client_secret"
)

// Settings are the settings of a Top Echelon connection. All are optional: what is
// missing is the deployment's. A credential of the deployment is never sent to an
// address that only the connection names.
type Settings struct {
	// HostURL and HostToken replace [Config.HostURL] and [Config.HostToken]. A host of
	// the connection's own needs its own token.
	HostURL   string     `json:"host_url"`
	HostToken ats.Secret `json:"host_token"`

	// APIURL, AuthorizeURL, TokenURL, ClientID, ClientSecret and Scope replace those of
	// [Config]. A client or a token URL of the connection's own needs its own secret.
	APIURL       string     `json:"api_url"`
	AuthorizeURL string     `json:"authorize_url"`
	TokenURL     string     `json:"token_url"`
	ClientID     string     `json:"client_id"`
	ClientSecret ats.Secret `json:"client_secret"`
	Scope        string     `json:"scope"`

	// AttachResults adds a small text file to the person's record for each completed
	// interview, with job, dates and link. It is a record and no status. It needs the
	// scope Write and the consent of the user who scheduled. Default off.
	AttachResults bool `json:"attach_results"`

	// Hotlists adds the person to a hotlist for each state that an interview reaches,
	// such as "Spark Hire – Completed". People stay on the lists they were added to.
	// It needs what AttachResults needs. Default off.
	Hotlists bool `json:"hotlists"`

	// TryUnverified replaces [Config.TryUnverified].
	TryUnverified *bool `json:"try_unverified"`
}

// settingsOf returns a connection's settings, also beside an error.
func settingsOf(c ats.Connection) (Settings, error) {
	s, err := ats.DecodeSettings[Settings](c.Settings)
	if err != nil {
		return Settings{}, fmt.Errorf("read settings of connection %s: %w", c.ID, err)
	}
	return s, nil
}

// CheckSettings implements [ats.SettingsDecoder]: see [Settings]. Its error joins
// an [*ats.SettingsError] for each problem. It calls nobody.
func (a *Adapter) CheckSettings(c ats.Connection) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	var errs []error
	bad := func(field, problem string) {
		errs = append(errs, &ats.SettingsError{Field: field, Problem: problem})
	}
	for _, u := range [][2]string{
		{"host_url", s.HostURL}, {"api_url", s.APIURL}, {"authorize_url", s.AuthorizeURL}, {"token_url", s.TokenURL},
	} {
		if u[1] == "" {
			continue
		}
		if problem := addressProblem(u[1]); problem != "" {
			bad(u[0], problem)
		}
	}
	for _, v := range [][2]string{{"host_token", s.HostToken.Reveal()}, {"client_id", s.ClientID}, {"client_secret", s.ClientSecret.Reveal()}} {
		if problem := credentialProblem(v[1]); problem != "" {
			bad(v[0], problem)
		}
	}
	switch {
	case a.cfg.Host != nil && s.HostURL != "":
		bad("host_url", "is not possible, because this deployment has a host built in")
	case a.cfg.HostURL == "" && s.HostURL == "" && !s.HostToken.IsZero():
		bad("host_url", "is required with host_token")
	}
	if s.ClientID == "" && a.cfg.ClientID == "" && !s.ClientSecret.IsZero() {
		bad("client_id", "is required with client_secret")
	}
	return errors.Join(errs...)
}

// tries reports whether unverified endpoints are called for the connection.
func (a *Adapter) tries(s Settings) bool {
	if s.TryUnverified != nil {
		return *s.TryUnverified
	}
	return a.cfg.TryUnverified
}

// host returns the connection's host, or nil where it has none. A setting that is
// missing is a refusal that names it.
func (a *Adapter) host(ctx context.Context, c ats.Connection) (Host, error) {
	if a.cfg.Host != nil {
		return a.cfg.Host, nil
	}
	s, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	address, fallback := s.HostURL, s.HostToken
	if address == "" {
		address, fallback = a.cfg.HostURL, orDefault(s.HostToken, a.cfg.HostToken)
	}
	if address == "" {
		return nil, nil //nolint:nilnil // no host is an answer, and callers look for it
	}
	token, err := c.Secret(ctx, secretHostToken, fallback)
	if err != nil {
		return nil, err
	}
	if token.IsZero() { // who can mend it is the operator, so reports wait
		return nil, &kindError{ats.ErrUnauthorized, lacks(secretHostToken)}
	}
	h, err := a.hosts.get(digest(address, token.Reveal()), func() (*hostClient, error) { return a.newHostClient(address, token) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ats.ErrInvalid)
	}
	return h, nil
}

// lacks refuses what cannot be done without a setting.
func lacks(setting string) *ats.Refusal {
	return ats.Refuse(CodeSettingRequired, "settings."+setting,
		fmt.Sprintf("The connection to Top Echelon lacks the setting %s. Whoever operates the integration must add it.", setting))
}
