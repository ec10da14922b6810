package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// retry says what is repeated: after a refusal for being too fast, or when nothing was
// sent, anything; otherwise only what reads. No policy is published, and no key makes
// a write repeatable [assumed: docs/vendors/topechelon.md].
func retry(method string, e *httpx.Error) bool {
	reads := method == http.MethodGet || reads(method, e.Op)
	switch {
	case e.Status == 0:
		return !e.Sent || reads
	case e.Status == http.StatusTooManyRequests:
		return true
	case e.Status >= http.StatusInternalServerError, e.Status == http.StatusRequestTimeout:
		return reads
	}
	return false
}

// reads says that a POST changes nothing.
func reads(method, path string) bool { return method == http.MethodPost && path == searchPath }

// firstPause is the wait after a first 429 that names none; it doubles each time
// [assumed: docs/vendors/topechelon.md].
const firstPause = 2 * time.Second

// refusals is a transport that gives a 429 without a usable Retry-After the wait that
// it means here, for the sending layer to obey.
type refusals struct{ next http.RoundTripper }

func (r *refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		return resp, err
	}
	if _, ok := httpx.ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now()); ok {
		return resp, nil
	}
	k := callOf(req.Context())
	wait := firstPause << min(k.refused, maxAttempts)
	k.refused++
	header := resp.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	answer := *resp
	answer.Header = header
	return &answer, nil
}
