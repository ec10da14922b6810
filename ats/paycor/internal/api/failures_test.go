package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// The table of statuses.
func TestRefusals(t *testing.T) {
	t.Parallel()
	body := `{"CorrelationId":"2f3d8a4e-0c59-4f6b-8d5e-1f0f3a9b7c21","Title":"Validation Error","Detail":"One field is not valid.","Source":{"createdOrModifiedStartDate":"not a date"}}`
	for status, want := range map[int]error{
		400: api.ErrInvalid, 403: api.ErrForbidden, 404: api.ErrNotFound, 500: api.ErrUpstream, 503: api.ErrUpstream,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: status, Times: -1, Body: body})
			_, err := w.client.Tenants(t.Context())
			require.ErrorIs(t, err, want)
			refusal := new(api.APIError)
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, "2f3d8a4e-0c59-4f6b-8d5e-1f0f3a9b7c21", refusal.CorrelationID)
			require.Equal(t, "Validation Error", refusal.Title)
			require.Equal(t, "One field is not valid.", refusal.Detail)
			require.Equal(t, map[string]string{"createdOrModifiedStartDate": "not a date"}, refusal.Source)
			require.ErrorContains(t, err, "createdOrModifiedStartDate")
			require.ErrorContains(t, err, "correlation 2f3d8a4e")
		})
	}
}

// 403 says which toggle to switch on.
func TestForbiddenNamesTheToggle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	maya := w.job.AddCandidate(paycortest.CandidateConfig{})
	w.app.SetDataAccess()
	for toggle, call := range map[paycortest.Toggle]func() error{
		paycortest.ViewAccounts: func() error { _, err := collect(t, w.client.Accounts.All(t.Context(), 501200)); return err },
		paycortest.ViewJobs:     func() error { _, err := collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), nil)); return err },
		paycortest.ViewJob:      func() error { _, err := w.client.Jobs.Get(t.Context(), w.jobRef()); return err },
		paycortest.ViewCandidates: func() error {
			_, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), nil))
			return err
		},
		paycortest.ViewCandidate: func() error {
			_, err := w.client.Candidates.Get(t.Context(), api.CandidateRef{JobRef: w.jobRef(), CandidateID: maya.ID()})
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, api.ErrForbidden)
		require.ErrorContains(t, err, `"`+string(toggle)+`"`)
		refusal := new(api.APIError)
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, string(toggle), refusal.Toggle)
	}
}

// The wait after a 429 comes from Retry-After, else from the message, else it is a minute.
func TestRateLimitWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header, body string
		want         time.Duration
	}{
		"by the header":                 {"7", `{"message":"Rate limit is exceeded. Try again in 60 seconds."}`, 7 * time.Second},
		"by the message":                {"", `{"message":"Rate limit is exceeded. Try again in 13 seconds."}`, 13 * time.Second},
		"by the message in capitals":    {"", `{"Message":"RATE LIMIT IS EXCEEDED. TRY AGAIN IN 1 SECOND."}`, time.Second},
		"by the message for an odd one": {"soon", `Try again in 9 seconds.`, 9 * time.Second},
		"a minute when nobody says":     {"", `{"message":"Too many"}`, time.Minute},
		"a minute when nothing is said": {"", "", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				f := paycortest.Fault{Kind: paycortest.FaultStatus, Status: 429, Body: c.body, Header: http.Header{}}
				if c.header != "" {
					f.Header.Set("Retry-After", c.header)
				}
				w.paycor.Inject(f)
				began := time.Now()
				_, err := w.client.Tenants(t.Context())
				require.NoError(t, err)
				require.InDelta(t, c.want.Seconds(), time.Since(began).Seconds(), 0.6)
			})
		})
	}
}

// At most three waits, and never one beyond the caller's deadline.
func TestRateLimitIsNotSatThroughForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		in := w.paycor.Inject(paycortest.RateLimited(3, ""))
		_, err := w.client.Tenants(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, in.Hits())

		in = w.paycor.Inject(paycortest.RateLimited(-1, "5"))
		_, err = w.client.Tenants(t.Context())
		require.ErrorIs(t, err, api.ErrRateLimited)
		require.Equal(t, 4, in.Hits())
		at, ok := api.RetryAt(err)
		require.True(t, ok)
		require.WithinDuration(t, time.Now().Add(5*time.Second), at, time.Second)
		in.Remove()
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.paycor.Inject(paycortest.RateLimited(-1, ""))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		_, err := w.client.Tenants(ctx)
		require.ErrorIs(t, err, api.ErrRateLimited)
		require.Zero(t, time.Since(began))
		require.Len(t, w.paycor.Requests(), 1)
	})
}

// The simulator's own limit and the client's budget: 600 calls go through at once, the next waits.
func TestLocalBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		began := time.Now()
		for range 600 {
			_, err := w.client.Tenants(t.Context())
			require.NoError(t, err)
		}
		require.Zero(t, time.Since(began))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := w.client.Tenants(ctx)
		require.Error(t, err)
		_, ok := api.RetryAt(err)
		require.True(t, ok)
		_, err = w.client.Tenants(t.Context())
		require.NoError(t, err)
		require.Greater(t, time.Since(began), time.Minute)
	})
}

// A GET is tried three times after a 500 or a lost answer, with pauses.
func TestReadsAreTriedThreeTimes(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]paycortest.Fault{
		"after 500":         {Kind: paycortest.FaultStatus, Status: 500},
		"after a lost call": {Kind: paycortest.FaultLost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				f.Times = 2
				w.paycor.Inject(f)
				_, err := w.client.Tenants(t.Context())
				require.NoError(t, err)
				require.Len(t, w.paycor.Requests(), 3)

				f.Times = -1
				in := w.paycor.Inject(f)
				_, err = w.client.Tenants(t.Context())
				require.Error(t, err)
				require.Equal(t, 3, in.Hits())
			})
		})
	}
}

// A failing call and a rate limit are counted apart, and a renewed token besides.
func TestTroublesAreCountedApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 500, Times: 2, Match: paycortest.IsAPICall})
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 429, Times: 3, Match: paycortest.IsAPICall})
		w.app.ExpireAccess()
		_, err := w.client.Tenants(t.Context())
		require.NoError(t, err)
		require.Len(t, w.app.Refreshes(), 1)
	})
}

// A token that ends during a wait, and cannot be renewed then, is told as such.
func TestTokenThatEndsWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		<-time.After(1730 * time.Second)
		w.app.Revoke()
		w.paycor.Inject(paycortest.RateLimited(1, "30"))
		_, err := w.client.Tenants(t.Context())
		require.ErrorIs(t, err, oauth.ErrDisconnected)
		require.ErrorContains(t, err, "sign in again")
	})
}

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "[]", "<html>", `{"userLegalEntities":{}}`, `{"userLegalEntities":[`} {
		w := newWorld(t)
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 200, Body: body, Times: -1})
		_, err := w.client.Tenants(t.Context())
		require.Error(t, err, body)
		require.False(t, httpx.OutcomeUnknown(err))
		require.Len(t, w.paycor.Requests(), 1, "an answer that makes no sense is final")
	}
}

func TestAnswersThatAreSomethingElse(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{}", "null", "[]", `{"message":"Welcome"}`, `{"id":{}}`, `{"records":{}}`} {
		w := newWorld(t)
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 200, Body: body, Times: -1})
		_, err := w.client.Jobs.Get(t.Context(), w.jobRef())
		require.Error(t, err, body)
		_, err = collect(t, w.client.Jobs.All(t.Context(), w.accountRef(), nil))
		require.Error(t, err, body)
		_, err = collect(t, w.client.Accounts.All(t.Context(), 501200))
		require.Equal(t, body != "[]", err != nil, body) // a bare array of accounts is one of the three shapes
	}
}

// Seen without a simulator: what is on the wire.
func TestBothHeadersOnEveryCall(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	var problems []string
	mock.RegisterResponder(http.MethodGet, `=~^https://apis\.paycor\.com/v1/`, func(r *http.Request) (*http.Response, error) {
		for name, want := range map[string]string{
			"Authorization": "Bearer access-1", "Ocp-Apim-Subscription-Key": "key-1", "Accept": "application/json", "User-Agent": "sparkbridge-test",
		} {
			if got := r.Header.Get(name); got != want {
				problems = append(problems, name+": "+got)
			}
		}
		if r.URL.Query().Has("subscription-key") {
			problems = append(problems, "the key is in the address")
		}
		if strings.HasSuffix(r.URL.Path, "/accounts") {
			return httpmock.NewStringResponse(200, `{"hasMoreResults":false,"records":[]}`), nil
		}
		return httpmock.NewStringResponse(200, `{}`), nil
	})
	store := &memoryStore{text: `{"access":"access-1","refresh":"r","expires":"2100-01-01T00:00:00Z"}`}
	c, err := api.New(api.Config{
		SubscriptionKey: "key-1", ClientID: "id-1", ClientSecret: "secret-1", Tokens: store,
		HTTPClient: &http.Client{Transport: mock}, UserAgent: "sparkbridge-test",
	})
	require.NoError(t, err)
	_, err = c.Tenants(t.Context())
	require.NoError(t, err)
	_, err = collect(t, c.Accounts.All(t.Context(), 501200))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Equal(t, 2, mock.GetTotalCallCount())
}

func TestConfigNamesEveryProblemAndShowsNone(t *testing.T) {
	t.Parallel()
	_, err := api.New(api.Config{
		ClientSecret: "a secret", Scope: "one two", AuthorizeURL: "ftp://x", ChallengeMethod: "plain", RefreshForm: "C", PerMinute: -1,
	})
	require.Error(t, err)
	for _, want := range []string{"subscription key", "client ID", "client secret", "scope", "authorize URL", "challenge method", "refresh form", "calls per minute"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "a secret")

	c, err := api.New(api.Config{SubscriptionKey: "k", ClientID: "i", ClientSecret: "s"})
	require.NoError(t, err)
	_, err = c.Tenants(t.Context())
	require.ErrorIs(t, err, api.ErrNoStore)
}
