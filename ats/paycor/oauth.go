package paycor

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// Refusals of this adapter's own.
const (
	// CodeCredentialsMissing: nobody can sign in, because a credential of the public API
	// is not set.
	CodeCredentialsMissing ats.Code = "api_credentials_missing"
	// CodeSettingRequired: the connection lacks the setting that the refusal names.
	CodeSettingRequired ats.Code = "setting_required"
)

// AuthorizationURL implements [ats.Authorizer]: Paycor's page on which an administrator
// reviews the access and picks the companies. It holds the subscription key, as Paycor
// wants it: give it to the browser, never to a log. Missing credentials are a
// [*ats.Refusal] with [CodeCredentialsMissing]; a flow that cannot be sent matches
// [ats.ErrInvalid].
func (a *Adapter) AuthorizationURL(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow) (string, error) {
	client, err := a.client(ctx, c)
	if err != nil {
		return "", fmt.Errorf("authorize: %w", refuseMissing(err))
	}
	address, err := client.AuthorizationURL(f.State, f.Verifier, f.RedirectURL)
	if err != nil {
		return "", fmt.Errorf("authorize: %w", &kindError{ats.ErrInvalid, err})
	}
	return address, nil
}

// Authorize implements [ats.Authorizer]. The code is good for one try; after an error a
// person starts again.
func (a *Adapter) Authorize(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow, code string) error {
	if err := a.authorize(ctx, c, f, code); err != nil {
		return fmt.Errorf("authorize: %w", err)
	}
	return nil
}

func (a *Adapter) authorize(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow, code string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	client, err := a.client(ctx, c)
	if err != nil {
		return refuseMissing(err)
	}
	tokens, err := client.Exchange(ctx, code, f.Verifier, f.RedirectURL)
	if err != nil {
		return classify(err)
	}
	// Whoever started this may be gone; the tokens must be kept all the same.
	return classify(client.Save(context.WithoutCancel(ctx), tokens))
}

// refuseMissing tells a person what to set; another error is left as it is.
func refuseMissing(err error) error {
	if errors.Is(err, ats.ErrUnsupported) {
		return ats.Refuse(CodeCredentialsMissing, "settings",
			"Paycor's API is not configured. Set subscription_key, client_id, client_secret and scope, for all connections or in this one's settings.")
	}
	return err
}

// Probe implements [ats.Prober]: it lists the companies that the activation covers, which
// needs no permission, and looks for the connection's own. One that is not among them
// matches [ats.ErrForbidden].
func (a *Adapter) Probe(ctx context.Context, c ats.Connection) error {
	err := a.probe(ctx, c)
	if errors.Is(err, ats.ErrUnsupported) {
		return nil // there is nothing to call with
	}
	if err != nil {
		return fmt.Errorf("probe %s: %w", c.Tenant, err)
	}
	return nil
}

func (a *Adapter) probe(ctx context.Context, c ats.Connection) error {
	client, account, err := a.directory(ctx, c)
	if err != nil {
		return err
	}
	tenants, err := client.Tenants(ctx)
	if err != nil {
		return classify(err)
	}
	for _, t := range tenants {
		if t.LegalEntityID == account.LegalEntityID {
			return nil
		}
	}
	return fmt.Errorf("paycor's activation does not cover client id %d: sign in again and pick it: %w", account.LegalEntityID, ats.ErrForbidden)
}

// tokenStore keeps a connection's tokens among its sealed secrets.
type tokenStore struct{ secrets ats.SecretStore }

var _ oauth.Store = tokenStore{}

// Load implements [oauth.Store].
func (s tokenStore) Load(ctx context.Context) (string, error) {
	text, err := s.secrets.Get(ctx, secretTokens)
	if errors.Is(err, ats.ErrNotFound) {
		return "", nil
	}
	return text.Reveal(), err
}

// Swap implements [oauth.Store].
func (s tokenStore) Swap(ctx context.Context, old, replacement string) error {
	err := s.secrets.CompareAndSwap(ctx, secretTokens, ats.Secret(old), ats.Secret(replacement))
	if errors.Is(err, ats.ErrConflict) {
		return fmt.Errorf("%w: %w", oauth.ErrConflict, err)
	}
	return err
}
