package topechelon_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// Rule 8.1: what the column says after each of Spark Hire's events, as it arrives by
// webhook and is read back with the key of the user who scheduled.
func TestColumnFollowsSparkHire(t *testing.T) {
	t.Parallel()
	inStack(t, func(s *stack) {
		id := s.scheduled("k1").SparkHire.InterviewID
		first := s.column(jobSent)
		require.Equal(s, "Invited", first.Label, "scheduled by us, InterviewCreated")
		require.NotEmpty(s, first.InterviewID)
		moved := time.Date(2000, 1, 4, 15, 30, 0, 0, time.UTC)

		last := first
		for _, step := range []struct {
			event string
			do    func() error
			state string
			label string
			due   string
		}{
			{"InterviewAccepted", func() error { return s.spark.Accept(id) }, "accepted", "Accepted", dueShown},
			{"InterviewRescheduled leaves the state", func() error { return s.spark.Reschedule(id, moved) }, "accepted", "Accepted", "2000-01-04T10:30:00-05:00"},
			{"InterviewExpired", func() error { return s.spark.Expire(id) }, "expired", "Expired", "2000-01-04T10:30:00-05:00"},
			{"InterviewRescheduled opens an expired one", func() error { return s.spark.Reschedule(id, moved.Add(time.Hour)) }, "accepted", "Accepted", "2000-01-04T11:30:00-05:00"},
			{"InterviewCompleted", func() error { return s.spark.Complete(id) }, "completed", "Completed", "2000-01-04T11:30:00-05:00"},
			{"InterviewRated leaves the state", func() error { return s.spark.Rate(id, 5) }, "completed", "Completed", "2000-01-04T11:30:00-05:00"},
			{"InterviewReset", func() error { return s.spark.Reset(id, time.Time{}) }, "invited", "Invited", "2000-01-04T11:30:00-05:00"},
			{"InterviewExpired again", func() error { return s.spark.Expire(id) }, "expired", "Expired", "2000-01-04T11:30:00-05:00"},
			{"InterviewRescheduled opens it as it was", func() error { return s.spark.Reschedule(id, moved) }, "invited", "Invited", "2000-01-04T10:30:00-05:00"},
			{"InterviewDeleted", func() error { return s.spark.Delete(id) }, "canceled", "Canceled", "2000-01-04T10:30:00-05:00"},
		} {
			require.NoError(s, step.do(), step.event)
			s.pass(soon)
			now := s.column(jobSent)
			require.Equal(s, step.state, now.State, step.event)
			require.Equal(s, step.label, now.Label, step.event)
			require.Equal(s, step.due, now.DueAt.Format(time.RFC3339), step.event)
			require.Equal(s, step.state == "completed", now.ResultURL != "", "a result only when completed: %s", step.event)
			require.Greater(s, now.Revision, last.Revision, step.event)
			last = now
		}

		// Late and repeated events are hints: Spark Hire is asked, and nothing moves.
		for _, d := range s.spark.Deliveries() {
			require.Equal(s, http.StatusOK, d.Status, d.Event)
			require.NoError(s, s.spark.Deliver(s.Context(), d.ID))
		}
		s.pass(soon)
		require.Equal(s, last, s.column(jobSent))
		require.Len(s, s.spark.RequestsTo(http.MethodPost, "/interviews"), 1)
	})
}

func TestADeletionIsBelievedOnlyWithAKeyThatWorks(t *testing.T) {
	t.Parallel()
	inStack(t, func(s *stack) {
		id := s.scheduled("k1").SparkHire.InterviewID
		s.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
		require.NoError(s, s.spark.Delete(id))
		require.NoError(s, s.spark.SetUserDisabled(s.toveKey.ID, true))
		require.Equal(s, 1, s.spark.ReleaseDeliveries())
		s.pass(soon)
		require.Equal(s, "Invited", s.column(jobSent).Label, "a key that is not accepted proves nothing")
		require.NoError(s, s.spark.SetUserDisabled(s.toveKey.ID, false))
		s.pass(2 * time.Hour)
		require.Equal(s, "Canceled", s.column(jobSent).Label)
	})
}

// A person who has left the pipeline, or a host without the column, holds nothing up.
func TestTheColumnMayBeGone(t *testing.T) {
	t.Parallel()
	inStack(t, func(s *stack) {
		iv := s.scheduled("k1")
		s.host.SetStatusColumn(false)
		require.NoError(s, s.spark.Accept(iv.SparkHire.InterviewID))
		s.pass(soon)
		got := s.interview(iv.ID)
		require.Equal(s, got.Revision, got.ReportedRevision, "recorded here, not shown there")
		s.host.SetStatusColumn(true)
		s.host.RemoveFromPipeline(jobSent, maya)
		require.NoError(s, s.spark.Complete(iv.SparkHire.InterviewID))
		s.pass(soon)
		require.Equal(s, topechelontest.Status{}, s.column(jobSent))
		require.Equal(s, "completed", string(s.interview(iv.ID).State))
	})
}
