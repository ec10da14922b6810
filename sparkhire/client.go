package sparkhire

import (
	"net/http"
	"net/url"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Client calls the API with one user's key. It is safe for concurrent use. Its zero value is not
// usable; construct it with [New].
type Client struct {
	Me           *MeService
	Plan         *PlanService
	Companies    *CompaniesService
	Users        *UsersService
	Jobs         *JobsService
	Interviews   *InterviewsService
	Questions    *QuestionsService
	QuestionSets *QuestionSetsService
	ShareLinks   *ShareLinksService
	Webhooks     *WebhooksService

	http   *httpx.Client
	appURL *url.URL
	common service
}

// service is what every service is made of.
type service struct{ client *Client }

// New returns a client for one user's API key, which is opaque and only checked for being there.
// It reads nothing from the environment, dials nothing and starts nothing.
//
// Errors: *[ArgumentError] naming the key or the option.
func New(apiKey string, opts ...Option) (*Client, error) {
	if apiKey == "" {
		return nil, &ArgumentError{Name: "api key", Reason: "must not be empty"}
	}
	o := defaultOptions()
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, err
		}
	}
	sender, err := httpx.New(httpx.Config{
		BaseURL:     o.baseURL,
		HTTPClient:  o.httpClient,
		UserAgent:   o.userAgent,
		Header:      http.Header{"Accept": {mediaType}, "Content-Type": {mediaType}},
		Auth:        httpx.Header("Authorization", basicAuth(apiKey)),
		Limiter:     o.limiter,
		Retry:       retry,
		MaxWait:     o.maxWait,
		MaxAttempts: o.maxAttempts,
		BackoffBase: o.backoffBase,
		BackoffMax:  o.backoffMax,
		Explain:     explain,
		Secrets:     []string{apiKey},
	})
	if err != nil {
		return nil, &ArgumentError{Name: "base URL", Reason: "must be an absolute http or https address without user information, query or fragment"}
	}

	c := &Client{http: sender, appURL: o.appURL}
	c.common.client = c
	c.Me = (*MeService)(&c.common)
	c.Plan = (*PlanService)(&c.common)
	c.Companies = (*CompaniesService)(&c.common)
	c.Users = (*UsersService)(&c.common)
	c.Jobs = (*JobsService)(&c.common)
	c.Interviews = (*InterviewsService)(&c.common)
	c.Questions = (*QuestionsService)(&c.common)
	c.QuestionSets = (*QuestionSetsService)(&c.common)
	c.ShareLinks = (*ShareLinksService)(&c.common)
	c.Webhooks = (*WebhooksService)(&c.common)
	return c, nil
}

// retry narrows the module's table to what is known to be harmless here: a read is repeated after a
// lost connection and after 429, 502, 503 and 504; anything else only when it was refused with 429
// or never left. PUT and DELETE are not repeated although HTTP calls them idempotent, because a
// PUT rotates a key and a DELETE may notify a candidate [assumed: docs/vendors/sparkhire.md].
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
