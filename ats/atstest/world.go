package atstest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// callTimeout bounds one call of the adapter; vendors answer at once here.
const callTimeout = 10 * time.Second

// world is everything that one subtest has: nobody else touches it.
type world struct {
	Vendor
	t      *testing.T
	inbox  *memory.Inbox
	conn   ats.Connection
	client *http.Client
	base   string // where the adapter's Handler answers
	log    *buffer
	clock  *clock

	mu      sync.Mutex
	private []string          // what may appear in no log and no error
	jobs    map[string]string // of candidates, by their ids
}

func newWorld(t *testing.T, h Harness) *world {
	t.Helper()
	w := &world{t: t, log: &buffer{}, clock: &clock{now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}}
	t.Cleanup(func() { w.discreet("the adapter's log", w.log.String()) }) // registered first, so it runs last
	w.inbox = memory.NewInbox(memory.InboxOptions{Now: w.clock.Now})

	var handler atomic.Pointer[http.Handler]
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if h := handler.Load(); h != nil {
			(*h).ServeHTTP(rw, r)
			return
		}
		http.Error(rw, "the Harness has not returned yet, or the adapter is no Receiver", http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	w.client = server.Client()
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	w.Vendor = h(t, Env{
		Inbox:  w.inbox,
		Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug - 100})),
		URL:    server.URL,
		Now:    w.clock.Now,
	})
	w.need(w.Adapter != nil, "Adapter", "always")
	w.need(w.Connect != nil, "Connect", "always")
	w.private = append(w.private, w.Secrets...)
	w.inbox.Use(w.Adapter)
	prefix := "/" + w.Adapter.Name()
	w.base = server.URL + prefix
	if r, ok := w.Adapter.(ats.Receiver); ok {
		mounted := http.StripPrefix(prefix, r.Handler(w.inbox))
		handler.Store(&mounted)
	}
	w.conn = w.Connect(t)
	return w
}

// as returns the adapter's capability; Run has asked for it before.
func as[Capability any](w *world) Capability {
	w.t.Helper()
	c, ok := w.Adapter.(Capability)
	require.True(w.t, ok, "the harness must always make the same type of adapter")
	return c
}

// need fails the test when the harness lacks something.
func (w *world) need(given bool, field, when string) {
	w.t.Helper()
	require.True(w.t, given, "the harness must set Vendor.%s (needed %s)", field, when)
}

// ctx returns a context for one call of the adapter.
func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), callTimeout)
	w.t.Cleanup(cancel)
	return ctx
}

// canceled returns a context that has ended.
func (w *world) canceled() context.Context {
	ctx, cancel := context.WithCancel(w.t.Context())
	cancel()
	return ctx
}

// meet notes a person, whose data must stay out of logs and errors from now on.
func (w *world) meet(person ats.Candidate) ats.Candidate {
	words := strings.FieldsFunc(person.Name(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, word := range words {
		if len(word) >= 4 {
			w.private = append(w.private, word)
		}
	}
	if person.Email != "" {
		w.private = append(w.private, person.Email)
	}
	return person
}

// hide notes the credentials of a trigger, to be found in no log.
func (w *world) hide(tr Trigger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range tr.Credentials {
		for _, value := range tr.Header.Values(name) {
			if _, credential, ok := strings.Cut(value, " "); ok {
				value = credential
			}
			if len(value) >= 8 {
				w.private = append(w.private, value)
			}
		}
	}
}

// discreet fails the test when the text names a person or a secret.
func (w *world) discreet(where, text string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, value := range w.private {
		if value != "" && strings.Contains(text, value) {
			w.t.Errorf("%s shows personal data or a secret, %q: %s", where, value, text)
			return
		}
	}
}

// quiet returns err after a look at its text.
func (w *world) quiet(err error) error {
	w.t.Helper()
	if err != nil {
		w.discreet("an error of the adapter", err.Error())
	}
	return err
}

// answer is what the adapter's Handler said.
type answer struct {
	status int
	body   string
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// trigger lets the vendor fire a trigger about the person.
func (w *world) trigger(person ats.Candidate) Trigger {
	w.t.Helper()
	w.need(w.Trigger != nil, "Trigger", "by ats.Receiver")
	tr := w.Trigger(w.t, w.meet(person))
	require.NotEmpty(w.t, tr.Credentials, "the harness must name the headers that authenticate a trigger")
	w.hide(tr)
	return tr
}

// send makes the call to the adapter's handler over HTTP.
func (w *world) send(tr Trigger) answer {
	w.t.Helper()
	a, err := w.trySend(tr, bytes.NewReader(tr.Body))
	require.NoError(w.t, err)
	return a
}

// trySend is send for other goroutines than the test's own.
func (w *world) trySend(tr Trigger, body io.Reader) (answer, error) {
	method := tr.Method
	if method == "" {
		method = http.MethodPost
	}
	target, err := url.Parse(w.base + tr.Path)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return answer{}, err
	}
	req.Header = tr.Header.Clone()
	resp, err := w.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, body: string(text)}, err
}

// interview returns an accepted interview of the person, with a record at the
// vendor to report to.
func (w *world) interview(person ats.Candidate) ats.Interview {
	w.t.Helper()
	if w.Request != nil {
		iv, err := w.inbox.Submit(w.ctx(), w.Request(w.t, w.meet(person)))
		require.NoError(w.t, err, "the harness's Request must be one that the policy admits")
		w.inJob(iv.Candidate.ID, iv.Job.ID)
		return iv
	}
	w.need(w.Trigger != nil, "Request or Vendor.Trigger", "always")
	known := len(w.inbox.Interviews())
	a := w.send(w.trigger(person))
	require.True(w.t, a.ok(), "the trigger was answered with %d: %s", a.status, a.body)
	all := w.inbox.Interviews()
	require.Len(w.t, all, known+1, "one trigger makes one interview")
	w.inJob(all[known].Candidate.ID, all[known].Job.ID)
	return all[known]
}

// inJob notes in the course of which job a candidate is met.
func (w *world) inJob(candidate, job string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs == nil {
		w.jobs = map[string]string{}
	}
	w.jobs[candidate] = job
}

// ref names a candidate as the engine does, with the job where it is known.
func (w *world) ref(id string) ats.CandidateRef {
	w.mu.Lock()
	defer w.mu.Unlock()
	return ats.CandidateRef{Tenant: w.conn.Tenant, ID: id, JobID: w.jobs[id]}
}

// clock is a clock that stands still unless moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// buffer is a bytes.Buffer for several writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
