package ats

import (
	"context"
	"log/slog"
)

// Inbox is the engine as an adapter sees it. It is safe for concurrent use.
type Inbox interface {
	// Connection returns the tenant's connection, active or not, or an error
	// that matches [ErrNotFound]. It is cheap: it may be asked on every call.
	Connection(ctx context.Context, tenant TenantRef) (Connection, error)

	// ConnectionByCredential returns the active connection of the named adapter
	// whose last [Activation] had this CredentialDigest, or an error that
	// matches [ErrNotFound]. It serves vendors that identify a tenant by an
	// opaque key alone.
	ConnectionByCredential(ctx context.Context, adapter, digest string) (Connection, error)

	// Connections returns every active connection of the named adapter, oldest
	// first; none is an empty slice.
	Connections(ctx context.Context, adapter string) ([]Connection, error)

	// Connect creates or updates the tenant's connection and its linked users.
	// Users that are missing from the activation lose their key; interviews
	// that they started go on under it until they end. Repeating an activation
	// changes nothing.
	Connect(ctx context.Context, a Activation) (Connection, error)

	// Disconnect ends the tenant's connection: no new requests, secrets
	// forgotten, reports about interviews already sent still delivered. A
	// tenant that is unknown or already disconnected is nil.
	Disconnect(ctx context.Context, tenant TenantRef) error

	// Submit accepts a request. When it returns nil the request is durable:
	// it survives a kill of the process in the next instruction. The same
	// tenant and Request.Key return the interview of the first call, whatever
	// else the request says, with Interview.Repeated set. A request against the
	// connection's [Policy] returns a [*Refusal] and changes nothing; an engine
	// that cannot write now returns an error that matches [ErrUnavailable].
	Submit(ctx context.Context, r Request) (Interview, error)

	// InterviewByKey returns the interview that [Inbox.Submit] made for the key,
	// or an error that matches [ErrNotFound].
	InterviewByKey(ctx context.Context, tenant TenantRef, key string) (Interview, error)

	// OpenInterviews returns the candidate's interviews that have not ended,
	// oldest first.
	OpenInterviews(ctx context.Context, tenant TenantRef, candidate CandidateRef) ([]Interview, error)

	// Cancel asks for the end of an interview that is not completed. The
	// cancellation is durable when Cancel returns; Spark Hire is told
	// afterwards. An interview that cannot be canceled any more returns a
	// [*Refusal] with code [CodeNotCancelable]; an unknown one matches
	// [ErrNotFound]. Canceling twice changes nothing.
	Cancel(ctx context.Context, interviewID string, by User) (Interview, error)

	// UpdateCandidate brings the names and the e-mail address of a candidate up to
	// date in every interview of the tenant that has not ended. What Spark Hire was
	// told already stays as it was. Empty members of c are left as they are; a
	// candidate without such an interview, or erased, is nil and changes nothing.
	UpdateCandidate(ctx context.Context, tenant TenantRef, c Candidate) error

	// Erase removes the candidate's personal data from every interview of the
	// tenant; the fact that interviews happened stays. Interviews that have not
	// ended end here. Erasing twice, or a candidate nobody knows, is nil.
	Erase(ctx context.Context, c CandidateRef) error

	// Lookup reads from Spark Hire what forms offer.
	Lookup() Lookup
}

// Lookup reads from Spark Hire what the forms of an ATS offer. Each call uses
// the given key and draws on its budget. Errors match [ErrUnauthorized] when
// Spark Hire does not accept the key, [ErrRateLimited] when its budget is spent
// and [ErrUnavailable] when Spark Hire does not answer in time.
type Lookup interface {
	// CheckKey returns the name of the Spark Hire user who owns the key.
	CheckKey(ctx context.Context, key Secret) (name string, err error)
	// Jobs returns the active Spark Hire jobs that the key's user sees.
	Jobs(ctx context.Context, key Secret) ([]Option, error)
	// QuestionSets returns the question sets that the key's user sees.
	QuestionSets(ctx context.Context, key Secret) ([]Option, error)
}

// Option is one choice of a list: its id stays valid when the label changes.
type Option struct {
	ID    string
	Label string
}

// Activation is what a tenant's administrator set up: see [Inbox.Connect].
type Activation struct {
	Tenant TenantRef
	// Name is the customer's name as people know it.
	Name string
	// TimeZone is the IANA zone used when neither request nor actor has one;
	// empty keeps the connection's present zone.
	TimeZone string
	// OrganizationKey is the Spark Hire key for account-wide reads; may be empty.
	OrganizationKey Secret
	// Users are all linked users, with their keys.
	Users []LinkedUser
	// CredentialDigest identifies the credential that carried this activation,
	// so that an adapter sees by [Connection.CredentialDigest] that nothing has
	// changed. It is a digest, never the credential.
	CredentialDigest string
	// Secrets are kept sealed and are read with [SecretStore]; an empty value
	// forgets the secret.
	Secrets map[string]Secret
}

// LogValue logs the tenant and the number of users.
func (a Activation) LogValue() slog.Value {
	return slog.GroupValue(slog.String("tenant", a.Tenant.String()), slog.Int("users", len(a.Users)))
}

// LinkedUser is an ATS user with a Spark Hire user API key of their own.
type LinkedUser struct {
	// ID is the user's stable name within the tenant.
	ID   string
	Name string
	// Email may be empty.
	Email string
	Key   Secret
}

// LogValue logs the user's id only.
func (u LinkedUser) LogValue() slog.Value { return slog.StringValue("user " + u.ID) }

// String returns the user's id, so that printing one shows no person.
func (u LinkedUser) String() string { return "user " + u.ID }
