package httpx_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const secret = "key-of-ana"

// serve starts a server and a client of it whose pauses are too short to notice.
func serve(t *testing.T, h http.HandlerFunc, change ...func(*httpx.Config)) *httpx.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return dialed(t, s.URL+"/v1.0", change...)
}

func dialed(t *testing.T, baseURL string, change ...func(*httpx.Config)) *httpx.Client {
	t.Helper()
	cfg := httpx.Config{
		BaseURL:     baseURL,
		Auth:        httpx.Header("Authorization", "Bearer "+secret),
		Secrets:     []string{secret},
		BackoffBase: time.Nanosecond,
		Explain: func(_ int, _ http.Header, body []byte) httpx.Facts {
			var f struct {
				Code   string `json:"code"`
				Reason string `json:"reason"`
			}
			_ = json.Unmarshal(body, &f)
			return httpx.Facts{Code: f.Code, Message: f.Reason}
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := httpx.New(cfg)
	require.NoError(t, err)
	return c
}

func get(path string, args ...string) *httpx.Request {
	return &httpx.Request{Method: http.MethodGet, Path: path, Args: args}
}

func post(body string) *httpx.Request {
	return &httpx.Request{Method: http.MethodPost, Path: "/interviews", Body: []byte(body)}
}

func asError(t *testing.T, err error) *httpx.Error {
	t.Helper()
	var e *httpx.Error
	require.ErrorAs(t, err, &e)
	return e
}

func TestClientSendsWhatWasAsked(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode([]string{
			r.Method, r.RequestURI, string(body), r.Header.Get("Authorization"), r.Header.Get("User-Agent"), r.Header.Get("Accept"),
		})
	}, func(cfg *httpx.Config) {
		cfg.UserAgent = "bridge"
		cfg.Header = http.Header{"Accept": {"application/json"}}
	})
	got, err := c.Bytes(t.Context(), &httpx.Request{
		Method: http.MethodPut, Path: "/interviews/{uuid}/questions/{question_uuid}", Args: []string{"a/b c", "q"},
		Query: map[string][]string{"status[]": {"completed"}}, Body: []byte(`{"x":1}`),
	})
	require.NoError(t, err)
	require.JSONEq(t, `["PUT","/v1.0/interviews/a%2Fb%20c/questions/q?status%5B%5D=completed","{\"x\":1}","Bearer key-of-ana","bridge","application/json"]`, string(got))
}

func TestClientRefusesBadArgumentsBeforeSending(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, req := range []*httpx.Request{
		get("/jobs/{uuid}", ""),
		get("/jobs/{uuid}", ".."),
		get("/jobs/{uuid}"),
		get("/jobs", "surplus"),
		{Method: http.MethodGet, Path: "/jobs", URL: "https://elsewhere.example/v1.0/jobs?page=2"},
		{Method: http.MethodGet, Path: "/jobs", URL: "://"},
	} {
		var argument *httpx.ArgumentError
		require.ErrorAs(t, c.Do(t.Context(), req, nil), &argument)
		require.False(t, httpx.OutcomeUnknown(argument))
		require.NotContains(t, argument.Error(), "elsewhere")
	}
}

func TestClientFollowsALinkOnItsOwnHost(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RequestURI) }))
	t.Cleanup(s.Close)
	c := dialed(t, s.URL)
	body, err := c.Bytes(t.Context(), &httpx.Request{Method: http.MethodGet, Path: "/jobs", URL: s.URL + "/jobs?page%5Bafter%5D=x"})
	require.NoError(t, err)
	require.Equal(t, "/jobs?page%5Bafter%5D=x", string(body))
}

func TestClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/?token=t0p", http.StatusTemporaryRedirect)
	})
	err := c.Do(t.Context(), get("/me"), nil)
	require.EqualError(t, err, "GET /me: 307 Temporary Redirect: redirects are not followed")
	require.False(t, httpx.OutcomeUnknown(err))
	require.True(t, httpx.OutcomeUnknown(c.Do(t.Context(), post(`{}`), nil)))
	require.Zero(t, visits.Load())
}

func TestErrorTellsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "7f3a")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"code":"taken","reason":"LENA FOX <lena.fox@mail.example> was invited with key-of-ana, see https://x.example/?t=1"}`)
	})
	err := c.Do(t.Context(), post(`{"candidate":{"name":"Lena Fox"}}`), nil)
	require.EqualError(t, err, "POST /interviews: 422 Unprocessable Entity: taken; […] <[…]> was invited with […], see […] (request 7f3a)")
	e := asError(t, err)
	require.Equal(t, "taken", e.Code)
	require.Contains(t, e.Message, "lena.fox@mail.example", "the fact is kept for whoever may see it")
	require.Equal(t, "7f3a", e.RequestID)
	require.Equal(t, 1, e.Attempts)
	require.NotContains(t, e.LogValue().String(), "taken")
}

func TestRetriesInOneLayer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		req      *httpx.Request
		statuses []int // one per attempt; the last repeats
		attempts int
		ok       bool
		unknown  bool
	}{
		{"a read is repeated until it works", get("/me"), []int{503, 500, 200}, 3, true, false},
		{"a read gives up after four attempts", get("/me"), []int{503}, 4, false, false},
		{"a refused create is repeated", post(`{}`), []int{429, 200}, 2, true, false},
		{"a create that may have worked is not", post(`{}`), []int{503, 200}, 1, false, true},
		{"nor one that was refused", post(`{}`), []int{422, 200}, 1, false, false},
		{"a request that is marked once is not, not even after 429", &httpx.Request{Method: "GET", Path: "/replay", Once: true}, []int{429, 200}, 1, false, false},
		{"and its outcome can be unknown although it is a read", &httpx.Request{Method: "GET", Path: "/replay", Once: true}, []int{500}, 1, false, true},
		{"a delete is repeated", &httpx.Request{Method: "DELETE", Path: "/x"}, []int{502, 204}, 2, true, false},
		{"a delete that fails after an unclear attempt stays unclear", &httpx.Request{Method: "DELETE", Path: "/x"}, []int{502, 404}, 2, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var attempts atomic.Int32
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				n := int(attempts.Add(1))
				w.WriteHeader(c.statuses[min(n, len(c.statuses))-1])
			})
			err := client.Do(t.Context(), c.req, nil)
			require.Equal(t, c.attempts, int(attempts.Load()))
			require.Equal(t, c.unknown, httpx.OutcomeUnknown(err))
			if c.ok {
				require.NoError(t, err)
				return
			}
			require.Equal(t, c.attempts, asError(t, err).Attempts)
		})
	}
}

func TestEveryAttemptPaysAndIsSigned(t *testing.T) {
	t.Parallel()
	var attempts, paid, signed int
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if attempts++; attempts < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}, func(cfg *httpx.Config) {
		cfg.Limiter = takeFunc(func(context.Context) error { paid++; return nil })
		cfg.Auth = httpx.AuthFunc(func(r *http.Request) error { signed++; r.SetBasicAuth("k", ""); return nil })
	})
	require.NoError(t, c.Do(t.Context(), get("/me"), nil))
	require.Equal(t, []int{3, 3, 3}, []int{attempts, paid, signed})
}

type takeFunc func(context.Context) error

func (f takeFunc) Take(ctx context.Context) error { return f(ctx) }

func TestLimiterThatSaysLaterEndsTheCall(t *testing.T) {
	t.Parallel()
	at := noon.Add(time.Hour)
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, func(cfg *httpx.Config) {
		cfg.Limiter = takeFunc(func(context.Context) error { return &httpx.LaterError{At: at} })
	})
	err := c.Do(t.Context(), post(`{}`), nil)
	require.EqualError(t, err, "POST /interviews: nothing was sent: request budget is spent until 2026-03-02T13:00:00Z")
	got, ok := httpx.RetryAt(err)
	require.True(t, ok)
	require.Equal(t, at, got)
	require.False(t, asError(t, err).Sent)
	require.False(t, httpx.OutcomeUnknown(err))
}

func TestSignatureThatFailsSendsNothing(t *testing.T) {
	t.Parallel()
	cause := errors.New("token endpoint said secret things")
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, func(cfg *httpx.Config) {
		cfg.Auth = httpx.AuthFunc(func(*http.Request) error { return cause })
	})
	err := c.Do(t.Context(), post(`{}`), nil)
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "POST /interviews: nothing was sent: sign request: *errors.errorString")
	require.Equal(t, 1, asError(t, err).Attempts)
}

// renewing is a credential that works after it was renewed.
type renewing struct {
	httpx.AuthFunc
	renew func() error
}

func (r renewing) Renew(context.Context) error { return r.renew() }

func TestCredentialIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		helps    bool
		fails    error
		attempts int
	}{
		{name: "a renewed credential is tried once, even for a create", helps: true, attempts: 2},
		{name: "a second refusal is final", attempts: 2},
		{name: "a failed renewal is the cause of the refusal", fails: io.ErrNoProgress, attempts: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			attempts, renewals, token := 0, 0, "old"
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				attempts++
				if r.Header.Get("Authorization") != "new" {
					w.WriteHeader(http.StatusUnauthorized)
				}
			}, func(cfg *httpx.Config) {
				cfg.Auth = renewing{
					func(r *http.Request) error { r.Header.Set("Authorization", token); return nil },
					func() error {
						renewals++
						if c.helps {
							token = "new"
						}
						return c.fails
					},
				}
			})
			err := client.Do(t.Context(), post(`{}`), nil)
			require.Equal(t, c.attempts, attempts)
			require.Equal(t, 1, renewals)
			if c.helps {
				require.NoError(t, err)
				return
			}
			require.Equal(t, http.StatusUnauthorized, asError(t, err).Status)
			require.False(t, httpx.OutcomeUnknown(err))
			if c.fails != nil {
				require.ErrorIs(t, err, c.fails)
			}
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	var size int
	flush := false
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1.0/fail" {
			w.WriteHeader(http.StatusBadRequest)
		}
		if flush {
			w.(http.Flusher).Flush() // no Content-Length
		}
		_, _ = io.WriteString(w, strings.Repeat("x", size))
	}, func(cfg *httpx.Config) {
		cfg.MaxBody, cfg.MaxErrorBody = 100, 10
		cfg.Explain = func(_ int, _ http.Header, body []byte) httpx.Facts { return httpx.Facts{Detail: len(body)} }
	})
	for _, flush = range []bool{false, true} {
		for _, size = range []int{0, 1, 99, 100} {
			body, err := c.Bytes(t.Context(), get("/me"))
			require.NoError(t, err)
			require.Len(t, body, size)
		}
		size = 101
		_, err := c.Bytes(t.Context(), get("/me"))
		require.ErrorIs(t, err, httpx.ErrTooLarge)
		require.EqualError(t, err, "GET /me: 200 OK: unreadable answer: answer is larger than the limit")
		require.Equal(t, 1, asError(t, err).Attempts)

		_, err = c.Bytes(t.Context(), post(`{}`))
		require.True(t, httpx.OutcomeUnknown(err), "it was created, but nobody knows what")

		require.Equal(t, 10, asError(t, c.Do(t.Context(), get("/fail"), nil)).Detail)
	}
}

func TestDecodeStreamsTheAnswer(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "r1")
		_, _ = io.WriteString(w, `{"a":1}`+"\n")
	})
	var got map[string]int
	err := c.Do(t.Context(), get("/me"), func(resp *httpx.Response, body io.Reader) error {
		require.Equal(t, "r1", resp.RequestID)
		return json.NewDecoder(body).Decode(&got)
	})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"a": 1}, got)

	err = c.Do(t.Context(), post(`{}`), func(_ *httpx.Response, body io.Reader) error {
		var s []string
		return json.NewDecoder(body).Decode(&s)
	})
	require.EqualError(t, err, "POST /interviews: 200 OK: unreadable answer: JSON field  has an unexpected type; the outcome is unknown (request r1)")
	require.True(t, httpx.OutcomeUnknown(err))
}

func TestDecodeThatStopsEarlyKeepsTheConnection(t *testing.T) {
	t.Parallel()
	connections := map[string]bool{}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		_, _ = io.WriteString(w, `{"a":1}`)
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, strings.Repeat("\n", 1000))
	})
	for range 3 {
		require.NoError(t, c.Do(t.Context(), get("/me"), func(_ *httpx.Response, body io.Reader) error {
			_, err := io.ReadFull(body, make([]byte, 7))
			return err
		}))
	}
	require.Len(t, connections, 1)
}

func TestNewRefusesABadBaseURL(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"", "api.example", "ftp://api.example", "https://", "https://u:p@api.example", "https://api.example?x=1", "https://api.example#x", "http://\x00"} {
		_, err := httpx.New(httpx.Config{BaseURL: u})
		require.ErrorContains(t, err, "base URL", u)
		require.NotContains(t, err.Error(), "u:p")
	}
}

func TestCallersHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	mine := &http.Client{Timeout: time.Minute}
	c := serve(t, func(http.ResponseWriter, *http.Request) {}, func(cfg *httpx.Config) { cfg.HTTPClient = mine })
	require.NoError(t, c.Do(t.Context(), get("/me"), nil))
	require.Nil(t, mine.Transport)
	require.Nil(t, mine.CheckRedirect)
	require.Equal(t, time.Minute, mine.Timeout)
}
