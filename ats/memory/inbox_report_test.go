package memory_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, s := range []ats.State{ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateUnconfirmed} {
		w := newWorld(t, nil)
		iv := w.becomes(t, w.submit(t, w.request("key-1")).ID, s)
		canceled, err := w.inbox.Cancel(t.Context(), iv.ID, ats.User{ID: "tove"})
		require.NoError(t, err)
		require.Equal(t, ats.StateCanceled, canceled.State)
		require.Equal(t, ats.Code("canceled"), canceled.Reason.Code)
		require.Equal(t, iv.Revision+1, canceled.Revision)
		again, err := w.inbox.Cancel(t.Context(), iv.ID, ats.User{ID: "abel"})
		require.NoError(t, err)
		require.Equal(t, canceled, again, "canceling twice changes nothing")
		events, err := w.inbox.Events(iv.ID)
		require.NoError(t, err)
		require.Equal(t, "tove", events[len(events)-1].Actor)
	}
	for _, s := range []ats.State{ats.StateCompleted, ats.StateExpired, ats.StateFailed} {
		w := newWorld(t, nil)
		iv := w.becomes(t, w.submit(t, w.request("key-1")).ID, s)
		_, err := w.inbox.Cancel(t.Context(), iv.ID, ats.User{})
		refused(t, err, ats.CodeNotCancelable)
		require.Equal(t, []ats.Interview{iv}, w.inbox.Interviews())
	}
	w := newWorld(t, func(p *ats.Policy) { p.Cancel = ats.Forbidden })
	_, err := w.inbox.Cancel(t.Context(), w.submit(t, w.request("key-1")).ID, ats.User{})
	refused(t, err, ats.CodeNotCancelable)
	_, err = w.inbox.Cancel(t.Context(), "interview-99", ats.User{})
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func TestOpenInterviews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *ats.Policy) { p.WhilePending = ats.Allow })
	r := w.request("key-1")
	first := w.submit(t, r)
	r.Key = "key-2"
	second := w.submit(t, r)
	w.submit(t, w.request("key-3"))
	ref := ats.CandidateRef{Tenant: r.Tenant, ID: r.Candidate.ID}

	open, err := w.inbox.OpenInterviews(t.Context(), r.Tenant, ref)
	require.NoError(t, err)
	require.Equal(t, []ats.Interview{first, second}, open)
	w.becomes(t, first.ID, ats.StateExpired)
	open, err = w.inbox.OpenInterviews(t.Context(), r.Tenant, ref)
	require.NoError(t, err)
	require.Equal(t, []ats.Interview{second}, open)
	open, err = w.inbox.OpenInterviews(t.Context(), r.Tenant, ats.CandidateRef{Tenant: r.Tenant, ID: "nobody"})
	require.NoError(t, err)
	require.Empty(t, open)
}

func TestErase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	done := w.request("key-1")
	completed := w.submit(t, done)
	_, err := w.inbox.Record(completed.ID, ats.EventCompleted, "Completed.", func(iv *ats.Interview) {
		iv.State = ats.StateCompleted
		iv.SparkHire.InterviewID, iv.SparkHire.WatchURL, iv.SparkHire.ShareURL = "s1", "https://app.example/w", "https://app.example/s"
	})
	require.NoError(t, err)
	done.Key = "key-2" // the same person, in a notice that it was completed before
	open := w.submit(t, done)
	other := w.submit(t, w.request("key-3"))

	ref := ats.CandidateRef{Tenant: done.Tenant, ID: done.Candidate.ID}
	require.NoError(t, w.inbox.Erase(t.Context(), ref))
	erased := w.inbox.Interviews()
	for _, iv := range erased[:2] {
		require.Equal(t, ats.Candidate{ID: ref.ID}, iv.Candidate)
		require.Empty(t, iv.Message)
		require.Empty(t, iv.SparkHire.WatchURL+iv.SparkHire.ShareURL)
	}
	require.Equal(t, ats.StateCompleted, erased[0].State, "the fact stays")
	require.Equal(t, "s1", erased[0].SparkHire.InterviewID)
	require.Equal(t, ats.StateCanceled, erased[1].State, "what had not ended ends")
	require.Equal(t, other, erased[2], "nobody else is concerned")
	require.NotContains(t, fmt.Sprintf("%#v", w.inbox.Requests()[:2]), "Okafor")
	events, err := w.inbox.Events(open.ID)
	require.NoError(t, err)
	require.Equal(t, ats.EventErased, events[len(events)-1].Kind)

	require.NoError(t, w.inbox.Erase(t.Context(), ref))
	require.NoError(t, w.inbox.Erase(t.Context(), ats.CandidateRef{Tenant: ref.Tenant, ID: "nobody"}))
	require.Equal(t, erased, w.inbox.Interviews(), "erasing twice changes nothing")
}

func TestRecordKeepsWhatIsNotForChanging(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	iv := w.submit(t, w.request("key-1"))
	var kept *ats.Interview
	score := 85.0
	got, err := w.inbox.Record(iv.ID, ats.EventCompleted, "Completed.", func(next *ats.Interview) {
		kept = next
		next.ID, next.Tenant.Tenant, next.Revision, next.ReportedRevision = "other", "other", 99, 99
		next.State, next.SparkHire.Score = ats.StateCompleted, &score
	})
	require.NoError(t, err)
	kept.State = "altered later"
	score = 1
	require.Equal(t, iv.ID, got.ID)
	require.Equal(t, iv.Tenant, got.Tenant)
	require.Equal(t, iv.Revision+1, got.Revision)
	require.Zero(t, got.ReportedRevision)
	require.Equal(t, w.now, got.CompletedAt)
	again, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Equal(t, ats.StateCompleted, again.State)
	require.InDelta(t, 85, *again.SparkHire.Score, 0)

	for _, call := range []func() error{
		func() error { _, err := w.inbox.Record("nothing", ats.EventSent, "", nil); return err },
		func() error { _, err := w.inbox.Interview("nothing"); return err },
		func() error { _, err := w.inbox.Events("nothing"); return err },
		func() error { _, err := w.inbox.Report("nothing"); return err },
		func() error { return w.inbox.Deliver(t.Context(), "nothing") },
	} {
		require.ErrorIs(t, call(), ats.ErrNotFound)
	}
}

func TestDeliverReportsWhatWasNotAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.request("key-1")
	id := w.submit(t, r).ID
	require.NoError(t, w.inbox.Deliver(t.Context(), id))
	w.becomes(t, id, ats.StateSending)
	w.becomes(t, id, ats.StateSent)

	w.adapter.FailNext(1, ats.ErrUnavailable)
	require.ErrorIs(t, w.inbox.Deliver(t.Context(), id), ats.ErrUnavailable)
	report, err := w.inbox.Report(id)
	require.NoError(t, err)
	require.Equal(t, ats.StateRequested, report.Acknowledged)
	require.Len(t, report.Events, 1, "the line about sending is not for the ATS")
	require.Equal(t, ats.EventSent, report.Events[0].Kind)
	require.Equal(t, r.ReplyTo, report.ReplyTo)
	require.EqualValues(t, 1, report.Interview.ReportedRevision)

	for range 2 {
		require.NoError(t, w.inbox.Deliver(t.Context(), id))
	}
	require.Len(t, w.adapter.Reports(), 2, "with nothing new there is no call")
	report, err = w.inbox.Report(id)
	require.NoError(t, err)
	require.Equal(t, ats.StateSent, report.Acknowledged)
	require.Empty(t, report.Events)
	require.Equal(t, report.Interview.Revision, report.Interview.ReportedRevision)
}

// mute is an adapter whose ATS has no place for reports.
type mute struct{ *memory.Adapter }

func (mute) Publish(context.Context, ats.Connection, ats.Report) error { return ats.ErrHostCannot }

func TestDeliverTakesHostCannotForAnAcknowledgment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.inbox.Use(mute{w.adapter})
	id := w.submit(t, w.request("key-1")).ID
	require.NoError(t, w.inbox.Deliver(t.Context(), id))
	iv, err := w.inbox.Interview(id)
	require.NoError(t, err)
	require.Equal(t, iv.Revision, iv.ReportedRevision)
}

func TestDeliverKeepsTheOrderOfOneInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := w.submit(t, w.request("key-1")).ID
	ctx := t.Context()
	const n = 20
	errs := make([]error, 2*n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { _, errs[i] = w.inbox.Record(id, ats.EventRescheduled, "Moved.", nil) })
		group.Go(func() { errs[n+i] = w.inbox.Deliver(ctx, id) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, w.inbox.Deliver(ctx, id))

	var last int64
	seen := map[string]bool{}
	for _, r := range w.adapter.Reports() {
		require.Greater(t, r.Interview.Revision, last)
		last = r.Interview.Revision
		for _, e := range r.Events {
			require.False(t, seen[e.Key], "an acknowledged event is not reported again")
			seen[e.Key] = true
		}
	}
	require.Len(t, seen, n+1)
	card, ok := w.adapter.Card(id)
	require.True(t, ok)
	require.Len(t, card.Lines, n+1)
}
