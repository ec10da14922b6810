package ats

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Adapter is what every ATS integration can do. Everything else is a
// capability: one of the one-method interfaces below, which an adapter claims
// by having the method and by asserting it at compile time:
//
//	var _ ats.Receiver = (*Adapter)(nil)
//
// Implementations must be safe for concurrent use.
type Adapter interface {
	// Name is the adapter's name in URLs and in storage: lower-case letters
	// and digits only, never changed once released.
	Name() string

	// Policy returns the product's rules as data. It must return the same
	// value on every call.
	Policy() Policy

	// Publish shows the report to the users of the ATS.
	//
	// Reports about one interview arrive strictly in order of
	// Report.Interview.Revision and never concurrently; reports about
	// different interviews may be concurrent. The same report may arrive any
	// number of times, because the engine repeats what it could not record as
	// acknowledged: publishing it again must change nothing, judged by
	// Interview.Revision for the state and by Event.Key for each event.
	//
	// What is shown as completed must stay so: when Report.Acknowledged is
	// [StateCompleted], later reports may add to it and must not take it back.
	//
	// Publish must return nil only when everything in the report that the ATS has
	// a place for is shown. Other outcomes are told by the error's kind:
	// [ErrHostCannot] when it has a place for nothing in it (the engine notes
	// "recorded here, not shown there"), [ErrNotFound] or [ErrGone] when the
	// record to report on has gone (the engine stops reporting), [ErrInvalid]
	// when repeating cannot help (it becomes a dead letter, a person must look),
	// [ErrUnauthorized] or [ErrForbidden] when our credential is refused (tried
	// again slowly, for an operator can mend it), a [*RetryLaterError] when the
	// ATS named a time, and anything else for "try again". It must give up when
	// ctx ends, with an error that matches ctx.Err(), and must not retry beyond
	// what its HTTP client does.
	Publish(ctx context.Context, c Connection, r Report) error
}

// Receiver is an adapter that the ATS calls: triggers, forms, webhooks.
type Receiver interface {
	// Handler serves the adapter's vendor-facing paths, relative to
	// /<Adapter.Name>. It authenticates each call as the vendor does, before
	// parsing the body, and hands what it understood to in. A trigger must be
	// answered after [Inbox.Submit] returned, with success only if that did: a
	// [*Refusal] as text that the vendor shows to the recruiter, and a failure so
	// that the vendor knows that nothing was taken. Calls that are not authentic
	// are answered with 401, bodies over 1 MiB with 413, wrong methods with 405.
	// Members of a message that are not known are ignored.
	Handler(in Inbox) http.Handler
}

// JobLister is an adapter that can list the jobs of the ATS.
type JobLister interface {
	// Jobs yields the open jobs of the tenant. Nothing is requested before
	// the loop starts or after it ends; at most one error is yielded, last, with
	// a zero Job. Ranging again starts again. A job that is there throughout is
	// yielded; one that comes or goes meanwhile may be.
	Jobs(ctx context.Context, c Connection) iter.Seq2[Job, error]
}

// CandidateReader is an adapter that can read one candidate.
type CandidateReader interface {
	// Candidate returns the candidate as the ATS has it now, or an error that
	// matches [ErrNotFound].
	Candidate(ctx context.Context, c Connection, ref CandidateRef) (Candidate, error)
}

// CandidateLister is an adapter that can list the candidates of a job.
type CandidateLister interface {
	// Candidates yields the candidates of the job that changed at or after
	// since; the zero time means all. Paging is as for [JobLister].
	Candidates(ctx context.Context, c Connection, job JobRef, since time.Time) iter.Seq2[Candidate, error]
}

// AccessChecker is an adapter whose host decides who may see a candidate.
type AccessChecker interface {
	// MayView tells whether the user may see the candidate's interviews. An
	// unknown user or candidate is false, not an error; with an error it is
	// false too. An ATS that knows candidates by their job only answers a
	// reference without one with an error that matches [ErrUnsupported].
	MayView(ctx context.Context, c Connection, u User, ref CandidateRef) (bool, error)
}

// ActorResolver is an adapter whose host can tell who holds a credential.
type ActorResolver interface {
	// Actor returns the person behind the credential, or an error that matches
	// [ErrUnauthorized] when nobody is.
	Actor(ctx context.Context, c Connection, credential string) (User, error)
}

// RequestChecker is an adapter with rules that only the ATS can decide, such
// as whether a person is in the pipeline of a job.
type RequestChecker interface {
	// Check returns nil when the request may go ahead, a [*Refusal] when it may
	// not, and any other error when the ATS could not tell. It changes nothing.
	Check(ctx context.Context, c Connection, r Request) error
}

// Reconciler is an adapter that can find what was lost or has ended: calls
// that never arrived, installations that were removed.
type Reconciler interface {
	// Reconcile runs once, for all tenants of the adapter. It must be safe to
	// repeat and to run while requests arrive. What could not be found out is an
	// error and changes nothing: a tenant is disconnected only when the vendor
	// says that it has left. The engine calls it on a schedule, never
	// concurrently with itself.
	Reconcile(ctx context.Context, in Inbox) error
}

// SettingsDecoder is an adapter that has settings per connection.
type SettingsDecoder interface {
	// CheckSettings returns an error that names every unknown or impossible
	// setting, or nil. It calls nobody. See [DecodeSettings], and [SecretSetting]
	// for settings that are secrets.
	CheckSettings(c Connection) error
}

// PolicyTailor is an adapter whose rules depend on a connection's settings.
type PolicyTailor interface {
	// PolicyFor returns [Adapter.Policy] with what the connection's settings
	// change in it. It calls nobody, and settings that cannot be read change
	// nothing.
	PolicyFor(c Connection) Policy
}

// Gatekeeper is an adapter whose product is not offered to every tenant.
type Gatekeeper interface {
	// Gate returns nil when the product offers the integration to the connection,
	// and a [*Refusal] otherwise. The engine asks before every action of a person
	// except changing the connection itself. It calls nobody.
	Gate(c Connection) error
}

// Authorizer is an adapter whose API a person opens in a browser, by OAuth 2.0
// authorization code (RFC 6749, 4.1).
type Authorizer interface {
	// AuthorizationURL returns where the browser goes. It changes nothing. A
	// connection that lacks a setting for it is refused.
	AuthorizationURL(ctx context.Context, c Connection, f AuthorizationFlow) (string, error)
	// Authorize exchanges the code that came back for tokens and keeps them in
	// c.Secrets, durably when it returns nil. A code that the vendor does not
	// accept matches [ErrUnauthorized], and what was kept before stays.
	Authorize(ctx context.Context, c Connection, f AuthorizationFlow, code string) error
}

// AuthorizationFlow is one try to be authorized, the same in both calls of an
// [Authorizer].
type AuthorizationFlow struct {
	// State comes back with the code; it is checked before Authorize is called.
	State string
	// Verifier is the PKCE code verifier (RFC 7636).
	Verifier string
	// RedirectURL is where the vendor sends the browser back to.
	RedirectURL string
	// User is the person who authorizes; some vendors give tokens per person.
	User User
}

// Prober is an adapter that can find out whether a connection works.
type Prober interface {
	// Probe makes the vendor's cheapest authenticated call. It changes nothing at
	// the vendor. Nothing to call with is nil; errors are told by kind, as by
	// [Adapter.Publish].
	Probe(ctx context.Context, c Connection) error
}
