package sparkhiretest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// happen makes one event of each of the given kinds, in this order, about one interview.
func happen(w *world) (id string) {
	w.t.Helper()
	for _, event := range []string{"InterviewCreated", "InterviewAccepted", "InterviewCompleted", "InterviewRated"} {
		w.subscribe(event)
	}
	id = w.invite()
	require.NoError(w.t, w.Accept(id))
	require.NoError(w.t, w.Complete(id))
	require.NoError(w.t, w.Rate(id, 5))
	return id
}

var inOrder = []string{"/InterviewCreated", "/InterviewAccepted", "/InterviewCompleted", "/InterviewRated"}

func TestDelivery(t *testing.T) {
	t.Parallel()

	t.Run("goes out by itself and in order unless it is manual", func(t *testing.T) {
		t.Parallel()
		arrived := make(chan string, 4)
		front := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.URL.Path }))
		defer front.Close()
		w := newWorldOnSockets(t)
		for _, path := range inOrder {
			w.subscribe(path[1:], "url", front.URL+path)
		}
		id := w.invite()
		require.NoError(t, w.Accept(id))
		require.NoError(t, w.Complete(id))
		require.NoError(t, w.Rate(id, 5))
		for _, want := range inOrder {
			select {
			case got := <-arrived:
				require.Equal(t, want, got)
			case <-t.Context().Done():
				require.Fail(t, "the test ended first")
			}
		}
		require.NoError(t, w.Flush(t.Context()))
		require.Len(t, w.Deliveries(), 4)
		for _, d := range w.Deliveries() {
			require.Equal(t, sparkhiretest.DeliveryAnswered, d.State)
			require.Equal(t, 1, d.Attempts)
		}
	})
	t.Run("can be inspected before and after", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		hook := w.subscribe("JobCreated")
		job := w.AddJob(sparkhiretest.Job{Title: "Cook"})
		d := w.Deliveries()[0]
		body := d.Body
		require.Contains(t, string(body), job.ID)
		want := sparkhiretest.Delivery{
			ID: 1, WebhookID: hook, Event: "JobCreated", URL: "https://hooks.bridge.example/JobCreated", ObjectID: job.ID,
			Body: body, QueuedAt: monday, DueAt: monday, State: sparkhiretest.DeliveryWaiting,
		}
		require.Equal(t, want, d)
		require.Empty(t, r.got())
		require.NoError(t, w.Flush(t.Context()))
		want.State, want.Attempts, want.Status = sparkhiretest.DeliveryAnswered, 1, 200
		require.Equal(t, want, w.Deliveries()[0])
		require.Equal(t, []string{string(body)}, r.bodies)
		require.Empty(t, flushed(w, r), "once is enough")
	})
	t.Run("an answer that is not of the 200s is a failure and is not repeated", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		r.status = http.StatusServiceUnavailable
		w.subscribe("JobCreated")
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.Len(t, flushed(w, r), 1)
		require.Empty(t, flushed(w, r))
		d := w.Deliveries()[0]
		require.Equal(t, sparkhiretest.DeliveryFailed, d.State)
		require.Equal(t, http.StatusServiceUnavailable, d.Status)
		require.NoError(t, d.Err)
		r.status = http.StatusOK
		require.NoError(t, w.Deliver(t.Context(), d.ID))
		require.Equal(t, 2, w.Deliveries()[0].Attempts)
		require.Equal(t, sparkhiretest.DeliveryAnswered, w.Deliveries()[0].State)
	})
	t.Run("a receiver that cannot be reached is a failure with an error", func(t *testing.T) {
		t.Parallel()
		down := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		w := newWorld(t, sparkhiretest.WithManualDelivery(),
			sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(down)}))
		w.subscribe("JobCreated")
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.NoError(t, w.Flush(t.Context()))
		d := w.Deliveries()[0]
		require.Equal(t, sparkhiretest.DeliveryFailed, d.State)
		require.ErrorIs(t, d.Err, io.ErrUnexpectedEOF)
		require.NotContains(t, d.Err.Error(), "hooks.bridge.example")
		require.ErrorIs(t, w.Deliver(t.Context(), 1), io.ErrUnexpectedEOF)
		require.ErrorIs(t, w.Deliver(t.Context(), 2), sparkhiretest.ErrNotFound)
		require.ErrorIs(t, w.Deliver(t.Context(), 0), sparkhiretest.ErrNotFound)
	})
	t.Run("a flush also sends what the receivers cause", func(t *testing.T) {
		t.Parallel()
		var w *world
		paths := []string{}
		answering := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			paths = append(paths, r.URL.Path)
			if r.URL.Path == "/JobCreated" {
				if err := w.SetJobActive(w.job.ID, false); err != nil {
					http.Error(rw, err.Error(), http.StatusInternalServerError)
				}
			}
		})
		w = newWorld(t, sparkhiretest.WithManualDelivery(),
			sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(answering)}))
		w.subscribe("JobCreated")
		w.subscribe("JobUpdated")
		w.job = w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.NoError(t, w.Flush(t.Context()))
		require.Equal(t, []string{"/JobCreated", "/JobUpdated"}, paths)
	})
	t.Run("a flush ends with its context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		stuck := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		w := newWorld(t, sparkhiretest.WithManualDelivery(),
			sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(stuck)}))
		w.subscribe("JobCreated")
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		w.AddJob(sparkhiretest.Job{Title: "Porter"})
		require.ErrorIs(t, w.Flush(ctx), context.Canceled)
		require.Equal(t, sparkhiretest.DeliveryFailed, w.Deliveries()[0].State)
		require.Equal(t, sparkhiretest.DeliveryWaiting, w.Deliveries()[1].State)
		require.ErrorIs(t, w.Deliver(ctx, 2), context.Canceled)
	})
}

func TestDisturbedDeliveries(t *testing.T) {
	t.Parallel()

	t.Run("dropped ones go nowhere until they are delivered by hand", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: "InterviewAccepted", Drop: true})
		happen(w)
		require.Equal(t, []string{"/InterviewCreated", "/InterviewCompleted", "/InterviewRated"}, flushed(w, r))
		require.Equal(t, sparkhiretest.DeliveryDropped, w.Deliveries()[1].State)
		require.Zero(t, w.ReleaseDeliveries())
		require.NoError(t, w.Deliver(t.Context(), 2))
		require.Equal(t, "/InterviewAccepted", r.got()[3])
	})
	t.Run("repeated ones come again right away", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: "InterviewAccepted", Copies: 2})
		happen(w)
		require.Equal(t, slices.Insert(slices.Clone(inOrder), 2, "/InterviewAccepted", "/InterviewAccepted"), flushed(w, r))
		require.Equal(t, r.bodies[1], r.bodies[3])
	})
	t.Run("delayed ones wait for the clock or for a call", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: "InterviewCreated", Delay: time.Minute})
		w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: "InterviewAccepted", Delay: time.Hour})
		happen(w)
		require.Equal(t, inOrder[2:], flushed(w, r))
		w.clock.Advance(time.Minute - 1)
		require.Empty(t, flushed(w, r))
		w.clock.Advance(1)
		require.Equal(t, inOrder[:1], flushed(w, r))
		require.Equal(t, 1, w.ReleaseDeliveries())
		require.Equal(t, inOrder[1:2], flushed(w, r))
	})
	t.Run("held ones can be reversed, shuffled and released", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		remove := w.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
		happen(w)
		require.Empty(t, flushed(w, r))
		require.Equal(t, sparkhiretest.DeliveryHeld, w.Deliveries()[0].State)
		w.ReverseDeliveries()
		require.Equal(t, 4, w.ReleaseDeliveries())
		backwards := slices.Clone(inOrder)
		slices.Reverse(backwards)
		require.Equal(t, backwards, flushed(w, r))

		orders := map[string]bool{}
		for seed := range uint64(20) {
			again, r := withReceiver(t)
			again.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
			happen(again)
			again.ShuffleDeliveries(seed)
			again.ReleaseDeliveries()
			got := flushed(again, r)
			require.ElementsMatch(t, inOrder, got)
			orders[joined(got)] = true
		}
		require.Greater(t, len(orders), 3)

		remove()
		remove()
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		w.subscribe("JobCreated")
		w.AddJob(sparkhiretest.Job{Title: "Porter"})
		require.Equal(t, []string{"/JobCreated"}, flushed(w, r), "the rule has ended")
	})
	t.Run("one by one, in the order of choice", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		happen(w)
		for _, id := range []int{3, 1, 3, 4, 2} {
			require.NoError(t, w.Deliver(t.Context(), id))
		}
		require.Equal(t, []string{inOrder[2], inOrder[0], inOrder[2], inOrder[3], inOrder[1]}, r.got())
		require.Empty(t, flushed(w, r))
	})
	t.Run("a rule applies so many times, to what it names, and the first one decides", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		w.subscribe("JobCreated")
		w.subscribe("JobUpdated")
		other := w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.Len(t, flushed(w, r), 1)
		w.DisturbDeliveries(sparkhiretest.DeliveryRule{ObjectID: other.ID, Times: 2, Drop: true})
		w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: "JobUpdated", Copies: 1, Times: 1})
		update := func(id string) []string {
			w.do(200, "PUT", "/jobs/"+id, object{"title": "Chef"})
			return flushed(w, r)
		}
		require.Empty(t, update(other.ID))
		require.Len(t, update(w.job.ID), 2)
		require.Len(t, update(w.job.ID), 1)
		require.Empty(t, update(other.ID))
		require.Len(t, update(other.ID), 1)
	})
}

func TestStates(t *testing.T) {
	t.Parallel()
	var words []string
	for s := sparkhiretest.DeliveryWaiting; s <= sparkhiretest.DeliveryDropped; s++ {
		words = append(words, s.String())
	}
	require.Equal(t, []string{"waiting", "held", "sending", "answered", "failed", "dropped"}, words)
}
