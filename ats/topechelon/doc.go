// Package topechelon connects Top Echelon (TE Recruit, formerly Big Biller): a
// recruiter schedules a Spark Hire interview for a person in a job's pipeline, and the
// interview's status comes back to the pipeline.
//
//	adapter, err := topechelon.New(topechelon.Config{
//		HostURL:   "https://pipelines.example",
//		HostToken: token,
//	})
//
// No public interface of Top Echelon knows who is in a pipeline or has a place for an
// interview's status. A [Host] does: TE Recruit itself, or a page that the agency uses
// beside it. It embeds Go and implements [Host], or serves the same contract over
// HTTP, docs/host-topechelon.openapi.yaml. Without one the adapter stands beside Top
// Echelon: requests are refused with [ats.CodeHostCannot] rather than sent unchecked,
// and reports are recorded here and not shown there.
//
// What a host draws (cards, the pipeline's icon and column, the form) comes as plain
// values from [Adapter.JobCard], [Adapter.PersonCard] and [Adapter.PipelineRow]. The
// product's rules, T1 to T30, are in docs/vendors/topechelon.md, each with its test.
//
// # Authentication
//
// Everything is per person. A recruiter acts with a Spark Hire key of their own, and
// where the public API is used, with access of their own: [Adapter.AuthorizationURL]
// leads to the page on which they allow it, [Adapter.Authorize] keeps the tokens among
// the connection's sealed secrets, and nobody else's calls use them. The host is called
// with one bearer token for each deployment or connection.
//
// # Pagination
//
// Nothing here is paged: lists are a host's own.
//
// # Errors
//
// Errors have the kinds of package ats; an answer of the public API is an [*APIError].
// Refusals carry Top Echelon's own codes, see [CodeJobNotSent] and its siblings. A call
// that nobody has been seen making is [ErrUnverified] unless it is switched on.
//
// # Retries and rate limits
//
// Calls to the host are repeated up to [Config.MaxAttempts] times after 408, 429, 5xx
// except 501, and lost connections: they ask, or replace by revision. Calls to the
// public API keep to two per second and person; those that write are not repeated. The
// engine repeats the rest.
//
// # Concurrency
//
// An [Adapter] is safe for concurrent use. Attachments and hotlist entries, which the
// API would store again, are claimed in the connection's secrets before they are made,
// so that several processes make each of them once.
//
// # Testing
//
// Package topechelontest plays Top Echelon and the host; package memory plays the
// engine.
//
// # Limits
//
// The adapter sends no mail, cancels nothing, changes no pipeline stage and
// disqualifies nobody. Attachments and hotlists ([Settings]) are records and no status.
// What is not documented by Top Echelon and had to be assumed is marked in the code and
// listed in docs/vendors/topechelon.md.
package topechelon
