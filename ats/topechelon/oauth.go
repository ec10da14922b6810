package topechelon

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// secretRedirect keeps the address that the integration sends people back to: it goes
// along with renewals [observed: docs/vendors/topechelon.md].
const secretRedirect = "oauth/redirect" //nolint:gosec // a name

// secretTokens names the tokens of one user.
func secretTokens(userID string) string { return "oauth/" + url.PathEscape(userID) + "/pair" }

// AuthorizationURL implements [ats.Authorizer]: the page on which f.User allows the
// integration to act as them. Access is per person, so the flow must name one. A
// setting that is missing is a refusal with [CodeSettingRequired] that names it.
func (a *Adapter) AuthorizationURL(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow) (string, error) {
	client, err := a.signIn(ctx, c, f)
	if err != nil {
		return "", fmt.Errorf("authorize user %s: %w", f.User.ID, err)
	}
	page, err := client.ConsentURL(f.State, f.Verifier)
	if errors.Is(err, api.ErrNoConsentPage) {
		err = lacks("authorize_url")
	}
	if err != nil {
		return "", fmt.Errorf("authorize user %s: %w", f.User.ID, classify(err))
	}
	return page, nil
}

// Authorize implements [ats.Authorizer]. The tokens are kept for f.User alone, in
// place of former ones, and are used for nobody else.
func (a *Adapter) Authorize(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow, code string) error {
	client, err := a.signIn(ctx, c, f)
	if err == nil {
		err = classify(client.Exchange(ctx, code, f.Verifier))
	}
	if err == nil {
		err = replaceSecret(ctx, c, secretRedirect, ats.Secret(f.RedirectURL))
	}
	if err != nil {
		return fmt.Errorf("authorize user %s: %w", f.User.ID, err)
	}
	return nil
}

// signIn returns the client of the person who signs in.
func (a *Adapter) signIn(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow) (*api.Client, error) {
	if f.User.IsZero() {
		return nil, ats.Refuse(ats.CodeActorRequired, "", "Each person signs in at Top Echelon for themselves, and the call does not say who does.")
	}
	return a.newClient(ctx, c, f.User.ID, f.RedirectURL)
}

// errNotSignedIn is why there is nothing to call with.
var errNotSignedIn = fmt.Errorf("the user has not signed in at Top Echelon: %w", ats.ErrUnauthorized)

// client returns the client that acts as the user. It asks the store each time, so
// that what a disconnect has forgotten is not used again.
func (a *Adapter) client(ctx context.Context, c ats.Connection, userID string) (*api.Client, error) {
	if userID == "" {
		return nil, errNotSignedIn
	}
	tokens, err := c.Secret(ctx, secretTokens(userID), "")
	if err != nil {
		return nil, err
	}
	redirect, err := c.Secret(ctx, secretRedirect, "")
	switch {
	case err != nil:
		return nil, err
	case tokens.IsZero() || redirect.IsZero():
		return nil, errNotSignedIn
	}
	return a.newClient(ctx, c, userID, redirect.Reveal())
}

// newClient returns the client of one user of the connection, the same one as long as
// nothing that it is made of changes: what it shares are the tokens and the budget.
func (a *Adapter) newClient(ctx context.Context, c ats.Connection, userID, redirect string) (*api.Client, error) {
	s, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	if c.Secrets == nil {
		return nil, fmt.Errorf("connection %s keeps no secrets: %w", c.ID, ats.ErrUnsupported)
	}
	cfg := api.Config{
		BaseURL:       orDefault(s.APIURL, a.cfg.APIURL),
		TokenURL:      orDefault(s.TokenURL, a.cfg.TokenURL),
		AuthorizeURL:  orDefault(s.AuthorizeURL, a.cfg.AuthorizeURL),
		ClientID:      orDefault(s.ClientID, a.cfg.ClientID),
		Scope:         orDefault(s.Scope, a.cfg.Scope),
		RedirectURL:   redirect,
		PKCE:          a.cfg.PKCE,
		TryUnverified: a.tries(s),
		HTTPClient:    a.cfg.HTTPClient,
		UserAgent:     a.cfg.UserAgent,
		Tokens:        tokenStore{secrets: c.Secrets, name: secretTokens(userID)},
		Clock:         a.cfg.Clock,
	}
	fallback := s.ClientSecret
	if s.ClientID == "" && s.TokenURL == "" { // the deployment's secret goes nowhere else
		fallback = orDefault(fallback, a.cfg.ClientSecret)
	}
	secret, err := c.Secret(ctx, secretClientSecret, fallback)
	switch {
	case err != nil:
		return nil, err
	case cfg.ClientID == "":
		return nil, lacks("client_id")
	case secret.IsZero():
		return nil, lacks(secretClientSecret)
	}
	cfg.ClientSecret = secret.Reveal()
	key := digest(c.ID, c.Tenant.Tenant, userID, cfg.BaseURL, cfg.TokenURL, cfg.AuthorizeURL, cfg.ClientID, cfg.ClientSecret,
		cfg.Scope, redirect, strconv.FormatBool(cfg.TryUnverified))
	client, err := a.clients.get(key, func() (*api.Client, error) { return api.New(cfg) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ats.ErrInvalid)
	}
	return client, nil
}

// tokenStore keeps the tokens of one user among a connection's sealed secrets.
type tokenStore struct {
	secrets ats.SecretStore
	name    string
}

var _ oauth.Store = tokenStore{}

// Load implements [oauth.Store].
func (t tokenStore) Load(ctx context.Context) (string, error) {
	value, err := t.secrets.Get(ctx, t.name)
	if errors.Is(err, ats.ErrNotFound) {
		return "", nil
	}
	return value.Reveal(), err
}

// Swap implements [oauth.Store].
func (t tokenStore) Swap(ctx context.Context, old, replacement string) error {
	err := t.secrets.CompareAndSwap(ctx, t.name, ats.Secret(old), ats.Secret(replacement))
	if errors.Is(err, ats.ErrConflict) {
		return fmt.Errorf("%w: %w", oauth.ErrConflict, err)
	}
	return err
}

// replaceSecret sets a secret, whatever it was.
func replaceSecret(ctx context.Context, c ats.Connection, name string, value ats.Secret) error {
	for {
		old, err := c.Secret(ctx, name, "")
		if err != nil || old == value {
			return err
		}
		err = c.Secrets.CompareAndSwap(ctx, name, old, value)
		if !errors.Is(err, ats.ErrConflict) {
			return err
		}
	}
}
