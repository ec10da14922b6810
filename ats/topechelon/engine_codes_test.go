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

// Every refusal of docs/vendors/topechelon.md as the API tells it: status, code,
// field, and the sentence that a recruiter reads.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	ask := func(change ...func(object)) func(s *stack) *reply {
		return func(s *stack) *reply { return s.schedule("k1", s.form(change...), s.asTove) }
	}
	cases := []struct {
		code     ats.Code
		status   int
		field    string
		sentence string
		call     func(s *stack) *reply
	}{
		{
			topechelon.CodeNotConnected, 403, "requested_for",
			"You have not connected your Spark Hire account. Paste your own key under Settings, Addons & Integrations, Spark Hire, and save.",
			func(s *stack) *reply { return s.schedule("k1", s.form(), s.asNils) },
		},
		{
			ats.CodeInvalidKey, 422, "api_key",
			"Spark Hire does not accept this key. In Spark Hire, copy it again under User Menu, Settings, Integrations, Top Echelon. Then save it under Settings, Addons & Integrations, Spark Hire.",
			func(s *stack) *reply { return s.save(s.nils, "no-key-of-anybody", s.asNils) },
		},
		{
			topechelon.CodeJobNotSent, 422, "job.id",
			"This job has not been sent to Spark Hire yet. Press Send to Spark Hire on the job, then schedule.",
			ask(set("job.id", jobNotSent)),
		},
		{
			topechelon.CodeNotInPipeline, 422, "candidate.id",
			"This person is not in the pipeline of this job. Add the person to it, or choose another job.",
			func(s *stack) *reply {
				s.host.AddToPipeline("ag-12", "2500", "7001")
				s.send("2500", s.asTove).want(http.StatusOK)
				return s.schedule("k1", s.form(set("candidate.id", "7001")), s.asTove)
			},
		},
		{
			topechelon.CodeNotInConnectedPipeline, 422, "candidate.id",
			"This person is not in the pipeline of any job that has been sent to Spark Hire. Add the person to one, or send the job first.",
			func(s *stack) *reply {
				s.host.AddToPipeline("ag-12", jobNotSent, "7001")
				return s.schedule("k1", s.form(set("candidate.id", "7001")), s.asTove)
			},
		},
		{
			ats.CodeUnsupportedType, 422, "type",
			`"assessment" is not an interview type on offer here. Choose "one_way" or "live".`,
			ask(set("type", "assessment")),
		},
		{
			topechelon.CodeDueRequired, 422, "due",
			"A due date and time are needed. Choose both and try again.",
			ask(set("due", nil)),
		},
		{
			topechelon.CodeDueRequired, 422, "due.time",
			"A due time is needed together with the date.",
			ask(set("due", object{"date": dueDate})),
		},
		{
			topechelon.CodeDueInPast, 422, "due",
			"1999-12-01 17:00 (America/New_York) is in the past. Choose a later date and time.",
			ask(set("due", object{"date": "1999-12-01", "time": dueTime})),
		},
		{
			ats.CodeQuestionSetRequired, 422, "question_set_id",
			"A question set is needed for a one-way interview. Choose one.",
			ask(set("question_set_id", "")),
		},
		{
			ats.CodeQuestionSetNotAllowed, 422, "question_set_id",
			"A live interview takes no question set.",
			ask(set("type", "live")),
		},
		{
			topechelon.CodePersonEmailMissing, 422, "candidate.email",
			"This person has no e-mail address, so there is nowhere to send an invitation. Add one and try again.",
			ask(set("candidate.email", "")),
		},
		{
			ats.CodeDoNotEmail, 422, "candidate.do_not_email",
			"This person is marked as not to be e-mailed.",
			ask(set("candidate.do_not_email", true)),
		},
		{
			ats.CodeNotPermitted, 403, "",
			"Everybody sets the own Spark Hire key, and nobody else's.",
			func(s *stack) *reply { return s.save(s.tove, "", s.asNils) },
		},
		{
			ats.CodeConnectionDisconnected, 422, "",
			"Spark Hire is not connected for this agency any more. Whoever operates the integration must connect it again.",
			func(s *stack) *reply {
				s.call(http.MethodDelete, s.connection, nil).want(http.StatusNoContent)
				return s.schedule("k1", s.form(), []string{"Sparkbridge-Actor-Id", "u1", "Sparkbridge-Actor-Time-Zone", "America/New_York"})
			},
		},
		{
			ats.CodeHostCannot, 501, "",
			"Nobody here can look into Top Echelon's pipelines, so it is not known whether this person is in one. Whoever operates the integration must connect a host.",
			func(s *stack) *reply {
				who := []string{"Sparkbridge-Actor-Id", "u1", "Sparkbridge-Actor-Time-Zone", "America/New_York"}
				s.connection = "/connections/" + s.call(http.MethodPost, "/connections", object{"adapter": "topechelon", "tenant": "ag-99"}).want(http.StatusCreated).text("id")
				s.save(s.tove, s.toveKey.Key, who).want(http.StatusOK)
				s.send(jobSent, who).want(http.StatusOK)
				return s.schedule("k1", s.form(), who)
			},
		},
	}
	for _, c := range cases {
		t.Run(string(c.code)+" "+c.field, func(t *testing.T) {
			t.Parallel()
			inStack(t, func(s *stack) {
				require.Equal(s, c.sentence, c.call(s).refused(c.status, c.code, c.field))
				s.pass(soon)
				require.Empty(s, s.spark.RequestsTo(http.MethodPost, "/interviews"), "no call to Spark Hire")
				require.Zero(s, s.host.StatusWrites(), "no status published")
			})
		})
	}

	// No call of the API needs what is unverified: reading a person is for programs
	// that embed the adapter.
	t.Run(string(topechelon.CodeUnverifiedEndpoint), func(t *testing.T) {
		t.Parallel()
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		_, err := a.adapter.Person(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.maya.ID)
		require.ErrorIs(t, err, topechelon.ErrUnverified)
		refusal, ok := ats.AsRefusal(err)
		require.True(t, ok)
		require.Equal(t, ats.Refusal{
			Code:    topechelon.CodeUnverifiedEndpoint,
			Message: "Whether Top Echelon's interface can do this is not known for sure. Whoever operates the integration can allow trying it.",
		}, *refusal)
	})
}

func TestALiveInterviewGoesToSparkHireWithStartZoneAndMessage(t *testing.T) {
	t.Parallel()
	inStack(t, func(s *stack) {
		iv := s.scheduled("k1", live, set("message", "The office is on Mill Street."))
		require.Equal(s, object{
			"type": "live", "job_uuid": s.sparkHireJob, "scheduled_at": "2000-01-03T22:00:00+00:00", "time_zone": "America/New_York",
			"message":              "The office is on Mill Street.",
			"candidate_first_name": "Maya", "candidate_last_name": "Okafor", "candidate_email": "maya.okafor@mail.example",
		}, s.asked(iv))
		shown := s.column(jobSent)
		require.Equal(s, "live", shown.Type)
		require.Equal(s, dueShown, shown.DueAt.Format(time.RFC3339), "the start")
	})
}

func TestWhatSparkHireRefusesIsShownWithItsReason(t *testing.T) {
	t.Parallel()
	inStack(t, func(s *stack) {
		s.spark.Inject(sparkhiretest.Fault{
			Method: http.MethodPost, Path: "/v1.0/interviews",
			Do: sparkhiretest.Respond(http.StatusUnprocessableEntity, nil, `{"reason":"Your plan has no live interviews."}`),
		})
		id := s.schedule("k1", s.form(live), s.asTove).want(http.StatusAccepted).text("id")
		s.pass(soon)
		var shown struct {
			State  ats.State
			Reason struct{ Code, Message string }
		}
		s.call(http.MethodGet, "/interviews/"+id, nil, s.asTove...).want(http.StatusOK).into(&shown)
		require.Equal(s, ats.StateFailed, shown.State)
		require.Equal(s, "spark_hire_refused", shown.Reason.Code)
		require.Equal(s, "Spark Hire did not accept the request: Your plan has no live interviews.", shown.Reason.Message)
		require.Equal(s, "none", s.column(jobSent).State)
		require.Equal(s, "Not sent", s.column(jobSent).Label)
		require.Zero(s, s.invitations())

		s.scheduled("k2", live) // the next one may be accepted
		require.Equal(s, "Invited", s.column(jobSent).Label)
	})
}
