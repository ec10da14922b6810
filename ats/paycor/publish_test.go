package paycor_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
)

// sent returns a world with one interview that was sent and not told yet.
func sent(t *testing.T) (*world, ats.Report) {
	t.Helper()
	w := newWorld(t)
	iv := w.asked("k")
	w.records(iv, ats.EventSent, func(i *ats.Interview) { i.State = ats.StateSent })
	r, err := w.inbox.Report(iv.ID)
	require.NoError(t, err)
	return w, r
}

func TestHostsThatHaveHalfOfThePlaces(t *testing.T) {
	t.Parallel()
	none := fmt.Errorf("no such place: %w", ats.ErrHostCannot)
	t.Run("a newsfeed and no tab", func(t *testing.T) {
		t.Parallel()
		w, r := sent(t)
		w.host.fail("ShowVideoInterview", none)
		require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), r))
		require.Len(t, w.host.texts(), 1)
		r.Events = nil
		require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), ats.ErrHostCannot, "there was nothing for the newsfeed")
	})
	t.Run("a tab and no newsfeed", func(t *testing.T) {
		t.Parallel()
		w, r := sent(t)
		w.host.fail("AppendNewsfeed", none)
		require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), ats.ErrHostCannot, "the item is not in Paycor")
		require.Equal(t, paycor.TabRequested, w.host.tab(t).State)
		r.Events = nil
		require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), r), "the tab says all there is")
	})
	t.Run("neither", func(t *testing.T) {
		t.Parallel()
		w, r := sent(t)
		w.host.fail("AppendNewsfeed", none)
		w.host.fail("ShowVideoInterview", none)
		require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), ats.ErrHostCannot)
	})
}

func TestWhatTheHostSaysEndsOrDelaysTheReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		fault  error
		tab    bool // the tab is shown all the same
	}{
		"the candidate has gone":   {"AppendNewsfeed", ats.ErrNotFound, false},
		"an outage":                {"AppendNewsfeed", ats.ErrUnavailable, false},
		"a host's own error":       {"AppendNewsfeed", errors.New("broken pipe"), false},
		"a refused token":          {"AppendNewsfeed", ats.ErrUnauthorized, false},
		"an item that is rejected": {"AppendNewsfeed", ats.ErrInvalid, true},
		"a tab that is rejected":   {"ShowVideoInterview", ats.ErrInvalid, false},
		"a tab that is gone":       {"ShowVideoInterview", ats.ErrNotFound, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, r := sent(t)
			w.host.fail(c.method, c.fault)
			require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), c.fault)
			require.Equal(t, c.tab, len(w.host.tabs) == 1)

			w.host.fail(c.method, nil)
			require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), r))
			require.Len(t, w.host.texts(), 1)
			require.Len(t, w.host.tabs, 1)
		})
	}
}

func TestReportsThatHaveNoAddress(t *testing.T) {
	t.Parallel()
	w, r := sent(t)
	for name, change := range map[string]func(r *ats.Report, c *ats.Connection){
		"no candidate":  func(r *ats.Report, _ *ats.Connection) { r.Interview.Candidate.ID = "" },
		"no job":        func(r *ats.Report, _ *ats.Connection) { r.Interview.Job.ID = "" },
		"no tenant":     func(_ *ats.Report, c *ats.Connection) { c.Tenant.Tenant = "harbor-lane" },
		"bad settings":  func(_ *ats.Report, c *ats.Connection) { c.Settings = []byte(`{"host_url": 7}`) },
		"unusable host": func(_ *ats.Report, c *ats.Connection) { c.Settings = []byte(`{"host_url": "x", "host_token": "t"}`) },
	} {
		report, conn := r, w.conn()
		change(&report, &conn)
		require.ErrorIs(t, w.adapter.Publish(t.Context(), conn, report), ats.ErrInvalid, name)
	}
	require.Equal(t, []string{"MayView"}, w.host.calls, "asked when the request was made, and nothing since")
}

func TestEveryStateHasItsTab(t *testing.T) {
	t.Parallel()
	for state, want := range map[ats.State]paycor.TabState{
		ats.StateRequested:   {State: paycor.TabNone},
		ats.StateSending:     {State: paycor.TabNone},
		ats.StateSent:        {State: paycor.TabRequested, Label: "Video Interview Requested", CanCancel: true},
		ats.StateAccepted:    {State: paycor.TabAccepted, Label: "Video Interview Accepted", CanCancel: true},
		ats.StateCompleted:   {State: paycor.TabCompleted, Label: "Video Interview Complete", ViewAvailable: true},
		ats.StateCanceled:    {State: paycor.TabCanceled, Label: "Video Interview Canceled", CanRequest: true},
		ats.StateExpired:     {State: paycor.TabExpired, Label: "Video Interview Expired", CanRequest: true},
		ats.StateFailed:      {State: paycor.TabNone, Label: "Video Interview Could Not Be Requested", CanRequest: true},
		ats.StateUnconfirmed: {State: paycor.TabNone, Label: "Video Interview Request Not Confirmed"},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			iv := w.asked("k")
			w.becomes(iv, state)
			want.Revision = w.host.tab(t).Revision
			if want.Label != "" {
				want.RequestID = iv.ID
			}
			if want.State != paycor.TabNone {
				want.ExpiresOn = ats.Date{Year: 2026, Month: time.March, Day: 17}
			}
			require.Equal(t, want, w.host.tab(t))
			require.Positive(t, want.Revision)
		})
	}
}

func TestAResetGivesACompletedRequestBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	iv := w.asked("k")
	w.becomes(iv, ats.StateSent, ats.StateCompleted)
	w.becomes(iv, ats.StateSent)
	require.Equal(t, paycor.TabCompleted, w.host.tab(t).State, "nothing else takes a completion back")

	w = newWorld(t)
	iv = w.asked("k")
	w.becomes(iv, ats.StateSent, ats.StateCompleted)
	w.happens(iv, ats.EventReset, func(i *ats.Interview) {
		i.State, i.CompletedAt, i.SparkHire.WatchURL = ats.StateSent, time.Time{}, ""
	})
	require.Equal(t, paycor.TabRequested, w.host.tab(t).State)
	require.Equal(t, "Video Interview Reset", w.host.items[len(w.host.items)-1].Text)
}

func TestTheTabFollowsADeadlineThatWasMovedToMidnight(t *testing.T) {
	t.Parallel()
	for midnight, want := range map[string]string{"end": "2026-03-19", "start": "2026-03-20"} {
		w := newWorld(t)
		w.settings(`{"feature_enabled": true, "midnight": "` + midnight + `"}`)
		iv := w.asked("k")
		w.becomes(iv, ats.StateSent)
		w.happens(iv, ats.EventRescheduled, func(i *ats.Interview) {
			i.Schedule.Date, i.Schedule.Time = ats.Date{Year: 2026, Month: time.March, Day: 20}, &ats.TimeOfDay{}
		})
		require.Equal(t, want, w.host.tab(t).ExpiresOn.String(), midnight)
	}
}

func TestAnErasedCandidateLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	iv := w.asked("k")
	w.becomes(iv, ats.StateSent, ats.StateCompleted)
	require.NoError(t, w.inbox.Erase(t.Context(), ats.CandidateRef{Tenant: w.tenant, ID: candidate}))
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	require.Equal(t, paycor.TabCompleted, w.host.tab(t).State)
	require.False(t, w.host.tab(t).ViewAvailable, "the link is gone")
}

func TestARequestThatAPersonFoundOutToBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	iv := w.asked("k")
	w.becomes(iv, ats.StateUnconfirmed)
	require.Empty(t, w.host.texts(), "it may not have been")
	w.happens(iv, ats.EventResolved, func(i *ats.Interview) { i.State, i.SparkHire.InterviewID = ats.StateSent, "sh-1" })
	require.Equal(t, []string{"Video Interview Requested"}, w.host.texts())
	require.Equal(t, paycor.TabRequested, w.host.tab(t).State)

	for _, atOnce := range []bool{true, false} {
		w = newWorld(t)
		iv = w.asked("k")
		w.becomes(iv, ats.StateUnconfirmed)
		w.records(iv, ats.EventResolved, func(i *ats.Interview) { i.State = ats.StateRequested }) // send again
		if !atOnce {
			require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
			require.Empty(t, w.host.texts())
		}
		w.happens(iv, ats.EventSent, func(i *ats.Interview) { i.State, i.SparkHire.InterviewID = ats.StateSent, "sh-1" })
		require.Equal(t, []string{"Video Interview Requested"}, w.host.texts())
	}
}
