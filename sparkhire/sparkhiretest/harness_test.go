package sparkhiretest_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// monday is when every world begins.
var monday = time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)

// deadline is a date a week later, as it goes over the wire.
const deadline = "2026-03-09T17:00:00+00:00"

// clock is a clock that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a server with an administrator, a job and a question set, driven over plain HTTP.
type world struct {
	*sparkhiretest.Server

	t      *testing.T
	clock  *clock
	ana    sparkhiretest.User
	job    sparkhiretest.Job
	set    sparkhiretest.QuestionSet
	client *http.Client
}

// newWorld makes a world in memory; the options come after the clock and the countable IDs.
func newWorld(t *testing.T, opts ...sparkhiretest.Option) *world {
	t.Helper()
	return populate(t, func(all ...sparkhiretest.Option) *sparkhiretest.Server {
		return sparkhiretest.NewUnstartedServer(append(all, opts...)...)
	})
}

// newWorldOnSockets is newWorld with a listener.
func newWorldOnSockets(t *testing.T, opts ...sparkhiretest.Option) *world {
	t.Helper()
	return populate(t, func(all ...sparkhiretest.Option) *sparkhiretest.Server {
		return sparkhiretest.NewServer(append(all, opts...)...)
	})
}

func populate(t *testing.T, start func(...sparkhiretest.Option) *sparkhiretest.Server) *world {
	t.Helper()
	c := &clock{now: monday}
	sim := start(sparkhiretest.WithClock(c.Now), sparkhiretest.WithDeterministicIDs())
	t.Cleanup(sim.Close)
	w := &world{Server: sim, t: t, clock: c, client: sim.Client()}
	w.ana = sim.AddUser(sparkhiretest.User{
		Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example", Role: sparkhiretest.Admin, Key: "key-of-ana",
	})
	w.job = sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse", Address: "Austin, TX, USA", CreatedBy: w.ana.ID})
	w.set = sim.AddQuestionSet(sparkhiretest.QuestionSet{
		Name: "Nursing screen", Questions: []sparkhiretest.Question{{Text: "Why this ward?", TimeLimit: 120, Takes: 2}},
	})
	return w
}

// on returns the same world, reporting to a subtest.
func (w *world) on(t *testing.T) *world {
	t.Helper()
	c := *w
	c.t = t
	return &c
}

// reply is an answer with its body read.
type reply struct {
	t      *testing.T
	Status int
	Header http.Header
	Raw    []byte
}

func (r reply) object() map[string]any {
	r.t.Helper()
	var out map[string]any
	require.NoError(r.t, json.Unmarshal(r.Raw, &out), "%s", r.Raw)
	return out
}

func (r reply) list() []map[string]any {
	r.t.Helper()
	var out []map[string]any
	require.NoError(r.t, json.Unmarshal(r.Raw, &out), "%s", r.Raw)
	require.NotNil(r.t, out, "a list is never null")
	return out
}

// values returns one member of each record of a list.
func (r reply) values(name string) []any {
	r.t.Helper()
	out := []any{}
	for _, record := range r.list() {
		out = append(out, record[name])
	}
	return out
}

func (r reply) reason() string {
	r.t.Helper()
	text, ok := r.object()["reason"].(string)
	require.True(r.t, ok, "%s", r.Raw)
	return text
}

// request builds a request with a key; a nil body is none, a string goes as it is, all else as JSON.
func (w *world) request(key, method, path string, body any) *http.Request {
	w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		require.NoError(w.t, err)
		in = strings.NewReader(string(raw))
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.V1URL()+path, in)
	require.NoError(w.t, err)
	if key != "" {
		req.SetBasicAuth(key, "x")
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

// try sends a request whose connection may fail.
func (w *world) try(method, path string, body any) (reply, error) {
	w.t.Helper()
	resp, err := w.client.Do(w.request(w.ana.Key, method, path, body))
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return reply{w.t, resp.StatusCode, resp.Header, raw}, err
}

// as sends a request with a key and wants an answer.
func (w *world) as(key, method, path string, body any) reply {
	w.t.Helper()
	resp, err := w.client.Do(w.request(key, method, path, body))
	require.NoError(w.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return reply{w.t, resp.StatusCode, resp.Header, raw}
}

// do sends a request as Ana and wants a status.
func (w *world) do(status int, method, path string, body any) reply {
	w.t.Helper()
	r := w.as(w.ana.Key, method, path, body)
	require.Equal(w.t, status, r.Status, "%s %s: %s", method, path, r.Raw)
	return r
}

// object is a JSON object.
type object = map[string]any

// with returns a copy of o in which the named members are changed, or left out when the value is nil.
func with(o object, changes ...any) object {
	out := maps.Clone(o)
	for i := 0; i < len(changes); i += 2 {
		name := changes[i].(string)
		if out[name] = changes[i+1]; changes[i+1] == nil {
			delete(out, name)
		}
	}
	return out
}

// interviewBody is what it takes to invite Lena for the world's job.
func (w *world) interviewBody() object {
	return object{
		"type": "one_way", "job_uuid": w.job.ID, "question_set_uuid": w.set.ID,
		"candidate_first_name": "Lena", "candidate_last_name": "Fox", "candidate_email": "lena.fox@mail.example",
		"scheduled_at": deadline,
	}
}

// invite creates an interview over the API, with changes to its body, and returns its UUID.
func (w *world) invite(changes ...any) string {
	w.t.Helper()
	return w.do(http.StatusCreated, "POST", "/interviews", with(w.interviewBody(), changes...)).object()["uuid"].(string)
}

// invitation is the same for the methods of the server.
func (w *world) invitation(email string) sparkhiretest.Invitation {
	return sparkhiretest.Invitation{
		JobID: w.job.ID, QuestionSetID: w.set.ID, ScheduledAt: monday.AddDate(0, 0, 7),
		Candidate: sparkhiretest.Candidate{FirstName: "Lena", LastName: "Fox", Email: email},
	}
}

// state returns an interview's state.
func (w *world) state(id string) sparkhiretest.State {
	w.t.Helper()
	i, ok := w.Interview(id)
	require.True(w.t, ok)
	return i.State
}

// subscribe registers a webhook over the API and returns its UUID.
func (w *world) subscribe(event string, changes ...any) string {
	w.t.Helper()
	body := object{"url": "https://hooks.bridge.example/" + event, "event": event}
	return w.do(http.StatusCreated, "POST", "/webhooks", with(body, changes...)).object()["uuid"].(string)
}

// receiver collects webhooks in memory.
type receiver struct {
	mu     sync.Mutex
	paths  []string
	bodies []string
	status int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "want a POST of JSON", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, req.URL.Path)
	r.bodies = append(r.bodies, string(body))
	if r.status != 0 {
		w.WriteHeader(r.status)
	}
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.paths...)
}

func (r *receiver) client() *http.Client {
	return &http.Client{Transport: sparkhiretest.HandlerTransport(r)}
}
