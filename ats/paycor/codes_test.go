package paycor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// TestEveryRefusal reaches each code that the product's rules name, through the REST API: the
// field to correct and a sentence for the person who asked. Nobody at Spark Hire is called and
// nothing is written to the newsfeed.
func TestEveryRefusal(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(object) {
		return func(body object) { body[name] = value }
	}
	due := func(days int) func(object) {
		return func(body object) {
			chicago, err := ats.LoadZone("America/Chicago")
			if err == nil {
				body["due"] = object{"date": ats.DateOf(time.Now().In(chicago)).AddDays(days).String()}
			}
		}
	}
	for _, c := range []struct {
		code, field, sentence string
		status                int
		before                func(b *bridged)
		ask                   func(b *bridged) *answer
	}{
		{
			"feature_not_enabled", "", "Video interviewing is not enabled for this company yet. Ask Paycor Recruiting Support to enable it.", 403,
			func(b *bridged) {
				b.saves(b.admin, object{"settings": object{"feature_enabled": false}}).want(http.StatusOK)
			},
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"integration_off", "", "The Spark Hire integration is switched off. An administrator can switch it on.", 403,
			func(b *bridged) { b.saves(b.admin, object{"enabled": false}).want(http.StatusOK) },
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"not_admin", "", "Only an administrator may see and change the settings of the Spark Hire integration.", 403, nil,
			func(b *bridged) *answer { return b.saves(b.tove, object{"enabled": false}) },
		},
		{
			"primary_user_required", "primary_user", "One of the linked users must be the primary user. Name one first.", 409, nil,
			func(b *bridged) *answer { return b.saves(b.admin, object{"primary_user": ""}) },
		},
		{
			"user_not_linked", "requested_for", "This recruiter has no Spark Hire key in the integration's settings. An administrator can add one.", 403, nil,
			func(b *bridged) *answer { return b.asks(b.sam, "k") },
		},
		{
			"job_not_linked", "job.id", "This job is not linked to a Spark Hire job yet. Link it and try again.", 422, nil,
			func(b *bridged) *answer { return b.asks(b.tove, "k", set("job", object{"id": "another-job"})) },
		},
		{
			"question_set_required", "question_set_id", "This job has no question set yet. Choose one for the job and try again.", 422,
			func(b *bridged) { b.link("") },
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"unsupported_interview_type", "type", `"live" is not an interview type on offer here. Choose "one_way".`, 422, nil,
			func(b *bridged) *answer { return b.asks(b.tove, "k", set("type", "live")) },
		},
		{
			"expiration_required", "due", "A date is needed. Choose one and try again.", 422, nil,
			func(b *bridged) *answer { return b.asks(b.tove, "k", func(body object) { delete(body, "due") }) },
		},
		{
			"expiration_required", "due.date", "A date is needed. Choose one and try again.", 422, nil,
			func(b *bridged) *answer { return b.asks(b.tove, "k", set("due", object{"date": ""})) },
		},
		{
			"expiration_in_past", "due", "The expiration date is in the past. Choose a later one.", 422, nil,
			func(b *bridged) *answer { return b.asks(b.tove, "k", due(-1)) },
		},
		{
			"request_pending", "candidate.id", "This candidate already has this invitation and has not finished it. Cancel it first to send another.", 409,
			func(b *bridged) { b.sent("first") },
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"already_completed", "candidate.id", "This candidate has already completed a video interview.", 409,
			func(b *bridged) { b.completes(b.sent("first")) },
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"candidate_email_missing", "candidate.email", "The candidate has no e-mail address, so there is nowhere to send an invitation. Add one and try again.", 422, nil,
			func(b *bridged) *answer { return b.asks(b.tove, "k", set("candidate", object{"id": candidate})) },
		},
		{
			"not_cancelable", "", "This interview cannot be canceled any more: it is completed.", 409,
			func(b *bridged) { b.completes(b.sent("first")) },
			func(b *bridged) *answer { return b.cancels(b.tove, b.newest()) },
		},
		{
			"not_permitted", "candidate.id", "This person may not see the candidate.", 403,
			func(b *bridged) { b.host.Deny(910233, maya()) },
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"connection_disconnected", "", "The Spark Hire integration is not connected any more. An administrator can activate it again.", 422,
			func(b *bridged) {
				b.call(http.MethodDelete, b.connection(), nil, b.admin).want(http.StatusNoContent)
			},
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
		{
			"host_cannot", "", "The ATS has no way to do this.", 501,
			func(b *bridged) {
				cannot := answers(http.StatusNotImplemented)
				cannot.Match = func(r *http.Request) bool { return r.URL.Path == "/v1/access-checks" }
				b.host.Inject(cannot)
			},
			func(b *bridged) *answer { return b.asks(b.tove, "k") },
		},
	} {
		t.Run(strings.TrimSpace(c.code+" "+c.field), func(t *testing.T) {
			t.Parallel()
			withEngine(t, func(b *bridged) {
				if c.before != nil {
					c.before(b)
				}
				b.spark.ForgetRequests()
				texts := b.host.Texts(maya())
				a := c.ask(b)
				require.Equal(b, problem{c.code, c.field, c.sentence}, a.refused(), "%s", a.body)
				require.Equal(b, c.status, a.status)
				b.pass(10 * time.Second)
				require.Empty(b, b.spark.RequestsTo(http.MethodPost, "/interviews"))
				require.Empty(b, b.spark.RequestsTo(http.MethodDelete, "/interviews/*"))
				require.Equal(b, texts, b.host.Texts(maya()))
			})
		})
	}
}

// newest returns the connection's newest interview.
func (b *bridged) newest() ats.Interview {
	b.Helper()
	list, _, err := b.engine.ListInterviews(b.Context(), store.ListInterviewsParams{ConnectionID: b.id, Limit: 1})
	require.NoError(b, err)
	require.Len(b, list, 1)
	return list[0].Interview
}
