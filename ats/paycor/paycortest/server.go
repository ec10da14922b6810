package paycortest

import (
	"net/http"
	"strings"
	"time"
)

// Server plays Paycor: the sign-in page, the token endpoints and the public API v1 with the
// recruiting data that it shows. Make one with [NewServer]; the zero value does not work.
type Server struct {
	*Endpoint

	quirks       Quirks
	applications []*Application
	entities     []*LegalEntity
	codes        map[string]*code
	access       map[string]*accessToken
	refresh      map[string]*refreshToken
	continued    map[string]continuation
	windows      map[string]*window // by subscription key
	creates      int
}

// NewServer starts a server. By default it listens on a free port of the loopback interface with plain
// HTTP; see [WithTLS], [WithListener] and [InMemory], whose URL is https://paycor.test. It panics when
// it cannot listen or when an option makes no sense, as net/http/httptest does. Close it when done.
func NewServer(opts ...Option) *Server {
	s := &Server{
		codes:     map[string]*code{},
		access:    map[string]*accessToken{},
		refresh:   map[string]*refreshToken{},
		continued: map[string]continuation{},
		windows:   map[string]*window{},
	}
	cfg := newConfig("NewServer", opts)
	ready := make(chan struct{}) // a listener may bring a request before the assignment below
	s.Endpoint = start(cfg, "https://paycor.test", func(w http.ResponseWriter, r *http.Request, entry *Request) {
		<-ready
		s.route(w, r, entry)
	})
	close(ready)
	return s
}

// AuthorizeURL is the address of the sign-in page: in life on another host than the API.
func (s *Server) AuthorizeURL() string { return s.Endpoint.URL + pathAuthorize }

const (
	pathAuthorize = "/AppActivation/Authorize"
	pathToken     = "/sts/v1/common/token" //nolint:gosec // an address
	pathRefreshB  = "/v1/authenticationsupport/retrieveAccessTokenWithRefreshToken"
	pathTenants   = "/v1/legalentities/ActivatedLegalEntityTenantList"
	atsRoot       = "/v1/legalEntities/"
)

// route finds what a path means. Paths are spelled exactly as the vendor describes them.
func (s *Server) route(w http.ResponseWriter, r *http.Request, entry *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case pathAuthorize:
		s.authorizePage(w, r)
	case pathToken:
		s.tokenForm(w, r, entry)
	case pathRefreshB:
		s.tokenJSON(w, r, entry)
	case pathTenants:
		if c, ok := s.admit(w, r, entry); ok && c.allow(http.MethodGet) {
			c.tenants()
		}
	default:
		if rest, found := strings.CutPrefix(r.URL.Path, atsRoot); found {
			if c, ok := s.admit(w, r, entry); ok {
				c.recruiting(strings.Split(rest, "/"))
			}
			return
		}
		if c, ok := s.admit(w, r, entry); ok {
			c.fail(http.StatusNotFound, "Not Found", "There is no such route.", nil)
		}
	}
}

// Quirks are the behaviors of the vendor that are documented in contradictory ways, observed in parts
// of it only, or not known at all. The zero value is the likeliest reading.
type Quirks struct {
	// PascalCase spells all names with a capital, as the description of 2024 does [documented].
	PascalCase bool
	// BareAccount answers the list of accounts with one account without a page around it, as the
	// description of 2024 has it [documented], BareAccounts with an array [assumed].
	BareAccount  bool
	BareAccounts bool
	// EmptyAs400 answers 400 in place of an empty candidate list [observed for time-off lists].
	EmptyAs400 bool
	// DateFilter is the spelling that the filters of the candidate list take [assumed].
	DateFilter DateFilter
	// AddressesOnly leaves the continuation token null, so that only additionalResultsUrl leads on. It
	// spells its parameter continuationTokenId, as the published example does [documented].
	AddressesOnly bool
	// RetryAfter sends that header with a 429 [observed: clients look for it].
	RetryAfter bool
	// NoExpiresIn leaves expires_in out of token answers [assumed].
	NoExpiresIn bool
}

// DateFilter is a spelling of dates.
type DateFilter int

// The spellings. Which one the vendor takes is not documented.
const (
	DateFilterISO  DateFilter = iota // 2026-03-09
	DateFilterUS                     // 03/09/2026
	DateFilterNone                   // none: every filter is refused
)

// SetQuirks replaces the server's quirks, also in the middle of a test.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// CreateCalls returns how often somebody tried to create a candidate, whatever came of it. An
// integration that only reads never does: the count must stay 0.
func (s *Server) CreateCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.creates
}

// window counts the calls of one subscription key.
type window struct {
	began time.Time
	calls int
}

// spend counts a call and reports how many seconds are left to wait when there were too many.
func (s *Server) spend(key string) (wait int, ok bool) {
	now := s.now()
	w := s.windows[key]
	if w == nil || !now.Before(w.began.Add(s.cfg.window)) {
		w = &window{began: now}
		s.windows[key] = w
	}
	if w.calls++; w.calls <= s.cfg.limit {
		return 0, true
	}
	left := w.began.Add(s.cfg.window).Sub(now)
	return int((left + time.Second - 1) / time.Second), false
}
