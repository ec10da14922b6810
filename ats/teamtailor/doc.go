// Package teamtailor connects Teamtailor: a trigger on a stage, or a recruiter's
// click, becomes a request for a Spark Hire interview, and the interview's progress
// appears on the candidate's card.
//
//	adapter, err := teamtailor.New(teamtailor.Config{
//		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: apiKey},
//		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: webhookSecret},
//	})
//	mux.Handle("/teamtailor/", http.StripPrefix("/teamtailor", adapter.Handler(inbox)))
//
// The base URL of the integration in Teamtailor's Integrations Hub is then
// https://…/teamtailor, and its activation form what
// [Adapter.ActivationConfigJSON] returns. A company needs no setup here: the first
// authentic trigger, or [Adapter.Reconcile], connects it with the keys that its
// administrator has typed into that form.
//
// # Authentication
//
// Every call of Teamtailor's carries a provider key, a JWT under the partner API
// key with the form's values in it. Triggers and buttons are signed with the webhook
// secret besides; forms are not. A company whose key is opaque is known by the key's
// digest. Our calls carry the partner API key, or for lists of jobs and candidates
// the company's API token, where a company shares it.
//
// # Pagination
//
// [Adapter.Jobs] and [Adapter.Candidates] follow the vendor's links as their loop
// asks for more, and keep the promises of [ats.JobLister].
//
// # Errors
//
// Errors have the kinds of package ats; the vendor's answer is an [*APIError]. What a
// recruiter can put right is answered at once with a text for the card; what only
// Spark Hire knows arrives later as a failed result with its reason. A call that
// cannot be written down is answered with 503 and never with success, because
// Teamtailor delivers nothing twice.
//
// # Retries and rate limits
//
// Calls to Teamtailor keep to 50 requests in 10 seconds for each key, and are repeated
// up to [Config.MaxAttempts] times where that is safe. An update of a card is. The
// engine repeats the rest.
//
// # Webhooks
//
// [Adapter.Handler] lists the paths. A request's key is made of the partner result's
// id, so the same run makes one interview however often it arrives, and Reconcile can
// tell results that nobody knows. Events of partner webhook setups and of a company's
// own webhooks erase candidates who were deleted, and, if the settings say so, cancel
// interviews of the rejected and invite who is moved to a mapped stage; see
// [Settings].
//
// # Concurrency
//
// An [Adapter] is safe for concurrent use. It keeps no secret of a company in memory
// longer than a call takes.
//
// # Testing
//
// Package teamtailortest plays Teamtailor; package memory plays the engine.
//
// # Limits
//
// A request that did not come from a trigger has no card to report to. Two companies
// with exactly the same form values have the same provider key: calls that name no
// company (forms, deletions of a partner webhook setup) cannot tell them apart. What
// is not documented by Teamtailor and had to be assumed is marked in the code and
// listed in docs/vendors/teamtailor.md.
package teamtailor
