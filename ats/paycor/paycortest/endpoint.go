package paycortest

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"
)

// Endpoint is what a [Server] and a [Host] have in common: an address, ways to misbehave, and a log of
// what was asked. All its methods are safe for concurrent use.
type Endpoint struct {
	// URL is where the server answers, without a trailing slash.
	URL string

	cfg    config
	ids    *ids
	answer func(w http.ResponseWriter, r *http.Request, entry *Request)
	http   *httptest.Server

	base   context.Context
	cancel context.CancelFunc
	closed sync.Once

	mu         sync.Mutex // guards everything that the server holds
	requests   []Request
	injections []*Injection
}

// start makes an endpoint that answers with the given function. memoryURL is its address without a
// socket.
func start(cfg config, memoryURL string, answer func(http.ResponseWriter, *http.Request, *Request)) *Endpoint {
	ctx, cancel := context.WithCancel(context.Background())
	e := &Endpoint{cfg: cfg, ids: newIDs(cfg.seed), answer: answer, base: ctx, cancel: cancel}
	if cfg.inMemory {
		e.URL = memoryURL
		if cfg.publicURL != "" {
			e.URL = cfg.publicURL
		}
		return e
	}
	e.http = httptest.NewUnstartedServer(e.Handler())
	if cfg.listener != nil {
		_ = e.http.Listener.Close()
		e.http.Listener = cfg.listener
	}
	if cfg.tls {
		e.http.StartTLS()
	} else {
		e.http.Start()
	}
	e.URL = e.http.URL
	return e
}

// Close lets held requests go and stops listening. Closing twice is safe.
func (e *Endpoint) Close() {
	e.closed.Do(func() {
		e.cancel()
		if e.http != nil {
			e.http.Close()
		}
	})
}

// Handler returns what answers, for mounting in a server of one's own.
func (e *Endpoint) Handler() http.Handler { return http.HandlerFunc(e.serve) }

// RoundTripper returns a transport that reaches the server without a socket, for use under
// testing/synctest together with [InMemory]. A request for any other host fails with [ErrNoRoute], as
// it would if the name did not resolve.
func (e *Endpoint) RoundTripper() http.RoundTripper { return &endpointTransport{endpoint: e} }

// Client returns an HTTP client that reaches the server: through memory with [InMemory], trusting the
// test certificate with [WithTLS].
func (e *Endpoint) Client() *http.Client {
	if e.http == nil {
		return &http.Client{Transport: e.RoundTripper()}
	}
	return e.http.Client()
}

// Certificate returns the certificate of a server made with [WithTLS], nil without TLS.
func (e *Endpoint) Certificate() *x509.Certificate {
	if e.http == nil {
		return nil
	}
	return e.http.Certificate()
}

// LogValue says where the server is, and nothing of what it holds.
func (e *Endpoint) LogValue() slog.Value { return slog.StringValue(e.URL) }

// String says where the server is.
func (e *Endpoint) String() string { return fmt.Sprintf("%s at %s", e.cfg.name, e.URL) }

// now is the server's clock.
func (e *Endpoint) now() time.Time { return e.cfg.now().UTC() }

// answersFor reports whether a host is the server's own name or its public one.
func (e *Endpoint) answersFor(host string) bool {
	for _, known := range []string{e.URL, e.cfg.publicURL} {
		if u, err := url.Parse(known); err == nil && u.Host != "" && u.Host == host {
			return true
		}
	}
	return false
}

// serve answers one request, or lets a fault have its way with it, and logs it in any case.
func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	entry := &Request{At: e.now(), Method: r.Method, Path: r.URL.Path, Query: redactQuery(r.URL.Query())}
	in := e.injected(r)
	defer func() { e.log(entry, in) }()
	rec := httptest.NewRecorder()
	handle := func() {
		e.answer(rec, r, entry)
		entry.Effect, entry.Status = true, rec.Code
	}
	if in == nil {
		handle()
	} else if !in.apply(w, r, entry, handle) {
		return
	}
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}
