package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Resealed counts the secrets of a store.
type Resealed struct {
	// Found is how many there are; Changed how many were sealed anew.
	Found, Changed int
}

// Reseal seals every secret in a store with the newest key of the ring. Each row
// is a transaction of its own: it may be stopped anywhere and repeated, and what
// is sealed by the newest key already is left alone. A secret that does not open
// is left as it is, and is in the error with those of the others.
//
// The ring that is given must be in its file before, and every process that
// works on the store must have it: who has an older one cannot read what was
// sealed anew.
func Reseal(ctx context.Context, s store.Store, keys *keyring.Ring) (Resealed, error) {
	r := resealing{store: s, keys: keys}
	for cursor := ""; ; {
		page, next, err := s.ListConnections(ctx, store.ListConnectionsParams{Limit: 200, Cursor: cursor})
		if err != nil {
			return r.Resealed, fmt.Errorf("reseal: list connections: %w", err)
		}
		for _, c := range page {
			if err := r.connection(ctx, c.ID); err != nil {
				return r.Resealed, fmt.Errorf("reseal connection %s: %w", c.ID, err)
			}
		}
		if next == "" {
			return r.Resealed, errors.Join(r.closed...)
		}
		cursor = next
	}
}

type resealing struct {
	Resealed

	store  store.Store
	keys   *keyring.Ring
	closed []error // what does not open
}

// connection seals what belongs to one connection.
func (r *resealing) connection(ctx context.Context, id string) error {
	err := r.inTx(ctx, func(ctx context.Context, tx store.Tx, t *tally) error {
		c, err := tx.Connection(ctx, id)
		if err != nil {
			return err
		}
		c.OrganizationKey = t.seal(c.OrganizationKey, organizationContext(id))
		for n, u := range c.Users {
			c.Users[n].Key = t.seal(u.Key, userContext(id, u.ID))
		}
		if t.changed == 0 {
			return nil
		}
		return tx.SaveConnection(ctx, c)
	})
	if errors.Is(err, ats.ErrNotFound) {
		return nil // it went away meanwhile
	}
	if err != nil {
		return err
	}
	names, err := r.store.SecretNames(ctx, id)
	if err != nil {
		return err
	}
	for _, name := range names {
		err := r.inTx(ctx, func(ctx context.Context, tx store.Tx, t *tally) error {
			sealed, err := tx.Secret(ctx, id, name)
			if errors.Is(err, ats.ErrNotFound) {
				return nil // forgotten meanwhile
			}
			if err != nil {
				return err
			}
			if sealed = t.seal(sealed, secretContext(id, name)); t.changed == 0 {
				return nil
			}
			return tx.SaveSecret(ctx, id, name, sealed)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inTx counts what a transaction did when it is committed.
func (r *resealing) inTx(ctx context.Context, f func(ctx context.Context, tx store.Tx, t *tally) error) error {
	var t *tally
	err := r.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		t = &tally{keys: r.keys} // f may run again
		return f(ctx, tx, t)
	})
	if err != nil {
		return err
	}
	r.Found += t.found
	r.Changed += t.changed
	r.closed = append(r.closed, t.closed...)
	return nil
}

// tally is what one transaction did.
type tally struct {
	keys           *keyring.Ring
	found, changed int
	closed         []error
}

// seal returns the value sealed by the newest key, or the value itself.
func (t *tally) seal(sealed []byte, context string) []byte {
	if len(sealed) == 0 {
		return sealed
	}
	t.found++
	if t.keys.Current(sealed) {
		return sealed
	}
	open, err := t.keys.Open(sealed, context)
	if err != nil {
		t.closed = append(t.closed, fmt.Errorf("secret %s: %w", context, err))
		return sealed
	}
	t.changed++
	return t.keys.Seal(open, context)
}
