// Package httpx is the one sending layer under every HTTP client of this module.
//
// A call passes through short links, from the outside in:
//
//	Client.Do      builds the request from a path template, names the operation
//	└ decode       bounded body, handed to the caller's function
//	  └ errors     status and body to *Error, by the vendor's Explain hook
//	    └ retry    go-retryablehttp, driven by a pure policy over method and *Error
//	      └ limiter   one token per attempt
//	        └ auth    signs a copy of the attempt, so that no error can hold the credential
//	          └ the caller's transport
//
// # Retries
//
// [Retry] is the policy; nobody above this package repeats a request on its own. A server that
// asks for a wait gets it up to a cap and never beyond the context's deadline; past either the
// call returns at once with the wait in the error ([RetryAt]), so that a scheduler can come back
// and no goroutine sleeps for an hour. Other pauses are exponential with full jitter. An
// Idempotency-Key is never set: net/http takes that header as leave to repeat a request unseen.
//
// # Errors
//
// Whatever goes wrong on the wire is one type, [*Error]. It says what is known about the effect:
// [Error.Sent] whether the request may have reached the server, and [OutcomeUnknown] whether the
// call may have changed something there. No error text holds a URL's query, a header, a body, a
// credential, or a value that was sent.
//
// # Redirects
//
// None is followed: an API at a fixed address has no need of them, and following one can carry a
// credential or a candidate's data to another host. A redirect is an *Error with its status.
//
// # Pages
//
// [All] is the one paging loop; its contract is in its comment.
package httpx
