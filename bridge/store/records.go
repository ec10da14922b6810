package store

import (
	"encoding/json"
	"log/slog"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Interview is a row of the ledger: what people see, and what the engine needs
// to carry it on.
type Interview struct {
	ats.Interview

	// RequestKey is unique within the connection. RequestDigest tells whether a
	// repeated key came with the same request.
	RequestKey    string
	RequestDigest string
	// ScopeKey is equal for requests that count as the same under the policy.
	ScopeKey string
	ReplyTo  json.RawMessage

	// Credential names the Spark Hire key that invites; see [SealedKey]. Names of
	// keys of API v2 begin with [V2].
	Credential string
	// Attempt counts calls that may have reached Spark Hire. AttemptAt is when
	// the last one was recorded; zero before the first.
	Attempt   int
	AttemptAt time.Time
	// NextAt is when inviting must look at the row again, in states requested
	// and sending.
	NextAt time.Time
	// CancelBy is who asked for a cancellation that Spark Hire has not been told
	// yet; CancelAt is zero when nobody did.
	CancelBy string
	CancelAt time.Time

	// Announced are ids that Spark Hire told of while nobody knew whether the attempt
	// had made one; each may be the interview's. Empty on API v1.
	Announced []string
	// SparkHireScheduledAt and RatingDigest are as last read, to see a change.
	SparkHireScheduledAt time.Time
	RatingDigest         string

	// Acknowledged is the state that the ATS acknowledged last.
	Acknowledged ats.State
	// EndedAt is zero until the interview ends. ErasedAt is zero until its
	// personal data was removed.
	EndedAt  time.Time
	ErasedAt time.Time
}

// LogValue logs ids and the state.
func (i Interview) LogValue() slog.Value { return i.Interview.LogValue() }

// Acceptance is a request to be stored: an interview in state requested, its
// first event, and the nudge for its credential's drain.
type Acceptance struct {
	Interview Interview
	Event     ats.Event
	// DeclinePending and DeclineCompleted make Accept look for an interview of
	// the same connection and ScopeKey that is pending or completed.
	// An empty ScopeKey finds nothing.
	DeclinePending   bool
	DeclineCompleted bool
	// NoticePending and NoticeCompleted, where they are not nil, become the Notice of
	// the interview when such an earlier one is there, the first before the second.
	NoticePending   *ats.Reason
	NoticeCompleted *ats.Reason
}

// LogValue logs ids and the state.
func (a Acceptance) LogValue() slog.Value { return a.Interview.LogValue() }

// Accepted is what became of an [Acceptance]: the interview was stored, or it was
// stored before (Repeated), or an earlier one stands in the way (Blocked) and
// nothing was written.
type Accepted struct {
	// Interview is the stored one, the earlier one of the same request key, or
	// the one in the way.
	Interview Interview
	Repeated  bool
	Blocked   bool
}

// LogValue logs ids and the state.
func (a Accepted) LogValue() slog.Value { return a.Interview.LogValue() }

// Connection is a tenant's activated integration as stored. Keys are sealed.
type Connection struct {
	ID               string
	Tenant           ats.TenantRef
	Name             string
	TimeZone         string
	Enabled          bool
	Connected        bool
	Settings         json.RawMessage
	CredentialDigest string
	// APIVersion is the Spark Hire API in use: "v1" or "v2".
	APIVersion string
	// OrganizationKey is sealed, nil when there is none; OrganizationCredential
	// names it.
	OrganizationKey        []byte
	OrganizationCredential string
	// PrimaryUser is the id of a linked user; may be empty.
	PrimaryUser string
	Users       []User
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// LogValue logs the connection by its ids.
func (c Connection) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID), slog.String("adapter", c.Tenant.Adapter), slog.String("tenant", c.Tenant.Tenant))
}

// User is a linked user as stored.
type User struct {
	ID       string
	Name     string
	Email    string
	TimeZone string
	// Key is sealed, nil when the user has none; Credential names it.
	Key        []byte
	KeyHint    string
	Credential string
}

// LogValue logs the user's id only.
func (u User) LogValue() slog.Value { return slog.StringValue("user " + u.ID) }

// V2 begins the names of credentials for Spark Hire's API v2. No other name has it.
const V2 = "v2/"

// SealedKey is a Spark Hire key with where it belongs.
type SealedKey struct {
	ConnectionID string
	// UserID is empty for the organization key.
	UserID string
	Key    []byte
}

// LogValue logs whose key it is, never the key.
func (k SealedKey) LogValue() slog.Value {
	return slog.GroupValue(slog.String("connection", k.ConnectionID), slog.String("user", k.UserID))
}

// DeliveryState is how reporting an interview stands.
type DeliveryState string

// The delivery states.
const (
	// DeliveryOK: everything was acknowledged or is about to be tried.
	DeliveryOK DeliveryState = "ok"
	// DeliveryRetrying: the last try failed, another is planned.
	DeliveryRetrying DeliveryState = "retrying"
	// DeliveryDead: a person must look.
	DeliveryDead DeliveryState = "dead"
	// DeliveryGone: the record in the ATS has gone; nothing more is reported.
	DeliveryGone DeliveryState = "gone"
)

// OldestWaiting is what has waited longest to be sent.
type OldestWaiting struct {
	// Credential is the key that it waits for.
	Credential string
	// Since is when the request was accepted.
	Since time.Time
}

// Delivery is how reporting an interview to the ATS stands.
type Delivery struct {
	InterviewID  string
	ConnectionID string
	State        DeliveryState
	// Failures counts failed tries since the last success; FirstFailedAt is when
	// the first of them was.
	Failures      int
	FirstFailedAt time.Time
	NextAt        time.Time
	// LastError holds no personal data.
	LastError string
	UpdatedAt time.Time
}

// Limit is the budget record of one credential.
type Limit struct {
	Credential string
	// Sends are the times of the last calls, oldest first, in microseconds since
	// 1970.
	Sends []int64
	// BlockedUntil is when the vendor said to come back.
	BlockedUntil time.Time
}

// AuditEntry says who did what.
type AuditEntry struct {
	At           time.Time
	ConnectionID string
	InterviewID  string
	// Actor is a person's id, or a word such as "system".
	Actor  string
	Action string
	// Detail holds no personal data and no secret.
	Detail string
}

// DueParams are the parameters of [Tx.Due].
type DueParams struct {
	Credential string
	Now        time.Time
	Limit      int
}

// MoveCredentialParams are the parameters of [Tx.MoveCredential].
type MoveCredentialParams struct {
	ConnectionID string
	UserID       string
	To           string
}

// ListInterviewsParams are the parameters of [Reader.ListInterviews]. Empty
// filters match everything.
type ListInterviewsParams struct {
	ConnectionID string
	CandidateID  string
	JobID        string
	State        ats.State
	// Limit is at most 200; 0 means 50.
	Limit  int
	Cursor string
}

// ListConnectionsParams are the parameters of [Reader.ListConnections]. An empty
// adapter matches everything; Limit and Cursor are as for interviews.
type ListConnectionsParams struct {
	Adapter string
	// ConnectedOnly leaves out disconnected ones.
	ConnectedOnly bool
	Limit         int
	Cursor        string
}

// ListDeliveriesParams are the parameters of [Reader.ListDeliveries]. State is
// needed.
type ListDeliveriesParams struct {
	State  DeliveryState
	Limit  int
	Cursor string
}
