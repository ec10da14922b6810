package paycor

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// kindOf returns what a status means here. The statuses of the public API are documented,
// those of the host are our contract; what is not listed may be tried again.
func kindOf(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ats.ErrUnauthorized
	case http.StatusForbidden:
		return ats.ErrForbidden
	case http.StatusNotFound:
		return ats.ErrNotFound
	case http.StatusGone:
		return ats.ErrGone
	case http.StatusTooManyRequests:
		return ats.ErrRateLimited
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return ats.ErrUnavailable
	}
	if status/100 == 4 {
		return ats.ErrInvalid
	}
	return ats.ErrUnavailable
}

// classifyHost gives an error of a call to the host its kind: as [kindOf], and
// [ats.ErrHostCannot] for 501.
func classifyHost(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*httpx.ArgumentError](err); ok {
		return &kindError{ats.ErrInvalid, err}
	}
	e, ok := errors.AsType[*httpx.Error](err)
	if !ok {
		return err
	}
	if e.Status == http.StatusNotImplemented {
		return &kindError{ats.ErrHostCannot, err}
	}
	return withKind(e.Status, err)
}

// withKind gives an error the kind of its status. Where another try may help, the time
// that somebody named for it counts.
func withKind(status int, err error) error {
	kind := kindOf(status)
	at, named := httpx.RetryAt(err)
	if named && (errors.Is(kind, ats.ErrRateLimited) || errors.Is(kind, ats.ErrUnavailable)) {
		return &ats.RetryLaterError{At: at, Err: err}
	}
	return &kindError{kind, err}
}

// classify gives an error of the public API its kind: as [kindOf], [ats.ErrUnauthorized]
// when somebody must sign in, with a refusal of code [ats.CodeConnectionDisconnected] that says so, and [ats.ErrUnavailable] for what got lost. A wait that
// Paycor or our own budget names is an [*ats.RetryLaterError]. The vendor's error stays
// reachable.
func classify(err error) error {
	if err == nil {
		return nil
	}
	switch {
	case errors.Is(err, oauth.ErrNotAuthorized), errors.Is(err, oauth.ErrDisconnected):
		return &kindError{errNotActivated, err}
	case errors.Is(err, oauth.ErrRefused):
		return &kindError{ats.ErrUnauthorized, err}
	case errors.Is(err, api.ErrNoStore):
		return &kindError{ats.ErrUnsupported, err}
	case errors.Is(err, api.ErrNoRefreshToken):
		return &kindError{ats.ErrInvalid, err}
	}
	if _, ok := errors.AsType[*httpx.ArgumentError](err); ok {
		return &kindError{ats.ErrInvalid, err}
	}
	if refused, ok := errors.AsType[*APIError](err); ok {
		return withKind(refused.Status, err)
	}
	return withKind(0, err)
}

// errNotActivated says what to do about a connection whose tokens are gone or never were.
var errNotActivated = errors.Join(ats.ErrUnauthorized, ats.Refuse(ats.CodeConnectionDisconnected, "",
	"Paycor's API is not activated for this connection, or not any more. An administrator must activate the application."))

// APIError is a refusal by Paycor's public API, found with [errors.As] in the errors of
// this package's methods. It has Method, Path (the template), Status, CorrelationID (for
// the vendor's support), the vendor's words Title, Detail and Source (by field), Toggle (what a
// 403 wants under Data Access), RetryAfter and RetryAt.
type APIError = api.APIError

// kindError is somebody else's error with its kind.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }
