package httpapi

import (
	"context"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Engine is what the API needs of the engine; package bridge has it. What each
// method promises is said there. Errors are a [*ats.Refusal] whose field is named
// as in the API, or match the kinds of package ats.
type Engine interface {
	Connections
	Users
	JobLinks
	Interviews
	Rights
	Deliveries
}

// Connections is the engine's part about connections.
type Connections interface {
	Adapter(name string) (ats.Adapter, bool)
	AdapterView(c store.Connection) ats.Connection
	ConnectionByID(ctx context.Context, id string) (store.Connection, error)
	ListConnections(ctx context.Context, p store.ListConnectionsParams) ([]store.Connection, string, error)
	CreateConnection(ctx context.Context, c store.Connection, access Access, by ats.User) (store.Connection, error)
	UpdateConnection(ctx context.Context, id string, by ats.User, access Access, change func(*store.Connection) error) (store.Connection, error)
	WebhookURL(connectionID string) string
	DisconnectByID(ctx context.Context, id string, by ats.User) error
}

// Access is how a connection reaches Spark Hire, as package bridge explains it. What
// is nil or empty stays as it is.
type Access struct {
	Version         string
	OrganizationKey *ats.Secret
	ClientID        string
	ClientSecret    ats.Secret
	WebhookSecrets  *[]ats.Secret
}

// String says nothing of what is in it.
func (Access) String() string { return "access to Spark Hire" }

// Users is the engine's part about linked users and what their keys see.
type Users interface {
	SaveUser(ctx context.Context, connectionID string, u ats.User, key *ats.Secret, by ats.User) (ats.User, error)
	RemoveUser(ctx context.Context, connectionID, userID string, by ats.User) error
	SparkHireUsers(ctx context.Context, connectionID string) (map[string]string, error)
	SparkHireJobs(ctx context.Context, connectionID, userID string) ([]ats.Option, error)
	SparkHireQuestionSets(ctx context.Context, connectionID, userID string) ([]ats.Option, error)
	StartAuthorization(ctx context.Context, connectionID string, by ats.User, redirectURL string) (string, error)
}

// JobLinks is the engine's part about jobs of the ATS and their Spark Hire jobs.
type JobLinks interface {
	JobLink(ctx context.Context, connectionID, jobID string) (LinkedJob, error)
	LinkJob(ctx context.Context, p LinkParams) (LinkedJob, error)
	UnlinkJob(ctx context.Context, connectionID, jobID string, by ats.User) error
}

// LinkedJob is the link of a job, with where people open the Spark Hire job.
type LinkedJob struct{ JobID, SparkHireJobID, QuestionSetID, URL string }

// LinkParams says how to link a job; see the engine's LinkJob.
type LinkParams struct {
	ConnectionID, JobID string
	SparkHireJobID      string
	Create              *NewJob
	QuestionSetID       *string // nil keeps it
	By                  ats.User
}

// NewJob is a job that Spark Hire is asked to make.
type NewJob struct{ Title, City, Region, Country, Description string }

// Interviews is the engine's part about interviews.
type Interviews interface {
	Request(ctx context.Context, r ats.Request) (store.Interview, error)
	RequestAll(ctx context.Context, rs []ats.Request) ([]store.Interview, []error)
	StoredInterview(ctx context.Context, id string) (store.Interview, error)
	ListInterviews(ctx context.Context, p store.ListInterviewsParams) ([]store.Interview, string, error)
	Events(ctx context.Context, interviewID string) ([]ats.Event, error)
	Cancel(ctx context.Context, interviewID string, by ats.User) (ats.Interview, error)
	Resolve(ctx context.Context, interviewID, sparkHireInterviewID string, by ats.User) error
	Recording(ctx context.Context, interviewID string, u ats.User) (url, kind string, err error)
	EraseCandidate(ctx context.Context, connectionID, candidateID string, by ats.User) error
}

// Rights is the engine's part about who may do what.
type Rights interface {
	MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error)
	CheckView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) error
	CheckChange(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) error
	CheckSettings(c ats.Connection, u ats.User) error
	CheckGate(c ats.Connection) error
	PolicyOf(c ats.Connection) (ats.Policy, error)
	Actions(c ats.Connection, i store.Interview, u ats.User, mayView bool) []string
}

// Deliveries is the engine's part about reports that did not arrive.
type Deliveries interface {
	ListDeliveries(ctx context.Context, p store.ListDeliveriesParams) ([]store.Delivery, string, error)
	Delivery(ctx context.Context, interviewID string) (store.Delivery, error)
	RetryDelivery(ctx context.Context, interviewID string, by ats.User) error
}
