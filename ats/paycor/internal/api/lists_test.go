package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// Every quirk leads to the same data.
func TestQuirksReadTheSame(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]paycortest.Quirks{
		"as described today":      {},
		"with names in capitals":  {PascalCase: true},
		"with addresses only":     {AddressesOnly: true},
		"with both of these":      {AddressesOnly: true, PascalCase: true},
		"with a bare account":     {BareAccount: true},
		"with a capital account":  {BareAccount: true, PascalCase: true},
		"with a list of accounts": {BareAccounts: true},
		"with American dates":     {DateFilter: paycortest.DateFilterUS},
		"without date filters":    {DateFilter: paycortest.DateFilterNone},
		"with 400 for empty":      {EmptyAs400: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.paycor.SetQuirks(quirks)
			for i := range 230 {
				cfg := paycortest.CandidateConfig{
					ID: fmt.Sprintf("c%03d", i), Email: fmt.Sprintf("c%d@mail.example", i), PostalCode: "55802", NumericTexts: i%2 == 0,
					Created: day, Modified: day,
				}
				if i >= 220 {
					cfg.Created, cfg.Modified = day.AddDate(0, -1, 0), day.AddDate(0, -1, 0)
				}
				if i%3 == 0 {
					cfg.DateLayout = time.RFC3339
				}
				w.job.AddCandidate(cfg)
			}
			accounts, err := collect(t, w.client.Accounts.All(t.Context(), 501200))
			require.NoError(t, err)
			require.Equal(t, []api.Account{{ID: w.account.ID(), Title: "Harbor Lane Foods"}}, accounts)

			for range 2 { // the second time the filter's spelling is known
				candidates, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), &api.CandidateOptions{ChangedSince: day}))
				require.NoError(t, err)
				require.Len(t, candidates, 220)
				for i, c := range candidates {
					require.Equal(t, fmt.Sprintf("c%03d", i), c.ID)
					require.Equal(t, "55802", c.PostalCode)
					require.Equal(t, w.account.ID(), c.AccountID)
					require.False(t, c.Modified.Time.IsZero())
				}
			}
			everything, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), nil))
			require.NoError(t, err)
			require.Len(t, everything, 230)

			empty := w.account.AddJob(paycortest.JobConfig{})
			ref := api.JobRef{AccountRef: w.accountRef(), JobID: empty.ID()}
			none, err := collect(t, w.client.Candidates.All(t.Context(), ref, &api.CandidateOptions{ChangedSince: day}))
			require.NoError(t, err)
			require.Empty(t, none)
			require.Zero(t, w.paycor.CreateCalls())
		})
	}
}

// What worked is remembered: the refused spelling is tried once per client.
func TestFilterSpellingIsRemembered(t *testing.T) {
	t.Parallel()
	for quirk, refused := range map[paycortest.DateFilter]int{paycortest.DateFilterISO: 0, paycortest.DateFilterUS: 1, paycortest.DateFilterNone: 2} {
		w := newWorld(t)
		w.paycor.SetQuirks(paycortest.Quirks{DateFilter: quirk})
		for range 3 {
			_, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), &api.CandidateOptions{ChangedSince: day}))
			require.NoError(t, err)
		}
		require.Equal(t, refused, w.calls(func(r paycortest.Request) bool { return r.Status == 400 }))
	}
}

// A 400 that is not the filter's fault teaches nothing and is told.
func TestOtherRefusalsOfTheCandidateListAreErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 400, Times: 3, Body: `{"Detail":"no"}`})
	_, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), &api.CandidateOptions{ChangedSince: day}))
	require.ErrorIs(t, err, api.ErrInvalid)
	require.Equal(t, 3, in.Hits())
	before := len(w.paycor.Requests())
	_, err = collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), &api.CandidateOptions{ChangedSince: day}))
	require.NoError(t, err)
	require.Len(t, w.paycor.Requests(), before+1)
	require.Contains(t, w.paycor.Requests()[before].Query, "2026-03-09")
}

// 400 means empty only for candidates, and only when the job is there.
func TestEmptyAs400NeedsTheJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"detail":"The job is invalid or has no candidates."}`
	w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 400, Body: body, Times: 2})
	ref := w.jobRef()
	ref.JobID = "gone"
	_, err := collect(t, w.client.Candidates.All(t.Context(), ref, nil))
	require.ErrorIs(t, err, api.ErrInvalid)

	w = newWorld(t)
	w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 400, Body: body, Times: 2})
	_, err = collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), nil))
	require.ErrorIs(t, err, api.ErrInvalid)
}

func TestJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tove := paycortest.User{ID: 910233, Email: "t.lindqvist@harborlane.example", FirstName: "Tove", LastName: "Lindqvist"}
	closed := w.account.AddJob(paycortest.JobConfig{
		Title: "Baker", Number: "103", NumericTexts: true, Status: api.JobClosed, City: "Duluth", PostCode: "55802", PostedToCareers: true,
		HiringManagers: []paycortest.User{tove}, Created: day,
	})
	jobs, err := collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), &api.JobOptions{Status: api.JobClosed}))
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	require.Equal(t, "103", jobs[0].Number)
	require.Equal(t, "55802", jobs[0].Location.PostalCode)
	require.Equal(t, day, jobs[0].Created.Time)
	require.Empty(t, jobs[0].HiringManagers)

	posted := false
	jobs, err = collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), &api.JobOptions{PostedToCareers: &posted}))
	require.NoError(t, err)
	require.Len(t, jobs, 1)

	ref := api.JobRef{AccountRef: w.accountRef(), JobID: closed.ID()}
	job, err := w.client.Jobs.Get(t.Context(), ref, api.IncludeRecruiters, api.IncludeHiringManagers)
	require.NoError(t, err)
	require.Equal(t, []api.JobUser{{ID: 910233, Email: tove.Email, FirstName: "Tove", LastName: "Lindqvist"}}, job.HiringManagers)
	requests := w.paycor.Requests()
	require.Equal(t, "include=Recruiters&include=HiringManagers", requests[len(requests)-1].Query)
}

func TestCandidateWithoutEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lee := w.job.AddCandidate(paycortest.CandidateConfig{FirstName: "Lee", Stage: 7, Modified: day, Created: day, DateLayout: "sometime"})
	c, err := w.client.Candidates.Get(t.Context(), api.CandidateRef{JobRef: w.jobRef(), CandidateID: lee.ID()})
	require.NoError(t, err)
	require.Empty(t, c.Email)
	require.EqualValues(t, 7, *c.Stage)
	require.Equal(t, api.Date{Raw: "sometime"}, c.Modified)
}

func TestArgumentsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := collect(t, w.client.Accounts.All(t.Context(), 0))
	require.ErrorContains(t, err, "legalEntityId")
	_, err = w.client.Jobs.Get(t.Context(), api.JobRef{AccountRef: w.accountRef()})
	require.ErrorContains(t, err, "atsJobId")
	require.Empty(t, w.paycor.Requests())
}

// Pages that a server could answer with, and what becomes of the list.
func TestPagesThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []string
		want    error
		items   int
	}{
		"a token that repeats": {
			[]string{`{"hasMoreResults":true,"continuationToken":"t1","records":[{"id":"1"}]}`},
			api.ErrRepeatedPage, 2,
		},
		"an address that repeats": {
			[]string{`{"hasMoreResults":true,"continuationToken":null,"additionalResultsUrl":"/v1/x?continuationTokenId=1","records":[{"id":"1"}]}`},
			api.ErrRepeatedPage, 2,
		},
		"an address on another host": {
			[]string{`{"hasMoreResults":true,"additionalResultsUrl":"https://evil.example/v1/x","records":[{"id":"1"}]}`},
			api.ErrForeignPage, 0,
		},
		"an address without a scheme on another host": {
			[]string{`{"hasMoreResults":true,"additionalResultsUrl":"//evil.example/v1/x","records":[]}`},
			api.ErrForeignPage, 0,
		},
		"an address with another scheme": {
			[]string{`{"hasMoreResults":true,"additionalResultsUrl":"http://paycor.test/v1/x","records":[]}`},
			api.ErrForeignPage, 0,
		},
		"more without a way there": {
			[]string{`{"hasMoreResults":true,"records":[{"id":"1"}]}`},
			api.ErrNoNextPage, 0,
		},
		"a token that is not needed":  {[]string{`{"hasMoreResults":false,"continuationToken":"t1","records":null}`}, nil, 0},
		"null records":                {[]string{`{"hasMoreResults":false,"records":null}`}, nil, 0},
		"null records with more":      {[]string{`{"hasMoreResults":true,"continuationToken":"a","records":null}`, `{"records":[{"id":"1"}]}`}, nil, 1},
		"no flag but a token":         {[]string{`{"continuationToken":"a","records":[{"id":"1"}]}`, `{"records":[{"id":"2"}]}`}, nil, 2},
		"a token besides the address": {[]string{`{"hasMoreResults":true,"continuationToken":"a","additionalResultsUrl":"https://evil.example/","records":[]}`, `{"records":[]}`}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for i, answer := range c.answers {
				times := 1
				if i == len(c.answers)-1 {
					times = -1
				}
				w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 200, Body: answer, Times: times})
			}
			jobs, err := collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), nil))
			require.ErrorIs(t, err, c.want)
			require.Len(t, jobs, c.items)
		})
	}
}

// Nothing is asked before the loop begins or after it ends.
func TestListIsLazy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 150 {
		w.job.AddCandidate(paycortest.CandidateConfig{})
	}
	seq := w.client.Candidates.All(t.Context(), w.jobRef(), nil)
	require.Empty(t, w.paycor.Requests())
	for range 2 {
		for range seq {
			break
		}
	}
	require.Len(t, w.paycor.Requests(), 2)
	require.Equal(t, http.MethodGet, w.paycor.Requests()[0].Method)
}
