package sparkhiretest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Phase says on which side of a request's effect a fault strikes.
type Phase int

const (
	// BeforeEffect faults strike when the request has arrived and nothing has happened: nothing is authenticated,
	// charged to the rate limit, or changed.
	BeforeEffect Phase = iota
	// AfterEffect faults strike when the request was carried out and its answer, one of the 200s, is about to go
	// out: an interview exists and its e-mail is sent, but the caller may not learn of it. Refused requests are
	// not struck and not counted.
	AfterEffect
)

// Fault chooses requests and says what goes wrong with them. All faults are inventions of the simulator, made to
// test clients; none is a statement about the vendor.
type Fault struct {
	// Method of the request; empty is any.
	Method string
	// Path of the request, with or without the API version: "/interviews", "/v1.0/interviews/*". A * stands for one
	// segment, a last /... for any number; empty is every path.
	Path string
	// Skip lets so many matching requests through first.
	Skip int
	// Times is how many requests are struck after that: 0 is one, [Forever] all until removed.
	Times int
	// When is BeforeEffect unless set. Actions that spoil the answer need one and always come after the effect.
	When Phase
	// Do is what happens, such as [LoseConnection].
	Do Action
}

// Injection is a fault at work.
type Injection struct {
	s       *Server
	fault   Fault
	pattern []string

	// Guarded by the server's lock.
	skip, left int
	hits       int
	changed    chan struct{} // closed and renewed on each hit

	released chan struct{} // closed by Release
}

// Inject puts a fault to work. Of several that match, the one injected first strikes. It panics when the fault has no
// action.
func (s *Server) Inject(f Fault) *Injection {
	if f.Do.name == "" {
		panic("sparkhiretest: inject fault: Do is not set")
	}
	in := s.newInjection(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, in)
	return in
}

// ClearFaults removes all faults and the outage, and lets everything they hold go on.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	all := s.faults
	s.faults = nil
	s.mu.Unlock()
	for _, in := range all {
		in.Remove()
	}
	s.EndOutage()
}

// StartOutage makes every request fail by the action before its effect, ahead of all faults, until EndOutage.
// [RefuseConnection] and [Respond] with 503 are the usual ones. A second outage replaces the first. It panics when the
// action is the zero Action or one that spoils an answer.
func (s *Server) StartOutage(a Action) {
	if a.name == "" || a.spoils() {
		panic("sparkhiretest: start outage: the action must be one that needs no answer")
	}
	s.EndOutage()
	in := s.newInjection(Fault{Times: Forever, Do: a})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = in
}

// EndOutage ends the outage, if there is one.
func (s *Server) EndOutage() {
	s.mu.Lock()
	in := s.outage
	s.outage = nil
	s.mu.Unlock()
	if in != nil {
		in.Release()
	}
}

func (s *Server) newInjection(f Fault) *Injection {
	if f.Do.spoils() {
		f.When = AfterEffect
	}
	in := &Injection{
		s: s, fault: f, skip: f.Skip, left: timesOf(f.Times),
		changed: make(chan struct{}), released: make(chan struct{}),
	}
	if f.Path != "" {
		in.pattern = strings.Split(strings.Trim(f.Path, "/"), "/")
	}
	return in
}

// Hits returns how many requests the fault has struck.
func (j *Injection) Hits() int {
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	return j.hits
}

// Wait returns nil as soon as the fault has struck n requests; a request that is held has been struck. It returns
// the context's error when that ends first.
func (j *Injection) Wait(ctx context.Context, n int) error {
	for {
		j.s.mu.Lock()
		hits, changed := j.hits, j.changed
		j.s.mu.Unlock()
		if hits >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for fault %s: struck %d of %d: %w", j.fault.Do.name, hits, n, ctx.Err())
		}
	}
}

// Release lets the requests that the fault holds go on, and holds no more. Releasing twice is harmless.
func (j *Injection) Release() {
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	select {
	case <-j.released:
	default:
		close(j.released)
	}
}

// Remove ends the fault and releases what it holds.
func (j *Injection) Remove() {
	j.s.mu.Lock()
	j.left = 0
	j.s.mu.Unlock()
	j.Release()
}

// matchBefore returns what strikes a request that has just arrived: the outage, then the first fault that matches.
func (s *Server) matchBefore(r *http.Request, entry *Request) []*Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*Injection
	if s.outage != nil {
		found = append(found, s.outage)
		s.outage.strike(entry)
		if s.outage.fault.Do.kind != actHold {
			return found // the request gets no further
		}
	}
	if in := s.match(r, BeforeEffect, entry); in != nil {
		found = append(found, in)
	}
	return found
}

// matchAfter returns the fault that strikes a request which was carried out.
func (s *Server) matchAfter(r *http.Request, entry *Request) *Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.match(r, AfterEffect, entry)
}

func (s *Server) match(r *http.Request, when Phase, entry *Request) *Injection {
	segments := segmentsOf(r.URL.EscapedPath())
	for _, in := range s.faults {
		if in.left == 0 || in.fault.When != when || !in.chooses(r.Method, segments) {
			continue
		}
		if in.skip > 0 {
			in.skip--
			continue
		}
		spend(&in.left)
		in.strike(entry)
		return in
	}
	return nil
}

func (j *Injection) chooses(method string, segments []string) bool {
	return (j.fault.Method == "" || j.fault.Method == method) && pathChosen(j.pattern, segments)
}

// pathChosen matches a path with a pattern that may leave the API version out.
func pathChosen(pattern, segments []string) bool {
	if pattern == nil {
		return true
	}
	_, whole := matchPath(pattern, segments)
	_, below := matchPath(pattern, segments[1:])
	return whole || below
}

func (j *Injection) strike(entry *Request) {
	j.hits++
	close(j.changed)
	j.changed = make(chan struct{})
	entry.Fault = j.fault.Do.name
}
