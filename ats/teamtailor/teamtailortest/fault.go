package teamtailortest

import (
	"net/http"
	"sync"
)

// FaultKind is a way in which the vendor's APIs misbehave.
type FaultKind string

// The kinds of faults.
const (
	// FaultStatus answers with Fault.Status and, unless it is set, an empty body.
	FaultStatus FaultKind = "status"
	// FaultLost ends the connection without an answer.
	FaultLost FaultKind = "lost"
	// FaultHold waits until [Injection.Release] and then goes on as if nothing had happened.
	FaultHold FaultKind = "hold"
	// FaultMalformed answers 200 with a body that ends in the middle of its JSON.
	FaultMalformed FaultKind = "malformed"
)

// Fault describes what goes wrong with calls into the Partner API and the public API.
type Fault struct {
	// Kind is what happens. Required.
	Kind FaultKind
	// Match says which requests are concerned; nil means all. It must not use the server.
	Match func(*http.Request) bool
	// Times is how many requests are concerned: 0 means one, a negative number all until [Injection.Remove]. An outage is a
	// FaultLost or a FaultStatus with a negative number.
	Times int
	// AfterEffect lets the request have its effect first, so that only the answer suffers. Without it nothing happens to
	// the vendor's data, except with FaultHold, which goes on in the end.
	AfterEffect bool
	// Status, Header and Body are the answer of FaultStatus, for example 429 with X-Rate-Limit-Reset.
	Status int
	Header http.Header
	Body   string
}

// Injection is a fault at work.
type Injection struct {
	server   *Server
	fault    Fault
	left     int // guarded by server.mu
	hits     int // guarded by server.mu
	reached  chan struct{}
	released chan struct{}
	release  sync.Once
}

// Inject puts a fault in place. Of several that match a request, the oldest takes it. It panics without a kind, or with
// FaultStatus without a status.
func (s *Server) Inject(f Fault) *Injection {
	if f.Kind == "" || f.Kind == FaultStatus && f.Status == 0 {
		panic("teamtailortest: a fault needs a kind, and FaultStatus a status")
	}
	in := &Injection{
		server: s, fault: f, left: f.Times, reached: make(chan struct{}), released: make(chan struct{}),
	}
	if in.left == 0 {
		in.left = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.injections = append(s.injections, in)
	return in
}

// Reached is closed when the first request meets the fault.
func (i *Injection) Reached() <-chan struct{} { return i.reached }

// Hits returns how many requests met the fault.
func (i *Injection) Hits() int {
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	return i.hits
}

// Release lets held requests go, and those that would still be held. Releasing twice is safe.
func (i *Injection) Release() { i.release.Do(func() { close(i.released) }) }

// Remove ends the fault for later requests and releases held ones.
func (i *Injection) Remove() {
	i.server.mu.Lock()
	i.left = 0
	i.server.mu.Unlock()
	i.Release()
}

// injected returns the fault that the request meets, nil without one.
func (s *Server) injected(r *http.Request) *Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.injections {
		if in.left == 0 || in.fault.Match != nil && !in.fault.Match(r) {
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
		case <-i.server.base.Done():
			abort()
		}
		if !f.AfterEffect {
			handle()
		}
		return true
	case FaultMalformed:
		entry.Status = http.StatusOK
		w.Header().Set("Content-Type", mediaType+"; charset=utf-8")
		_, _ = w.Write([]byte(`{"data":{"type":"partner-results","attributes":{"sta`))
	}
	return false
}
