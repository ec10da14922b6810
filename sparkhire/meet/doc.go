// Package meet is a client for version 2.0 of the Spark Hire API, which the vendor calls the Meet API:
// it invites candidates to one-way video interviews and tells what became of them.
//
//	client, err := meet.New(clientID, clientSecret, meet.WithRequester("ana.ruiz@northwind.example"))
//	…
//	item, err := client.Items.Invite(ctx, &meet.InviteRequest{
//		Type:            meet.TypeOneWay,
//		JobUUID:         job,
//		QuestionSetUUID: set,
//		Candidate:       meet.Candidate{Name: "Lena Fox", Email: "lena.fox@mail.example"},
//		DueAt:           deadline,
//	})
//
// The vendor's reference could not be read. What is here was observed in a public program that calls
// the API, or written by an employee of the vendor; comments mark the rest as assumed, and
// docs/vendors/sparkhire.md has the sources. What is assumed about requests is in one file, assumed.go.
// Every object that a call returns keeps the JSON it came from in Raw.
//
// Version 1.0, in package sparkhire, is another API with other objects. This package takes only the
// meaning of errors from there.
//
// # Authentication
//
// A client id and a client secret are made on the account's settings page, "Custom Integration V2".
// The client exchanges them for an access token when it first needs one, keeps it for as long as the
// vendor says, less a minute, or for 225 minutes where the vendor does not say, and gets a new one
// when a call is refused with 401; calls that need one at the same time share it. [WithTokenStore]
// keeps it where several clients or processes can use it.
//
// Each call also names its requester, the e-mail address of an active user of the account, whose
// permissions it runs with: [WithRequester] for all calls of a client, [AsRequester] for one.
// Client.Jobs.List checks both: [ErrUnauthorized] inside a *[CallError] means that the credentials are
// wrong; as a status of the call itself, or with [ErrForbidden], look at the requester.
//
// # Errors
//
// A refusal is an *[APIError] with the vendor's words, a call without a usable answer a *[CallError],
// an argument that cannot be sent an *[ArgumentError]. What they mean is matched with errors.Is:
// [ErrInvalid], [ErrUnauthorized], [ErrForbidden], [ErrNotFound], [ErrConflict], [ErrGone],
// [ErrRateLimited], [ErrUnavailable], and above all [ErrNotSent] and [ErrOutcomeUnknown]. A context's
// error is always matched too. No error text and no log value holds a secret, a token, a body, the
// query of an address, or a value that was sent.
//
// # Retries and rate limits
//
// A GET is repeated, up to four attempts with exponential pauses, when the connection failed or the
// answer was 429, 502, 503 or 504. An invitation is repeated only when it was refused with 429 or
// could not be delivered at all: one that may have arrived is never sent twice. Any call that is
// refused with 401 is repeated once, with a new token. When somebody may have been invited and no
// answer tells, the error matches [ErrOutcomeUnknown]; a token that could not be had never does.
//
// A wait that the server asks for is sat through up to a minute ([WithMaxWait]) and never past the
// context's deadline; beyond, the call returns at once and [RetryAfter] tells when to come back. The
// client keeps itself within the 400 requests per minute of version 1.0, those for tokens included,
// as no limit of version 2.0 is known. Several clients of one account should share one limiter through
// [WithLimiter].
//
// # Webhooks
//
// [VerifyWebhook] checks the signature of a delivery and reads it. The signature covers only the body,
// so a delivery is a hint: read the item before acting on it. Webhooks are registered on the settings
// page, with a secret of your own.
//
// # Concurrency
//
// A [Client] is safe for concurrent use.
//
// # Testing
//
// Package sparkhiretest simulates the vendor over real HTTP; point [WithBaseURL] at its V2URL.
//
// # Limits
//
// Not known in version 2.0, and so not here: lists of items, changing, canceling, deleting and
// restoring them, live interviews, share links, users, paging.
package meet
