package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// Client calls the public API as one user. Safe for concurrent use.
type Client struct {
	People   *People
	Jobs     *Jobs
	Hotlists *Hotlists

	cfg    Config
	http   *httpx.Client
	tokens *httpx.Client
	source *oauth.Source

	tokenPath string
}

// New checks cfg, naming everything that is wrong with it, and assembles a client. It
// dials nothing and reads no tokens.
func New(cfg Config) (*Client, error) {
	if err := check(&cfg); err != nil {
		return nil, fmt.Errorf("top echelon client: %w", err)
	}
	c := &Client{cfg: cfg}
	c.source = oauth.New(oauth.Config{Store: cfg.Tokens, Refresh: c.refresh, Clock: cfg.Clock})

	plain := pool(cfg.HTTPClient)
	patient := plain
	patient.Transport = &refusals{next: plain.Transport}
	limiter := cfg.Limiter
	if limiter == nil {
		limiter = httpx.NewLimiter(cfg.PerSecond, time.Second)
	}
	var err error
	c.http, err = httpx.New(httpx.Config{
		BaseURL:      cfg.BaseURL,
		HTTPClient:   &patient,
		UserAgent:    cfg.UserAgent,
		Header:       http.Header{"Accept": {mediaType}},
		Auth:         user{c.source},
		Limiter:      limiter,
		Retry:        retry,
		MaxAttempts:  maxAttempts,
		BackoffBase:  time.Second, // also the most that is added to a wait asked for
		BackoffMax:   8 * time.Second,
		MaxErrorBody: maxErrorBody,
		Explain:      excerpt,
	})
	if err != nil {
		return nil, fmt.Errorf("top echelon client: %w", err)
	}
	if err := c.dialTokens(plain); err != nil {
		return nil, fmt.Errorf("top echelon client: token URL: %w", err)
	}
	c.People, c.Jobs, c.Hotlists = &People{c}, &Jobs{c}, &Hotlists{c}
	return c, nil
}

const (
	mediaType = "application/json"

	maxAttempts  = 4 // the call and three repetitions
	maxErrorBody = 1 << 10
)

// dialTokens assembles the client of the token endpoint. Nothing there is repeated
// below internal/oauth, which knows what a lost answer means for a token.
func (c *Client) dialTokens(plain http.Client) error {
	u, err := url.Parse(c.cfg.TokenURL)
	if err != nil {
		return err
	}
	c.tokenPath = u.Path
	c.tokens, err = httpx.New(httpx.Config{
		BaseURL:      u.Scheme + "://" + u.Host,
		HTTPClient:   &plain,
		UserAgent:    c.cfg.UserAgent,
		Header:       http.Header{"Accept": {mediaType}},
		MaxErrorBody: maxErrorBody,
		MaxBody:      64 << 10,
		Explain:      explainOAuth,
		Secrets:      []string{c.cfg.ClientSecret},
	})
	return err
}

// get reads one document.
func (c *Client) get(ctx context.Context, path string, args []string, query url.Values, into any) error {
	return c.do(ctx, &httpx.Request{Method: http.MethodGet, Path: path, Args: args, Query: query}, into)
}

// post sends body as JSON, or nothing when it is nil.
func (c *Client) post(ctx context.Context, path string, args []string, query url.Values, body, into any) error {
	req := &httpx.Request{Method: http.MethodPost, Path: path, Args: args, Query: query}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return &ArgumentError{Op: http.MethodPost + " " + path, Name: "body", Reason: "cannot be written as JSON"}
		}
		req.Body = text
		req.Header = http.Header{"Content-Type": {mediaType}}
	}
	return c.do(ctx, req, into)
}

// do sends a request. With a nil target the content of a success is not read: nobody
// has seen it, and the status says all.
func (c *Client) do(ctx context.Context, req *httpx.Request, into any) error {
	ctx = context.WithValue(ctx, callKey{}, new(call))
	var decode httpx.Decode
	if into != nil {
		decode = func(_ *httpx.Response, body io.Reader) error { return decodeJSON(body, into) }
	}
	return convert(c.http.Do(ctx, req, decode))
}

// decodeJSON reads exactly one document. It may be called again with the same target.
func decodeJSON(body io.Reader, into any) error {
	text, err := httpx.ReadAll(body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// call is what the links below a call tell each other, one attempt after the other.
type call struct {
	token   string // of the latest attempt
	refused int    // how often it was too fast without being told for how long
}

type callKey struct{}

// callOf returns the call that ctx belongs to. Every request is sent by do.
func callOf(ctx context.Context) *call {
	if k, ok := ctx.Value(callKey{}).(*call); ok {
		return k
	}
	return new(call)
}

// user signs as one user and tells in words why it cannot.
type user struct{ source *oauth.Source }

// Sign remembers the token, so that a late 401 does not renew the one that came after
// it.
func (u user) Sign(req *http.Request) error {
	token, err := u.source.Token(req.Context())
	if err != nil {
		return explainSource(err)
	}
	callOf(req.Context()).token = token
	req.Header["Authorization"] = []string{"Bearer " + token}
	return nil
}

// Renew replaces the token that was refused, unless somebody else has.
func (u user) Renew(ctx context.Context) error {
	_, err := u.source.Replace(ctx, callOf(ctx).token)
	return explainSource(err)
}
