package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestAUserIsLinkedWithAKeyThatIsNeverShown(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		second := w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
		path := w.connection + "/users/" + url.PathEscape("bo/ek 1")
		var u object
		w.put(path, object{"name": "Bo Ek", "email": "bo@care.example"}).want(http.StatusOK).into(&u)
		require.Equal(w, object{"id": "bo/ek 1", "name": "Bo Ek", "email": "bo@care.example", "time_zone": "", "linked": false, "key_hint": "", "spark_hire_user": ""}, u)

		linked := w.put(path, object{"name": "Bo Ek", "email": "bo@care.example", "time_zone": "Europe/Stockholm", "api_key": second.Key}).want(http.StatusOK)
		require.NotContains(w, string(linked.body), second.Key)
		linked.into(&u)
		require.Equal(w, object{
			"id": "bo/ek 1", "name": "Bo Ek", "email": "bo@care.example", "time_zone": "Europe/Stockholm", "linked": true,
			"key_hint": "…" + second.Key[len(second.Key)-2:], "spark_hire_user": "Bo Ek",
		}, u)
		list := w.get(w.connection + "/users")
		require.Equal(w, []string{"asha-lind", "bo/ek 1"}, list.ids())
		require.NotContains(w, string(list.body), second.Key)
		require.Contains(w, string(list.body), `"spark_hire_user":"Bo Ek"`)

		w.put(path, object{"name": "Bo Ek-Lund"}).want(http.StatusOK).into(&u)
		require.Equal(w, true, u["linked"], "the key stays")
		w.put(path, object{"name": "Bo Ek", "api_key": "nobody's key"}).refused(422, "invalid_key", "api_key")
		w.put(path, object{"name": "Bo Ek", "time_zone": "Europe/Lund"}).refused(422, "time_zone_unknown", "time_zone")
		w.get(w.connection + "/users").into(&u)
		require.Contains(w, u["items"].([]any)[1].(object)["name"], "Ek-Lund", "a refused change changes nothing")

		w.put(path, object{"name": "Bo Ek", "api_key": nil}).want(http.StatusOK).into(&u)
		require.Equal(w, true, u["linked"], "null is as good as nothing")
		w.put(path, object{"name": "Bo Ek", "api_key": ""}).want(http.StatusOK).into(&u)
		require.Equal(w, false, u["linked"])
		require.Empty(w, u["spark_hire_user"])
		w.delete(path).want(http.StatusNoContent)
		w.delete(path).refused(404, "not_found", "")
		require.Equal(w, []string{"asha-lind"}, w.get(w.connection+"/users").ids())
		w.put(w.connection+"/users/"+strings.Repeat("x", 201), object{}).refused(422, "invalid_request", "user_id")
		w.put(w.connection+"/users/bo", object{"name": "Bo", "email": "Bo Ek <bo@care.example>"}).refused(422, "email_invalid", "email")
		w.put(w.connection+"/users/a%00b", object{}).refused(422, "invalid_request", "user_id")
		w.put(w.connection+"/users/bo", `{"name": "Bo", "key": "k"}`).refused(422, "unknown_field", "key")
	})
}

func TestAProductWithAPrimaryUserIsNeverWithoutOne(t *testing.T) {
	t.Parallel()
	needsOne := setup{policy: func(p *ats.Policy) { p.PrimaryUser = ats.Required }}
	overHTTP(t, needsOne, func(w *world) {
		w.patch(w.connection, object{"enabled": false}).want(http.StatusOK)
		w.patch(w.connection, object{"enabled": true}).refused(409, "primary_user_required", "primary_user")
		w.put(w.connection+"/users/bo", object{"name": "Bo"}).want(http.StatusOK)
		w.patch(w.connection, object{"primary_user": "bo", "enabled": true}).refused(403, "user_not_linked", "primary_user")
		var c object
		w.patch(w.connection, object{"primary_user": "asha-lind", "enabled": true}).want(http.StatusOK).into(&c)
		require.Equal(w, "asha-lind", c["primary_user"])
		w.patch(w.connection, object{"primary_user": ""}).refused(409, "primary_user_required", "primary_user")
		w.delete(w.connection+"/users/asha-lind").refused(409, "primary_user_required", "")
		w.put(w.connection+"/users/asha-lind", object{"api_key": ""}).refused(409, "primary_user_required", "")
		require.Len(w, w.get(w.connection+"/users").ids(), 2)
	})
	hasOne := setup{policy: func(p *ats.Policy) { p.PrimaryUser = ats.Optional }}
	overHTTP(t, hasOne, func(w *world) {
		w.patch(w.connection, object{"primary_user": "asha-lind"}).want(http.StatusOK)
		w.delete(w.connection + "/users/asha-lind").want(http.StatusNoContent)
		var c object
		w.get(w.connection).want(http.StatusOK).into(&c)
		require.Empty(w, c["primary_user"])
	})
	hasNone := setup{policy: func(p *ats.Policy) { p.PrimaryUser = ats.Forbidden }}
	overHTTP(t, hasNone, func(w *world) {
		w.patch(w.connection, object{"primary_user": "asha-lind"}).refused(422, "primary_user_not_allowed", "primary_user")
		w.post("/connections", object{"adapter": "memory", "tenant": "b", "primary_user": "x"}).refused(422, "primary_user_not_allowed", "primary_user")
	})
}

func TestANewKeyTakesOverWhatWaits(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		i := w.requested("Mira")
		w.pass(time.Second)
		w.spark.EndOutage()
		second := w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha2@care.example"})
		w.put(w.connection+"/users/asha-lind", object{"name": "Asha Lind", "api_key": second.Key}).want(http.StatusOK)
		w.pass(time.Minute)
		require.Equal(w, "sent", w.read(i.ID).State)
		require.Equal(w, second.ID, w.spark.InterviewsFor(i.Candidate.Email)[0].CreatedBy)

		// A user who is removed leaves nothing waiting.
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		waiting := w.requested("Ole")
		w.pass(time.Second)
		w.delete(w.connection + "/users/asha-lind").want(http.StatusNoContent)
		w.pass(time.Minute)
		failed := w.read(waiting.ID)
		require.Equal(w, "failed", failed.State)
		require.Equal(w, "user_not_linked", failed.Reason.Code)
	})
}

func TestSparkHiresListsAreThoseOfAKey(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		hidden := w.spark.AddJob(sparkhiretest.Job{Title: "Night nurse", Address: "Lund"})
		require.NoError(w, w.spark.RestrictJob(hidden.ID, w.admin.ID))
		jobs, sets := w.connection+"/spark-hire/jobs", w.connection+"/spark-hire/question-sets"
		require.Equal(w, []string{w.nurse.ID}, w.get(jobs+"?user=asha-lind").ids())
		require.Equal(w, []string{w.nurse.ID}, w.get(jobs, "Sparkbridge-Actor-Id", "asha-lind").ids())
		require.Equal(w, []string{w.set.ID}, w.get(sets+"?user=asha-lind").ids())
		w.get(jobs).refused(403, "user_not_linked", "user")
		w.get(jobs+"?user=nobody").refused(403, "user_not_linked", "user")
		w.get(jobs+"?usr=nobody").refused(422, "unknown_field", "usr")
		w.get("/connections/nobody/spark-hire/jobs").refused(404, "not_found", "")

		w.patch(w.connection, object{"primary_user": "asha-lind"}).want(http.StatusOK)
		require.Equal(w, []string{w.nurse.ID}, w.get(jobs).ids(), "else the primary user's")
		w.patch(w.connection, object{"spark_hire": object{"organization_key": w.admin.Key}}).want(http.StatusOK)
		require.ElementsMatch(w, []string{w.nurse.ID, hidden.ID}, w.get(jobs).ids(), "else the organization's")

		require.NoError(w, w.spark.SetUserDisabled(w.admin.ID, true))
		w.get(sets).refused(422, "invalid_key", "user")
	})
}

func TestAKeyOfOnesOwnIsForItsOwner(t *testing.T) {
	t.Parallel()
	own := setup{policy: func(p *ats.Policy) { p.ActorKey = ats.KeyOwn }}
	overHTTP(t, own, func(w *world) {
		jobs := w.connection + "/spark-hire/jobs"
		w.get(jobs).refused(422, "actor_required", "user")
		require.Len(w, w.get(jobs, "Sparkbridge-Actor-Id", "asha-lind").ids(), 1)
		w.get(jobs+"?user=asha-lind", "Sparkbridge-Actor-Id", "bo").refused(403, "not_permitted", "user")
		w.get(jobs, "Sparkbridge-Actor-Id", "bo").refused(403, "user_not_linked", "user")
	})
}
