package paycor_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// listening is an inbox that notes which candidates it was told of.
type listening struct {
	ats.Inbox
	told []ats.Candidate
	fail error
}

func (l *listening) UpdateCandidate(ctx context.Context, tenant ats.TenantRef, c ats.Candidate) error {
	if l.fail != nil {
		return l.fail
	}
	l.told = append(l.told, c)
	return l.Inbox.UpdateCandidate(ctx, tenant, c)
}

// polling returns a vendor with a candidate who has been asked for an interview.
func polling(t *testing.T) (*vendor, *paycortest.Candidate, *listening) {
	t.Helper()
	v := newVendor(t).signIn()
	c := v.job.AddCandidate(paycortest.CandidateConfig{ID: candidate, Email: "maya.okafor@mail.example"})
	return v, c, &listening{Inbox: v.inbox}
}

// poll lets time pass, polls, and returns what was asked for.
func (v *vendor) poll(in ats.Inbox, later time.Duration) []string {
	v.t.Helper()
	v.now = v.now.Add(later)
	before := len(v.paycor.Requests())
	require.NoError(v.t, v.adapter.Reconcile(v.t.Context(), in))
	paths := v.paths(before)
	if len(paths) > 0 && strings.HasPrefix(paths[0], "token") {
		paths = paths[1:]
	}
	return paths
}

func TestPollingBringsChangesToOpenInterviews(t *testing.T) {
	t.Parallel()
	v, c, in := polling(t)
	iv := v.asked("k")
	require.Equal(t, []string{"ActivatedLegalEntityTenantList", jobID, "candidates"}, v.poll(in, 0), "the first time everything is read")
	require.Len(t, in.told, 1)

	require.Empty(t, v.poll(in, 5*time.Minute), "it is too early")
	require.Equal(t, []string{"candidates since 2026-03-09"}, v.poll(in, 10*time.Minute), "the day of the last poll, less one")
	require.Len(t, in.told, 1, "nothing has changed")

	c.Update(func(c *paycortest.CandidateConfig) { c.Email = "maya@new.example" })
	v.poll(in, 15*time.Minute)
	c.Update(func(c *paycortest.CandidateConfig) { c.Email = "maya@newer.example" }) // the same day: the same modified date
	v.poll(in, 15*time.Minute)
	require.Len(t, in.told, 3)
	iv, err := v.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Equal(t, "maya@newer.example", iv.Candidate.Email)
	require.Empty(t, v.host.texts(), "that is nobody's business")
	require.Zero(t, v.paycor.CreateCalls())
}

func TestPollingOfJobsThatTakeNoCandidates(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"CLOSED", "FILLED", "DENIED"} {
		v, _, in := polling(t)
		v.job.Update(func(j *paycortest.JobConfig) { j.Status = status })
		require.Equal(t, []string{"ActivatedLegalEntityTenantList", jobID, "candidates"}, v.poll(in, 0))
		asked := 0
		for range 24 * 4 {
			for _, path := range v.poll(in, 15*time.Minute) {
				if strings.HasPrefix(path, "candidates") {
					asked++
				}
			}
		}
		require.Equal(t, 1, asked, "%s: once a day", status)
	}
	v, _, in := polling(t)
	v.job.Remove()
	require.Equal(t, []string{"ActivatedLegalEntityTenantList", jobID, "candidates"}, v.poll(in, 0), "a job that is gone is no failure")
	require.Empty(t, v.poll(in, 15*time.Minute))
}

func TestPollingGoesOnWhereAnotherProcessEnded(t *testing.T) {
	t.Parallel()
	v, _, in := polling(t)
	v.poll(in, 0)
	v.poll(in, 48*time.Hour)
	again, err := paycor.New(paycor.Config{
		APIURL: v.paycor.URL, AuthorizeURL: v.paycor.AuthorizeURL(), HTTPClient: v.paycor.Client(), Clock: v.clock, MaxWait: -1,
		SubscriptionKey: ats.Secret(v.app.SubscriptionKey()), ClientID: v.app.ClientID(), ClientSecret: ats.Secret(v.app.ClientSecret()), Scope: v.app.Scope(),
	})
	require.NoError(t, err)
	v.adapter = again
	paths := v.poll(in, 72*time.Hour)
	require.Equal(t, "candidates since 2026-03-11", paths[len(paths)-1], "the day of the last poll of the process before, less one")
}

func TestPollingKeepsIdleConnectionsAlive(t *testing.T) {
	t.Parallel()
	v := newVendor(t).signIn()
	require.NoError(t, v.inbox.LinkJob(v.tenant, jobID, "sh-job-1", "qs-12"))
	for range 3 {
		require.Contains(t, v.poll(v.inbox, 24*time.Hour), "ActivatedLegalEntityTenantList")
	}
	require.Len(t, v.app.Refreshes(), 3, "a refresh token is used at least once a day")
	require.Zero(t, v.app.ReusedTokens())
}

func TestPollingGoesOnBesideWhatFails(t *testing.T) {
	t.Parallel()
	v, _, in := polling(t)
	second := v.account.AddJob(paycortest.JobConfig{})
	second.AddCandidate(paycortest.CandidateConfig{FirstName: "Lee"})
	require.NoError(t, v.inbox.LinkJob(v.tenant, second.ID(), "sh-job-2", "qs-12"))
	other := ats.TenantRef{Adapter: "paycor", Tenant: "501200/another-account"}
	_, err := v.inbox.Connect(t.Context(), ats.Activation{Tenant: other, TimeZone: "America/Chicago"})
	require.NoError(t, err)
	c, err := v.inbox.Connection(t.Context(), other)
	require.NoError(t, err)
	activate(t, v.adapter, v.paycor, c)
	require.NoError(t, v.inbox.LinkJob(other, "not-there", "sh-job-3", "qs-12"))

	broken := v.paycor.Inject(paycortest.Fault{
		Kind: paycortest.FaultStatus, Status: http.StatusBadRequest, Times: -1,
		Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, jobID+"/candidates") },
	})
	err = v.adapter.Reconcile(t.Context(), in)
	require.ErrorIs(t, err, ats.ErrInvalid)
	require.ErrorContains(t, err, jobID)
	require.Len(t, in.told, 1)
	require.Equal(t, "Lee", in.told[0].FirstName, "the other job was polled")

	broken.Remove()
	v.poll(in, time.Minute)
	require.Len(t, in.told, 2, "what failed is tried again at once, what did not is not told again")
}

func TestPollingOfAConnectionThatPaycorHasClosed(t *testing.T) {
	t.Parallel()
	v, _, in := polling(t)
	v.app.Revoke()
	for range 3 {
		require.ErrorIs(t, v.adapter.Reconcile(t.Context(), in), ats.ErrUnauthorized)
		v.now = v.now.Add(time.Hour)
	}
	require.True(t, v.conn().Connected, "the integration goes on without the API")
	require.Len(t, v.app.Refreshes(), 1)
}

func TestPollingTellsWhenTheInboxFails(t *testing.T) {
	t.Parallel()
	v, _, in := polling(t)
	in.fail = errors.New("disk full")
	require.ErrorIs(t, v.adapter.Reconcile(t.Context(), in), in.fail)
	in.fail = nil
	v.poll(in, 0)
	require.Len(t, in.told, 1, "nothing was lost")
}
