// Package paycor connects Paycor Recruiting, formerly Newton: a recruiter asks for a
// one-way Spark Hire interview of a candidate, and its progress appears in the candidate's
// newsfeed and on the Video Interview tab.
//
//	adapter, err := paycor.New(paycor.Config{
//		SubscriptionKey: key, ClientID: id, ClientSecret: secret, Scope: scope,
//		HostURL: "https://recruiting.example/sparkbridge", HostToken: token,
//	})
//
// Paycor's public API reads jobs and candidates. It cannot write anything back and does
// not tell who is signed in; the Spark Hire integration that Paycor sells lives inside its
// product. What the API lacks a [Host] supplies: the recruiting product, or a service in
// front of it, in Go or over HTTP (docs/host-paycor.openapi.yaml). Without a host the
// adapter works beside Paycor: the rules hold, the timeline is kept here, and reports
// answer [ats.ErrHostCannot] instead of pretending.
//
// A tenant is "<legalEntityId>/<atsAccountId>", see [ParseTenant]; what a connection can be
// told is in [Settings]. The rules are in docs/vendors/paycor.md, numbered as in the tests.
//
// # Authentication
//
// An administrator signs in once ([Adapter.AuthorizationURL], [Adapter.Authorize]); tokens
// are kept among the connection's secrets. A refresh token is good for one use, so only one
// process renews at a time and keeps the new tokens before it uses them. The host gets a
// bearer token, and a connection's own host never the deployment's.
//
// # Pagination
//
// [Adapter.Jobs] and [Adapter.Candidates] read pages as their loop asks for more, and keep
// the promises of [ats.JobLister].
//
// # Errors
//
// Errors have the kinds of package ats; the vendor's answer is an [*APIError]. A permission
// that is missing is named as Paycor's developer portal names it.
//
// # Retries and rate limits
//
// Calls to Paycor keep to [Config.RequestsPerMinute] for each subscription key and are
// repeated where that is safe, which is everywhere: they only read. Calls to the host are
// sent once, because the engine repeats reports; keys and revisions make that harmless.
//
// # Webhooks
//
// Paycor sends none about recruiting. [Adapter.Reconcile] polls the linked jobs.
//
// # Concurrency
//
// An [Adapter] is safe for concurrent use. It keeps the API credentials and tokens of
// connections in memory while it lives.
//
// # Testing
//
// Package paycortest plays Paycor and the host; package memory plays the engine.
//
// # Limits
//
// Candidates are never created or changed at Paycor, although the API could create them.
// Stages and statuses are not shown, because their names are not published. What is not
// documented by Paycor and had to be assumed is marked in the code and listed in
// docs/vendors/paycor.md.
package paycor
