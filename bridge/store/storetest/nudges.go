package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func nudgeTests() []test {
	return []test{
		{"a nudge runs its handler with kind and id, first attempt", nudgeRuns},
		{"nudges that wait before work starts are run", nudgeBeforeWork},
		{"equal nudges that wait are one", nudgeOnce},
		{"nudges of other kinds and ids are separate", nudgeSeparate},
		{"a nudge after the work is done is new work", nudgeAgain},
		{"a nudge for a time that has passed is immediate", nudgePast},
		{"a later nudge does not come early", nudgeLater},
		{"a later nudge is separate from an immediate one", nudgeLaterSeparate},
		{"later nudges for the same tenth of a second are one", nudgeLaterOnce},
		{"a transaction that is undone nudges nobody", nudgeUndone},
		{"finishing in a transaction lets the handler nudge its own work", nudgeItself},
		{"a later nudge from a running handler is kept", nudgeItselfLater},
	}
}

func nudge(t *testing.T, s store.Store, ns ...store.Nudge) {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for _, n := range ns {
			if err := tx.Nudge(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// noting returns handlers for the kinds that send what they run.
func noting(kinds ...store.Kind) (map[store.Kind]store.Handler, <-chan string) {
	ran := make(chan string, 100)
	handlers := make(map[store.Kind]store.Handler)
	for _, k := range kinds {
		handlers[k] = func(_ context.Context, j store.Job) error {
			ran <- fmt.Sprintf("%s %s", j.Kind, j.ID)
			return nil
		}
	}
	return handlers, ran
}

func nudgeRuns(t *testing.T, s store.Store) {
	ran := make(chan store.Job, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"observe": func(_ context.Context, j store.Job) error { ran <- j; return nil },
	}})
	nudge(t, s, store.Nudge{Kind: "observe", ID: "interview \"1\" é"})
	j := <-ran
	require.Equal(t, store.Kind("observe"), j.Kind)
	require.Equal(t, "interview \"1\" é", j.ID)
	require.Equal(t, 1, j.Attempt)
}

func nudgeBeforeWork(t *testing.T, s store.Store) {
	nudge(t, s, store.Nudge{Kind: "a", ID: "1"})
	nudge(t, s, store.Nudge{Kind: "a", ID: "2", At: time.Now().Add(time.Millisecond)})
	handlers, ran := noting("a")
	work(t, s, store.WorkConfig{Handlers: handlers})
	require.ElementsMatch(t, []string{"a 1", "a 2"}, []string{<-ran, <-ran})
}

func nudgeOnce(t *testing.T, s store.Store) {
	a := store.Nudge{Kind: "a", ID: "1"}
	nudge(t, s, a, a)
	nudge(t, s, a)
	nudge(t, s, store.Nudge{Kind: "end"})
	handlers, ran := noting("a", "end")
	work(t, s, store.WorkConfig{Workers: 1, Handlers: handlers})
	require.Equal(t, []string{"a 1", "end "}, []string{<-ran, <-ran})
}

func nudgeSeparate(t *testing.T, s store.Store) {
	nudge(t, s, store.Nudge{Kind: "a", ID: "1"}, store.Nudge{Kind: "a", ID: "2"}, store.Nudge{Kind: "b", ID: "1"})
	handlers, ran := noting("a", "b")
	work(t, s, store.WorkConfig{Handlers: handlers})
	require.ElementsMatch(t, []string{"a 1", "a 2", "b 1"}, []string{<-ran, <-ran, <-ran})
}

func nudgeAgain(t *testing.T, s store.Store) {
	ran := make(chan string, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(context.Context, store.Job) error { ran <- "a"; return nil },
		"b": func(ctx context.Context, j store.Job) error {
			defer func() { ran <- "b" }()
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
		},
	}})
	for _, kind := range []store.Kind{"a", "b"} {
		for range 5 {
			nudge(t, s, store.Nudge{Kind: kind})
			require.Equal(t, string(kind), <-ran)
		}
	}
}

func nudgePast(t *testing.T, s store.Store) {
	handlers, ran := noting("a")
	work(t, s, store.WorkConfig{Handlers: handlers})
	nudge(t, s, store.Nudge{Kind: "a", ID: "1", At: time.Now().Add(-time.Hour)})
	require.Equal(t, "a 1", <-ran)
}

func nudgeLater(t *testing.T, s store.Store) {
	ran := make(chan time.Time, 10)
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(context.Context, store.Job) error { ran <- time.Now(); return nil },
	}})
	// The second is told of while the first is waited for, and comes before it.
	last, first := time.Now().Add(400*time.Millisecond), time.Now().Add(150*time.Millisecond)
	nudge(t, s, store.Nudge{Kind: "a", ID: "last", At: last})
	nudge(t, s, store.Nudge{Kind: "a", ID: "first", At: first})
	require.False(t, (<-ran).Before(first), "a nudge came early")
	require.False(t, (<-ran).Before(last), "a nudge came early")
}

func nudgeLaterSeparate(t *testing.T, s store.Store) {
	nudge(t, s, store.Nudge{Kind: "a", ID: "1", At: time.Now().Add(300 * time.Millisecond)})
	nudge(t, s, store.Nudge{Kind: "a", ID: "1"})
	handlers, ran := noting("a")
	work(t, s, store.WorkConfig{Handlers: handlers})
	require.Equal(t, "a 1", <-ran)
	require.Equal(t, "a 1", <-ran)
}

func nudgeLaterOnce(t *testing.T, s store.Store) {
	at := time.Now().Add(time.Second).Truncate(100 * time.Millisecond).Add(10 * time.Millisecond)
	nudge(t, s, store.Nudge{Kind: "a", ID: "1", At: at}, store.Nudge{Kind: "a", ID: "1", At: at.Add(time.Millisecond)})
	nudge(t, s, store.Nudge{Kind: "a", ID: "1", At: at.Add(80 * time.Millisecond)})
	nudge(t, s, store.Nudge{Kind: "end", At: at.Add(300 * time.Millisecond)})
	handlers, ran := noting("a", "end")
	work(t, s, store.WorkConfig{Workers: 1, Handlers: handlers})
	require.Equal(t, []string{"a 1", "end "}, []string{<-ran, <-ran})
	require.False(t, time.Now().Before(at.Add(80*time.Millisecond)))
}

func nudgeUndone(t *testing.T, s store.Store) {
	errUndo := fmt.Errorf("undo")
	handlers, ran := noting("a", "end")
	work(t, s, store.WorkConfig{Workers: 1, Handlers: handlers})
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, at := range []time.Time{{}, time.Now().Add(100 * time.Millisecond)} {
			if err := tx.Nudge(ctx, store.Nudge{Kind: "a", At: at}); err != nil {
				return err
			}
		}
		return errUndo
	})
	require.ErrorIs(t, err, errUndo)
	nudge(t, s, store.Nudge{Kind: "end", At: time.Now().Add(400 * time.Millisecond)})
	require.Equal(t, "end ", <-ran)
}

func nudgeItself(t *testing.T, s store.Store) {
	ran := make(chan int, 10)
	runs := 0
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			runs++
			defer func() { ran <- j.Attempt }()
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				if runs < 5 { // the order of the two does not matter
					if err := tx.Nudge(ctx, store.Nudge{Kind: "a"}); err != nil {
						return err
					}
				}
				return tx.Finish(ctx, j)
			})
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	for range 5 {
		require.Equal(t, 1, <-ran, "new work begins with the first attempt")
	}
}

func nudgeItselfLater(t *testing.T, s store.Store) {
	ran := make(chan struct{}, 10)
	first := true
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, _ store.Job) error {
			defer func() { ran <- struct{}{} }()
			if !first {
				return nil
			}
			first = false
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				return tx.Nudge(ctx, store.Nudge{Kind: "a", At: time.Now().Add(100 * time.Millisecond)})
			})
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	<-ran
	<-ran
}
