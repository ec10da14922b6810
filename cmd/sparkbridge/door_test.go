package main_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// door is an HTTP server before another one. A test can hold a request in it, on
// the way in or on the way out, and decide whether it goes on, whatever has
// become of the caller. What the simulators' own faults cannot do is that a held
// request never happens, and to choose by query.
type door struct {
	*httptest.Server
	inner  http.Handler
	closed chan struct{}

	mu      sync.Mutex
	holds   []*hold
	changes []change
	done    []*http.Request // answered, in this order
	changed chan struct{}   // closed and renewed with each answer
}

// match chooses requests.
type match func(*http.Request) bool

// hold keeps one request.
type hold struct {
	match   match
	after   bool          // the effect
	reached chan struct{} // closed when the request is there
	verdict chan bool     // whether it goes on
	left    chan struct{} // closed when the door is through with the request
}

// change is a wrong body for one request.
type change struct {
	match match
	apply func(body []byte) []byte
}

func newDoor(inner http.Handler) *door {
	d := &door{inner: inner, closed: make(chan struct{}), changed: make(chan struct{})}
	d.Server = httptest.NewServer(d)
	return d
}

// Close lets go of what is held and closes the server.
func (d *door) Close() {
	close(d.closed)
	d.Server.CloseClientConnections()
	d.Server.Close()
}

// holdBefore keeps the next request that matches before it has an effect,
// holdAfter after it and before its answer.
func (d *door) holdBefore(m match) *hold { return d.hold(m, false) }
func (d *door) holdAfter(m match) *hold  { return d.hold(m, true) }

func (d *door) hold(m match, after bool) *hold {
	h := &hold{match: m, after: after, reached: make(chan struct{}), verdict: make(chan bool, 1), left: make(chan struct{})}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holds = append(d.holds, h)
	return h
}

// wait returns nil as soon as the request is held.
func (h *hold) wait(ctx context.Context) error {
	select {
	case <-h.reached:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a request to hold: %w", ctx.Err())
	}
}

// pass lets the request go on and returns when it is answered.
func (h *hold) pass() {
	h.verdict <- true
	<-h.left
}

// drop ends the request without an answer: before the effect, there is none.
func (h *hold) drop() {
	h.verdict <- false
	<-h.left
}

// change makes the body of the next request that matches another one.
func (d *door) change(m match, apply func(body []byte) []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes = append(d.changes, change{m, apply})
}

// await returns nil as soon as n requests that match were answered, or would have
// been if their callers had stayed.
func (d *door) await(ctx context.Context, n int, m match) error {
	for {
		d.mu.Lock()
		seen := 0
		for _, r := range d.done {
			if m(r) {
				seen++
			}
		}
		changed := d.changed
		d.mu.Unlock()
		if seen >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d requests, saw %d: %w", n, seen, ctx.Err())
		}
	}
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	body = d.changedBody(r, body)
	// The request goes on although its caller may leave.
	in := r.Clone(context.WithoutCancel(r.Context()))
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	in.Header.Set("Content-Length", strconv.Itoa(len(body)))

	before := d.take(r, false)
	defer before.leave()
	if !d.goesOn(before) {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	d.inner.ServeHTTP(answer, in)
	after := d.take(r, true)
	defer after.leave()
	d.note(r)
	if !d.goesOn(after) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
	_ = http.NewResponseController(w).Flush() // the caller may have left
}

func (d *door) changedBody(r *http.Request, body []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n, c := range d.changes {
		if c.match(r) {
			d.changes = slices.Delete(d.changes, n, n+1)
			return c.apply(body)
		}
	}
	return body
}

// take returns the hold for the request, or nil.
func (d *door) take(r *http.Request, after bool) *hold {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n, h := range d.holds {
		if h.after == after && h.match(r) {
			d.holds = slices.Delete(d.holds, n, n+1)
			return h
		}
	}
	return nil
}

func (d *door) goesOn(h *hold) bool {
	if h == nil {
		return true
	}
	close(h.reached)
	select {
	case on := <-h.verdict:
		return on
	case <-d.closed:
		return false
	}
}

func (h *hold) leave() {
	if h != nil {
		close(h.left)
	}
}

func (d *door) note(r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, r)
	close(d.changed)
	d.changed = make(chan struct{})
}

// lane leads to a server whose address changes, as a load balancer does. While
// there is none it answers 502.
type lane struct {
	proxy  httputil.ReverseProxy
	target atomic.Pointer[url.URL]
}

func newLane() *lane {
	l := &lane{}
	l.proxy = httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if to := l.target.Load(); to != nil {
				r.SetURL(to)
			}
		},
		// A connection that is kept may be one to a process that is dead.
		Transport:    &http.Transport{DisableKeepAlives: true},
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	return l
}

// lead sets where requests go; nil is nowhere.
func (l *lane) lead(to *url.URL) { l.target.Store(to) }

// ServeHTTP implements http.Handler.
func (l *lane) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.target.Load() == nil {
		http.Error(w, "nobody is here", http.StatusBadGateway)
		return
	}
	l.proxy.ServeHTTP(w, r)
}
