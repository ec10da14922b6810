package memory_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func TestSubmitKeepsTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.request("key-1")
	iv := w.submit(t, r)
	require.Equal(t, ats.StateRequested, iv.State)
	require.Equal(t, ats.OneWay, iv.Type, "the policy's default")
	require.Equal(t, "2026-03-17 (America/Chicago)", iv.Schedule.String())
	require.EqualValues(t, 1, iv.Revision)
	require.Equal(t, "tove", iv.RequestedFor.ID)
	require.Equal(t, "abel", iv.RequestedBy.ID)
	require.Equal(t, w.conn.ID, iv.ConnectionID)
	require.Equal(t, w.now, iv.CreatedAt)
	require.False(t, iv.Repeated)
	require.Nil(t, iv.Candidate.Raw, "raw records are never stored")

	events, err := w.inbox.Events(iv.ID)
	require.NoError(t, err)
	require.Len(t, events, 1)
	require.Equal(t, ats.EventRequested, events[0].Kind)
	require.Equal(t, "One-way interview requested, 2026-03-17 (America/Chicago); 7 calendar days from today", events[0].Text)
	require.Equal(t, "abel", events[0].Actor)

	kept := w.inbox.Requests()
	require.Len(t, kept, 1)
	require.Equal(t, r.ReplyTo, kept[0].ReplyTo)
}

func TestTheSameKeyIsTheSameInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.submit(t, w.request("key-1"))
	other := w.request("key-1")
	other.Type = "nonsense"
	again := w.submit(t, other)
	require.True(t, again.Repeated)
	again.Repeated = false
	require.Equal(t, first, again)

	bakery := w.activation()
	bakery.Tenant = w.adapter.Account("bakery").Tenant()
	w.connect(t, bakery)
	elsewhere := w.request("key-1")
	elsewhere.Tenant, elsewhere.Job = bakery.Tenant, ats.Job{}
	elsewhere.Candidate = w.adapter.Account("bakery").AddCandidate("", elsewhere.Candidate)
	require.NotEqual(t, first.ID, w.submit(t, elsewhere).ID, "keys belong to a tenant")

	found, err := w.inbox.InterviewByKey(t.Context(), first.Tenant, "key-1")
	require.NoError(t, err)
	require.Equal(t, first, found)
	_, err = w.inbox.InterviewByKey(t.Context(), first.Tenant, "key-2")
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func TestManyCallsWithOneKeyMakeOneInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.request("key-1")
	ctx := t.Context()
	const n = 16
	ids, errs := make([]string, n), make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			iv, err := w.inbox.Submit(ctx, r)
			ids[i], errs[i] = iv.ID, err
		})
	}
	group.Wait()
	for i := range n {
		require.NoError(t, errs[i])
		require.Equal(t, ids[0], ids[i])
	}
	require.Len(t, w.inbox.Interviews(), 1)
}

func TestSubmitRefusesAndKeepsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy func(p *ats.Policy)
		before func(w *world, r *ats.Request)
		want   ats.Code
	}{
		"a tenant that was never connected": {nil, func(w *world, r *ats.Request) { r.Tenant.Tenant = "nobody" }, ats.CodeNotConnected},
		"a paused integration": {nil, func(w *world, _ *ats.Request) {
			_ = w.inbox.SetEnabled(w.conn.Tenant, false)
		}, ats.CodeIntegrationOff},
		"a request without a key":  {nil, func(_ *world, r *ats.Request) { r.Key = "" }, ats.CodeIdempotencyKeyRequired},
		"what the policy refuses":  {nil, func(_ *world, r *ats.Request) { r.Candidate.Email = "" }, ats.CodeCandidateEmailMissing},
		"a job without a link":     {func(p *ats.Policy) { p.JobLink = ats.Required }, nil, ats.CodeJobNotLinked},
		"no primary user":          {func(p *ats.Policy) { p.ActorKey, p.PrimaryUser = ats.KeyPrimary, ats.Required }, nil, ats.CodePrimaryUserRequired},
		"what the adapter refuses": {nil, func(w *world, r *ats.Request) { w.account.RemoveCandidate(r.Candidate.ID) }, ats.CodeCandidateRequired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.policy)
			r := w.request("key-1")
			if c.before != nil {
				c.before(w, &r)
			}
			_, err := w.inbox.Submit(t.Context(), r)
			refused(t, err, c.want)
			require.Empty(t, w.inbox.Interviews())
		})
	}
}

func TestTheJobLinkCompletesARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *ats.Policy) {
		p.JobLink = ats.Required
		p.QuestionSet[ats.OneWay] = ats.Required
	})
	r := w.request("key-1")
	require.NoError(t, w.inbox.LinkJob(w.conn.Tenant, r.Job.ID, "spark-job", "questions"))
	iv := w.submit(t, r)
	require.Equal(t, "spark-job", iv.SparkHire.JobID)
	require.Equal(t, "questions", iv.SparkHire.QuestionSetID)

	live := w.request("key-2")
	live.Type = ats.Live
	require.NoError(t, w.inbox.LinkJob(w.conn.Tenant, live.Job.ID, "spark-job", "questions"))
	require.Empty(t, w.submit(t, live).SparkHire.QuestionSetID, "where none may be, none is added")

	unlinked := newWorld(t, func(p *ats.Policy) { p.JobLink = ats.Forbidden })
	refused(t, unlinked.inbox.LinkJob(unlinked.conn.Tenant, "job-1", "spark-job", ""), ats.CodeJobLinkNotAllowed)
}

func TestThePrimaryUserInvites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *ats.Policy) { p.ActorKey, p.PrimaryUser = ats.KeyPrimary, ats.Required })
	refused(t, w.inbox.SetPrimaryUser(w.conn.Tenant, "stranger"), ats.CodeUserNotLinked)
	require.NoError(t, w.inbox.SetPrimaryUser(w.conn.Tenant, "abel"))
	require.Equal(t, "abel", w.submit(t, w.request("key-1")).RequestedFor.ID)
}

func TestASecondRequestMeetsTheFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope              ats.Scope
		pending, completed ats.Answer
		reached            ats.State
		second             func(w *world, r *ats.Request)
		refused, notice    ats.Code
	}{
		"while the first is pending":           {scope: ats.ScopeCandidate, refused: ats.CodeRequestPending},
		"while it waits for a person":          {scope: ats.ScopeCandidate, reached: ats.StateUnconfirmed, refused: ats.CodeRequestPending},
		"after it was completed":               {scope: ats.ScopeCandidate, reached: ats.StateCompleted, refused: ats.CodeAlreadyCompleted},
		"after it failed":                      {scope: ats.ScopeCandidate, reached: ats.StateFailed},
		"after it expired":                     {scope: ats.ScopeCandidate, reached: ats.StateExpired},
		"after it was canceled":                {scope: ats.ScopeCandidate, reached: ats.StateCanceled},
		"pending, which is allowed":            {scope: ats.ScopeCandidate, pending: ats.Allow},
		"pending, which is worth a notice":     {scope: ats.ScopeCandidate, pending: ats.AllowWithNotice, notice: ats.CodeRequestPending},
		"completed, which is worth a notice":   {scope: ats.ScopeCandidate, completed: ats.AllowWithNotice, reached: ats.StateCompleted, notice: ats.CodeAlreadyCompleted},
		"for another job of the same person":   {scope: ats.ScopeCandidate, second: anotherJob, refused: ats.CodeRequestPending},
		"for another job, which is another":    {scope: ats.ScopeCandidateJob, second: anotherJob},
		"for the same job":                     {scope: ats.ScopeCandidateJob, second: anotherType, refused: ats.CodeRequestPending},
		"in other terms":                       {scope: ats.ScopeTerms, second: anotherType},
		"in the name of somebody else":         {scope: ats.ScopeTerms, second: func(_ *world, r *ats.Request) { r.RequestedFor = "abel" }},
		"with another question set":            {scope: ats.ScopeTerms, second: func(_ *world, r *ats.Request) { r.QuestionSetID = "q2" }},
		"with another Spark Hire job":          {scope: ats.ScopeTerms, second: func(_ *world, r *ats.Request) { r.SparkHireJobID = "s2" }},
		"in the same terms":                    {scope: ats.ScopeTerms, refused: ats.CodeRequestPending},
		"about somebody else":                  {scope: ats.ScopeCandidate, second: func(w *world, r *ats.Request) { *r = w.request("key-2") }},
		"after the first person was forgotten": {scope: ats.ScopeCandidate, second: forgotten},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(p *ats.Policy) {
				p.Scope, p.WhilePending, p.AfterCompleted = c.scope, c.pending, c.completed
			})
			r := w.request("key-1")
			first := w.submit(t, r)
			if c.reached != "" {
				w.becomes(t, first.ID, c.reached)
			}
			r.Key = "key-2"
			if c.second != nil {
				c.second(w, &r)
			}
			iv, err := w.inbox.Submit(t.Context(), r)
			if c.refused != "" {
				refused(t, err, c.refused)
				require.Len(t, w.inbox.Interviews(), 1)
				return
			}
			require.NoError(t, err)
			require.NotEqual(t, first.ID, iv.ID)
			if c.notice == "" {
				require.Nil(t, iv.Notice)
			} else {
				require.Equal(t, c.notice, iv.Notice.Code)
			}
		})
	}
}

func anotherJob(w *world, r *ats.Request) {
	r.Job = w.account.AddJob(ats.Job{Title: "Another"})
	w.account.AddCandidate(r.Job.ID, r.Candidate)
}

func anotherType(_ *world, r *ats.Request) { r.Type = ats.Live }

func forgotten(w *world, r *ats.Request) {
	_ = w.inbox.Erase(context.Background(), ats.CandidateRef{Tenant: r.Tenant, ID: r.Candidate.ID})
}

func TestAnInboxThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	down := fmt.Errorf("write ledger: %w", ats.ErrUnavailable)
	w.inbox.FailNext(2, down)
	for range 2 {
		_, err := w.inbox.Submit(t.Context(), w.request("key-1"))
		require.ErrorIs(t, err, ats.ErrUnavailable)
	}
	w.submit(t, w.request("key-1"))

	w.inbox.FailNext(-1, down)
	for range 5 {
		_, err := w.inbox.Connections(t.Context(), "memory")
		require.ErrorIs(t, err, ats.ErrUnavailable)
	}
	w.inbox.FailNext(0, nil)
	_, err := w.inbox.Connections(t.Context(), "memory")
	require.NoError(t, err)
}

func TestNothingHappensAfterTheContextHasEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	iv := w.submit(t, w.request("key-1"))
	ref := ats.CandidateRef{Tenant: iv.Tenant, ID: iv.Candidate.ID}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Connection":             func() error { _, err := w.inbox.Connection(ctx, iv.Tenant); return err },
		"ConnectionByCredential": func() error { _, err := w.inbox.ConnectionByCredential(ctx, "memory", "digest-1"); return err },
		"Connections":            func() error { _, err := w.inbox.Connections(ctx, "memory"); return err },
		"Connect":                func() error { _, err := w.inbox.Connect(ctx, ats.Activation{}); return err },
		"Disconnect":             func() error { return w.inbox.Disconnect(ctx, iv.Tenant) },
		"Submit":                 func() error { _, err := w.inbox.Submit(ctx, w.request("key-2")); return err },
		"InterviewByKey":         func() error { _, err := w.inbox.InterviewByKey(ctx, iv.Tenant, "key-1"); return err },
		"OpenInterviews":         func() error { _, err := w.inbox.OpenInterviews(ctx, iv.Tenant, ref); return err },
		"Cancel":                 func() error { _, err := w.inbox.Cancel(ctx, iv.ID, ats.User{}); return err },
		"Erase":                  func() error { return w.inbox.Erase(ctx, ref) },
		"Deliver":                func() error { return w.inbox.Deliver(ctx, iv.ID) },
		"CheckKey":               func() error { _, err := w.inbox.Lookup().CheckKey(ctx, "key"); return err },
		"Get":                    func() error { _, err := w.conn.Secrets.Get(ctx, "refresh_token"); return err },
		"CompareAndSwap":         func() error { return w.conn.Secrets.CompareAndSwap(ctx, "refresh_token", "first", "second") },
	} {
		require.ErrorIs(t, call(), context.Canceled, name)
	}
	require.Equal(t, []ats.Interview{iv}, w.inbox.Interviews())
}

func TestWhatTheInboxReturnsIsACopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	iv := w.submit(t, w.request("key-1"))
	want, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	iv.Candidate.CustomFields[0].Value = "altered"
	w.inbox.Requests()[0].ReplyTo[0] = '!'
	w.conn.Users[0].Linked = false

	got, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, byte('{'), w.inbox.Requests()[0].ReplyTo[0])
	c, err := w.inbox.Connection(t.Context(), w.conn.Tenant)
	require.NoError(t, err)
	require.True(t, c.Users[0].Linked)
}
