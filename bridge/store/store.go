package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Store is a ledger and a queue in one database. It is safe for concurrent use.
type Store interface {
	Reader

	// InTx runs f in one transaction that may write, commits when f returns nil
	// and rolls back otherwise. f must do database work only: it must not call
	// other methods of the Store, wait for anything, or be slow, because on
	// SQLite it holds the only writer. f may run again when the database asks
	// for that, so it must not change what is outside. An error of f is returned as
	// it is; one of the database matches [ats.ErrUnavailable] when it cannot write
	// now.
	InTx(ctx context.Context, f func(ctx context.Context, tx Tx) error) error

	// WithTx returns the ledger inside a transaction that the caller began on the
	// same database and will commit: what is written becomes true when the
	// caller commits. tx must be a writing transaction.
	WithTx(tx *sql.Tx) Tx

	// Accept stores a request durably: see [Acceptance]. Requests that arrive
	// together share a commit. It returns an error that matches
	// [ats.ErrUnavailable] when too many are waiting or the database cannot
	// write now; then the request was not stored, unless ctx ended first, in
	// which case it may have been.
	Accept(ctx context.Context, a Acceptance) (Accepted, error)

	// Work runs handlers for nudges until ctx ends; then it starts no more, waits
	// for running handlers for at most config.StopTimeout, ends their contexts,
	// gives them a second more and returns nil. Nudges that a dead process was
	// running are run again, and so are those that a stop interrupted. It may be
	// called once; later calls return an error.
	Work(ctx context.Context, config WorkConfig) error

	// Ping returns nil when the database answers and, once Work was called, the
	// queue works; else an error that matches [ats.ErrUnavailable].
	Ping(ctx context.Context) error

	// Close releases the database. Nothing may be running.
	Close() error
}

// Tx is the ledger inside one transaction. Reads see the transaction's own
// writes and, on databases with concurrent writers, lock what they return.
type Tx interface {
	// Accept stores the interview with its first event and nudges [KindDrain] for
	// its credential. A request key that the connection knows is Repeated, whatever
	// else is different, and changes nothing; else an interview that the Decline
	// fields name, the newest, is Blocked. An unknown connection matches
	// [ats.ErrNotFound], an id in use [ats.ErrConflict], an empty id, connection or
	// request key [ats.ErrInvalid].
	Accept(ctx context.Context, a Acceptance) (Accepted, error)
	// AcceptAll does what Accept does for each in turn, with far fewer messages to a
	// database that is a server; a later one sees the earlier ones. An error means
	// that the transaction must not be committed.
	AcceptAll(ctx context.Context, as []Acceptance) ([]Accepted, error)

	// Interview returns the interview, or an error that matches [ats.ErrNotFound].
	Interview(ctx context.Context, id string) (Interview, error)
	// SaveInterview replaces every column of the interview but its id,
	// connection, request key and creation time. It matches [ats.ErrConflict]
	// when the stored revision is not i.Revision - 1 or i.Revision, so that a
	// stale copy never overwrites a newer one; [ats.ErrNotFound] when there is
	// none.
	SaveInterview(ctx context.Context, i Interview) error
	// AppendEvent adds a line to the timeline, with the next Seq; the event's own
	// Seq is ignored. An event whose Key the interview already has is left as it
	// is and added is false. An unknown interview matches [ats.ErrNotFound].
	AppendEvent(ctx context.Context, interviewID string, e ats.Event) (added bool, err error)
	// Due returns the credential's interviews that inviting must look at now:
	// state requested or sending, NextAt at or before now, earliest NextAt first,
	// at most Limit. Two transactions never get the same row at once.
	Due(ctx context.Context, p DueParams) ([]Interview, error)
	// NextDue returns the earliest NextAt of the credential's requested and
	// sending interviews; the zero time when there are none.
	NextDue(ctx context.Context, credential string) (time.Time, error)
	// KnownSparkHireIDs returns which of the Spark Hire interview ids the ledger
	// has, for any connection.
	KnownSparkHireIDs(ctx context.Context, ids []string) (map[string]bool, error)
	// MoveCredential gives the connection's unfinished interviews of a linked
	// user (state requested, sending, sent, accepted, unconfirmed) another
	// credential, unless theirs is for another API of Spark Hire's than the new one,
	// see [V2]. The linked user is RequestedFor. Revisions stay as they are.
	MoveCredential(ctx context.Context, p MoveCredentialParams) error
	// CandidateInterviews returns every interview of the candidate at the
	// connection, oldest first.
	CandidateInterviews(ctx context.Context, connectionID, candidateID string) ([]Interview, error)
	// EraseEvents leaves nothing of the interview's events but Seq, Key, Kind and
	// At.
	EraseEvents(ctx context.Context, interviewID string) error

	// UnacknowledgedEvents returns the interview's reportable events that
	// AcknowledgeEvents has not named yet, oldest first.
	UnacknowledgedEvents(ctx context.Context, interviewID string) ([]ats.Event, error)
	// AcknowledgeEvents marks every event up to and including seq. Repeating it
	// changes nothing.
	AcknowledgeEvents(ctx context.Context, interviewID string, seq int64) error

	// Delivery returns how reporting the interview stands; one that was never
	// saved is the zero Delivery with its InterviewID.
	Delivery(ctx context.Context, interviewID string) (Delivery, error)
	// SaveDelivery creates or replaces it. An unknown interview matches
	// [ats.ErrNotFound].
	SaveDelivery(ctx context.Context, d Delivery) error

	// Connection returns the connection, or an error that matches [ats.ErrNotFound].
	Connection(ctx context.Context, id string) (Connection, error)
	// ConnectionByTenant returns the tenant's connection likewise.
	ConnectionByTenant(ctx context.Context, t ats.TenantRef) (Connection, error)
	// SaveConnection creates or replaces a connection and all its users, in their
	// order: users that are not in c.Users are removed. Another connection with the
	// same adapter and tenant matches [ats.ErrConflict], and so do two users with
	// one id.
	SaveConnection(ctx context.Context, c Connection) error

	// Secret returns a sealed secret of the connection, or an error that matches
	// [ats.ErrNotFound].
	Secret(ctx context.Context, connectionID, name string) ([]byte, error)
	// SaveSecret stores a sealed secret; nil forgets it. An unknown connection
	// matches [ats.ErrNotFound].
	SaveSecret(ctx context.Context, connectionID, name string, sealed []byte) error
	// ForgetSecrets forgets all sealed secrets and keys of the connection and of
	// its users, with the users' hints and all credentials.
	ForgetSecrets(ctx context.Context, connectionID string) error

	// JobLink returns the link of a job, or an error that matches [ats.ErrNotFound].
	JobLink(ctx context.Context, k JobLinkKey) (JobLink, error)
	// SaveJobLink creates or replaces a link; the creation time stays that of the
	// first. An unknown connection matches [ats.ErrNotFound].
	SaveJobLink(ctx context.Context, l JobLink) error
	// DeleteJobLink forgets a link. One that is not there is nil.
	DeleteJobLink(ctx context.Context, k JobLinkKey) error

	// Limit returns the budget record of a credential; one that was never saved
	// is the zero Limit with its Credential.
	Limit(ctx context.Context, credential string) (Limit, error)
	// SaveLimit creates or replaces it.
	SaveLimit(ctx context.Context, l Limit) error

	// Watermark returns the newest change at Spark Hire that a sweep with the
	// credential has seen for the connection; the zero time before the first.
	Watermark(ctx context.Context, connectionID, credential string) (time.Time, error)
	// SaveWatermark creates or replaces it.
	SaveWatermark(ctx context.Context, connectionID, credential string, at time.Time) error

	// Audit adds a line to the audit log.
	Audit(ctx context.Context, a AuditEntry) error

	// Nudge asks for work. It becomes visible with the commit.
	Nudge(ctx context.Context, n Nudge) error
	// Finish marks the job as done with the commit, so that a nudge for the same
	// work that arrives after the commit is a new job and none that arrives
	// before is missed. What the job was about is looked at after it, in the same
	// transaction: nudges that came before it are taken as seen. j is what the handler
	// was given. In a transaction of the caller's, call it before nudging the same work.
	Finish(ctx context.Context, j Job) error
	// Complete marks the job as done with the commit as Finish does, but takes no
	// nudge as seen that came while the handler ran: the work is run once more for it.
	// It is for handlers that have looked before the transaction, or at something
	// that is not in the ledger.
	Complete(ctx context.Context, j Job) error
}

// Reader reads outside transactions. What it returns may be a moment old, and
// it never waits for writers.
type Reader interface {
	// GetInterview returns the interview, or an error that matches [ats.ErrNotFound].
	GetInterview(ctx context.Context, id string) (Interview, error)
	// InterviewByKey finds by connection and request key likewise.
	InterviewByKey(ctx context.Context, connectionID, key string) (Interview, error)
	// InterviewBySparkHireID finds by connection and Spark Hire's id likewise.
	InterviewBySparkHireID(ctx context.Context, connectionID, id string) (Interview, error)
	// ListInterviews returns one page, newest first, and the cursor of the next;
	// an empty cursor means the end. A cursor that it did not make matches
	// [ats.ErrInvalid].
	ListInterviews(ctx context.Context, p ListInterviewsParams) ([]Interview, string, error)
	// Events returns the interview's timeline, oldest first.
	Events(ctx context.Context, interviewID string) ([]ats.Event, error)
	// OpenBySparkHireIDs returns those of the connection's interviews that have
	// one of the Spark Hire ids, by that id, whatever their state.
	OpenBySparkHireIDs(ctx context.Context, connectionID string, ids []string) (map[string]Interview, error)

	// GetConnection is [Tx.Connection] outside a transaction.
	GetConnection(ctx context.Context, id string) (Connection, error)
	// GetConnectionByTenant is [Tx.ConnectionByTenant] outside a transaction.
	GetConnectionByTenant(ctx context.Context, t ats.TenantRef) (Connection, error)
	// ConnectionByDigest returns the connected connection of the adapter with the
	// credential digest, or an error that matches [ats.ErrNotFound].
	ConnectionByDigest(ctx context.Context, adapter, digest string) (Connection, error)
	// ListConnections returns one page, oldest first, with cursors as
	// [Reader.ListInterviews] has them.
	ListConnections(ctx context.Context, p ListConnectionsParams) ([]Connection, string, error)
	// GetSecret is [Tx.Secret] outside a transaction.
	GetSecret(ctx context.Context, connectionID, name string) ([]byte, error)
	// GetJobLink is [Tx.JobLink] outside a transaction.
	GetJobLink(ctx context.Context, k JobLinkKey) (JobLink, error)
	// ListJobLinks returns every link of the connection, whatever its state, oldest
	// first.
	ListJobLinks(ctx context.Context, connectionID string) ([]JobLink, error)
	// SecretNames returns the names of the connection's secrets, sorted.
	SecretNames(ctx context.Context, connectionID string) ([]string, error)
	// SealedKey returns the sealed Spark Hire key of a credential, with the
	// connection and user it belongs to; several may share a key, any one is
	// returned. An unknown credential matches [ats.ErrNotFound].
	SealedKey(ctx context.Context, credential string) (SealedKey, error)

	// UnfinishedInterviews returns the ids of the connection's interviews of a linked
	// user that [Tx.MoveCredential] would move, for whichever API, in no order.
	UnfinishedInterviews(ctx context.Context, p UnfinishedParams) ([]string, error)

	// ListDeliveries returns one page of deliveries in a state, those that were
	// updated longest ago first, with cursors as [Reader.ListInterviews] has them. No
	// state matches [ats.ErrInvalid].
	ListDeliveries(ctx context.Context, p ListDeliveriesParams) ([]Delivery, string, error)
	// PersonalDataBefore returns ids of interviews that ended before t and were not
	// erased, longest ago first, at most limit.
	PersonalDataBefore(ctx context.Context, t time.Time, limit int) ([]string, error)
	// Waiting returns how many of the credential's interviews wait in state
	// requested; it stops counting at most.
	Waiting(ctx context.Context, credential string, most int) (int, error)
	// OldestWaiting returns which of the connection's interviews in state requested
	// or sending was accepted first; the zero value when there are none. It costs the
	// same however many wait.
	OldestWaiting(ctx context.Context, connectionID string) (OldestWaiting, error)
}

// Time returns t as the store keeps it: UTC, truncated to microseconds.
func Time(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}
