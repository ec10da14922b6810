package sparkhiretest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// v1Base is the path under which version 1.0 lives.
// [documented: docs/vendors/sparkhire.md]
const v1Base = "/v1.0"

// offlineURL is the address of a server without a listener. Its RoundTripper answers whatever the host is.
const offlineURL = "http://api.sparkhire.example"

// Server simulates Spark Hire. Make one with [NewServer] or [NewUnstartedServer], and end it with [Server.Close].
// All methods are safe for concurrent use, except that [Server.Start] must come before URL is read elsewhere.
type Server struct {
	// URL is the root of the server, without a trailing slash: "http://127.0.0.1:40123". See [Server.V1URL] for
	// the base URL that clients want. Before Start, and without a listener, it is an address that only
	// [Server.RoundTripper] answers.
	URL string

	cfg     config
	routes  []route
	ctx     context.Context // ends with Close: lets everything that is held go
	stop    context.CancelFunc
	front   *httptest.Server
	hooked  *http.Client   // delivers webhooks
	work    sync.WaitGroup // requests being served and the delivery goroutine
	sending chan struct{}  // holds one token while a webhook is on its way, which keeps them in order

	mu     sync.Mutex // guards everything below, and all records reachable from it
	closed bool

	accounts   []*account
	users      table[*user]
	keys       map[string]*user
	jobs       table[*job]
	sets       table[*questionSet]
	interviews table[*interview]
	candidates map[candidateKey]string
	links      table[*shareLink]
	nextDue    time.Time // no open deadline is earlier; zero when there is none

	buckets map[string]*bucket
	limited int

	log         []*Request
	mail        []Email
	invitations map[string][]Email

	faults []*Injection
	outage *Injection

	hooks       table[*subscription]
	history     []happening
	rules       []*activeRule
	deliveries  []*delivery
	waiting     []*delivery
	dispatching bool

	meet meetState // what only version 2.0 has
}

// NewServer starts a simulator on a free local port. It panics when there is none, or when an option is unusable.
// The account [Server.Account] exists from the start; users, jobs and question sets are added by the caller.
func NewServer(opts ...Option) *Server {
	s := NewUnstartedServer(opts...)
	s.Start()
	return s
}

// NewUnstartedServer makes a simulator that does not listen: requests come through [Server.RoundTripper],
// [Server.Client] or [Server.Handler]. This is the one to use under testing/synctest, where a goroutine that waits
// for a socket would keep the clock from advancing.
func NewUnstartedServer(opts ...Option) *Server {
	s := &Server{
		URL:         offlineURL,
		cfg:         defaults(),
		routes:      v1Routes(),
		sending:     make(chan struct{}, 1),
		keys:        map[string]*user{},
		candidates:  map[candidateKey]string{},
		buckets:     map[string]*bucket{},
		invitations: map[string][]Email{},
	}
	for _, opt := range opts {
		opt(&s.cfg)
	}
	s.cfg.check()
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.hooked = s.cfg.webhookClient()
	s.addAccount(Account{Name: "Northwind Clinics"})
	return s
}

// Start makes a server from [NewUnstartedServer] listen on a free local port and sets URL. It panics when the
// server is listening already or closed, and when no port is free.
func (s *Server) Start() {
	s.mu.Lock()
	if s.closed || s.front != nil {
		s.mu.Unlock()
		panic("sparkhiretest: start server: it is listening already or closed")
	}
	s.front = httptest.NewServer(s.Handler())
	s.URL = s.front.URL
	s.mu.Unlock()
}

// Close stops listening, cuts every request that a fault still holds, abandons the webhooks not yet sent, and
// returns when nothing of the server runs any more. What it recorded can still be read. Closing twice is harmless.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	front := s.front
	s.mu.Unlock()
	s.stop()
	if front != nil {
		front.Close()
	}
	s.work.Wait()
	s.hooked.CloseIdleConnections()
}

// V1URL returns the base URL of API version 1.0: URL followed by "/v1.0".
func (s *Server) V1URL() string { return s.URL + v1Base }

// Handler returns the simulator as a handler, to be mounted on any listener at its root.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Client returns an HTTP client that reaches the server: over sockets when it listens, in memory otherwise.
// It carries no credentials.
func (s *Server) Client() *http.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.front != nil {
		return s.front.Client()
	}
	return &http.Client{Transport: s.RoundTripper()}
}

// RoundTripper returns a transport that answers from memory, whatever host the request names. It works on a
// listening server too. A connection that a fault cuts is io.ErrUnexpectedEOF there.
func (s *Server) RoundTripper() http.RoundTripper { return HandlerTransport(s.Handler()) }

// Tick makes the server look at its clock: interviews whose deadline has passed expire, and webhooks that were
// delayed until now go out. Every request does the same, so Tick is only needed where nobody asks.
func (s *Server) Tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	s.kick()
}

// begin registers a unit of work that Close waits for; false after Close.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Add(1)
	return true
}

// tick reads the clock and lets everything happen that was due by then. The caller holds the lock.
func (s *Server) tick() time.Time {
	now := s.cfg.now()
	if !s.nextDue.IsZero() && !now.Before(s.nextDue) {
		s.expireDue(now)
	}
	return now
}

// table keeps records in the order in which they were made. Nothing leaves it: what is deleted is marked so.
type table[T any] struct {
	list []T
	byID map[string]T
}

func (t *table[T]) add(id string, record T) {
	if t.byID == nil {
		t.byID = map[string]T{}
	}
	t.list = append(t.list, record)
	t.byID[id] = record
}

func (t *table[T]) get(id string) (T, bool) {
	record, ok := t.byID[id]
	return record, ok
}
