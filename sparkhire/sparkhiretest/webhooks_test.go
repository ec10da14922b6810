package sparkhiretest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// withReceiver makes a world that sends webhooks to a receiver in memory, on Flush only.
func withReceiver(t *testing.T, opts ...sparkhiretest.Option) (*world, *receiver) {
	t.Helper()
	r := &receiver{}
	return newWorld(t, append([]sparkhiretest.Option{
		sparkhiretest.WithManualDelivery(), sparkhiretest.WithWebhookClient(r.client()),
	}, opts...)...), r
}

// flushed sends what is due and returns the paths that were called since the last time.
func flushed(w *world, r *receiver) []string {
	w.t.Helper()
	before := len(r.got())
	require.NoError(w.t, w.Flush(w.t.Context()))
	return r.got()[before:]
}

func TestEveryEventFires(t *testing.T) {
	t.Parallel()
	w, r := withReceiver(t)
	for _, event := range sparkhiretest.Events() {
		w.subscribe(event)
	}
	require.Len(t, sparkhiretest.Events(), 11)
	var id string
	for _, step := range []struct {
		do   func()
		want []string
	}{
		{func() { w.job = w.AddJob(sparkhiretest.Job{Title: "Cook"}) }, []string{"/JobCreated"}},
		{func() { w.do(200, "PUT", "/jobs/"+w.job.ID, object{"title": "Chef"}) }, []string{"/JobUpdated"}},
		{func() { id = w.invite() }, []string{"/InterviewCreated"}},
		{func() { require.NoError(t, w.Accept(id)) }, []string{"/InterviewAccepted"}},
		{func() { require.NoError(t, w.Complete(id)) }, []string{"/InterviewCompleted"}},
		{func() { require.NoError(t, w.Rate(id, 5)) }, []string{"/InterviewRated"}},
		{func() { require.NoError(t, w.Reset(id, time.Time{})) }, []string{"/InterviewReset"}},
		{func() { require.NoError(t, w.Reschedule(id, monday.AddDate(0, 0, 9))) }, []string{"/InterviewRescheduled"}},
		{func() {
			w.do(200, "PUT", "/interviews/"+id, object{"scheduled_at": "2026-03-10T10:00:00Z"})
		}, []string{"/InterviewRescheduled"}},
		{func() { w.clock.Advance(10 * 24 * time.Hour) }, []string{"/InterviewExpired"}},
		{func() { w.do(204, "DELETE", "/interviews/"+id, nil) }, []string{"/InterviewDeleted"}},
		{func() { w.do(204, "DELETE", "/jobs/"+w.job.ID, nil) }, []string{"/JobDeleted"}},
		{func() {
			w.job = w.AddJob(sparkhiretest.Job{Title: "Porter"})
			in := w.invitation("max@mail.example")
			in.ScheduledAt = time.Time{}
			_, err := w.InviteByLink(in)
			require.NoError(t, err)
		}, []string{"/JobCreated", "/InterviewCreated", "/InterviewAccepted"}},
	} {
		step.do()
		require.Equal(t, step.want, flushed(w, r))
	}
}

func TestTheBodyIsTheBareObject(t *testing.T) {
	t.Parallel()
	w, r := withReceiver(t, sparkhiretest.WithEnvelope())
	for _, event := range []string{"InterviewCreated", "InterviewDeleted", "JobUpdated"} {
		w.do(201, "POST", "/webhooks", object{"url": "https://hooks.bridge.example/x", "event": event})
	}
	made := w.do(201, "POST", "/interviews", w.interviewBody()).object()["data"].(object)
	id := made["uuid"].(string)
	require.NoError(t, w.Accept(id))
	shown := w.do(200, "GET", "/interviews/"+id, nil).object()["data"]
	require.NoError(t, w.Delete(id))
	require.NoError(t, w.SetJobActive(w.job.ID, false))
	job := w.do(200, "GET", "/jobs/"+w.job.ID, nil).object()["data"]
	require.NoError(t, w.Flush(t.Context()))
	for i, want := range []any{made, shown, job} {
		var got object
		require.NoError(t, json.Unmarshal([]byte(r.bodies[i]), &got))
		require.Equal(t, want, got, "as it was when it happened")
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()

	t.Run("they are registered, listed and removed by their owner", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
		id := w.subscribe("JobCreated", "extra", "kept")
		listed := w.do(200, "GET", "/webhooks", nil).list()
		require.Equal(t, []map[string]any{{
			"uuid": id, "url": "https://hooks.bridge.example/JobCreated", "event": "JobCreated",
			"created_at": "2026-03-02T10:00:00+00:00",
		}}, listed)
		require.JSONEq(t, `{"url":"https://hooks.bridge.example/JobCreated","event":"JobCreated","extra":"kept"}`,
			string(w.Webhooks()[0].Body))
		require.Empty(t, w.as(tom.Key, "GET", "/webhooks", nil).list())
		require.Equal(t, 404, w.as(tom.Key, "DELETE", "/webhooks/"+id, nil).Status)
		w.do(204, "DELETE", "/webhooks/"+id, nil)
		w.do(404, "DELETE", "/webhooks/"+id, nil)
		require.Empty(t, w.Webhooks())
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.Empty(t, flushed(w, r))
	})
	t.Run("a bad body is refused with the field's name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		good := object{"url": "https://hooks.bridge.example/x", "event": "JobCreated"}
		for field, values := range map[string][]any{
			"url":   {nil, "", "/x", "hooks.bridge.example/x", "ftp://a.example/x", "https://", 1},
			"event": {nil, "", "JobStarted", "jobcreated", []any{"JobCreated"}},
			"jobs":  {"all", 1},
		} {
			for _, value := range values {
				r := w.do(400, "POST", "/webhooks", with(good, field, value))
				require.Contains(t, r.reason(), field, "%v", value)
			}
		}
	})
	t.Run("the same URL and event twice are delivered twice", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		w.subscribe("JobCreated")
		w.subscribe("JobCreated")
		w.AddJob(sparkhiretest.Job{Title: "Cook"})
		require.Equal(t, []string{"/JobCreated", "/JobCreated"}, flushed(w, r))
	})
	t.Run("jobs limits the deliveries", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		other := w.AddJob(sparkhiretest.Job{Title: "Cook"})
		w.subscribe("InterviewCreated", "jobs", []any{other.ID})
		w.invite()
		require.Empty(t, flushed(w, r))
		w.invite("job_uuid", other.ID)
		require.Len(t, flushed(w, r), 1)
	})
	t.Run("what the owner may not see is not delivered, nor anything while disabled", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
		made := w.as(tom.Key, "POST", "/webhooks", object{"url": "https://hooks.bridge.example/tom", "event": "InterviewCreated"})
		require.Equal(t, 201, made.Status)
		other := w.AddAccount(sparkhiretest.Account{Name: "Contoso Care"})
		w.AddUser(sparkhiretest.User{AccountID: other.ID, Name: "Eve Adler", Email: "eve@contoso.example", Key: "key-of-eve"})
		theirs := object{"url": "https://hooks.bridge.example/eve", "event": "InterviewCreated"}
		require.Equal(t, 201, w.as("key-of-eve", "POST", "/webhooks", theirs).Status)

		require.NoError(t, w.RestrictJob(w.job.ID, w.ana.ID))
		w.invite()
		require.Empty(t, flushed(w, r))
		require.NoError(t, w.ShareJob(w.job.ID))
		require.NoError(t, w.SetUserDisabled(tom.ID, true))
		w.invite()
		require.Empty(t, flushed(w, r))
		require.NoError(t, w.SetUserDisabled(tom.ID, false))
		w.invite()
		require.Equal(t, []string{"/tom"}, flushed(w, r))
	})
	t.Run("a wish for share links is granted and echoed", func(t *testing.T) {
		t.Parallel()
		w, r := withReceiver(t)
		w.subscribe("InterviewCompleted", "create_share_link", 1)
		w.subscribe("InterviewCreated", "create_share_link", 0)
		id := w.invite()
		require.NoError(t, w.Accept(id))
		require.NoError(t, w.Complete(id))
		require.NoError(t, w.Flush(t.Context()))
		require.NotContains(t, r.bodies[0], "create_share_link")
		var got object
		require.NoError(t, json.Unmarshal([]byte(r.bodies[1]), &got))
		require.InDelta(t, 1, got["create_share_link"], 0)
		require.Equal(t, w.do(200, "GET", "/interviews/"+id+"/share_link", nil).object(), got["share_link"])
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	w, r := withReceiver(t)
	w.do(200, "GET", "/webhooks/replay/InterviewCreated", nil)
	require.Empty(t, flushed(w, r), "nothing has happened")
	w.subscribe("InterviewCreated")
	w.subscribe("InterviewAccepted")
	tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
	theirs := object{"url": "https://hooks.bridge.example/tom", "event": "InterviewCreated"}
	require.Equal(t, 201, w.as(tom.Key, "POST", "/webhooks", theirs).Status)
	w.invite()
	second := w.invite()
	require.NoError(t, w.Accept(second))
	require.NoError(t, w.Flush(t.Context()))
	count := len(r.got())

	w.do(200, "GET", "/webhooks/replay/InterviewCreated", nil)
	require.Equal(t, []string{"/InterviewCreated"}, flushed(w, r), "only to the caller")
	require.Contains(t, r.bodies[count], second, "the latest one")
	require.Contains(t, r.bodies[count], `"status":"pending"`, "as it was")
	require.NotEmpty(t, w.do(400, "GET", "/webhooks/replay/InterviewStarted", nil).reason())
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	front := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect))
	defer front.Close()
	w := newWorld(t, sparkhiretest.WithManualDelivery())
	w.subscribe("JobCreated", "url", front.URL+"/x")
	w.AddJob(sparkhiretest.Job{Title: "Cook"})
	require.NoError(t, w.Flush(t.Context()))
	d := w.Deliveries()[0]
	require.Equal(t, http.StatusTemporaryRedirect, d.Status)
	require.Equal(t, sparkhiretest.DeliveryFailed, d.State)
}
