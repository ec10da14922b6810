package topechelontest

import (
	"net"
	"net/http"
	"slices"
	"time"
)

// Option sets up a [Server] or a [Host]. Options that do not concern the one have no effect on it. Those that stand for
// something nobody knows about the vendor are marked assumed; docs/vendors/topechelon.md has the reasons.
type Option func(*config)

type config struct {
	now      func() time.Time
	seed     *uint64
	inMemory bool
	tls      bool
	listener net.Listener

	lifetime   time.Duration
	scopes     []string
	pageSize   int
	maxUpload  int
	hidden     int
	created    int
	limit      int
	window     time.Duration
	ids        IDs
	title      string
	bareEmails bool
	unverified bool
	oauthCodes bool
	grace      bool

	hostToken string
	noColumn  bool
}

func newConfig(opts []Option) config {
	c := config{
		now:        time.Now,
		lifetime:   2 * time.Hour,
		scopes:     []string{ScopeRead, ScopeWrite},
		pageSize:   25,
		maxUpload:  5 << 20,
		hidden:     http.StatusNotFound,
		created:    http.StatusCreated,
		title:      "position_title",
		oauthCodes: true,
	}
	for _, opt := range opts {
		opt(&c)
	}
	c.check()
	return c
}

// check panics on what cannot work: it is a mistake in the program that made the simulator.
func (c *config) check() {
	switch {
	case c.now == nil:
		panic("topechelontest: WithClock needs a function")
	case c.inMemory && (c.tls || c.listener != nil):
		panic("topechelontest: InMemory excludes WithTLS and WithListener")
	case c.lifetime < time.Second:
		panic("topechelontest: WithTokenLifetime needs at least a second")
	case len(c.scopes) != 2 || c.scopes[0] == c.scopes[1] || slices.Contains(c.scopes, ""):
		panic("topechelontest: WithScopeWords needs two different words")
	case c.pageSize < 1:
		panic("topechelontest: WithPageSize needs a positive number")
	case c.maxUpload < 1:
		panic("topechelontest: WithMaxUpload needs a positive number")
	case c.hidden != http.StatusForbidden && c.hidden != http.StatusNotFound:
		panic("topechelontest: WithHiddenAs needs 403 or 404")
	case c.created != http.StatusOK && c.created != http.StatusCreated:
		panic("topechelontest: WithHotlistCreatedAs needs 200 or 201")
	case c.limit < 0 || c.limit > 0 && c.window <= 0:
		panic("topechelontest: WithRateLimit needs a positive number and window")
	}
}

// WithClock sets the clock for tokens, time stamps and rate limits. The default is time.Now, which under testing/synctest
// is already virtual.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithSeed makes tokens and everything else that is random follow from seed. Never use it where a token must be hard to
// guess.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = &seed } }

// InMemory makes a simulator without a socket, reached through [Site.RoundTripper] or [Site.Client]. It is what tests under
// testing/synctest need. The address of a server is then https://topechelon.test, that of a host
// https://host.topechelon.test.
func InMemory() Option { return func(c *config) { c.inMemory = true } }

// WithTLS serves HTTPS with the test certificate of net/http/httptest; see [Site.Client].
func WithTLS() Option { return func(c *config) { c.tls = true } }

// WithListener serves on l instead of a free port. The simulator closes it.
func WithListener(l net.Listener) Option { return func(c *config) { c.listener = l } }

// WithTokenLifetime sets how long an access token lasts, two hours by default. [assumed] Lifetimes are not published.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.lifetime = d } }

// WithScopeWords sets the literal scopes, "read" and "write" by default. [assumed] They are not published.
func WithScopeWords(read, write string) Option {
	return func(c *config) { c.scopes = []string{read, write} }
}

// WithoutOAuthCodes answers refused token requests without the codes of RFC 6749. [assumed] Which form the vendor gives them is
// not known.
func WithoutOAuthCodes() Option { return func(c *config) { c.oauthCodes = false } }

// WithRefreshGrace lets a refresh token work until an access token that came from it is used, as a common Ruby OAuth server
// does, so that a lost answer can be asked for again. [assumed] By default it works once.
func WithRefreshGrace() Option { return func(c *config) { c.grace = true } }

// WithPageSize sets how many records a page has, 25 by default. [assumed]
func WithPageSize(n int) Option { return func(c *config) { c.pageSize = n } }

// WithMaxUpload sets the largest upload in bytes, 5 MiB by default; a larger one gets 413. [assumed]
func WithMaxUpload(n int) Option { return func(c *config) { c.maxUpload = n } }

// WithHiddenAs sets the answer for a record that the user may not see: 404, the default, or 403. [assumed] That there are
// records a user may not see is documented, the answer is not.
func WithHiddenAs(status int) Option { return func(c *config) { c.hidden = status } }

// WithHotlistCreatedAs sets the status of a created hotlist: 201, the default, or 200, which it was before. [observed]
func WithHotlistCreatedAs(status int) Option { return func(c *config) { c.created = status } }

// WithRateLimit allows n requests per window and user; the next is answered with 429 and a Retry-After in seconds. There is
// no limit by default. [assumed] Limits exist, numbers are not published.
func WithRateLimit(n int, window time.Duration) Option {
	return func(c *config) { c.limit, c.window = n, window }
}

// IDs is how the API writes ids.
type IDs int

// The forms. [observed] Both numbers and strings have been seen.
const (
	IDsAsObserved IDs = iota // people and jobs as numbers, hotlists as strings
	IDsAsNumbers
	IDsAsStrings
)

// WithIDs sets how ids are written. The default is [IDsAsObserved].
func WithIDs(form IDs) Option { return func(c *config) { c.ids = form } }

// WithJobTitleAs sets the member of a job that holds its title, "position_title" by default. [assumed] No member of a
// job has been seen.
func WithJobTitleAs(member string) Option { return func(c *config) { c.title = member } }

// WithBareEmails leaves the members primary and do_not_email out of the addresses that people have when they are read. They
// are known from writing only; that reading shows them is [assumed].
func WithBareEmails() Option { return func(c *config) { c.bareEmails = true } }

// WithUnverified adds what is likely to exist though nobody has seen it: GET /people/{id}. [assumed] Without it the call is
// a violation and answered with 404.
func WithUnverified() Option { return func(c *config) { c.unverified = true } }

// WithHostToken sets the bearer token of a [Host]; the default is random.
func WithHostToken(token string) Option { return func(c *config) { c.hostToken = token } }

// WithoutStatusColumn makes a [Host] that has no Interview Status column: status updates get 501.
func WithoutStatusColumn() Option { return func(c *config) { c.noColumn = true } }
