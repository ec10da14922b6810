package sparkhire

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	// DefaultBaseURL is where version 1.0 of the API lives [documented: docs/vendors/sparkhire.md].
	DefaultBaseURL = "https://api.sparkhire.com/v1.0"

	// DefaultAppURL is the website that people sign in to [assumed: docs/vendors/sparkhire.md].
	DefaultAppURL = "https://app.sparkhire.com"

	// RequestsPerMinute is the vendor's limit [documented: docs/vendors/sparkhire.md]. Its scope is
	// not stated; a client assumes that it is the key.
	RequestsPerMinute = 400

	mediaType = "application/json"
)

// Option configures a [Client]. Options copy what they are given and report what is wrong with it
// as an *[ArgumentError] from [New].
type Option func(*options) error

type options struct {
	baseURL     string
	appURL      *url.URL
	httpClient  *http.Client
	userAgent   string
	limiter     httpx.Limiter
	maxWait     time.Duration
	maxAttempts int
	backoffBase time.Duration
	backoffMax  time.Duration
}

func defaultOptions() options {
	app, _ := url.Parse(DefaultAppURL)
	return options{
		baseURL:   DefaultBaseURL,
		appURL:    app,
		userAgent: "sparkbridge (+https://github.com/sparkbridge/sparkbridge)",
		limiter:   httpx.NewLimiter(RequestsPerMinute, time.Minute),
	}
}

// WithBaseURL replaces [DefaultBaseURL], for a proxy or a simulator.
func WithBaseURL(baseURL string) Option {
	return func(o *options) error {
		if baseURL == "" {
			return &ArgumentError{Name: "base URL", Reason: "must not be empty"}
		}
		o.baseURL = baseURL
		return nil
	}
}

// WithAppURL replaces [DefaultAppURL] in [InterviewsService.WatchURL].
func WithAppURL(appURL string) Option {
	return func(o *options) error {
		u, err := url.Parse(appURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return &ArgumentError{Name: "app URL", Reason: "must be an absolute http or https address without user information"}
		}
		o.appURL = u
		return nil
	}
}

// WithHTTPClient sends through c, which is copied and never changed; the default is a pooled client
// that uses no proxy and gives up on an attempt after 30 s. The Timeout of c bounds each attempt;
// without one only the context does. Its CheckRedirect is not used: redirects are never followed.
func WithHTTPClient(c *http.Client) Option {
	return func(o *options) error {
		if c == nil {
			return &ArgumentError{Name: "http client", Reason: "must not be nil"}
		}
		o.httpClient = c
		return nil
	}
}

// WithUserAgent replaces the User-Agent header.
func WithUserAgent(agent string) Option {
	return func(o *options) error {
		if agent == "" || strings.ContainsFunc(agent, unicode.IsControl) {
			return &ArgumentError{Name: "user agent", Reason: "must not be empty and must be one line"}
		}
		o.userAgent = agent
		return nil
	}
}

// WithLimiter replaces the limiter that keeps this client within [RequestsPerMinute], for a budget
// that several clients or processes share. Take is called before every attempt and must be safe for
// concurrent use. It may wait, but not past the end of ctx. Any error that it returns ends the call
// before it is sent; a *[LaterError] reaches the caller through [RetryAfter].
func WithLimiter(limiter interface {
	Take(ctx context.Context) error
},
) Option {
	return func(o *options) error {
		if limiter == nil {
			return &ArgumentError{Name: "limiter", Reason: "must not be nil"}
		}
		o.limiter = limiter
		return nil
	}
}

// WithMaxWait sets the longest wait asked for by the server that a call sits through; the default is
// one minute. With zero a call never waits for the server and returns its refusal at once.
func WithMaxWait(d time.Duration) Option {
	return func(o *options) error {
		if d < 0 {
			return &ArgumentError{Name: "max wait", Reason: "must not be negative"}
		}
		o.maxWait = d
		if d == 0 {
			o.maxWait = -1
		}
		return nil
	}
}

// WithMaxAttempts sets how often one call may be sent, the first time included; the default is four.
// Which calls may be repeated at all is not configurable.
func WithMaxAttempts(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return &ArgumentError{Name: "max attempts", Reason: "must be at least 1"}
		}
		o.maxAttempts = n
		return nil
	}
}

// WithBackoff sets the pauses between attempts that the server said nothing about: anything up to
// base, doubled each time, at most limit. The defaults are 500 ms and 20 s.
func WithBackoff(base, limit time.Duration) Option {
	return func(o *options) error {
		if base <= 0 || limit < base {
			return &ArgumentError{Name: "backoff", Reason: "must be positive and not above its limit"}
		}
		o.backoffBase, o.backoffMax = base, limit
		return nil
	}
}

// basicAuth has the key as user name and no password; the vendor ignores the password
// [documented: docs/vendors/sparkhire.md].
func basicAuth(apiKey string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(apiKey+":"))
}
