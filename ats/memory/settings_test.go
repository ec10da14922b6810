package memory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func TestSigningInKeepsAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	flow := ats.AuthorizationFlow{State: "s1", RedirectURL: "https://bridge.example/oauth/callback", User: ats.User{ID: "u1"}}

	address, err := w.adapter.AuthorizationURL(t.Context(), w.conn, flow)
	require.NoError(t, err)
	require.Equal(t, "https://bridge.example/oauth/callback?code=u1&state=s1", address)
	_, err = w.adapter.AuthorizationURL(t.Context(), w.conn, ats.AuthorizationFlow{RedirectURL: "/callback"})
	require.ErrorIs(t, err, ats.ErrInvalid)

	for range 2 { // signing in again replaces the token
		require.NoError(t, w.adapter.Authorize(t.Context(), w.conn, flow, "u1"))
		token, err := w.conn.Secrets.Get(t.Context(), memory.SecretToken)
		require.NoError(t, err)
		require.Equal(t, "token of u1", token.Reveal())
	}
	require.ErrorIs(t, w.adapter.Authorize(t.Context(), w.conn, flow, "another"), ats.ErrUnauthorized)
	require.NoError(t, w.adapter.Probe(t.Context(), w.conn))
	require.Error(t, w.adapter.Probe(t.Context(), ats.Connection{Tenant: ats.TenantRef{Adapter: "memory", Tenant: "nobody"}}))
}

func TestAShutGateRefusesRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	require.NoError(t, w.inbox.SetSettings(w.conn.Tenant, []byte(`{"closed":true}`)))
	_, err := w.inbox.Submit(t.Context(), w.request("k1"))
	refusal, ok := ats.AsRefusal(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, ats.CodeFeatureNotEnabled, refusal.Code)
}

func TestReportsKnowTheOtherInterviewsOfTheCandidateAndJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	again := w.request("k1")
	first, err := w.inbox.Submit(t.Context(), again)
	require.NoError(t, err)
	_, err = w.inbox.Cancel(t.Context(), first.ID, ats.User{ID: "u1"})
	require.NoError(t, err)
	again.Key = "k2"
	second, err := w.inbox.Submit(t.Context(), again)
	require.NoError(t, err)

	report, err := w.inbox.Report(second.ID)
	require.NoError(t, err)
	require.Len(t, report.Others, 1)
	require.Equal(t, first.ID, report.Others[0].ID)
	require.Equal(t, report.Interview.Revision+report.Others[0].Revision, report.Version)
}

func TestACandidateIsBroughtUpToDateWhileAnInterviewIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	i, err := w.inbox.Submit(t.Context(), w.request("k1"))
	require.NoError(t, err)
	update := ats.Candidate{ID: i.Candidate.ID, Email: "new@mail.example"}
	require.NoError(t, w.inbox.UpdateCandidate(t.Context(), w.conn.Tenant, update))
	got, err := w.inbox.Interview(i.ID)
	require.NoError(t, err)
	require.Equal(t, "new@mail.example", got.Candidate.Email)
	require.Equal(t, i.Candidate.FirstName, got.Candidate.FirstName)

	_, err = w.inbox.Cancel(t.Context(), i.ID, ats.User{ID: "u1"})
	require.NoError(t, err)
	update.Email = "late@mail.example"
	require.NoError(t, w.inbox.UpdateCandidate(t.Context(), w.conn.Tenant, update))
	got, err = w.inbox.Interview(i.ID)
	require.NoError(t, err)
	require.Equal(t, "new@mail.example", got.Candidate.Email, "what has ended stays as it was")
}
