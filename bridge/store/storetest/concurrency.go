package storetest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func concurrencyTests() []test {
	return []test{
		{"one of many equal requests is stored, the others are repeated", concurrentRepeats},
		{"one of many requests of a scope is stored, the others are blocked", concurrentBlocks},
		{"many requests at once are stored, each once", concurrentAccepts},
		{"reading and saving in a transaction loses nothing", concurrentReadModifyWrite},
		{"two transactions never get the same due interview", concurrentDue},
		{"events that are appended at once have numbers of their own", concurrentEvents},
	}
}

// together runs f from several goroutines and returns what they return.
func together[T any](n int, f func(n int) (T, error)) ([]T, error) {
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		outs []T
		errs error
	)
	for i := range n {
		wg.Go(func() {
			out, err := f(i)
			mu.Lock()
			defer mu.Unlock()
			outs = append(outs, out)
			if err != nil && errs == nil {
				errs = err
			}
		})
	}
	wg.Wait()
	return outs, errs
}

func concurrentRepeats(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	outs, err := together(40, func(n int) (store.Accepted, error) {
		a := acceptance(n)
		a.Interview.RequestKey = "same"
		return s.Accept(t.Context(), a)
	})
	require.NoError(t, err)
	stored := 0
	for _, out := range outs {
		if !out.Repeated {
			stored++
		}
		require.Equal(t, outs[0].Interview.ID, out.Interview.ID)
	}
	require.Equal(t, 1, stored)
}

func concurrentBlocks(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	outs, err := together(40, func(n int) (store.Accepted, error) {
		a := acceptance(n)
		a.Interview.ScopeKey, a.DeclinePending = "same", true
		if n%2 == 0 {
			return s.Accept(t.Context(), a)
		}
		var out store.Accepted
		err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
			out, err = tx.Accept(ctx, a)
			return err
		})
		return out, err
	})
	require.NoError(t, err)
	stored := 0
	for _, out := range outs {
		if !out.Blocked {
			stored++
		}
		require.Equal(t, outs[0].Interview.ID, out.Interview.ID)
	}
	require.Equal(t, 1, stored)
}

func concurrentAccepts(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	const n = 600
	_, err := together(n, func(n int) (store.Accepted, error) {
		out, err := s.Accept(t.Context(), acceptance(n))
		if err == nil && (out.Repeated || out.Blocked || out.Interview.ID != interview(n).ID) {
			err = fmt.Errorf("request %d: %+v", n, out.Interview.ID)
		}
		return out, err
	})
	require.NoError(t, err)
	found, _ := all(t, s, store.ListInterviewsParams{ConnectionID: "c1", Limit: 200})
	require.Len(t, found, n)
	for i := range n {
		events, err := s.Events(t.Context(), interview(i).ID)
		require.NoError(t, err)
		require.Len(t, events, 1)
	}
}

func concurrentReadModifyWrite(t *testing.T, s store.Store) {
	const n = 30
	_, err := together(n, func(n int) (any, error) {
		return nil, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			l, err := tx.Limit(ctx, "k")
			if err != nil {
				return err
			}
			l.Sends = append(l.Sends, int64(n))
			return tx.SaveLimit(ctx, l)
		})
	})
	require.NoError(t, err)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		l, err := tx.Limit(ctx, "k")
		if len(l.Sends) != n {
			t.Errorf("%d of %d are kept", len(l.Sends), n)
		}
		return err
	})
}

func concurrentDue(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, numbered(1, 20), nil)
	outs, err := together(10, func(int) (got []string, err error) {
		err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			is, err := tx.Due(ctx, store.DueParams{Credential: credential(1), Now: now().Add(time.Hour), Limit: 2})
			got = ids(is)
			for _, i := range is {
				i.State = ats.StateSent
				i.Revision++
				if err := tx.SaveInterview(ctx, i); err != nil {
					return err
				}
			}
			return err
		})
		return got, err
	})
	require.NoError(t, err)
	seen := make(map[string]bool)
	for _, got := range outs {
		for _, id := range got {
			require.False(t, seen[id], "%s was given twice", id)
			seen[id] = true
		}
	}
	require.Len(t, seen, 20)
}

func concurrentEvents(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	const n = 20
	_, err := together(n, func(n int) (any, error) {
		return nil, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			if _, err := tx.Interview(ctx, "interview-0001"); err != nil { // as callers do: it locks
				return err
			}
			_, err := tx.AppendEvent(ctx, "interview-0001", ats.Event{Key: strconv.Itoa(n), Kind: ats.EventSent})
			return err
		})
	})
	require.NoError(t, err)
	events, err := s.Events(t.Context(), "interview-0001")
	require.NoError(t, err)
	require.Len(t, events, n+1)
	for i, e := range events {
		require.Equal(t, int64(i+1), e.Seq)
	}
}
