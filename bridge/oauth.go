package bridge

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

const (
	// secretFlows is where a connection's sign-ins are kept while a person is at the
	// vendor's.
	secretFlows = "oauth_flows" //nolint:gosec // the name of a secret, not one
	// flowTTL is how long a person may take.
	flowTTL = 10 * time.Minute
	// mostFlows bounds how many sign-ins of one connection are open; the oldest goes.
	mostFlows = 50
)

// pendingFlow is a sign-in that has been started. It is kept sealed.
type pendingFlow struct {
	State    string    `json:"state"`
	Verifier string    `json:"verifier"`
	Redirect string    `json:"redirect"`
	User     flowUser  `json:"user"`
	Until    time.Time `json:"until"`
}

type flowUser struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
	Admin    bool   `json:"admin,omitempty"`
}

func (f pendingFlow) flow() ats.AuthorizationFlow {
	u := f.User
	return ats.AuthorizationFlow{
		State: f.State, Verifier: f.Verifier, RedirectURL: f.Redirect,
		User: ats.User{ID: u.ID, Name: u.Name, Email: u.Email, TimeZone: u.TimeZone, Admin: u.Admin},
	}
}

// StartAuthorization begins a person's sign-in at the vendor, by which the connection
// may use the vendor's API, and returns where the browser goes. What comes back to
// redirectURL is for [Bridge.FinishAuthorization], within ten minutes. Who may do it
// is said by the rule for settings: administrators, or everybody for themselves. An
// adapter without sign-in matches [ats.ErrUnsupported].
func (b *Bridge) StartAuthorization(ctx context.Context, connectionID string, by ats.User, redirectURL string) (string, error) {
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return "", err
	}
	seen := b.connectionSeen(c)
	if err := b.checkUserChange(seen, by, by.ID); err != nil {
		return "", err
	}
	if !c.Connected {
		return "", refuseDisconnected()
	}
	authorizer, err := b.authorizer(c.Tenant.Adapter)
	if err != nil {
		return "", err
	}
	f := pendingFlow{
		State: c.ID + "." + randomText(), Verifier: randomText(), Redirect: redirectURL, Until: b.now().Add(flowTTL),
		User: flowUser{ID: by.ID, Name: by.Name, Email: by.Email, TimeZone: by.TimeZone, Admin: by.Admin},
	}
	address, err := authorizer.AuthorizationURL(ctx, seen, f.flow())
	if err != nil {
		return "", refusalOr("authorize connection "+c.ID, err)
	}
	err = b.changeFlows(ctx, c.ID, func(flows []pendingFlow) []pendingFlow {
		return append(flows[max(0, len(flows)-mostFlows+1):], f)
	})
	if err != nil {
		return "", fmt.Errorf("authorize connection %s: %w", c.ID, err)
	}
	return address, nil
}

// errNoFlow: the state belongs to no sign-in that is open.
var errNoFlow = fmt.Errorf("no such sign-in: %w", ats.ErrInvalid)

// FinishAuthorization ends the sign-in that the state belongs to and exchanges the
// code, which is empty when the vendor said no. A state counts once, for ten minutes:
// any other matches [ats.ErrInvalid]. A code that the vendor does not accept matches
// [ats.ErrUnauthorized], and what was authorized before stays.
func (b *Bridge) FinishAuthorization(ctx context.Context, adapter, state, code string) error {
	connectionID, _, ok := strings.Cut(state, ".")
	if !ok {
		return errNoFlow
	}
	c, err := b.store.GetConnection(ctx, connectionID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && (c.Tenant.Adapter != adapter || !c.Connected)) {
		return errNoFlow
	}
	if err != nil {
		return fmt.Errorf("finish authorization: %w", err)
	}
	var found *pendingFlow
	err = b.changeFlows(ctx, c.ID, func(flows []pendingFlow) []pendingFlow {
		found = nil
		return slices.DeleteFunc(flows, func(f pendingFlow) bool {
			same := subtle.ConstantTimeCompare([]byte(f.State), []byte(state)) == 1
			if same {
				found = &f
			}
			return same
		})
	})
	if err != nil {
		return fmt.Errorf("finish authorization: %w", err)
	}
	if found == nil {
		return errNoFlow
	}
	if code == "" {
		return nil
	}
	authorizer, err := b.authorizer(adapter)
	if err != nil {
		return err
	}
	if err := authorizer.Authorize(ctx, b.connectionSeen(c), found.flow(), code); err != nil {
		return refusalOr("finish authorization of connection "+c.ID, err)
	}
	return b.store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		return tx.Audit(ctx, store.AuditEntry{At: b.now(), ConnectionID: c.ID, Actor: found.User.ID, Action: "authorize"})
	})
}

func (b *Bridge) authorizer(adapter string) (ats.Authorizer, error) {
	a, err := b.adapter(adapter)
	if err != nil {
		return nil, err
	}
	authorizer, ok := a.(ats.Authorizer)
	if !ok {
		return nil, fmt.Errorf("adapter %s needs no authorization: %w", adapter, ats.ErrUnsupported)
	}
	return authorizer, nil
}

// changeFlows replaces the open sign-ins of a connection, without those that took too
// long. change may run several times.
func (b *Bridge) changeFlows(ctx context.Context, connectionID string, change func([]pendingFlow) []pendingFlow) error {
	secrets := secretStore{b, connectionID}
	for range updateTries {
		old, err := secrets.Get(ctx, secretFlows)
		if err != nil && !errors.Is(err, ats.ErrNotFound) {
			return err
		}
		var flows []pendingFlow
		if !old.IsZero() {
			if err := json.Unmarshal([]byte(old.Reveal()), &flows); err != nil {
				return errors.New("the stored sign-ins are damaged")
			}
		}
		now := b.now()
		flows = change(slices.DeleteFunc(flows, func(f pendingFlow) bool { return !now.Before(f.Until) }))
		var replacement ats.Secret
		if len(flows) > 0 {
			text, err := json.Marshal(flows)
			if err != nil {
				return fmt.Errorf("keep the sign-in: %w", err)
			}
			replacement = ats.Secret(text)
		}
		if replacement == old {
			return nil
		}
		if err := secrets.CompareAndSwap(ctx, secretFlows, old, replacement); !errors.Is(err, ats.ErrConflict) {
			return err
		}
	}
	return ats.ErrConflict
}

// randomText returns 32 random bytes as text.
func randomText() string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}
