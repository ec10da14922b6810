package queue

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEqualNudgesRunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r runs
		r.init()
		n := nudge{Work: "a", ID: "1"}
		release, err := r.enter(t.Context(), n)
		require.NoError(t, err)

		entered := make(chan func(), 1)
		go func() {
			second, err := r.enter(t.Context(), n)
			if err == nil {
				entered <- second
			}
		}()
		synctest.Wait()
		require.Empty(t, entered, "two equal ones are inside")

		other, err := r.enter(t.Context(), nudge{Work: "a", ID: "2"})
		require.NoError(t, err)
		other()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = r.enter(ctx, n)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		release()
		(<-entered)()
		again, err := r.enter(t.Context(), n)
		require.NoError(t, err)
		again()
		require.Empty(t, r.running)
	})
}

func TestPausesDoubleUpToTheLongest(t *testing.T) {
	t.Parallel()
	for n, seconds := range []int{1, 1, 2, 4, 8, 16, 32, 64, 120, 120} {
		require.Equal(t, time.Duration(seconds)*time.Second, pauseAfter(n), "attempt %d", n)
	}
	require.Equal(t, pauseLongest, pauseAfter(1_000_000))
}
