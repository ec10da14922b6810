// Package ats is the contract between the Sparkbridge engine and an applicant
// tracking system: the model that both understand, the interfaces that an
// adapter implements, the rules of a product as data, and the arithmetic of
// deadlines. It imports nothing but the standard library.
//
// An [Adapter] translates. Messages of the ATS become a [Request], which it
// hands to the [Inbox]; the engine's [Report] becomes whatever the ATS shows.
// What an adapter can do beyond [Adapter.Publish] it says by having the method:
// [Receiver], [JobLister], [CandidateReader], [CandidateLister],
// [AccessChecker], [ActorResolver], [RequestChecker], [Reconciler],
// [SettingsDecoder], [PolicyTailor], [Gatekeeper], [Authorizer], [Prober].
//
// # Rules
//
// A [Policy] holds a product's rules as data; [Policy.Admit] applies them. What
// is against a rule comes back as a [Refusal]: a stable code, a sentence for the
// recruiter, and the field concerned. A refusal means that nothing was written
// and nobody was called.
//
// # Time
//
// A deadline or start is a civil [Date] and [TimeOfDay] with an IANA zone, and
// the instant computed from them; [Schedule] keeps both. A time that a clock
// change skips is refused, one that happens twice is the first of the two.
//
// # Errors
//
// Adapters classify the vendor's errors once, at their own edge, into the kinds
// of this package ([ErrNotFound], [ErrInvalid], …), matched with [errors.Is];
// the vendor's error stays reachable with [errors.As].
//
// # Concurrency
//
// Everything here is a plain value or a pure function; interfaces say for
// themselves that implementations must be safe for concurrent use.
//
// # Testing
//
// Package atstest proves an adapter against this contract; package memory is an
// adapter without a vendor, for examples and for tests of what is built on top.
package ats
