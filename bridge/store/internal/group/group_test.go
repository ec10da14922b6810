package group_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/group"
)

var errBad = errors.New("one of them is bad")

// writer doubles what it is given, a batch at a time, and fails batches that have
// a negative number.
type writer struct {
	gate    chan struct{} // one value per transaction; nil for no waiting
	mu      sync.Mutex
	batches [][]int
	err     error
}

func (w *writer) run(_ context.Context, take func() []int) ([]int, error) {
	if w.gate != nil {
		<-w.gate // the transaction begins
	}
	batch := take()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batches = append(w.batches, batch)
	if w.err != nil {
		return nil, w.err
	}
	var outs []int
	for _, n := range batch {
		if n < 0 {
			return nil, errBad
		}
		outs = append(outs, 2*n)
	}
	return outs, nil
}

type result struct {
	in, out int
	err     error
}

// call makes calls that arrive together and returns a function that waits for
// their results.
func call(t *testing.T, g *group.Group[int, int], ins ...int) (wait func() []result) {
	t.Helper()
	results := make(chan result, len(ins))
	for _, in := range ins {
		go func() {
			out, err := g.Do(t.Context(), in)
			results <- result{in, out, err}
		}()
		synctest.Wait() // in this order
	}
	return func() (rs []result) {
		for range ins {
			rs = append(rs, <-results)
		}
		return rs
	}
}

func TestCallsThatArriveTogetherShareATransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(1000, w.run)
		wait := call(t, g, 1, 2, 3)
		w.gate <- struct{}{} // all three came before the transaction began
		for _, r := range wait() {
			require.NoError(t, r.err)
			require.Equal(t, 2*r.in, r.out)
		}
		require.Equal(t, [][]int{{1, 2, 3}}, w.batches)
		g.Close()
	})
}

func TestALoneCallIsRunAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{}
		g := group.New(10, w.run)
		for n := range 3 {
			out, err := g.Do(t.Context(), n)
			require.NoError(t, err)
			require.Equal(t, 2*n, out)
		}
		require.Equal(t, [][]int{{0}, {1}, {2}}, w.batches)
		g.Close()
	})
}

func TestATransactionHasAtMost256Calls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(1000, w.run)
		ins := make([]int, 300)
		wait := call(t, g, ins...)
		close(w.gate)
		require.Len(t, wait(), 300)
		require.Len(t, w.batches, 2)
		require.Len(t, w.batches[0], group.Most)
		g.Close()
	})
}

func TestABadCallFailsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(10, w.run)
		wait := call(t, g, 1, -2, 3)
		close(w.gate)
		for _, r := range wait() {
			if r.in < 0 {
				require.ErrorIs(t, r.err, errBad)
				continue
			}
			require.NoError(t, r.err)
			require.Equal(t, 2*r.in, r.out)
		}
		require.Equal(t, [][]int{{1, -2, 3}, {1}, {-2}, {3}}, w.batches)
		g.Close()
	})
}

func TestWhenTheDatabaseIsAwayNobodyIsTriedAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{}), err: fmt.Errorf("disk full: %w", ats.ErrUnavailable)}
		g := group.New(10, w.run)
		wait := call(t, g, 1, 2)
		close(w.gate)
		for _, r := range wait() {
			require.ErrorIs(t, r.err, ats.ErrUnavailable)
		}
		require.Len(t, w.batches, 1)
		w.err = nil
		out, err := g.Do(t.Context(), 4)
		require.NoError(t, err)
		require.Equal(t, 8, out)
		g.Close()
	})
}

func TestTooManyCallsAreTurnedAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(2, w.run)
		wait := call(t, g, 1, 2, 3) // one is with the writer, two wait
		_, err := g.Do(t.Context(), 4)
		require.ErrorIs(t, err, ats.ErrUnavailable)
		close(w.gate)
		require.Len(t, wait(), 3)
		_, err = g.Do(t.Context(), 5)
		require.NoError(t, err)
		g.Close()
	})
}

func TestACallWhoseContextEndsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(10, w.run)
		wait := call(t, g, 1) // is with the writer
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := g.Do(ctx, 2)
			ended <- err
		}()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		close(w.gate)
		require.Len(t, wait(), 1)
		_, err := g.Do(ctx, 3)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, [][]int{{1}}, w.batches, "nobody wants the answer to 2")
		g.Close()
	})
}

func TestACallThatNobodyWaitsForIsNotBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(10, w.run)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := g.Do(ctx, 1)
			ended <- err
		}()
		synctest.Wait() // it is with the writer, whose transaction cannot begin
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		close(w.gate)
		out, err := g.Do(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, 4, out)
		require.NotContains(t, w.batches, []int{1})
		g.Close()
	})
}

func TestCloseRunsWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(10, w.run)
		wait := call(t, g, 1, 2)
		closed := make(chan struct{})
		go func() { g.Close(); close(closed) }()
		close(w.gate)
		for _, r := range wait() {
			require.NoError(t, r.err)
		}
		<-closed
		_, err := g.Do(t.Context(), 3)
		require.ErrorIs(t, err, ats.ErrUnavailable)
		g.Close()
	})
}

// A call that has been run is answered at once when nobody waits, and while the next
// transaction begins when somebody does, however long that takes to begin.
func TestNobodyWaitsForTheNextTransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{gate: make(chan struct{})}
		g := group.New(1000, w.run)
		start := time.Now()
		first := call(t, g, 1)
		w.gate <- struct{}{}
		require.Equal(t, []result{{1, 2, nil}}, first())
		require.Zero(t, time.Since(start))

		busy := make(chan struct{})
		slow := group.New(1000, func(ctx context.Context, take func() []int) ([]int, error) {
			outs, err := w.run(ctx, take)
			<-busy // others arrive before the commit
			return outs, err
		})
		second := call(t, slow, 2)
		w.gate <- struct{}{}
		synctest.Wait() // it has been taken
		third := call(t, slow, 3)
		busy <- struct{}{}
		require.Equal(t, []result{{2, 4, nil}}, second(), "the next transaction has not begun")
		require.Equal(t, time.Millisecond, time.Since(start))
		w.gate <- struct{}{}
		busy <- struct{}{}
		require.Equal(t, []result{{3, 6, nil}}, third())
		require.Equal(t, time.Millisecond, time.Since(start))
		g.Close()
		slow.Close()
	})
}
