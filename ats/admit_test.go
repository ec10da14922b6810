package ats_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// admission is a request that openPolicy admits, for tests to change.
type admission struct {
	policy ats.Policy
	conn   ats.Connection
	req    ats.Request
	now    time.Time
}

func newAdmission(t *testing.T) *admission {
	t.Helper()
	due, err := ats.At(date(t, "2026-03-17"), clock(t, "14:30"), "America/Chicago", fields())
	require.NoError(t, err)
	tenant := ats.TenantRef{Adapter: "memory", Tenant: "acme"}
	return &admission{
		policy: openPolicy(),
		conn: ats.Connection{
			ID: "connection-1", Tenant: tenant, TimeZone: "America/Chicago", Enabled: true, Connected: true,
			Users: []ats.User{{ID: "tove", Linked: true}, {ID: "lapsed"}},
		},
		req: ats.Request{
			Tenant:       tenant,
			Key:          "key-1",
			Type:         ats.OneWay,
			Candidate:    ats.Candidate{ID: "c1", FirstName: "Maya", LastName: "Okafor", Email: "maya@mail.example"},
			Job:          ats.Job{ID: "j1", Title: "Shift Supervisor"},
			Schedule:     due,
			RequestedFor: "tove",
		},
		now: instant(t, "2026-03-10T15:00:00Z"),
	}
}

func (a *admission) admit() (ats.Request, error) { return a.policy.Admit(a.conn, a.req, a.now) }

func TestAdmitChangesNothingInACompleteRequest(t *testing.T) {
	t.Parallel()
	a := newAdmission(t)
	got, err := a.admit()
	require.NoError(t, err)
	require.Equal(t, a.req, got)
}

func TestAdmitRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(a *admission)
		code   ats.Code
		field  string
	}{
		"a tenant that was disconnected":        {func(a *admission) { a.conn.Connected = false }, ats.CodeConnectionDisconnected, ""},
		"an integration that is switched off":   {func(a *admission) { a.conn.Enabled = false }, ats.CodeIntegrationOff, ""},
		"a request without a key":               {func(a *admission) { a.req.Key = "" }, ats.CodeIdempotencyKeyRequired, "key"},
		"a type that does not exist":            {func(a *admission) { a.req.Type = "group" }, ats.CodeUnsupportedType, "type"},
		"a type that is not on offer":           {func(a *admission) { a.policy.Types = a.policy.Types[1:] }, ats.CodeUnsupportedType, "type"},
		"a request about nobody":                {func(a *admission) { a.req.Candidate.ID = "" }, ats.CodeCandidateRequired, "candidate.id"},
		"a candidate without an e-mail address": {func(a *admission) { a.req.Candidate.Email = "" }, ats.CodeCandidateEmailMissing, "candidate.email"},
		"an address of spaces":                  {func(a *admission) { a.req.Candidate.Email = " \t" }, ats.CodeCandidateEmailMissing, "candidate.email"},
		"an address without a domain":           {func(a *admission) { a.req.Candidate.Email = "maya" }, ats.CodeCandidateEmailInvalid, "candidate.email"},
		"two addresses": {func(a *admission) {
			a.req.Candidate.Email = "maya@mail.example, other@mail.example"
		}, ats.CodeCandidateEmailInvalid, "candidate.email"},
		"an address with a name":        {func(a *admission) { a.req.Candidate.Email = "Maya <maya@mail.example>" }, ats.CodeCandidateEmailInvalid, "candidate.email"},
		"an address in brackets":        {func(a *admission) { a.req.Candidate.Email = "<maya@mail.example>" }, ats.CodeCandidateEmailInvalid, "candidate.email"},
		"an address with a line break":  {func(a *admission) { a.req.Candidate.Email = "maya@mail.example\nBcc: x@mail.example" }, ats.CodeCandidateEmailInvalid, "candidate.email"},
		"a person not to be written to": {func(a *admission) { a.policy.DoNotEmail, a.req.Candidate.DoNotEmail = true, true }, ats.CodeDoNotEmail, "candidate.do_not_email"},
		"a missing question set":        {func(a *admission) { a.policy.QuestionSet[ats.OneWay] = ats.Required }, ats.CodeQuestionSetRequired, "question_set_id"},
		"a question set too many": {func(a *admission) {
			a.policy.QuestionSet[ats.OneWay], a.req.QuestionSetID = ats.Forbidden, "q1"
		}, ats.CodeQuestionSetNotAllowed, "question_set_id"},
		"a missing Spark Hire job": {func(a *admission) { a.policy.JobLink = ats.Forbidden }, ats.CodeJobRequired, "spark_hire_job_id"},
		"a missing job":            {func(a *admission) { a.policy.JobLink, a.req.Job.ID = ats.Required, "" }, ats.CodeJobRequired, "job.id"},
		"a message where none may be": {func(a *admission) {
			a.policy.Message, a.req.Message = ats.Forbidden, "Good luck!"
		}, ats.CodeMessageNotAllowed, "message"},
		"a message without end": {func(a *admission) { a.req.Message = strings.Repeat("å", 5001) }, ats.CodeMessageTooLong, "message"},
		"a missing date": {func(a *admission) {
			a.policy.Deadline.Given, a.req.Schedule = ats.Required, ats.Schedule{}
		}, ats.CodeExpirationRequired, "due"},
		"a missing time": {func(a *admission) {
			a.policy.Deadline.Time, a.req.Schedule.Time = ats.Required, nil
		}, ats.CodeTimeRequired, "due.time"},
		"a time where none may be":      {func(a *admission) { a.policy.Deadline.Time = ats.Forbidden }, ats.CodeTimeNotAllowed, "due.time"},
		"a deadline in the past":        {func(a *admission) { a.now = a.req.Schedule.At }, ats.CodeExpirationInPast, "due"},
		"a default without a time zone": {func(a *admission) { a.req.Schedule, a.conn.TimeZone = ats.Schedule{}, "" }, ats.CodeTimeZoneRequired, "time_zone"},
		"a default in a zone that does not exist": {func(a *admission) {
			a.req.Schedule, a.req.RequestedBy.TimeZone = ats.Schedule{}, "Europe/Sparkville"
		}, ats.CodeTimeZoneUnknown, "time_zone"},
		"a request of nobody's":                  {func(a *admission) { a.policy.ActorKey = ats.KeyOwn }, ats.CodeActorRequired, ""},
		"an actor without a key":                 {func(a *admission) { a.policy.ActorKey, a.req.RequestedBy.ID = ats.KeyOwn, "lapsed" }, ats.CodeUserNotLinked, "requested_for"},
		"a request that names no recruiter":      {func(a *admission) { a.req.RequestedFor = "" }, ats.CodeUserNotLinked, "requested_for"},
		"a recruiter whom nobody knows":          {func(a *admission) { a.req.RequestedFor = "stranger" }, ats.CodeUserNotLinked, "requested_for"},
		"a recruiter whose key was not accepted": {func(a *admission) { a.req.RequestedFor = "lapsed" }, ats.CodeUserNotLinked, "requested_for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAdmission(t)
			_, err := a.admit()
			require.NoError(t, err, "without the change the request is admitted")
			c.change(a)
			_, err = a.admit()
			refusal := refused(t, err, c.code, c.field)
			for _, private := range []string{"Maya", "Okafor", "mail.example"} {
				require.NotContains(t, refusal.Message, private)
			}
		})
	}
}

func TestAdmitAllows(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(a *admission){
		"a question set that is not needed":        func(a *admission) { a.req.QuestionSetID = "q1" },
		"a question set that is needed":            func(a *admission) { a.policy.QuestionSet[ats.OneWay], a.req.QuestionSetID = ats.Required, "q1" },
		"a person not to be written to, elsewhere": func(a *admission) { a.req.Candidate.DoNotEmail = true },
		"no job at all":                            func(a *admission) { a.req.Job = ats.Job{} },
		"the Spark Hire job of the request":        func(a *admission) { a.policy.JobLink, a.req.SparkHireJobID = ats.Forbidden, "s1" },
		"a long message":                           func(a *admission) { a.req.Message = strings.Repeat("å", 5000) },
		"a deadline without a time":                func(a *admission) { a.req.Schedule.Time = nil },
		"the last moment":                          func(a *admission) { a.now = a.req.Schedule.At.Add(-time.Nanosecond) },
		"an address with a tag":                    func(a *admission) { a.req.Candidate.Email = "maya+jobs@mail.example" },
		"an address of another alphabet":           func(a *admission) { a.req.Candidate.Email = "майя@почта.example" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAdmission(t)
			change(a)
			_, err := a.admit()
			require.NoError(t, err)
		})
	}
}

func TestAdmitCompletesARequest(t *testing.T) {
	t.Parallel()
	t.Run("with the first type", func(t *testing.T) {
		t.Parallel()
		a := newAdmission(t)
		a.policy.Types = []ats.InterviewType{ats.Live, ats.OneWay}
		a.req.Type = ""
		got, err := a.admit()
		require.NoError(t, err)
		require.Equal(t, ats.Live, got.Type)
	})
	t.Run("with an address without spaces around it", func(t *testing.T) {
		t.Parallel()
		a := newAdmission(t)
		a.req.Candidate.Email = " maya@mail.example\n"
		got, err := a.admit()
		require.NoError(t, err)
		require.Equal(t, "maya@mail.example", got.Candidate.Email)
	})
	t.Run("with the actor's own key", func(t *testing.T) {
		t.Parallel()
		a := newAdmission(t)
		a.policy.ActorKey = ats.KeyOwn
		a.req.RequestedBy, a.req.RequestedFor = ats.User{ID: "tove"}, "lapsed"
		got, err := a.admit()
		require.NoError(t, err)
		require.Equal(t, "tove", got.RequestedFor)
	})
	t.Run("and leaves the primary user to the engine", func(t *testing.T) {
		t.Parallel()
		a := newAdmission(t)
		a.policy.ActorKey = ats.KeyPrimary
		a.req.RequestedFor = ""
		got, err := a.admit()
		require.NoError(t, err)
		require.Empty(t, got.RequestedFor)
	})
}

func TestAdmitGivesADefaultDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(a *admission)
		want, at string
	}{
		"at the end of the day, in the connection's zone": {func(*admission) {}, "2026-03-17 (America/Chicago)", "2026-03-18T05:00:00Z"},
		"at its start, where the policy says so":          {func(a *admission) { a.policy.Deadline.Midnight = ats.StartOfDay }, "2026-03-17 (America/Chicago)", "2026-03-17T05:00:00Z"},
		"in the actor's zone, which comes first":          {func(a *admission) { a.req.RequestedBy.TimeZone = "Europe/Stockholm" }, "2026-03-17 (Europe/Stockholm)", "2026-03-17T23:00:00Z"},
		"at the same time of day, where one is needed":    {func(a *admission) { a.policy.Deadline.Time = ats.Required }, "2026-03-17 10:00 (America/Chicago)", "2026-03-17T15:00:00Z"},
		"after as many days as the policy says":           {func(a *admission) { a.policy.Deadline.DefaultDays = 1 }, "2026-03-11 (America/Chicago)", "2026-03-12T05:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAdmission(t)
			a.req.Schedule = ats.Schedule{}
			c.change(a)
			got, err := a.admit()
			require.NoError(t, err)
			require.Equal(t, c.want, got.Schedule.String())
			require.Equal(t, c.at, got.Schedule.At.Format(time.RFC3339))
			require.NotEmpty(t, got.Schedule.Derivation)
		})
	}
}

func TestAnUnsupportedTypeNamesTheOnesOnOffer(t *testing.T) {
	t.Parallel()
	a := newAdmission(t)
	a.req.Type = "group"
	_, err := a.admit()
	refusal := refused(t, err, ats.CodeUnsupportedType, "type")
	require.Contains(t, refusal.Message, `"one_way" or "live"`)
}
