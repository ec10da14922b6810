package topechelon_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
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
	s.schedule("k1", s.form(set("requested_for", "u1")), s.asNils).want(http.StatusAccepted)
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

func engineColumn(s *stack) {
	s.send(jobNotSent, s.asTove).want(http.StatusOK)
	require.Empty(s, s.row(s.tove, jobSent).Status.Label)
	first := s.scheduled("k1")
	require.Equal(s, first.ID, s.column(jobSent).InterviewID)
	require.Empty(s, s.column(jobNotSent), "an interview for another job does not show here")
	second := s.scheduled("k2")
	require.Equal(s, second.ID, s.column(jobSent).InterviewID)
	require.NoError(s, s.spark.Accept(first.SparkHire.InterviewID))
	s.pass(soon)
	require.Equal(s, ats.StateAccepted, s.interview(first.ID).State)
	require.Equal(s, "Invited", s.column(jobSent).Label, "the one that was scheduled last counts")
	require.Equal(s, s.column(jobSent).Revision, s.row(s.tove, jobSent).Status.Revision, "our own rows say the same")
}

func engineInPipeline(s *stack) {
	s.host.AddToPipeline("ag-12", "2500", "7001")
	s.send("2500", s.asTove).want(http.StatusOK)
	for _, c := range []struct {
		change func(object)
		code   ats.Code
		field  string
	}{
		{set("candidate.id", "7001"), topechelon.CodeNotInPipeline, "candidate.id"},
		{set("candidate.id", ""), ats.CodeCandidateRequired, "candidate.id"},
		{set("job.id", ""), ats.CodeJobRequired, "job.id"},
		{set("job.id", jobNotSent), topechelon.CodeJobNotSent, "job.id"},
	} {
		s.schedule("k1", s.form(c.change), s.asTove).refused(http.StatusUnprocessableEntity, c.code, c.field)
	}
	s.host.RemoveFromPipeline(jobSent, maya)
	s.schedule("k1", s.form(), s.asTove).refused(http.StatusUnprocessableEntity, topechelon.CodeNotInConnectedPipeline, "candidate.id")
	s.nothingHappened()
}

func engineTypes(s *stack) {
	require.Equal(s, ats.OneWay, s.scheduled("k1").Type)
	require.Equal(s, ats.Live, s.scheduled("k2", live).Type)
	s.schedule("k3", s.form(set("type", "assessment")), s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeUnsupportedType, "type")
}

func engineDue(s *stack) {
	for _, c := range []struct {
		due   any
		code  ats.Code
		field string
	}{
		{nil, topechelon.CodeDueRequired, "due"},
		{object{}, topechelon.CodeDueRequired, "due.date"},
		{object{"time": dueTime}, topechelon.CodeDueRequired, "due.date"},
		{object{"date": dueDate}, topechelon.CodeDueRequired, "due.time"},
		{object{"date": "1999-12-31", "time": "19:00"}, topechelon.CodeDueInPast, "due"}, // an instant ago in New York
		{object{"date": "tomorrow", "time": dueTime}, ats.CodeInvalidDate, "due.date"},
		{object{"date": dueDate, "time": "25:00"}, ats.CodeInvalidTime, "due.time"},
		{object{"date": "2000-04-02", "time": "02:30"}, ats.CodeTimeDoesNotExist, "due.time"},
	} {
		s.schedule("k1", s.form(set("due", c.due)), s.asTove).refused(http.StatusUnprocessableEntity, c.code, c.field)
	}
	s.nothingHappened()

	for key, create := range map[string]func(object){"one-way": func(object) {}, "live": live} {
		iv := s.scheduled(key, create)
		require.Equal(s, "America/New_York", iv.Schedule.Zone, "of the user, whom the host knows")
		made, _ := s.spark.Interview(iv.SparkHire.InterviewID)
		require.Equal(s, "2000-01-03T22:00:00Z", made.ScheduledAt.Format(time.RFC3339))
		require.Equal(s, dueShown, s.column(jobSent).DueAt.Format(time.RFC3339))
	}
	iv := s.scheduled("elsewhere", set("due", object{"date": dueDate, "time": dueTime, "time_zone": "Europe/Oslo"}))
	require.Equal(s, "2000-01-03T16:00:00Z", iv.Schedule.At.UTC().Format(time.RFC3339), "a zone that the form names wins")
}

func engineAddress(s *stack) {
	s.schedule("k1", s.form(set("candidate.email", " ")), s.asTove).refused(http.StatusUnprocessableEntity, topechelon.CodePersonEmailMissing, "candidate.email")
	s.schedule("k1", s.form(set("candidate.do_not_email", true)), s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeDoNotEmail, "candidate.do_not_email")
	s.nothingHappened()
}

func engineQuestionSet(s *stack) {
	s.schedule("k1", s.form(set("question_set_id", "")), s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeQuestionSetRequired, "question_set_id")
	s.schedule("k1", s.form(set("type", "live")), s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeQuestionSetNotAllowed, "question_set_id")
	s.nothingHappened()
	made, _ := s.spark.Interview(s.scheduled("k2").SparkHire.InterviewID)
	require.Equal(s, s.set.ID, made.QuestionSetID)
}

func engineRows(s *stack) {
	var rows []object
	for n := range 101 {
		person := fmt.Sprintf("9%03d", n)
		if n != 41 {
			s.host.AddToPipeline("ag-12", jobSent, person)
		}
		rows = append(rows, s.form(
			set("key", fmt.Sprintf("row-%d", n)), set("candidate.id", person), set("candidate.email", "person"+person+"@mail.example")))
	}
	rows[17]["question_set_id"] = ""
	answers := s.bulk(rows)
	require.Len(s, answers, 101)
	for n, a := range answers {
		require.Equal(s, fmt.Sprintf("row-%d", n), a.Key, "in order")
		switch n {
		case 17:
			require.Equal(s, ats.CodeQuestionSetRequired, a.Error.Code)
			require.Equal(s, "question_set_id", a.Error.Field)
		case 41:
			require.Equal(s, topechelon.CodeNotInConnectedPipeline, a.Error.Code)
		case 100:
			require.Equal(s, ats.CodeTooManyRows, a.Error.Code)
			require.Contains(s, a.Error.Detail, "100")
		default:
			require.Nil(s, a.Error, "row %d", n)
		}
	}
	s.pass(time.Minute)
	require.Len(s, s.spark.Interviews(), 98)

	rows[17]["question_set_id"] = s.set.ID // mended, and all of it sent again
	for n, a := range s.bulk(rows[:100]) {
		require.Equal(s, n == 41, a.Error != nil, "row %d", n)
	}
	s.pass(time.Minute)
	sent := s.spark.Invitations()
	require.Len(s, sent, 99)
	for address, n := range sent {
		require.Equal(s, 1, n, address)
	}
}

type bulkLine struct {
	Key   string
	State ats.State
	Error *struct {
		Status        int
		Code          ats.Code
		Detail, Field string
	}
}

// bulk schedules rows of a pipeline in one call.
func (s *stack) bulk(rows []object) []bulkLine {
	s.Helper()
	var body strings.Builder
	for _, row := range rows {
		body.Write(encode(s.T, row))
		body.WriteByte('\n')
	}
	answer := s.call(http.MethodPost, s.connection+"/interviews/bulk", body.String(), s.asTove...).want(http.StatusOK)
	var lines []bulkLine
	for text := range strings.Lines(string(answer.body)) {
		var line bulkLine
		(&reply{s: s, body: []byte(text)}).into(&line)
		lines = append(lines, line)
	}
	return lines
}

func engineMessage(s *stack) {
	s.schedule("k0", s.form(set("message", strings.Repeat("å", 5001))), s.asTove).refused(http.StatusUnprocessableEntity, ats.CodeMessageTooLong, "message")
	s.nothingHappened()
	for key, create := range map[string]func(object){"one-way": func(object) {}, "live": live} {
		iv := s.scheduled(key, create, set("message", "  Looking forward to meeting you.\n"))
		require.Equal(s, "Looking forward to meeting you.", iv.Message)
		require.Equal(s, "Looking forward to meeting you.", s.asked(iv)["message"], key)
	}
	require.NotContains(s, s.asked(s.scheduled("without")), "message")
}

// asked returns the body with which Spark Hire was asked for an interview.
func (s *stack) asked(iv ats.Interview) object {
	s.Helper()
	made, ok := s.spark.Interview(iv.SparkHire.InterviewID)
	require.True(s, ok)
	var body object
	(&reply{s: s, body: made.Body}).into(&body)
	return body
}

func engineMail(s *stack) {
	iv := s.scheduled("k1")
	s.pass(2 * time.Minute)
	mails := s.spark.Emails()
	require.Len(s, mails, 1)
	require.Equal(s, sparkhiretest.EmailInvitation, mails[0].Kind)
	require.Equal(s, iv.SparkHire.InterviewID, mails[0].InterviewID)
	for _, r := range s.host.Requests() {
		require.NotContains(s, r.Path, "mail")
	}
}

func engineOnce(s *stack) {
	var wg sync.WaitGroup
	answers := make([]*reply, 4)
	for n := range answers { // an impatient finger
		wg.Go(func() { answers[n] = s.schedule("page-1", s.form(), s.asTove) })
	}
	wg.Wait()
	for _, a := range answers {
		require.Equal(s, answers[0].want(http.StatusAccepted).text("id"), a.want(http.StatusAccepted).text("id"))
	}
	s.pass(soon)
	s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted)
	s.schedule("page-1", s.form(live), s.asTove).refused(http.StatusConflict, ats.CodeIdempotencyMismatch, "")
	s.pass(soon)
	require.Equal(s, 1, s.invitations())
	require.Len(s, s.interviews(), 1)
}

func engineLost(s *stack) {
	s.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/v1.0/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	id := s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted).text("id")
	s.pass(soon)
	require.Equal(s, ats.StateSending, s.interview(id).State)
	require.Empty(s, s.column(jobSent).Label, "nothing is claimed")
	s.restart() // the process dies, too
	s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted)
	s.pass(2 * time.Minute)
	require.Equal(s, ats.StateSent, s.interview(id).State)
	require.Equal(s, "Invited", s.column(jobSent).Label)
	require.Equal(s, 1, s.invitations())
}

func engineUnconfirmed(s *stack) {
	s.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/v1.0/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	id := s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted).text("id")
	s.pass(soon)
	_, err := s.spark.InviteOnSite(sparkhiretest.Invitation{ // somebody does it by hand as well
		JobID: s.sparkHireJob, QuestionSetID: s.set.ID, By: s.toveKey.ID, ScheduledAt: time.Now().Add(48 * time.Hour),
		Candidate: sparkhiretest.Candidate{FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
	})
	require.NoError(s, err)
	s.pass(10 * time.Minute)
	require.Equal(s, ats.StateUnconfirmed, s.interview(id).State)
	require.Equal(s, "none", s.column(jobSent).State)
	require.Equal(s, "Unconfirmed", s.column(jobSent).Label)
	s.schedule("page-1", s.form(), s.asTove).want(http.StatusAccepted)
	s.pass(2 * time.Minute)
	require.Len(s, s.spark.RequestsTo(http.MethodPost, "/interviews"), 1, "asked for once")
}

func engineSecond(s *stack) {
	first := s.scheduled("k1")
	notice := s.row(s.tove, jobSent).Form.Notice
	require.Equal(s, "There is an interview for this person and job already: Invited, due 2000-01-03 17:00 (America/New_York).", notice)
	var told struct{ Notice *struct{ Code ats.Code } }
	s.schedule("k2", s.form(), s.asTove).want(http.StatusAccepted).into(&told)
	require.NotNil(s, told.Notice)
	require.Equal(s, ats.CodeRequestPending, told.Notice.Code)
	s.pass(soon)
	require.Equal(s, 2, s.invitations())

	for _, iv := range s.interviews() {
		require.NoError(s, s.spark.Delete(iv.SparkHire.InterviewID))
	}
	s.pass(soon)
	require.Equal(s, ats.StateCanceled, s.interview(first.ID).State)
	require.Empty(s, s.row(s.tove, jobSent).Form.Notice)
	s.schedule("k3", s.form(), s.asTove).want(http.StatusAccepted).into(&told)
	require.Nil(s, told.Notice)
}

func engineFollows(s *stack) {
	iv := s.scheduled("k1")
	apart, err := s.spark.InviteOnSite(sparkhiretest.Invitation{
		JobID: s.sparkHireJob, QuestionSetID: s.set.ID, By: s.toveKey.ID, ScheduledAt: time.Now().Add(48 * time.Hour),
		Candidate: sparkhiretest.Candidate{FirstName: "Somebody", LastName: "Else", Email: "else@mail.example"},
	})
	require.NoError(s, err)
	writes := s.host.StatusWrites()
	require.NoError(s, s.spark.Accept(apart.ID))
	require.NoError(s, s.spark.Complete(apart.ID))
	s.pass(soon)
	for _, d := range s.spark.Deliveries() {
		require.Equal(s, http.StatusOK, d.Status, "%s is acknowledged", d.Event)
	}
	require.Equal(s, writes, s.host.StatusWrites())
	require.Len(s, s.interviews(), 1)

	require.NoError(s, s.spark.Accept(iv.SparkHire.InterviewID))
	s.pass(soon)
	require.Equal(s, "Accepted", s.column(jobSent).Label)
}

func engineCancel(s *stack) {
	iv := s.scheduled("k1")
	var shown struct{ Actions []string }
	s.call(http.MethodGet, "/interviews/"+iv.ID, nil, s.asTove...).want(http.StatusOK).into(&shown)
	require.Empty(s, shown.Actions)
	told := s.call(http.MethodPost, "/interviews/"+iv.ID+"/cancel", nil, s.asTove...).refused(http.StatusConflict, ats.CodeNotCancelable, "")
	require.Contains(s, told, "in Spark Hire", "where it can be done")
	s.pass(soon)
	require.Empty(s, s.spark.RequestsTo(http.MethodDelete, "/interviews/*"))
	require.Equal(s, "Invited", s.column(jobSent).Label)

	require.NoError(s, s.spark.Delete(iv.SparkHire.InterviewID))
	s.pass(soon)
	require.Equal(s, "Canceled", s.column(jobSent).Label)
}

// completed schedules as Tove, and Maya completes it.
func (s *stack) completed(key string) ats.Interview {
	s.Helper()
	iv := s.scheduled(key)
	require.NoError(s, s.spark.Accept(iv.SparkHire.InterviewID))
	require.NoError(s, s.spark.Complete(iv.SparkHire.InterviewID))
	s.pass(soon)
	return s.interview(iv.ID)
}

func engineResults(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	iv := s.completed("k1")
	var got struct {
		URL, Kind string
		Share     string `json:"share_url"`
	}
	watch := func(who []string) *reply {
		return s.call(http.MethodGet, "/interviews/"+iv.ID+"/recording", nil, who...)
	}
	for _, who := range [][]string{s.asTove, s.asNils} {
		watch(who).want(http.StatusOK).into(&got)
		require.Equal(s, "watch", got.Kind)
		require.Equal(s, "https://app.sparkhire.com/company/interviews/"+iv.SparkHire.InterviewID+"/watch", got.URL)
		require.Equal(s, iv.SparkHire.ShareURL, got.Share)
		require.NotEmpty(s, got.Share)
	}
	require.Equal(s, got.URL, s.column(jobSent).ResultURL)

	s.host.HidePipeline("u2", jobSent)
	s.host.HidePipeline("u2", jobNotSent)
	watch(s.asNils).refused(http.StatusForbidden, ats.CodeNotPermitted, "")
	s.save(s.tove, "", s.asTove).want(http.StatusOK)
	watch(s.asTove).refused(http.StatusForbidden, topechelon.CodeNotConnected, "")
}

func engineDisconnected(s *stack) {
	s.save(s.nils, s.nilsKey.Key, s.asNils).want(http.StatusOK)
	iv := s.scheduled("k1")
	require.NoError(s, s.spark.Accept(iv.SparkHire.InterviewID))
	s.pass(soon)
	s.save(s.tove, "", s.asTove).want(http.StatusOK)
	s.pass(soon)
	row := s.row(s.nils, jobSent)
	require.True(s, row.NotUpdated)
	require.Equal(s, "Accepted", row.Status.Label, "the last status stays")
	require.Equal(s, "Accepted", s.column(jobSent).Label)
	require.Equal(s, ats.Code("no_longer_updated"), s.interview(iv.ID).Notice.Code)

	require.NoError(s, s.spark.Complete(iv.SparkHire.InterviewID))
	s.pass(30 * time.Minute)
	require.Equal(s, "Accepted", s.column(jobSent).Label, "nothing can be read without the key")

	s.save(s.tove, s.toveKey.Key, s.asTove).want(http.StatusOK)
	s.pass(soon)
	require.Equal(s, "Completed", s.column(jobSent).Label)
	require.Nil(s, s.interview(iv.ID).Notice)
	require.False(s, slices.ContainsFunc([]ats.User{s.tove, s.nils}, func(u ats.User) bool { return s.row(u, jobSent).NotUpdated }))
}
