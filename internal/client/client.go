package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	prefix = "/api/v1"
	// maxAnswer bounds an answer that is read whole: a page has at most 200
	// interviews.
	maxAnswer = 16 << 20
	// callTimeout bounds a call that is not a bulk one.
	callTimeout = 60 * time.Second
)

// Actor is who acts. The service believes whoever has a token.
type Actor struct {
	ID, Name, Email, TimeZone string
	Admin                     bool
	// Credential is resolved by the ATS's host instead of the fields above.
	Credential string
}

// header sets the headers that name the actor.
func (a Actor) header(h http.Header) {
	for name, value := range map[string]string{
		"Sparkbridge-Actor-Id": a.ID, "Sparkbridge-Actor-Name": a.Name, "Sparkbridge-Actor-Email": a.Email,
		"Sparkbridge-Actor-Time-Zone": a.TimeZone, "Sparkbridge-Actor-Credential": a.Credential,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if a.Admin {
		h.Set("Sparkbridge-Actor-Admin", "true")
	}
}

// LogValue logs the actor's id only.
func (a Actor) LogValue() slog.Value { return slog.StringValue("actor " + a.ID) }

// Config says which service is called, and as whom.
type Config struct {
	// URL is the root of the service, such as https://bridge.example.
	URL string
	// Token is an API token of the service.
	Token string
	Actor Actor
	// UserAgent names the program.
	UserAgent string
}

// LogValue logs the address only.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.URL) }

// Client calls one service. It is safe for concurrent use.
type Client struct {
	base   string
	config Config
	http   *http.Client
}

// New returns a client and calls nobody.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the address of the service must be an http or https address without password, query or fragment")
	}
	if c.Token == "" {
		return nil, errors.New("an API token is needed")
	}
	if strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the API token has a character that no token has")
	}
	transport := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		// Bulk calls write while they read, which HTTP/1.1 does on one connection each.
		ForceAttemptHTTP2:     false,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       30 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: callTimeout,
	}
	// The address of the API itself is another way to say where the service is.
	base := strings.TrimSuffix(strings.TrimRight(u.String(), "/"), prefix)
	return &Client{base: base, config: c, http: &http.Client{
		Transport: transport,
		// A redirect would carry the token to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Path joins the parts of a path, each escaped.
func Path(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/")
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// Call makes one call and returns the body of the answer, nil when there is
// none. The body v is JSON already if it is a [json.RawMessage]; nil sends none.
// The error is a [*Problem] when the service refused.
func (c *Client) Call(ctx context.Context, method, path string, query url.Values, v any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var body io.Reader
	if v != nil {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	resp, err := c.send(ctx, method, path, query, "application/json", body)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", withoutURL(err))
	}
	if len(text) > maxAnswer {
		return nil, errors.New("read the answer: it is longer than 16 MiB")
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	if !json.Valid(text) {
		return nil, errors.New("the answer is not JSON: is this the address of a Sparkbridge service?")
	}
	return text, nil
}

// send makes a call and returns an answer of status 2xx, else a [*Problem].
func (c *Client) send(ctx context.Context, method, path string, query url.Values, contentType string, body io.Reader) (*http.Response, error) {
	target := c.base + prefix + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", withoutURL(err))
	}
	req.Header.Set("Authorization", "Bearer "+c.config.Token)
	req.Header.Set("Accept", "application/json")
	if c.config.UserAgent != "" {
		req.Header.Set("User-Agent", c.config.UserAgent)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	c.config.Actor.header(req.Header)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", c.base, withoutURL(err))
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, readProblem(resp)
}

// withoutURL drops the address that the standard library puts before a cause:
// ids of people may be in it.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// List yields the items of a list, page after page, and stops at the first
// error. It may be ranged over again, which calls again.
func (c *Client) List(ctx context.Context, path string, query url.Values) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		q := url.Values{}
		maps.Copy(q, query)
		for {
			text, err := c.Call(ctx, http.MethodGet, path, q, nil)
			if err != nil {
				yield(nil, err)
				return
			}
			var page struct {
				Items []json.RawMessage `json:"items"`
				Next  string            `json:"next_cursor"`
			}
			if err := json.Unmarshal(text, &page); err != nil {
				yield(nil, errors.New("the answer is not a list: is this the address of a Sparkbridge service?"))
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.Set("cursor", page.Next)
		}
	}
}
