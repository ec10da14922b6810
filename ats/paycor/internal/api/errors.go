package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// What a refusal means [documented: docs/vendors/paycor.md]. Matched with errors.Is.
const (
	// ErrInvalid: 400, the request is wrong.
	ErrInvalid = httpx.ConstError("the request is not valid")
	// ErrSubscriptionKey: 401, the APIm subscription key is missing or wrong. The tokens are not to blame.
	ErrSubscriptionKey = httpx.ConstError("the APIm subscription key is missing or wrong: correct it in the connection's settings")
	// ErrUnauthorized: 401, also with a renewed token. When none could be had, the error is that of
	// internal/oauth.
	ErrUnauthorized = httpx.ConstError("the access token was not accepted")
	// ErrForbidden: 403, a Data Access toggle of the application is off; see [APIError.Toggle].
	ErrForbidden = httpx.ConstError("the application may not do this")
	// ErrNotFound: 404, an unknown id, one in a wrong state, or a wrong address.
	ErrNotFound = httpx.ConstError("not found")
	// ErrRateLimited: 429.
	ErrRateLimited = httpx.ConstError("too many calls")
	// ErrUpstream: 5xx, the vendor's fault.
	ErrUpstream = httpx.ConstError("the vendor failed")
)

// APIError is an answer outside 2xx. It holds facts, neither the request nor the answer.
type APIError struct {
	Method string
	Path   string // the template
	Status int

	// CorrelationID is the vendor's name for the call, for its support.
	CorrelationID string
	// Title, Detail and Source are the vendor's words. Detail and the values of Source may repeat what
	// is stored about a person, so no text of ours shows them; Source is by field.
	Title  string
	Detail string
	Source map[string]string

	// Toggle is what must be switched on under Data Access, set on 403.
	Toggle string

	// RetryAfter is the wait that the vendor asked for and RetryAt its end, both zero without one.
	RetryAfter time.Duration
	RetryAt    time.Time

	kind  error
	cause *httpx.Error
}

// Error says what was asked for, what the vendor answered and what to do about it.
func (e *APIError) Error() string {
	text := (&httpx.Error{Method: e.Method, Op: e.Path, Status: e.Status}).Error()
	if e.kind != nil {
		text += ": " + e.kind.Error()
	}
	if e.Toggle != "" {
		text += `: switch on "` + e.Toggle + `" under Data Access of the Paycor application and activate it again`
	}
	if fields := e.fields(); len(fields) > 0 {
		text += " (fields: " + strings.Join(fields, ", ") + ")"
	}
	if e.CorrelationID != "" {
		text += " (correlation " + e.CorrelationID + ")"
	}
	return text
}

// Unwrap returns what the answer means, and the sending layer's view of it.
func (e *APIError) Unwrap() []error {
	var all []error
	if e.kind != nil {
		all = append(all, e.kind)
	}
	if e.cause != nil {
		all = append(all, e.cause)
	}
	return all
}

// LogValue holds facts and none of the vendor's sentences.
func (e *APIError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.Status)}
	if e.CorrelationID != "" {
		attrs = append(attrs, slog.String("correlation_id", e.CorrelationID))
	}
	if fields := e.fields(); len(fields) > 0 {
		attrs = append(attrs, slog.Any("fields", fields))
	}
	if !e.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", e.RetryAt))
	}
	return slog.GroupValue(attrs...)
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\[\]]{0,79}$`)

// fields are the names of the fields that the vendor objects to, those that look like names.
func (e *APIError) fields() []string {
	var names []string
	for name := range e.Source {
		if fieldName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(len(names), 10)]
}

// RetryAt returns the moment at which the vendor or a limiter lets the caller come back, if either has
// named one.
func RetryAt(err error) (time.Time, bool) { return httpx.RetryAt(err) }

// problem is the vendor's PaycorError. Names come in camelCase and in PascalCase [documented and
// observed]; encoding/json takes both.
type problem struct {
	CorrelationID text            `json:"correlationId"`
	Title         text            `json:"title"`
	Detail        text            `json:"detail"`
	Source        map[string]text `json:"source"`
}

var identifier = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// parseProblem reads the body of an error answer. It takes any bytes; what makes no sense is left out.
func parseProblem(body []byte) problem {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return problem{}
	}
	var p problem
	for name, value := range members { // one by one: a member of an odd type must not hide the others
		switch strings.ToLower(name) {
		case "correlationid":
			_ = json.Unmarshal(value, &p.CorrelationID)
		case "title":
			_ = json.Unmarshal(value, &p.Title)
		case "detail":
			_ = json.Unmarshal(value, &p.Detail)
		case "source":
			_ = json.Unmarshal(value, &p.Source)
		}
	}
	if !identifier.MatchString(string(p.CorrelationID)) {
		p.CorrelationID = ""
	}
	return p
}

// explain keeps the vendor's words where no error text shows them.
func explain(_ int, _ http.Header, body []byte) httpx.Facts {
	return httpx.Facts{Detail: parseProblem(body)}
}

// convert gives a refusal its type and leaves every other error as it is. KeyRefused says that the last
// answer blamed the subscription key.
func convert(err error, keyRefused bool) error {
	cause, ok := errors.AsType[*httpx.Error](err)
	if !ok || cause.Status == 0 || cause.Status/100 == 2 {
		return err
	}
	e := &APIError{
		Method: cause.Method, Path: cause.Op, Status: cause.Status,
		RetryAfter: cause.Wait, RetryAt: cause.RetryAt, kind: kind(cause.Status), cause: cause,
	}
	if keyRefused {
		e.kind = ErrSubscriptionKey
	}
	if p, ok := cause.Detail.(problem); ok {
		e.CorrelationID, e.Title, e.Detail = string(p.CorrelationID), string(p.Title), string(p.Detail)
		for field, message := range p.Source {
			if e.Source == nil {
				e.Source = make(map[string]string, len(p.Source))
			}
			e.Source[field] = string(message)
		}
	}
	if e.Status == http.StatusForbidden {
		e.Toggle = toggles[cause.Op]
	}
	return e
}

// kind is the table of statuses. Nil for those that the vendor does not document.
func kind(status int) error {
	switch {
	case status == http.StatusBadRequest:
		return ErrInvalid
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= http.StatusInternalServerError:
		return ErrUpstream
	}
	return nil
}
