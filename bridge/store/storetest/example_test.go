package storetest_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

// The specification runs inside a test of the implementation.
func ExampleRun() {
	_ = func(t *testing.T) {
		storetest.Run(t, func(t testing.TB, clock func() time.Time) store.Store {
			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.WithClock(clock))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s
		})
	}
}
