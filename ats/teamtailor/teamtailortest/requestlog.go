package teamtailortest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is one line of the request log: a call to the Partner API or the public API. It holds no header, no body and no
// filter value, so neither secrets nor people.
type Request struct {
	Seq    int
	At     time.Time
	Method string
	Path   string
	// Query is the query with the values of filters and of unknown parameters replaced by "redacted".
	Query string
	// Partner is the id of the partner whose key was used, Company the UUID of the company whose token was. Both are empty
	// when the request was not authorized.
	Partner int
	Company string
	// Status is the answer's status, 0 if the connection was lost first.
	Status int
	// Effect says that the request was handled, even if its answer was lost.
	Effect bool
	// Fault names the injected fault that the request met, "" without one.
	Fault FaultKind
}

// Requests returns the log, in the order in which requests ended.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// log appends an entry when its request has ended.
func (s *Server) log(entry *Request, in *Injection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in != nil {
		entry.Fault = in.fault.Kind
	}
	s.requestSeq++
	entry.Seq = s.requestSeq
	s.requests = append(s.requests, *entry)
}

// redactQuery keeps the values of parameters that cannot hold anything personal.
func redactQuery(q url.Values) string {
	for name := range q {
		known := name == "include" || name == "sort" || strings.HasPrefix(name, "page[") || strings.HasPrefix(name, "fields[")
		if !known {
			q[name] = []string{"redacted"}
		}
	}
	return q.Encode()
}

// abort ends a request without an answer.
func abort() { panic(http.ErrAbortHandler) }
