package sparkhire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

var sentinels = []error{
	sparkhire.ErrInvalid, sparkhire.ErrUnauthorized, sparkhire.ErrForbidden, sparkhire.ErrNotFound, sparkhire.ErrConflict,
	sparkhire.ErrGone, sparkhire.ErrRateLimited, sparkhire.ErrUnavailable, sparkhire.ErrNotSent, sparkhire.ErrOutcomeUnknown,
}

// matches requires that err matches exactly the given sentinels.
func matches(t *testing.T, err error, want ...error) {
	t.Helper()
	for _, s := range sentinels {
		require.Equal(t, slices.Contains(want, s), errors.Is(err, s), "%v: %v", err, s)
	}
}

func lena() *sparkhire.CreateInterviewRequest {
	return &sparkhire.CreateInterviewRequest{
		Type: sparkhire.TypeOneWay, JobUUID: "j", QuestionSetUUID: "s", ScheduledAt: deadline,
		Candidate: sparkhire.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
	}
}

func TestStatusesHaveMeanings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status       int
		read, create []error
	}{
		{400, []error{sparkhire.ErrInvalid}, []error{sparkhire.ErrInvalid}},
		{401, []error{sparkhire.ErrUnauthorized}, []error{sparkhire.ErrUnauthorized}},
		{402, []error{sparkhire.ErrInvalid}, []error{sparkhire.ErrInvalid}},
		{403, []error{sparkhire.ErrForbidden}, []error{sparkhire.ErrForbidden}},
		{404, []error{sparkhire.ErrNotFound}, []error{sparkhire.ErrNotFound}},
		{405, []error{sparkhire.ErrInvalid}, []error{sparkhire.ErrInvalid}},
		{408, []error{sparkhire.ErrUnavailable}, []error{sparkhire.ErrUnavailable, sparkhire.ErrOutcomeUnknown}},
		{409, []error{sparkhire.ErrConflict}, []error{sparkhire.ErrConflict}},
		{410, []error{sparkhire.ErrGone}, []error{sparkhire.ErrGone}},
		{415, []error{sparkhire.ErrInvalid}, []error{sparkhire.ErrInvalid}},
		{422, []error{sparkhire.ErrInvalid}, []error{sparkhire.ErrInvalid}},
		{429, []error{sparkhire.ErrRateLimited}, []error{sparkhire.ErrRateLimited}},
		{500, []error{sparkhire.ErrUnavailable}, []error{sparkhire.ErrUnavailable, sparkhire.ErrOutcomeUnknown}},
		{503, []error{sparkhire.ErrUnavailable}, []error{sparkhire.ErrUnavailable, sparkhire.ErrOutcomeUnknown}},
		{307, nil, []error{sparkhire.ErrOutcomeUnknown}},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) })
			_, err := client.Interviews.Get(t.Context(), "u")
			matches(t, err, c.read...)
			require.Equal(t, c.status == 404 || c.status == 410, sparkhire.IsGone(err))
			_, err = client.Interviews.Create(t.Context(), lena())
			matches(t, err, c.create...)
			matches(t, client.Interviews.Delete(t.Context(), "u"), c.create...)
		})
	}
	t.Run("400 for a key", func(t *testing.T) {
		t.Parallel()
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
		_, err := client.Me.Get(t.Context())
		matches(t, err, sparkhire.ErrUnauthorized)
	})
}

// A program that tests itself makes such errors by hand.
func TestErrorsMadeByHandWork(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	matches(t, &sparkhire.APIError{Method: "POST", Path: "/interviews", Status: 422}, sparkhire.ErrInvalid)
	limited := &sparkhire.APIError{Method: "GET", Path: "/me", Status: 429, RetryAt: at}
	matches(t, limited, sparkhire.ErrRateLimited)
	require.EqualError(t, limited, "sparkhire: GET /me: 429 Too Many Requests")
	got, ok := sparkhire.RetryAfter(fmt.Errorf("sweep: %w", limited))
	require.True(t, ok)
	require.Equal(t, at, got)
	matches(t, &sparkhire.CallError{}, sparkhire.ErrNotSent, sparkhire.ErrUnavailable)
	lost := &sparkhire.CallError{Method: "POST", Path: "/interviews", Sent: true, OutcomeUnknown: true, Err: io.ErrUnexpectedEOF}
	matches(t, lost, sparkhire.ErrUnavailable, sparkhire.ErrOutcomeUnknown)
	require.EqualError(t, lost, "sparkhire: POST /interviews: no answer after sending: unexpected EOF; the outcome is unknown")
}

func TestRefusalsInAnyShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body            string
		reason, message, code string
		fields                []sparkhire.FieldError
		text                  string
	}{
		{"reason", `{"reason":"Interview has expired."}`, "Interview has expired.", "", "", nil, "422 Unprocessable Entity: Interview has expired."},
		{"error and message", `{"error":"invalid","message":"Bad job."}`, "", "Bad job.", "invalid", nil, "422 Unprocessable Entity: invalid; Bad job."},
		{"an error object", `{"error":{"code":17,"message":"Bad job."}}`, "", "Bad job.", "17", nil, "422 Unprocessable Entity: 17; Bad job."},
		{"errors by field", `{"errors":{"job_uuid":["is unknown"],"candidate":{"email":"is taken"}}}`, "", "", "", []sparkhire.FieldError{{"candidate.email", "is taken"}, {"job_uuid", "is unknown"}}, "422 Unprocessable Entity: candidate.email: is taken; job_uuid: is unknown"},
		{"errors as a list", `{"errors":["first",{"field":"job","message":"second"},3]}`, "", "", "", []sparkhire.FieldError{{"", "first"}, {"job", "second"}}, "422 Unprocessable Entity: first; job: second"},
		{"all of them", `{"reason":"a","message":"b","error":"c","errors":["d"]}`, "a", "b", "c", []sparkhire.FieldError{{"", "d"}}, "422 Unprocessable Entity: c; a (b); d"},
		{"in a wrapper", `{"data":{"reason":"No."}}`, "No.", "", "", nil, "422 Unprocessable Entity: No."},
		{"not JSON", `<html>Lena Fox</html>`, "", "", "", nil, "422 Unprocessable Entity"},
		{"JSON of no use", `[1]`, "", "", "", nil, "422 Unprocessable Entity"},
		{"empty", ``, "", "", "", nil, "422 Unprocessable Entity"},
		{"what was sent is masked", `{"reason":"LENA FOX (lena.fox@mail.example) has key key-of-ana"}`, "LENA FOX (lena.fox@mail.example) has key key-of-ana", "", "", nil, "422 Unprocessable Entity: […] […] ([…]) has key […]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "7f3a")
				w.WriteHeader(http.StatusUnprocessableEntity)
				_, _ = io.WriteString(w, c.body)
			})
			_, err := client.Interviews.Create(t.Context(), lena())
			var refused *sparkhire.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []string{c.reason, c.message, c.code}, []string{refused.Reason, refused.Message, refused.Code})
			require.Equal(t, c.fields, refused.Fields)
			require.Equal(t, "7f3a", refused.RequestID)
			require.EqualError(t, err, "sparkhire: POST /interviews: "+c.text+" (request 7f3a)")
		})
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add(`{"reason":"No."}`)
	f.Add(`{"errors":[[[[[["deep"]]]]]],"error":{"message":7}}`)
	f.Add(`{"errors":{"a":{"b":{"c":{"d":"e"}}}},"reason":"\ud800"}`)
	f.Fuzz(func(t *testing.T, body string) {
		rt := roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
		})
		client, err := sparkhire.New(key, sparkhire.WithHTTPClient(&http.Client{Transport: rt}))
		require.NoError(t, err)
		err = client.Interviews.Delete(t.Context(), "u")
		require.ErrorIs(t, err, sparkhire.ErrInvalid)
		require.Less(t, len(err.Error()), 1200)
		require.NotContains(t, err.Error(), "\n")
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type takeFunc func(context.Context) error

func (f takeFunc) Take(ctx context.Context) error { return f(ctx) }

func TestLimiterReachesTheCaller(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		sparkhire.WithLimiter(takeFunc(func(context.Context) error { return &sparkhire.LaterError{At: at} })))
	_, err := client.Interviews.Create(t.Context(), lena())
	matches(t, err, sparkhire.ErrNotSent, sparkhire.ErrRateLimited)
	got, ok := sparkhire.RetryAfter(err)
	require.True(t, ok)
	require.Equal(t, at, got)
}

func TestRetryAfterIsPartOfTheError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, err := sparkhire.New(key, sparkhire.WithMaxWait(0), sparkhire.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: http.StatusTooManyRequests, Header: http.Header{"X-Rate-Limit-Try-Again-Seconds": {"17"}},
					Body: io.NopCloser(strings.NewReader(`{"reason":"Rate limit exceeded."}`)),
				}, nil
			}),
		}))
		require.NoError(t, err)
		_, err = client.Interviews.Create(t.Context(), lena())
		matches(t, err, sparkhire.ErrRateLimited)
		require.EqualError(t, err, "sparkhire: POST /interviews: 429 Too Many Requests: Rate limit exceeded.; come back in 17s")
		at, ok := sparkhire.RetryAfter(err)
		require.True(t, ok)
		require.Equal(t, 17*time.Second, time.Until(at))
		var refused *sparkhire.APIError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 17*time.Second, refused.RetryAfter)
	})
}

// logged writes values the way a careless program does.
func logged(values ...any) string {
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, nil))
	for _, v := range values {
		log.Info("seen", "value", v)
	}
	return b.String()
}

func TestNothingPersonalOrSecretIsLogged(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			_, _ = w.Write(fixture(t, "interview.json"))
		default:
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"reason":"Lena Fox, lena.fox@mail.example, t0p, key-of-ana"}`)
		}
	})
	interview, err := client.Interviews.Get(t.Context(), "u")
	require.NoError(t, err)
	_, refused := client.Interviews.Create(t.Context(), lena())
	require.Error(t, refused)
	delivery, err := sparkhire.ParseWebhook(sparkhire.EventInterviewCompleted, bytes.NewReader(interview.Raw))
	require.NoError(t, err)
	user := sparkhire.User{UUID: "u", Name: "Lena Fox", Email: "lena.fox@mail.example"}
	hook := sparkhire.Webhook{UUID: "w", URL: "https://hooks.example/t0p"}
	secret := sparkhire.IntegrationKey{UUID: "k", APIKey: "t0p"}

	out := logged(
		interview, *interview, *interview.AssignedTo, interview.AssignedTo, interview.ShareLink, *interview.ShareLink,
		lena(), *lena(), refused, delivery, *delivery, user, &user, hook, &hook, secret, &secret, secret.APIKey,
		lena().Candidate, &sparkhire.Job{UUID: "j", CreatedBy: &sparkhire.Person{Name: "Lena Fox"}},
		sparkhire.CreateUserRequest{FirstName: "Lena", Email: "lena.fox@mail.example"},
		sparkhire.UpdateUserRequest{FirstName: new("Lena")},
		sparkhire.CreateWebhookRequest{URL: "https://hooks.example/t0p", Event: "JobCreated"},
	)
	for _, value := range []string{"Lena", "Fox", "lena.fox", "Ruiz", "t0p", "share.example", "cdn.example", key} {
		require.NotContains(t, out, value)
	}
	require.Contains(t, out, interview.UUID)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %q", secret, secret, secret, secret.APIKey, secret.APIKey), "t0p")
	require.Equal(t, "t0p", string(secret.APIKey))
}
