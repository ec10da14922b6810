package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func connectionTests() []test {
	return []test{
		{"every field is kept, users in their order", connectionKeeps},
		{"saving replaces everything and removes users", connectionReplaces},
		{"a tenant has one connection", connectionTenant},
		{"two users with one id are a conflict", connectionUserTwice},
		{"a connection is found by its id and its tenant", connectionFound},
		{"a connected connection is found by its credential digest", connectionDigest},
		{"a key is found by its credential", connectionSealedKey},
	}
}

func users() []store.User {
	return []store.User{
		{ID: "u2", Name: "Kim", Email: "kim@birch.example", TimeZone: "Europe/Oslo", Key: []byte{9, 0, 9}, KeyHint: "…7f", Credential: credential(9)},
		{ID: "u1", Name: "Robin"},
		{ID: "u3"},
	}
}

// save saves a connection and returns it as read.
func save(t *testing.T, s store.Store, c store.Connection) store.Connection {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.SaveConnection(ctx, c) })
	got, err := s.GetConnection(t.Context(), c.ID)
	require.NoError(t, err)
	return got
}

func connectionKeeps(t *testing.T, s store.Store) {
	c := connection("c1")
	c.Users = users()
	require.Equal(t, c, save(t, s, c))
	zero := store.Connection{ID: "zero"}
	require.Equal(t, zero, save(t, s, zero))
}

func connectionReplaces(t *testing.T, s store.Store) {
	c := connection("c1")
	c.Users = users()
	save(t, s, c)
	c = store.Connection{ID: "c1", Tenant: tenant("elsewhere"), APIVersion: "v2", UpdatedAt: now().Add(time.Hour), Users: users()[1:]}
	c.Users[0].Name = "Robyn"
	require.Equal(t, c, save(t, s, c))
	_, err := s.GetConnectionByTenant(t.Context(), tenant("c1"))
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.SealedKey(t.Context(), credential(9))
	require.ErrorIs(t, err, ats.ErrNotFound, "the key of a removed user")
}

func connectionTenant(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	second := connection("c2")
	second.Tenant = tenant("c1")
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.SaveConnection(ctx, second) })
	require.ErrorIs(t, err, ats.ErrConflict)
	second.Tenant.Adapter = "other"
	require.Equal(t, second, save(t, s, second))
}

func connectionUserTwice(t *testing.T, s store.Store) {
	c := connection("c1")
	c.Users = []store.User{{ID: "u"}, {ID: "u"}}
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.SaveConnection(ctx, c) })
	require.ErrorIs(t, err, ats.ErrConflict)
	_, err = s.GetConnection(t.Context(), "c1")
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func connectionFound(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	got, err := s.GetConnectionByTenant(t.Context(), tenant("c2"))
	require.NoError(t, err)
	require.Equal(t, connection("c2"), got)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		c, err := tx.Connection(ctx, "c1")
		if err == nil && c.ID != "c1" {
			t.Errorf("got connection %s", c.ID)
		}
		if err != nil {
			return err
		}
		c, err = tx.ConnectionByTenant(ctx, tenant("c2"))
		if err == nil && c.ID != "c2" {
			t.Errorf("got connection %s", c.ID)
		}
		return err
	})
	for _, find := range []func(ctx context.Context, tx store.Tx) error{
		func(ctx context.Context, tx store.Tx) error { _, err := tx.Connection(ctx, "unknown"); return err },
		func(ctx context.Context, tx store.Tx) error {
			_, err := tx.ConnectionByTenant(ctx, tenant("unknown"))
			return err
		},
	} {
		require.ErrorIs(t, s.InTx(t.Context(), find), ats.ErrNotFound)
	}
	_, err = s.GetConnection(t.Context(), "unknown")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.GetConnectionByTenant(t.Context(), tenant("unknown"))
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func connectionDigest(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	gone := connection("gone")
	gone.Connected = false
	save(t, s, gone)
	none := connection("none")
	none.CredentialDigest = ""
	save(t, s, none)

	got, err := s.ConnectionByDigest(t.Context(), "memory", "digest-c1")
	require.NoError(t, err)
	require.Equal(t, connection("c1"), got)
	for _, find := range [][2]string{{"memory", "digest-gone"}, {"memory", ""}, {"other", "digest-c1"}, {"memory", "unknown"}} {
		_, err := s.ConnectionByDigest(t.Context(), find[0], find[1])
		require.ErrorIs(t, err, ats.ErrNotFound, "%v", find)
	}
}

func connectionSealedKey(t *testing.T, s store.Store) {
	c := connection("c1")
	c.Users = users()
	save(t, s, c)
	keyless := connection("c2")
	keyless.OrganizationKey = nil
	save(t, s, keyless)

	key, err := s.SealedKey(t.Context(), credential(9))
	require.NoError(t, err)
	require.Equal(t, store.SealedKey{ConnectionID: "c1", UserID: "u2", Key: []byte{9, 0, 9}}, key)
	key, err = s.SealedKey(t.Context(), "credential-c1")
	require.NoError(t, err)
	require.Equal(t, store.SealedKey{ConnectionID: "c1", Key: []byte{0, 1, 2, 255}}, key)
	for _, credential := range []string{"unknown", "", "credential-c2"} {
		_, err = s.SealedKey(t.Context(), credential)
		require.ErrorIs(t, err, ats.ErrNotFound, "%q", credential)
	}
}
