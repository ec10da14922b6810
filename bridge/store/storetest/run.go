package storetest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Open opens an empty store of its own for a test, closes it in the test's
// cleanup, and has it use the clock for what is due. The store must also have a
// method DB that returns the handle on which hosts begin transactions:
// [Hosted].
type Open func(t testing.TB, clock func() time.Time) store.Store

// Hosted is a store that lets a host begin transactions on its database.
type Hosted interface {
	DB() *sql.DB
}

// test is one sentence of the specification.
type test struct {
	name string
	run  func(t *testing.T, s store.Store)
}

// Run runs the specification. Tests are parallel, each with a store of its own.
func Run(t *testing.T, open Open) {
	t.Helper()
	areas := []struct {
		name  string
		tests []test
	}{
		{"accept", acceptTests()},
		{"accept all", acceptAllTests()},
		{"interviews", interviewTests()},
		{"due", dueTests()},
		{"events", eventTests()},
		{"connections", connectionTests()},
		{"secrets", secretTests()},
		{"records", recordTests()},
		{"job links", jobLinkTests()},
		{"pages", pageTests()},
		{"transactions", transactionTests()},
		{"nudges", nudgeTests()},
		{"handlers", handlerTests()},
		{"stopping", stoppingTests()},
		{"concurrency", concurrencyTests()},
	}
	for _, area := range areas {
		t.Run(area.name, func(t *testing.T) {
			t.Parallel()
			for _, tt := range area.tests {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					tt.run(t, open(t, time.Now))
				})
			}
		})
	}
}

// db returns the handle on which a host begins transactions.
func db(tb testing.TB, s store.Store) *sql.DB {
	tb.Helper()
	hosted, ok := s.(Hosted)
	require.True(tb, ok, "the store has no method DB")
	return hosted.DB()
}

// in runs f in a transaction that must succeed.
func in(t *testing.T, s store.Store, f func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	require.NoError(t, s.InTx(t.Context(), f))
}

// work runs the handlers until the test ends or stop is called, and returns when
// the queue works.
func work(t *testing.T, s store.Store, c store.WorkConfig) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	ended := make(chan error, 1)
	c.Started = func() { close(started) }
	go func() { ended <- s.Work(ctx, c) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		require.NoError(t, <-ended)
	}
	t.Cleanup(stop)
	select {
	case <-started:
	case err := <-ended:
		ended <- nil
		require.NoError(t, err, "Work ended before it started")
		t.Fatal("Work ended before it started")
	}
	return stop
}
