package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, empty)
}

// empty opens a store with nothing in it.
func empty(tb testing.TB, clock func() time.Time) store.Store {
	tb.Helper()
	return open(tb, prepared(tb), sqlite.WithClock(clock))
}

// open opens a store that the test's cleanup closes.
func open(tb testing.TB, path string, opts ...sqlite.Option) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), path, opts...)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// prepared returns the path of a new database that has its tables already: with
// the race detector creating them takes most of a second.
func prepared(tb testing.TB) string {
	tb.Helper()
	content, err := emptyDatabase()
	require.NoError(tb, err)
	path := filepath.Join(tb.TempDir(), "test.db")
	require.NoError(tb, os.WriteFile(path, content, 0o600))
	return path
}

var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sparkbridge")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "empty.db")
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
