package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// answerWith makes the next call answer with a file, which the simulator did not write.
func (w *world) answerWith(t *testing.T, file string) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: http.StatusOK, Body: string(body)})
}

func TestJobAsDescribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answerWith(t, "jobs.json")
	jobs, err := collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), nil))
	require.NoError(t, err)
	activated := api.Date{Raw: "2026-02-02T15:04:05.000Z", Time: time.Date(2026, 2, 2, 15, 4, 5, 0, time.UTC)}
	require.Equal(t, []api.Job{{
		ID: "ff80818190aa10010190bb2002000002", AccountID: "ff80818190aa10010190aa1001000001", Number: "214",
		Title: "Shift Supervisor", Description: "<p>Lead the morning shift.</p>", Status: api.JobActive, Priority: "NORMAL",
		Openings: 2, TimeToFill: 30, Internal: true, RemoteStatus: "OnSite", EEOCategory: "First/Mid-Level Officials and Managers",
		PayRange: &api.PayRange{Currency: "USD", Minimum: 21.5, Maximum: 26, Period: "HOURLY"},
		Location: &api.Location{
			ID: "ff80818190aa10010190cc3003000003", Address1: "12 Quay Rd", City: "Duluth", State: "MN", PostalCode: "55802", Country: "USA",
		},
		Department:     &api.Department{ID: "ff80818190aa10010190dd4004000004", Title: "Operations"},
		HiringManagers: []api.JobUser{{ID: 910233, Email: "t.lindqvist@harborlane.example", FirstName: "Tove", LastName: "Lindqvist"}},
		Activated:      activated, Modified: activated,
		Created:         api.Date{Raw: "2026-01-29T10:00:00.000Z", Time: time.Date(2026, 1, 29, 10, 0, 0, 0, time.UTC)},
		PostedToCareers: true, PostedToIndeed: true,
	}}, jobs)
}

func TestJobAsDescribedIn2024(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answerWith(t, "jobs_2024.json")
	jobs, err := collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), nil))
	require.NoError(t, err)
	require.Equal(t, []api.Job{{
		ID: "ff80818190aa10010190bb2002000002", AccountID: "ff80818190aa10010190aa1001000001", Number: "214",
		Title: "Shift Supervisor", Status: api.JobActive,
		Created: api.Date{Raw: "2026-01-29T10:00:00.000Z", Time: time.Date(2026, 1, 29, 10, 0, 0, 0, time.UTC)},
	}}, jobs)
}

// The résumé is not even decoded: one of an odd type does no harm.
func TestCandidateAsDescribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answerWith(t, "candidate.json")
	c, err := w.client.Candidates.Get(t.Context(), api.CandidateRef{JobRef: w.jobRef(), CandidateID: "ff80818190aa10010190ee5005000005"})
	require.NoError(t, err)
	one := int32(1)
	require.Equal(t, api.Candidate{
		ID: "ff80818190aa10010190ee5005000005", JobID: "ff80818190aa10010190bb2002000002", AccountID: "ff80818190aa10010190aa1001000001",
		Email: "maya.okafor@mail.example", FirstName: "Maya", LastName: "Okafor",
		StartingStage: &one, StartingStatus: &one, Stage: &one, Source: "1", MobilePhone: "2185550142",
		City: "Duluth", State: "Minnesota", PostalCode: "55802", Country: "United States",
		Created:  api.Date{Raw: "03/04/2026", Time: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), Day: true},
		Modified: api.Date{Raw: "03/09/2026", Time: time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), Day: true},
	}, *c)

	var logged strings.Builder
	log := slog.New(slog.NewTextHandler(&logged, nil))
	log.Info("read", "candidate", *c, "user", api.JobUser{ID: 910233, LastName: "Lindqvist"}, "client", w.client)
	require.Contains(t, logged.String(), "candidate ff80818190aa10010190ee5005000005")
	require.NotContains(t, logged.String(), "Okafor")
	require.NotContains(t, logged.String(), "Lindqvist")
	require.NotContains(t, logged.String(), w.app.SubscriptionKey())
}

// A context that ends between two pages ends the list.
func TestListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 150 {
		w.job.AddCandidate(paycortest.CandidateConfig{})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range w.client.Candidates.All(ctx, w.jobRef(), nil) {
		if n++; n == 100 {
			cancel()
		}
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.Equal(t, 101, n)
	require.Len(t, w.paycor.Requests(), 1)
}

// Without a filter of the vendor's, only what is certainly too old is left out.
func TestLocalFilterKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paycor.SetQuirks(paycortest.Quirks{DateFilter: paycortest.DateFilterNone})
	old := day.AddDate(0, -1, 0)
	for id, c := range map[string]paycortest.CandidateConfig{
		"old":            {Created: old, Modified: old},
		"changed":        {Created: old, Modified: day},
		"same day":       {Created: old, Modified: day.Truncate(24 * time.Hour)},
		"the day before": {Created: old, Modified: day.AddDate(0, 0, -1)},
		"unreadable":     {Created: old, Modified: old, DateLayout: "2 Jan 2006"},
		"created":        {Created: day, Modified: old},
	} {
		c.ID = strings.ReplaceAll(id, " ", "-")
		w.job.AddCandidate(c)
	}
	candidates, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), &api.CandidateOptions{ChangedSince: day}))
	require.NoError(t, err)
	var ids []string
	for _, c := range candidates {
		ids = append(ids, c.ID)
	}
	require.ElementsMatch(t, []string{"changed", "same-day", "unreadable", "created"}, ids)
}
