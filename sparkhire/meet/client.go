package meet

import (
	"context"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Client calls the API with one account's credentials. It is safe for concurrent use. Its zero value
// is not usable; construct it with [New].
type Client struct {
	Jobs         *JobsService
	QuestionSets *QuestionSetsService
	Items        *ItemsService

	http      *httpx.Client
	tokens    *tokens
	requester string
	common    service
}

// service is what every service is made of.
type service struct{ client *Client }

// New returns a client for an account's credentials, which are opaque and only checked for being
// there. It reads nothing from the environment, dials nothing and starts nothing; the first call
// gets a token.
//
// Errors: *[ArgumentError] naming the credential or the option.
func New(clientID, clientSecret string, opts ...Option) (*Client, error) {
	if clientID == "" {
		return nil, &ArgumentError{Name: "client id", Reason: "must not be empty"}
	}
	if clientSecret == "" {
		return nil, &ArgumentError{Name: "client secret", Reason: "must not be empty"}
	}
	o := defaultOptions()
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, err
		}
	}
	ask, err := encode(tokenRequest(clientID, clientSecret))
	if err != nil {
		return nil, &ArgumentError{Name: "client id", Reason: "cannot be written as JSON"}
	}
	cfg := httpx.Config{
		BaseURL:     o.baseURL,
		HTTPClient:  o.httpClient,
		UserAgent:   o.userAgent,
		Header:      http.Header{"Accept": {mediaType}, "Content-Type": {mediaType}},
		Limiter:     o.limiter,
		MaxWait:     o.maxWait,
		MaxAttempts: o.maxAttempts,
		BackoffBase: o.backoffBase,
		BackoffMax:  o.backoffMax,
		Explain:     explain,
		Secrets:     []string{clientID, clientSecret},
	}
	cfg.Retry = func(_ string, e *httpx.Error) bool { return retry(http.MethodGet, e) }
	asking, err := httpx.New(cfg)
	if err != nil {
		return nil, &ArgumentError{Name: "base URL", Reason: "must be an absolute http or https address without user information, query or fragment"}
	}
	c := &Client{requester: o.requester, tokens: &tokens{http: asking, ask: ask, store: o.store}}
	cfg.Auth, cfg.Retry = bearer{c.tokens}, retry
	if c.http, err = httpx.New(cfg); err != nil {
		return nil, &ArgumentError{Name: "base URL", Reason: "must be an absolute http or https address without user information, query or fragment"}
	}

	c.common.client = c
	c.Jobs = (*JobsService)(&c.common)
	c.QuestionSets = (*QuestionSetsService)(&c.common)
	c.Items = (*ItemsService)(&c.common)
	return c, nil
}

// Authenticate gets an access token unless the client has one. It changes nothing at the vendor and
// proves nothing about a requester. Errors are as for other calls; [ErrUnauthorized] means that the
// credentials are wrong.
func (c *Client) Authenticate(ctx context.Context) error {
	if _, err := c.tokens.get(ctx, ""); err != nil {
		return &CallError{Method: http.MethodPost, Path: tokenPath, Err: err}
	}
	return nil
}

// retry is the table of version 1.0: a read is repeated after a lost connection and after 429, 502,
// 503 and 504; anything else only when it was refused with 429 or never left. That a call refused
// with 401 is repeated once, with a new token, is [bearer]'s. Asking for a token counts as a read: a
// token that nobody has read changes nothing.
func retry(method string, e *httpx.Error) bool {
	switch e.Status {
	case 0:
		return !e.Sent || method == http.MethodGet
	case http.StatusTooManyRequests:
		return true
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return method == http.MethodGet
	}
	return false
}
