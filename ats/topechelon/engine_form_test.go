package topechelon_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// Rules T15 to T24 of [TestEngineRules]: the column, and the form.

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
			require.Equal(s, topechelon.CodeNotInPipeline, a.Error.Code)
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
