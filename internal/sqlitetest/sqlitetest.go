// Package sqlitetest gives tests empty databases that are migrated already. Making
// the tables takes most of the time of a short test, and ten times as much under
// the race detector; copying a file takes none.
package sqlitetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// New returns the path of a new, empty database in a folder of the test's own, for
// [sqlite.Open]. Call it outside a synctest bubble.
func New(tb testing.TB) string {
	tb.Helper()
	content, err := template()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "ledger.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// template returns the content of an empty database. It is made once per process.
var template = sync.OnceValues(func() ([]byte, error) { //nolint:gochecknoglobals // made once, never changed
	dir, err := os.MkdirTemp("", "sparkbridge-template-*")
	if err != nil {
		return nil, fmt.Errorf("template of a database: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // nothing of value
	path := filepath.Join(dir, "ledger.db")
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, fmt.Errorf("template of a database: %w", err)
	}
	if err := s.Close(); err != nil {
		return nil, fmt.Errorf("template of a database: %w", err)
	}
	return os.ReadFile(path) //nolint:gosec // our own folder
})
