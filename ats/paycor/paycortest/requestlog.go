package paycortest

import (
	"net/url"
	"slices"
	"time"
)

// Request is one line of the request log. It holds no header, no body and no value that could be a
// secret or a person's.
type Request struct {
	Seq    int
	At     time.Time
	Method string
	Path   string
	// Query is the query with the values of all but filters replaced by "redacted".
	Query string
	// Application is the client id of the application whose subscription key was used, empty for none.
	Application string
	// Status is the answer's status, 0 if the connection was lost first.
	Status int
	// Effect says that the request was handled, even if its answer was lost.
	Effect bool
	// Fault names the injected fault that the request met, "" without one.
	Fault FaultKind
}

// Requests returns the log, in the order in which requests ended.
func (e *Endpoint) Requests() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requests)
}

// log appends an entry when its request has ended.
func (e *Endpoint) log(entry *Request, in *Injection) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if in != nil {
		entry.Fault = in.fault.Kind
	}
	entry.Seq = len(e.requests) + 1
	e.requests = append(e.requests, *entry)
}

// redactQuery keeps the values of parameters that cannot hold anything secret.
func redactQuery(q url.Values) string {
	known := []string{"include", "status", "postedToCareers", paramStart, paramEnd}
	for name := range q {
		if !slices.Contains(known, name) {
			q[name] = []string{"redacted"}
		}
	}
	return q.Encode()
}
