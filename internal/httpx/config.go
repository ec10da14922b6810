package httpx

import (
	"errors"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Defaults of [Config].
const (
	DefaultMaxWait      = time.Minute
	DefaultMaxAttempts  = 4
	DefaultMaxBody      = 8 << 20
	DefaultMaxErrorBody = 1 << 20
	DefaultTimeout      = 30 * time.Second
)

// Config assembles a [Client]. Only BaseURL is required.
type Config struct {
	// BaseURL is the absolute http or https address that every path is appended to. It has no
	// query, fragment or user information.
	BaseURL string

	// HTTPClient is copied, never changed. Its Timeout bounds each attempt, the waits between
	// them excluded; without one only the context ends an attempt. Its CheckRedirect is replaced. Nil
	// gives a pooled client of our own with [DefaultTimeout].
	HTTPClient *http.Client

	// UserAgent and Header are sent with every request. Header must not hold credentials: those
	// belong to Auth.
	UserAgent string
	Header    http.Header

	// Auth signs each attempt; nil sends requests unsigned.
	Auth Auth

	// Limiter is asked for one token per attempt; nil means no limit.
	Limiter Limiter

	// Retry decides what is repeated; nil is [Retry].
	Retry Policy

	// MaxAttempts bounds the attempts of one call, the first included (default 4).
	MaxAttempts int

	// MaxWait is the longest wait asked for by a server that a call sits through (default one
	// minute). Zero is the default; a negative value never waits.
	MaxWait time.Duration

	// BackoffBase and BackoffMax shape the pauses nobody asked for: full jitter under
	// Base·2ⁿ, at most Max (defaults 500 ms and 20 s).
	BackoffBase, BackoffMax time.Duration

	// MaxBody and MaxErrorBody cap what is read of an answer (defaults 8 MiB and 1 MiB).
	MaxBody, MaxErrorBody int64

	// Explain decodes an error answer into facts; nil keeps the status only. Body is capped and
	// valid only during the call. It must tolerate any bytes.
	Explain func(status int, header http.Header, body []byte) Facts

	// Secrets are masked wherever a vendor echoes them in an error message.
	Secrets []string
}

// Client sends requests of one API with one credential. It is safe for concurrent use.
type Client struct {
	cfg   Config
	base  *url.URL
	http  http.Client
	loop  retryablehttp.Client
	proto *http.Request // what all requests have in common; its header is shared, not copied
}

// New checks cfg and assembles the client. It dials nothing and starts nothing.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.BaseURL)
	switch {
	case err != nil:
		return nil, errors.New("base URL: not a URL")
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, errors.New("base URL: want an absolute http or https address")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("base URL: want no user information, query or fragment")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")

	cfg.MaxAttempts = orDefault(cfg.MaxAttempts, DefaultMaxAttempts)
	cfg.MaxWait = orDefault(cfg.MaxWait, DefaultMaxWait)
	cfg.BackoffBase = orDefault(cfg.BackoffBase, 500*time.Millisecond)
	cfg.BackoffMax = orDefault(cfg.BackoffMax, 20*time.Second)
	cfg.MaxBody = orDefault(cfg.MaxBody, DefaultMaxBody)
	cfg.MaxErrorBody = orDefault(cfg.MaxErrorBody, DefaultMaxErrorBody)
	if cfg.Retry == nil {
		cfg.Retry = Retry
	}

	c := &Client{cfg: cfg, base: base}
	c.assemble()
	return c, nil
}

// assemble puts the links of the chain together, from the inside out.
func (c *Client) assemble() {
	// The caller's client, or one with a pool of our own.
	if c.cfg.HTTPClient != nil {
		c.http = *c.cfg.HTTPClient
	} else {
		c.http.Timeout = DefaultTimeout
	}
	if c.http.Transport == nil {
		c.http.Transport = newTransport()
	}
	// Redirects come back as answers.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	// Auth signs a copy of each attempt. The signer is there without Auth too: it also keeps the loop
	// from closing the idle connections of the caller's transport whenever a call fails.
	c.http.Transport = &signer{auth: c.cfg.Auth, next: c.http.Transport}

	// The loop is the library's; every decision in it is ours. It has no logger, because the
	// default one prints addresses to standard error, and the last answer passes through, because by
	// default it is thrown away.
	c.loop.HTTPClient = &c.http
	c.loop.RetryMax = math.MaxInt // check counts the attempts
	c.loop.CheckRetry = check     // errors, then policy
	c.loop.Backoff = noPause      // prepare waits, because it knows the call
	c.loop.PrepareRetry = prepare // the pause that check decided on, then the limiter
	c.loop.ErrorHandler = retryablehttp.PassthroughErrorHandler

	header := c.cfg.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if c.cfg.UserAgent != "" {
		header.Set("User-Agent", c.cfg.UserAgent)
	}
	c.proto = &http.Request{Header: header, Host: c.base.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
}

func orDefault[T int | int64 | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// newTransport returns a pool of our own. It keeps as many idle connections per host as an engine
// keeps requests in flight; the standard two would dial anew for nearly every one. It asks no
// environment variable for a proxy: whoever needs one gives an HTTPClient.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
