package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func dueTests() []test {
	return []test{
		{"requested and sending interviews are due at their time, earliest first", dueInOrder},
		{"other states and credentials are never due", dueOthers},
		{"the next due time is the earliest", dueNext},
		{"waiting counts requested interviews and stops at most", dueWaiting},
		{"the oldest waiting interview is the one accepted first, asked for or not", dueOldest},
	}
}

func due(t *testing.T, s store.Store, p store.DueParams) []string {
	t.Helper()
	var got []string
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		is, err := tx.Due(ctx, p)
		got = ids(is)
		return err
	})
	return got
}

func dueInOrder(t *testing.T, s store.Store) {
	at := func(seconds int) time.Time { return now().Add(time.Duration(seconds) * time.Second) }
	connect(t, s, "c1")
	accept(t, s, []int{1, 2, 3, 4}, func(n int, i *store.Interview) {
		i.NextAt = at(map[int]int{1: 30, 2: 10, 3: 20, 4: 40}[n])
		if n == 3 {
			i.State = ats.StateSending
		}
	})
	p := store.DueParams{Credential: credential(1), Now: at(30), Limit: 10}
	require.Equal(t, []string{"interview-0002", "interview-0003", "interview-0001"}, due(t, s, p))
	p.Limit = 2
	require.Equal(t, []string{"interview-0002", "interview-0003"}, due(t, s, p))
	p.Now = at(30).Add(-time.Microsecond)
	p.Limit = 10
	require.Equal(t, []string{"interview-0002", "interview-0003"}, due(t, s, p))
	p.Now = at(0)
	require.Empty(t, due(t, s, p))
}

func dueOthers(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	states := []ats.State{
		ats.StateSent, ats.StateAccepted, ats.StateCompleted, ats.StateExpired, ats.StateCanceled, ats.StateFailed, ats.StateUnconfirmed,
	}
	var numbers []int
	for n := range states {
		numbers = append(numbers, n)
	}
	accept(t, s, append(numbers, 100), func(n int, i *store.Interview) {
		if n == 100 {
			i.Credential = credential(2)
			return
		}
		i.State = states[n]
	})
	later := now().Add(time.Hour)
	require.Empty(t, due(t, s, store.DueParams{Credential: credential(1), Now: later, Limit: 10}))
	require.Equal(t, []string{"interview-0100"}, due(t, s, store.DueParams{Credential: credential(2), Now: later, Limit: 10}))
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		at, err := tx.NextDue(ctx, credential(1))
		if err == nil && !at.IsZero() {
			err = fmt.Errorf("next due: %s", at)
		}
		return err
	})
}

func dueNext(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{3, 1, 2}, func(n int, i *store.Interview) {
		if n == 1 {
			i.State = ats.StateSending
		}
	})
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		at, err := tx.NextDue(ctx, credential(1))
		if err == nil && !at.Equal(interview(1).NextAt) {
			err = fmt.Errorf("next due: %s", at)
		}
		return err
	})
}

func dueOldest(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	connect(t, s, "c2")
	oldest := func(connectionID string) store.OldestWaiting {
		o, err := s.OldestWaiting(t.Context(), connectionID)
		require.NoError(t, err)
		return o
	}
	require.Zero(t, oldest("c1"))
	ended := map[int]bool{1: true}
	accept(t, s, []int{4, 1, 3, 2}, func(n int, i *store.Interview) {
		i.Credential = credential(n)
		i.NextAt = i.NextAt.Add(time.Duration(9-n) * time.Hour) // what is due first is another one
		switch {
		case ended[n]:
			i.State = ats.StateSent
		case n == 2:
			i.State = ats.StateSending
		}
	})
	require.Equal(t, store.OldestWaiting{Credential: credential(2), Since: interview(2).CreatedAt}, oldest("c1"))
	require.Zero(t, oldest("c2"), "another connection's do not count")
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, interview(2).ID)
		if err != nil {
			return err
		}
		i.State, i.Revision = ats.StateSent, i.Revision+1
		return tx.SaveInterview(ctx, i)
	})
	require.Equal(t, store.OldestWaiting{Credential: credential(3), Since: interview(3).CreatedAt}, oldest("c1"))
}

func dueWaiting(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1, 2, 3, 4, 5}, func(n int, i *store.Interview) {
		if n == 4 {
			i.State = ats.StateSending
		}
		if n == 5 {
			i.Credential = credential(2)
		}
	})
	for most, want := range map[int]int{0: 0, 2: 2, 3: 3, 100: 3} {
		n, err := s.Waiting(t.Context(), credential(1), most)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
}
