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

func eventTests() []test {
	return []test{
		{"events are numbered in the order of their arrival", eventsNumbered},
		{"a known key leaves the first event as it is", eventsKnownKey},
		{"an unknown interview is not found", eventsUnknown},
		{"reportable events are unacknowledged until they are named", eventsAcknowledged},
		{"erasing leaves number, key, kind and time", eventsErased},
	}
}

// add appends events and returns the timeline.
func add(t *testing.T, s store.Store, id string, es ...ats.Event) []ats.Event {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for _, e := range es {
			if added, err := tx.AppendEvent(ctx, id, e); err != nil || !added {
				return fmt.Errorf("append %s: added %t, %w", e.Key, added, err)
			}
		}
		return nil
	})
	events, err := s.Events(t.Context(), id)
	require.NoError(t, err)
	return events
}

func eventsNumbered(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1, 2}, nil)
	sent := ats.Event{Seq: 77, Key: "sent", Kind: ats.EventSent, At: now().Add(-time.Hour), Data: map[string]string{}}
	rated := ats.Event{Key: "rated", Kind: ats.EventRated, At: now()}
	got := add(t, s, "interview-0001", sent, rated)
	first := event("requested")
	first.Seq, sent.Seq, rated.Seq = 1, 2, 3
	sent.Data = nil // no data is nil
	require.Equal(t, []ats.Event{first, sent, rated}, got)
	require.Len(t, add(t, s, "interview-0002", sent), 2, "keys and numbers are the interview's own")
}

func eventsKnownKey(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		again := event("requested")
		again.Text = "other"
		added, err := tx.AppendEvent(ctx, "interview-0001", again)
		if added {
			return fmt.Errorf("an event with a known key was added")
		}
		return err
	})
	got, err := s.Events(t.Context(), "interview-0001")
	require.NoError(t, err)
	first := event("requested")
	first.Seq = 1
	require.Equal(t, []ats.Event{first}, got)
}

func eventsUnknown(t *testing.T, s store.Store) {
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		_, err := tx.AppendEvent(ctx, "unknown", event("x"))
		return err
	})
	require.ErrorIs(t, err, ats.ErrNotFound)
	got, err := s.Events(t.Context(), "unknown")
	require.NoError(t, err)
	require.Empty(t, got)
}

func eventsAcknowledged(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1, 2}, nil)
	add(t, s, "interview-0001",
		ats.Event{Key: "2", Kind: ats.EventSending}, // not for the ATS
		ats.Event{Key: "3", Kind: ats.EventSent},
		ats.Event{Key: "4", Kind: ats.EventPublished}, // not for the ATS
		ats.Event{Key: "5", Kind: ats.EventCompleted},
	)
	unacknowledged := func(id string) (seqs []int64) {
		in(t, s, func(ctx context.Context, tx store.Tx) error {
			es, err := tx.UnacknowledgedEvents(ctx, id)
			for _, e := range es {
				seqs = append(seqs, e.Seq)
			}
			return err
		})
		return seqs
	}
	acknowledge := func(seq int64) {
		in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AcknowledgeEvents(ctx, "interview-0001", seq) })
	}
	require.Equal(t, []int64{1, 3, 5}, unacknowledged("interview-0001"))
	acknowledge(4)
	require.Equal(t, []int64{5}, unacknowledged("interview-0001"))
	acknowledge(2) // an older one takes nothing back
	require.Equal(t, []int64{5}, unacknowledged("interview-0001"))
	acknowledge(5)
	acknowledge(5)
	require.Empty(t, unacknowledged("interview-0001"))
	add(t, s, "interview-0001", ats.Event{Key: "6", Kind: ats.EventRated})
	require.Equal(t, []int64{6}, unacknowledged("interview-0001"))
	require.Equal(t, []int64{1}, unacknowledged("interview-0002"))
}

func eventsErased(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1, 2}, nil)
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.EraseEvents(ctx, "interview-0001") })
	got, err := s.Events(t.Context(), "interview-0001")
	require.NoError(t, err)
	require.Equal(t, []ats.Event{{Seq: 1, Key: "requested", Kind: ats.EventRequested, At: now()}}, got)
	got, err = s.Events(t.Context(), "interview-0002")
	require.NoError(t, err)
	require.NotEmpty(t, got[0].Text)
}
