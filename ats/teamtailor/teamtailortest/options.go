package teamtailortest

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Option sets up a [Server]. This file holds what a server is and how it is reached; assumptions.go holds what the vendor
// does not document.
type Option func(*config)

type config struct {
	now       func() time.Time
	seed      *uint64
	stack     Stack
	publicURL string
	inMemory  bool
	tls       bool
	listener  net.Listener
	transport http.RoundTripper
	timeout   time.Duration

	assumptions
}

// defaultConfig is a server on a free port that plays the EU stack.
func defaultConfig() config {
	return config{
		now:         time.Now,
		stack:       StackEU,
		timeout:     20 * time.Second,
		assumptions: defaultAssumptions(),
	}
}

// check panics on combinations that cannot work: they are mistakes in the program that made the server.
func (c *config) check() {
	switch {
	case c.inMemory && (c.tls || c.listener != nil):
		panic("teamtailortest: InMemory excludes WithTLS and WithListener")
	case c.stack.Host() == "":
		panic("teamtailortest: unknown stack " + string(c.stack))
	case c.now == nil:
		panic("teamtailortest: WithClock needs a function")
	case c.timeout <= 0:
		panic("teamtailortest: WithIntegrationTimeout needs a positive duration")
	case c.limit < 1 || c.window <= 0:
		panic("teamtailortest: WithRateLimit needs a positive number and window")
	case len(c.schemes) == 0:
		panic("teamtailortest: WithSchemes needs at least one word")
	}
	if c.publicURL != "" {
		u, err := url.Parse(c.publicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			panic("teamtailortest: WithPublicURL needs an absolute http or https URL")
		}
	}
}

// WithClock sets the clock for time stamps, signatures, rate-limit windows and the age of tokens. The default is time.Now,
// which under testing/synctest is already virtual.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithSeed makes UUIDs, tokens and everything else that is random follow from seed, so that two runs which do the same in
// the same order see the same ids. Numeric ids do so without it. Never use it where a token must be hard to guess.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = &seed } }

// WithStack says which stack the server plays, EU by default. It changes no behavior and no address: give
// Stack.URL() to [WithPublicURL] for update-urls that carry the vendor's own host.
func WithStack(stack Stack) Option { return func(c *config) { c.stack = stack } }

// WithPublicURL sets what update-urls and links begin with, when the server is reached under another address than
// [Server.URL]. With [InMemory] it also becomes Server.URL.
func WithPublicURL(root string) Option {
	return func(c *config) { c.publicURL = strings.TrimRight(root, "/") }
}

// InMemory makes a server without a socket, reached through [Server.RoundTripper] or [Server.Client]. It is what tests under
// testing/synctest need. Its URL is https://teamtailor.test.
func InMemory() Option { return func(c *config) { c.inMemory = true } }

// WithTLS serves HTTPS with the test certificate of net/http/httptest; see [Server.Client] and [Server.Certificate].
func WithTLS() Option { return func(c *config) { c.tls = true } }

// WithListener serves on l instead of a free port. The server closes it.
func WithListener(l net.Listener) Option { return func(c *config) { c.listener = l } }

// WithIntegrationTransport sets how the server reaches integrations and webhook receivers: [Transport] over their handler
// for tests without sockets, or a transport that trusts their certificate. The default dials, without a proxy.
func WithIntegrationTransport(rt http.RoundTripper) Option {
	return func(c *config) { c.transport = rt }
}

// WithIntegrationTimeout sets how long the server waits for an integration's answer. [assumed:
// docs/vendors/teamtailor.md] No time-out is documented; 20 seconds is the function limit of the vendor's own starter code.
func WithIntegrationTimeout(d time.Duration) Option { return func(c *config) { c.timeout = d } }
