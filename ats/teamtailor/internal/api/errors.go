package api

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// APIError is an answer outside 2xx. It holds facts, neither the request nor the
// answer.
type APIError struct {
	Method string
	Path   string // the template, such as /v1/candidates/{id}
	Status int    // the HTTP status

	// The first of the errors that the vendor lists; empty if it lists none, as with
	// some 401. Title and Detail may repeat what was sent: the text of the error
	// masks it, LogValue leaves it out.
	Code    string
	Title   string
	Detail  string
	Pointer string // "/data/attributes/email", or the name of a query parameter

	// Errors are all of them.
	Errors []Problem

	// CurrentVersion is the API version that a 406 names, such as "20240904": what to
	// configure next.
	CurrentVersion string

	RequestID string

	// RetryAfter is the wait that the vendor asked for and RetryAt its end, both
	// zero if it asked for none.
	RetryAfter time.Duration
	RetryAt    time.Time

	// OutcomeUnknown says that the call may have been carried out all the same.
	OutcomeUnknown bool

	cause *httpx.Error
}

// Problem is one of the errors of an answer.
type Problem = jsonapi.Error

// ArgumentError is an argument that cannot be sent. Nothing was.
type ArgumentError = httpx.ArgumentError

// Error says what was asked for and what the vendor answered, with e-mail
// addresses, links and everything that was sent masked.
func (e *APIError) Error() string {
	if e.cause != nil {
		return e.cause.Error()
	}
	return (&httpx.Error{Method: e.Method, Op: e.Path, Status: e.Status}).Error()
}

// Unwrap returns the sending layer's view of the same answer.
func (e *APIError) Unwrap() error {
	if e.cause == nil {
		return nil
	}
	return e.cause
}

// LogValue holds facts and none of the vendor's words.
func (e *APIError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.Status), slog.String("code", e.Code),
		slog.Bool("outcome_unknown", e.OutcomeUnknown),
	}
	if e.CurrentVersion != "" {
		attrs = append(attrs, slog.String("current_version", e.CurrentVersion))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if !e.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", e.RetryAt))
	}
	return slog.GroupValue(attrs...)
}

// OutcomeUnknown reports whether the call that returned err may have had an effect
// that nobody has confirmed.
func OutcomeUnknown(err error) bool { return httpx.OutcomeUnknown(err) }

// RetryAt returns the moment at which the vendor or a limiter lets the caller come
// back, if either has named one.
func RetryAt(err error) (time.Time, bool) { return httpx.RetryAt(err) }

// explain turns an error answer into facts. Neither the status nor the code has a
// reliable type, and some answers are empty [observed: docs/vendors/teamtailor.md].
func explain(_ int, _ http.Header, body []byte) httpx.Facts {
	problems := jsonapi.DecodeErrors(body)
	facts := httpx.Facts{Detail: problems}
	for i, p := range problems {
		text := p.Title
		if p.Detail != "" && p.Detail != p.Title {
			text = strings.TrimPrefix(text+": "+p.Detail, ": ")
		}
		place := pointer(p)
		switch {
		case i == 0 && place == "":
			facts.Code, facts.Message = p.Code, text
		case i == 0:
			facts.Code = p.Code
			fallthrough
		default:
			facts.Fields = append(facts.Fields, httpx.FieldError{Field: place, Message: text})
		}
	}
	return facts
}

func pointer(p Problem) string {
	if p.Pointer != "" {
		return p.Pointer
	}
	return p.Parameter
}

// versionNumber finds the date that names an API version.
var versionNumber = regexp.MustCompile(`\b20\d{6}\b`)

// convert gives a refusal its type and leaves every other error as it is.
func convert(err error) error {
	var cause *httpx.Error
	if !errors.As(err, &cause) || cause.Status == 0 || cause.Status/100 == 2 {
		return err
	}
	e := &APIError{
		Method: cause.Method, Path: cause.Op, Status: cause.Status, RequestID: cause.RequestID,
		RetryAfter: cause.Wait, RetryAt: cause.RetryAt, OutcomeUnknown: cause.Unknown, cause: cause,
	}
	e.Errors, _ = cause.Detail.([]Problem)
	if len(e.Errors) > 0 {
		first := e.Errors[0]
		e.Code, e.Title, e.Detail, e.Pointer = first.Code, first.Title, first.Detail, pointer(first)
	}
	if e.Status == http.StatusNotAcceptable {
		e.CurrentVersion = versionNumber.FindString(e.Detail + " " + e.Title)
	}
	return e
}
