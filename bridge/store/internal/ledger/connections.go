package ledger

import (
	"context"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// GetConnection implements [store.Reader].
func (l Ledger) GetConnection(ctx context.Context, id string) (store.Connection, error) {
	row, err := l.q.Connection(ctx, id)
	return l.connection(ctx, "get connection "+id, row, err)
}

// GetConnectionByTenant implements [store.Reader].
func (l Ledger) GetConnectionByTenant(ctx context.Context, t ats.TenantRef) (store.Connection, error) {
	row, err := l.q.ConnectionByTenant(ctx, t.Adapter, t.Tenant)
	return l.connection(ctx, "get connection of tenant "+t.String(), row, err)
}

// ConnectionByDigest implements [store.Reader].
func (l Ledger) ConnectionByDigest(ctx context.Context, adapter, digest string) (store.Connection, error) {
	row, err := l.q.ConnectionByDigest(ctx, adapter, digest)
	return l.connection(ctx, "get connection of "+adapter+" by credential digest", row, err)
}

func (l Ledger) connection(ctx context.Context, what string, row rows.Connection, err error) (store.Connection, error) {
	if err != nil {
		return store.Connection{}, l.dialect.found(what, err)
	}
	users, err := l.q.Users(ctx, row.ID)
	if err != nil {
		return store.Connection{}, l.dialect.Fail(what, err)
	}
	return connectionFromRows(row, users), nil
}

// GetSecret implements [store.Reader].
func (l Ledger) GetSecret(ctx context.Context, connectionID, name string) ([]byte, error) {
	sealed, err := l.q.Secret(ctx, connectionID, name)
	if err != nil {
		return nil, l.dialect.found("get secret "+name+" of connection "+connectionID, err)
	}
	return sealed, nil
}

// SecretNames implements [store.Reader].
func (l Ledger) SecretNames(ctx context.Context, connectionID string) ([]string, error) {
	names, err := l.q.SecretNames(ctx, connectionID)
	return names, l.dialect.Fail("list secrets of connection "+connectionID, err)
}

// SealedKey implements [store.Reader].
func (l Ledger) SealedKey(ctx context.Context, credential string) (store.SealedKey, error) {
	const what = "get the key of a credential"
	user, err := l.q.UserKey(ctx, credential)
	if err == nil {
		return store.SealedKey{ConnectionID: user.ConnectionID, UserID: user.ID, Key: user.SealedKey}, nil
	}
	if !none(err) {
		return store.SealedKey{}, l.dialect.Fail(what, err)
	}
	organization, err := l.q.OrganizationKey(ctx, credential)
	if err != nil {
		return store.SealedKey{}, l.dialect.found(what, err)
	}
	return store.SealedKey{ConnectionID: organization.ID, Key: organization.OrganizationKey}, nil
}

// Connection implements [store.Tx].
func (t *Tx) Connection(ctx context.Context, id string) (store.Connection, error) {
	return t.GetConnection(ctx, id)
}

// ConnectionByTenant implements [store.Tx].
func (t *Tx) ConnectionByTenant(ctx context.Context, tenant ats.TenantRef) (store.Connection, error) {
	row, err := locked(ctx, t, "tenant "+tenant.String(), func() (rows.Connection, error) {
		return t.q.ConnectionByTenant(ctx, tenant.Adapter, tenant.Tenant)
	})
	return t.connection(ctx, "get connection of tenant "+tenant.String(), row, err)
}

// SaveConnection implements [store.Tx].
func (t *Tx) SaveConnection(ctx context.Context, c store.Connection) error {
	what := "save connection " + c.ID
	err := t.q.SaveConnection(ctx, rows.SaveConnectionParams{
		ID: c.ID, Adapter: c.Tenant.Adapter, Tenant: c.Tenant.Tenant, Name: c.Name, TimeZone: c.TimeZone,
		Enabled: bit(c.Enabled), Connected: bit(c.Connected), Settings: string(c.Settings),
		CredentialDigest: c.CredentialDigest, APIVersion: c.APIVersion,
		OrganizationKey: c.OrganizationKey, OrganizationCredential: c.OrganizationCredential, PrimaryUser: c.PrimaryUser,
		CreatedAt: micros(c.CreatedAt), UpdatedAt: micros(c.UpdatedAt),
	})
	if err != nil {
		return t.dialect.Fail(what, err)
	}
	if err := t.q.DeleteUsers(ctx, c.ID); err != nil {
		return t.dialect.Fail(what, err)
	}
	for place, u := range c.Users {
		err := t.q.SaveUser(ctx, rows.SaveUserParams{
			ConnectionID: c.ID, ID: u.ID, Place: int64(place), Name: u.Name, Email: u.Email, TimeZone: u.TimeZone,
			SealedKey: u.Key, KeyHint: u.KeyHint, Credential: u.Credential,
		})
		if err != nil {
			return t.dialect.Fail(fmt.Sprintf("%s: user %s", what, u.ID), err)
		}
	}
	return nil
}

// Secret implements [store.Tx].
func (t *Tx) Secret(ctx context.Context, connectionID, name string) ([]byte, error) {
	sealed, err := locked(ctx, t, "secret "+connectionID+" "+name, func() ([]byte, error) {
		return t.q.Secret(ctx, connectionID, name)
	})
	return sealed, t.dialect.found("get secret "+name+" of connection "+connectionID, err)
}

// SaveSecret implements [store.Tx].
func (t *Tx) SaveSecret(ctx context.Context, connectionID, name string, sealed []byte) error {
	what := "save secret " + name + " of connection " + connectionID
	if sealed == nil {
		return t.dialect.Fail(what, t.q.DeleteSecret(ctx, connectionID, name))
	}
	return t.dialect.Fail(what, t.q.SaveSecret(ctx, rows.SaveSecretParams{ConnectionID: connectionID, Name: name, Sealed: sealed}))
}

// ForgetSecrets implements [store.Tx].
func (t *Tx) ForgetSecrets(ctx context.Context, connectionID string) error {
	for _, forget := range []func(context.Context, string) error{
		t.q.DeleteSecrets, t.q.ForgetOrganizationKey, t.q.ForgetUserKeys,
	} {
		if err := forget(ctx, connectionID); err != nil {
			return t.dialect.Fail("forget secrets of connection "+connectionID, err)
		}
	}
	t.erases()
	return nil
}
