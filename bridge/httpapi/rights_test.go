package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func as(id string) []string { return []string{"Sparkbridge-Actor-Id", id} }

func TestWhoMayNotSeeACandidateGetsNothing(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		for _, id := range []string{"asha-lind", "bo"} {
			w.account.AddUser(ats.User{ID: id})
		}
		w.account.AddUser(ats.User{ID: "ines", Admin: true})
		open, closed := w.requested("Mira"), w.requested("Ole")
		w.account.Restrict(closed.Candidate.ID, "asha-lind")
		list := w.connection + "/interviews"

		for _, call := range []func(string, ...string) *answer{
			func(p string, h ...string) *answer { return w.get(p, h...) },
			func(p string, h ...string) *answer { return w.get(p+"/events", h...) },
			func(p string, h ...string) *answer { return w.get(p+"/recording", h...) },
			func(p string, h ...string) *answer { return w.post(p+"/cancel", nil, h...) },
			func(p string, h ...string) *answer { return w.post(p+"/resolve", object{"action": "send_again"}, h...) },
		} {
			call("/interviews/"+closed.ID, as("bo")...).refused(403, "not_permitted", "")
			call("/interviews/"+closed.ID, as("stranger")...).refused(403, "not_permitted", "")
		}
		w.get(list+"?candidate_id="+closed.Candidate.ID, as("bo")...).refused(403, "not_permitted", "")
		require.Equal(w, []string{open.ID}, w.get(list, as("bo")...).ids())
		require.Empty(w, w.get(list, as("stranger")...).ids())
		require.Equal(w, []string{closed.ID, open.ID}, w.get(list, as("asha-lind")...).ids())
		require.Equal(w, []string{closed.ID, open.ID}, w.get(list, as("ines")...).ids())
		require.Equal(w, []string{closed.ID, open.ID}, w.get(list).ids(), "the backend itself")
		w.get("/interviews/"+closed.ID, as("asha-lind")...).want(http.StatusOK)

		again := w.candidate("Ana")
		again["candidate"].(object)["id"] = closed.Candidate.ID
		w.post(list, again, append(as("bo"), "Idempotency-Key", "k")...).refused(403, "not_permitted", "")
		w.post(list, again, append(as("bo"), "Idempotency-Key", "key-of-Ole")...).refused(403, "not_permitted", "")

		w.memory.FailNext(-1, ats.ErrUnavailable)
		w.get(list, as("bo")...).refused(503, "unavailable", "")
		w.get("/interviews/"+open.ID, as("bo")...).refused(503, "unavailable", "")
		w.memory.FailNext(0, nil)
	})
}

func TestWhereOnlyOnesOwnKeyActs(t *testing.T) {
	t.Parallel()
	own := setup{policy: func(p *ats.Policy) { p.ActorKey, p.ViewWithoutKey = ats.KeyOwn, false }}
	inTime(t, own, func(w *world) {
		w.account.AddUser(ats.User{ID: "asha-lind"})
		w.account.AddUser(ats.User{ID: "bo"})
		ask := func(headers ...string) *answer {
			body := w.candidate("Mira")
			delete(body, "requested_for")
			return w.post(w.connection+"/interviews", body, append(headers, "Idempotency-Key", "k")...)
		}
		ask().refused(422, "actor_required", "Sparkbridge-Actor-Id")
		ask(as("bo")...).refused(403, "user_not_linked", "requested_for")
		var i shown
		ask(as("asha-lind")...).want(http.StatusAccepted).into(&i)
		require.Equal(w, []string{"cancel"}, i.Actions)
		require.Empty(w, w.read(i.ID).Actions, "nobody in particular")
		require.Empty(w, w.read(i.ID, as("bo")...).Actions)
		path := "/interviews/" + i.ID
		w.post(path+"/cancel", nil).refused(422, "actor_required", "Sparkbridge-Actor-Id")
		w.post(path+"/cancel", nil, as("bo")...).refused(403, "user_not_linked", "")

		w.pass(2 * time.Second)
		i = w.read(i.ID)
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		w.get(path+"/recording", as("asha-lind")...).refused(404, "not_found", "")
		w.pass(20 * time.Minute)
		require.Equal(w, []string{"view"}, w.read(i.ID, as("asha-lind")...).Actions)
		require.Empty(w, w.read(i.ID, as("bo")...).Actions)
		w.get(path+"/recording").refused(422, "actor_required", "Sparkbridge-Actor-Id")
		w.get(path+"/recording", as("bo")...).refused(403, "not_permitted", "")
		var link struct{ URL, Kind string }
		w.get(path+"/recording", as("asha-lind")...).want(http.StatusOK).into(&link)
		require.Equal(w, "watch", link.Kind)
		require.Contains(w, link.URL, i.SparkHire.InterviewID)
	})
}

func TestARecordingIsSharedWhereNoKeyIsNeeded(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.account.AddUser(ats.User{ID: "bo"})
		i := w.completed("Mira")
		require.NotNil(w, i.CompletedAt)
		path := "/interviews/" + i.ID + "/recording"
		w.get(path).refused(422, "actor_required", "Sparkbridge-Actor-Id")
		var link struct{ URL, Kind string }
		w.get(path, as("bo")...).want(http.StatusOK).into(&link)
		require.Equal(w, "share_link", link.Kind)
		row, err := w.ledger.GetInterview(w.Context(), i.ID)
		require.NoError(w, err)
		require.Equal(w, row.SparkHire.ShareURL, link.URL)
		require.Equal(w, []string{"view"}, w.read(i.ID, as("bo")...).Actions)

		w.delete(w.connection + "/candidates/" + i.Candidate.ID).want(http.StatusNoContent)
		w.get(path, as("bo")...).refused(404, "not_found", "")
	})
	inTime(t, setup{wrap: bareAdapter}, func(w *world) {
		i := w.completed("Mira")
		require.Equal(w, []string{"view"}, i.Actions, "where the ATS does not restrict, the backend itself may")
		w.get("/interviews/" + i.ID + "/recording").want(http.StatusOK)
		other := w.sent("Ole")
		w.get("/interviews/"+other.ID+"/recording").refused(404, "not_found", "")
	})
}

func TestAShareLinkThatIsMissingIsAskedForOnce(t *testing.T) {
	t.Parallel()
	inTime(t, setup{wrap: bareAdapter}, func(w *world) {
		w.spark.Inject(sparkhiretest.Fault{Path: "/interviews/*/share_link", Times: sparkhiretest.Forever, Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
		i := w.completed("Mira")
		path := "/interviews/" + i.ID + "/recording"
		var link struct{ URL, Kind string }
		w.get(path).refused(503, "unavailable", "")
		w.get(path, as("asha-lind")...).want(http.StatusOK).into(&link)
		require.Equal(w, "watch", link.Kind, "who has a key is not left with nothing")

		w.spark.ClearFaults()
		w.get(path).want(http.StatusOK).into(&link)
		require.Equal(w, "share_link", link.Kind)
		asked := len(w.spark.RequestsTo(http.MethodPost, "/interviews/*/share_link"))
		w.get(path).want(http.StatusOK).into(&link)
		require.Len(w, w.spark.RequestsTo(http.MethodPost, "/interviews/*/share_link"), asked)

		w.delete(w.connection).want(http.StatusNoContent)
		w.get(path).want(http.StatusOK)
	})
}
