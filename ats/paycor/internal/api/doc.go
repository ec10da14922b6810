// Package api is a client of Paycor's public API v1, as far as recruiting needs it: who is connected,
// accounts, jobs and candidates, all read-only. The one recruiting call that writes, which creates a
// candidate, is left out on purpose: nothing in this integration creates candidates.
//
// It knows the vendor and nothing else. Names are the vendor's; what an error means is for the caller
// to decide from the kinds in errors.go and the facts in [APIError].
//
// # Authentication
//
// An administrator signs in on the page at [Client.AuthorizationURL]; [Client.Exchange] turns the code
// that comes back into tokens and [Client.Save] keeps them. From then on the client renews them by
// itself, through internal/oauth: refresh tokens are good for one use [observed:
// docs/vendors/paycor.md]. Make one client per connection and process, so that its callers share a
// refresh.
//
// # Pages
//
// All yields every item, as the loop in internal/httpx promises. Pages are read one after the other.
//
// # Errors
//
// A refusal is an [*APIError] and matches one of the kinds, such as [ErrNotFound]. Anything else that
// went wrong on the way is an [*httpx.Error]; an argument that cannot be sent is an
// [*httpx.ArgumentError]; trouble with the tokens matches an error of internal/oauth. No text holds a
// credential, an address with a query, or the vendor's words about a person.
//
// # Retries and rate limits
//
// Every call here reads, so it is tried three times when the vendor fails. A 429 is sat through at
// most three times, for as long as the vendor asks, but never beyond the context's deadline nor
// [Config.MaxWait]; past those the error says when to come back. A client keeps to 600 calls per
// minute. Clients with the same subscription key must share a limiter: the vendor counts per key.
//
// # Concurrency
//
// Clients are safe for concurrent use.
package api
