package api_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

func TestARefusalKeepsItsFacts(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, publicHeader(),
		exchange{call: "GET /v1/users/31", status: 422, answer: "error_422.json", set: map[string]string{"X-Request-Id": "req-7"}},
		exchange{call: "GET /v1/users/31", status: 406, answer: "error_406.json"},
		exchange{call: "GET /v1/users/31", status: 401},
		exchange{call: "GET /v1/users/31", status: 400, answer: `{"errors":[{"title":"Filter not allowed","code":102,"status":"400","source":{"parameter":"filter[x]"}}]}`},
		exchange{call: "GET /v1/users/31", status: 404, answer: "<html>not here</html>"},
		exchange{call: "GET /v1/users/31", status: 302, set: map[string]string{"Location": "https://elsewhere.example/"}},
	)
	users := v.public(t).Users
	refusal := func() *api.APIError {
		t.Helper()
		_, err := users.Get(t.Context(), "31")
		var refusal *api.APIError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, http.MethodGet, refusal.Method)
		require.Equal(t, "/v1/users/{id}", refusal.Path)
		require.False(t, refusal.OutcomeUnknown)
		return refusal
	}

	e := refusal()
	require.Equal(t, 422, e.Status)
	require.Equal(t, "100", e.Code)
	require.Equal(t, "is invalid", e.Title)
	require.Equal(t, "url - is invalid for mira.falk@example.org", e.Detail)
	require.Equal(t, "/data/attributes/url", e.Pointer)
	require.Equal(t, "req-7", e.RequestID)
	require.Equal(t, []api.Problem{
		{Status: 422, Code: "100", Title: "is invalid", Detail: "url - is invalid for mira.falk@example.org", Pointer: "/data/attributes/url"},
		{Status: 422, Code: "100", Title: "can't be blank", Detail: "summary - can't be blank", Pointer: "/data/attributes/summary"},
	}, e.Errors)
	for _, word := range []string{"422 Unprocessable Entity", "100", "/data/attributes/url: is invalid", "/data/attributes/summary"} {
		require.ErrorContains(t, e, word)
	}
	require.NotContains(t, e.Error()+e.LogValue().String(), "mira.falk")

	e = refusal()
	require.Equal(t, 406, e.Status)
	require.Equal(t, "20250101", e.CurrentVersion)
	require.ErrorContains(t, e, "Current version is: 20250101")
	require.Contains(t, e.LogValue().String(), "20250101")

	e = refusal()
	require.Equal(t, 401, e.Status)
	require.Empty(t, e.Errors)
	require.EqualError(t, e, "GET /v1/users/{id}: 401 Unauthorized")

	require.Equal(t, "filter[x]", refusal().Pointer)
	require.Equal(t, 404, refusal().Status)
	require.Equal(t, 302, refusal().Status, "redirects are not followed")
}

func TestErrorsNeverHoldTheKey(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, nil,
		exchange{call: "GET /v1/users/31", status: 400, answer: `{"errors":[{"title":"The key company_api_token_example is odd"}]}`},
	)
	_, err := v.public(t).Users.Get(t.Context(), "31")
	require.ErrorContains(t, err, "get user 31: GET /v1/users/{id}: 400")
	require.NotContains(t, err.Error(), companyToken)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Error("call", "err", err, "client", v.public(t), "partner", v.partner(t))
	require.NotContains(t, log.String()+fmt.Sprintf("%+v %#v", *v.partner(t), *v.public(t)), "_example")
}

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ answer, want string }{
		"a page of HTML":         {"<html>", "the answer is not JSON"},
		"a cut off answer":       {`{"data":{"id":"31","type":"users"`, "the answer is not JSON"},
		"another resource":       {`{"data":{"id":"31","type":"candidates"}}`, "the answer is not the expected JSON:API document"},
		"a list with two people": {`{"data":[{"id":"31","type":"users"},{"id":"32","type":"users"}]}`, "the answer holds no resource"},
		"nobody":                 {`{"data":null}`, "the answer holds no resource"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendor(t, publicHeader(), exchange{call: "GET /v1/users/31", answer: tt.answer})
			_, err := v.public(t).Users.Get(t.Context(), "31")
			require.ErrorContains(t, err, "get user 31: GET /v1/users/{id}: 200 OK: unreadable answer: "+tt.want)
			require.NotErrorAs(t, err, new(*api.APIError))
			require.ErrorAs(t, err, new(*httpx.Error))
			require.False(t, api.OutcomeUnknown(err), "reading changes nothing")
		})
	}
}

func TestPagesAreFollowedByLinkOnTheSameAPIOnly(t *testing.T) {
	t.Parallel()
	foreign := map[string]string{
		"another host":          "https://evil.example/v1/users?page=2",
		"another port":          "BASE:1/v1/users?page=2",
		"a host with our start": "BASE.evil.example/v1/users",
		"user information":      "http://BASE@evil.example/v1/users",
		"another path":          "BASE/admin/users",
		"the other API":         "BASE/partner/v1/partner-results",
		"another scheme":        "ftp://host/v1/users",
		"no address":            "::",
		"a relative address":    "/v1/users?page=2",
	}
	for name, link := range foreign {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendor(t, publicHeader())
			v.expected = []exchange{{
				call:   "GET /v1/users?page%5Bsize%5D=30",
				answer: `{"data":[{"id":"31","type":"users"}],"links":{"next":"` + strings.ReplaceAll(link, "BASE", v.URL) + `"}}`,
			}}
			var ids []string
			var last error
			for user, err := range v.public(t).Users.All(t.Context(), nil) {
				ids, last = append(ids, user.ID), err
			}
			require.Equal(t, []string{"31", ""}, ids, "one error, last, with a zero item")
			require.ErrorContains(t, last, "list users: GET /v1/users: nothing was sent: the link to the next page leaves the API")
		})
	}
}

func TestAPageThatRepeatsIsAnError(t *testing.T) {
	t.Parallel()
	v := newVendor(t, publicHeader())
	body := `{"data":[{"id":"31","type":"users"}],"links":{"next":"` + v.URL + `/v1/users?page=2"}}`
	v.expected = []exchange{{call: "GET /v1/users?page%5Bsize%5D=30", answer: body}, {call: "GET /v1/users?page=2", answer: body}}
	n := 0
	var last error
	for _, err := range v.public(t).Users.All(t.Context(), nil) {
		n, last = n+1, err
	}
	require.Equal(t, 3, n)
	require.ErrorIs(t, last, httpx.ErrRepeatedPage)
}

func TestACanceledContextRequestsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := newVendor(t, publicHeader()).public(t)
	for _, err := range p.Users.All(ctx, nil) {
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err := p.Users.Get(ctx, "31")
	require.ErrorIs(t, err, context.Canceled)
}

func TestIDsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	v := newVendor(t, publicHeader(), exchange{call: "GET /v1/users/31%2F..%3Fx=%23", answer: "user.json"})
	p := v.public(t)
	_, err := p.Users.Get(t.Context(), "31/..?x=#")
	require.NoError(t, err)
	for _, id := range []string{"", ".", ".."} {
		_, err := p.Users.Get(t.Context(), id)
		require.ErrorAs(t, err, new(*api.ArgumentError))
		for _, err := range p.Stages.All(t.Context(), id, nil) {
			require.ErrorAs(t, err, new(*api.ArgumentError))
		}
	}
}

// inMemory answers without a socket, as a virtual clock needs it.
func inMemory(t *testing.T, serve roundTrip, opts ...api.Option) *api.Public {
	t.Helper()
	opts = append(opts, api.WithHTTPClient(&http.Client{Transport: serve}))
	p, err := api.NewPublic("https://api.teamtailor.com", companyToken, opts...)
	require.NoError(t, err)
	return p
}

func TestTheRateLimitIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sends []time.Time
		p := inMemory(t, func(req *http.Request) (*http.Response, error) {
			sends = append(sends, time.Now())
			return answer(req, http.StatusNoContent, ""), nil
		})
		for range 120 {
			require.NoError(t, p.CustomFieldValues.Update(t.Context(), "505", "x"))
		}
		for i := api.RateLimit; i < len(sends); i++ {
			require.Greater(t, sends[i].Sub(sends[i-api.RateLimit]), api.RateWindow)
		}
		require.Less(t, sends[119].Sub(sends[0]), 21*time.Second, "and the budget is used")
	})
}

func TestClientsWithOneKeyShareALimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		serve := func(req *http.Request) (*http.Response, error) { return answer(req, http.StatusNoContent, ""), nil }
		limiter := api.NewLimiter()
		first, second := inMemory(t, serve, api.WithLimiter(limiter)), inMemory(t, serve, api.WithLimiter(limiter))
		start := time.Now()
		for range api.RateLimit {
			require.NoError(t, first.CustomFieldValues.Update(t.Context(), "505", "x"))
		}
		require.Zero(t, time.Since(start))
		require.NoError(t, second.CustomFieldValues.Update(t.Context(), "505", "x"))
		require.GreaterOrEqual(t, time.Since(start), api.RateWindow)
	})
}

func TestAWaitThatTheVendorAsksForIsKept(t *testing.T) {
	t.Parallel()
	refuseOnce := func(header, value string) (roundTrip, *atomic.Int32) {
		var calls atomic.Int32
		return func(req *http.Request) (*http.Response, error) {
			if calls.Add(1) == 1 {
				resp := answer(req, http.StatusTooManyRequests, "")
				resp.Header.Set(header, value)
				return resp, nil
			}
			return answer(req, http.StatusOK, `{"data":{"id":"31","type":"users"}}`), nil
		}, &calls
	}
	for _, header := range []string{"X-Rate-Limit-Reset", "Retry-After"} {
		synctest.Test(t, func(t *testing.T) {
			serve, calls := refuseOnce(header, "7")
			start := time.Now()
			_, err := inMemory(t, serve).Users.Get(t.Context(), "31")
			require.NoError(t, err)
			require.EqualValues(t, 2, calls.Load())
			require.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		})
		synctest.Test(t, func(t *testing.T) {
			serve, calls := refuseOnce(header, "7")
			start := time.Now()
			_, err := inMemory(t, serve, api.WithMaxWait(-1)).Users.Get(t.Context(), "31")
			var refusal *api.APIError
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, 7*time.Second, refusal.RetryAfter)
			at, ok := api.RetryAt(err)
			require.True(t, ok)
			require.WithinDuration(t, start.Add(7*time.Second), at, 0)
			require.EqualValues(t, 1, calls.Load())
			require.Zero(t, time.Since(start))
		})
	}
}

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset by peer")
	type call func(context.Context, *api.Partner, *api.Public) error
	note := func(ctx context.Context, _ *api.Partner, p *api.Public) error {
		_, err := p.Notes.Create(ctx, api.NoteRequest{CandidateID: "1", UserID: "2", Text: "x"})
		return err
	}
	move := func(ctx context.Context, _ *api.Partner, p *api.Public) error {
		return p.JobApplications.Move(ctx, "1", "2")
	}
	update := func(ctx context.Context, p *api.Partner, _ *api.Public) error {
		return p.Results.Update(ctx, resultID, api.ResultUpdate{Status: api.StatusSent})
	}
	read := func(ctx context.Context, _ *api.Partner, p *api.Public) error {
		_, err := p.Users.Get(ctx, "31")
		return err
	}
	tests := map[string]struct {
		call     call
		status   int // 0: the connection is lost
		attempts int32
		unknown  bool
	}{
		"a result update after a lost connection":    {update, 0, 4, true},
		"a result update after 503":                  {update, 503, 4, true},
		"a result update refused with 422 is final":  {update, 422, 1, false},
		"reading after a lost connection":            {read, 0, 4, false},
		"reading refused with 401 is final":          {read, 401, 1, false},
		"a note is not written twice":                {note, 0, 1, true},
		"a note after 503 is not written twice":      {note, 503, 1, true},
		"a move after a lost connection is not sent": {move, 0, 1, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				client := &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
					attempts.Add(1)
					if tt.status == 0 {
						return nil, lost
					}
					return answer(req, tt.status, ""), nil
				})}
				partner, err := api.NewPartner("https://api.teamtailor.com", partnerKey, api.WithHTTPClient(client))
				require.NoError(t, err)
				public, err := api.NewPublic("https://api.teamtailor.com", companyToken, api.WithHTTPClient(client))
				require.NoError(t, err)
				err = tt.call(t.Context(), partner, public)
				require.Error(t, err)
				require.Equal(t, tt.attempts, attempts.Load())
				require.Equal(t, tt.unknown, api.OutcomeUnknown(err))
			})
		})
	}
}
