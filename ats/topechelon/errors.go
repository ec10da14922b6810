package topechelon

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

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
// matches [ats.ErrUnavailable].
func classify(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*httpx.ArgumentError](err); ok {
		return &kindError{ats.ErrInvalid, err}
	}
	if errors.Is(err, oauth.ErrNotAuthorized) || errors.Is(err, oauth.ErrDisconnected) {
		return &kindError{ats.ErrUnauthorized, err}
	}
	if at, ok := httpx.RetryAt(err); ok {
		return &ats.RetryLaterError{At: at, Err: err}
	}
	e, ok := errors.AsType[*httpx.Error](err)
	if !ok {
		return &kindError{ats.ErrUnavailable, err}
	}
	if kind, ok := kinds()[e.Status]; ok {
		return &kindError{kind, err}
	}
	switch e.Status / 100 {
	case 2: // an answer against the contract
		return &kindError{ats.ErrInvalid, err}
	case 4:
		return &kindError{ats.ErrInvalid, err}
	}
	return &kindError{ats.ErrUnavailable, err}
}

// kindError is an error of a call with its kind.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }

// notVisible reports whether a host's error says that the user or the person is
// unknown to it, or one not for the eyes of the other: the same for whoever asks.
func notVisible(err error) bool {
	return errors.Is(err, ats.ErrNotFound) || errors.Is(err, ats.ErrGone) || errors.Is(err, ats.ErrForbidden)
}
