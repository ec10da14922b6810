package store

import (
	"log/slog"
	"time"
)

// JobLink is a job of the ATS with the Spark Hire job that stands for it. It also
// carries the creation of that job, which Spark Hire must be asked for once.
type JobLink struct {
	ConnectionID string
	// JobID and Title are the ATS's.
	JobID string
	Title string
	// SparkHireJobID is empty while State is [JobLinkCreating].
	SparkHireJobID string
	// QuestionSetID is used for requests that name none; may be empty.
	QuestionSetID string
	State         JobLinkState

	// Marker is what the Spark Hire job that we ask for can be told by; empty when
	// we asked for none.
	Marker string
	// Credential names the key with which it was asked for, and AttemptAt is when the
	// last call that may have reached Spark Hire was recorded; zero when none is in
	// doubt.
	Credential string
	AttemptAt  time.Time

	CreatedAt time.Time
	UpdatedAt time.Time
}

// LogValue logs the link by its ids.
func (l JobLink) LogValue() slog.Value {
	return slog.GroupValue(slog.String("connection", l.ConnectionID), slog.String("job", l.JobID), slog.String("state", string(l.State)))
}

// JobLinkState is how far a job link is.
type JobLinkState string

// The states of a job link.
const (
	// JobLinkCreating: the Spark Hire job has been asked for and is not known yet.
	// The job does not count as linked.
	JobLinkCreating JobLinkState = "creating"
	// JobLinkReady: the link can be used.
	JobLinkReady JobLinkState = "ready"
)

// JobLinkKey names one job link.
type JobLinkKey struct {
	ConnectionID string
	JobID        string
}

// UnfinishedParams are the parameters of [Reader.UnfinishedInterviews].
type UnfinishedParams struct {
	ConnectionID string
	// UserID is that of RequestedFor.
	UserID string
}
