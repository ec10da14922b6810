package topechelontest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind is a way in which a site misbehaves.
type FaultKind string

// The kinds of faults.
const (
	// FaultStatus answers with Fault.Status, Fault.Header and Fault.Body.
	FaultStatus FaultKind = "status"
	// FaultLost cuts the connection without an answer.
	FaultLost FaultKind = "lost"
	// FaultHold waits until [Injection.Release] and then goes on as if nothing had happened.
	FaultHold FaultKind = "hold"
	// FaultGarbage answers 200 with a body that ends in the middle of its JSON.
	FaultGarbage FaultKind = "garbage"
	// FaultThrottle is what [Server.Throttle] injects.
	FaultThrottle FaultKind = "throttle"
)

// Fault describes what goes wrong.
type Fault struct {
	// Kind is what happens. Required.
	Kind FaultKind
	// Match says which requests are concerned; nil means all. It may read the body and must not use the site.
	Match func(*http.Request) bool
	// Times is how many requests are concerned: 0 means one, a negative number all until [Injection.Remove].
	Times int
	// AfterEffect lets the request have its effect first, so that only the answer suffers. Without it nothing happens,
	// except with FaultHold, which goes on in the end.
	AfterEffect bool
	// Status, Header and Body are the answer of FaultStatus.
	Status int
	Header http.Header
	Body   string

	wait Throttle
}

// On matches requests with a method and a path that ends in suffix.
func On(method, suffix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method && strings.HasSuffix(r.URL.Path, suffix) }
}

// Injection is a fault at work.
type Injection struct {
	site     *Site
	fault    Fault
	left     int // guarded by site.mu
	hits     int // guarded by site.mu
	reached  chan struct{}
	released chan struct{}
	release  sync.Once
}

// Inject puts a fault in place. Of several that match a request, the oldest takes it. It panics without a kind, and with
// FaultStatus without a status.
func (s *Site) Inject(f Fault) *Injection {
	if f.Kind == "" || f.Kind == FaultStatus && f.Status == 0 {
		panic("topechelontest: a fault needs a kind, and FaultStatus a status")
	}
	in := &Injection{site: s, fault: f, left: f.Times, reached: make(chan struct{}), released: make(chan struct{})}
	if in.left == 0 {
		in.left = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.injections = append(s.injections, in)
	return in
}

// Throttle is how a 429 tells when to come back. [observed] All three have been seen or are handled by a public program.
type Throttle string

// The ways.
const (
	ThrottleSeconds Throttle = "seconds" // Retry-After: 3
	ThrottleDate    Throttle = "date"    // Retry-After with the HTTP date in three seconds
	ThrottleSilent  Throttle = "silent"  // no header
)

// Throttle answers the next requests to the API with 429, one per argument and in their order.
func (s *Server) Throttle(ways ...Throttle) {
	api := func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, apiPath) }
	for _, way := range ways {
		s.Inject(Fault{Kind: FaultThrottle, Match: api, wait: way})
	}
}

// throttled is the wait that a 429 asks for.
const throttled = 3 * time.Second

// Reached is closed when the first request meets the fault.
func (i *Injection) Reached() <-chan struct{} { return i.reached }

// Hits returns how many requests met the fault.
func (i *Injection) Hits() int {
	i.site.mu.Lock()
	defer i.site.mu.Unlock()
	return i.hits
}

// Release lets held requests go, and those that would still be held. Releasing twice is safe.
func (i *Injection) Release() { i.release.Do(func() { close(i.released) }) }

// Remove ends the fault for later requests and releases held ones.
func (i *Injection) Remove() {
	i.site.mu.Lock()
	i.left = 0
	i.site.mu.Unlock()
	i.Release()
}

// injected returns the fault that the request meets, nil without one.
func (s *Site) injected(r *http.Request) *Injection {
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
	f := &i.fault
	if f.AfterEffect {
		handle()
	}
	switch f.Kind {
	case FaultStatus:
		for name, values := range f.Header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		answer(w, entry, f.Status, f.Body)
	case FaultThrottle:
		switch f.wait {
		case ThrottleSeconds:
			w.Header().Set("Retry-After", strconv.Itoa(int(throttled/time.Second)))
		case ThrottleDate:
			w.Header().Set("Retry-After", i.site.now().Add(throttled).UTC().Format(http.TimeFormat))
		case ThrottleSilent:
		}
		answer(w, entry, http.StatusTooManyRequests, "")
	case FaultGarbage:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		answer(w, entry, http.StatusOK, `{"pagination":{"current_page":1,"tot`)
	case FaultHold:
		select {
		case <-i.released:
		case <-i.site.base.Done():
			abort()
		case <-r.Context().Done():
			abort()
		}
		if !f.AfterEffect {
			handle()
		}
		return true
	default: // FaultLost
		abort()
	}
	return false
}

func answer(w http.ResponseWriter, entry *Request, status int, body string) {
	entry.Status = status
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// abort ends a request without an answer.
func abort() { panic(http.ErrAbortHandler) }
