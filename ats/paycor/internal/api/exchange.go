package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// How often one call is repeated. The vendor allows GETs to be repeated after a 500 and names no
// number; both are our choice [assumed: docs/vendors/paycor.md].
const (
	maxTries = 3 // of a call that the vendor fails or that gets lost
	maxWaits = 3 // after a 429
)

// exchange is one call. It signs its attempts, looks at refusals that the status alone does not
// explain, and counts. internal/httpx drives it, one attempt after the other.
type exchange struct {
	client     *Client
	token      string // what the latest attempt was signed with
	keyRefused bool
	renewal    error // why the token could not be renewed
	failures   int
	waits      int
}

// Sign sets both credentials.
func (x *exchange) Sign(req *http.Request) error {
	token, err := x.client.tokens.Token(req.Context())
	if err != nil {
		x.renewal = err
		return err
	}
	x.token = token
	req.Header["Authorization"] = []string{"Bearer " + token}
	req.Header["Ocp-Apim-Subscription-Key"] = []string{x.client.cfg.SubscriptionKey}
	return nil
}

// Renew replaces a token that was answered with 401. A refused subscription key is not the token's
// fault: renewing would waste a refresh token.
func (x *exchange) Renew(ctx context.Context) error {
	if x.keyRefused {
		return ErrSubscriptionKey
	}
	_, x.renewal = x.client.tokens.Replace(ctx, x.token)
	return x.renewal
}

// again is the retry policy of one call.
func (x *exchange) again(method string, e *httpx.Error) bool {
	if e.Status == http.StatusTooManyRequests {
		x.waits++
		return x.waits <= maxWaits
	}
	if !httpx.Retry(method, e) {
		return false
	}
	x.failures++
	return x.failures < maxTries
}

// RoundTrip sends an attempt and finds out which of its two causes a 401 has.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.keyRefused = false
	resp, err := x.client.http.Transport.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		x.keyRefused = aboutKey(peek(resp))
	}
	return resp, err
}

// patient is a transport that gives a 429 whose wait stands in its body the header that the sending
// layer understands.
type patient struct{ next http.RoundTripper }

func (p patient) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := p.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		return resp, err
	}
	if _, ok := httpx.ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now()); !ok {
		resp.Header = resp.Header.Clone()
		resp.Header.Set("Retry-After", strconv.Itoa(waitSeconds(peek(resp))))
	}
	return resp, nil
}

// onlyUnsent is the policy for the token endpoints: a refresh token is good for one use, so only what
// certainly did not leave is repeated here. What may have is for internal/oauth to judge.
func onlyUnsent(_ string, e *httpx.Error) bool { return e.Status == 0 && !e.Sent }

// aboutKey tells a 401 that blames the subscription key from one that blames the token. The text is
// documented, the shape around it is not: docs/vendors/paycor.md.
func aboutKey(body []byte) bool {
	return strings.Contains(strings.ToLower(string(body)), "subscription key")
}

var seconds = regexp.MustCompile(`(?i)\bin (\d{1,5}) seconds?\b`)

// defaultWait is how long to wait when a 429 does not say [assumed].
const defaultWait = 60

// waitSeconds finds the wait in "Rate limit is exceeded. Try again in 60 seconds." [documented].
func waitSeconds(body []byte) int {
	if m := seconds.FindSubmatch(body); m != nil {
		if n, err := strconv.Atoi(string(m[1])); err == nil {
			return n
		}
	}
	return defaultWait
}

// peek reads the beginning of a body and puts it back.
func peek(resp *http.Response) []byte {
	const most = 16 << 10
	head, _ := io.ReadAll(io.LimitReader(resp.Body, most)) // what broke shows again when the rest is read
	resp.Body = &peeked{Reader: io.MultiReader(bytes.NewReader(head), resp.Body), Closer: resp.Body}
	return head
}

type peeked struct {
	io.Reader
	io.Closer
}
