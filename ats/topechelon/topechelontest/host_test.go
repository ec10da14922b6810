package topechelontest_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

// house is a host with one pipeline that two users see.
type house struct {
	*topechelontest.Host
	ana string // a credential
}

func newHouse(t *testing.T, opts ...topechelontest.Option) *house {
	t.Helper()
	h := &house{Host: topechelontest.NewHost(append([]topechelontest.Option{topechelontest.InMemory()}, opts...)...)}
	t.Cleanup(h.Close)
	h.ana = h.SignIn(topechelontest.Actor{AgencyID: "ag-12", UserID: "301", Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example", TimeZone: "America/New_York"})
	h.SignIn(topechelontest.Actor{AgencyID: "ag-12", UserID: "302", TimeZone: "Europe/Berlin"})
	h.SignIn(topechelontest.Actor{AgencyID: "ag-13", UserID: "303", TimeZone: "UTC"})
	h.AddToPipeline("ag-12", "2342", "481516", "481517")
	h.AddToPipeline("ag-12", "2343", "481516")
	return h
}

func (h *house) call(t *testing.T, method, path, body string) response {
	t.Helper()
	return request{method: method, url: h.URL + path, token: h.Token, mediaType: "application/json", body: body}.must(t, h.Client())
}

func TestTheHostKnowsWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(t, "POST", "/v1/actor", `{"credential":"`+h.ana+`"}`)
	require.Equal(t, 200, got.status)
	require.JSONEq(t, `{"agencyId":"ag-12","userId":"301","name":"Ana Ruiz","email":"ana.ruiz@northwind.example","timeZone":"America/New_York"}`, got.body)
	h.SignOut(h.ana)
	require.Equal(t, 401, h.call(t, "POST", "/v1/actor", `{"credential":"`+h.ana+`"}`).status)
	require.Empty(t, h.Violations())

	s := newWorld(t)
	require.Contains(t, h.call(t, "POST", "/v1/actor", `{"credential":"`+h.SignInUser(s.ben)+`"}`).body, `"userId":"302"`)
	require.Panics(t, func() { h.SignIn(topechelontest.Actor{UserID: "1", TimeZone: "UTC"}) })
	require.Panics(t, func() { h.SignIn(topechelontest.Actor{AgencyID: "a", UserID: "1", TimeZone: "Mars"}) })
	require.Panics(t, func() { h.AddToPipeline("ag-13", "2342", "1") })
}

func TestTheHostKnowsWhoIsInWhichPipeline(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.HidePipeline("302", "2342")
	jobs := func(user, person string) string {
		return h.call(t, "POST", "/v1/pipelines/by-person", `{"userId":"`+user+`","personId":"`+person+`"}`).body
	}
	member := func(user, job, person string) string {
		return h.call(t, "POST", "/v1/pipelines/membership", `{"userId":"`+user+`","jobId":"`+job+`","personId":"`+person+`"}`).body
	}
	require.JSONEq(t, `{"jobIds":["2342","2343"]}`, jobs("301", "481516"))
	require.JSONEq(t, `{"jobIds":["2342"]}`, jobs("301", "481517"))
	require.JSONEq(t, `{"jobIds":["2343"]}`, jobs("302", "481516"), "hidden")
	require.JSONEq(t, `{"jobIds":[]}`, jobs("303", "481516"), "another agency")
	require.JSONEq(t, `{"jobIds":[]}`, jobs("999", "481516"), "nobody")
	require.JSONEq(t, `{"member":true}`, member("301", "2342", "481517"))
	require.JSONEq(t, `{"member":false}`, member("302", "2342", "481517"))
	require.JSONEq(t, `{"member":false}`, member("301", "2343", "481517"))
	require.JSONEq(t, `{"member":false}`, member("301", "1", "481517"))
	h.ShowPipeline("302", "2342")
	require.JSONEq(t, `{"member":true}`, member("302", "2342", "481517"))
	h.RemoveFromPipeline("2342", "481517")
	require.JSONEq(t, `{"member":false}`, member("302", "2342", "481517"))
	h.SignOut(h.ana)
	require.JSONEq(t, `{"member":true}`, member("301", "2342", "481516"), "what is done in the background needs nobody's browser")
	require.Empty(t, h.Violations())
}

// status is an update with members changed; nil leaves one out.
func status(t *testing.T, change map[string]any) string {
	t.Helper()
	members := map[string]any{
		"agencyId": "ag-12", "jobId": "2342", "personId": "481516", "revision": 3, "interviewId": "0f6d", "type": "one_way",
		"state": "completed", "label": "Completed", "dueAt": "2026-03-17T17:00:00-04:00", "resultUrl": "https://interviews.example/0f6d",
	}
	maps.Copy(members, change)
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == absent })
	text, err := json.Marshal(members)
	require.NoError(t, err)
	return string(text)
}

const absent = "\x00absent"

func TestTheColumnShowsTheNewestRevision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	put := func(change map[string]any) int {
		return h.call(t, "PUT", "/v1/interview-statuses", status(t, change)).status
	}
	row := topechelontest.StatusKey{AgencyID: "ag-12", JobID: "2342", PersonID: "481516"}
	_, ok := h.Status(row)
	require.False(t, ok)
	require.Equal(t, 204, put(nil))
	want := topechelontest.Status{
		Revision: 3, InterviewID: "0f6d", Type: "one_way", State: "completed", Label: "Completed", ResultURL: "https://interviews.example/0f6d",
	}
	got, ok := h.Status(row)
	require.True(t, ok)
	require.True(t, got.DueAt.Equal(time.Date(2026, 3, 17, 21, 0, 0, 0, time.UTC)))
	got.DueAt = time.Time{}
	require.Equal(t, want, got)

	require.Equal(t, 204, put(nil), "again")
	require.Equal(t, 204, put(map[string]any{"revision": 2, "state": "invited"}), "older")
	require.Empty(t, h.Violations())
	require.Equal(t, 204, put(map[string]any{"label": "Another"}))
	require.Len(t, h.Violations(), 1, "the same revision with another content")
	got, _ = h.Status(row)
	require.Equal(t, "Completed", got.Label)

	require.Equal(t, 204, put(map[string]any{"revision": 4, "state": "none", "label": "", "interviewId": nil, "type": nil, "dueAt": absent, "resultUrl": nil}))
	got, _ = h.Status(row)
	require.Equal(t, topechelontest.Status{Revision: 4, State: "none"}, got)

	for _, elsewhere := range []map[string]any{{"personId": "1"}, {"jobId": "1"}, {"agencyId": "ag-13"}, {"jobId": "2343", "personId": "481517"}} {
		require.Equal(t, 404, put(elsewhere))
	}
	require.Equal(t, topechelontest.StatusWrites{Stored: 2, Ignored: 3, Refused: 4}, h.StatusWrites())

	h.RemoveFromPipeline("2342", "481516")
	_, ok = h.Status(row)
	require.False(t, ok)
}

func TestAHostWithoutTheColumnSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, topechelontest.WithoutStatusColumn())
	require.Equal(t, 501, h.call(t, "PUT", "/v1/interview-statuses", status(t, nil)).status)
	h.SetStatusColumn(true)
	require.Equal(t, 204, h.call(t, "PUT", "/v1/interview-statuses", status(t, nil)).status)
}

func TestTheHostIsStrict(t *testing.T) {
	t.Parallel()
	h := newHouse(t, topechelontest.WithHostToken("host-token-example"))
	require.Equal(t, "host-token-example", h.Token)
	unsigned := request{method: "POST", url: h.URL + "/v1/actor", mediaType: "application/json", body: `{"credential":"x"}`}
	require.Equal(t, 401, unsigned.must(t, h.Client()).status)
	require.Empty(t, h.Violations())

	violations := 0
	refused := func(want int, method, path, body string) {
		t.Helper()
		require.Equal(t, want, h.call(t, method, path, body).status, body)
		violations++
		require.Len(t, h.Violations(), violations)
	}
	refused(404, "GET", "/v1/actor", "")
	refused(404, "POST", "/v1/pipelines", "{}")
	refused(400, "POST", "/v1/actor?x=1", `{"credential":"x"}`)
	refused(400, "POST", "/v1/actor", `{}`)
	refused(400, "POST", "/v1/actor", `{"credential":""}`)
	refused(400, "POST", "/v1/actor", `{"credential":"x","more":1}`)
	refused(400, "POST", "/v1/pipelines/by-person", `{"userId":"301"}`)
	refused(400, "POST", "/v1/pipelines/membership", `{"userId":"301","jobId":2342,"personId":"481516"}`)
	for _, change := range []map[string]any{
		{"revision": absent},
		{"revision": "3"},
		{"revision": 1.5},
		{"label": absent},
		{"state": "pending"},
		{"state": absent},
		{"type": "phone"},
		{"dueAt": "tomorrow"},
		{"resultUrl": "/relative"},
		{"personName": "Maya"},
		{"agencyId": absent},
	} {
		refused(400, "PUT", "/v1/interview-statuses", status(t, change))
	}
	require.Zero(t, h.StatusWrites().Stored)
}

func TestTheHostFailsOnDemand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	put := request{method: "PUT", url: h.URL + "/v1/interview-statuses", token: h.Token, mediaType: "application/json", body: status(t, nil)}
	h.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: 503, Match: topechelontest.On("PUT", "/v1/interview-statuses")})
	require.Equal(t, 503, put.must(t, h.Client()).status)
	require.Zero(t, h.StatusWrites())
	h.Inject(topechelontest.Fault{Kind: topechelontest.FaultLost, AfterEffect: true})
	_, err := put.send(t, h.Client())
	require.ErrorIs(t, err, topechelontest.ErrConnectionLost)
	require.Equal(t, 1, h.StatusWrites().Stored)
	h.Inject(topechelontest.Fault{Kind: topechelontest.FaultGarbage})
	got := h.call(t, "POST", "/v1/actor", `{"credential":"`+h.ana+`"}`)
	require.False(t, json.Valid([]byte(got.body)))
	require.Equal(t, 2, h.Count("PUT", "/v1/interview-statuses"))
}
