package memory

import (
	"context"
	"fmt"
	"net/url"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Settings are what a connection to this adapter can be told.
type Settings struct {
	// HideScore keeps ratings off the cards.
	HideScore bool `json:"hide_score,omitempty"`
	// Once allows one completed interview only.
	Once bool `json:"once,omitempty"`
	// Closed keeps the integration away from the account, see [Adapter.Gate].
	Closed bool `json:"closed,omitempty"`
}

// CheckSettings implements [ats.SettingsDecoder].
func (a *Adapter) CheckSettings(c ats.Connection) error {
	_, err := ats.DecodeSettings[Settings](c.Settings)
	return err
}

// settings returns the connection's settings, or none when they cannot be read.
func settings(c ats.Connection) Settings {
	s, _ := ats.DecodeSettings[Settings](c.Settings) // zero with an error
	return s
}

// PolicyFor implements [ats.PolicyTailor].
func (a *Adapter) PolicyFor(c ats.Connection) ats.Policy {
	p := a.Policy()
	if settings(c).Once {
		p.AfterCompleted = ats.Decline
	}
	return p
}

// Gate implements [ats.Gatekeeper].
func (a *Adapter) Gate(c ats.Connection) error {
	if settings(c).Closed {
		return ats.Refuse(ats.CodeFeatureNotEnabled, "", "Video interviews are not enabled for this account. Ask support to enable them.")
	}
	return nil
}

// SecretToken is the name under which [Adapter.Authorize] keeps what it was given.
const SecretToken = "access_token"

// AuthorizationURL implements [ats.Authorizer]: the address goes straight back to
// where it came from, with the person's id as the code.
func (a *Adapter) AuthorizationURL(_ context.Context, _ ats.Connection, f ats.AuthorizationFlow) (string, error) {
	u, err := url.Parse(f.RedirectURL)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("authorize: the redirect URL is not absolute: %w", ats.ErrInvalid)
	}
	q := u.Query()
	q.Set("state", f.State)
	q.Set("code", f.User.ID)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Authorize implements [ats.Authorizer]: the code must be the person's id.
func (a *Adapter) Authorize(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow, code string) error {
	if code == "" || code != f.User.ID {
		return fmt.Errorf("authorize: %w", ats.ErrUnauthorized)
	}
	old, err := c.Secrets.Get(ctx, SecretToken)
	if err != nil {
		old = ""
	}
	if err := c.Secrets.CompareAndSwap(ctx, SecretToken, old, ats.Secret("token of "+code)); err != nil {
		return fmt.Errorf("authorize: %w", err)
	}
	return nil
}

// Probe implements [ats.Prober]: it succeeds when the account exists.
func (a *Adapter) Probe(ctx context.Context, c ats.Connection) error {
	if err := a.visit(ctx, c.Tenant, func(*Account) error { return nil }); err != nil {
		return fmt.Errorf("probe %s: %w", c.Tenant, err)
	}
	return nil
}
