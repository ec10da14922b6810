package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// RateLimit requests per RateWindow and key is what the vendor allows [observed for
// the public API, assumed for the Partner API: docs/vendors/teamtailor.md].
const (
	RateLimit  = 50
	RateWindow = 10 * time.Second
)

// NewLimiter returns a limiter for one key.
func NewLimiter() *httpx.WindowLimiter { return httpx.NewLimiter(RateLimit, RateWindow) }

// Option sets up a client.
type Option func(*options) error

type options struct {
	httpClient *http.Client
	limiter    httpx.Limiter
	userAgent  string
	version    string
	word       string
	maxWait    time.Duration
	attempts   int
}

// WithHTTPClient sends through a client of the caller's, which is copied. Its
// redirect policy is replaced: none is followed.
func WithHTTPClient(c *http.Client) Option {
	return func(o *options) error {
		if c == nil {
			return errors.New("HTTP client is nil")
		}
		o.httpClient = c
		return nil
	}
}

// WithLimiter replaces the client's own limiter. Clients with the same key must
// share one.
func WithLimiter(l httpx.Limiter) Option {
	return func(o *options) error {
		if l == nil {
			return errors.New("limiter is nil")
		}
		o.limiter = l
		return nil
	}
}

// WithUserAgent names the program in requests.
func WithUserAgent(name string) Option {
	return func(o *options) error { o.userAgent = name; return nil }
}

// WithVersion sets X-Api-Version in place of [PartnerVersion] or [PublicVersion].
func WithVersion(version string) Option {
	return func(o *options) error {
		if !versionNumber.MatchString(version) || len(version) != len("20240904") {
			return errors.New("API version: want a date such as 20240904")
		}
		o.version = version
		return nil
	}
}

// WithScheme sets the word before the partner API key, "Token" or "Bearer". It has
// no effect on the public API.
func WithScheme(word string) Option {
	return func(o *options) error {
		if word != schemeToken && word != schemeBearer {
			return fmt.Errorf("authorization scheme: want %s or %s", schemeToken, schemeBearer)
		}
		o.word = word
		return nil
	}
}

// WithMaxWait sets the longest wait asked for by the vendor that a call sits
// through, one minute by default. A negative one never waits: the call returns at
// once and [RetryAt] tells when to come back.
func WithMaxWait(d time.Duration) Option {
	return func(o *options) error { o.maxWait = d; return nil }
}

// WithMaxAttempts sets how often a repeatable call is sent at most, four times by
// default. One leaves no room for the other word after a 401 of the Partner API.
func WithMaxAttempts(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return errors.New("attempts: want at least one")
		}
		o.attempts = n
		return nil
	}
}

// client is what the two APIs share.
type client struct {
	http  *httpx.Client
	base  string  // scheme and host
	root  string  // what the path of every request and link begins with
	words *scheme // nil on the public API

	pageSize int // what All asks for, 0 to leave it to the vendor
}

// newClient assembles a client. The error never holds the key.
func newClient(baseURL, root, key string, o options, auth httpx.Auth) (*client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("key: want visible ASCII without spaces")
	}
	if o.limiter == nil {
		o.limiter = NewLimiter()
	}
	sender, err := httpx.New(httpx.Config{
		BaseURL:     base.String(),
		HTTPClient:  o.httpClient,
		UserAgent:   o.userAgent,
		Header:      http.Header{"X-Api-Version": {o.version}, "Accept": {jsonapi.MediaType}},
		Auth:        auth,
		Limiter:     o.limiter,
		MaxWait:     o.maxWait,
		MaxAttempts: o.attempts,
		Explain:     explain,
		Secrets:     []string{key},
	})
	if err != nil {
		return nil, err
	}
	return &client{http: sender, base: base.String(), root: root}, nil
}

// get reads one document.
func (c *client) get(ctx context.Context, path string, args []string, query url.Values, doc *jsonapi.Document) error {
	req := &httpx.Request{Method: http.MethodGet, Path: path, Args: args, Query: query}
	return c.do(ctx, req, doc)
}

// follow reads the document at a link that an earlier one has handed out. Links
// stay on the same API; where they lead there is not our business.
func (c *client) follow(ctx context.Context, path, link string, doc *jsonapi.Document) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme+"://"+u.Host != c.base || !strings.HasPrefix(u.Path, c.root) || u.User != nil {
		return &httpx.Error{Method: http.MethodGet, Op: path, Err: errForeignLink}
	}
	return c.do(ctx, &httpx.Request{Method: http.MethodGet, Path: path, URL: link}, doc)
}

// send writes one resource. With a nil document the answer's content is not read:
// the status says all.
func (c *client) send(ctx context.Context, method, path string, args []string, body []byte, doc *jsonapi.Document) error {
	req := &httpx.Request{Method: method, Path: path, Args: args, Body: body}
	if body != nil {
		req.Header = http.Header{"Content-Type": {jsonapi.MediaType}}
	}
	return c.do(ctx, req, doc)
}

func (c *client) do(ctx context.Context, req *httpx.Request, doc *jsonapi.Document) error {
	if c.words == nil {
		return convert(c.http.Do(ctx, req, decode(doc)))
	}
	return c.words.try(ctx, func(ctx context.Context) error {
		return convert(c.http.Do(ctx, req, decode(doc)))
	})
}

// Why an answer cannot be used.
const (
	errForeignLink = httpx.ConstError("the link to the next page leaves the API")
	errNotJSON     = httpx.ConstError("the answer is not JSON")
	errNotExpected = httpx.ConstError("the answer is not the expected JSON:API document")
	errNoResource  = httpx.ConstError("the answer holds no resource")
)

func decode(doc *jsonapi.Document) httpx.Decode {
	if doc == nil {
		return nil
	}
	return func(_ *httpx.Response, body io.Reader) error {
		err := doc.Decode(body)
		switch {
		case errors.Is(err, jsonapi.ErrSyntax):
			return errors.Join(errNotJSON, err)
		case errors.Is(err, jsonapi.ErrDocument):
			return errors.Join(errNotExpected, err)
		default:
			return err
		}
	}
}
