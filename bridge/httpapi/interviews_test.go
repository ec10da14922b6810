package httpapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestARequestIsShownAsTheContractSays(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.account.AddUser(ats.User{ID: "910233"})
		body := w.candidate("Maya")
		body["due"] = object{"date": "2000-03-17", "time_zone": "America/Chicago"}
		accepted := w.post(w.connection+"/interviews", body, "Idempotency-Key", "k", "Sparkbridge-Actor-Id", "910233", "Sparkbridge-Actor-Name", "Tove Lindqvist").want(http.StatusAccepted)
		var i object
		accepted.into(&i)
		require.Equal(w, "/api/v1/interviews/"+i["id"].(string), accepted.header.Get("Location"))
		c := body["candidate"].(object)
		require.Equal(w, object{
			"id": i["id"], "connection_id": strings.TrimPrefix(w.connection, "/connections/"), "adapter": "memory",
			"state": "requested", "revision": 1.0, "type": "one_way", "origin": "api",
			"candidate":  object{"id": c["id"], "first_name": "Maya", "last_name": "Falk", "email": "maya.falk@mail.example"},
			"job":        object{"id": "4711", "title": "Ward nurse"},
			"spark_hire": object{"interview_id": "", "job_id": w.nurse.ID, "question_set_id": w.set.ID, "status": ""},
			"due":        object{"date": "2000-03-17", "time": "", "time_zone": "America/Chicago", "at": "2000-03-18T06:00:00Z"},
			"message":    "", "requested_by": object{"id": "910233", "name": "Tove Lindqvist"},
			"reason": nil, "notice": nil, "actions": []any{"cancel"}, "reported_revision": 0.0,
			"created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z", "completed_at": nil,
		}, i)

		w.pass(2 * time.Second)
		w.get("/interviews/" + i["id"].(string)).want(http.StatusOK).into(&i)
		require.Equal(w, "sent", i["state"])
		require.Equal(w, i["revision"], i["reported_revision"])
		require.NotEmpty(w, i["spark_hire"].(object)["interview_id"])
		require.NotEmpty(w, i["spark_hire"].(object)["status"])

		var events struct {
			Items []struct {
				Seq         int
				Kind, Actor string
				Data        map[string]string
			}
		}
		w.get("/interviews/" + i["id"].(string) + "/events").want(http.StatusOK).into(&events)
		require.Equal(w, "requested", events.Items[0].Kind)
		require.Equal(w, "910233", events.Items[0].Actor)
		require.Equal(w, "api", events.Items[0].Data["origin"])
		for n, e := range events.Items {
			require.Equal(w, n+1, e.Seq)
		}
		require.Equal(w, "published", events.Items[len(events.Items)-1].Kind)
		w.get("/interviews/nobody").refused(404, "not_found", "")
		w.get("/interviews/nobody/events").refused(404, "not_found", "")
	})
}

func TestTheSameKeyIsTheSameRequest(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		body := w.candidate("Mira")
		path := w.connection + "/interviews"
		w.post(path, body).refused(422, "idempotency_key_required", "Idempotency-Key")
		w.post(path, body, "Idempotency-Key", strings.Repeat("k", 201)).refused(422, "invalid_request", "Idempotency-Key")
		var first, again shown
		w.post(path, body, "Idempotency-Key", "k").want(http.StatusAccepted).into(&first)
		w.post(path, body, "Idempotency-Key", "k").want(http.StatusAccepted).into(&again)
		require.Equal(w, first.ID, again.ID)
		w.pass(2 * time.Second)
		w.post(path, body, "Idempotency-Key", "k").want(http.StatusAccepted).into(&again)
		require.Equal(w, first.ID, again.ID)
		require.Equal(w, "sent", again.State, "as it is now")

		for name, change := range map[string]func(object){
			"an e-mail address": func(b object) { b["candidate"].(object)["email"] = "other@mail.example" },
			"a message":         func(b object) { b["message"] = "Hello" },
			"a title":           func(b object) { b["job"].(object)["title"] = "Other" },
			"a date":            func(b object) { b["due"] = object{"date": "2099-01-01"} },
			"a date that is refused anyway": func(b object) {
				b["due"] = object{"date": "1999-01-01"}
			},
			"a type": func(b object) { b["type"] = "live"; delete(b, "question_set_id") },
		} {
			other := maps.Clone(body)
			for _, part := range []string{"candidate", "job"} {
				other[part] = maps.Clone(body[part].(object))
			}
			change(other)
			got := w.post(path, other, "Idempotency-Key", "k")
			require.Equal(w, 409, got.status, name)
			got.refused(409, "idempotency_mismatch", "")
		}
		require.Len(w, w.spark.InvitationsTo("mira.falk@mail.example"), 1)

		// The same, when the request would be refused by now.
		w.patch(w.connection, object{"enabled": false}).want(http.StatusOK)
		w.post(path, body, "Idempotency-Key", "k").want(http.StatusAccepted).into(&again)
		require.Equal(w, first.ID, again.ID)
	})
}

func TestWhatARequestMustNotBe(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		path := w.connection + "/interviews"
		set := func(value any, names ...string) func(object) {
			return func(b object) {
				for _, name := range names[:len(names)-1] {
					if b[name] == nil {
						b[name] = object{}
					}
					b = b[name].(object)
				}
				b[names[len(names)-1]] = value
			}
		}
		for n, c := range []struct {
			change func(object)
			status int
			code   string
			field  string
		}{
			{set("", "candidate", "email"), 422, "candidate_email_missing", "candidate.email"},
			{set("nobody", "candidate", "email"), 422, "candidate_email_invalid", "candidate.email"},
			{set("", "candidate", "id"), 422, "candidate_required", "candidate.id"},
			{set(true, "candidate", "do_not_email"), 422, "do_not_email", "candidate.do_not_email"},
			{set("yes", "candidate", "do_not_email"), 422, "invalid_request", "candidate.do_not_email"},
			{set("x", "candidate", "phone"), 422, "unknown_field", "candidate.phone"},
			{set(strings.Repeat("x", 201), "candidate", "id"), 422, "invalid_request", "candidate.id"},
			{set(strings.Repeat("x", 501), "candidate", "first_name"), 422, "invalid_request", "candidate.first_name"},
			{set("Mira\x00", "candidate", "first_name"), 422, "invalid_request", "candidate.first_name"},
			{set("9999-12-31", "due", "date"), 422, "invalid_date", "due.date"},
			{set("another job", "job", "id"), 422, "not_in_pipeline", "job.id"},
			{set("telepathy", "type"), 422, "unsupported_interview_type", "type"},
			{set("live", "type"), 422, "question_set_not_allowed", "question_set_id"},
			{set("2026-13-01", "due", "date"), 422, "invalid_date", "due.date"},
			{set("1999-01-01", "due", "date"), 422, "expiration_in_past", "due"},
			{set(object{"date": "2099-01-01", "time": "2 pm"}, "due"), 422, "invalid_time", "due.time"},
			{set(object{"date": "2099-01-01", "time_zone": "Nowhere"}, "due"), 422, "time_zone_unknown", "due.time_zone"},
			{set(object{"date": "2099-01-01", "at": "noon"}, "due"), 422, "unknown_field", "due.at"},
			{set([]int{}, "due"), 422, "invalid_request", "due"},
			{set(strings.Repeat("x", 5001), "message"), 422, "message_too_long", "message"},
			{set("nobody", "requested_for"), 403, "user_not_linked", "requested_for"},
			{set("", "requested_for"), 403, "user_not_linked", "requested_for"},
		} {
			body := w.candidate(fmt.Sprintf("Mira%d", n))
			c.change(body)
			got := w.post(path, body, "Idempotency-Key", fmt.Sprint(n))
			require.Equal(w, c.status, got.status, "%s: %s", c.code, got.body)
			got.refused(c.status, c.code, c.field)
		}
		require.Empty(w, w.get(path).ids(), "nothing was taken")

		ole := w.requested("Ole")
		same := w.candidate("Ole")
		same["candidate"] = object{"id": ole.Candidate.ID, "first_name": "Ole", "last_name": "Falk", "email": "ole.falk@mail.example"}
		w.post(path, same, "Idempotency-Key", "second").refused(409, "request_pending", "candidate.id")
		w.patch(w.connection, object{"enabled": false}).want(http.StatusOK)
		w.post(path, w.candidate("Ana"), "Idempotency-Key", "off").refused(403, "integration_off", "")
		w.post("/connections/nobody/interviews", w.candidate("Ana"), "Idempotency-Key", "off").refused(404, "not_found", "")
	})
}

func TestInterviewsAreFilteredAndHavePages(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		path := w.connection + "/interviews"
		var made []string
		var last shown
		for _, name := range []string{"Mira", "Ole", "Ana"} {
			last = w.requested(name)
			made = append([]string{last.ID}, made...)
		}
		require.Equal(w, made, w.get(path).ids(), "newest first")
		require.Equal(w, made[:1], w.get(path+"?candidate_id="+last.Candidate.ID).ids())
		require.Equal(w, made, w.get(path+"?job_id=4711&state=requested").ids())
		require.Empty(w, w.get(path+"?state=sent").ids())
		require.Empty(w, w.get(path+"?candidate_id=nobody").ids())
		var page struct {
			NextCursor string `json:"next_cursor"`
		}
		first := w.get(path + "?limit=2")
		require.Equal(w, made[:2], first.ids())
		first.into(&page)
		require.Equal(w, made[2:], w.get(path+"?limit=2&cursor="+page.NextCursor).ids())
		w.get(path+"?state=asleep").refused(422, "invalid_request", "state")
		w.get(path+"?limit=-1").refused(422, "invalid_request", "limit")
		w.get(path+"?cursor=x").refused(422, "invalid_request", "cursor")
		w.get("/connections?cursor="+page.NextCursor).refused(422, "invalid_request", "cursor")
		w.get(path+"?candidate="+last.Candidate.ID).refused(422, "unknown_field", "candidate")
	})
}

func TestCancelingTellsWhatIsKnown(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.sent("Mira")
		require.Equal(w, []string{"cancel"}, i.Actions)
		w.post("/interviews/"+i.ID+"/cancel", object{"why": "x"}).refused(422, "unknown_field", "why")
		removal := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodDelete, Path: "/interviews/*", Do: sparkhiretest.Hold()})
		var got shown
		for _, body := range []any{nil, object{}, "  "} {
			w.post("/interviews/"+i.ID+"/cancel", body).want(http.StatusOK).into(&got)
			require.Equal(w, "unknown", got.Notified)
			require.Empty(w, got.Actions, "it is asked for already")
		}
		removal.Release()
		w.pass(5 * time.Second)
		got = w.read(i.ID)
		require.Equal(w, "canceled", got.State)
		require.Equal(w, "canceled", got.Reason.Code)
		w.post("/interviews/"+i.ID+"/cancel", nil).refused(409, "not_cancelable", "")
		w.post("/interviews/nobody/cancel", nil).refused(404, "not_found", "")

		done := w.completed("Ole")
		w.post("/interviews/"+done.ID+"/cancel", nil).refused(409, "not_cancelable", "")
	})
}

func TestAnUnconfirmedInterviewIsResolvedByAPerson(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		unconfirmed := func(name string) shown {
			w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
			closed := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews", Times: sparkhiretest.Forever, Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
			defer closed.Remove()
			i := w.requested(name)
			w.pass(2 * time.Minute)
			i = w.read(i.ID)
			require.Equal(w, "unconfirmed", i.State)
			require.Equal(w, []string{"resolve"}, i.Actions)
			return i
		}
		i := unconfirmed("Mira")
		path := "/interviews/" + i.ID + "/resolve"
		w.post(path, object{"action": "forget"}).refused(422, "invalid_request", "action")
		w.post(path, object{"action": "sent"}).refused(422, "invalid_request", "spark_hire_interview_id")
		w.post(path, object{"action": "send_again", "spark_hire_interview_id": "x"}).refused(422, "invalid_request", "spark_hire_interview_id")
		w.post(path, "").refused(422, "invalid_json", "")
		w.post("/interviews/"+i.ID+"/cancel", nil).refused(409, "not_cancelable", "")
		there := w.spark.InterviewsFor(i.Candidate.Email)
		require.Len(w, there, 1)
		var got shown
		w.post(path, object{"action": "sent", "spark_hire_interview_id": there[0].ID}, "Sparkbridge-Actor-Id", "").want(http.StatusOK).into(&got)
		require.Equal(w, "sent", got.State)
		w.post(path, object{"action": "send_again"}).refused(409, "not_resolvable", "")

		again := unconfirmed("Ole")
		w.post("/interviews/"+again.ID+"/resolve", object{"action": "sent", "spark_hire_interview_id": there[0].ID}).refused(409, "not_resolvable", "spark_hire_interview_id")
		w.post("/interviews/"+again.ID+"/resolve", object{"action": "sent", "spark_hire_interview_id": "nothing"}).refused(422, "unknown_spark_hire_interview", "spark_hire_interview_id")
		third := unconfirmed("Eva")
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews/*", Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
		w.post("/interviews/"+third.ID+"/resolve", object{"action": "sent", "spark_hire_interview_id": "hidden"}).want(http.StatusOK) // there is only the person's word
		w.post("/interviews/"+again.ID+"/resolve", object{"action": "send_again"}).want(http.StatusOK).into(&got)
		require.Equal(w, "requested", got.State)
		w.pass(5 * time.Second)
		require.Equal(w, "sent", w.read(again.ID).State)
	})
}
