package storetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func handlerTests() []test {
	return []test{
		{"an error makes the job run again, and the attempt grows", handlerError},
		{"a panic counts as an error", handlerPanic},
		{"a time-out ends the handler's context and counts as an error", handlerTimeout},
		{"a nudge for work that pauses after an error does not end the pause", handlerPausing},
		{"a nudge while the handler runs is run once more when it did not finish", handlerMissed},
		{"a nudge while the handler runs is run once more when it finishes itself", handlerMissedBeforeFinish},
		{"a nudge before a finishing transaction is seen by it and not run again", handlerFinishes},
		{"a finish that is undone is none", handlerFinishUndone},
		{"an error after a committed finish does not run the job again", handlerErrorAfterFinish},
		{"several handlers run at once, but never two of the same work", handlerConcurrency},
		{"a job that was not given to a handler cannot be finished", handlerForeignJob},
	}
}

func handlerError(t *testing.T, s store.Store) {
	attempts := make(chan int, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(_ context.Context, j store.Job) error {
			attempts <- j.Attempt
			if j.Attempt < 3 {
				return errors.New("not yet")
			}
			return nil
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.Equal(t, []int{1, 2, 3}, []int{<-attempts, <-attempts, <-attempts})
}

func handlerPanic(t *testing.T, s store.Store) {
	attempts := make(chan int, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(_ context.Context, j store.Job) error {
			attempts <- j.Attempt
			if j.Attempt == 1 {
				panic("oh")
			}
			return nil
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.Equal(t, []int{1, 2}, []int{<-attempts, <-attempts})
}

func handlerTimeout(t *testing.T, s store.Store) {
	ended := make(chan error, 10)
	work(t, s, store.WorkConfig{JobTimeout: 50 * time.Millisecond, Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			if j.Attempt > 1 {
				ended <- nil
				return nil
			}
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.ErrorIs(t, <-ended, context.DeadlineExceeded)
	require.NoError(t, <-ended)
}

func handlerPausing(t *testing.T, s store.Store) {
	type run struct {
		attempt int
		at      time.Time
	}
	runs := make(chan run, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(_ context.Context, j store.Job) error {
			runs <- run{j.Attempt, time.Now()}
			if j.Attempt == 1 {
				return errors.New("not yet")
			}
			return nil
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	first := <-runs
	nudge(t, s, store.Nudge{Kind: "a"})
	second := <-runs
	require.Equal(t, 2, second.attempt, "the next run is the second attempt, not a new job")
	require.GreaterOrEqual(t, second.at.Sub(first.at), 900*time.Millisecond, "the pause is at least a second")
}

func handlerMissed(t *testing.T, s store.Store) {
	running, proceed := make(chan int, 10), make(chan struct{})
	work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		"a": func(_ context.Context, j store.Job) error {
			running <- j.Attempt
			<-proceed
			return nil
		},
		"end": func(context.Context, store.Job) error { close(running); return nil },
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.Equal(t, 1, <-running)
	nudge(t, s, store.Nudge{Kind: "a"})
	nudge(t, s, store.Nudge{Kind: "a"})
	proceed <- struct{}{}
	require.Equal(t, 1, <-running, "the missed nudge is new work")
	proceed <- struct{}{}
	nudge(t, s, store.Nudge{Kind: "end"})
	_, more := <-running
	require.False(t, more, "two missed nudges are one")
}

// handlerMissedBeforeFinish: the handler has looked at the world before it finishes,
// and the nudge is about what changed meanwhile.
func handlerMissedBeforeFinish(t *testing.T, s store.Store) {
	running, proceed := make(chan int, 10), make(chan struct{})
	work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			running <- j.Attempt
			<-proceed
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
		},
		"end": func(context.Context, store.Job) error { close(running); return nil },
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.Equal(t, 1, <-running)
	nudge(t, s, store.Nudge{Kind: "a"})
	nudge(t, s, store.Nudge{Kind: "a"})
	proceed <- struct{}{}
	require.Equal(t, 1, <-running, "what the nudge was about, the first run may not have seen")
	proceed <- struct{}{}
	nudge(t, s, store.Nudge{Kind: "end"})
	_, more := <-running
	require.False(t, more, "two missed nudges are one")
}

func handlerFinishes(t *testing.T, s store.Store) {
	running, proceed := make(chan struct{}, 10), make(chan struct{})
	work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			running <- struct{}{}
			<-proceed
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
		},
		"end": func(context.Context, store.Job) error { close(running); return nil },
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	<-running
	nudge(t, s, store.Nudge{Kind: "a"})
	nudge(t, s, store.Nudge{Kind: "end"})
	close(proceed)
	_, more := <-running
	require.False(t, more)
}

func handlerFinishUndone(t *testing.T, s store.Store) {
	errUndo := errors.New("undo")
	attempts := make(chan int, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			attempts <- j.Attempt
			if j.Attempt > 1 {
				return nil
			}
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				return errors.Join(tx.Finish(ctx, j), errUndo)
			})
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.Equal(t, []int{1, 2}, []int{<-attempts, <-attempts})
}

func handlerErrorAfterFinish(t *testing.T, s store.Store) {
	ran := make(chan string, 10)
	work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			ran <- "a"
			return errors.Join(
				s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) }),
				errors.New("too late"),
			)
		},
		"end": func(context.Context, store.Job) error { ran <- "end"; return nil },
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	require.Equal(t, "a", <-ran)
	// After the first pause at the latest it would have run again.
	nudge(t, s, store.Nudge{Kind: "end", At: time.Now().Add(1500 * time.Millisecond)})
	require.Equal(t, "end", <-ran)
}

func handlerConcurrency(t *testing.T, s store.Store) {
	const works = 4
	var inside [works]atomic.Int32
	var together, most atomic.Int32
	full := make(chan struct{})
	handler := func(ctx context.Context, j store.Job) error {
		n := int(j.ID[0] - '0')
		if inside[n].Add(1) > 1 {
			t.Errorf("work %d runs twice at once", n)
		}
		defer inside[n].Add(-1)
		if c := together.Add(1); c > most.Load() {
			most.Store(c)
		}
		defer together.Add(-1)
		if together.Load() == works {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		select { // until all run at once
		case <-full:
		case <-ctx.Done():
		}
		return nil
	}
	work(t, s, store.WorkConfig{Workers: works, Handlers: map[store.Kind]store.Handler{"a": handler}})
	for range 3 {
		for n := range works {
			nudge(t, s, store.Nudge{Kind: "a", ID: string(rune('0' + n))})
		}
	}
	<-full
	require.LessOrEqual(t, most.Load(), int32(works))
}

func handlerForeignJob(t *testing.T, s store.Store) {
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.Finish(ctx, store.Job{Kind: "a", ID: "1"})
	})
	require.Error(t, err)
}
