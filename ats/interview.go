package ats

import (
	"encoding/json"
	"log/slog"
	"time"
)

// InterviewType is the kind of interview.
type InterviewType string

// The interview types.
const (
	// OneWay: the candidate records answers alone, until a deadline.
	OneWay InterviewType = "one_way"
	// Live: candidate and interviewer meet by video at a start time.
	Live InterviewType = "live"
)

// ParseInterviewType reads a type as people and forms write it: case, spaces,
// hyphens and underscores do not matter. Anything else returns false.
func ParseInterviewType(s string) (InterviewType, bool) {
	switch normalizeWord(s) {
	case "oneway":
		return OneWay, true
	case "live":
		return Live, true
	}
	return "", false
}

// Label returns the type as people read it.
func (t InterviewType) Label() string {
	switch t {
	case OneWay:
		return "One-way interview"
	case Live:
		return "Live interview"
	}
	return "Interview"
}

// State is where an interview is in its life.
type State string

// The states, in the order of a good life; the last four end it or wait for a
// person.
const (
	StateRequested State = "requested" // accepted here, Spark Hire not called yet
	StateSending   State = "sending"   // Spark Hire is being called, or its answer was lost
	StateSent      State = "sent"      // Spark Hire has invited the candidate
	StateAccepted  State = "accepted"  // the candidate has accepted
	StateCompleted State = "completed" // the interview is done
	StateExpired   State = "expired"   // the deadline passed without one
	StateCanceled  State = "canceled"  // somebody ended it
	StateFailed    State = "failed"    // Spark Hire refused, see Reason
	// StateUnconfirmed: whether the candidate was invited could not be found
	// out; a person must say.
	StateUnconfirmed State = "unconfirmed"
)

// Ended reports whether nothing more is expected to happen. An expired or
// completed interview can still come back when Spark Hire says so.
func (s State) Ended() bool {
	switch s {
	case StateCompleted, StateExpired, StateCanceled, StateFailed:
		return true
	case StateRequested, StateSending, StateSent, StateAccepted, StateUnconfirmed:
		return false
	}
	return false
}

// Pending reports whether a second request for the same candidate would meet
// this one: it has been asked for and has neither ended nor failed.
func (s State) Pending() bool { return s != "" && !s.Ended() }

// Origin is how a request came about.
type Origin string

// The origins.
const (
	OriginTrigger Origin = "trigger" // the ATS fired it by itself, on a stage change
	OriginManual  Origin = "manual"  // a recruiter pressed a button for one candidate
	OriginBulk    Origin = "bulk"    // a recruiter pressed a button for several
	OriginStage   Origin = "stage"   // a plain stage change that our settings map
	OriginAPI     Origin = "api"     // a call of our own API
)

// Request asks for one interview. It is neutral and complete: nobody asks the
// ATS again to be able to act on it.
type Request struct {
	Tenant TenantRef
	// Key makes the request repeatable: see [Inbox.Submit]. It holds no
	// personal data.
	Key string
	// Type is empty for the policy's default.
	Type   InterviewType
	Origin Origin

	Candidate Candidate
	// Job is the ATS job; zero where there is none.
	Job Job

	// SparkHireJobID is set where the request itself names the Spark Hire job.
	SparkHireJobID string
	QuestionSetID  string
	// Schedule is the deadline (one-way) or the start (live), already resolved;
	// zero for the policy's default.
	Schedule Schedule
	// Message is for the candidate; may be empty.
	Message string

	// RequestedBy is the person who acted; zero for a trigger.
	RequestedBy User
	// RequestedFor is the id of the linked user in whose name Spark Hire
	// invites, where the policy lets the request choose.
	RequestedFor string

	// ReplyTo is the adapter's own address for reports, handed back with each
	// [Report]. It holds no personal data.
	ReplyTo json.RawMessage
}

// LogValue logs ids only.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(slog.String("tenant", r.Tenant.String()), slog.String("key", r.Key), slog.String("candidate", r.Candidate.ID))
}

// Interview is the ledger's record of one request, from acceptance to its end.
type Interview struct {
	ID           string
	ConnectionID string
	Tenant       TenantRef
	State        State
	// Revision grows with each change, by at least one.
	Revision int64
	Type     InterviewType
	Origin   Origin

	Candidate Candidate
	Job       Job
	SparkHire SparkHire
	Schedule  Schedule
	Message   string

	RequestedBy  User
	RequestedFor User

	// Reason explains failed, unconfirmed, expired and canceled.
	Reason *Reason
	// Notice is something the recruiter should know although the request was
	// accepted.
	Notice *Reason

	// ReportedRevision is the newest revision that the ATS acknowledged.
	ReportedRevision int64
	// Repeated is set by [Inbox.Submit] when the key was known already.
	Repeated bool

	CreatedAt time.Time
	UpdatedAt time.Time
	// CompletedAt is zero until the interview is completed.
	CompletedAt time.Time
}

// LogValue logs ids and the state.
func (i Interview) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", i.ID), slog.String("tenant", i.Tenant.String()), slog.String("state", string(i.State)))
}

// SparkHire is the Spark Hire side of an interview.
type SparkHire struct {
	// InterviewID is empty until Spark Hire has answered.
	InterviewID   string
	JobID         string
	QuestionSetID string
	// Status is Spark Hire's own word, as received.
	Status string
	// WatchURL opens the recording for signed-in users, ShareURL for anyone who
	// holds it: treat it as a secret. Both are empty until completion.
	WatchURL string
	ShareURL string
	// Score is the rating from 0 to 100; nil when there is no real one.
	Score *float64
	// Irrevocable: Spark Hire has no way to take the invitation back, so nothing
	// offers to cancel it. It is set in a [Report] only.
	Irrevocable bool
	// Summary is what Spark Hire's machine makes of the candidate's answers, as text
	// for people; empty where there is none. It is personal data.
	Summary string
}

// String returns the interview's id, so that printing it shows no links.
func (s SparkHire) String() string { return "Spark Hire interview " + s.InterviewID }

// LogValue logs the interview id and status, never the links.
func (s SparkHire) LogValue() slog.Value {
	return slog.GroupValue(slog.String("interview_id", s.InterviewID), slog.String("status", s.Status))
}

// Reason is a stable code with a sentence for people.
type Reason struct {
	Code    Code
	Message string
}
