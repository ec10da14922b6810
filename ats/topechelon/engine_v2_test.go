package topechelon_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	invitePath = "/v2.0/partners/candidate_assessment_items"
	hookSecret = "a-secret-that-signs"
)

// populateOnV2 is populate for Spark Hire's API v2: a client stands for the agency, users
// are known by their addresses, a person enters the webhook, and a job is sent by naming
// one that is there.
func (s *stack) populateOnV2() {
	s.Helper()
	s.toveKey = s.spark.AddUser(sparkhiretest.User{Name: "Tove Lindqvist", Email: "tove@agency.example"})
	s.set = s.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Engineer basics"})
	s.sparkHireJob = s.spark.AddJob(sparkhiretest.Job{Title: "Controls Engineer", Address: "Akron, OH"}).ID
	s.tove = ats.User{ID: "u1", Name: "Tove Lindqvist", TimeZone: "America/New_York"}
	s.nils = ats.User{ID: "u2", Name: "Nils Berg", TimeZone: "Europe/Oslo"}
	s.asTove, s.asNils = s.signIn(s.tove), s.signIn(s.nils)
	s.host.AddToPipeline("ag-12", jobSent, maya)

	client := s.spark.AddCredentials(sparkhiretest.Credentials{})
	var made struct {
		ID        string
		SparkHire struct {
			WebhookURL string `json:"webhook_url"`
		} `json:"spark_hire"`
	}
	s.call(http.MethodPost, "/connections", object{
		"adapter": "topechelon", "tenant": "ag-12", "name": "Example Talent",
		"settings":   object{"host_url": s.host.URL, "host_token": "host-token"},
		"spark_hire": object{"version": "v2", "client_id": client.ClientID, "client_secret": client.ClientSecret, "webhook_secret": hookSecret},
	}).want(http.StatusCreated).into(&made)
	s.connection = "/connections/" + made.ID
	s.spark.AddMeetWebhook(made.SparkHire.WebhookURL, hookSecret)

	user := func(email string) *reply {
		return s.call(http.MethodPut, s.connection+"/users/"+s.tove.ID, object{"name": s.tove.Name, "email": email}, s.asTove...)
	}
	user("nobody@agency.example").refused(http.StatusUnprocessableEntity, ats.CodeInvalidKey, "email")
	user(s.toveKey.Email).want(http.StatusOK)

	told := s.send(jobSent, s.asTove).refused(http.StatusNotImplemented, "not_supported", "create")
	require.Contains(s, told, "Make the job in Spark Hire and name it")
	s.call(http.MethodPut, s.connection+"/job-links/"+jobSent, object{"spark_hire_job_id": s.sparkHireJob}, s.asTove...).want(http.StatusOK)
}

// TestEngineOnV2 tells what the rules become on Spark Hire's API v2. [TestEngineRules] has
// them for v1.
func TestEngineOnV2(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(s *stack){
		"webhooks carry a life to the column":              v2Life,
		"a lost answer is found by the announcement":       v2LostAnswer,
		"a lost answer without announcement asks a person": v2Unconfirmed,
		"what Spark Hire cannot do is refused":             v2Refused,
		"a recording opens for linked users":               v2Recording,
		"a message is not passed on, which is said":        v2Message,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inStackThat(t, (*stack).populateOnV2, func(s *stack) {
				story(s)
				for _, r := range s.spark.Requests() {
					require.Contains(s, r.Path, "/v2.0/", "%s", r.Method)
				}
			})
		})
	}
}

func v2Life(s *stack) {
	iv := s.scheduled("k1")
	require.Equal(s, s.toveKey.ID, s.spark.InterviewsFor(iv.Candidate.Email)[0].CreatedBy)
	id := iv.SparkHire.InterviewID
	require.Equal(s, "Invited", s.column(jobSent).Label)
	for _, step := range []struct {
		do    func(string) error
		label string
	}{
		{s.spark.Accept, "Accepted"},
		{s.spark.Complete, "Completed"},
	} {
		require.NoError(s, step.do(id))
		s.pass(soon)
		require.Equal(s, step.label, s.column(jobSent).Label)
	}
	require.Equal(s, s.interview(iv.ID).SparkHire.WatchURL, s.column(jobSent).ResultURL)
	require.NotEmpty(s, s.column(jobSent).ResultURL)
	require.Equal(s, 1, s.invitations())
	for _, d := range s.spark.Deliveries() {
		require.Less(s, d.Status, 300, "%s is taken", d.Event)
	}
}

// loses schedules, and the answer to the invitation gets lost after its effect.
func (s *stack) loses() (id string) {
	s.Helper()
	s.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: invitePath, Times: 1, Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	id = s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted).text("id")
	s.pass(soon)
	require.Equal(s, ats.StateSending, s.interview(id).State)
	require.Empty(s, s.column(jobSent).Label, "nothing is claimed")
	return id
}

func v2LostAnswer(s *stack) {
	s.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
	id := s.loses()
	s.restart() // the process dies, too
	s.spark.ReleaseDeliveries()
	s.pass(2 * time.Minute)
	require.Equal(s, ats.StateSent, s.interview(id).State)
	require.Equal(s, "Invited", s.column(jobSent).Label)
	require.Equal(s, 1, s.invitations())
}

func v2Unconfirmed(s *stack) {
	s.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
	id := s.loses()
	s.pass(11 * time.Minute)
	require.Equal(s, ats.StateUnconfirmed, s.interview(id).State)
	require.Equal(s, "Unconfirmed", s.column(jobSent).Label)
	s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted)
	s.pass(2 * time.Minute)
	require.Len(s, s.spark.RequestsTo(http.MethodPost, invitePath), 1, "asked for once")
	require.Equal(s, 1, s.invitations())
}

func v2Refused(s *stack) {
	told := s.schedule("k0", s.form(live), s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeUnsupportedType, "type")
	require.Contains(s, told, "live interviews")

	iv := s.scheduled("k1")
	var shown struct{ Actions []string }
	s.call(http.MethodGet, "/interviews/"+iv.ID, nil, s.asTove...).want(http.StatusOK).into(&shown)
	require.Empty(s, shown.Actions)
	told = s.call(http.MethodPost, "/interviews/"+iv.ID+"/cancel", nil, s.asTove...).refused(http.StatusConflict, ats.CodeNotCancelable, "")
	require.Contains(s, told, "in Spark Hire", "where it can be done")
	require.Equal(s, "Invited", s.column(jobSent).Label)
}

func v2Message(s *stack) {
	written := set("message", "We look forward to meeting you.")
	first := s.scheduled("k1", written)
	require.Equal(s, ats.Code("message_not_sent"), first.Notice.Code)
	second := s.scheduled("k2", written)
	require.Equal(s, ats.CodeRequestPending, second.Notice.Code)
	require.Contains(s, second.Notice.Message, first.Notice.Message, "both are said")
	third := s.scheduled("k3")
	require.NotContains(s, third.Notice.Message, "message")
}

func v2Recording(s *stack) {
	iv := s.completed("k1")
	path := "/interviews/" + iv.ID + "/recording"
	var got struct{ URL, Kind string }
	s.call(http.MethodGet, path, nil, s.asTove...).want(http.StatusOK).into(&got)
	require.Equal(s, "watch", got.Kind)
	require.Contains(s, got.URL, iv.SparkHire.InterviewID)
	s.call(http.MethodGet, path, nil, s.asNils...).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
}
