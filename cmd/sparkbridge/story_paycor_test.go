package main_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// company is Paycor with a host, as the program's neighbors.
type company struct {
	*backend
	paycor *paycortest.Server
	screen *paycortest.Host

	tenant    string
	job       *paycortest.Job
	maya      *paycortest.Candidate
	toveThere sparkhiretest.User
	// An administrator, a recruiter, and somebody without a key.
	ada, tove, sam who
}

const toveID = "910233"

func newCompany(t *testing.T) *company {
	t.Helper()
	screen := paycortest.NewHost()
	t.Cleanup(screen.Close)
	c := &company{backend: newBackend(t, screen.Handler()), screen: screen, paycor: paycortest.NewServer()}
	t.Cleanup(c.paycor.Close)
	entity := c.paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200})
	account := entity.AddAccount(paycortest.AccountConfig{})
	c.tenant = fmt.Sprintf("%d/%s", entity.ID(), account.ID())
	c.job = account.AddJob(paycortest.JobConfig{Title: "Shift Supervisor"})
	c.maya = c.job.AddCandidate(paycortest.CandidateConfig{FirstName: "Mayabelle", LastName: "Okafor", Email: "mayabelle@mail.example"})
	app := c.paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{c.front.URL + "/oauth/paycor/callback"}})
	screen.Front(c.paycor)
	screen.AllowEveryone()
	c.ada = holder(screen.AddUser(paycortest.UserConfig{ID: 910001, Administrator: true}))
	c.tove = holder(screen.AddUser(paycortest.UserConfig{ID: 910233, Name: "Tove Lindqvist"}))
	c.sam = holder(screen.AddUser(paycortest.UserConfig{ID: 910234, Name: "Sam Okoro"}))
	c.toveThere = c.spark.AddUser(sparkhiretest.User{Name: "Tove Lindqvist", Email: "tove@harborlane.example"})
	c.serve(fmt.Sprintf("paycor:\n  enabled: true\n  host_url: %q\n  host_token: %s\n  api_url: %q\n  authorize_url: %q\n  subscription_key: %q\n  client_id: %q\n  client_secret: %q\n  scope: %s\n",
		c.host.URL, screen.Token(), c.paycor.URL, c.paycor.AuthorizeURL(), app.SubscriptionKey(), app.ClientID(), app.ClientSecret(), app.Scope()))
	return c
}

// connect is what administrators do, and what they are refused on the way.
func (c *company) connect() {
	c.Helper()
	const unprocessable = http.StatusUnprocessableEntity
	body := fmt.Sprintf(`{"adapter":"paycor","tenant":%q,"name":"Harbor Lane Foods","time_zone":"America/Chicago"}`, c.tenant)
	c.call(nil, http.MethodPost, "/connections", strings.Replace(body, "America/Chicago", "", 1)).refuses(unprocessable, "time_zone_required", "time_zone")
	c.call(nil, http.MethodPost, "/connections", strings.Replace(body, "501200/", "Harbor/", 1)).refuses(unprocessable, "invalid_tenant", "tenant")
	made := c.call(nil, http.MethodPost, "/connections", body).is(http.StatusCreated)
	c.id = made.object.text("id")
	require.Equal(c, false, made.object["enabled"], "an administrator switches it on")

	user := "…/users/" + toveID
	key := fmt.Sprintf(`{"name":"Tove Lindqvist","email":"tove@harborlane.example","api_key":%q}`, c.toveThere.Key)
	c.call(c.ada, http.MethodPut, user, key).refuses(http.StatusForbidden, "feature_not_enabled", "")
	c.call(c.tove, http.MethodPatch, "…", `{"settings":{"feature_enabled":true}}`).refuses(http.StatusForbidden, "not_admin", "")
	c.call(nil, http.MethodPatch, "…", `{"settings":{"feature_enabled":true}}`).refuses(unprocessable, "actor_required", "Sparkbridge-Actor-Id")
	c.call(c.ada, http.MethodPatch, "…", `{"settings":{"feature_enabled":true}}`).is(http.StatusOK)
	c.call(c.tove, http.MethodPut, user, key).refuses(http.StatusForbidden, "not_admin", "")
	require.Equal(c, "Tove Lindqvist", c.call(c.ada, http.MethodPut, user, key).is(http.StatusOK).object.text("spark_hire_user"))
	c.call(c.ada, http.MethodPatch, "…", `{"enabled":true}`).refuses(http.StatusConflict, "primary_user_required", "primary_user")
	c.request(c.tove, "k", c.wish(), nil).refuses(http.StatusForbidden, "integration_off", "")
	on := c.call(c.ada, http.MethodPatch, "…", `{"enabled":true,"primary_user":"`+toveID+`"}`).is(http.StatusOK)
	require.Equal(c, true, on.object["enabled"])
	require.Equal(c, toveID, on.object["primary_user"])
	users := c.call(c.ada, http.MethodGet, "…/users", "").is(http.StatusOK)
	require.Len(c, users.items(), 1)
	require.NotContains(c, users.text, c.toveThere.Key)
	c.call(c.ada, http.MethodDelete, user, "").refuses(http.StatusConflict, "primary_user_required", "")
}

// signIn leads the administrator's browser through Paycor's page; what Paycor has
// can be read afterwards.
func (c *company) signIn() {
	c.Helper()
	start := c.front.URL + "/oauth/paycor/start?connection=" + c.id
	as := func(by who) who {
		return who{"Authorization": "Bearer " + apiToken, "Sparkbridge-Actor-Credential": by["Sparkbridge-Actor-Credential"]}
	}
	c.fetch(as(c.tove), http.MethodGet, start, "").refuses(http.StatusForbidden, "not_admin", "")
	page := c.fetch(as(c.ada), http.MethodGet, start, "").is(http.StatusFound).header.Get("Location")
	back, err := c.paycor.Consent(page)
	require.NoError(c, err)
	c.fetch(nil, http.MethodGet, back, "").is(http.StatusOK)
	c.fetch(nil, http.MethodGet, back, "").is(http.StatusBadRequest)

	jobs := c.call(c.tove, http.MethodGet, "…/jobs", "").is(http.StatusOK).items()
	require.Len(c, jobs, 1)
	require.Equal(c, c.job.ID(), jobs[0].text("id"))
	path := "…/jobs/" + c.job.ID() + "/candidates"
	people := c.call(c.tove, http.MethodGet, path, "").is(http.StatusOK).items()
	require.Len(c, people, 1)
	require.Equal(c, object{"id": c.maya.ID(), "first_name": "Mayabelle", "last_name": "Okafor", "email": "mayabelle@mail.example", "do_not_email": false}, people[0])
	c.call(c.tove, http.MethodGet, path+"?since="+time.Now().AddDate(0, 0, -1).UTC().Format(time.RFC3339), "").is(http.StatusOK)
}

// wish is the body that asks for an interview of Maya.
func (c *company) wish() object {
	c.Helper()
	expires, err := paycor.ProposedExpiry(time.Now(), "America/Chicago")
	require.NoError(c, err)
	return object{
		"candidate": object{"id": c.maya.ID(), "first_name": "Mayabelle", "last_name": "Okafor", "email": "mayabelle@mail.example"},
		"job":       object{"id": c.job.ID(), "title": "Shift Supervisor"}, "due": object{"date": expires.String()},
	}
}

// tab waits until the tab has the label and the newsfeed the text.
func (c *company) tab(label, news string) paycortest.TabState {
	c.Helper()
	var shown paycortest.TabState
	c.shown(label, func() bool {
		shown, _ = c.screen.Tab(c.maya.Ref())
		texts := c.screen.Texts(c.maya.Ref())
		return shown.Label == label && len(texts) > 0 && texts[len(texts)-1] == news
	})
	return shown
}

func TestACompanyRequestsCancelsAndRequestsAgain(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	const unprocessable = http.StatusUnprocessableEntity
	c.connect()
	c.signIn()

	c.request(c.tove, "k", c.wish(), nil).refuses(unprocessable, "job_not_linked", "job.id")
	path := "…/job-links/" + c.job.ID()
	link := fmt.Sprintf(`{"spark_hire_job_id":%q,"question_set_id":%q}`, c.backend.job.ID, c.questions.ID)
	c.call(c.sam, http.MethodPut, path, link).refuses(http.StatusForbidden, "user_not_linked", "")
	require.Equal(t, object{
		"job_id": c.job.ID(), "spark_hire_job_id": c.backend.job.ID, "question_set_id": c.questions.ID, "url": appURL + "/company/jobs/" + c.backend.job.ID,
	}, c.call(c.tove, http.MethodPut, path, link).is(http.StatusOK).object)
	sets := c.call(c.tove, http.MethodGet, "…/spark-hire/question-sets", "").is(http.StatusOK).items()
	require.Equal(t, []object{{"id": c.questions.ID, "label": c.questions.Name}}, sets)

	for name, tc := range map[string]struct {
		by          who
		change      func(object)
		status      int
		code, field string
	}{
		"somebody without a key":            {c.sam, nil, http.StatusForbidden, "user_not_linked", "requested_for"},
		"nobody":                            {nil, nil, unprocessable, "actor_required", "Sparkbridge-Actor-Id"},
		"no expiration date":                {c.tove, without("due"), unprocessable, "expiration_required", "due"},
		"a date that has passed":            {c.tove, set("due.date", "2020-01-01"), unprocessable, "expiration_in_past", "due"},
		"a day beyond all calendars":        {c.tove, set("due.date", "9999-12-31"), unprocessable, "invalid_date", "due.date"},
		"a time of day":                     {c.tove, set("due.time", "17:00"), unprocessable, "time_not_allowed", "due.time"},
		"a day that does not exist":         {c.tove, set("due.date", "2027-02-30"), unprocessable, "invalid_date", "due.date"},
		"a message without end":             {c.tove, set("message", strings.Repeat("å", 5001)), unprocessable, "message_too_long", "message"},
		"a candidate not to be e-mailed":    {c.tove, set("candidate.do_not_email", true), unprocessable, "do_not_email", "candidate.do_not_email"},
		"a live interview":                  {c.tove, set("type", "live"), unprocessable, "unsupported_interview_type", "type"},
		"a candidate without e-mail":        {c.tove, set("candidate.email", ""), unprocessable, "candidate_email_missing", "candidate.email"},
		"no key of its own":                 {with(c.tove, "Idempotency-Key", ""), nil, unprocessable, "idempotency_key_required", "Idempotency-Key"},
		"a candidate whom they may not see": {c.tove, set("candidate.id", "nobody"), http.StatusForbidden, "not_permitted", "candidate.id"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.request(tc.by, "refused", c.wish(), tc.change)
			got.T = t
			got.refuses(tc.status, tc.code, tc.field)
		})
	}
	require.Empty(t, c.spark.Interviews())
	require.Empty(t, c.screen.Texts(c.maya.Ref()))

	first := c.request(c.tove, "request-1", c.wish(), set("message", "We look forward to it.")).is(http.StatusAccepted)
	c.isInterview(first.object)
	one := "/interviews/" + first.object.text("id")
	tab := c.tab("Video Interview Requested", "Video Interview Requested")
	require.True(t, tab.CanCancel)
	require.False(t, tab.CanRequest)
	seen := c.call(c.tove, http.MethodGet, one, "").is(http.StatusOK).object
	require.Equal(t, []any{"cancel"}, seen["actions"])
	due, expires := seen.object("due"), c.wish()["due"].(object)["date"].(string)
	require.Equal(t, expires, due.text("date"))
	require.Empty(t, due.text("time"))
	chicago, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	day, err := time.ParseInLocation(time.DateOnly, expires, chicago)
	require.NoError(t, err)
	require.Equal(t, day.AddDate(0, 0, 1).UTC().Format(time.RFC3339), due.text("at"), "the midnight that ends the day")
	require.Empty(t, c.call(c.sam, http.MethodGet, one, "").is(http.StatusOK).object["actions"])

	c.request(c.tove, "request-2", c.wish(), nil).refuses(http.StatusConflict, "request_pending", "candidate.id")
	c.call(c.sam, http.MethodPost, one+"/cancel", "").refuses(http.StatusForbidden, "user_not_linked", "")
	canceled := c.call(c.tove, http.MethodPost, one+"/cancel", "").is(http.StatusOK)
	require.Equal(t, "unknown", canceled.object.text("candidate_notified"))
	tab = c.tab("Video Interview Canceled", "Video Interview Canceled")
	require.True(t, tab.CanRequest)
	made := c.spark.InterviewsFor("mayabelle@mail.example")
	require.Len(t, made, 1)
	require.Contains(t, string(made[0].Body), "We look forward to it.")
	require.Equal(t, sparkhiretest.Deleted, made[0].State, "it is gone at Spark Hire")
	seen = c.call(c.tove, http.MethodGet, one, "").is(http.StatusOK).object
	require.Equal(t, "canceled", seen.text("state"))
	require.Equal(t, []string{"code", "message"}, seen.object("reason").names())
	require.Contains(t, c.timeline(c.tove, first.object.text("id")), "canceled")

	second := c.request(c.tove, "request-2", c.wish(), nil).is(http.StatusAccepted)
	two := "/interviews/" + second.object.text("id")
	c.tab("Video Interview Requested", "Video Interview Requested")
	made = c.spark.InterviewsFor("mayabelle@mail.example")
	require.Len(t, made, 2)
	require.Equal(t, c.toveThere.ID, made[1].CreatedBy)
	require.NoError(t, c.spark.Accept(made[1].ID))
	c.tab("Video Interview Accepted", "Video Interview Accepted")
	require.NoError(t, c.spark.Complete(made[1].ID))
	require.True(t, c.tab("Video Interview Complete", "Video Interview Completed").ViewAvailable)
	require.Equal(t, []string{
		"Video Interview Requested", "Video Interview Canceled", "Video Interview Requested", "Video Interview Accepted", "Video Interview Completed",
	}, c.screen.Texts(c.maya.Ref()), "each once")
	require.Len(t, c.spark.InvitationsTo("mayabelle@mail.example"), 2, "one for each request")

	c.request(c.tove, "request-3", c.wish(), nil).refuses(http.StatusConflict, "already_completed", "candidate.id")
	c.call(c.tove, http.MethodPost, two+"/cancel", "").refuses(http.StatusConflict, "not_cancelable", "")
	watch := c.call(c.sam, http.MethodGet, two+"/recording", "").is(http.StatusOK)
	require.Equal(t, "share_link", watch.object.text("kind"), "people without a key can watch")
	c.screen.Deny(910234, c.maya.Ref())
	c.call(c.sam, http.MethodGet, two+"/recording", "").refuses(http.StatusForbidden, "not_permitted", "")
	require.Empty(t, c.call(c.sam, http.MethodGet, "…/interviews", "").is(http.StatusOK).items())
	list := c.call(c.tove, http.MethodGet, "…/interviews?candidate_id="+c.maya.ID()+"&job_id="+c.job.ID(), "").is(http.StatusOK).items()
	require.Len(t, list, 2)
	for _, i := range list {
		c.isInterview(i)
	}
	require.Equal(t, "completed", list[0].text("state"), "the newest first")

	require.Empty(t, c.call(nil, http.MethodGet, "/deliveries?state=dead", "").is(http.StatusOK).items())
	c.erases(c.ada, c.maya.ID(), second.object.text("id"), "Mayabelle", "mayabelle@mail.example")
	require.Zero(t, c.paycor.CreateCalls(), "the program only reads")
	c.stops("Mayabelle", "mayabelle@", "Lindqvist", c.toveThere.Key, c.screen.Token(), c.tove["Sparkbridge-Actor-Credential"], watch.object.text("url"))
}

// with returns the headers and one more.
func with(w who, name, value string) who {
	more := maps.Clone(w)
	more[name] = value
	return more
}
