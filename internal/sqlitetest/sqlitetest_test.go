package sqlitetest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/sqlitetest"
)

func TestEachDatabaseIsEmptyAndItsOwn(t *testing.T) {
	t.Parallel()
	first, second := sqlitetest.New(t), sqlitetest.New(t)
	require.NotEqual(t, first, second)
	for _, path := range []string{first, second} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		s, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		none, _, err := s.ListConnections(t.Context(), store.ListConnectionsParams{})
		require.NoError(t, err)
		require.Empty(t, none)
		require.NoError(t, s.Close())
	}
}
