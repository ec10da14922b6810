package sparkhiretest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestServer(t *testing.T) {
	t.Parallel()

	t.Run("one state behind sockets, memory and any listener", func(t *testing.T) {
		t.Parallel()
		w := newWorldOnSockets(t)
		require.Equal(t, w.URL+"/v1.0", w.V1URL())
		mounted := httptest.NewServer(w.Handler())
		defer mounted.Close()
		w.do(201, "POST", "/question_sets", object{"name": "x"})
		for base, client := range map[string]*http.Client{
			w.URL:                     w.Client(),
			mounted.URL:               mounted.Client(),
			"http://whatever.example": {Transport: w.RoundTripper()},
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1.0/question_sets", nil)
			require.NoError(t, err)
			req.SetBasicAuth(w.ana.Key, "")
			resp, err := client.Do(req)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Contains(t, string(body), "Nursing screen")
		}
	})
	t.Run("starting twice is a mistake of the program, closing twice is not", func(t *testing.T) {
		t.Parallel()
		sim := sparkhiretest.NewServer()
		require.Panics(t, sim.Start)
		sim.Close()
		sim.Close()
		require.Panics(t, sim.Start)
	})
	t.Run("after Close it cannot be reached and can still be read", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		w.Close()
		_, err := w.try("GET", "/me", nil)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.Equal(t, sparkhiretest.Invited, w.state(id))
		require.NoError(t, w.Accept(id))
	})
	t.Run("Close abandons webhooks on their way", func(t *testing.T) {
		t.Parallel()
		reached := make(chan struct{})
		stuck := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(reached)
			<-r.Context().Done()
		})
		w := newWorld(t, sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(stuck)}))
		w.subscribe("JobCreated")
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		w.AddJob(sparkhiretest.Job{Title: "Porter"})
		<-reached
		w.Close()
		require.Equal(t, sparkhiretest.DeliveryFailed, w.Deliveries()[0].State)
		require.ErrorIs(t, w.Deliveries()[0].Err, context.Canceled)
		require.Equal(t, sparkhiretest.DeliveryWaiting, w.Deliveries()[1].State)
	})
	t.Run("random identifiers are unlike, countable ones are equal in each run", func(t *testing.T) {
		t.Parallel()
		plain := sparkhiretest.NewUnstartedServer()
		defer plain.Close()
		a := plain.AddUser(sparkhiretest.User{Name: "A", Email: "a@b.example"})
		b := plain.AddUser(sparkhiretest.User{Name: "B", Email: "b@b.example"})
		require.NotEqual(t, a.ID, b.ID)
		require.NotEqual(t, a.Key, b.Key)
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.ID)
		one, two := newWorld(t).invite(), newWorld(t).invite()
		require.Equal(t, one, two)
	})
	t.Run("settings that cannot work are mistakes of the program", func(t *testing.T) {
		t.Parallel()
		for _, bad := range []sparkhiretest.Option{
			sparkhiretest.WithClock(nil), sparkhiretest.WithRateLimit(1, 0), sparkhiretest.WithPageSize(0, 5),
			sparkhiretest.WithPageSize(6, 5),
		} {
			require.Panics(t, func() { sparkhiretest.NewUnstartedServer(bad) })
		}
	})
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(200, "GET", "/jobs?range=1-5&orderby=title_asc", nil)
	w.do(400, "POST", "/interviews", object{"type": "live"})
	w.as("key-of-nobody", "GET", "/me", nil)

	log := w.Requests()
	require.Len(t, log, 3)
	list := log[0]
	require.Equal(t, monday, list.At)
	require.Equal(t, []string{"GET", "/v1.0/jobs", w.ana.ID, "Ana Ruiz"}, []string{list.Method, list.Path, list.UserID, list.User})
	require.Equal(t, "title_asc", list.Query.Get("orderby"))
	require.Equal(t, 200, list.Status)
	require.True(t, list.Effect)
	require.Equal(t, "application/json", list.Header.Get("Content-Type"))
	require.JSONEq(t, `{"type":"live"}`, string(log[1].Body))
	require.False(t, log[1].Effect)
	require.Empty(t, log[2].User)
	require.Equal(t, 401, log[2].Status)

	require.Len(t, w.RequestsTo("", "/jobs"), 1)
	require.Len(t, w.RequestsTo("GET", "/v1.0/*"), 2)
	require.Empty(t, w.RequestsTo("DELETE", "/..."))
	w.ForgetRequests()
	require.Empty(t, w.Requests())
}

// Nothing personal and no secret reaches a log, however a value is printed.
func TestNothingPersonalIsPrinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sparkhiretest.WithManualDelivery())
	w.subscribe("InterviewCreated", "url", "https://hooks.bridge.example/very-secret")
	id := w.invite()
	i, ok := w.Interview(id)
	require.True(t, ok)
	var out strings.Builder
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	values := []any{
		w.ana, i, i.Candidate, w.Requests()[1], w.Emails()[0], w.Webhooks()[0], w.Deliveries()[0],
		w.invitation("lena.fox@mail.example"),
	}
	for _, v := range values {
		logger.Info("seen", "value", v)
		_, _ = fmt.Fprintf(&out, "%v %+v %s\n", v, v, v)
	}
	require.Contains(t, out.String(), id)
	require.Contains(t, out.String(), w.ana.ID)
	for _, secret := range []string{"key-of-ana", "Ana", "Ruiz", "Lena", "Fox", ".example", "very-secret"} {
		require.NotContains(t, out.String(), secret)
	}
	for _, r := range w.Requests() {
		require.NotContains(t, fmt.Sprintf("%#v", r), "a2V5LW9mLWFuYTp4", "the Authorization header is not kept")
	}
}

// Everything at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	w := newWorldOnSockets(t, sparkhiretest.WithWebhookClient(r.client()), sparkhiretest.WithRateLimit(0, 0))
	for _, event := range sparkhiretest.Events() {
		w.subscribe(event)
	}
	w.Inject(sparkhiretest.Fault{Path: "/jobs", Skip: 3, Times: 3, Do: sparkhiretest.Respond(503, nil, "")})
	w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: "InterviewAccepted", Copies: 1, Times: sparkhiretest.Forever})
	const workers, rounds = 8, 10
	failures := make(chan error, workers*rounds)
	var group sync.WaitGroup
	for n := range workers {
		group.Go(func() {
			for m := range rounds {
				failures <- w.oneRound(fmt.Sprintf("c%d-%d@mail.example", n, m))
			}
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	require.NoError(t, w.Flush(t.Context()))
	const all = workers * rounds
	require.Len(t, w.Interviews(), all)
	require.Len(t, w.Invitations(), all)
	require.Len(t, r.got(), all*(1+2+1), "created, accepted twice, completed")
	require.Len(t, w.Deliveries(), len(r.got()))
}

// oneRound invites, accepts, completes and looks around. It runs outside the test's goroutine.
func (w *world) oneRound(email string) error {
	resp, err := w.client.Do(w.request(w.ana.Key, "POST", "/interviews", with(w.interviewBody(), "candidate_email", email)))
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("create interview: %s, %w", resp.Status, err)
	}
	id := w.InterviewsFor(email)[0].ID
	if err := w.Accept(id); err != nil {
		return err
	}
	if err := w.Complete(id); err != nil {
		return err
	}
	for _, path := range []string{"/jobs", "/interviews?orderby=updated_desc", "/interviews/" + id} {
		if _, err := w.try("GET", path, nil); err != nil {
			return err
		}
	}
	w.clock.Advance(time.Millisecond)
	w.Tick()
	w.Deliveries()
	w.Requests()
	w.ReverseDeliveries()
	return nil
}
