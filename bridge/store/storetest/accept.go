package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func acceptTests() []test {
	return []test{
		{"a request is stored with its first event", acceptStores},
		{"what is returned is what is stored", acceptReturns},
		{"the drain of the credential is nudged", acceptNudges},
		{"the same request key is the same interview and changes nothing", acceptRepeats},
		{"a request key belongs to a connection", acceptKeyPerConnection},
		{"a pending interview of the same scope blocks when asked to", acceptBlockedByPending},
		{"a completed interview of the same scope blocks when asked to", acceptBlockedByCompleted},
		{"the newest of several in the way is returned", acceptNewestBlocker},
		{"a repeated request is repeated even when something stands in its way", acceptRepeatBeforeBlock},
		{"an empty scope is in nobody's way", acceptEmptyScope},
		{"an ended interview is in nobody's way", acceptEndedScope},
		{"a request at an unknown connection is not found", acceptUnknownConnection},
		{"an id in use is a conflict", acceptIDInUse},
		{"a request without id, connection or key is invalid", acceptIncomplete},
		{"a bad request does not harm those that arrive with it", acceptBadCompany},
		{"a context that ended stores nothing", acceptEndedContext},
	}
}

func acceptStores(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	a := acceptance(1)
	a.Event.Seq = 99
	out, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	require.False(t, out.Repeated)
	require.False(t, out.Blocked)

	stored, err := s.GetInterview(t.Context(), a.Interview.ID)
	require.NoError(t, err)
	require.Equal(t, a.Interview, stored)
	events, err := s.Events(t.Context(), a.Interview.ID)
	require.NoError(t, err)
	want := event("requested")
	want.Seq = 1
	require.Equal(t, []ats.Event{want}, events)
}

func acceptReturns(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	a := acceptance(1)
	// Other zones and nanoseconds: the store keeps UTC and microseconds.
	there := time.FixedZone("there", 3600)
	a.Interview.CreatedAt = a.Interview.CreatedAt.Add(789).In(there)
	a.Interview.NextAt = a.Interview.NextAt.Add(789).In(there)
	a.Interview.Candidate.Raw, a.Interview.Job.Raw = []byte("{}"), []byte("{}")
	out, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	stored, err := s.GetInterview(t.Context(), a.Interview.ID)
	require.NoError(t, err)
	require.Equal(t, stored, out.Interview)
	require.Equal(t, store.Time(a.Interview.NextAt), stored.NextAt)
	require.Nil(t, stored.Candidate.Raw, "raw records are never stored")
	require.Nil(t, stored.Job.Raw, "raw records are never stored")
}

func acceptNudges(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1, 2}, nil)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		a := acceptance(3)
		a.Interview.Credential = credential(2)
		_, err := tx.Accept(ctx, a)
		return err
	})
	ran := make(chan string, 10)
	work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		store.KindDrain: func(_ context.Context, j store.Job) error { ran <- j.ID; return nil },
		"end":           func(context.Context, store.Job) error { close(ran); return nil },
	}})
	first, second := <-ran, <-ran
	require.ElementsMatch(t, []string{credential(1), credential(2)}, []string{first, second})

	// A repeated request has nothing to drain.
	out, err := s.Accept(t.Context(), acceptance(1))
	require.NoError(t, err)
	require.True(t, out.Repeated)
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.Nudge(ctx, store.Nudge{Kind: "end"}) })
	_, more := <-ran
	require.False(t, more, "a repeated request nudged")
}

func acceptRepeats(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	first := accept(t, s, []int{1}, nil)[0]
	for _, via := range []func(store.Acceptance) (store.Accepted, error){
		func(a store.Acceptance) (store.Accepted, error) { return s.Accept(t.Context(), a) },
		func(a store.Acceptance) (out store.Accepted, err error) {
			err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
				out, err = tx.Accept(ctx, a)
				return err
			})
			return out, err
		},
	} {
		again := acceptance(2)
		again.Interview.RequestKey = first.RequestKey
		again.Interview.RequestDigest = "other"
		out, err := via(again)
		require.NoError(t, err)
		require.True(t, out.Repeated)
		require.False(t, out.Blocked)
		require.Equal(t, first, out.Interview)
		_, err = s.GetInterview(t.Context(), again.Interview.ID)
		require.ErrorIs(t, err, ats.ErrNotFound)
	}
	events, err := s.Events(t.Context(), first.ID)
	require.NoError(t, err)
	require.Len(t, events, 1)
}

func acceptKeyPerConnection(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	accept(t, s, []int{1, 2}, func(n int, i *store.Interview) {
		i.RequestKey = "same"
		if n == 2 {
			i.ConnectionID, i.Tenant = "c2", tenant("c2")
		}
	})
	for c, id := range map[string]string{"c1": "interview-0001", "c2": "interview-0002"} {
		i, err := s.InterviewByKey(t.Context(), c, "same")
		require.NoError(t, err)
		require.Equal(t, id, i.ID)
	}
	_, err := s.InterviewByKey(t.Context(), "c1", "other")
	require.ErrorIs(t, err, ats.ErrNotFound)
}

// blocks requires that a second request of the scope is blocked exactly as told.
func blocks(t *testing.T, s store.Store, state ats.State, pending, completed, want bool) {
	t.Helper()
	a := acceptance(2)
	a.Interview.ScopeKey = "scope-1"
	a.Interview.RequestKey += string(state)
	a.DeclinePending, a.DeclineCompleted = pending, completed
	errUndo := errors.New("undo")
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, "interview-0001")
		if err != nil {
			return err
		}
		i.State = state
		if err := tx.SaveInterview(ctx, i); err != nil {
			return err
		}
		out, err := tx.Accept(ctx, a)
		if err != nil {
			return err
		}
		if want != out.Blocked || out.Repeated {
			t.Errorf("%s, decline pending %t, completed %t: blocked is %t", state, pending, completed, out.Blocked)
		}
		if out.Blocked && out.Interview.ID != "interview-0001" {
			t.Errorf("blocked by %s", out.Interview.ID)
		}
		if _, err := tx.Interview(ctx, a.Interview.ID); out.Blocked && !errors.Is(err, ats.ErrNotFound) {
			t.Errorf("a blocked request was stored: %v", err)
		}
		return errUndo
	})
	require.ErrorIs(t, err, errUndo)
}

func acceptBlockedByPending(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	for _, state := range []ats.State{
		ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateUnconfirmed,
	} {
		require.True(t, state.Pending())
		blocks(t, s, state, true, false, true)
		blocks(t, s, state, true, true, true)
		blocks(t, s, state, false, true, false)
		blocks(t, s, state, false, false, false)
	}
}

func acceptBlockedByCompleted(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	blocks(t, s, ats.StateCompleted, false, true, true)
	blocks(t, s, ats.StateCompleted, true, true, true)
	blocks(t, s, ats.StateCompleted, true, false, false)
}

func acceptEndedScope(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	for _, state := range []ats.State{ats.StateExpired, ats.StateCanceled, ats.StateFailed} {
		blocks(t, s, state, true, true, false)
	}
}

func acceptNewestBlocker(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	accept(t, s, []int{1, 3, 2, 9}, func(n int, i *store.Interview) {
		i.ScopeKey = "same"
		if n == 9 { // newer, but elsewhere
			i.ConnectionID, i.Tenant = "c2", tenant("c2")
		}
	})
	a := acceptance(4)
	a.Interview.ScopeKey, a.DeclinePending = "same", true
	out, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	require.True(t, out.Blocked)
	require.Equal(t, "interview-0003", out.Interview.ID)
}

func acceptRepeatBeforeBlock(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	a := acceptance(1)
	a.DeclinePending, a.DeclineCompleted = true, true
	first, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	out, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	require.True(t, out.Repeated)
	require.False(t, out.Blocked)
	require.Equal(t, first.Interview, out.Interview)
}

func acceptEmptyScope(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	for n := range 2 {
		a := acceptance(n)
		a.Interview.ScopeKey = ""
		a.DeclinePending, a.DeclineCompleted = true, true
		out, err := s.Accept(t.Context(), a)
		require.NoError(t, err)
		require.False(t, out.Blocked)
	}
}

func acceptUnknownConnection(t *testing.T, s store.Store) {
	_, err := s.Accept(t.Context(), acceptance(1))
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func acceptIDInUse(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	a := acceptance(2)
	a.Interview.ID = "interview-0001"
	_, err := s.Accept(t.Context(), a)
	require.ErrorIs(t, err, ats.ErrConflict)
}

func acceptIncomplete(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	for _, remove := range []func(i *store.Interview){
		func(i *store.Interview) { i.ID = "" },
		func(i *store.Interview) { i.ConnectionID = "" },
		func(i *store.Interview) { i.RequestKey = "" },
	} {
		a := acceptance(1)
		remove(&a.Interview)
		_, err := s.Accept(t.Context(), a)
		require.ErrorIs(t, err, ats.ErrInvalid)
	}
}

func acceptBadCompany(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	const n = 40
	type result struct {
		n   int
		err error
	}
	results := make(chan result)
	for i := range n {
		a := acceptance(i)
		if i%10 == 7 {
			a.Interview.ConnectionID = "unknown"
		}
		go func() {
			_, err := s.Accept(t.Context(), a)
			results <- result{i, err}
		}()
	}
	for range n {
		r := <-results
		if r.n%10 == 7 {
			require.ErrorIs(t, r.err, ats.ErrNotFound)
			continue
		}
		require.NoError(t, r.err)
		_, err := s.GetInterview(t.Context(), acceptance(r.n).Interview.ID)
		require.NoError(t, err)
	}
}

func acceptEndedContext(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Accept(ctx, acceptance(1))
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.GetInterview(t.Context(), "interview-0001")
	require.ErrorIs(t, err, ats.ErrNotFound)
}
