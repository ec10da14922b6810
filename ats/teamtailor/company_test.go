package teamtailor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

func TestListsNeedACompanyToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.reconcile()
	c := w.connection()
	for _, err := range w.adapter.Jobs(t.Context(), c) {
		require.ErrorIs(t, err, ats.ErrUnsupported)
	}
	for _, err := range w.adapter.Candidates(t.Context(), c, ats.JobRef{Tenant: c.Tenant, ID: "1"}, time.Time{}) {
		require.ErrorIs(t, err, ats.ErrUnsupported)
	}
	_, err := w.adapter.Candidate(t.Context(), c, ats.CandidateRef{Tenant: c.Tenant, ID: "1"})
	require.ErrorIs(t, err, ats.ErrUnsupported)
	require.Contains(t, err.Error(), "has no company API token")
}

func TestCandidatesOfAJob(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]teamtailortest.Option{
		"with the filter that others use": {teamtailortest.WithObservedFilters()},
		"where the API refuses it":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{vendor: opts})
			w.reconcile()
			w.setSettings(fmt.Sprintf(`{"company_api_token": %q}`, w.company.APIToken()))
			want := []string{}
			for range 35 {
				want = append(want, fmt.Sprint(w.applicant().ID))
			}
			other := w.company.AddJob(teamtailortest.JobConfig{Title: "Surgeon"})
			_, err := w.tt.MoveCandidate(t.Context(), w.candidate(), other.Stage(teamtailortest.StageInbox))
			require.NoError(t, err)
			var got []string
			for c, err := range w.adapter.Candidates(t.Context(), w.connection(), ats.JobRef{Tenant: w.tenant(), ID: fmt.Sprint(w.job.ID)}, time.Time{}) {
				require.NoError(t, err)
				got = append(got, c.ID)
			}
			require.Equal(t, want, got)
		})
	}
}

func TestCandidateComesWithCustomFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.reconcile()
	w.setSettings(fmt.Sprintf(`{"company_api_token": %q, "api_url": %q}`, w.company.APIToken(), w.tt.URL))
	mira := w.candidate()
	c, err := w.adapter.Candidate(t.Context(), w.connection(), ats.CandidateRef{Tenant: w.tenant(), ID: fmt.Sprint(mira.ID)})
	require.NoError(t, err)
	require.Equal(t, "Mira Falk", c.Name())
	date, ok := c.Field("interview-date")
	require.True(t, ok)
	require.Equal(t, "2026-04-02", date)
	require.Equal(t, "+46700000001", c.Phone)
}

func TestAConnectionIsTriedWithBothCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.reconcile()
	require.NoError(t, w.adapter.Probe(t.Context(), w.connection()), "without a company token the partner API is enough")

	w.setSettings(fmt.Sprintf(`{"company_api_token": %q}`, w.company.APIToken()))
	require.NoError(t, w.adapter.Probe(t.Context(), w.connection()))

	w.setSettings(`{"company_api_token": "not-a-token"}`)
	err := w.adapter.Probe(t.Context(), w.connection())
	require.ErrorIs(t, err, ats.ErrUnauthorized)
	require.ErrorContains(t, err, "company API")
	require.NotContains(t, err.Error(), "not-a-token")
}
