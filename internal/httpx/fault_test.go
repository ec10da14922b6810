package httpx_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// wire is a server at the level of connections: answer decides what follows the n-th request read
// from any of them; an empty text closes the connection instead.
type wire struct {
	net.Listener
	requests atomic.Int32
	chunked  atomic.Bool // a request came with Transfer-Encoding
	answer   func(n int) string
}

func newWire(t *testing.T, answer func(n int) string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{Listener: l, answer: answer}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(conn)
		}
	}()
	return w
}

func (w *wire) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if len(req.TransferEncoding) > 0 {
			w.chunked.Store(true)
		}
		text := w.answer(int(w.requests.Add(1)))
		if text == "" {
			return
		}
		if _, err := io.WriteString(conn, text); err != nil || strings.Contains(text, "Content-Length: 99") {
			return
		}
	}
}

const (
	fine   = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
	torn   = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
	silent = ""
)

func script(answers ...string) func(int) string {
	return func(n int) string { return answers[min(n, len(answers))-1] }
}

func TestLostConnections(t *testing.T) {
	t.Parallel()
	once := &httpx.Request{Method: http.MethodGet, Path: "/webhooks/replay/x", Once: true}
	for _, c := range []struct {
		name     string
		req      *httpx.Request
		answers  []string
		requests int
		err      string
		unknown  bool
	}{
		{"a read is repeated after a lost connection", get("/me"), []string{silent, fine}, 2, "", false},
		{"and after an answer that broke off", get("/me"), []string{torn, fine}, 2, "", false},
		{"a create is not", post(`{}`), []string{silent, fine}, 1, "POST /interviews: no answer after sending: connection closed by the server; the outcome is unknown", true},
		{"nor after an answer that broke off", post(`{}`), []string{torn, fine}, 1, "POST /interviews: no answer after sending: unexpected EOF; the outcome is unknown", true},
		{"a request marked once is not", once, []string{silent, fine}, 1, "GET /webhooks/replay/x: no answer after sending: connection closed by the server; the outcome is unknown", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, script(c.answers...))
			client := dialed(t, "http://"+w.Addr().String())
			_, err := client.Bytes(t.Context(), c.req)
			require.Equal(t, c.requests, int(w.requests.Load()))
			require.Equal(t, c.unknown, httpx.OutcomeUnknown(err))
			if c.err == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.err)
			require.True(t, asError(t, err).Sent)
		})
	}
}

// net/http repeats a GET on its own when a kept-alive connection closes under it. The second
// request here arrives on such a connection and is then abandoned.
func TestNothingIsRepeatedBehindOurBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		req      *httpx.Request
		requests int
	}{
		{"a request marked once arrives once on a kept-alive connection", &httpx.Request{Method: http.MethodGet, Path: "/webhooks/replay/x", Once: true}, 2},
		{"a create arrives once on a kept-alive connection", post(`{}`), 2},
		{"so does a create without a body", &httpx.Request{Method: http.MethodPost, Path: "/share_link"}, 2},
		{"so does a change marked once without a body", &httpx.Request{Method: http.MethodPut, Path: "/key", Once: true}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, script(fine, silent, fine))
			client := dialed(t, "http://"+w.Addr().String())
			require.NoError(t, client.Do(t.Context(), get("/me"), nil))
			err := client.Do(t.Context(), c.req, nil)
			require.True(t, httpx.OutcomeUnknown(err), "%v", err)
			require.Equal(t, c.requests, int(w.requests.Load()))
			require.False(t, w.chunked.Load(), "a request without a body looks like one")
		})
	}
}

func TestCouldNotConnect(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c := dialed(t, "http://"+l.Addr().String())
	err = c.Do(t.Context(), post(`{}`), nil)
	require.EqualError(t, err, "POST /interviews: nothing was sent: dial tcp "+l.Addr().String()+": connect: connection refused")
	require.False(t, httpx.OutcomeUnknown(err))
	require.Equal(t, 4, asError(t, err).Attempts, "nothing was sent, so a create may be repeated")
}

func TestNothingIsSentToAStranger(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	err := dialed(t, s.URL).Do(t.Context(), post(`{}`), nil)
	require.EqualError(t, err, "POST /interviews: nothing was sent: certificate is signed by an unknown authority")
	require.False(t, asError(t, err).Sent)
	require.False(t, httpx.OutcomeUnknown(err))
}

// roundTrip is a transport in memory, for virtual time.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2}
}

// inMemory is a client over rt with the default pauses.
func inMemory(t *testing.T, rt roundTrip, change ...func(*httpx.Config)) *httpx.Client {
	t.Helper()
	return dialed(t, "https://api.example", append([]func(*httpx.Config){func(cfg *httpx.Config) {
		cfg.HTTPClient, cfg.BackoffBase = &http.Client{Transport: rt}, 0
	}}, change...)...)
}

func TestWaitsThatAServerAsksFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		header   [2]string
		status   int
		deadline time.Duration
		attempts int
		asked    time.Duration
	}{
		{"Retry-After in seconds", [2]string{"Retry-After", "30"}, 429, 0, 2, 30 * time.Second},
		{"Retry-After as a date", [2]string{"Retry-After", "Sat, 01 Jan 2000 00:00:45 GMT"}, 503, 0, 2, 45 * time.Second},
		{"X-Rate-Limit-Try-Again-Seconds", [2]string{"X-Rate-Limit-Try-Again-Seconds", "17"}, 429, 0, 2, 17 * time.Second},
		{"X-Rate-Limit-Reset", [2]string{"X-Rate-Limit-Reset", "8"}, 429, 0, 2, 8 * time.Second},
		{"X-Rate-Limit-Reset says nothing about a 503", [2]string{"X-Rate-Limit-Reset", "50"}, 503, 0, 2, 0},
		{"exactly the cap is waited", [2]string{"Retry-After", "60"}, 429, 0, 2, time.Minute},
		{"past the cap the call returns at once", [2]string{"Retry-After", "61"}, 429, 0, 1, 61 * time.Second},
		{"a day is not slept through", [2]string{"Retry-After", "86400"}, 503, 0, 1, 24 * time.Hour},
		{"past the deadline the call returns at once", [2]string{"Retry-After", "30"}, 429, 20 * time.Second, 1, 30 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts, start := 0, time.Now()
				client := inMemory(t, func(*http.Request) (*http.Response, error) {
					if attempts++; attempts == 1 {
						return reply(c.status, c.header[0], c.header[1]), nil
					}
					return reply(200), nil
				})
				ctx := t.Context()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				err := client.Do(ctx, get("/me"), nil)
				require.Equal(t, c.attempts, attempts)
				if c.attempts == 2 {
					require.NoError(t, err)
					require.GreaterOrEqual(t, time.Since(start), c.asked)
					require.Less(t, time.Since(start), c.asked+time.Second)
					return
				}
				require.Zero(t, time.Since(start))
				at, ok := httpx.RetryAt(err)
				require.True(t, ok)
				require.Equal(t, start.Add(c.asked), at)
				require.Equal(t, c.asked, asError(t, err).Wait)
			})
		})
	}
}

func TestRefusalHoldsTheLimiterForEverybody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := httpx.NewLimiter(100, time.Minute)
		client := inMemory(t, func(*http.Request) (*http.Response, error) {
			return reply(429, "X-Rate-Limit-Try-Again-Seconds", "90"), nil
		}, func(cfg *httpx.Config) { cfg.Limiter = limiter })
		require.Error(t, client.Do(t.Context(), get("/me"), nil))
		at, ok := limiter.Reserve(time.Now())
		require.False(t, ok)
		require.Equal(t, 90*time.Second, time.Until(at))
	})
}

func TestPausesAreExponentialWithFullJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		client := inMemory(t, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			return reply(503), nil
		}, func(cfg *httpx.Config) {
			cfg.BackoffBase, cfg.BackoffMax, cfg.MaxAttempts = time.Second, 3*time.Second, 6
		})
		longest := make([]time.Duration, 5)
		for range 200 {
			at = nil
			require.Error(t, client.Do(t.Context(), get("/me"), nil))
			require.Len(t, at, 6)
			for i := range longest {
				longest[i] = max(longest[i], at[i+1].Sub(at[i]))
			}
		}
		for i, ceiling := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second} {
			require.Less(t, longest[i], ceiling)
			require.Greater(t, longest[i], ceiling*8/10, "the whole range is used")
		}
	})
}

func TestContextErrorsAreKept(t *testing.T) {
	t.Parallel()
	t.Run("ended before sending", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		client := inMemory(t, func(*http.Request) (*http.Response, error) { return reply(200), nil })
		err := client.Do(ctx, post(`{}`), nil)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, asError(t, err).Sent)
		require.False(t, httpx.OutcomeUnknown(err))
	})
	t.Run("timed out after sending", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			client := inMemory(t, func(r *http.Request) (*http.Response, error) {
				trace := httptrace.ContextClientTrace(r.Context())
				trace.GetConn("api.example:443")
				trace.GotConn(httptrace.GotConnInfo{})
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			err := client.Do(ctx, post(`{}`), nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.True(t, httpx.OutcomeUnknown(err))
			require.EqualError(t, err, "POST /interviews: no answer after sending: context deadline exceeded; the outcome is unknown")
		})
	})
	t.Run("timed out while connecting", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			client := inMemory(t, func(r *http.Request) (*http.Response, error) {
				httptrace.ContextClientTrace(r.Context()).GetConn("api.example:443")
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			err := client.Do(ctx, post(`{}`), nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.False(t, httpx.OutcomeUnknown(err))
		})
	})
	t.Run("canceled with a cause of its own", func(t *testing.T) {
		t.Parallel()
		shutdown := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		w := newWire(t, func(int) string { cancel(shutdown); <-t.Context().Done(); return silent })
		err := dialed(t, "http://"+w.Addr().String()).Do(ctx, post(`{}`), nil)
		require.ErrorIs(t, err, context.Canceled)
		require.True(t, httpx.OutcomeUnknown(err))
	})
	t.Run("ended in a pause", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			client := inMemory(t, func(*http.Request) (*http.Response, error) {
				time.AfterFunc(time.Second, cancel)
				return reply(429, "Retry-After", "30"), nil
			})
			err := client.Do(ctx, post(`{}`), nil)
			require.ErrorIs(t, err, context.Canceled)
			require.False(t, httpx.OutcomeUnknown(err), "the attempt before the pause was refused")
			at, ok := httpx.RetryAt(err)
			require.True(t, ok)
			require.Equal(t, 29*time.Second, time.Until(at))
		})
	})
	t.Run("the attempt's own time-out is repeated for a read", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			client := inMemory(t, func(r *http.Request) (*http.Response, error) {
				if attempts++; attempts == 1 {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return reply(200), nil
			}, func(cfg *httpx.Config) { cfg.HTTPClient.Timeout = 10 * time.Second })
			require.NoError(t, client.Do(t.Context(), get("/me"), nil))
			require.Equal(t, 2, attempts)
		})
	})
}

func TestTransportThatTellsNothingMayHaveSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		sent bool
	}{
		{"an unknown error", errors.New("secret-token in here"), true},
		{"a URL error of its own", &url.Error{Op: "Get", URL: "https://x.example/?token=secret-token", Err: io.EOF}, true},
		{"a dial error", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("secret-token")}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := inMemory(t, func(*http.Request) (*http.Response, error) { return nil, c.err },
				func(cfg *httpx.Config) { cfg.MaxAttempts = 1 })
			err := client.Do(t.Context(), post(`{}`), nil)
			require.Equal(t, c.sent, asError(t, err).Sent)
			require.Equal(t, c.sent, httpx.OutcomeUnknown(err))
			require.NotContains(t, err.Error(), "secret-token")
			require.NotContains(t, asError(t, err).LogValue().String(), "secret-token")
		})
	}
}
