package sparkhiretest_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// onBoth runs a story in memory and on sockets.
func onBoth(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		story(t, newWorld(t))
	})
	t.Run("on sockets", func(t *testing.T) {
		t.Parallel()
		story(t, newWorldOnSockets(t))
	})
}

func create(action sparkhiretest.Action, when sparkhiretest.Phase) sparkhiretest.Fault {
	return sparkhiretest.Fault{Method: "POST", Path: "/interviews", When: when, Do: action}
}

func TestAnswersInsteadOfTheRealOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		w.Inject(create(sparkhiretest.Respond(503, http.Header{"Retry-After": {"7"}}, ""), sparkhiretest.BeforeEffect))
		r := w.do(503, "POST", "/interviews", w.interviewBody())
		require.Equal(t, "7", r.Header.Get("Retry-After"))
		require.Equal(t, "Service Unavailable.", r.reason())
		require.Empty(t, w.Interviews(), "before the effect")

		w.Inject(create(sparkhiretest.Respond(502, http.Header{"content-type": {"text/html"}}, "<h1>Bad"),
			sparkhiretest.AfterEffect))
		r = w.do(502, "POST", "/interviews", w.interviewBody())
		require.Equal(t, "<h1>Bad", string(r.Raw))
		require.Equal(t, "text/html", r.Header.Get("Content-Type"))
		require.Len(t, w.Interviews(), 1, "after the effect")
		require.Len(t, w.InvitationsTo("lena.fox@mail.example"), 1)

		w.Inject(create(sparkhiretest.TooManyRequests(17), sparkhiretest.BeforeEffect))
		r = w.do(429, "POST", "/interviews", w.interviewBody())
		require.Equal(t, "17", r.Header.Get("X-Rate-Limit-Try-Again-Seconds"))
		require.Equal(t, 1, w.RateLimited())

		w.do(201, "POST", "/interviews", w.interviewBody())
	})
}

func TestLostConnections(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		for _, tt := range []struct {
			when sparkhiretest.Phase
			made int
		}{{sparkhiretest.BeforeEffect, 0}, {sparkhiretest.AfterEffect, 1}} {
			in := w.Inject(create(sparkhiretest.LoseConnection(), tt.when))
			_, err := w.try("POST", "/interviews", w.interviewBody())
			require.Error(t, err)
			require.NotErrorIs(t, err, syscall.ECONNREFUSED)
			require.Len(t, w.Interviews(), tt.made)
			require.Equal(t, 1, in.Hits())
			last := w.RequestsTo("POST", "/interviews")
			require.Equal(t, tt.made == 1, last[len(last)-1].Effect)
			require.Zero(t, last[len(last)-1].Status)
			require.Equal(t, "lose connection", last[len(last)-1].Fault)
		}
	})
	t.Run("in memory it is io.ErrUnexpectedEOF", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.Inject(sparkhiretest.Fault{Do: sparkhiretest.LoseConnection()})
		_, err := w.try("GET", "/me", nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
	t.Run("in memory a refused connection is a failed dial", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.Inject(sparkhiretest.Fault{Do: sparkhiretest.RefuseConnection()})
		_, err := w.try("GET", "/me", nil)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		var failed *net.OpError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "dial", failed.Op)
	})
}

func TestSpoiledBodies(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		w.Inject(create(sparkhiretest.MalformedJSON(), sparkhiretest.BeforeEffect))
		r, err := w.try("POST", "/interviews", w.interviewBody())
		require.NoError(t, err)
		require.Equal(t, 201, r.Status)
		require.False(t, json.Valid(r.Raw))
		require.NotEmpty(t, r.Raw)

		w.Inject(create(sparkhiretest.TruncateBody(10), sparkhiretest.BeforeEffect))
		r, err = w.try("POST", "/interviews", w.interviewBody())
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, 201, r.Status)
		require.Len(t, r.Raw, 10)
		require.Len(t, w.Interviews(), 2, "both took effect, whatever the phase")

		w.Inject(sparkhiretest.Fault{Path: "/me", Do: sparkhiretest.SlowBody(50, time.Microsecond)})
		r, err = w.try("GET", "/me", nil)
		require.NoError(t, err)
		require.Equal(t, w.ana.ID, r.object()["uuid"])

		in := w.Inject(sparkhiretest.Fault{Path: "/me", Do: sparkhiretest.StallBody(5)})
		resp, err := w.client.Do(w.request(w.ana.Key, "GET", "/me", nil))
		require.NoError(t, err)
		defer resp.Body.Close()
		begun := make([]byte, 5)
		_, err = io.ReadFull(resp.Body, begun)
		require.NoError(t, err)
		in.Release()
		rest, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.True(t, json.Valid(slices.Concat(begun, rest)))
	})
}

func TestHeldRequests(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		for _, tt := range []struct {
			when       sparkhiretest.Phase
			held, free int
		}{{sparkhiretest.BeforeEffect, 0, 1}, {sparkhiretest.AfterEffect, 2, 2}} {
			in := w.Inject(create(sparkhiretest.Hold(), tt.when))
			done := make(chan reply, 1)
			go func() {
				r, _ := w.try("POST", "/interviews", w.interviewBody())
				done <- r
			}()
			require.NoError(t, in.Wait(t.Context(), 1))
			require.Len(t, w.Interviews(), tt.held)
			in.Release()
			in.Release()
			require.Equal(t, 201, (<-done).Status)
			require.Len(t, w.Interviews(), tt.free)
		}
	})
	onBoth(t, func(t *testing.T, w *world) {
		in := w.Inject(create(sparkhiretest.Hold(), sparkhiretest.BeforeEffect))
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan error, 1)
		req := w.request(w.ana.Key, "POST", "/interviews", w.interviewBody()).WithContext(ctx)
		go func() {
			_, err := w.client.Do(req)
			done <- err
		}()
		require.NoError(t, in.Wait(t.Context(), 1))
		leave()
		require.ErrorIs(t, <-done, context.Canceled)
		require.Empty(t, w.Interviews())
		in.Release()
		w.Close() // returns when nothing runs any more
		require.Len(t, w.Interviews(), 1, "carried out although the caller has left")
	})
	t.Run("Close cuts what is held, without effect", func(t *testing.T) {
		t.Parallel()
		w := newWorldOnSockets(t)
		in := w.Inject(create(sparkhiretest.Hold(), sparkhiretest.BeforeEffect))
		done := make(chan error, 1)
		go func() {
			_, err := w.try("POST", "/interviews", w.interviewBody())
			done <- err
		}()
		require.NoError(t, in.Wait(t.Context(), 1))
		w.Close()
		require.Error(t, <-done)
		require.Empty(t, w.Interviews())
	})
	t.Run("waiting for hits ends with the context", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		in := w.Inject(create(sparkhiretest.Hold(), sparkhiretest.BeforeEffect))
		require.ErrorIs(t, in.Wait(ctx, 1), context.Canceled)
		require.NoError(t, in.Wait(ctx, 0))
	})
}

func TestWhatAFaultStrikes(t *testing.T) {
	t.Parallel()
	teapot := sparkhiretest.Respond(418, nil, "")

	t.Run("method and path choose", func(t *testing.T) {
		t.Parallel()
		for name, tt := range map[string]struct {
			fault sparkhiretest.Fault
			want  []int // GET /me, GET /jobs, GET /jobs/x, POST /webhooks
		}{
			"everything":                 {sparkhiretest.Fault{}, []int{418, 418, 418, 418}},
			"a method":                   {sparkhiretest.Fault{Method: "POST"}, []int{200, 200, 200, 418}},
			"a path":                     {sparkhiretest.Fault{Path: "/jobs"}, []int{200, 418, 200, 201}},
			"a path with its version":    {sparkhiretest.Fault{Path: "/v1.0/jobs"}, []int{200, 418, 200, 201}},
			"another version":            {sparkhiretest.Fault{Path: "/v2.0/jobs"}, []int{200, 200, 200, 201}},
			"any segment":                {sparkhiretest.Fault{Path: "/jobs/*"}, []int{200, 200, 418, 201}},
			"a named segment":            {sparkhiretest.Fault{Path: "jobs/{uuid}"}, []int{200, 200, 418, 201}},
			"everything below":           {sparkhiretest.Fault{Path: "/jobs/..."}, []int{200, 418, 418, 201}},
			"everything below a version": {sparkhiretest.Fault{Path: "/v1.0/..."}, []int{418, 418, 418, 418}},
			"a path of another method":   {sparkhiretest.Fault{Method: "PUT", Path: "/jobs"}, []int{200, 200, 200, 201}},
		} {
			w := newWorld(t)
			tt.fault.Do, tt.fault.Times = teapot, sparkhiretest.Forever
			w.Inject(tt.fault)
			require.Equal(t, tt.want, []int{
				w.as(w.ana.Key, "GET", "/me", nil).Status,
				w.as(w.ana.Key, "GET", "/jobs", nil).Status,
				w.as(w.ana.Key, "GET", "/jobs/"+w.job.ID, nil).Status,
				w.as(w.ana.Key, "POST", "/webhooks", object{"url": "https://a.example", "event": "JobCreated"}).Status,
			}, name)
		}
	})
	t.Run("skip and times count", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		in := w.Inject(sparkhiretest.Fault{Path: "/me", Skip: 1, Times: 2, Do: teapot})
		for _, want := range []int{200, 418, 418, 200} {
			w.do(want, "GET", "/me", nil)
			w.do(200, "GET", "/jobs", nil)
		}
		require.Equal(t, 2, in.Hits())
	})
	t.Run("once unless said otherwise, the first injected first", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.Inject(sparkhiretest.Fault{Do: teapot})
		w.Inject(sparkhiretest.Fault{Do: sparkhiretest.Respond(500, nil, "")})
		for _, want := range []int{418, 500, 200} {
			w.do(want, "GET", "/me", nil)
		}
	})
	t.Run("removed faults strike no more", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		in := w.Inject(sparkhiretest.Fault{Times: sparkhiretest.Forever, Do: teapot})
		w.do(418, "GET", "/me", nil)
		in.Remove()
		w.do(200, "GET", "/me", nil)
		w.Inject(sparkhiretest.Fault{Do: teapot})
		w.StartOutage(teapot)
		w.ClearFaults()
		w.do(200, "GET", "/me", nil)
	})
	t.Run("after the effect means that there was one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		in := w.Inject(create(teapot, sparkhiretest.AfterEffect))
		w.do(400, "POST", "/interviews", object{"type": "live"})
		require.Zero(t, in.Hits())
		w.do(418, "POST", "/interviews", w.interviewBody())
		require.Equal(t, 1, in.Hits())
	})
	t.Run("before the effect nothing is charged", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRateLimit(1, time.Minute))
		w.Inject(sparkhiretest.Fault{Times: 5, Do: teapot})
		for _, want := range []int{418, 418, 418, 418, 418, 200, 429} {
			w.do(want, "GET", "/me", nil)
		}
	})
	t.Run("a fault without an action is a mistake of the program", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		require.Panics(t, func() { w.Inject(sparkhiretest.Fault{}) })
		require.Panics(t, func() { w.StartOutage(sparkhiretest.Action{}) })
		require.Panics(t, func() { w.StartOutage(sparkhiretest.MalformedJSON()) })
	})
}

func TestOutage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		in := w.Inject(sparkhiretest.Fault{Do: sparkhiretest.Respond(418, nil, "")})
		w.StartOutage(sparkhiretest.RefuseConnection())
		for range 3 {
			_, err := w.try("POST", "/interviews", w.interviewBody())
			require.Error(t, err)
		}
		w.StartOutage(sparkhiretest.Respond(503, nil, ""))
		w.do(503, "GET", "/me", nil)
		require.Zero(t, in.Hits(), "nothing gets as far as a fault")
		w.EndOutage()
		w.EndOutage()
		w.do(418, "GET", "/me", nil)
		w.do(200, "GET", "/me", nil)
		require.Empty(t, w.Interviews())
	})
	t.Run("a server that hangs goes on when the outage ends", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.StartOutage(sparkhiretest.Hold())
			var got reply
			done := make(chan struct{})
			go func() {
				defer close(done)
				got, _ = w.try("GET", "/me", nil)
			}()
			synctest.Wait()
			require.Len(t, w.Requests(), 1)
			w.EndOutage()
			<-done
			require.Equal(t, 200, got.Status)
		})
	})
}
