// Package api is a client for the two Teamtailor APIs that an integration uses: the
// Partner API ([NewPartner]), which writes results back, and the public API v1
// ([NewPublic]), which reads candidates, jobs and custom fields.
//
// It knows the vendor and nothing else. Names are the vendor's; what an error
// means is for the caller to decide from the facts in [APIError].
//
// # Stacks
//
// Teamtailor runs in three regions that know nothing of one another ([Stacks]). A
// client talks to one of them with one key. [Bases] lists those that may be called
// and is the only way to accept an update-url, which arrives in a message.
//
// # Pages
//
// List returns one page. All yields every item, as the loop in internal/httpx
// promises: nothing is requested before the first item is asked for or after the
// loop ends, at most one error is yielded, last, and ranging again starts again.
//
// # Errors
//
// A refusal is an [*APIError]; anything else that went wrong on the way is an
// [*httpx.Error]; an argument that cannot be sent is an [*ArgumentError].
// [OutcomeUnknown] tells whether a call may have had an effect.
//
// # Retries and rate limits
//
// Retries are those of internal/httpx. A client keeps to 50 requests in 10 seconds
// [observed for the public API, assumed for the Partner API:
// docs/vendors/teamtailor.md]. Clients that share a key must share a limiter, see
// [WithLimiter].
//
// # Concurrency
//
// Clients are safe for concurrent use.
package api
