package sparkhiretest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestCreateInterview(t *testing.T) {
	t.Parallel()

	t.Run("it has the observed shape", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		made := w.do(201, "POST", "/interviews", w.interviewBody()).object()
		question := w.do(200, "GET", "/interviews/"+made["uuid"].(string)+"/questions", nil).list()
		require.Equal(t, object{
			"uuid": made["uuid"], "type": "one_way", "status": "pending", "scheduled_at": deadline, "completed_at": nil,
			"created_at": "2026-03-02T10:00:00+00:00", "updated_at": "2026-03-02T10:00:00+00:00",
			"job_post": object{
				"uuid": w.job.ID, "title": "Ward Nurse", "location": object{"formatted_address": "Austin, TX, USA"},
			},
			"company": object{"name": "Northwind Clinics", "avatar": nil},
			"assigned_to": object{
				"uuid": made["assigned_to"].(object)["uuid"], "name": "Lena Fox", "email": "lena.fox@mail.example",
				"avatar": nil,
			},
			"created_by": object{
				"uuid": w.ana.ID, "name": "Ana Ruiz", "email": "ana.ruiz@northwind.example", "avatar": nil,
			},
			"questions": []any{question[0]}, "rating": nil, "rejection": nil, "share_link": nil,
		}, made)
		require.Equal(t, made, w.do(200, "GET", "/interviews/"+made["uuid"].(string), nil).object())
	})
	t.Run("a bad body is refused with the field's name, and nobody is written to", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		idle := w.AddJob(sparkhiretest.Job{Title: "Old", Inactive: true})
		foreign := w.AddAccount(sparkhiretest.Account{Name: "Contoso Care"})
		theirs := w.AddQuestionSet(sparkhiretest.QuestionSet{AccountID: foreign.ID, Name: "Theirs"})
		for field, values := range map[string][]any{
			"type":                 {nil, "", "two_way", 1},
			"job_uuid":             {nil, "", "none", idle.ID, 1},
			"question_set_uuid":    {nil, "", "none", theirs.ID, 1},
			"candidate_first_name": {nil, "", " ", 1},
			"candidate_last_name":  {nil, "", 1},
			"candidate_email":      {nil, "", "lena", "@mail.example", "lena@", 1},
			"scheduled_at": {
				nil, "", "soon", "2026-03-09", "2026-03-09T17:00:00", "2026-03-02T10:00:00+00:00",
				"2026-03-02T09:59:59Z", 1,
			},
			"time_zone": {1},
			"message":   {object{}},
			"duration":  {"long", -1, 1.5},
		} {
			for _, value := range values {
				r := w.do(400, "POST", "/interviews", with(w.interviewBody(), field, value))
				require.Contains(t, r.reason(), field, "%v", value)
			}
		}
		require.Empty(t, w.Interviews())
		require.Empty(t, w.Emails())
	})
	t.Run("refusals can be 422", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRefusalStatus(http.StatusUnprocessableEntity))
		require.Contains(t, w.do(422, "POST", "/interviews", object{"type": "live"}).reason(), "job_uuid")
	})
	t.Run("a live interview needs no question set", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite("type", "live", "question_set_uuid", nil, "time_zone", "Europe/Oslo", "message", "Hi", "duration", 30)
		i, ok := w.Interview(id)
		require.True(t, ok)
		require.Equal(t, "live", i.Type)
		require.Empty(t, i.QuestionSetID)
		require.Empty(t, w.do(200, "GET", "/interviews/"+id+"/questions", nil).list())
	})
	t.Run("the body is kept as it came, with fields nobody knows", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		i, ok := w.Interview(w.invite("due_in_days", 5, "time_zone", "Europe/Oslo"))
		require.True(t, ok)
		require.JSONEq(t, `{"type":"one_way","job_uuid":"`+w.job.ID+`","question_set_uuid":"`+w.set.ID+`",
			"candidate_first_name":"Lena","candidate_last_name":"Fox","candidate_email":"lena.fox@mail.example",
			"scheduled_at":"2026-03-09T17:00:00+00:00","due_in_days":5,"time_zone":"Europe/Oslo"}`, string(i.Body))
	})
	t.Run("unknown fields can be refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithUnknownFieldsRefused())
		r := w.do(400, "POST", "/interviews", with(w.interviewBody(), "due_in_days", 5))
		require.Contains(t, r.reason(), "due_in_days")
		w.invite("time_zone", "Europe/Oslo", "message", "Hi", "duration", 30)
		w.subscribe("JobCreated", "anything", "goes")
	})
	t.Run("twice is two interviews, two e-mails, one candidate", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		a := w.do(201, "POST", "/interviews", w.interviewBody()).object()
		b := w.do(201, "POST", "/interviews", with(w.interviewBody(), "candidate_email", "LENA.fox@mail.example")).object()
		require.NotEqual(t, a["uuid"], b["uuid"])
		require.Equal(t, a["assigned_to"].(object)["uuid"], b["assigned_to"].(object)["uuid"])
		require.Len(t, w.InvitationsTo("lena.fox@MAIL.example"), 2)
		require.Equal(t, map[string]int{"lena.fox@mail.example": 2}, w.Invitations())
		require.Len(t, w.InterviewsFor("Lena.Fox@mail.example"), 2)
		require.Empty(t, w.InterviewsFor("max@mail.example"))
	})
	t.Run("duplicates can be refused while the first is open", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithDuplicatesRefused())
		first := w.invite()
		require.Contains(t, w.do(400, "POST", "/interviews", w.interviewBody()).reason(), "candidate_email")
		w.invite("type", "live")
		w.invite("candidate_email", "max@mail.example")
		require.NoError(t, w.Expire(first))
		w.invite()
	})
	t.Run("a one-way interview can be without a date, a live one not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithScheduleOptional())
		id := w.invite("scheduled_at", nil)
		require.Contains(t, w.do(400, "POST", "/interviews",
			with(w.interviewBody(), "scheduled_at", nil, "type", "live")).reason(), "scheduled_at")
		w.clock.Advance(1000 * time.Hour)
		require.Nil(t, w.do(200, "GET", "/interviews/"+id, nil).object()["scheduled_at"])
	})
	t.Run("any offset is shown in UTC", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite("scheduled_at", "2026-03-09T17:00:00.75-05:00")
		shown := w.do(200, "GET", "/interviews/"+id, nil).object()["scheduled_at"]
		require.Equal(t, "2026-03-09T22:00:00+00:00", shown)
		w.do(200, "PUT", "/interviews/"+id, object{"scheduled_at": shown})
		require.Len(t, w.Emails(), 1, "sending back what was shown moves nothing")
	})
	t.Run("names of all kinds come back as they went", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite("candidate_first_name", `Zoë "Z" 🚀`, "candidate_last_name", "אבגד <b>")
		require.Equal(t, `Zoë "Z" 🚀 אבגד <b>`,
			w.do(200, "GET", "/interviews/"+id, nil).object()["assigned_to"].(object)["name"])
	})
}

func TestUpdateInterview(t *testing.T) {
	t.Parallel()
	const later = "2026-03-12T17:00:00+00:00"

	t.Run("another date moves it, the same changes nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := "/interviews/" + w.invite()
		w.clock.Advance(time.Minute)
		same := w.do(200, "PUT", path, object{"scheduled_at": deadline}).object()
		require.Equal(t, "2026-03-02T10:00:00+00:00", same["updated_at"])
		moved := w.do(200, "PUT", path, object{"scheduled_at": later}).object()
		require.Equal(t, later, moved["scheduled_at"])
		require.Equal(t, "2026-03-02T10:01:00+00:00", moved["updated_at"])
		require.Equal(t, sparkhiretest.EmailRescheduled, w.Emails()[1].Kind)
		require.Len(t, w.Emails(), 2)
	})
	t.Run("a later date opens an expired one again, as far as it was", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		fresh, entered := w.invite(), w.invite("candidate_email", "max@mail.example")
		require.NoError(t, w.Accept(entered))
		w.clock.Advance(8 * 24 * time.Hour)
		for id, want := range map[string]string{fresh: "pending", entered: "accepted"} {
			w.do(410, "GET", "/interviews/"+id, nil)
			require.Contains(t, w.do(400, "PUT", "/interviews/"+id, object{"scheduled_at": "2026-03-10T09:00:00Z"}).reason(),
				"scheduled_at")
			require.Equal(t, want, w.do(200, "PUT", "/interviews/"+id, object{"scheduled_at": later}).object()["status"])
			w.do(200, "GET", "/interviews/"+id, nil)
		}
	})
	t.Run("so does its own date, while that is still to come", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		require.NoError(t, w.Expire(id))
		w.do(200, "PUT", "/interviews/"+id, object{})
		w.do(410, "GET", "/interviews/"+id, nil)
		w.do(200, "PUT", "/interviews/"+id, object{"scheduled_at": deadline})
		w.do(200, "GET", "/interviews/"+id, nil)
		require.NoError(t, w.Expire(id))
		require.NoError(t, w.Reschedule(id, monday.Add(7*24*time.Hour+7*time.Hour)))
		w.do(200, "GET", "/interviews/"+id, nil)
	})
	t.Run("candidate and questions can change until it is accepted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		other := w.AddQuestionSet(sparkhiretest.QuestionSet{Name: "x", Questions: []sparkhiretest.Question{{Text: "X?"}}})
		id := w.invite()
		changed := w.do(200, "PUT", "/interviews/"+id, object{
			"candidate_last_name": "Fuchs", "candidate_email": "lena.fuchs@mail.example", "question_set_uuid": other.ID,
		}).object()
		require.Equal(t, "Lena Fuchs", changed["assigned_to"].(object)["name"])
		require.Equal(t, "lena.fuchs@mail.example", changed["assigned_to"].(object)["email"])
		require.Equal(t, "X?", changed["questions"].([]any)[0].(object)["text"])
		w.do(400, "PUT", "/interviews/"+id, object{"candidate_email": "nowhere"})
		w.do(400, "PUT", "/interviews/"+id, object{"question_set_uuid": ""})
		w.do(204, "DELETE", "/question_sets/"+other.ID, nil)
		w.do(400, "PUT", "/interviews/"+id, object{"question_set_uuid": w.set.ID + "x"})
		w.do(200, "PUT", "/interviews/"+id, object{"candidate_first_name": "Lene"})
		w.do(200, "PUT", "/interviews/"+id, object{"candidate_first_name": "Lena"})
		require.NoError(t, w.Accept(id))
		require.Contains(t, w.do(400, "PUT", "/interviews/"+id, object{"candidate_last_name": "Fox"}).reason(), "candidate")
		w.do(200, "PUT", "/interviews/"+id, object{"candidate_last_name": "Fuchs"})
	})
	t.Run("type and job are fixed, a completed one has no date to move", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		other := w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.Contains(t, w.do(400, "PUT", "/interviews/"+id, object{"type": "live"}).reason(), "type")
		require.Contains(t, w.do(400, "PUT", "/interviews/"+id, object{"job_uuid": other.ID}).reason(), "job_uuid")
		require.NoError(t, w.Accept(id))
		require.NoError(t, w.Complete(id))
		require.Contains(t, w.do(400, "PUT", "/interviews/"+id, object{"scheduled_at": later}).reason(), "completed")
		w.do(404, "PUT", "/interviews/none", object{"scheduled_at": later})
	})
}

func TestDeleteInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.invite()
	w.do(204, "DELETE", "/interviews/"+id, nil)
	w.do(404, "GET", "/interviews/"+id, nil)
	w.do(404, "DELETE", "/interviews/"+id, nil)
	require.Empty(t, w.do(200, "GET", "/interviews", nil).list())
	require.Equal(t, sparkhiretest.Deleted, w.state(id))
	kinds := []sparkhiretest.EmailKind{}
	for _, e := range w.Emails() {
		require.Equal(t, id, e.InterviewID)
		require.Equal(t, monday, e.At)
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []sparkhiretest.EmailKind{"invitation", "canceled", "notice"}, kinds)
}
