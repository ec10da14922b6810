package topechelontest

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Server plays Top Echelon: agencies with users, people, jobs and hotlists, the consent page, the token endpoint, and
// the known part of the public API v1. Make one with [NewServer]; the zero value does not work. All methods, and those of
// the values it hands out, are safe for concurrent use.
type Server struct {
	*Site

	last         map[string]int // ids by kind
	agencies     []*Agency
	integrations []*Integration
	grants       map[string]*grant // by code
	access       map[string]*pair  // by access token
	refresh      map[string]*pair  // by refresh token
	spent        map[*User][]time.Time
}

// The paths. [observed] for the API and the token endpoint; the path of the consent page is [assumed].
const (
	apiPath       = "/public/v1"
	tokenPath     = "/top_echelon_provider/oauth/token" //nolint:gosec // an address
	authorizePath = "/top_echelon_provider/oauth/authorize"
)

// NewServer starts a server. By default it listens on a free port of the loopback interface with plain HTTP. It panics when it
// cannot listen or when an option makes no sense, as net/http/httptest does. Close it when done.
func NewServer(opts ...Option) *Server {
	s := &Server{
		Site: &Site{},
		// The first ids are those of the vendor's examples; they differ by kind, so that mistaking one for another shows.
		last:    map[string]int{"agency": 11, "user": 300, "person": 481515, "job": 2341, "hotlist": 76, "attachment": 9000},
		grants:  map[string]*grant{},
		access:  map[string]*pair{},
		refresh: map[string]*pair{},
		spent:   map[*User][]time.Time{},
	}
	s.open(newConfig(opts), "topechelon.test", s.serve)
	return s
}

// BaseURL is where the public API begins.
func (s *Server) BaseURL() string { return s.URL + apiPath }

// TokenURL is the token endpoint.
func (s *Server) TokenURL() string { return s.URL + tokenPath }

// AuthorizeURL is the consent page, for [User.Allow] or a browser.
func (s *Server) AuthorizeURL() string { return s.URL + authorizePath }

// LogValue says where the server is, and nothing of what it holds.
func (s *Server) LogValue() slog.Value { return slog.StringValue("top echelon at " + s.URL) }

// serve routes a request; the lock is held.
func (s *Server) serve(r *http.Request, body []byte, entry *Request) reply {
	switch path := r.URL.Path; {
	case path == tokenPath:
		return s.token(r, body)
	case path == authorizePath:
		return s.authorizePage(r)
	case strings.HasPrefix(path, apiPath+"/"):
		return s.api(r, body, entry)
	}
	return s.wrong(r, http.StatusNotFound, "no such address")
}
