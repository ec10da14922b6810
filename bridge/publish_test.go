package bridge_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func (w *world) delivery(id string) store.Delivery {
	w.Helper()
	for _, state := range []store.DeliveryState{store.DeliveryOK, store.DeliveryRetrying, store.DeliveryDead, store.DeliveryGone} {
		page, _, err := w.ledger.ListDeliveries(w.Context(), store.ListDeliveriesParams{State: state})
		require.NoError(w, err)
		for _, d := range page {
			if d.InterviewID == id {
				return d
			}
		}
	}
	return store.Delivery{}
}

func TestAReportIsRepeatedUntilItIsAcknowledged(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(4, errors.New("the ATS answers 500"))
		i := w.invited("Mira")
		require.Equal(w, store.DeliveryRetrying, w.delivery(i.ID).State)
		w.pass(time.Minute)
		require.Equal(w, ats.StateSent, w.card(i.ID))
		require.Equal(w, store.DeliveryOK, w.delivery(i.ID).State)
		require.Zero(w, w.delivery(i.ID).Failures)
	})
}

func TestAnATSThatDoesNotAnswerIsSeenAndTriedAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(2, errSilent)
		i := w.invited("Mira")
		w.pass(3 * time.Minute)
		d := w.delivery(i.ID)
		require.Equal(w, 1, d.Failures)
		require.Contains(w, d.LastError, "deadline exceeded")
		w.pass(2 * time.Minute)
		require.Equal(w, ats.StateSent, w.card(i.ID))
		require.Equal(w, store.DeliveryOK, w.delivery(i.ID).State)
	})
}

func TestAnAnswerOfTheATSThatIsLostReportsTwiceAndShowsOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.LoseNext(1, errors.New("connection reset"))
		i := w.invited("Mira")
		w.pass(time.Minute)
		require.Len(w, w.ats.Reports(), 2)
		require.Len(w, w.ats.History(i.ID), 1)
	})
}

func TestTheATSSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		at := time.Now().Add(4 * time.Minute)
		w.ats.FailNext(1, &ats.RetryLaterError{At: at})
		i := w.invited("Mira")
		w.pass(3 * time.Minute)
		require.Empty(w, w.card(i.ID))
		w.pass(2 * time.Minute)
		require.Equal(w, ats.StateSent, w.card(i.ID))
	})
}

func TestAnATSThatSaysAtOnceIsNotHammered(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(3, &ats.RetryLaterError{At: time.Now()})
		i := w.invited("Mira")
		require.Empty(w, w.card(i.ID))
		w.pass(10 * time.Second)
		require.Equal(w, ats.StateSent, w.card(i.ID))
	})
}

func TestWhoIsErasedDuringAReportIsNotReportedAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(1, errSilent)
		i := w.invited("Mira")
		require.NoError(w, w.engine.Erase(w.Context(), ats.CandidateRef{Tenant: i.Tenant, ID: i.Candidate.ID}))
		w.pass(5 * time.Minute)
		require.Equal(w, store.DeliveryGone, w.delivery(i.ID).State)
		require.Empty(w, w.ats.Reports())
	})
}

func TestWhatTheATSNeverTakesBecomesADeadLetterThatAPersonCanRetry(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(1, fmt.Errorf("422: %w", ats.ErrInvalid))
		i := w.invited("Mira")
		d := w.delivery(i.ID)
		require.Equal(w, store.DeliveryDead, d.State)
		require.Contains(w, d.LastError, "422")
		events, err := w.engine.Events(w.Context(), i.ID)
		require.NoError(w, err)
		require.Equal(w, ats.EventPublishFailed, events[len(events)-1].Kind)

		// Nothing more is tried until somebody says so.
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(time.Minute)
		require.Empty(w, w.card(i.ID))

		require.NoError(w, w.engine.RetryDelivery(w.Context(), i.ID, ats.User{ID: "admin"}))
		w.pass(time.Minute)
		require.Equal(w, ats.StateAccepted, w.card(i.ID))
		require.NoError(w, w.engine.RetryDelivery(w.Context(), i.ID, ats.User{ID: "admin"}), "a second time changes nothing")
		require.ErrorIs(w, w.engine.RetryDelivery(w.Context(), "nobody", ats.User{}), ats.ErrNotFound)
	})
}

func TestARecordThatHasGoneEndsReporting(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		w.account.RemoveCandidate(i.Candidate.ID)
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateCompleted)
		require.Equal(w, store.DeliveryGone, w.delivery(i.ID).State)
		require.Equal(w, ats.StateSent, w.card(i.ID))
	})
}

// Where nothing surer tells of deletions, a record that has gone stands for one.
func TestARecordThatHasGoneTakesThePersonAlongWhereTheRulesSaySo(t *testing.T) {
	t.Parallel()
	policy := memory.DefaultPolicy()
	policy.GoneErases = true
	inWorld(t, func(w *world) {
		i, other := w.invited("Mira"), w.invited("Ole")
		w.account.RemoveCandidate(i.Candidate.ID)
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(time.Minute)
		got := w.requireState(i.ID, ats.StateCanceled)
		require.Equal(w, ats.Candidate{ID: i.Candidate.ID}, got.Candidate)
		require.Equal(w, ats.Code("erased"), got.Reason.Code)
		require.Equal(w, store.DeliveryGone, w.delivery(i.ID).State)
		require.Len(w, w.spark.InterviewsFor(i.Candidate.Email), 1, "what Spark Hire keeps is the employer's decision")

		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		require.NoError(w, w.spark.Accept(other.SparkHire.InterviewID))
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateCanceled)
		require.Equal(w, ats.StateAccepted, w.card(other.ID))
	}, memory.Options{Policy: policy})
}

func TestWhatTheATSCannotShowIsRecordedHere(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(1, ats.ErrHostCannot)
		i := w.invited("Mira")
		w.pass(time.Minute)
		require.Equal(w, store.DeliveryOK, w.delivery(i.ID).State)
		events, err := w.engine.Events(w.Context(), i.ID)
		require.NoError(w, err)
		last := events[len(events)-1]
		require.Equal(w, ats.EventPublished, last.Kind)
		require.Contains(w, last.Text, "Recorded here")
	})
}

func TestReportsOfOneInterviewAreInOrder(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.ats.FailNext(3, errors.New("slow day"))
		i := w.invited("Mira")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(2 * time.Minute)
		var revision int64
		for _, r := range w.ats.Reports() {
			require.GreaterOrEqual(w, r.Interview.Revision, revision)
			revision = r.Interview.Revision
		}
		require.Equal(w, ats.StateCompleted, w.card(i.ID))
	})
}
