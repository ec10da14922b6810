package main_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// agency is Top Echelon with a host, as the program's neighbors.
type agency struct {
	*backend
	te   *topechelontest.Server
	rows *topechelontest.Host

	agency   *topechelontest.Agency
	job      *topechelontest.Job
	ana      *topechelontest.User
	anaThere sparkhiretest.User
	by       who // Ana
	nils     who // a colleague who has not connected
}

func newAgency(t *testing.T) *agency {
	t.Helper()
	rows := topechelontest.NewHost()
	t.Cleanup(rows.Close)
	a := &agency{backend: newBackend(t, rows), rows: rows, te: topechelontest.NewServer()}
	t.Cleanup(a.te.Close)
	a.agency = a.te.AddAgency("Northwind Search")
	app := a.agency.AddIntegration("Sparkbridge", a.front.URL+"/oauth/topechelon/callback")
	a.ana = a.agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruizmontes", Email: "ana@northwind.example"})
	a.anaThere = a.spark.AddUser(sparkhiretest.User{Name: "Ana Ruizmontes", Email: "ana@northwind.example"})
	a.by = holder(a.rows.SignInUser(a.ana))
	a.nils = holder(a.rows.SignInUser(a.agency.AddUser(topechelontest.UserConfig{Name: "Nils Berg"})))
	a.job = a.agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Duluth", State: "MN"})
	a.serve(fmt.Sprintf("topechelon:\n  enabled: true\n  host_url: %q\n  host_token: %s\n  api_url: %q\n  authorize_url: %q\n  token_url: %q\n  client_id: %s\n  client_secret: %s\n  scope: read write\n  pkce: true\n",
		a.host.URL, rows.Token, a.te.BaseURL(), a.te.AuthorizeURL(), a.te.TokenURL(), app.ClientID, app.ClientSecret))
	return a
}

// person adds somebody to the pipeline of the job.
func (a *agency) person(first, email string) (*topechelontest.Person, object) {
	p := a.agency.AddPerson(topechelontest.PersonConfig{FirstName: first, LastName: "Haddadian", Emails: []topechelontest.Email{{Address: email}}})
	a.rows.AddToPipeline(a.agency.ID, a.job.ID, p.ID)
	return p, object{
		"candidate": object{"id": p.ID, "first_name": first, "last_name": "Haddadian", "email": email},
		"job":       object{"id": a.job.ID, "title": a.job.Title}, "type": "one_way", "question_set_id": a.questions.ID,
		"due":     object{"date": time.Now().AddDate(0, 0, 7).Format(time.DateOnly), "time": "17:00"},
		"message": "  We look forward to meeting you.  ",
	}
}

// connect is what an agency and one of its recruiters do before the first interview.
func (a *agency) connect() {
	a.Helper()
	body := fmt.Sprintf(`{"adapter":"topechelon","tenant":%q,"name":"Northwind Search","settings":{"attach_results":true}}`, a.agency.ID)
	made := a.call(nil, http.MethodPost, "/connections", body).is(http.StatusCreated)
	a.id = made.object.text("id")
	require.Equal(a, a.front.URL+"/api/v1/connections/"+a.id, made.header.Get("Location"))
	require.Equal(a, []string{"adapter", "connected", "created_at", "enabled", "id", "name", "primary_user", "settings", "spark_hire", "tenant", "time_zone", "updated_at"}, made.names())
	require.Equal(a, true, made.object["enabled"], "nobody has to switch it on")
	a.call(nil, http.MethodPost, "/connections", body).refuses(http.StatusConflict, "connection_exists", "tenant")

	user := "…/users/" + a.ana.ID
	a.call(a.by, http.MethodPut, user, `{"name":"Ana","email":"ana@northwind.example","api_key":"no-such-key"}`).refuses(http.StatusUnprocessableEntity, "invalid_key", "api_key")
	key := fmt.Sprintf(`{"name":"Ana Ruizmontes","email":"ana@northwind.example","api_key":%q}`, a.anaThere.Key)
	a.call(a.nils, http.MethodPut, user, key).refuses(http.StatusForbidden, "not_permitted", "")
	linked := a.call(a.by, http.MethodPut, user, key).is(http.StatusOK)
	require.Equal(a, object{
		"id": a.ana.ID, "name": "Ana Ruizmontes", "email": "ana@northwind.example", "time_zone": "", "linked": true,
		"key_hint": "…" + a.anaThere.Key[len(a.anaThere.Key)-2:], "spark_hire_user": "Ana Ruizmontes",
	}, linked.object)
	require.NotContains(a, linked.text, a.anaThere.Key)
}

// send sends the job to Spark Hire, however often it is asked for.
func (a *agency) send() (sparkHireJob string) {
	a.Helper()
	const body = `{"create":{"title":"Controls Engineer","city":"Duluth","region":"MN","country":"US","description":"Paper machines."}}`
	path := "…/job-links/" + a.job.ID
	a.call(a.by, http.MethodGet, path, "").refuses(http.StatusNotFound, "not_found", "")
	link := a.call(a.by, http.MethodPut, path, body).is(http.StatusOK)
	require.Equal(a, []string{"job_id", "question_set_id", "spark_hire_job_id", "url"}, link.names())
	require.Contains(a, link.object.text("url"), appURL)
	require.Equal(a, link.object, a.call(a.by, http.MethodPut, path, body).is(http.StatusOK).object)
	require.Equal(a, link.object, a.call(a.by, http.MethodGet, path, "").is(http.StatusOK).object)
	require.Len(a, a.spark.Jobs(), 2, "one of them was there before")
	return link.object.text("spark_hire_job_id")
}

// signIn leads Ana's browser through Top Echelon's consent page.
func (a *agency) signIn() {
	a.Helper()
	start := a.front.URL + "/oauth/topechelon/start?connection=" + a.id
	a.fetch(nil, http.MethodGet, start, "").is(http.StatusUnauthorized)
	token := who{"Authorization": "Bearer " + apiToken, "Sparkbridge-Actor-Credential": a.by["Sparkbridge-Actor-Credential"]}
	consent := func() string {
		return a.fetch(token, http.MethodGet, start, "").is(http.StatusFound).header.Get("Location")
	}
	denied, err := a.ana.Deny(consent())
	require.NoError(a, err)
	require.Contains(a, a.fetch(nil, http.MethodGet, denied, "").is(http.StatusBadRequest).text, "Nothing has changed")
	allowed, err := a.ana.Allow(consent())
	require.NoError(a, err)
	a.fetch(nil, http.MethodGet, allowed, "").is(http.StatusOK)
	a.fetch(nil, http.MethodGet, allowed, "").is(http.StatusBadRequest)
}

func TestAnAgencySchedulesFromAPipeline(t *testing.T) {
	t.Parallel()
	a := newAgency(t)
	a.connect()
	noor, body := a.person("Noorjahan", "noorjahan@mail.example")
	const unprocessable = http.StatusUnprocessableEntity

	a.request(a.by, "k", body, nil).refuses(unprocessable, "job_not_sent", "job.id")
	job := a.send()
	a.signIn()

	stranger := a.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Lee"})
	for name, tc := range map[string]struct {
		by          who
		change      func(object)
		status      int
		code, field string
	}{
		"a colleague who has not connected":  {a.nils, nil, http.StatusForbidden, "not_connected", "requested_for"},
		"nobody":                             {nil, nil, unprocessable, "actor_required", "Sparkbridge-Actor-Id"},
		"a credential that nobody holds":     {holder("guess"), nil, http.StatusUnauthorized, "unauthorized", "Sparkbridge-Actor-Credential"},
		"somebody who is in no pipeline":     {a.by, set("candidate.id", stranger.ID), unprocessable, "not_in_pipeline", "candidate.id"},
		"no due date":                        {a.by, without("due"), unprocessable, "due_required", "due"},
		"a date without a time":              {a.by, set("due.time", ""), unprocessable, "due_required", "due.time"},
		"a date that has passed":             {a.by, set("due.date", "2020-01-01"), unprocessable, "due_in_past", "due"},
		"a one-way interview without a set":  {a.by, without("question_set_id"), unprocessable, "question_set_required", "question_set_id"},
		"a live interview with one":          {a.by, set("type", "live"), unprocessable, "question_set_not_allowed", "question_set_id"},
		"a person without an address":        {a.by, set("candidate.email", ""), unprocessable, "person_email_missing", "candidate.email"},
		"a person who is not to be written":  {a.by, set("candidate.do_not_email", true), unprocessable, "do_not_email", "candidate.do_not_email"},
		"a type that there is not":           {a.by, set("type", "phone"), unprocessable, "unsupported_interview_type", "type"},
		"a member that there is not":         {a.by, set("salary", 1), unprocessable, "unknown_field", "salary"},
		"a zone that there is not":           {a.by, set("due.time_zone", "Mars/Olympus"), unprocessable, "time_zone_unknown", "due.time_zone"},
		"a job whose pipeline is not theirs": {a.by, set("job.id", "9999"), unprocessable, "job_not_sent", "job.id"},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.request(tc.by, "refused", body, tc.change)
			got.T = t
			got.refuses(tc.status, tc.code, tc.field)
		})
	}
	a.call(nil, http.MethodPatch, "…", `{"primary_user":"`+a.ana.ID+`"}`).refuses(unprocessable, "primary_user_not_allowed", "primary_user")
	a.call(nil, http.MethodPatch, "…", `{"settings":{"attach_result":true}}`).refuses(unprocessable, "invalid_settings", "settings.attach_result")
	a.call(a.by, http.MethodGet, "…/jobs", "").refuses(http.StatusNotImplemented, "not_supported", "")
	require.Empty(t, a.spark.Interviews())

	asked := a.request(a.by, "form-1", body, nil).is(http.StatusAccepted)
	a.isInterview(asked.object)
	id := asked.object.text("id")
	require.Equal(t, a.front.URL+"/api/v1/interviews/"+id, asked.header.Get("Location"))
	require.Equal(t, id, a.request(a.by, "form-1", body, nil).is(http.StatusAccepted).object.text("id"))
	a.request(a.by, "form-1", body, set("message", "other")).refuses(http.StatusConflict, "idempotency_mismatch", "")

	row := func() topechelontest.Status {
		s, _ := a.rows.Status(topechelontest.StatusKey{AgencyID: a.agency.ID, JobID: a.job.ID, PersonID: noor.ID})
		return s
	}
	column := func(label string) { a.Helper(); a.shown(label, func() bool { return row().Label == label }) }
	column("Invited")
	require.Equal(t, id, row().InterviewID)
	seen := a.call(a.by, http.MethodGet, "/interviews/"+id, "").is(http.StatusOK)
	a.isInterview(seen.object)
	require.Equal(t, "sent", seen.object.text("state"))
	require.Equal(t, job, seen.object.object("spark_hire").text("job_id"))
	require.Equal(t, "We look forward to meeting you.", seen.object.text("message"))
	require.Equal(t, "America/New_York", seen.object.object("due").text("time_zone"), "the zone of the person who acts")
	require.Equal(t, map[string]any{"id": a.ana.ID, "name": "Ana Ruizmontes"}, seen.object["requested_by"])
	require.Empty(t, seen.object["actions"])
	require.Nil(t, seen.object["completed_at"])
	a.call(a.by, http.MethodPost, "/interviews/"+id+"/cancel", "").refuses(http.StatusConflict, "not_cancelable", "")
	a.call(a.by, http.MethodPost, "/interviews/"+id+"/resolve", `{"action":"send_again"}`).refuses(http.StatusConflict, "not_resolvable", "")
	a.call(a.by, http.MethodGet, "/interviews/"+id+"/recording", "").refuses(http.StatusNotFound, "not_found", "")

	invited := a.spark.InvitationsTo("noorjahan@mail.example")
	require.Len(t, invited, 1)
	made, _ := a.spark.Interview(invited[0].InterviewID)
	require.Equal(t, a.anaThere.ID, made.CreatedBy, "everybody acts with their own key")
	require.NoError(t, a.spark.Accept(made.ID))
	column("Accepted")
	require.NoError(t, a.spark.Complete(made.ID))
	column("Completed")
	require.NotEmpty(t, row().ResultURL)

	done := a.call(a.by, http.MethodGet, "/interviews/"+id, "").is(http.StatusOK)
	require.Equal(t, "completed", done.object.text("state"))
	require.Equal(t, []any{"view"}, done.object["actions"])
	require.NotNil(t, done.object["completed_at"])
	watch := a.call(a.by, http.MethodGet, "/interviews/"+id+"/recording", "").is(http.StatusOK)
	require.Equal(t, []string{"kind", "share_url", "url"}, watch.names())
	require.Equal(t, "watch", watch.object.text("kind"))
	require.Equal(t, appURL+"/company/interviews/"+made.ID+"/watch", watch.object.text("url"))
	a.call(a.nils, http.MethodGet, "/interviews/"+id+"/recording", "").refuses(http.StatusForbidden, "not_connected", "")
	a.call(nil, http.MethodGet, "/interviews/"+id+"/recording", "").refuses(unprocessable, "actor_required", "Sparkbridge-Actor-Id")
	require.Subset(t, a.timeline(a.by, id), []string{"requested", "sending", "sent", "accepted", "completed", "published"})

	list := a.call(a.by, http.MethodGet, "…/interviews?candidate_id="+noor.ID+"&job_id="+a.job.ID+"&state=completed&limit=1", "").is(http.StatusOK)
	require.Equal(t, []string{"items", "next_cursor"}, list.names())
	require.Len(t, list.items(), 1)
	a.isInterview(list.items()[0])
	require.Empty(t, a.call(a.by, http.MethodGet, "…/interviews?state=sent", "").is(http.StatusOK).items())
	a.call(a.nils, http.MethodGet, "…/interviews?candidate_id="+noor.ID, "").refuses(http.StatusForbidden, "not_connected", "")

	// A second one while the first is pending is taken, and says so.
	_, body = a.person("Leonidas", "leonidas@mail.example")
	a.request(a.by, "form-2", body, nil).is(http.StatusAccepted)
	second := a.request(a.by, "form-3", body, nil).is(http.StatusAccepted)
	require.Equal(t, "request_pending", second.object.object("notice").text("code"))

	a.erases(nil, noor.ID, id, "Noorjahan", "noorjahan")
	a.call(a.by, http.MethodDelete, "…/users/"+a.ana.ID, "").is(http.StatusNoContent)
	a.request(a.by, "form-4", body, nil).refuses(http.StatusForbidden, "not_connected", "requested_for")
	a.call(nil, http.MethodDelete, "…", "").is(http.StatusNoContent)
	require.Empty(t, a.te.Violations())
	require.Empty(t, a.rows.Violations())
	a.stops("Noorjahan", "noorjahan@", "Haddadian", "Ruizmontes", a.anaThere.Key, a.rows.Token, a.by["Sparkbridge-Actor-Credential"], watch.object.text("share_url"))
}
