package meet

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	// DefaultBaseURL is where version 2.0 of the API lives [observed: docs/vendors/sparkhire.md].
	DefaultBaseURL = "https://api.sparkhire.com/v2.0"

	mediaType = "application/json"
)

// Option configures a [Client]. Options copy what they are given and report what is wrong with it
// as an *[ArgumentError] from [New].
type Option func(*options) error

type options struct {
	baseURL     string
	requester   string
	store       tokenStore
	httpClient  *http.Client
	userAgent   string
	limiter     httpx.Limiter
	maxWait     time.Duration
	maxAttempts int
	backoffBase time.Duration
	backoffMax  time.Duration
}

func defaultOptions() options {
	return options{
		baseURL:   DefaultBaseURL,
		store:     new(memory),
		userAgent: "sparkbridge (+https://github.com/sparkbridge/sparkbridge)",
		limiter:   httpx.NewLimiter(RequestsPerMinute, time.Minute),
	}
}

// WithRequester sets on whose behalf calls run unless [AsRequester] says otherwise: the e-mail
// address of an active user of the account. There is no default.
func WithRequester(email string) Option {
	return func(o *options) error {
		if reason := badRequester(email); reason != "" {
			return &ArgumentError{Name: "requester", Reason: reason}
		}
		o.requester = email
		return nil
	}
}

// WithTokenStore keeps the access token in store, for several clients or processes that share one;
// the default keeps it in the client. Load is called before every request and returns the zero
// [Token] when there is none; Save is called with every new one, which replaces the old, and with the
// zero one to forget a token that was refused. Both must
// be safe for concurrent use, and an error of either ends the call before it is sent.
//
// Processes that find the token expired in the same moment each get one, and the last that is saved
// stays: older ones presumably remain good, and where they do not, a call that is refused takes the
// one in the store before it asks for another [assumed: docs/vendors/sparkhire.md].
func WithTokenStore(store interface {
	Load(ctx context.Context) (Token, error)
	Save(ctx context.Context, t Token) error
},
) Option {
	return func(o *options) error {
		if store == nil {
			return &ArgumentError{Name: "token store", Reason: "must not be nil"}
		}
		o.store = store
		return nil
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
// that several clients or processes share. Take is called before every attempt, those for a token
// included, and must be safe for concurrent use. It may wait, but not past the end of ctx. Any error
// that it returns ends the call before it is sent; a *[LaterError] reaches the caller through
// [RetryAfter].
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
// With one, a call that is refused with 401 is not repeated, and the next call gets a new token.
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

// CallOption changes one call.
type CallOption func(*callOptions)

type callOptions struct{ requester string }

// AsRequester makes one call run on behalf of another user than the client's, with that user's
// permissions: the e-mail address of an active user of the account. An empty one is an
// *[ArgumentError] of the call, not the client's own requester.
func AsRequester(email string) CallOption {
	return func(o *callOptions) { o.requester = email }
}

// badRequester says what keeps an address from being sent as a header; nothing more is checked,
// because the vendor knows its users.
func badRequester(email string) string {
	switch {
	case email == "":
		return "must not be empty: give WithRequester or AsRequester the e-mail address of an active user"
	case strings.IndexFunc(email, func(r rune) bool { return r <= ' ' || r == 0x7f }) >= 0:
		return "must be an e-mail address"
	}
	return ""
}
