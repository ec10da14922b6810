package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// ErrNoStore means that the client was made without [Config.Tokens] and can only sign in.
const ErrNoStore = httpx.ConstError("the client has no token store")

// Client calls the API for one connection.
type Client struct {
	Accounts   *Accounts
	Jobs       *Jobs
	Candidates *Candidates

	cfg    Config
	http   *http.Client
	calls  httpx.Config  // of API calls, without what differs from call to call
	token  *httpx.Client // of calls to the token endpoints
	tokens *oauth.Source // nil without a store

	dates atomic.Int32 // the dateStyle of the candidate filter that has worked
}

// New checks cfg and returns a client. Nothing is sent. The error names every setting that is wrong and
// shows none.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("paycor client: %w", err)
	}
	c := &Client{cfg: cfg, http: cfg.httpClient()}
	c.Accounts, c.Jobs, c.Candidates = &Accounts{c}, &Jobs{c}, &Candidates{c}
	secrets := []string{cfg.SubscriptionKey, cfg.ClientSecret}
	c.calls = httpx.Config{
		BaseURL:     cfg.BaseURL,
		UserAgent:   cfg.UserAgent,
		Header:      http.Header{"Accept": {"application/json"}},
		Limiter:     cfg.Limiter,
		MaxWait:     cfg.MaxWait,
		MaxAttempts: maxTries + maxWaits + 1, // exchange counts each kind; one more for a renewed token
		MaxBody:     32 << 20,                // a page may carry a hundred résumés, which are skipped
		Explain:     explain,
		Secrets:     secrets,
	}
	var err error
	c.token, err = httpx.New(httpx.Config{
		BaseURL:     cfg.BaseURL,
		HTTPClient:  c.http,
		UserAgent:   cfg.UserAgent,
		Header:      http.Header{"Accept": {"application/json"}},
		Limiter:     cfg.Limiter,
		MaxWait:     -1,
		MaxAttempts: maxTries,
		Retry:       onlyUnsent,
		Explain:     explainToken,
		Secrets:     secrets,
	})
	if err != nil {
		return nil, fmt.Errorf("paycor client: %w", err)
	}
	if cfg.Tokens != nil {
		c.tokens = oauth.New(oauth.Config{Store: cfg.Tokens, Refresh: c.Refresh, Clock: cfg.Clock})
	}
	return c, nil
}

// do sends one API call and gives every failure its type. The tokens are looked after first, so that
// trouble with them is told in its own words.
func (c *Client) do(ctx context.Context, req *httpx.Request, decode httpx.Decode) error {
	if c.tokens == nil {
		return ErrNoStore
	}
	if _, err := c.tokens.Token(ctx); err != nil {
		return err
	}
	x := &exchange{client: c}
	cfg := c.calls
	hc := *c.http
	hc.Transport = x
	cfg.HTTPClient, cfg.Auth, cfg.Retry = &hc, x, x.again
	sender, err := httpx.New(cfg)
	if err != nil {
		return err
	}
	err = sender.Do(ctx, req, decode)
	if err != nil && x.renewal != nil { // what stands in the way is more than a 401
		return x.renewal
	}
	return convert(err, x.keyRefused)
}

// String says where the client calls.
func (c *Client) String() string { return c.cfg.String() }

// GoString hides the credentials.
func (c *Client) GoString() string { return c.cfg.String() }

// legalEntity puts an id into a path.
func legalEntity(op string, id int32) (string, error) {
	if id <= 0 {
		return "", &httpx.ArgumentError{Op: op, Name: "legalEntityId", Reason: "must be positive"}
	}
	return strconv.FormatInt(int64(id), 10), nil
}
