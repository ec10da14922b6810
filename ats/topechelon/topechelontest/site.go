package topechelontest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Site is what [Server] and [Host] have in common: an address, a log of requests, a list of violations, and faults. Safe
// for concurrent use.
type Site struct {
	// URL is where the site answers, without a trailing slash.
	URL string

	cfg    config
	http   *httptest.Server
	route  func(r *http.Request, body []byte, entry *Request) reply
	base   context.Context
	cancel context.CancelFunc
	random *random

	// mu guards everything that the site and what is built on it hold.
	mu         sync.Mutex
	requests   []Request
	violations []Violation
	injections []*Injection
}

// Request is one line of the log. It holds no header, no body and no query, so neither secrets nor people.
type Request struct {
	Seq    int // from 1, in the order in which requests ended
	At     time.Time
	Method string
	Path   string
	// User is the id of the user whose token was accepted, empty for none and at a host.
	User string
	// Status is the answer's, 0 if the connection was lost first.
	Status int
	// Effect says that the request was handled, even if its answer was lost.
	Effect bool
	// Fault names the injected fault that the request met, empty for none.
	Fault FaultKind
}

// Violation is a request that nobody who knows the interface would send.
type Violation struct {
	Method string
	Path   string
	Reason string // without anything that was sent
}

// reply is an answer: a body is written as JSON, unless it is a string of HTML; nil is no body.
type reply struct {
	status int
	header http.Header
	body   any
}

// html is a page.
type html string

// open starts a site under a name in memory or on a socket.
func (s *Site) open(cfg config, name string, route func(*http.Request, []byte, *Request) reply) {
	s.cfg, s.route, s.random = cfg, route, newRandom(cfg.seed)
	s.base, s.cancel = context.WithCancel(context.Background())
	if cfg.inMemory {
		s.URL = "https://" + name
		return
	}
	s.http = httptest.NewUnstartedServer(s)
	if cfg.listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = cfg.listener
	}
	if cfg.tls {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.URL = s.http.URL
}

// Close lets held requests go and stops listening. Closing twice is safe.
func (s *Site) Close() {
	s.cancel()
	if s.http != nil {
		s.http.Close()
	}
}

// RoundTripper returns a transport that reaches the site without a socket, and nothing else.
func (s *Site) RoundTripper() http.RoundTripper { return memory{s} }

// Client returns an HTTP client that reaches the site: through memory with [InMemory], trusting the test certificate
// with [WithTLS].
func (s *Site) Client() *http.Client {
	if s.http == nil {
		return &http.Client{Transport: s.RoundTripper()}
	}
	return s.http.Client()
}

// Requests returns the log.
func (s *Site) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Count returns how many requests with a method and a path were made, those that met a fault included.
func (s *Site) Count(method, path string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Method == method && r.Path == path {
			n++
		}
	}
	return n
}

// Violations returns what was asked for that does not exist or has another form. A test of a well-behaved client ends
// with an empty list.
func (s *Site) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// violate notes a violation. Callers hold s.mu.
func (s *Site) violate(r *http.Request, reason string) {
	s.violations = append(s.violations, Violation{r.Method, r.URL.Path, reason})
}

// wrong notes a violation and refuses it. Callers hold s.mu.
func (s *Site) wrong(r *http.Request, status int, reason string) reply {
	s.violate(r, reason)
	return refuse(status, reason)
}

// refuse is a refusal. [assumed] The form of its body is not known.
func refuse(status int, reason string) reply {
	return reply{status: status, body: map[string]any{"errors": []string{reason}}}
}

// now is the simulator's clock.
func (s *Site) now() time.Time { return s.cfg.now() }

// maxRequest is how much of a request is read; what an upload may have is checked later.
const maxRequest = 32 << 20

// ServeHTTP answers a request: it logs it, lets an injected fault have its way, and routes what is left.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	r.Body = io.NopCloser(bytes.NewReader(body)) // for Fault.Match
	entry := &Request{At: s.now(), Method: r.Method, Path: r.URL.Path}
	var answer reply
	handle := func() {
		if err != nil {
			answer = refuse(http.StatusRequestEntityTooLarge, "the request is too large")
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		answer = s.route(r, body, entry)
		entry.Effect = true
	}
	in := s.injected(r)
	defer s.log(entry, in)
	if in == nil {
		handle()
	} else if !in.apply(w, r, entry, handle) {
		return
	}
	entry.Status = answer.status
	answer.write(w)
}

// log appends an entry when its request has ended.
func (s *Site) log(entry *Request, in *Injection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in != nil {
		entry.Fault = in.fault.Kind
	}
	entry.Seq = len(s.requests) + 1
	s.requests = append(s.requests, *entry)
}

// write sends the answer.
func (r reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	switch body := r.body.(type) {
	case nil:
		w.WriteHeader(r.status)
	case html:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, string(body))
	default:
		text, err := json.Marshal(body)
		if err != nil {
			panic("topechelontest: write an answer: " + err.Error()) // all answers are made here
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(r.status)
		_, _ = w.Write(text)
	}
}
