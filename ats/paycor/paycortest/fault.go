package paycortest

import (
	"net/http"
	"sync"
	"time"
)

// FaultKind is a way in which a server misbehaves.
type FaultKind string

// The kinds of faults.
const (
	// FaultStatus answers with Fault.Status, Fault.Header and Fault.Body.
	FaultStatus FaultKind = "status"
	// FaultLost cuts the connection without an answer.
	FaultLost FaultKind = "lost"
	// FaultHold waits until [Injection.Release] and then goes on as if nothing had happened. A request
	// that nobody releases gets no answer until the caller gives up.
	FaultHold FaultKind = "hold"
	// FaultMalformed answers 200 with a body that ends in the middle of its JSON.
	FaultMalformed FaultKind = "malformed"
)

// Fault describes what goes wrong.
type Fault struct {
	// Kind is what happens. Required.
	Kind FaultKind
	// Match says which requests are concerned; nil means all. It must not use the server.
	Match func(*http.Request) bool
	// Times is how many requests are concerned: 0 means one, or all until Until if that is set; a
	// negative number all until [Injection.Remove].
	Times int
	// Until ends the fault at a moment of the server's clock; zero means never.
	Until time.Time
	// AfterEffect lets the request have its effect first, so that only the answer suffers. Without it
	// nothing happens to what the server holds, except with FaultHold, which goes on in the end.
	AfterEffect bool
	// Status, Header and Body are the answer of FaultStatus.
	Status int
	Header http.Header
	Body   string
}

// RateLimited is a fault that answers 429 with the documented body [documented:
// docs/vendors/paycor.md]. retryAfter is the value of Retry-After, empty for none: whether the vendor
// sends it is not documented.
func RateLimited(times int, retryAfter string) Fault {
	f := Fault{Kind: FaultStatus, Times: times, Status: http.StatusTooManyRequests, Body: rateLimitBody(60)}
	f.Header = http.Header{"Content-Type": {"application/json"}}
	if retryAfter != "" {
		f.Header.Set("Retry-After", retryAfter)
	}
	return f
}

// IsTokenCall matches calls that give out or renew tokens, for [Fault.Match].
func IsTokenCall(r *http.Request) bool { return r.URL.Path == pathToken || r.URL.Path == pathRefreshB }

// IsAPICall matches calls that need an access token, for [Fault.Match].
func IsAPICall(r *http.Request) bool {
	return !IsTokenCall(r) && r.URL.Path != pathAuthorize
}

// Injection is a fault at work.
type Injection struct {
	endpoint *Endpoint
	fault    Fault
	left     int // guarded by endpoint.mu
	hits     int // guarded by endpoint.mu
	reached  chan struct{}
	released chan struct{}
	release  sync.Once
}

// Inject puts a fault in place. Of several that match a request, the oldest takes it. It panics without
// a kind, or with FaultStatus without a status.
func (e *Endpoint) Inject(f Fault) *Injection {
	if f.Kind == "" || f.Kind == FaultStatus && f.Status == 0 {
		panic("paycortest: a fault needs a kind, and FaultStatus a status")
	}
	in := &Injection{endpoint: e, fault: f, left: f.Times, reached: make(chan struct{}), released: make(chan struct{})}
	switch {
	case in.left == 0 && !f.Until.IsZero():
		in.left = -1
	case in.left == 0:
		in.left = 1
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.injections = append(e.injections, in)
	return in
}

// Reached is closed when the first request meets the fault.
func (i *Injection) Reached() <-chan struct{} { return i.reached }

// Hits returns how many requests met the fault.
func (i *Injection) Hits() int {
	i.endpoint.mu.Lock()
	defer i.endpoint.mu.Unlock()
	return i.hits
}

// Release lets held requests go, and those that would still be held. Releasing twice is safe.
func (i *Injection) Release() { i.release.Do(func() { close(i.released) }) }

// Remove ends the fault for later requests and releases held ones.
func (i *Injection) Remove() {
	i.endpoint.mu.Lock()
	i.left = 0
	i.endpoint.mu.Unlock()
	i.Release()
}

// injected returns the fault that the request meets, nil without one.
func (e *Endpoint) injected(r *http.Request) *Injection {
	now := e.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, in := range e.injections {
		f := &in.fault
		if in.left == 0 || f.Match != nil && !f.Match(r) || !f.Until.IsZero() && !now.Before(f.Until) {
			continue
		}
		if in.left > 0 {
			in.left--
		}
		if in.hits++; in.hits == 1 {
			close(in.reached)
		}
		return in
	}
	return nil
}

// apply lets the fault have its way. It returns true if the handler's answer is still to be written.
func (i *Injection) apply(w http.ResponseWriter, r *http.Request, entry *Request, handle func()) bool {
	f := i.fault
	if f.AfterEffect {
		handle()
		entry.Status = 0
	}
	switch f.Kind {
	case FaultStatus:
		for name, values := range f.Header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		entry.Status = f.Status
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
	case FaultLost:
		abort()
	case FaultHold:
		select {
		case <-i.released:
		case <-r.Context().Done():
			abort()
		case <-i.endpoint.base.Done():
			abort()
		}
		if !f.AfterEffect {
			handle()
		}
		return true
	case FaultMalformed:
		entry.Status = http.StatusOK
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"hasMoreResults":fal`))
	}
	return false
}

// abort ends a request without an answer.
func abort() { panic(http.ErrAbortHandler) }
