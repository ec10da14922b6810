// Package sparkhire is a client for version 1.0 of the Spark Hire API, which invites candidates to
// one-way and live video interviews and tells what became of them.
//
//	client, err := sparkhire.New(key)
//	…
//	interview, err := client.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{
//		Type:            sparkhire.TypeOneWay,
//		JobUUID:         job,
//		QuestionSetUUID: set,
//		Candidate:       sparkhire.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
//		ScheduledAt:     deadline,
//	})
//
// Most of the vendor's reference is not public. Comments mark what they state as documented (read on
// a page of the vendor), observed (in public code), transcribed (in a community description),
// modelled (made up there) or assumed (said by nobody); docs/vendors/sparkhire.md has the sources.
// What is assumed of request bodies is in one file, assumed.go, and every write has Extra, fields of
// the caller's own that are merged last and win. Every object that a call returns keeps the JSON it came
// from in Raw.
//
// # Authentication
//
// A key belongs to one user and sees what that user sees on the website; what the user may not see
// is silently missing. Use one key, and so one [Client], per user: permissions, notifications and
// the audit log depend on it. Spark Hire must enable the API for an account before keys can be made.
// Check a key with Client.Me.Get: [ErrUnauthorized] means that it is wrong.
//
// # Pagination
//
// List returns one [Page]; All ranges over every item:
//
//	for job, err := range client.Jobs.All(ctx, nil) { … }
//
// All promises: nothing is requested until the loop starts, and nothing after it breaks; at most one
// error is yielded, last, with a nil item; the options are not modified, and ranging again starts
// again; the context is checked before each page; no item is yielded twice. A list that changes
// while it is read may show an item late or not at all. Questions and webhooks come in one piece.
//
// # Errors
//
// A refusal is an *[APIError] with the vendor's words, a call without a usable answer a *[CallError],
// an argument that cannot be sent an *[ArgumentError]. What they mean is matched with errors.Is:
// [ErrInvalid], [ErrUnauthorized], [ErrForbidden], [ErrNotFound], [ErrConflict], [ErrGone],
// [ErrRateLimited], [ErrUnavailable], and above all [ErrNotSent] and [ErrOutcomeUnknown]. A context's
// error is always matched too. No error text and no log value holds a key, a body, the query of an
// address, or a value that was sent.
//
// # Retries and rate limits
//
// A GET is repeated, up to four attempts with exponential pauses, when the connection failed or the
// answer was 429, 502, 503 or 504. Any other request is repeated only when it was refused with 429
// or could not be delivered at all: a POST that may have arrived is never sent twice, and neither is
// a PUT or a DELETE, which is stricter than HTTP asks for and on purpose. [WebhooksService.Replay] and
// [UsersService.RotateIntegrationKey] are sent once whatever happens. When a change may have been made
// and no answer tells, the error matches [ErrOutcomeUnknown].
//
// A wait that the server asks for is sat through up to a minute ([WithMaxWait]) and never past the
// context's deadline; beyond, the call returns at once and [RetryAfter] tells when to come back. The
// client keeps itself within the vendor's 400 requests per minute. Several clients of one key
// should share one limiter through [WithLimiter].
//
// # Webhooks
//
// [ParseWebhook] reads a delivery. Version 1.0 does not sign them, so a delivery is a hint: read the
// object with the key before acting on it.
//
// # Concurrency
//
// A [Client] is safe for concurrent use.
//
// # Testing
//
// Package sparkhiretest simulates the vendor over real HTTP; point [WithBaseURL] at it.
//
// # Limits
//
// Not in version 1.0, as far as is known, and so not here: candidates, messages and reminders,
// writing ratings, canceling, expiring, reopening or resending an interview, invite links, videos.
package sparkhire
