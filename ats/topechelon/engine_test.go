package topechelon_test

import (
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// The rules of docs/vendors/topechelon.md by number, as far as the engine decides
// them: through its API, with the adapter, a host and Spark Hire around it.
func TestEngineRules(t *testing.T) {
	t.Parallel()
	rules := []struct {
		number int
		rule   string
		story  func(s *stack)
	}{
		{1, "everybody acts with the own key, and nobody can be primary", engineOwnKey},
		{2, "a key counts from the moment it is saved", engineSave},
		{3, "a key that Spark Hire refuses is not stored, and the previous one stays", engineInvalidKey},
		{4, "an empty key disconnects the user", engineEmptyKey},
		{5, "who is not connected sees nothing and can do nothing", engineNotConnected},
		{6, "a key is shown masked, kept sealed and used for its owner only", engineKeyOfOwner},
		{7, "nobody is invited to a job that was not sent", engineJobNotSent},
		{9, "a job that is sent twice is one Spark Hire job", engineSentTwice},
		{9, "a job that two people send at the same time is one Spark Hire job", engineSentTogether},
		{9, "a job of whose sending the answer is lost is one Spark Hire job", engineSendingLost},
		{10, "the link belongs to the job, whoever may open it", engineLinkOfJob},
		{11, "a person in no pipeline of a sent job cannot be scheduled", enginePersonCard},
		{15, "the column shows the interview of this pipeline that was scheduled last", engineColumn},
		{16, "job and interviewee are required, and the person is in the pipeline", engineInPipeline},
		{17, "one-way is the default", engineTypes},
		{18, "a due date and time, in the user's zone, with an offset, not past", engineDue},
		{19, "an address that may be written to", engineAddress},
		{20, "a question set for one-way and none for live", engineQuestionSet},
		{22, "a hundred rows, each on its own", engineRows},
		{23, "a message reaches Spark Hire, whatever the type", engineMessage},
		{24, "Spark Hire invites, and nobody else writes", engineMail},
		{25, "the same form invites once", engineOnce},
		{25, "after a lost answer the interview is found and not sent again", engineLost},
		{25, "what nobody can find out is unconfirmed and not sent again", engineUnconfirmed},
		{26, "a second interview is allowed, with a notice", engineSecond},
		{27, "the status follows the events, and unknown interviews are none of ours", engineFollows},
		{28, "nothing can be canceled here, and what is done in Spark Hire shows", engineCancel},
		{29, "results are for connected users who see the person", engineResults},
		{30, "interviews of a disconnected user are not updated until they connect again", engineDisconnected},
	}
	for _, r := range rules {
		t.Run(fmt.Sprintf("T%d %s", r.number, r.rule), func(t *testing.T) {
			t.Parallel()
			inStack(t, r.story)
		})
	}
}

func engineOwnKey(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	s.scheduled("k1")
	id := s.schedule("k2", s.form(), s.asNils).want(http.StatusAccepted).text("id")
	s.pass(soon)
	made := s.spark.InterviewsFor("maya.okafor@mail.example")
	require.Equal(s, []string{s.toveKey.ID, s.nilsKey.ID}, []string{made[0].CreatedBy, made[1].CreatedBy})
	require.Equal(s, "u2", s.interview(id).RequestedFor.ID)
	s.call(http.MethodPatch, s.connection, object{"primary_user": "u1"}).want(http.StatusUnprocessableEntity)
}

func engineSave(s *stack) {
	s.schedule("k1", s.form(), s.asNils).refused(http.StatusForbidden, topechelon.CodeNotConnected, "requested_for")
	require.False(s, s.row(s.nils, jobSent).Shown)

	var saved struct {
		Linked bool   `json:"linked"`
		Hint   string `json:"key_hint"`
		Owner  string `json:"spark_hire_user"`
	}
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK).into(&saved)
	require.True(s, saved.Linked)
	require.Equal(s, "Nils Berg", saved.Owner, "Spark Hire was asked whose key it is")
	require.True(s, s.row(s.nils, jobSent).Shown)
	s.schedule("k1", s.form(), s.asNils).want(http.StatusAccepted)
}

func engineInvalidKey(s *stack) {
	before := s.call(http.MethodGet, s.connection+"/users", nil, s.asTove...).want(http.StatusOK).body
	s.save(s.tove, "no-key-of-anybody", s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeInvalidKey, "api_key")
	s.save(s.nils, "no-key-of-anybody", s.asNils).refused(http.StatusUnprocessableEntity, ats.CodeInvalidKey, "api_key")
	require.Equal(s, string(before), string(s.call(http.MethodGet, s.connection+"/users", nil, s.asTove...).body))
	s.scheduled("k1") // with the previous key
	s.schedule("k2", s.form(), s.asNils).refused(http.StatusForbidden, topechelon.CodeNotConnected, "requested_for")
}

func engineEmptyKey(s *stack) {
	s.save(s.tove, "", s.asTove).want(http.StatusOK)
	user, ok := s.view().User("u1")
	require.True(s, ok)
	require.False(s, user.Linked)
	require.Empty(s, user.KeyHint)
	require.Equal(s, topechelon.JobCard{}, s.jobCard(s.tove, jobSent))
	s.schedule("k1", s.form(), s.asTove).refused(http.StatusForbidden, topechelon.CodeNotConnected, "requested_for")
}

func engineNotConnected(s *stack) {
	done := s.completed("k1") // by Tove
	for _, u := range []ats.User{s.nils, {ID: "u9"}} {
		require.Equal(s, topechelon.JobCard{}, s.jobCard(u, jobSent))
		require.Equal(s, topechelon.PersonCard{}, s.personCard(u, maya))
		require.Equal(s, topechelon.PipelineRow{}, s.row(u, jobSent))
	}
	forms := map[string]func(object){
		"a good form": func(object) {}, "a job that was not sent": set("job.id", jobNotSent),
		"no question set": set("question_set_id", ""), "nothing due": set("due", nil), "no address": set("candidate.email", ""),
	}
	for name, change := range forms {
		told := s.schedule("k2", s.form(change), s.asNils).refused(http.StatusForbidden, topechelon.CodeNotConnected, "requested_for")
		require.NotContains(s, told, "dministrator", name)
	}
	s.send(jobNotSent, s.asNils).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
	s.call(http.MethodGet, "/interviews/"+done.ID, nil, s.asNils...).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
	s.call(http.MethodGet, "/interviews/"+done.ID+"/recording", nil, s.asNils...).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
	s.call(http.MethodGet, s.connection+"/interviews?candidate_id="+maya, nil, s.asNils...).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
	require.Equal(s, 1, s.invitations())
	require.Len(s, s.spark.Jobs(), 1)
}

func engineKeyOfOwner(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	users := string(s.call(http.MethodGet, s.connection+"/users", nil, s.asTove...).want(http.StatusOK).body)
	s.save(s.tove, s.nilsKey.Key, s.asNils).refused(http.StatusForbidden, ats.CodeNotPermitted, "")
	s.schedule("k1", s.form(set("requested_for", s.tove.ID)), s.asNils).want(http.StatusAccepted)
	s.pass(soon)
	require.Equal(s, s.nilsKey.ID, s.spark.InterviewsFor("maya.okafor@mail.example")[0].CreatedBy)

	s.stop()
	file, err := os.ReadFile(s.path)
	require.NoError(s, err)
	for _, key := range []string{s.toveKey.Key, s.nilsKey.Key} {
		require.NotContains(s, users, key)
		require.Contains(s, users, key[len(key)-2:], "the hint")
		require.NotContains(s, s.log.String(), key)
		require.NotContains(s, string(file), key)
	}
}

func engineJobNotSent(s *stack) {
	told := s.schedule("k1", s.form(set("job.id", jobNotSent)), s.asTove).refused(http.StatusUnprocessableEntity, topechelon.CodeJobNotSent, "job.id")
	require.Contains(s, told, "Send to Spark Hire")
	s.nothingHappened()
	s.send(jobNotSent, s.asTove).want(http.StatusOK)
	s.schedule("k1", s.form(set("job.id", jobNotSent)), s.asTove).want(http.StatusAccepted)
}

// nothingHappened requires that no refusal left a trace.
func (s *stack) nothingHappened() {
	s.Helper()
	s.pass(soon)
	require.Empty(s, s.spark.Interviews())
	require.Empty(s, s.spark.RequestsTo(http.MethodPost, "/interviews"), "no call to Spark Hire")
	require.Zero(s, s.host.StatusWrites(), "no status published")
	require.Empty(s, s.interviews())
}

func engineSentTwice(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	first := s.send(jobNotSent, s.asTove).want(http.StatusOK)
	again := s.send(jobNotSent, s.asTove).want(http.StatusOK)
	colleague := s.send(jobNotSent, s.asNils).want(http.StatusOK)
	require.Equal(s, string(first.body), string(again.body))
	require.Equal(s, string(first.body), string(colleague.body))
	require.Equal(s, 1, s.jobsMade(jobNotSent))
	require.Equal(s, topechelon.ActionView, s.jobCard(s.tove, jobNotSent).Action)
}

// jobsMade counts the Spark Hire jobs that stand for a job.
func (s *stack) jobsMade(job string) int {
	n := 0
	for _, j := range s.spark.Jobs() {
		if j.Title == "Job "+job {
			n++
		}
	}
	return n
}

// sendTogether presses the button of both users at the same time.
func (s *stack) sendTogether() (answers [2]*reply) {
	var wg sync.WaitGroup
	for n, who := range [][]string{s.asTove, s.asNils} {
		wg.Go(func() { answers[n] = s.send(jobNotSent, who) })
	}
	wg.Wait()
	return answers
}

func engineSentTogether(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	made := 0
	for _, answer := range s.sendTogether() {
		if answer.status == http.StatusOK {
			made++
			continue
		}
		answer.want(http.StatusServiceUnavailable) // the other one is making it
		require.NotEmpty(s, answer.header.Get("Retry-After"))
	}
	require.NotZero(s, made)
	for _, answer := range s.sendTogether() {
		answer.want(http.StatusOK)
	}
	require.Equal(s, 1, s.jobsMade(jobNotSent))
}

func engineSendingLost(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	for job, phase := range map[string]sparkhiretest.Phase{"3001": sparkhiretest.AfterEffect, "3002": sparkhiretest.BeforeEffect} {
		s.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/v1.0/jobs", Do: sparkhiretest.LoseConnection(), When: phase})
		s.send(job, s.asTove).want(http.StatusServiceUnavailable)
		require.Equal(s, topechelon.ActionSend, s.jobCard(s.tove, job).Action, "nothing is claimed")
		s.send(job, s.asNils).want(http.StatusServiceUnavailable)
		s.restart() // the attempt is remembered
		s.pass(time.Minute)
		s.send(job, s.asNils).want(http.StatusOK)
		s.send(job, s.asTove).want(http.StatusOK)
		require.Equal(s, 1, s.jobsMade(job), job)
		require.Equal(s, topechelon.ActionView, s.jobCard(s.nils, job).Action)
	}
}

func engineLinkOfJob(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	require.NoError(s, s.spark.RestrictJob(s.sparkHireJob, s.toveKey.ID)) // Nils may not open it there
	require.Equal(s, topechelon.ActionView, s.jobCard(s.nils, jobSent).Action)
	link := s.call(http.MethodGet, s.connection+"/job-links/"+jobSent, nil, s.asNils...).want(http.StatusOK)
	require.Equal(s, "https://app.sparkhire.com/company/jobs/"+s.sparkHireJob, link.text("url"))
	s.save(s.nils, "", s.asNils).want(http.StatusOK)
	s.call(http.MethodGet, s.connection+"/job-links/"+jobSent, nil, s.asNils...).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
	s.call(http.MethodGet, s.connection+"/job-links/"+jobSent, nil).want(http.StatusOK) // the agency's own backend
}

func enginePersonCard(s *stack) {
	require.True(s, s.personCard(s.tove, maya).Schedule)
	s.host.AddToPipeline("ag-12", jobNotSent, "7001")
	card := s.personCard(s.tove, "7001")
	require.True(s, card.Shown)
	require.False(s, card.Schedule)
	s.schedule("k1", s.form(set("candidate.id", "7001")), s.asTove).
		refused(http.StatusUnprocessableEntity, topechelon.CodeNotInConnectedPipeline, "candidate.id")
	s.nothingHappened()

	s.send(jobNotSent, s.asTove).want(http.StatusOK)
	card = s.personCard(s.tove, "7001")
	require.True(s, card.Schedule)
	require.Equal(s, jobNotSent, card.Jobs[0].JobID)
	s.schedule("k1", s.form(set("candidate.id", "7001"), set("job.id", jobNotSent)), s.asTove).want(http.StatusAccepted)
}
