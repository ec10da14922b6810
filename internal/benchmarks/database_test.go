package benchmarks

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/pgtest"
)

// database is a store with the handle that hosts use.
type database interface {
	store.Store
	DB() *sql.DB
}

// onEach runs a benchmark on new databases of each kind. PostgreSQL waits for its
// disk as SQLite does.
func onEach(b *testing.B, f func(b *testing.B, open func(*testing.B) database)) {
	b.Helper()
	b.Run("SQLite", func(b *testing.B) {
		f(b, func(b *testing.B) database {
			b.Helper()
			s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
			require.NoError(b, err)
			return s
		})
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		server := pgtest.Start(b, "fsync=on")
		f(b, func(b *testing.B) database {
			b.Helper()
			s, err := postgres.Open(b.Context(), server.Database(b))
			require.NoError(b, err)
			return s
		})
	})
}

// inEach runs a benchmark whose engines are processes of their own, with the place of a
// new database of each kind.
func inEach(b *testing.B, f func(b *testing.B, place func() string)) {
	b.Helper()
	b.Run("SQLite", func(b *testing.B) {
		f(b, func() string { return filepath.Join(b.TempDir(), "ledger.db") })
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		server := pgtest.Start(b, "fsync=on")
		f(b, func() string { return server.Database(b) })
	})
}
