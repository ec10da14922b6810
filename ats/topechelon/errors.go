package topechelon

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// APIError is a refusal by Top Echelon's public API, found with [errors.As] in the
// errors of this package's methods. It has Method, Path (the template), Status, Code (of
// a refused sign-in), RequestID, RetryAfter, RetryAt, OutcomeUnknown and Excerpt, the
// beginning of the answer, which may name people.
type APIError = api.APIError

// ErrUnverified is matched by the error of a call that nobody has been seen making, and
// that is not made unless [Config.TryUnverified] or the connection's setting says so.
// Such an error matches [ats.ErrUnsupported] too and carries a refusal with
// [CodeUnverifiedEndpoint].
var ErrUnverified error = api.ErrUnverified

// kinds tells what a status means here, of the host and of the public API. That of
// the API is assumed, because no policy is published
// [assumed: docs/vendors/topechelon.md]. Other 4xx are [ats.ErrInvalid]; what is
// neither may be tried again.
func kinds() map[int]error {
	return map[int]error{
		http.StatusUnauthorized:    ats.ErrUnauthorized,
		http.StatusForbidden:       ats.ErrForbidden,
		http.StatusNotFound:        ats.ErrNotFound,
		http.StatusRequestTimeout:  ats.ErrUnavailable,
		http.StatusGone:            ats.ErrGone,
		http.StatusTooEarly:        ats.ErrUnavailable,
		http.StatusTooManyRequests: ats.ErrRateLimited,
		http.StatusNotImplemented:  ats.ErrHostCannot,
	}
}

// classify gives an error of a call its kind and keeps the call's own reachable. A
// wait that somebody named is an [*ats.RetryLaterError]; what has no kind of its own
// matches [ats.ErrUnavailable]. A refusal is left as it is.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := ats.AsRefusal(err); ok {
		return err
	}
	if errors.Is(err, api.ErrUnverified) {
		return &unverified{err}
	}
	if _, ok := errors.AsType[*httpx.ArgumentError](err); ok {
		return &kindError{ats.ErrInvalid, err}
	}
	kind := kindOf(err)
	if at, ok := httpx.RetryAt(err); ok && (errors.Is(kind, ats.ErrRateLimited) || errors.Is(kind, ats.ErrUnavailable)) {
		return &ats.RetryLaterError{At: at, Err: err}
	}
	return &kindError{kind, err}
}

// kindOf returns the kind of an error: [ats.ErrUnavailable] for what is no refusal.
func kindOf(err error) error {
	for _, lost := range []error{api.ErrUnauthorized, api.ErrClient, oauth.ErrNotAuthorized, oauth.ErrDisconnected} {
		if errors.Is(err, lost) {
			return ats.ErrUnauthorized
		}
	}
	_, byAPI := errors.AsType[*api.APIError](err)
	e, ok := errors.AsType[*httpx.Error](err)
	switch {
	case !ok:
		return ats.ErrUnavailable
	case byAPI && e.Status == http.StatusUnauthorized:
		return ats.ErrUnavailable // the renewal could not be made: nobody has been refused
	case byAPI && e.Status == http.StatusNotImplemented:
		return ats.ErrUnsupported
	}
	if kind, ok := kinds()[e.Status]; ok {
		return kind
	}
	switch e.Status / 100 {
	case 2, 4: // 2: an answer that is not what it should be
		return ats.ErrInvalid
	}
	return ats.ErrUnavailable
}

// kindError is an error of a call with its kind.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }

// unverified is an error that matches [ErrUnverified].
type unverified struct{ err error }

func (e *unverified) Error() string { return e.err.Error() }

func (e *unverified) Unwrap() []error {
	return []error{ats.ErrUnsupported, e.err, ats.Refuse(CodeUnverifiedEndpoint, "",
		"Whether Top Echelon's interface can do this is not known for sure. Whoever operates the integration can allow trying it.")}
}

// notVisible reports whether a host's error says that the user or the person is
// unknown to it, or one not for the eyes of the other: the same for whoever asks.
func notVisible(err error) bool {
	return errors.Is(err, ats.ErrNotFound) || errors.Is(err, ats.ErrGone) || errors.Is(err, ats.ErrForbidden)
}

// told returns the error of a question to the host as whoever asked should see it. What
// the host makes of our question is not the caller's doing: an answer that cannot be
// used is none. The text stays.
func told(err error) error {
	if errors.Is(err, ats.ErrInvalid) {
		return &kindError{ats.ErrUnavailable, errors.New(err.Error())}
	}
	return err
}
