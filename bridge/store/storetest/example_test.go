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
		storetest.Run(t, func(tb testing.TB, clock func() time.Time) store.Store {
			tb.Helper()
			s, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "test.db"), sqlite.WithClock(clock))
			require.NoError(tb, err)
			tb.Cleanup(func() { require.NoError(tb, s.Close()) })
			return s
		})
	}
}
