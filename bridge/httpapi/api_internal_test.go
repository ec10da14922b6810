package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sparkbridge/sparkbridge/ats"
)

func TestTheDocumentHasEveryCallAndNoOther(t *testing.T) {
	t.Parallel()
	var d struct{ Paths map[string]map[string]any }
	require.NoError(t, yaml.Unmarshal(document, &d))
	served, described := map[string]bool{}, map[string]bool{}
	for _, r := range (&api{}).routes() {
		served[r.method+" "+r.path] = true
	}
	for path, item := range d.Paths {
		for method := range item {
			if method != "parameters" && method != "description" {
				described[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	require.Equal(t, served, described)
}

// The table of section "Errors" of the contract, code by code.
func TestEachCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	for status, codes := range map[int][]ats.Code{
		401: {"unauthorized"},
		403: {"user_not_linked", "not_admin", "not_permitted", "not_connected", "feature_not_enabled", "integration_off"},
		404: {"not_found"},
		405: {"method_not_allowed"},
		409: {
			"request_pending", "already_completed", "not_cancelable", "connection_exists", "idempotency_mismatch",
			"primary_user_required", "not_resolvable", "spark_hire_job_unconfirmed", "conflict",
		},
		413: {"too_large"},
		422: {
			"actor_required", "invalid_key", "job_required", "job_not_linked", "job_link_not_allowed", "question_set_required",
			"question_set_not_allowed", "unsupported_interview_type", "expiration_required", "expiration_in_past", "time_required",
			"time_not_allowed", "invalid_date", "invalid_time", "time_zone_required", "time_zone_unknown", "time_does_not_exist",
			"candidate_required", "candidate_email_missing", "candidate_email_invalid", "do_not_email",
			"message_too_long", "message_not_allowed", "idempotency_key_required", "connection_disconnected", "unsupported",
			"invalid_settings", "too_many_rows", "unknown_spark_hire_job", "unknown_spark_hire_interview", "unknown_question_set", "spark_hire_refused", "invalid_json", "invalid_request", "unknown_field", "one_of_an_adapter",
		},
		429: {"rate_limited"},
		500: {"internal"},
		501: {"not_supported", "host_cannot"},
		503: {"unavailable"},
	} {
		for _, code := range codes {
			require.Equal(t, status, statusOf(code), code)
			require.Equal(t, code, problemOf(fmt.Errorf("while testing: %w", ats.Refuse(code, "f", "m"))).Code)
		}
	}
}

func TestEachKindOfErrorHasItsCode(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		err    error
		status int
		code   ats.Code
	}{
		{ats.ErrNotFound, 404, "not_found"},
		{ats.ErrGone, 404, "not_found"},
		{ats.ErrConflict, 409, "conflict"},
		{ats.ErrInvalid, 422, "invalid_request"},
		{&ats.SettingsError{Field: "x"}, 422, "invalid_request"},
		{ats.ErrUnauthorized, 503, "unavailable"},
		{ats.ErrForbidden, 503, "unavailable"},
		{ats.ErrRateLimited, 429, "rate_limited"},
		{&ats.RetryLaterError{At: now.Add(1500 * time.Millisecond), Err: ats.ErrUnavailable}, 429, "rate_limited"},
		{ats.ErrUnavailable, 503, "unavailable"},
		{ats.ErrUnsupported, 501, "not_supported"},
		{ats.ErrHostCannot, 501, "host_cannot"},
		{context.DeadlineExceeded, 503, "unavailable"},
		{context.Canceled, 503, "unavailable"},
		{errors.New("secret of the inside"), 500, "internal"},
	} {
		a, ok := New(Config{Clock: func() time.Time { return now }}).(*api)
		require.True(t, ok)
		rec := httptest.NewRecorder()
		a.fail(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), "/x", fmt.Errorf("secret of the inside: %w", c.err))
		require.Equal(t, c.status, rec.Code, c.err)
		require.Contains(t, rec.Body.String(), fmt.Sprintf("%q:%q", "code", c.code))
		require.NotContains(t, rec.Body.String(), "inside")
		wait := rec.Header().Get("Retry-After")
		switch {
		case errors.As(c.err, new(*ats.RetryLaterError)):
			require.Equal(t, "2", wait, "rounded up")
		case c.status == 429 || c.status == 503:
			require.Equal(t, "5", wait)
		default:
			require.Empty(t, wait)
		}
	}
}

func TestABackslashIsNotTheCharacterThatNoneHas(t *testing.T) {
	t.Parallel()
	var v struct{ Message string }
	require.NoError(t, decodeJSON([]byte(`{"Message":"a\\u0000b"}`), &v))
	require.Equal(t, `a\u0000b`, v.Message)
	require.Error(t, decodeJSON([]byte(`{"Message":"a\u0000b"}`), &v))
}

func TestWhatCannotBeWrittenIsNoSuccess(t *testing.T) {
	t.Parallel()
	a, ok := New(Config{}).(*api)
	require.True(t, ok)
	rec := httptest.NewRecorder()
	never := time.Date(10_000, 1, 1, 6, 0, 0, 0, time.UTC) // no time of RFC 3339
	require.NoError(t, a.answer(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), http.StatusAccepted, due{At: never}))
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.Contains(t, rec.Body.String(), `"code":"internal"`)
}

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	a := New(Config{Tokens: []ats.Secret{"t"}}) // without an engine every call panics
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/connections", nil)
	req.Header.Set("Authorization", "Bearer t")
	rec := httptest.NewRecorder()
	a.ServeHTTP(rec, req)
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.Contains(t, rec.Body.String(), `"code":"internal"`)

	abort, ok := a.(*api)
	require.True(t, ok)
	abort.mux = http.NewServeMux()
	abort.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { abort.ServeHTTP(httptest.NewRecorder(), req) })
}

// FuzzLine: whatever a line is, there is one answer, and what is understood is
// understood again when it is written anew.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{
		`{"key":"k","candidate":{"id":"c","email":"e@mail.example"},"due":{"date":"2099-01-01"}}`,
		`{"key":"k","candidate":{"id":"c","emial":"e"}}`, `{"key":1}`, `[]`, `{`, `{"a":{"b":`, "\x00", `{"key":"k","key":"l"}`, `null`, `{"due":null}`,
	} {
		f.Add([]byte(seed))
	}
	by := requester{
		connection: ats.Connection{TimeZone: "Europe/Stockholm"},
		policy:     ats.Policy{Types: []ats.InterviewType{ats.OneWay}},
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l := parseLine(text)
		if l.err != nil {
			refusal, ok := ats.AsRefusal(l.err)
			require.True(t, ok, "%v", l.err)
			require.Equal(t, http.StatusUnprocessableEntity, statusOf(refusal.Code))
			return
		}
		r, err := by.request(l.request.Key, "key", l.request.newInterview)
		if err != nil {
			_, ok := ats.AsRefusal(err)
			require.True(t, ok, "%v", err)
			return
		}
		require.NotEmpty(t, r.Key)
		require.Equal(t, ats.OriginAPI, r.Origin)
		if l.request.Due != nil {
			require.False(t, r.Schedule.At.IsZero())
		}
	})
}

// FuzzStream: any bytes are lines, each answered once, and the stream ends.
func FuzzStream(f *testing.F) {
	f.Add([]byte("{}\n\n  \n{\"key\":\"k\"}"))
	f.Add([]byte(strings.Repeat("x", bulkLine+10) + "\n{}\n"))
	f.Add([]byte(strings.Repeat("{}\n", bulkBatch+3)))
	f.Fuzz(func(t *testing.T, body []byte) {
		want := 0
		for line := range strings.SplitSeq(string(body), "\n") {
			if len(line) >= bulkLine || len(strings.TrimSpace(line)) > 0 {
				want++
			}
		}
		s := newStream(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body))))
		defer s.end()
		got := 0
		for b := range s.batches {
			got += len(b.lines)
			require.LessOrEqual(t, len(b.lines), bulkBatch)
			s.spare <- b.lines
		}
		require.Equal(t, want, got)
	})
}

func FuzzAuthorization(f *testing.F) {
	f.Add("Bearer secret-token")
	f.Add("bearer  secret-token ")
	f.Add("Bearer")
	ts := newTokens([]ats.Secret{"secret-token"})
	f.Fuzz(func(t *testing.T, header string) {
		if ts.accept(header) {
			require.Equal(t, "secret-token", strings.TrimSpace(header[len("Bearer"):]))
		}
		require.False(t, newTokens(nil).accept(header))
	})
}
