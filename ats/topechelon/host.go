package topechelon

import (
	"context"
	"log/slog"
	"time"
)

// Host is what no known public interface of Top Echelon offers: who is signed in, who
// is in a pipeline, and a place for the Interview Status. A recruiting backend that
// embeds Go implements it; for others there is the same contract over HTTP, see
// docs/host-topechelon.openapi.yaml.
//
// Implementations must be safe for concurrent use, and every method safe to repeat.
// Errors are told by the kinds of package ats: an error of no kind means "try again".
type Host interface {
	// Actor returns the Top Echelon user who holds the credential, or an error that
	// matches [ats.ErrUnauthorized].
	Actor(ctx context.Context, credential string) (Actor, error)

	// PipelineJobs returns the ids of the jobs in whose pipeline the person is, as far
	// as the actor may see them; none is no error. A user or a person whom the host
	// does not know may match [ats.ErrNotFound], and [ats.ErrForbidden] says that the
	// user may not see the person: for this package all three are the same. Of the
	// actor, only the ids need be set.
	PipelineJobs(ctx context.Context, a Actor, personID string) ([]string, error)

	// InPipeline reports whether the person is in the job's pipeline, as far as the
	// actor may see it. Errors are as for PipelineJobs.
	InPipeline(ctx context.Context, a Actor, p PipelineRef) (bool, error)

	// PublishInterviewStatus replaces the status of the person in the pipeline. A
	// revision that is not newer than the one shown must change nothing and is no
	// error. It matches [ats.ErrNotFound] when the person is not in that pipeline any
	// more and [ats.ErrHostCannot] when the host has no place for statuses.
	PublishInterviewStatus(ctx context.Context, p PipelineRef, s InterviewStatus) error
}

// UserRef names a Top Echelon user.
type UserRef struct {
	AgencyID string
	UserID   string
}

// Actor is a Top Echelon user who acts.
type Actor struct {
	UserRef
	Name  string
	Email string
	// TimeZone is an IANA name.
	TimeZone string
}

// String returns the user's id, so that printing one shows no person.
func (a Actor) String() string { return "user " + a.UserID }

// LogValue logs the ids only.
func (a Actor) LogValue() slog.Value {
	return slog.GroupValue(slog.String("agency", a.AgencyID), slog.String("user", a.UserID))
}

// PipelineRef names one person in the pipeline of one job.
type PipelineRef struct {
	AgencyID string
	JobID    string
	PersonID string
}

// StatusState is the state that the Interview Status column shows
// [assumed: docs/vendors/topechelon.md 8.1].
type StatusState string

// The states of the column.
const (
	// StatusNone: no invitation is known to have been sent.
	StatusNone      StatusState = "none"
	StatusInvited   StatusState = "invited"
	StatusAccepted  StatusState = "accepted"
	StatusCompleted StatusState = "completed"
	StatusExpired   StatusState = "expired"
	StatusCanceled  StatusState = "canceled"
)

// InterviewStatus is what the Interview Status column shows of one person in one
// pipeline.
type InterviewStatus struct {
	// Revision grows with every change; the host keeps the newest.
	Revision int64
	// InterviewID is our id of the interview that counts; empty when none does.
	InterviewID string
	// Type is "one_way" or "live"; empty when there is no interview.
	Type  string
	State StatusState
	// Label is the text of the column; empty for an empty column.
	Label string
	// DueAt is the deadline (one-way) or the start (live), in the zone in which it was
	// entered; zero when there is none.
	DueAt time.Time
	// ResultURL opens the recording; only when completed. The host shows it to
	// connected users only, who may see the person.
	ResultURL string
}

// String returns the interview's id and state, so that printing shows no link.
func (s InterviewStatus) String() string {
	return "status of interview " + s.InterviewID + ": " + string(s.State)
}

// LogValue logs id, state and revision, never the link.
func (s InterviewStatus) LogValue() slog.Value {
	return slog.GroupValue(slog.String("interview", s.InterviewID), slog.String("state", string(s.State)), slog.Int64("revision", s.Revision))
}
