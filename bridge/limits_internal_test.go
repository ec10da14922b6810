package bridge

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	atsmemory "github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// Spark Hire counts when a call arrives. One that was paid for and then held up, by
// a slow disk for example, pays again.
func TestACallThatWasHeldUpPaysAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	b, err := New(Config{
		Store: s, Keys: keyring.Generate(), Adapters: []ats.Adapter{atsmemory.New(atsmemory.Options{})},
		Clock: func() time.Time { return now },
	})
	require.NoError(t, err)
	paid := func() (n int) {
		require.NoError(t, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			l, err := tx.Limit(ctx, "key")
			n = len(l.Sends)
			return err
		}))
		return n
	}
	for name, c := range map[string]struct {
		held time.Duration
		more int
	}{
		"at once":             {0, 0},
		"after a moment":      {100 * time.Millisecond, 0},
		"after half a second": {500 * time.Millisecond, 1},
	} {
		before := paid()
		l := budget{b: b, credential: "key", prepaid: 1, paidAt: now.Add(-c.held)}
		require.NoError(t, l.Take(t.Context()), name)
		require.Equal(t, before+c.more, paid(), name)
		require.NoError(t, l.Take(t.Context()), name)
		require.Equal(t, before+c.more+1, paid(), "%s: what was paid for is used up", name)
	}
}
