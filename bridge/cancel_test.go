package bridge_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestCancelEndsAnInterviewAtSparkHireAndOnTheCard(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		for range 2 {
			_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
			require.NoError(w, err)
		}
		w.pass(5 * time.Second)
		got := w.requireState(i.ID, ats.StateCanceled)
		require.Equal(w, ats.Code("canceled"), got.Reason.Code)
		require.Equal(w, ats.StateCanceled, w.card(i.ID))
		require.Len(w, w.spark.RequestsTo(http.MethodDelete, "/interviews/*"), 1)
		there, _ := w.spark.Interview(i.SparkHire.InterviewID)
		require.Equal(w, sparkhiretest.Deleted, there.State)

		again, err := w.engine.Cancel(w.Context(), i.ID, ats.User{})
		require.NoError(w, err)
		require.Equal(w, ats.StateCanceled, again.State)

		// A canceled candidate can be invited again.
		r := w.request("Mira")
		r.Key = "again"
		r.Candidate = i.Candidate
		_, err = w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
	})
}

func TestCancelBeforeSendingSendsNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		i := w.submit("Mira")
		w.pass(time.Second)
		got, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
		require.NoError(w, err)
		require.Equal(w, ats.StateCanceled, got.State)
		w.spark.EndOutage()
		w.pass(2 * time.Minute)
		require.Zero(w, w.invitations(i))
	})
}

func TestCancelWhileTheRequestIsLostSendsNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.LoseConnection()})
		i := w.submit("Mira")
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateSending)
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
		require.NoError(w, err)
		w.pass(10 * time.Minute)
		got := w.requireState(i.ID, ats.StateCanceled)
		require.Equal(w, ats.Code("canceled"), got.Reason.Code)
		require.Equal(w, ats.StateCanceled, w.card(i.ID))
		require.Zero(w, w.invitations(i))
	})
}

func TestTheNewsThatOurOwnRemovalMakesIsNoSurprise(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		removal := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodDelete, Path: "/interviews/*", Do: sparkhiretest.Hold(), When: sparkhiretest.AfterEffect})
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
		require.NoError(w, err)
		w.pass(time.Second) // the webhook overtakes the answer
		got := w.requireState(i.ID, ats.StateCanceled)
		require.Equal(w, ats.Code("canceled"), got.Reason.Code)
		removal.Release()
		w.pass(time.Minute)
		kinds := w.kinds(i.ID)
		require.Equal(w, []ats.EventKind{ats.EventRequested, ats.EventSending, ats.EventSent, ats.EventCanceled}, kinds)
	})
}

func TestCancelWhileTheAnswerIsLostWaitsForTheTruth(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
		i := w.submit("Mira")
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateSending)
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
		require.NoError(w, err)
		w.pass(2 * time.Minute)
		w.requireState(i.ID, ats.StateCanceled)
		require.Equal(w, 1, w.invitations(i))
	})
}

func TestACompletedInterviewIsNeverRemoved(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
		i := w.invited("Mira")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"}) // nobody has told the engine yet
		require.NoError(w, err)
		w.pass(5 * time.Second)
		got := w.requireState(i.ID, ats.StateCompleted)
		require.NotNil(w, got.Notice)
		require.Empty(w, w.spark.RequestsTo(http.MethodDelete, "/interviews/*"))

		_, err = w.engine.Cancel(w.Context(), i.ID, ats.User{})
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok)
		require.Equal(w, ats.CodeNotCancelable, refusal.Code)
		_, err = w.engine.Cancel(w.Context(), "nobody", ats.User{})
		require.ErrorIs(w, err, ats.ErrNotFound)
	})
}

// The candidate is faster, and Spark Hire's webhook faster than the cancellation.
func TestACancellationThatCompletionOvertakesIsGivenUp(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		cancel := func() {
			_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
			require.NoError(w, err)
		}
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		cancel()
		w.pass(40 * time.Second)
		w.spark.EndOutage()
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(time.Minute)
		got := w.requireState(i.ID, ats.StateCompleted)
		require.NotNil(w, got.Notice)
		require.Equal(w, ats.CodeNotCancelable, got.Notice.Code)

		// Open again, it can be canceled.
		require.NoError(w, w.spark.Reset(i.SparkHire.InterviewID, time.Now().Add(72*time.Hour)))
		w.pass(5 * time.Second)
		w.requireState(i.ID, ats.StateSent)
		cancel()
		w.pass(5 * time.Second)
		w.requireState(i.ID, ats.StateCanceled)
	})
}

// What was canceled while nobody knew whether it was sent is canceled when a person says
// that it was.
func TestACancellationOutlivesTheDoubt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.loseAnswer()
		i := w.submit("Mira")
		w.pass(time.Second)
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
		require.NoError(w, err)
		_, err = w.spark.InviteOnSite(sparkhiretest.Invitation{
			JobID: w.nurse.ID, QuestionSetID: w.set.ID, ScheduledAt: time.Now().Add(72 * time.Hour),
			Candidate: sparkhiretest.Candidate{FirstName: "Mira", LastName: "Falk", Email: i.Candidate.Email},
		})
		require.NoError(w, err)
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateUnconfirmed)
		made := w.spark.InterviewsFor(i.Candidate.Email)[0]
		_, err = w.engine.Resolve(w.Context(), i.ID, resolution(made.ID))
		require.NoError(w, err)
		w.pass(5 * time.Second)
		w.requireState(i.ID, ats.StateCanceled)
		there, _ := w.spark.Interview(made.ID)
		require.Equal(w, sparkhiretest.Deleted, there.State)
	})
}

func TestACancellationThatSparkHireRefusesIsToldAndCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodDelete, Path: "/interviews/*", Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
		cancel := func() {
			_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "asha-lind"})
			require.NoError(w, err)
			w.pass(time.Hour)
		}
		cancel()
		got := w.requireState(i.ID, ats.StateSent)
		require.EqualValues(w, "spark_hire_refused", got.Notice.Code)
		require.Contains(w, got.Notice.Message, "does not let the owner of this key cancel")
		require.Len(w, w.spark.RequestsTo(http.MethodDelete, "/interviews/*"), 1, "a refusal is not repeated")
		cancel()
		w.requireState(i.ID, ats.StateCanceled)
	})
}
