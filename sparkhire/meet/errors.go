package meet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire"
)

// What an error means; match with errors.Is. These are the values of package sparkhire, so that a
// program which uses both versions classifies errors once; sparkhire.IsGone and sparkhire.RetryAfter
// work on errors of this package too.
var (
	ErrInvalid      = sparkhire.ErrInvalid      // 400, 422 and every other 4xx that is not below
	ErrUnauthorized = sparkhire.ErrUnauthorized // 401 in spite of a new token, or the credentials are wrong
	ErrForbidden    = sparkhire.ErrForbidden    // 403
	ErrNotFound     = sparkhire.ErrNotFound     // 404
	ErrConflict     = sparkhire.ErrConflict     // 409
	ErrGone         = sparkhire.ErrGone         // 410
	ErrRateLimited  = sparkhire.ErrRateLimited  // 429, or the limiter's answer
	ErrUnavailable  = sparkhire.ErrUnavailable  // 408, 425, 5xx, no answer, or no token

	// ErrNotSent says that nothing reached the vendor that it could act on: repeating the call is safe.
	ErrNotSent = sparkhire.ErrNotSent

	// ErrOutcomeUnknown says that a call which changes something may have been carried out. It must
	// not be repeated before somebody has looked.
	ErrOutcomeUnknown = sparkhire.ErrOutcomeUnknown
)

// ArgumentError says that an argument cannot be used. Nothing was sent.
type ArgumentError struct {
	Op     string // method and path template; empty from New
	Name   string // the argument
	Reason string // what is wrong with it, without its value
}

func (e *ArgumentError) Error() string {
	if e.Op == "" {
		return "meet: " + e.Name + " " + e.Reason
	}
	return "meet: " + e.Op + ": " + e.Name + " " + e.Reason
}

// Is matches [ErrInvalid] and [ErrNotSent].
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalid || target == ErrNotSent }

// LaterError is what a limiter given to [WithLimiter] returns when the budget allows no request
// before a moment, its one field: &LaterError{At: moment}.
type LaterError = httpx.LaterError

// APIError is the vendor's refusal: an answer with a status outside 2xx. It holds neither the request
// nor the answer. One whose Path is /partners/oauth/token is inside a *[CallError]: no token was to be
// had.
type APIError struct {
	Method string
	Path   string // the template, such as /partners/candidate_assessment_items/{uuid}
	Status int

	// Requester is on whose behalf the call ran, which is the first thing to look at after 401, 403
	// and 422 [assumed: docs/vendors/sparkhire.md]. It is an e-mail address: neither the text of the
	// error nor LogValue has it.
	Requester string

	// What the vendor says; the shapes are those of version 1.0 and of a common framework [assumed:
	// docs/vendors/sparkhire.md]. It may name people: the text of the error masks e-mail addresses,
	// links and everything that was sent; LogValue leaves it out. Show it to the person who acted.
	Reason  string // "reason"
	Message string // "message", "error_description"
	Code    string // "error", when that is text
	Fields  []FieldError

	RequestID string

	// RetryAfter is the wait that the vendor asked for and RetryAt the moment at which it ends,
	// both zero if it asked for none.
	RetryAfter time.Duration
	RetryAt    time.Time

	// OutcomeUnknown is set when the status leaves open whether a change was made, such as 502.
	OutcomeUnknown bool

	cause *httpx.Error // nil when a test has made the error
	text  string       // of cause, without the token
}

// FieldError is one entry of "errors" in a refusal. Field is empty when the vendor names none.
type FieldError struct {
	Field   string
	Message string
}

func (e *APIError) Error() string {
	if e.text != "" {
		return "meet: " + e.text
	}
	return fmt.Sprintf("meet: %s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
}

// Unwrap exposes what the error means: one of the sentinels by its status, [ErrOutcomeUnknown] if
// that is so, and the cause.
func (e *APIError) Unwrap() []error {
	var errs []error
	if kind := meaning(e.Status, e.Path); kind != nil {
		errs = append(errs, kind)
	}
	if e.OutcomeUnknown {
		errs = append(errs, ErrOutcomeUnknown)
	}
	if e.cause != nil {
		errs = append(errs, e.cause)
	}
	return errs
}

// LogValue holds no word of the vendor's and no address.
func (e *APIError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.Status),
		slog.Bool("outcome_unknown", e.OutcomeUnknown),
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if !e.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", e.RetryAt))
	}
	return slog.GroupValue(attrs...)
}

// CallError is a call without a usable answer: it was not sent, no token was to be had for it, the
// answer was lost, or the answer to a success could not be read.
type CallError struct {
	Method    string
	Path      string // the template
	Status    int    // of the unreadable answer, 401 when the token could not be renewed, else 0
	RequestID string

	// Sent is false when it is certain that nothing reached the vendor that it could act on.
	Sent bool

	// OutcomeUnknown is set when a change may have been made.
	OutcomeUnknown bool

	// RetryAt is the end of the wait that the vendor asked for before the call was given up, else zero.
	RetryAt time.Time

	// Err is the cause. Its text may hold an address; the text of this error does not.
	Err error
}

func (e *CallError) Error() string {
	shown := httpx.Error{
		Method: e.Method, Op: e.Path, Status: e.Status, RequestID: e.RequestID, Sent: e.Sent, Unknown: e.OutcomeUnknown, Err: e.Err,
	}
	if token, ok := e.Err.(*httpx.Error); ok { //nolint:errorlint // the whole call for a token, not what is in it
		shown.Err = nil
		return "meet: " + shown.Error() + ": " + token.Error()
	}
	return "meet: " + shown.Error()
}

// Unwrap exposes what the error means, any of [ErrNotSent], [ErrOutcomeUnknown], [ErrRateLimited] and
// [ErrUnavailable], and the cause, a context's error or the refusal of a token among them.
func (e *CallError) Unwrap() []error {
	var errs []error
	if !e.Sent {
		errs = append(errs, ErrNotSent)
	}
	if e.OutcomeUnknown {
		errs = append(errs, ErrOutcomeUnknown)
	}
	switch {
	case errors.As(e.Err, new(*LaterError)):
		errs = append(errs, ErrRateLimited)
	case errors.As(e.Err, new(*APIError)): // says itself what it means
	case (e.Status == 0 || !e.Sent) && !errors.Is(e.Err, context.Canceled):
		errs = append(errs, ErrUnavailable)
	}
	if e.Err != nil {
		errs = append(errs, e.Err)
	}
	return errs
}

// LogValue says what is known about the effect.
func (e *CallError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.Status),
		slog.Bool("sent", e.Sent), slog.Bool("outcome_unknown", e.OutcomeUnknown), slog.String("request_id", e.RequestID),
	)
}

// RetryAfter returns the moment at which the vendor or the limiter lets the caller come back.
func RetryAfter(err error) (time.Time, bool) {
	if e, ok := errors.AsType[*APIError](err); ok && !e.RetryAt.IsZero() {
		return e.RetryAt, true
	}
	if e, ok := errors.AsType[*CallError](err); ok && !e.RetryAt.IsZero() {
		return e.RetryAt, true
	}
	return httpx.RetryAt(err)
}

// IsGone reports that the vendor no longer shows the thing: 404 or 410. That can be final (deleted),
// temporary (expired, or restored later) or a matter of the requester's permissions. Before acting on
// it, make sure that credentials and requester still work (Client.Jobs.List).
func IsGone(err error) bool { return errors.Is(err, ErrNotFound) || errors.Is(err, ErrGone) }

// convert turns what the sending layer returns into this package's errors.
func convert(err error) error {
	if a, ok := errors.AsType[*httpx.ArgumentError](err); ok {
		return &ArgumentError{Op: a.Op, Name: a.Name, Reason: a.Reason}
	}
	e, ok := err.(*httpx.Error) //nolint:errorlint // the call's own; one inside it is that of a token
	if !ok {
		return err
	}
	refused := e.Status != 0 && e.Status/100 != 2
	if refused && e.Err == nil {
		return apiError(e, e.Error())
	}
	return &CallError{
		Method: e.Method, Path: e.Op, Status: e.Status, RequestID: e.RequestID,
		Sent:           e.Sent && (!refused || e.Unknown), // a 401 whose token could not be renewed did nothing
		OutcomeUnknown: e.Unknown, RetryAt: e.RetryAt, Err: e.Err,
	}
}

func apiError(e *httpx.Error, text string) *APIError {
	a := &APIError{
		Method: e.Method, Path: e.Op, Status: e.Status, RequestID: e.RequestID,
		RetryAfter: e.Wait, RetryAt: e.RetryAt, OutcomeUnknown: e.Unknown, cause: e, text: text,
	}
	if words, ok := e.Detail.(*refusal); ok {
		a.Reason, a.Message, a.Code = words.reason, words.message, words.code
	}
	for _, f := range e.Fields {
		a.Fields = append(a.Fields, FieldError(f))
	}
	return a
}

// meaning is the table from status to sentinel; nil for a status that nobody has a plan for.
func meaning(status int, path string) error {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		if path == tokenPath { // standard OAuth2 refuses credentials with either
			return ErrUnauthorized
		}
	}
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusGone:
		return ErrGone
	case http.StatusTooManyRequests:
		return ErrRateLimited
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return ErrUnavailable
	}
	switch {
	case status >= http.StatusInternalServerError:
		return ErrUnavailable
	case status >= http.StatusBadRequest: // 402 of a plan that is used up, say: repeating it cannot help
		return ErrInvalid
	}
	return nil
}
