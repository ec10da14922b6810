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
	name := b.keys.Digest("spark hire key", key.Reveal())
	if k, ok := parseMeetKey(key); ok {
		return store.V2 + b.keys.Digest("spark hire client", k.clientID) + "/" + name
	}
	return name
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

// sparkFor returns Spark Hire seen with the credential's key, or with the one that
// the connection has kept, see [keptKeys].
func (b *Bridge) sparkFor(ctx context.Context, connectionID, credential string) (spark, error) {
	return b.sparkPaying(ctx, connectionID, &budget{b: b, credential: credential})
}

// sparkPaying is sparkFor with a limiter of the caller's.
func (b *Bridge) sparkPaying(ctx context.Context, connectionID string, pay *budget) (spark, error) {
	credential := pay.credential
	key, err := b.key(ctx, credential)
	if errors.Is(err, ats.ErrNotFound) {
		key, err = b.keptKey(ctx, connectionID, credential)
	}
	if err != nil {
		return nil, err
	}
	return b.open(key, pay)
}

// credentialFor names the key of a linked user for one of the APIs; empty where there
// is none.
func (b *Bridge) credentialFor(ctx context.Context, c store.Connection, userID string, v2 bool) (string, error) {
	credential := credentialOfUser(c, userID)
	if onV2(credential) == v2 && credential != "" {
		return credential, nil
	}
	if v2 || c.APIVersion != apiV2 || userID == "" {
		return "", nil
	}
	kept, err := b.keptKeys(ctx, c.ID)
	for _, k := range kept.Keys {
		if k.User == userID {
			return k.Credential, err
		}
	}
	return "", err
}

// substitute names the credential that follows what a removed one has started:
// the organization's, else, where users share an account's client, the primary or
// first user's. It is empty where there is none.
func (b *Bridge) substitute(ctx context.Context, c store.Connection, credential string) (string, error) {
	switch {
	case onV2(credential) && c.APIVersion == apiV2:
		return generalCredential(c), nil
	case !onV2(credential) && c.APIVersion == apiV2:
		kept, err := b.keptKeys(ctx, c.ID)
		return kept.Organization, err
	}
	return c.OrganizationCredential, nil
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

// saveSecrets saves several sets of secrets.
func (b *Bridge) saveSecrets(ctx context.Context, tx store.Tx, connectionID string, sets ...map[string]ats.Secret) error {
	for _, set := range sets {
		for name, value := range set {
			if err := b.saveSecret(ctx, tx, connectionID, name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// saveSecret seals and stores a secret; an empty one forgets it.
func (b *Bridge) saveSecret(ctx context.Context, tx store.Tx, connectionID, name string, value ats.Secret) error {
	var sealed []byte
	if !value.IsZero() {
		sealed = b.keys.Seal([]byte(value.Reveal()), secretContext(connectionID, name))
	}
	return tx.SaveSecret(ctx, connectionID, name, sealed)
}
