package teamtailortest

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Server plays one stack of Teamtailor. It holds the partners registered in its Integrations Hub, the companies that use it
// and everything in them, and it answers the Partner API and the public API. Make one with [NewServer]; the zero value does
// not work. All methods, and those of the values it hands out, are safe for concurrent use.
type Server struct {
	// URL is where the server answers, without a trailing slash. Update-urls and links begin with it unless
	// [WithPublicURL] says otherwise.
	URL string

	cfg      config
	http     *httptest.Server
	outbound *http.Client
	ids      *ids
	v1       map[string]resource

	base   context.Context
	cancel context.CancelFunc
	closed sync.Once

	mu          sync.Mutex
	changed     chan struct{} // closed and replaced when a card or the background queue changes
	partners    []*Partner
	companies   []*Company
	results     []*result
	events      map[string]*sentEvent
	deliveries  []Delivery
	requests    []Request
	injections  []*Injection
	spent       map[string][]time.Time
	queue       []func()
	working     bool
	requestSeq  int
	deliverySeq int
	changeSeq   int
}

// NewServer starts a server. By default it listens on a free port of the loopback interface with plain HTTP; see [WithTLS],
// [WithListener] and [InMemory]. It panics when it cannot listen or when an option makes no sense, as
// net/http/httptest does. Close it when done.
func NewServer(opts ...Option) *Server {
	cfg := defaultConfig()
	for _, opt := range opts {
		opt(&cfg)
	}
	cfg.check()

	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		cfg:     cfg,
		ids:     newIDs(cfg.seed),
		base:    ctx,
		cancel:  cancel,
		changed: make(chan struct{}),
		events:  map[string]*sentEvent{},
		spent:   map[string][]time.Time{},
	}
	s.v1 = s.resources()
	transport := cfg.transport
	if transport == nil {
		transport = &http.Transport{}
	}
	s.outbound = &http.Client{
		Transport: transport,
		// [assumed: docs/vendors/teamtailor.md] Redirects are not documented; the simulator takes one as a failure.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.listen()
	return s
}

// listen opens the socket, unless the server lives in memory, and settles the URL.
func (s *Server) listen() {
	if s.cfg.inMemory {
		s.URL = "https://teamtailor.test"
		if s.cfg.publicURL != "" {
			s.URL = s.cfg.publicURL
		}
		return
	}
	s.http = httptest.NewUnstartedServer(s.Handler())
	if s.cfg.listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = s.cfg.listener
	}
	if s.cfg.tls {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.URL = s.http.URL
}

// Close ends what runs in the background, lets held requests go and stops listening. It blocks until all of it has ended.
// Closing twice is safe.
func (s *Server) Close() {
	s.closed.Do(func() {
		s.cancel()
		_ = s.Wait(context.Background())
		if s.http != nil {
			s.http.Close()
		}
		s.outbound.CloseIdleConnections()
	})
}

// Handler returns what answers the two APIs, for mounting in a server of one's own. Combine it with [InMemory] and
// [WithPublicURL], so that links lead to where it is mounted.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// RoundTripper returns a transport that reaches the server without a socket, for use under testing/synctest together with
// [InMemory]. It serves the hosts of [Server.URL] and of [WithPublicURL]; a request for any other host fails, as it
// would if the name did not resolve, so that a client that follows a foreign update-url is found out.
func (s *Server) RoundTripper() http.RoundTripper {
	return &serverTransport{server: s, next: Transport(s.Handler())}
}

// Client returns an HTTP client that reaches the server: through memory with [InMemory], trusting the test certificate with
// [WithTLS].
func (s *Server) Client() *http.Client {
	if s.http == nil {
		return &http.Client{Transport: s.RoundTripper()}
	}
	return s.http.Client()
}

// Certificate returns the certificate of a server made with [WithTLS], for programs under test that take a file of trusted
// certificates. It is nil without TLS.
func (s *Server) Certificate() *x509.Certificate {
	if s.http == nil {
		return nil
	}
	return s.http.Certificate()
}

// Wait blocks until everything that runs in the background has been delivered: company webhooks, events of partner webhook
// setups, and triggers fired by a stage change through the public API. It returns the context's error if that ends first.
func (s *Server) Wait(ctx context.Context) error {
	for {
		s.mu.Lock()
		working, changed := s.working, s.changed
		s.mu.Unlock()
		if !working {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// enqueue runs f in the background, after everything that was queued before it. One goroutine works the queue and ends
// with it, so an idle server has none. Callers hold s.mu.
func (s *Server) enqueue(f func()) {
	s.queue = append(s.queue, f)
	if s.working {
		return
	}
	s.working = true
	go s.work()
}

// work empties the queue, one item after the other, and ends.
func (s *Server) work() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.working = false
			s.notify()
			s.mu.Unlock()
			return
		}
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		next()
	}
}

// notify wakes everyone who waits for a change. Callers hold s.mu.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// now is the vendor's clock.
func (s *Server) now() time.Time { return s.cfg.now() }

// publicURL is what the server calls itself in update-urls and links.
func (s *Server) publicURL() string {
	if s.cfg.publicURL != "" {
		return s.cfg.publicURL
	}
	return s.URL
}

// hostName is the content of the Teamtailor-Host header. [assumed: docs/vendors/teamtailor.md] The header is documented as
// the current stack host; that this is the bare host name is not.
func (s *Server) hostName() string {
	u, err := url.Parse(s.publicURL())
	if err != nil {
		return s.cfg.stack.Host()
	}
	return u.Host
}

// Stack names one of Teamtailor's three installations. [documented: docs/vendors/teamtailor.md]
type Stack string

// The stacks. The third is called AP although its host says "au".
const (
	StackEU Stack = "eu"
	StackNA Stack = "na"
	StackAP Stack = "ap"
)

// Host returns the host name of the stack's APIs, "" for an unknown stack.
func (s Stack) Host() string {
	switch s {
	case StackEU:
		return "api.teamtailor.com"
	case StackNA:
		return "api.na.teamtailor.com"
	case StackAP:
		return "api.au.teamtailor.com"
	}
	return ""
}

// URL returns the root under which the stack's APIs live, for [WithPublicURL].
func (s Stack) URL() string { return "https://" + s.Host() }

// LogValue says where the server is, and nothing of what it holds.
func (s *Server) LogValue() slog.Value {
	return slog.GroupValue(slog.String("url", s.URL), slog.String("stack", string(s.cfg.stack)))
}

// Stack returns which stack the server plays.
func (s *Server) Stack() Stack { return s.cfg.stack }

// joinURL puts a path under a base URL that may or may not end in a slash.
func joinURL(base, path string) string {
	return strings.TrimRight(base, "/") + "/" + strings.TrimLeft(path, "/")
}
