package paycortest

import (
	"net"
	"net/url"
	"strings"
	"time"
)

// Option sets up a [Server] or a [Host].
type Option func(*config)

type config struct {
	name      string // of the constructor, for panics
	now       func() time.Time
	seed      *uint64
	publicURL string
	inMemory  bool
	tls       bool
	listener  net.Listener
	limit     int
	window    time.Duration
}

func newConfig(name string, opts []Option) config {
	c := config{name: name, now: time.Now, limit: 1000, window: time.Minute}
	for _, opt := range opts {
		opt(&c)
	}
	c.check()
	return c
}

// check panics on combinations that cannot work: they are mistakes in the program that made the server.
func (c *config) check() {
	problem := ""
	switch {
	case c.inMemory && (c.tls || c.listener != nil):
		problem = "InMemory excludes WithTLS and WithListener"
	case c.now == nil:
		problem = "WithClock needs a function"
	case c.limit < 1 || c.window <= 0:
		problem = "WithRateLimit needs a positive number and window"
	}
	if c.publicURL != "" {
		u, err := url.Parse(c.publicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			problem = "WithPublicURL needs an absolute http or https URL"
		}
	}
	if problem != "" {
		panic("paycortest: " + c.name + ": " + problem)
	}
}

// WithClock sets the clock for the age of tokens, rate-limit windows and time stamps. The default is
// time.Now, which under testing/synctest is already virtual.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithSeed makes ids, tokens and codes follow from seed, so that two runs that do the same in the same
// order see the same ones. Never use it where a token must be hard to guess.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = &seed } }

// WithPublicURL says under which address the server is reached, when that is not [Endpoint.URL]. With
// [InMemory] it becomes that.
func WithPublicURL(root string) Option {
	return func(c *config) { c.publicURL = strings.TrimRight(root, "/") }
}

// InMemory makes a server without a socket, reached through [Endpoint.RoundTripper] or
// [Endpoint.Client]. It is what tests under testing/synctest need.
func InMemory() Option { return func(c *config) { c.inMemory = true } }

// WithTLS serves HTTPS with the test certificate of net/http/httptest; see [Endpoint.Client] and
// [Endpoint.Certificate].
func WithTLS() Option { return func(c *config) { c.tls = true } }

// WithListener serves on l instead of a free port. The server closes it.
func WithListener(l net.Listener) Option { return func(c *config) { c.listener = l } }

// WithRateLimit allows n calls per window and subscription key, 1000 per minute by default [documented:
// docs/vendors/paycor.md]. Windows are fixed and begin with a call [assumed]. A [Host] has none.
func WithRateLimit(n int, window time.Duration) Option {
	return func(c *config) { c.limit, c.window = n, window }
}
