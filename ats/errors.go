package ats

import (
	"errors"
	"fmt"
	"time"
)

// The kinds of error that adapters and the engine tell each other. Match them
// with [errors.Is]; the vendor's own error stays reachable with [errors.As].
var (
	// ErrNotFound: there is no such record, or this account may not see it.
	ErrNotFound = errors.New("not found")
	// ErrGone: the record existed and has been removed for good.
	ErrGone = errors.New("gone")
	// ErrConflict: somebody else changed it meanwhile.
	ErrConflict = errors.New("conflict")
	// ErrInvalid: the message itself is wrong; repeating it cannot help.
	ErrInvalid = errors.New("invalid")
	// ErrUnauthorized: the credential is missing or not accepted.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the credential is accepted but may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrRateLimited: too many calls; see [RetryLaterError] for when to return.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: no useful answer now; the same call may succeed later.
	ErrUnavailable = errors.New("unavailable")
	// ErrUnsupported: this account or product cannot do this. It also matches
	// [errors.ErrUnsupported].
	ErrUnsupported = fmt.Errorf("not supported: %w", errors.ErrUnsupported)
	// ErrHostCannot: the ATS has no place to show this. The event stays in our
	// own timeline.
	ErrHostCannot = errors.New("the ATS cannot show this")
)

// RetryLaterError is "not now, come back at At". It is not a failed attempt. It
// matches [ErrRateLimited].
type RetryLaterError struct {
	At time.Time
	// Err is what the vendor said; may be nil.
	Err error
}

// Error names the time in UTC.
func (e *RetryLaterError) Error() string {
	s := "come back at " + e.At.UTC().Format(time.RFC3339)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns [ErrRateLimited] and the vendor's error.
func (e *RetryLaterError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrRateLimited}
	}
	return []error{ErrRateLimited, e.Err}
}
