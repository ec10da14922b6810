package httpx

import "net/http"

// Policy decides whether an attempt may be repeated, from its method and what went wrong. It is
// pure: the context, the number of attempts, [Request.Once] and the wait are judged elsewhere.
type Policy func(method string, e *Error) bool

// Retry is the standard policy.
//
//	outcome                          GET, HEAD, PUT, DELETE   POST, PATCH
//	could not connect                yes                      yes: nothing was sent
//	connection lost after sending    yes                      no
//	408, 425                         yes                      no
//	429                              yes                      yes: refused
//	500, 502, 503, 504               yes                      no
//	any other answer                 no                       no
//
// An answer whose body could not be read because the connection broke counts as a lost connection;
// one whose body makes no sense is final.
func Retry(method string, e *Error) bool {
	idempotent := safe(method) || method == http.MethodPut || method == http.MethodDelete
	switch e.Status {
	case 0:
		return !e.Sent || idempotent
	case http.StatusTooManyRequests:
		return true
	case http.StatusRequestTimeout, http.StatusTooEarly,
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return idempotent
	}
	return false
}

// safe says that a method is defined to change nothing.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// undecided says that a status leaves open whether the server did what was asked: redirects (303
// follows a success), 408 and 425 (often a proxy's), and all of 5xx.
func undecided(status int) bool {
	return status/100 == 3 || status >= 500 ||
		status == http.StatusRequestTimeout || status == http.StatusTooEarly
}
