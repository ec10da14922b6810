package api

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// What a refusal means [assumed: docs/vendors/topechelon.md].
const (
	// ErrUnauthorized: the user's token, or the code of a sign-in, is not accepted.
	ErrUnauthorized = httpx.ConstError("not authorized: the user must sign in at Top Echelon again")
	// ErrForbidden: a scope is missing, or the user may not see the record.
	ErrForbidden = httpx.ConstError("not permitted: the scope is missing or the user may not see the record")
	// ErrNotFound: there is no such record, or the user may not know of it.
	ErrNotFound = httpx.ConstError("there is no such record, or the user may not see it")
	// ErrTooLarge: the file is larger than the vendor takes.
	ErrTooLarge = httpx.ConstError("the file is too large")
	// ErrRejected: the content is not accepted.
	ErrRejected = httpx.ConstError("the content is not accepted")
	// ErrRateLimited: too many requests; [RetryAt] says when to come back.
	ErrRateLimited = httpx.ConstError("Top Echelon limits how fast it may be asked")
	// ErrClient: the integration itself is not accepted, whoever the user is.
	ErrClient = httpx.ConstError("the integration is not accepted: check its client id, client secret, redirect URL and scope")
	// ErrUnverified: nobody has seen this call at work, so it is not made.
	ErrUnverified = httpx.ConstError("nobody has seen this call at work: set try_unverified (Config.TryUnverified) to make it all the same")
	// ErrNoConsentPage: the address of the consent page is not known.
	ErrNoConsentPage = httpx.ConstError("authorize_url is not set: it is the Authorize URL that Top Echelon shows when the integration is created")
)

// APIError is an answer outside 2xx. It holds facts, neither the request nor the
// answer.
type APIError struct {
	Method string
	Path   string // the template, such as /people/{id}/attachments
	Status int    // the HTTP status
	Code   string // the OAuth code of a refused sign-in, such as invalid_grant

	RequestID string

	// RetryAfter is the wait that the vendor asked for and RetryAt its end. After a
	// 429 that asked for none they are what this client would wait.
	RetryAfter time.Duration
	RetryAt    time.Time

	// OutcomeUnknown says that the call may have been carried out all the same.
	OutcomeUnknown bool

	// Excerpt is the beginning of the answer, at most 1 KiB. It may name people: the
	// text of the error and LogValue leave it out, and no candidate may see it.
	Excerpt string

	kind  error
	cause *httpx.Error
}

// ArgumentError is an argument that cannot be sent. Nothing was.
type ArgumentError = httpx.ArgumentError

// Error says what was asked for and the status, and what that means.
func (e *APIError) Error() string {
	text := (&httpx.Error{Method: e.Method, Op: e.Path, Status: e.Status}).Error()
	if e.cause != nil {
		text = e.cause.Error()
	}
	if e.kind != nil {
		text += ": " + e.kind.Error()
	}
	return text
}

// Unwrap returns what the refusal means, if that is known, and the sending layer's
// view of it.
func (e *APIError) Unwrap() []error {
	var errs []error
	if e.kind != nil {
		errs = append(errs, e.kind)
	}
	if e.cause != nil {
		errs = append(errs, e.cause)
	}
	return errs
}

// LogValue holds facts and none of the vendor's words.
func (e *APIError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.Status),
		slog.Bool("outcome_unknown", e.OutcomeUnknown),
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", e.Code))
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
// back, if either has named one; for a call that was not made, the one that its token
// has to wait for.
func RetryAt(err error) (time.Time, bool) {
	at, ok := httpx.RetryAt(err)
	if e, nested := errors.AsType[*httpx.Error](err); !ok && nested && e.Err != nil {
		return RetryAt(e.Err)
	}
	return at, ok
}

// excerpt keeps the beginning of an error answer, whose form nobody has seen, out of
// everything that is shown.
func excerpt(_ int, _ http.Header, body []byte) httpx.Facts {
	return httpx.Facts{Detail: string(body)}
}

// convert gives a refusal its type and leaves every other error as it is.
func convert(err error) error {
	var cause *httpx.Error
	if !errors.As(err, &cause) {
		return err
	}
	if reads(cause.Method, cause.Op) {
		cause.Unknown = false
	}
	if cause.Status == 0 || cause.Status/100 == 2 {
		return err
	}
	e := &APIError{
		Method: cause.Method, Path: cause.Op, Status: cause.Status, Code: cause.Code, RequestID: cause.RequestID,
		RetryAfter: cause.Wait, RetryAt: cause.RetryAt, OutcomeUnknown: cause.Unknown, cause: cause,
	}
	e.Excerpt, _ = cause.Detail.(string)
	switch cause.Status {
	case http.StatusUnauthorized:
		// Without an answer to the renewal nobody knows whether the user is signed in.
		if cause.Err == nil || signedOut(cause.Err) {
			e.kind = ErrUnauthorized
		}
	case http.StatusForbidden:
		e.kind = ErrForbidden
	case http.StatusNotFound, http.StatusGone:
		e.kind = ErrNotFound
	case http.StatusRequestEntityTooLarge:
		e.kind = ErrTooLarge
	case http.StatusUnprocessableEntity:
		e.kind = ErrRejected
	case http.StatusTooManyRequests:
		e.kind = ErrRateLimited
	}
	return e
}

// signedOut says that nothing but a new sign-in helps.
func signedOut(err error) bool {
	return errors.Is(err, oauth.ErrNotAuthorized) || errors.Is(err, oauth.ErrDisconnected)
}

// Why there is no token.
const (
	errNotSignedIn  = httpx.ConstError("the user has not signed in at Top Echelon yet")
	errDisconnected = httpx.ConstError("Top Echelon refused to renew the user's access: the user must sign in again")
)

// explainSource puts why there is no token into words that may be shown.
func explainSource(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, oauth.ErrNotAuthorized):
		return &shown{errNotSignedIn, err}
	case errors.Is(err, oauth.ErrDisconnected):
		return &shown{errDisconnected, err}
	case errors.Is(err, ErrClient):
		return &shown{ErrClient, err}
	}
	return err
}

// shown is an error with a text for the person who must act.
type shown struct {
	text  httpx.ConstError
	cause error
}

func (e *shown) Error() string { return e.text.Error() }

func (e *shown) Unwrap() []error {
	if e.text == errNotSignedIn || e.text == errDisconnected {
		return []error{e.text, ErrUnauthorized, e.cause}
	}
	return []error{e.text, e.cause}
}
