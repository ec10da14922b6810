package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Problem is a refusal of the service, as RFC 9457 writes it.
type Problem struct { //nolint:errname // its name in the standard
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	Field     string `json:"field"`
	RequestID string `json:"request_id"`

	// RetryAfter is how long the service asks to wait; 0 when it does not say.
	RetryAfter time.Duration `json:"-"`
}

// Error returns code, sentence and field, and the request's id where an
// operator needs it to find the log.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Code)
	if p.Detail != "" {
		b.WriteString(": " + p.Detail)
	}
	if p.Field != "" {
		b.WriteString(" (field " + p.Field + ")")
	}
	if p.Status >= http.StatusInternalServerError && p.RequestID != "" {
		b.WriteString(" (request " + p.RequestID + ")")
	}
	return b.String()
}

// Temporary reports whether the same call may succeed later.
func (p *Problem) Temporary() bool {
	switch p.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// readProblem reads an answer that is not 2xx. What is between the service and
// us answers in its own words, of which only the status is told.
func readProblem(resp *http.Response) *Problem {
	p := &Problem{}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(text, p) != nil || p.Code == "" {
		p = &Problem{
			Code:   "status_" + strconv.Itoa(resp.StatusCode),
			Detail: fmt.Sprintf("The answer was %q and not one of a Sparkbridge service. Check the address and what is in between.", resp.Status),
		}
	}
	p.Status = resp.StatusCode
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		p.RetryAfter = time.Duration(s) * time.Second
	}
	return p
}
