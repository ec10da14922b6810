package sparkhiretest

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is one request that arrived, whatever became of it. Its maps and its body are the server's own: do not
// change them.
type Request struct {
	// At is when it arrived, by the server's clock.
	At     time.Time
	Method string
	// Path is decoded and begins with the API version: "/v1.0/interviews".
	Path  string
	Query url.Values
	// Header is what came, without Authorization.
	Header http.Header
	// Body is what came; of one that was too long, its beginning.
	Body []byte
	// UserID and User are the ID and the name of the key's owner; empty when the key is missing or unknown. The key
	// itself is not kept.
	UserID string
	User   string
	// Status is the answer's; 0 while there is none, and for ever when the connection was lost before one.
	Status int
	// Effect is set when the request was carried out, even if the caller never learned of it.
	Effect bool
	// Fault names the action of the fault that struck, if one did: "lose connection".
	Fault string
}

// String names the user by ID and leaves query, header and body out.
func (r Request) String() string {
	return fmt.Sprintf("%s %s by user %q: %d", r.Method, r.Path, r.UserID, r.Status)
}

// LogValue implements slog.LogValuer.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Requests returns the log, oldest first. Requests under way are in it.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rendered(s.log, func(r *Request) Request { return *r })
}

// RequestsTo returns the requests with a method and a path; an empty method is any, the path is a pattern as in
// [Fault].
func (s *Server) RequestsTo(method, path string) []Request {
	pattern := strings.Split(strings.Trim(path, "/"), "/")
	return slices.DeleteFunc(s.Requests(), func(r Request) bool {
		segments := strings.Split(strings.Trim(r.Path, "/"), "/")
		return method != "" && r.Method != method || !pathChosen(pattern, segments)
	})
}

// ForgetRequests empties the log, for programs that run for long and tests that count from here.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// record notes a request on arrival.
func (s *Server) record(r *http.Request, body []byte) *Request {
	header := r.Header.Clone()
	header.Del("Authorization")
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: header, Body: bytes.Clone(body),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.At = s.tick()
	if key, _, ok := r.BasicAuth(); ok {
		if u := s.keys[key]; u != nil {
			entry.UserID, entry.User = u.id, u.name()
		}
	}
	s.log = append(s.log, entry)
	return entry
}

// answered notes the status that goes out.
func (s *Server) answered(entry *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.Status = status
	if status == http.StatusTooManyRequests {
		s.limited++
	}
}
