package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func secretTests() []test {
	return []test{
		{"a secret is kept as it is and replaced", secretKept},
		{"the names of a connection's secrets are known", secretNames},
		{"nil forgets a secret", secretNil},
		{"a secret of an unknown connection is not found", secretUnknown},
		{"forgetting takes all secrets and keys of the connection", secretForgetAll},
	}
}

func setSecret(t *testing.T, s store.Store, connectionID, name string, sealed []byte) {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.SaveSecret(ctx, connectionID, name, sealed) })
}

func secretKept(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	setSecret(t, s, "c1", "refresh", []byte("first"))
	setSecret(t, s, "c1", "refresh", []byte{0, 255, 0})
	setSecret(t, s, "c2", "refresh", []byte("of c2"))
	got, err := s.GetSecret(t.Context(), "c1", "refresh")
	require.NoError(t, err)
	require.Equal(t, []byte{0, 255, 0}, got)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		got, err := tx.Secret(ctx, "c2", "refresh")
		if string(got) != "of c2" {
			t.Errorf("got %q", got)
		}
		return err
	})
	_, err = s.GetSecret(t.Context(), "c1", "other")
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func secretNames(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	for _, name := range []string{"refresh", "access", "gone"} {
		setSecret(t, s, "c1", name, []byte("x"))
	}
	setSecret(t, s, "c1", "gone", nil)
	setSecret(t, s, "c2", "of c2", []byte("x"))
	for id, want := range map[string][]string{"c1": {"access", "refresh"}, "unknown": nil} {
		names, err := s.SecretNames(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, names)
	}
}

func secretNil(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	setSecret(t, s, "c1", "refresh", []byte("x"))
	setSecret(t, s, "c1", "refresh", nil)
	setSecret(t, s, "c1", "refresh", nil)
	_, err := s.GetSecret(t.Context(), "c1", "refresh")
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func secretUnknown(t *testing.T, s store.Store) {
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.SaveSecret(ctx, "unknown", "refresh", []byte("x"))
	})
	require.ErrorIs(t, err, ats.ErrNotFound)
	err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Secret(ctx, "unknown", "refresh")
		return err
	})
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func secretForgetAll(t *testing.T, s store.Store) {
	c := connection("c1")
	c.Users = users()
	save(t, s, c)
	connect(t, s, "c2")
	setSecret(t, s, "c1", "a", []byte("x"))
	setSecret(t, s, "c1", "b", []byte("x"))
	setSecret(t, s, "c2", "a", []byte("x"))
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.ForgetSecrets(ctx, "c1") })

	for _, name := range []string{"a", "b"} {
		_, err := s.GetSecret(t.Context(), "c1", name)
		require.ErrorIs(t, err, ats.ErrNotFound)
	}
	got, err := s.GetConnection(t.Context(), "c1")
	require.NoError(t, err)
	c.OrganizationKey, c.OrganizationCredential = nil, ""
	c.Users[0].Key, c.Users[0].KeyHint, c.Users[0].Credential = nil, "", ""
	require.Equal(t, c, got)
	_, err = s.GetSecret(t.Context(), "c2", "a")
	require.NoError(t, err)
	_, err = s.SealedKey(t.Context(), "credential-c2")
	require.NoError(t, err)
}
