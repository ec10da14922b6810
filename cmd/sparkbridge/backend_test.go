package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// backend is a recruiting backend beside the running program: it speaks to the
// program's API, and the program speaks to the host of its candidates' screens.
type backend struct {
	*testing.T
	ctx context.Context

	dir     string
	spark   *sparkhiretest.Server
	host    *door // before the host's simulator
	front   *door // what vendors and browsers know of the program
	lane    *lane
	running *process
	id      string // of the connection

	job       sparkhiretest.Job
	questions sparkhiretest.QuestionSet
}

// newBackend starts the simulators of Spark Hire and of a host; [backend.serve]
// starts the program.
func newBackend(t *testing.T, host http.Handler) *backend {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	b := &backend{T: t, ctx: ctx, dir: t.TempDir(), lane: newLane(), host: newDoor(host), spark: sparkhiretest.NewServer()}
	t.Cleanup(b.spark.Close)
	t.Cleanup(b.host.Close)
	b.front = newDoor(b.lane)
	t.Cleanup(b.front.Close)
	b.job = b.spark.AddJob(sparkhiretest.Job{Title: "Shift Supervisor", Address: "Duluth, MN"})
	b.questions = b.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Leading people"})
	return b
}

// serve starts the program with a configuration file that has the lines about the
// ATS.
func (b *backend) serve(ats string) {
	b.Helper()
	file := filepath.Join(b.dir, "sparkbridge.yaml")
	text := fmt.Sprintf("listen: 127.0.0.1:0\npublic_url: %q\ndatabase: %q\nkey_file: %q\napi_tokens: [%s]\nlog: {level: debug}\nsparkhire:\n  v1_url: %q\n  v2_url: %q\n  app_url: %s\n%s",
		b.front.URL, "sqlite:"+b.database(), filepath.Join(b.dir, "ledger.key"), apiToken, b.spark.V1URL(), b.spark.V2URL(), appURL, ats)
	require.NoError(b, os.WriteFile(file, []byte(text), 0o600))
	b.running = launch(b.T, nil, "serve", "--config", file)
	to, err := url.Parse(b.running.url(b.ctx, b.T))
	require.NoError(b, err)
	b.lane.lead(to)
}

func (b *backend) database() string { return filepath.Join(b.dir, "ledger.db") }

// who are the headers that say who acts.
type who map[string]string

func holder(credential string) who { return who{"Sparkbridge-Actor-Credential": credential} }

// answer is what the program said.
type answer struct {
	*testing.T
	status int
	header http.Header
	text   string
	object
}

// object is decoded JSON.
type object map[string]any

func (o object) object(name string) object {
	inner, _ := o[name].(map[string]any)
	return inner
}

func (o object) text(name string) string {
	text, _ := o[name].(string)
	return text
}

func (o object) items() []object {
	var all []object
	items, _ := o["items"].([]any)
	for _, item := range items {
		all = append(all, item.(map[string]any))
	}
	return all
}

// names are those of the members.
func (o object) names() []string { return slices.Sorted(maps.Keys(o)) }

// call makes a call below /api/v1. The path may begin with "…", which is that of
// the connection.
func (b *backend) call(by who, method, path, body string) answer {
	b.Helper()
	if rest, ok := strings.CutPrefix(path, "…"); ok {
		path = "/connections/" + b.id + rest
	}
	headers := who{"Authorization": "Bearer " + apiToken}
	maps.Copy(headers, by)
	return b.fetch(headers, method, b.front.URL+"/api/v1"+path, body)
}

// fetch makes a call and does not follow redirects.
func (b *backend) fetch(headers who, method, address, body string) answer {
	b.Helper()
	req, err := http.NewRequestWithContext(b.ctx, method, address, strings.NewReader(body))
	require.NoError(b, err)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	require.NoError(b, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.NoError(b, resp.Body.Close())
	a := answer{T: b.T, status: resp.StatusCode, header: resp.Header, text: string(text)}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		require.NoError(b, json.Unmarshal(text, &a.object), "%s", text)
	}
	return a
}

// is requires the status and returns the answer.
func (a answer) is(status int) answer {
	a.Helper()
	require.Equal(a, status, a.status, a.text)
	return a
}

// refuses requires a problem of RFC 9457 with the code, about the field.
func (a answer) refuses(status int, code, field string) {
	a.Helper()
	a.is(status)
	require.Equal(a, "application/problem+json", a.header.Get("Content-Type"))
	require.Equal(a, code, a.object.text("code"), a.text)
	require.Equal(a, field, a.object.text("field"), a.text)
	want := []string{"code", "detail", "request_id", "status", "title", "type"}
	if field != "" {
		want = []string{"code", "detail", "field", "request_id", "status", "title", "type"}
	}
	require.Equal(a, want, a.names())
	require.InEpsilon(a, float64(status), a.object["status"], 0)
}

// request asks for an interview under a key; change alters the usual body.
func (b *backend) request(by who, key string, body object, change func(object)) answer {
	b.Helper()
	text, err := json.Marshal(body)
	require.NoError(b, err)
	if change != nil {
		body = nil
		require.NoError(b, json.Unmarshal(text, &body))
		change(body)
		text, err = json.Marshal(body)
		require.NoError(b, err)
	}
	headers := who{"Idempotency-Key": key}
	maps.Copy(headers, by)
	return b.call(headers, http.MethodPost, "…/interviews", string(text))
}

// set and without change a request.
func set(path string, value any) func(object) {
	return func(o object) {
		outer, inner, nested := strings.Cut(path, ".")
		if nested {
			o[outer].(map[string]any)[inner] = value
			return
		}
		o[path] = value
	}
}

func without(name string) func(object) { return func(o object) { delete(o, name) } }

// shown waits until the host shows something: it looks after each call to the host.
func (b *backend) shown(what string, ok func() bool) {
	b.Helper()
	for n := 0; !ok(); n++ {
		require.NoError(b, b.host.await(b.ctx, n+1, func(*http.Request) bool { return true }), "%s; log:\n%s", what, b.running.output())
	}
}

// interviewNames are the members of an interview, of service.md and of the OpenAPI
// document.
func interviewNames() []string {
	names := strings.Fields(`id connection_id adapter state revision type origin candidate job spark_hire due message
		requested_by reason notice actions reported_revision created_at updated_at completed_at`)
	slices.Sort(names)
	return names
}

// isInterview requires every member of an interview, and that times are in UTC.
func (b *backend) isInterview(o object) {
	b.Helper()
	require.Equal(b, interviewNames(), o.names())
	require.Equal(b, []string{"email", "first_name", "id", "last_name"}, o.object("candidate").names())
	require.Equal(b, []string{"id", "title"}, o.object("job").names())
	require.Equal(b, []string{"interview_id", "job_id", "question_set_id", "status"}, o.object("spark_hire").names())
	require.Equal(b, []string{"at", "date", "time", "time_zone"}, o.object("due").names())
	require.Equal(b, []string{"id", "name"}, o.object("requested_by").names())
	require.Equal(b, b.id, o.text("connection_id"))
	for _, at := range []string{o.text("created_at"), o.text("updated_at"), o.object("due").text("at")} {
		_, err := time.Parse("2006-01-02T15:04:05Z", at)
		require.NoError(b, err)
	}
}

// timeline requires that the events have the members that they should, and returns
// their kinds.
func (b *backend) timeline(by who, interview string) []string {
	b.Helper()
	var kinds []string
	for n, e := range b.call(by, http.MethodGet, "/interviews/"+interview+"/events", "").is(http.StatusOK).items() {
		require.Equal(b, []string{"actor", "at", "data", "kind", "seq", "text"}, e.names())
		require.InEpsilon(b, float64(n+1), e["seq"], 0)
		kinds = append(kinds, e.text("kind"))
	}
	return kinds
}

// erases requires that a person is forgotten, also in the bytes of the database.
func (b *backend) erases(by who, candidate, interview string, personal ...string) {
	b.Helper()
	for range 2 {
		b.call(by, http.MethodDelete, "…/candidates/"+candidate, "").is(http.StatusNoContent)
	}
	left := b.call(nil, http.MethodGet, "/interviews/"+interview, "")
	for _, p := range personal {
		require.NotContains(b, left.text, p)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		file, err := os.ReadFile(b.database() + suffix)
		require.NoError(b, err)
		for _, p := range personal {
			require.NotContains(b, string(file), p, suffix)
		}
	}
}

// stops ends the program, whose log must have nothing of these.
func (b *backend) stops(private ...string) {
	b.Helper()
	b.running.terminate(b.T)
	require.Zero(b, b.running.wait(b.ctx, b.T), b.running.output())
	for _, p := range append(private, apiToken, "panic", "DATA RACE") {
		require.NotContains(b, b.running.output(), p)
	}
}
