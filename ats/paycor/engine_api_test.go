package paycor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// TestRulesThroughTheAPI has a subtest for each numbered rule of docs/vendors/paycor.md that
// people and their backend meet in the REST API.
func TestRulesThroughTheAPI(t *testing.T) {
	t.Parallel()
	for _, rule := range []struct {
		number string
		test   func(b *bridged)
	}{
		{"R1", apiNothingBeforeTheFeature},
		{"R2", apiSwitch},
		{"R3", apiAdministrators},
		{"R5", apiUserWithoutKey},
		{"R6", apiUpdatesThatThePrimaryUserDoesNotSee},
		{"R7", apiPrimaryUser},
		{"R8", apiAnybodyLinkedMayBePrimary},
		{"R9", apiWhoLinks},
		{"R11", apiJobLinkOpens},
		{"R13", apiLinkAndQuestionSet},
		{"R14", apiOwnKey},
		{"R15", apiOneWay},
		{"R16", apiDateIsRequired},
		{"R18", apiTodayIsAllowed},
		{"R19", apiStartOfTheDay},
		{"R23", apiCandidatesAccount},
		{"R24", apiOnePending},
		{"R25", apiNoneAfterCompleted},
		{"R26", apiAgainAfterTheEnd},
		{"R27", apiNoAddress},
		{"R29", apiTwoTexts},
		{"R31", apiWhatCanBeCanceled},
		{"R32", apiCandidateNotified},
		{"R35", apiRefusedByTheOwnKey},
		{"R37", apiWhoeverSeesTheRecordViews},
		{"R38", apiNothingForOthers},
	} {
		t.Run(rule.number, func(t *testing.T) {
			t.Parallel()
			withEngine(t, rule.test)
		})
	}
}

func apiNothingBeforeTheFeature(b *bridged) {
	i := b.sent("k")
	b.saves(b.admin, object{"settings": object{"feature_enabled": false}}).want(http.StatusOK)
	link := b.connection() + "/job-links/" + jobID
	for name, a := range map[string]*answer{
		"send":          b.asks(b.tove, "another"),
		"cancel":        b.cancels(b.tove, i),
		"link":          b.call(http.MethodPut, link, object{"question_set_id": b.set.ID}, b.tove),
		"see the link":  b.call(http.MethodGet, link, nil, b.tove),
		"users":         b.call(http.MethodGet, b.connection()+"/users", nil, b.admin),
		"question sets": b.call(http.MethodGet, b.connection()+"/spark-hire/question-sets", nil, b.tove),
		"view":          b.call(http.MethodGet, "/interviews/"+i.ID+"/recording", nil, b.tove),
	} {
		require.Equal(b, "feature_not_enabled", a.refused().Code, name)
	}
	require.Empty(b, b.reads(b.tove, i).Actions, "nothing is offered")
	b.in(i.ID, ats.StateSent)
}

func apiSwitch(b *bridged) {
	var c struct {
		ID      string
		Enabled bool
	}
	b.call(http.MethodPost, "/connections", object{
		"adapter": "paycor", "tenant": "501200/another-account", "time_zone": "America/Chicago", "settings": object{"feature_enabled": true},
	}, b.admin).want(http.StatusCreated).into(&c)
	require.False(b, c.Enabled, "a new company starts switched off")
	b.saves(b.admin, object{"enabled": false}).want(http.StatusOK).into(&c)
	require.Equal(b, "integration_off", b.asks(b.tove, "k").refused().Code)
	b.saves(b.admin, object{"enabled": true}).want(http.StatusOK)
	b.asks(b.tove, "k").want(http.StatusAccepted)
}

func apiAdministrators(b *bridged) {
	for name, call := range map[string]func(by ats.User) *answer{
		"toggle":       func(by ats.User) *answer { return b.saves(by, object{"enabled": true}) },
		"primary user": func(by ats.User) *answer { return b.saves(by, object{"primary_user": b.tove.ID}) },
		"users":        func(by ats.User) *answer { return b.call(http.MethodGet, b.connection()+"/users", nil, by) },
		"key": func(by ats.User) *answer {
			return b.call(http.MethodPut, b.connection()+"/users/"+b.tove.ID, object{"api_key": b.toveThere.Key}, by)
		},
	} {
		require.Equal(b, "not_admin", call(b.tove).refused().Code, name)
		require.Equal(b, "actor_required", call(ats.User{}).refused().Code, name)
		call(b.admin).want(http.StatusOK)
	}
}

func apiUserWithoutKey(b *bridged) {
	path := b.connection() + "/users/910236"
	var u struct{ Linked bool }
	b.call(http.MethodPut, path, object{"name": "Noor Haddad"}, b.admin).want(http.StatusOK).into(&u)
	require.False(b, u.Linked, "users are added first")
	noor := ats.User{ID: "910236"}
	b.host.AddUser(hostUser(910236))
	require.Equal(b, "user_not_linked", b.asks(noor, "k").refused().Code)
	key := b.spark.AddUser(sparkhiretest.User{Name: "Noor at Spark Hire", Email: "noor@harborlane.example"}).Key
	b.call(http.MethodPut, path, object{"api_key": key}, b.admin).want(http.StatusOK).into(&u)
	require.True(b, u.Linked)
	b.asks(noor, "k").want(http.StatusAccepted)
}

// ines is a linked user who is not the primary one.
func (b *bridged) ines() (ats.User, sparkhiretest.User) {
	b.Helper()
	there := b.spark.AddUser(sparkhiretest.User{Name: "Ines at Spark Hire", Email: "ines@harborlane.example"})
	u := ats.User{ID: "910235", Name: "Ines Roth"}
	b.host.AddUser(hostUser(910235))
	b.key(u, ats.Secret(there.Key))
	return u, there
}

func apiUpdatesThatThePrimaryUserDoesNotSee(b *bridged) {
	ines, there := b.ines()
	var i shown
	b.asks(ines, "k").want(http.StatusAccepted).into(&i)
	b.pass(5 * time.Second)
	sent := b.in(i.ID, ats.StateSent)
	require.NoError(b, b.spark.RestrictJob(b.job.ID, there.ID))
	b.spark.ForgetRequests()
	require.NoError(b, b.spark.Accept(sent.SparkHire.InterviewID))
	require.NoError(b, b.spark.Complete(sent.SparkHire.InterviewID))
	b.pass(20 * time.Minute)
	b.in(i.ID, ats.StateCompleted)
	require.Contains(b, b.readers(), "Ines at Spark Hire", "who sent it is asked before it counts as gone")
}

func apiPrimaryUser(b *bridged) {
	for name, a := range map[string]*answer{
		"nobody":        b.saves(b.admin, object{"primary_user": ""}),
		"removed":       b.call(http.MethodDelete, b.connection()+"/users/"+b.tove.ID, nil, b.admin),
		"key taken off": b.call(http.MethodPut, b.connection()+"/users/"+b.tove.ID, object{"api_key": ""}, b.admin),
	} {
		require.Equal(b, "primary_user_required", a.refused().Code, name)
	}
	require.Equal(b, "user_not_linked", b.saves(b.admin, object{"primary_user": b.sam.ID}).refused().Code)
	ines, _ := b.ines()
	b.saves(b.admin, object{"primary_user": ines.ID}).want(http.StatusOK)
	b.call(http.MethodDelete, b.connection()+"/users/"+b.tove.ID, nil, b.admin).want(http.StatusNoContent)
}

// The article recommends the organization's main user, and nobody is held to it.
func apiAnybodyLinkedMayBePrimary(b *bridged) {
	ines, _ := b.ines()
	b.saves(b.admin, object{"primary_user": ines.ID}).want(http.StatusOK)
	b.asks(b.tove, "k").want(http.StatusAccepted)
}

func apiWhoLinks(b *bridged) {
	path := b.connection() + "/job-links/another-job"
	for _, u := range []ats.User{b.sam, b.admin} {
		require.Equal(b, "user_not_linked", b.call(http.MethodPut, path, object{"spark_hire_job_id": b.job.ID}, u).refused().Code)
	}
	b.call(http.MethodPut, path, object{"spark_hire_job_id": b.job.ID}, b.tove).want(http.StatusOK)
}

func apiJobLinkOpens(b *bridged) {
	var l struct{ URL string }
	b.call(http.MethodGet, b.connection()+"/job-links/"+jobID, nil, b.sam).want(http.StatusOK).into(&l)
	require.Equal(b, "https://app.sparkhire.com/company/jobs/"+b.job.ID, l.URL)
}

func apiLinkAndQuestionSet(b *bridged) {
	require.Equal(b, "job_not_linked", b.asks(b.tove, "k", func(body object) { body["job"] = object{"id": "another-job"} }).refused().Code)
	b.link("")
	require.Equal(b, "question_set_required", b.asks(b.tove, "k").refused().Code)
	b.link(b.set.ID)
	var i shown
	b.asks(b.tove, "k").want(http.StatusAccepted).into(&i)
	require.Equal(b, b.set.ID, i.SparkHire.QuestionSetID)
}

func apiOwnKey(b *bridged) {
	ines, there := b.ines()
	require.Equal(b, "user_not_linked", b.asks(b.admin, "k").refused().Code, "an administrator without a key")
	require.Equal(b, "user_not_linked", b.asks(b.sam, "k", func(body object) { body["requested_for"] = b.tove.ID }).refused().Code)
	require.Equal(b, "actor_required", b.asks(ats.User{}, "k").refused().Code)
	b.asks(ines, "k").want(http.StatusAccepted)
	b.pass(5 * time.Second)
	require.Equal(b, there.ID, b.spark.InterviewsFor("maya.okafor@mail.example")[0].CreatedBy, "never the primary user's")
}

func apiOneWay(b *bridged) {
	require.Equal(b, "unsupported_interview_type", b.asks(b.tove, "k", func(body object) { body["type"] = "live" }).refused().Code)
	b.asks(b.tove, "k", func(body object) { body["type"] = "one_way" }).want(http.StatusAccepted)
}

func apiDateIsRequired(b *bridged) {
	for _, due := range []any{nil, object{"date": ""}, object{"date": " "}} {
		a := b.asks(b.tove, "k", func(body object) { body["due"] = due })
		require.Equal(b, "expiration_required", a.refused().Code, "%v", due)
	}
	require.Equal(b, "time_not_allowed", b.asks(b.tove, "k", func(body object) { body["due"].(object)["time"] = "10:00" }).refused().Code)
}

// onDay makes a request's date so many days from today in Chicago.
func (b *bridged) onDay(days int) func(object) {
	b.Helper()
	zone, err := ats.LoadZone("America/Chicago")
	require.NoError(b, err)
	return func(body object) {
		body["due"] = object{"date": ats.DateOf(time.Now().In(zone)).AddDays(days).String()}
	}
}

func apiTodayIsAllowed(b *bridged) {
	require.Equal(b, "expiration_in_past", b.asks(b.tove, "k", b.onDay(-1)).refused().Code)
	var i shown
	b.asks(b.tove, "k", b.onDay(0)).want(http.StatusAccepted).into(&i)
	require.Equal(b, "1999-12-31", i.Due.Date, "it is still the day before in Chicago")
}

func apiStartOfTheDay(b *bridged) {
	b.saves(b.admin, object{"settings": object{"midnight": "start"}}).want(http.StatusOK)
	require.Equal(b, "expiration_in_past", b.asks(b.tove, "k", b.onDay(0)).refused().Code, "the earliest date is tomorrow")
	var i shown
	b.asks(b.tove, "k", b.onDay(1)).want(http.StatusAccepted).into(&i)
	b.pass(5 * time.Second)
	due := b.in(i.ID, ats.StateSent).Schedule.At
	require.Equal(b, "2000-01-01T06:00:00Z", due.Format(time.RFC3339))
	there := b.spark.InterviewsFor("maya.okafor@mail.example")[0]
	require.True(b, due.Equal(there.ScheduledAt), "both sides agree")
	b.pass(time.Until(due) - time.Minute)
	b.in(i.ID, ats.StateSent)
	b.pass(2 * time.Minute)
	b.in(i.ID, ats.StateExpired)
	require.Equal(b, []string{"Video Interview Requested", "Video Interview Expired"}, b.host.Texts(maya()))
}

// The candidate makes an account along the way: we only read.
func apiCandidatesAccount(b *bridged) {
	i := b.sent("k")
	b.spark.ForgetRequests()
	require.NoError(b, b.spark.Accept(i.SparkHire.InterviewID))
	b.pass(16 * time.Minute)
	b.in(i.ID, ats.StateAccepted)
	require.NotEmpty(b, b.spark.Requests())
	for _, r := range b.spark.Requests() {
		require.Equal(b, http.MethodGet, r.Method, "%s", r.Path)
	}
}

func apiOnePending(b *bridged) {
	b.asks(b.tove, "k").want(http.StatusAccepted)
	require.Equal(b, "request_pending", b.asks(b.tove, "another").refused().Code, "also before it has gone out")
	b.asks(b.tove, "k") // the same request again
	b.pass(5 * time.Second)
	require.Len(b, b.spark.InvitationsTo("maya.okafor@mail.example"), 1)
	require.Equal(b, "request_pending", b.asks(b.tove, "another").refused().Code)
}

func apiNoneAfterCompleted(b *bridged) {
	b.completes(b.sent("k"))
	require.Equal(b, "already_completed", b.asks(b.tove, "another").refused().Code)
	b.call(http.MethodPut, b.connection()+"/job-links/another-job", object{"spark_hire_job_id": b.job.ID, "question_set_id": b.set.ID}, b.tove).want(http.StatusOK)
	other := maya()
	other.JobID, other.CandidateID = "another-job", "her-other-record"
	b.host.AddCandidate(other)
	b.asks(b.tove, "for another job", func(body object) {
		body["job"] = object{"id": other.JobID}
		body["candidate"].(object)["id"] = other.CandidateID
	}).want(http.StatusAccepted)
}

func apiAgainAfterTheEnd(b *bridged) {
	i := b.sentForToday("expires")
	b.pass(time.Until(i.Schedule.At) + time.Minute)
	b.in(i.ID, ats.StateExpired)
	var again shown
	b.asks(b.tove, "after it expired").want(http.StatusAccepted).into(&again)
	b.pass(5 * time.Second)
	b.cancels(b.tove, b.in(again.ID, ats.StateSent)).want(http.StatusOK)
	b.asks(b.tove, "after it was canceled").want(http.StatusAccepted)
	b.pass(5 * time.Second)
	require.Len(b, b.spark.InvitationsTo("maya.okafor@mail.example"), 3)
	require.Equal(b, "requested", b.tab().State)
}

func apiNoAddress(b *bridged) {
	for _, email := range []string{"", "  "} {
		a := b.asks(b.tove, "k", func(body object) { body["candidate"].(object)["email"] = email })
		require.Equal(b, "candidate_email_missing", a.refused().Code)
	}
}

func apiTwoTexts(b *bridged) {
	b.completes(b.sent("k"))
	require.Equal(b, "Video Interview Complete", b.tab().Label)
	require.Equal(b, "Video Interview Completed", b.host.Texts(maya())[2])
}

func apiWhatCanBeCanceled(b *bridged) {
	i := b.sent("k")
	require.Equal(b, []string{"cancel"}, b.reads(b.tove, i).Actions)
	require.Empty(b, b.reads(b.sam, i).Actions)
	require.True(b, b.tab().CanCancel)
	b.cancels(b.tove, i).want(http.StatusOK)
	again := b.cancels(b.tove, i).want(http.StatusConflict)
	require.Equal(b, "not_cancelable", again.refused().Code)
	b.pass(5 * time.Second)
	require.False(b, b.tab().CanCancel)
	require.Empty(b, b.reads(b.tove, i).Actions)
	require.Equal(b, []string{"Video Interview Requested", "Video Interview Canceled"}, b.host.Texts(maya()))

	done := b.completes(b.sent("another"))
	require.Equal(b, "not_cancelable", b.cancels(b.tove, done).refused().Code)
	require.Equal(b, []string{"view"}, b.reads(b.tove, done).Actions)
}

func apiCandidateNotified(b *bridged) {
	i := b.sent("k")
	var canceled shown
	b.cancels(b.tove, i).want(http.StatusOK).into(&canceled)
	require.Equal(b, "unknown", canceled.Notified, "nobody has said that Spark Hire writes to the candidate")
}

func apiRefusedByTheOwnKey(b *bridged) {
	ines, _ := b.ines()
	i := b.sent("k")
	b.spark.ForgetRequests()
	b.spark.Inject(sparkhiretest.Fault{Method: http.MethodDelete, Path: "/interviews/*", Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
	refused := b.cancels(ines, i).refused()
	require.NotEmpty(b, refused.Detail, "the refusal is shown")
	b.pass(20 * time.Minute)
	b.in(i.ID, ats.StateSent)
	require.Equal(b, []string{"Video Interview Requested"}, b.host.Texts(maya()), "nothing has changed")
	require.True(b, b.tab().CanCancel)

	b.cancels(ines, i).want(http.StatusOK)
	b.pass(5 * time.Second)
	b.in(i.ID, ats.StateCanceled)
	for _, r := range b.spark.RequestsTo(http.MethodDelete, "/interviews/*") {
		require.Contains(b, []string{"", "Ines at Spark Hire"}, r.User, "the key of who cancels")
	}
	require.Equal(b, int32(910235), *b.host.Newsfeed(maya())[1].ActorUserID)
}

func apiWhoeverSeesTheRecordViews(b *bridged) {
	i := b.completes(b.sent("k"))
	b.spark.ForgetRequests()
	seen := map[string]bool{}
	for range 2 {
		for _, u := range []ats.User{b.tove, b.sam, b.admin} {
			var r struct{ URL, Kind string }
			b.call(http.MethodGet, "/interviews/"+i.ID+"/recording", nil, u).want(http.StatusOK).into(&r)
			require.Equal(b, "share_link", r.Kind, "no Spark Hire login is needed")
			seen[r.URL] = true
		}
	}
	require.Len(b, seen, 1, "one link, used again")
	c, err := b.engine.ConnectionByID(b.Context(), b.id)
	require.NoError(b, err)
	require.Equal(b, b.tove.ID, c.PrimaryUser)
}

func apiNothingForOthers(b *bridged) {
	i := b.completes(b.sent("k"))
	b.host.Deny(910234, maya())
	paths := []string{"/interviews/" + i.ID, "/interviews/" + i.ID + "/events", "/interviews/" + i.ID + "/recording"}
	for _, path := range paths {
		hidden := b.call(http.MethodGet, path, nil, b.sam)
		require.Equal(b, "not_permitted", hidden.refused().Code, path)
		require.NotContains(b, string(hidden.body), "Okafor")
	}
	b.host.Deny(910233, maya())
	require.Equal(b, "not_permitted", b.asks(b.tove, "another").refused().Code, "not that there was a request already")
	require.Equal(b, "not_permitted", b.cancels(b.tove, i).refused().Code)
	var list struct{ Items []shown }
	b.call(http.MethodGet, b.connection()+"/interviews", nil, b.sam).want(http.StatusOK).into(&list)
	require.Empty(b, list.Items, "not even the existence of a request")

	one := b.connection() + "/interviews?candidate_id=" + candidate
	b.call(http.MethodGet, one, nil, b.sam).want(http.StatusOK).into(&list)
	require.Empty(b, list.Items, "the host is asked with the job of each")
	b.call(http.MethodGet, one, nil, b.admin).want(http.StatusOK).into(&list)
	require.Len(b, list.Items, 1)
	require.Equal(b, "not_permitted", b.call(http.MethodGet, one+"&job_id="+jobID, nil, b.sam).refused().Code)
}

// reads returns an interview as a person sees it.
func (b *bridged) reads(by ats.User, i ats.Interview) (s shown) {
	b.Helper()
	b.call(http.MethodGet, "/interviews/"+i.ID, nil, by).want(http.StatusOK).into(&s)
	return s
}
