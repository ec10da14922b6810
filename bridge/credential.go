package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// credentialOf names a Spark Hire key: equal keys have one budget and one drain.
func (b *Bridge) credentialOf(key ats.Secret) string {
	if key.IsZero() {
		return ""
	}
	return b.keys.Digest("spark hire key", key.Reveal())
}

// The contexts that sealed values are bound to.
func organizationContext(connectionID string) string { return connectionID + "/organization/key" }
func userContext(connectionID, userID string) string { return connectionID + "/users/" + userID }
func secretContext(connectionID, name string) string { return connectionID + "/secrets/" + name }

// key opens the Spark Hire key of a credential. One that is not in store any more
// matches [ats.ErrNotFound].
func (b *Bridge) key(ctx context.Context, credential string) (ats.Secret, error) {
	if credential == "" {
		return "", fmt.Errorf("spark hire key: %w", ats.ErrNotFound)
	}
	sealed, err := b.store.SealedKey(ctx, credential)
	if err != nil {
		return "", fmt.Errorf("spark hire key: %w", err)
	}
	aad := organizationContext(sealed.ConnectionID)
	if sealed.UserID != "" {
		aad = userContext(sealed.ConnectionID, sealed.UserID)
	}
	plain, err := b.keys.Open(sealed.Key, aad)
	if err != nil {
		return "", fmt.Errorf("spark hire key: %w", err)
	}
	return ats.Secret(plain), nil
}

// checkKeys opens one sealed key, if there is one: with another ring than the
// store's own the engine would accept requests and could send none.
func (b *Bridge) checkKeys(conns []store.Connection) error {
	for _, c := range conns {
		sealed, aad := c.OrganizationKey, organizationContext(c.ID)
		for _, u := range c.Users {
			if len(sealed) == 0 {
				sealed, aad = u.Key, userContext(c.ID, u.ID)
			}
		}
		if len(sealed) == 0 {
			continue
		}
		if _, err := b.keys.Open(sealed, aad); err != nil {
			return fmt.Errorf("the key ring does not open the secrets in this database; use the key file that belongs to it: %w", err)
		}
		return nil
	}
	return nil
}

// sparkFor returns Spark Hire seen with the credential's key.
func (b *Bridge) sparkFor(ctx context.Context, credential string) (spark, error) {
	key, err := b.key(ctx, credential)
	if err != nil {
		return nil, err
	}
	return b.open(key, &budget{b: b, credential: credential})
}

// secretStore is the sealed secrets of one connection.
type secretStore struct {
	b            *Bridge
	connectionID string
}

func (s secretStore) Get(ctx context.Context, name string) (ats.Secret, error) {
	sealed, err := s.b.store.GetSecret(ctx, s.connectionID, name)
	if err != nil {
		return "", fmt.Errorf("get secret %s: %w", name, err)
	}
	return s.open(name, sealed)
}

func (s secretStore) CompareAndSwap(ctx context.Context, name string, old, replacement ats.Secret) error {
	return s.b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		var present ats.Secret
		sealed, err := tx.Secret(ctx, s.connectionID, name)
		switch {
		case errors.Is(err, ats.ErrNotFound):
		case err != nil:
			return fmt.Errorf("swap secret %s: %w", name, err)
		default:
			if present, err = s.open(name, sealed); err != nil {
				return err
			}
		}
		if present != old {
			return fmt.Errorf("swap secret %s: %w", name, ats.ErrConflict)
		}
		return s.b.saveSecret(ctx, tx, s.connectionID, name, replacement)
	})
}

func (s secretStore) open(name string, sealed []byte) (ats.Secret, error) {
	plain, err := s.b.keys.Open(sealed, secretContext(s.connectionID, name))
	if err != nil {
		return "", fmt.Errorf("get secret %s: %w", name, err)
	}
	return ats.Secret(plain), nil
}

// saveSecret seals and stores a secret; an empty one forgets it.
func (b *Bridge) saveSecret(ctx context.Context, tx store.Tx, connectionID, name string, value ats.Secret) error {
	var sealed []byte
	if !value.IsZero() {
		sealed = b.keys.Seal([]byte(value.Reveal()), secretContext(connectionID, name))
	}
	return tx.SaveSecret(ctx, connectionID, name, sealed)
}
