package paycor

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
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
	if at, ok := httpx.RetryAt(err); ok && errors.Is(kindOf(e.Status), ats.ErrRateLimited) {
		return &ats.RetryLaterError{At: at, Err: err}
	}
	return &kindError{kindOf(e.Status), err}
}

// kindError is somebody else's error with its kind.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }
