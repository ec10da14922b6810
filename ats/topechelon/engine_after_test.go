package topechelon_test

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// Rules T25 to T30 of [TestEngineRules]: once, and afterwards.

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
	s.pass(16 * time.Minute) // a sweep, too
	require.Equal(s, "Accepted", s.column(jobSent).Label, "nothing can be read without the key")

	s.save(s.tove, s.toveKey.Key, s.asTove).want(http.StatusOK)
	s.pass(soon)
	require.Equal(s, "Completed", s.column(jobSent).Label)
	require.Nil(s, s.interview(iv.ID).Notice)
	require.False(s, slices.ContainsFunc([]ats.User{s.tove, s.nils}, func(u ats.User) bool { return s.row(u, jobSent).NotUpdated }))
}
