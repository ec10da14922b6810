package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestAPersonCancels(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.sent("Mira")
		page := "/console/interviews/" + i.ID
		w.get(page).shows(http.StatusOK, "What you can do", "Cancel this interview", "This cannot be undone.")
		w.post(page + "/cancel").goesTo(page + "?done=canceling")
		w.get(page+"?done=canceling").shows(http.StatusOK, "The cancellation is written down.", "Ines asked to cancel it").lacks("Cancel this interview")
		w.pass(2 * time.Second)
		w.get(page).shows(http.StatusOK, "canceled", "Timeline", "canceled", "by Ines")
		require.Contains(w, w.audit(), "Ines: cancel")

		done := w.completed("Siri")
		w.post("/console/interviews/"+done.ID+"/cancel").shows(http.StatusConflict, "cannot be canceled", "Siri Falk", "completed")
		w.get("/console?done=%3Cb%3E").shows(http.StatusOK).lacks("<b>")

		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.TooManyRequests(60)})
		waiting := w.requested("Ole")
		w.pass(2 * time.Second) // Spark Hire says that it takes nothing for a minute
		w.post("/console/interviews/" + waiting.ID + "/cancel").goesTo("/console/interviews/" + waiting.ID + "?done=canceled")
	})
}

func TestOnlyWhoHasAKeyActsWhereTheProductSaysSo(t *testing.T) {
	t.Parallel()
	inTime(t, setup{policy: func(p *ats.Policy) { p.ActorKey = ats.KeyOwn }}, func(w *world) {
		i := w.sent("Mira")
		page := "/console/interviews/" + i.ID
		const why = "Only people with a Spark Hire key of their own can do this."
		w.get(page).shows(http.StatusOK, "As Ines you can do nothing here.", why).lacks("Cancel this interview")
		w.post(page+"/cancel").shows(http.StatusForbidden, why, "Mira Falk", "sent")
		require.Equal(w, ats.StateSent, w.read(i.ID).State)

		w.signIn("asha-lind")
		w.get(page).shows(http.StatusOK, "You act as asha-lind", "Cancel this interview").lacks(why)
		w.post(page + "/cancel").goesTo(page + "?done=canceled")
		require.Equal(w, ats.StateCanceled, w.read(i.ID).State)
		require.Contains(w, w.audit(), "asha-lind: cancel")
	})
}

func TestTheProductsSentenceIsShown(t *testing.T) {
	t.Parallel()
	inTime(t, setup{policy: func(p *ats.Policy) {
		p.ActorKey = ats.KeyOwn
		p.Words = map[ats.Code]string{ats.CodeUserNotLinked: "Add your key in the product first."}
	}}, func(w *world) {
		i := w.sent("Mira")
		w.get("/console/interviews/"+i.ID).shows(http.StatusOK, "Add your key in the product first.")
		w.post("/console/interviews/"+i.ID+"/cancel").shows(http.StatusForbidden, "Add your key in the product first.")
	})
}

func TestAPersonEndsADoubt(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.unconfirmed("Mira")
		page := "/console/interviews/" + i.ID
		w.get(page).shows(http.StatusOK, "unconfirmed", "It was sent", "It was not sent", "I have looked in Spark Hire")
		resolve := func(fields ...string) *answer { return w.post(page+"/resolve", fields...) }
		resolve("action", "forget").shows(http.StatusUnprocessableEntity, "Say whether it was sent.", "unconfirmed")
		resolve("action", "sent", "spark_hire_interview_id", " ").shows(http.StatusUnprocessableEntity, "write its id")
		resolve("action", "send-again").shows(http.StatusUnprocessableEntity, "Look in Spark Hire first")
		require.Equal(w, ats.StateUnconfirmed, w.read(i.ID).State)

		there := w.spark.InterviewsFor(i.Candidate.Email)
		require.Len(w, there, 1)
		resolve("action", "sent", "spark_hire_interview_id", " "+there[0].ID+" ").goesTo(page + "?done=sent")
		w.get(page+"?done=sent").shows(http.StatusOK, "The interview counts as sent", "resolved", "A person confirmed that it was sent.", "by Ines")
		require.Equal(w, there[0].ID, w.read(i.ID).SparkHire.InterviewID)
		resolve("action", "send-again", "looked", "yes").shows(http.StatusConflict, "Only an unconfirmed interview can be resolved")

		again := w.unconfirmed("Ole")
		page = "/console/interviews/" + again.ID
		resolve("action", "sent", "spark_hire_interview_id", there[0].ID).shows(http.StatusConflict, "Another interview has this Spark Hire id.")
		resolve("action", "send-again", "looked", "yes", "spark_hire_interview_id", "left over").goesTo(page + "?done=send-again")
		w.pass(5 * time.Second)
		require.Equal(w, ats.StateSent, w.read(again.ID).State)
		require.Len(w, w.spark.InvitationsTo(again.Candidate.Email), 2)
		require.Contains(w, w.audit(), "Ines: resolve: sent")
		require.Contains(w, w.audit(), "Ines: resolve: send again")
	})
}

func TestAPersonWatchesARecording(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.completed("Mira")
		page := "/console/interviews/" + i.ID
		w.get(page).shows(http.StatusOK, "Show where to watch the recording").lacks("Watch the recording")
		a := w.post(page+"/recording").shows(http.StatusOK, "treat it as a secret", "Watch the recording")
		share := w.read(i.ID).SparkHire.ShareURL
		require.NotEmpty(w, share)
		require.Contains(w, a.body, `href="`+share+`"`)
		w.private = append(w.private, share)

		w.signIn("somebody the ATS does not know")
		w.post(page+"/recording").shows(http.StatusForbidden, "This person may not see the candidate.").lacks("treat it as a secret")
		open := w.sent("Ole")
		w.get("/console/interviews/" + open.ID).lacks("recording")
		w.signIn("Ines")
		w.post("/console/interviews/"+open.ID+"/recording").shows(http.StatusNotFound, "There is no such record.", "Ole Falk")
	})
}

func TestAPersonReportsAgain(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		dead := func(first string) string {
			i := w.requested(first)
			w.memory.FailNext(-1, fmt.Errorf("the card takes no such text: %w", ats.ErrInvalid))
			w.pass(2 * time.Second)
			w.memory.FailNext(0, nil)
			return i.ID
		}
		mira, ole := dead("Mira"), dead("Ole")
		w.get("/console").shows(http.StatusOK, "2 reports could not be delivered")
		w.get("/console/deliveries").shows(http.StatusOK, "Deliveries", mira, "takes no such text", "Tell again", ole)
		w.get("/console/interviews/"+mira).shows(http.StatusOK, "The ATS could not be told: ", "takes no such text", "Tell the ATS again")

		w.memory.FailNext(-1, fmt.Errorf("out of order: %w", ats.ErrUnavailable)) // so that they are not told before we look
		w.post("/console/deliveries/retry", "interview_id", mira).goesTo("/console/deliveries?done=retried")
		w.post("/console/interviews/" + ole + "/retry").goesTo("/console/interviews/" + ole + "?done=retried")
		w.get("/console/deliveries?state=retrying").shows(http.StatusOK, mira, ole)
		w.memory.FailNext(0, nil)
		w.pass(time.Hour)
		w.get("/console/deliveries").shows(http.StatusOK, "Every report has arrived")
		w.get("/console/interviews/" + ole).lacks("Tell the ATS again")
		require.Contains(w, w.audit(), "Ines: retry delivery")

		i := w.requested("Siri")
		w.memory.FailNext(-1, fmt.Errorf("out of order: %w", ats.ErrUnavailable))
		w.pass(2 * time.Second)
		w.get("/console/interviews/"+i.ID).shows(http.StatusOK, "The ATS could not be told yet", "goes on trying")
		w.get("/console/deliveries?state=retrying").shows(http.StatusOK, "Next try", i.ID).lacks("Tell again")
	})
}

func TestAPersonSwitchesAConnection(t *testing.T) {
	t.Parallel()
	inTime(t, setup{policy: func(p *ats.Policy) { p.Settings = ats.SettingsByAdministrator }}, func(w *world) {
		page := "/console/connections/" + w.connection
		w.post(page + "/disable").goesTo(page + "?done=switched-off")
		w.get(page+"?done=switched-off").shows(http.StatusOK, "The connection is switched off.", "off", "Switch on")
		w.get("/console").shows(http.StatusOK, "Example Care AB", "off", "memory")
		w.post(page + "/enable").goesTo(page + "?done=switched-on")
		w.get(page).shows(http.StatusOK, "Switch this connection off")
		require.Contains(w, w.audit(), "Ines: update connection (enabled)")

		w.post(page + "/disable")
		w.settings(map[string]any{"closed": true})
		w.post(page+"/enable").shows(http.StatusForbidden, "Video interviews are not enabled for this account.", "Example Care AB")
	})
}

// awayStore is a store that fails in several ways.
type awayStore struct{ store.Store }

func (awayStore) ListConnections(context.Context, store.ListConnectionsParams) ([]store.Connection, string, error) {
	return nil, "", fmt.Errorf("no space left: %w", ats.ErrUnavailable)
}

func (awayStore) ListDeliveries(context.Context, store.ListDeliveriesParams) ([]store.Delivery, string, error) {
	return nil, "", errors.New("disk on fire")
}

func (awayStore) GetInterview(context.Context, string) (store.Interview, error) {
	panic("a mistake in the program")
}
