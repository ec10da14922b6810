package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// secretKept is where a connection that has moved to API v2.0 keeps its keys of
// v1.0. The two do not show each other's interviews for certain, so what v1.0 was
// asked for ends there; then the keys are forgotten.
const secretKept = "spark_hire_v1_keys" //nolint:gosec // the name of secrets, not one

// keptKeys are keys that only running interviews use.
type keptKeys struct {
	Keys []keptKey `json:"keys"`
	// Organization names the one that follows interviews whose own key is gone.
	Organization string `json:"organization,omitempty"`
}

type keptKey struct {
	Credential string `json:"credential"`
	User       string `json:"user,omitempty"` // empty for the organization
	Key        string `json:"key"`
}

func (k keptKeys) credentials() []string {
	var all []string
	for _, key := range k.Keys {
		if !slices.Contains(all, key.Credential) {
			all = append(all, key.Credential)
		}
	}
	return all
}

// secret is how the keys are kept; without any there is nothing to keep.
func (k keptKeys) secret() (ats.Secret, error) {
	if len(k.Keys) == 0 {
		return "", nil
	}
	text, err := json.Marshal(k)
	return ats.Secret(text), err
}

func decodeKept(text ats.Secret, err error) (keptKeys, error) {
	var kept keptKeys
	if errors.Is(err, ats.ErrNotFound) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text.Reveal()), &kept)
	}
	if err != nil {
		return kept, fmt.Errorf("kept Spark Hire keys: %w", err)
	}
	return kept, nil
}

// keptKeys returns the keys that a connection has kept; none is no error.
func (b *Bridge) keptKeys(ctx context.Context, connectionID string) (keptKeys, error) {
	return decodeKept(secretStore{b, connectionID}.Get(ctx, secretKept))
}

// keptKey returns one of them, or an error that matches [ats.ErrNotFound].
func (b *Bridge) keptKey(ctx context.Context, connectionID, credential string) (ats.Secret, error) {
	kept, err := b.keptKeys(ctx, connectionID)
	if err != nil {
		return "", err
	}
	for _, k := range kept.Keys {
		if k.Credential == credential && credential != "" {
			return ats.Secret(k.Key), nil
		}
	}
	return "", fmt.Errorf("spark hire key: %w", ats.ErrNotFound)
}

// keyToDrain opens the key of a credential that interviews wait for.
func (b *Bridge) keyToDrain(ctx context.Context, credential string) (ats.Secret, error) {
	key, err := b.key(ctx, credential)
	if !errors.Is(err, ats.ErrNotFound) || onV2(credential) {
		return key, err
	}
	var waiting []store.Interview
	if txErr := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		waiting, err = tx.Due(ctx, store.DueParams{Credential: credential, Now: b.now().Add(farAway), Limit: 1})
		return err
	}); txErr != nil {
		return "", txErr
	}
	if len(waiting) == 0 {
		return "", err
	}
	return b.keptKey(ctx, waiting[0].ConnectionID, credential)
}

// keep returns the keys of v1.0 that c has now, to be kept when it moves.
func (b *Bridge) keep(c store.Connection) (keptKeys, error) {
	var kept keptKeys
	add := func(credential, user string, sealed []byte, aad string) error {
		if credential == "" || onV2(credential) {
			return nil
		}
		plain, err := b.keys.Open(sealed, aad)
		if err != nil {
			return fmt.Errorf("keep Spark Hire key: %w", err)
		}
		kept.Keys = append(kept.Keys, keptKey{Credential: credential, User: user, Key: string(plain)})
		return nil
	}
	if err := add(c.OrganizationCredential, "", c.OrganizationKey, organizationContext(c.ID)); err != nil {
		return kept, err
	}
	if len(kept.Keys) > 0 {
		kept.Organization = c.OrganizationCredential
	}
	for _, u := range c.Users {
		if err := add(u.Credential, u.ID, u.Key, userContext(c.ID, u.ID)); err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// dropKept takes the keys of a removed user away, in the transaction.
func (b *Bridge) dropKept(ctx context.Context, tx store.Tx, connectionID, userID string) error {
	sealed, err := tx.Secret(ctx, connectionID, secretKept)
	if errors.Is(err, ats.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	kept, err := decodeKept(secretStore{b, connectionID}.open(secretKept, sealed))
	if err != nil {
		return err
	}
	all := kept.credentials()
	kept.Keys = slices.DeleteFunc(kept.Keys, func(k keptKey) bool { return k.User == userID })
	text, err := kept.secret()
	if err != nil {
		return err
	}
	for _, credential := range all { // what waits for a key that is gone ends
		if err := tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: credential}); err != nil {
			return err
		}
	}
	return b.saveSecret(ctx, tx, connectionID, secretKept, text)
}

// keptInUse returns the credentials that a connection on v2.0 still needs for
// running interviews of v1.0, and forgets the keys when there are none.
func (b *Bridge) keptInUse(ctx context.Context, c store.Connection) ([]string, error) {
	kept, err := b.keptKeys(ctx, c.ID)
	if err != nil || len(kept.Keys) == 0 {
		return nil, err
	}
	running := false
	for _, state := range []ats.State{ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateUnconfirmed} {
		if err := b.each(ctx, c.ID, state, func(i store.Interview) (bool, error) {
			running = !onV2(i.Credential)
			return !running, nil
		}); err != nil {
			return nil, err
		}
		if running {
			return kept.credentials(), nil
		}
	}
	return nil, b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.SaveSecret(ctx, c.ID, secretKept, nil); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{At: b.now(), ConnectionID: c.ID, Actor: "system", Action: "forget keys of API v1", Detail: "the last interview there has ended"})
	})
}
