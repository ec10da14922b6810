package sparkhiretest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestHandlerTransport(t *testing.T) {
	t.Parallel()

	call := func(t *testing.T, h http.HandlerFunc, body io.Reader) (*http.Response, error) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://any.example/a%2Fb?x=1", body)
		require.NoError(t, err)
		return (&http.Client{Transport: sparkhiretest.HandlerTransport(h), Timeout: time.Hour}).Do(req)
	}

	t.Run("the handler sees a server's request", func(t *testing.T) {
		t.Parallel()
		resp, err := call(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			if _, ok := r.Context().Deadline(); ok {
				http.Error(w, "a server does not know the caller's deadline", http.StatusInternalServerError)
				return
			}
			w.Header().Set("X-Seen", strings.Join([]string{r.Host, r.RequestURI, string(body), r.Proto}, " "))
			w.WriteHeader(http.StatusAccepted)
			w.Header().Set("X-Late", "not sent")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "done")
		}, strings.NewReader("in"))
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, "any.example /a%2Fb?x=1 in HTTP/1.1", resp.Header.Get("X-Seen"))
		require.Equal(t, "202 Accepted", resp.Status)
		require.Empty(t, resp.Header.Get("X-Late"))
		require.EqualValues(t, 4, resp.ContentLength)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, "done", string(body))
	})
	t.Run("a handler that does nothing answers 200", func(t *testing.T) {
		t.Parallel()
		resp, err := call(t, func(http.ResponseWriter, *http.Request) {}, nil)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, 200, resp.StatusCode)
		require.Zero(t, resp.ContentLength)
	})
	t.Run("a panic is an error with its text", func(t *testing.T) {
		t.Parallel()
		_, err := call(t, func(http.ResponseWriter, *http.Request) { panic("oh dear") }, nil)
		require.ErrorContains(t, err, "oh dear")
	})
	t.Run("less than was announced is an unexpected end", func(t *testing.T) {
		t.Parallel()
		resp, err := call(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "four")
		}, nil)
		require.NoError(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, "four", string(body))
	})
	t.Run("the handler's context ends when the caller closes the body", func(t *testing.T) {
		t.Parallel()
		left := make(chan struct{})
		resp, err := call(t, func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			close(left)
		}, nil)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		<-left
	})
	t.Run("nothing is sent on a context that has ended", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://any.example/", nil)
		require.NoError(t, err)
		called := false
		h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true })
		_, err = sparkhiretest.HandlerTransport(h).RoundTrip(req)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, called)
	})
	t.Run("the context ends reading too", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Inject(sparkhiretest.Fault{Do: sparkhiretest.StallBody(3)})
			w.client.Timeout = time.Minute
			began := time.Now()
			_, err := w.try("GET", "/me", nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Minute, time.Since(began))
		})
	})
}

// Time is the bubble's: what takes days for the server takes none for the test.
func TestInABubble(t *testing.T) {
	t.Parallel()

	t.Run("deadlines, limits and webhooks follow virtual time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{}
			w := newWorld(t, sparkhiretest.WithClock(time.Now), sparkhiretest.WithWebhookClient(r.client()),
				sparkhiretest.WithRateLimit(5, time.Minute))
			w.subscribe("InterviewExpired")
			id := w.invite("scheduled_at", time.Now().AddDate(0, 0, 5).Format(time.RFC3339))
			for w.as(w.ana.Key, "GET", "/me", nil).Status != 429 {
			}
			<-time.After(time.Minute)
			w.do(200, "GET", "/interviews/"+id, nil)
			<-time.After(5 * 24 * time.Hour)
			w.do(410, "GET", "/interviews/"+id, nil)
			synctest.Wait()
			require.Equal(t, []string{"/InterviewExpired"}, r.got())
		})
	})
	t.Run("delayed webhooks go out when the server sees that it is time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{}
			w := newWorld(t, sparkhiretest.WithClock(time.Now), sparkhiretest.WithWebhookClient(r.client()))
			w.subscribe("JobCreated")
			w.DisturbDeliveries(sparkhiretest.DeliveryRule{Delay: time.Hour})
			w.AddJob(sparkhiretest.Job{Title: "Cook"})
			<-time.After(time.Hour - 1)
			w.Tick()
			synctest.Wait()
			require.Empty(t, r.got())
			<-time.After(1)
			w.Tick()
			synctest.Wait()
			require.Equal(t, []string{"/JobCreated"}, r.got())
		})
	})
	t.Run("a slow body takes its time and ends with the caller's patience", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Inject(sparkhiretest.Fault{Times: 2, Do: sparkhiretest.SlowBody(10, time.Second)})
			began := time.Now()
			r, err := w.try("GET", "/me", nil)
			require.NoError(t, err)
			require.Equal(t, time.Duration((len(r.Raw)+9)/10)*time.Second, time.Since(began))
			w.client.Timeout = 3 * time.Second
			_, err = w.try("GET", "/me", nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	})
}
