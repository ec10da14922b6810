// Package api is a client for the part of Top Echelon's public API v1 that has been
// seen at work, as one of its users: people search, attachments, jobs, hotlists, and
// the OAuth sign-in before them.
//
// It knows the vendor and nothing else. There are no calls for pipelines, stages,
// activities or users, because nobody outside has seen any
// [observed: docs/vendors/topechelon.md]. GET /people/{id} probably exists; it is
// refused with [ErrUnverified] unless [Config].TryUnverified is set.
//
// # Authentication
//
// Everything is done as a user and counts as the user's own, so a [Client] has the
// tokens of one of them. [Client.ConsentURL] and [Client.Exchange] get them;
// internal/oauth keeps and renews them. A renewal that the vendor refuses
// disconnects that user and nobody else.
//
// # Pages
//
// Search and List return one page. The methods that return a sequence yield every
// item, as the loop in internal/httpx promises: nothing is requested before the
// first item is asked for or after the loop ends, at most one error is yielded,
// last, and ranging again starts again.
//
// # Errors
//
// A refusal is an [*APIError], which matches [ErrForbidden], [ErrNotFound] and their
// siblings; anything else that went wrong on the way is an [*httpx.Error]; an
// argument that cannot be sent is an [*ArgumentError]. [OutcomeUnknown] tells
// whether a call may have had an effect. No error text has a word of the vendor's
// answer in it: its form is unknown, and it may name people.
//
// # Retries and rate limits
//
// After a 401 the token is renewed once and the call repeated once. After a 429 any
// call is repeated, after 5xx or a lost connection only those that read, at most
// three times and never beyond the deadline of the context. A 429 that names no wait
// means 2, 4 and then 8 seconds; one that names more than a minute is returned at once. A client keeps to two requests per second
// [assumed: docs/vendors/topechelon.md]; clients of one user must share a limiter.
//
// # Concurrency
//
// A client is safe for concurrent use.
package api
