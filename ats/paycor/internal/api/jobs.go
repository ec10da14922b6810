package api

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/google/go-querystring/query"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Job statuses [documented: docs/vendors/paycor.md]. Newer ones may appear.
const (
	JobActive     = "ACTIVE"
	JobActivating = "ACTIVATING"
	JobApproving  = "APPROVING"
	JobClosed     = "CLOSED"
	JobDenied     = "DENIED"
	JobDraft      = "DRAFT"
	JobFilled     = "FILLED"
	JobReviewing  = "REVIEWING"
)

// Include asks for people who work on a job; without it none come.
type Include string

// What can be included.
const (
	IncludeAll            Include = "All"
	IncludeHiringManagers Include = "HiringManagers"
	IncludeRecruiters     Include = "Recruiters"
	IncludeTeamMembers    Include = "TeamMembers"
	IncludeExecutives     Include = "Executives"
)

// JobRef names a job.
type JobRef struct {
	AccountRef
	JobID string
}

func (r JobRef) String() string { return r.AccountRef.String() + "/" + r.JobID }

func (r JobRef) args(op string) ([]string, error) {
	args, err := r.AccountRef.args(op)
	return append(args, r.JobID), err
}

// Jobs reads jobs.
type Jobs struct{ client *Client }

// Job is a job. Enumerations are the vendor's words; newer ones may appear.
type Job struct {
	ID          string
	AccountID   string
	Number      string // what people call it by
	Title       string
	Description string // HTML
	Status      string // one of the constants above
	Priority    string // NONE, LOW, NORMAL, ON_HOLD, URGENT

	Openings     int32
	TimeToFill   int32
	Confidential bool
	Internal     bool
	RemoteStatus string // Undefined, OnSite, FullyRemote, WFHFlexible
	EEOCategory  string

	PayRange   *PayRange // nil without one
	Location   *Location
	Department *Department

	// The people, only those that were asked for.
	HiringManagers, Recruiters, TeamMembers, Executives []JobUser

	Activated, Created, Modified Date

	PostedToCareers, PostedToIndeed, PostedToSmartSourcing  bool
	PostedToLinkedIn, PostedToZipRecruiter, PostedToGravity bool
}

// PayRange is what a job pays. Period is free text; its values are not documented.
type PayRange struct {
	Currency         string
	Minimum, Maximum float64
	Period           string
}

// Location is where a job is.
type Location struct {
	ID, Address1, Address2, City, State, PostalCode, Country string
}

// Department is where a job belongs.
type Department struct{ ID, Title string }

// JobUser is a recruiting user. This is the only place where the API shows any. It logs as its id.
type JobUser struct {
	ID        int32
	Email     string
	FirstName string
	LastName  string
}

// LogValue shows the id.
func (u JobUser) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("user %d", u.ID)) }

// JobOptions narrow a list. Zero values leave the choice to the vendor.
type JobOptions struct {
	Include         []Include `url:"include,omitempty"`
	PostedToCareers *bool     `url:"postedToCareers,omitempty"`
	Status          string    `url:"status,omitempty"`
}

// All yields the jobs of an account that the options let through, nil for all.
func (s *Jobs) All(ctx context.Context, account AccountRef, opts *JobOptions) iter.Seq2[Job, error] {
	fetch := func(ctx context.Context, at cursor) ([]jobRecord, cursor, bool, error) {
		args, err := account.args(pathJobs)
		if err != nil {
			return nil, cursor{}, false, err
		}
		q, err := query.Values(opts)
		if err != nil {
			return nil, cursor{}, false, err
		}
		l := listing[jobRecord]{client: s.client, path: pathJobs, args: args, query: q, decode: decodePage[jobRecord]}
		return l.fetch(ctx, at)
	}
	return all(ctx, "jobs of account "+account.String(), httpx.Fetch[jobRecord, cursor](fetch), jobFromAPI)
}

// Get returns one job.
func (s *Jobs) Get(ctx context.Context, ref JobRef, include ...Include) (*Job, error) {
	args, err := ref.args(pathJob)
	if err != nil {
		return nil, fmt.Errorf("get job %s: %w", ref, err)
	}
	q, err := query.Values(JobOptions{Include: include})
	if err != nil {
		return nil, fmt.Errorf("get job %s: %w", ref, err)
	}
	record, err := get[jobRecord](ctx, s.client, pathJob, q, args...)
	if err != nil {
		return nil, fmt.Errorf("get job %s: %w", ref, err)
	}
	job := jobFromAPI(&record)
	return &job, nil
}

type jobRecord struct {
	ID           text        `json:"id"`
	ATSAccountID text        `json:"atsAccountId"`
	Number       text        `json:"number"`
	Title        text        `json:"title"`
	Description  text        `json:"description"`
	Status       text        `json:"status"`
	Priority     text        `json:"priority"`
	Openings     integer     `json:"openings"`
	TimeToFill   integer     `json:"timeToFill"`
	Confidential boolean     `json:"confidential"`
	Internal     boolean     `json:"internal"`
	RemoteStatus text        `json:"remoteStatus"`
	EEOCategory  text        `json:"eeoCategory"`
	PayRange     *payRecord  `json:"payRange"`
	Location     *siteRecord `json:"atsLocation"`
	Department   *unitRecord `json:"atsDepartment"`

	HiringManagers []userRecord `json:"hiringManagers"`
	Recruiters     []userRecord `json:"recruiters"`
	TeamMembers    []userRecord `json:"teamMembers"`
	Executives     []userRecord `json:"executives"`

	ActivatedDate text `json:"activatedDate"`
	CreatedDate   text `json:"createdDate"`
	ModifiedDate  text `json:"modifiedDate"`

	PostedToCareers       boolean `json:"postedToCareers"`
	PostedToIndeed        boolean `json:"postedToIndeed"`
	PostedToSmartSourcing boolean `json:"postedToSmartSourcing"`
	PostedToLinkedIn      boolean `json:"postedToLinkedIn"`
	PostedToZipRecruiter  boolean `json:"postedToZipRecruiter"`
	PostedToGravity       boolean `json:"postedToGravity"`
}

func (r jobRecord) identified() bool { return r.ID != "" }

type payRecord struct {
	Currency  text   `json:"currency"`
	Minimum   amount `json:"minimum"`
	Maximum   amount `json:"maximum"`
	PayPeriod text   `json:"payPeriod"`
}

type siteRecord struct {
	ID         text `json:"id"`
	Address1   text `json:"address1"`
	Address2   text `json:"address2"`
	City       text `json:"city"`
	State      text `json:"state"`
	PostalCode text `json:"postalCode"`
	Country    text `json:"country"`
}

type unitRecord struct {
	ID    text `json:"id"`
	Title text `json:"title"`
}

type userRecord struct {
	ID        integer `json:"id"`
	Email     text    `json:"email"`
	FirstName text    `json:"firstName"`
	LastName  text    `json:"lastName"`
}

func jobFromAPI(r *jobRecord) Job {
	job := Job{
		ID: string(r.ID), AccountID: string(r.ATSAccountID), Number: string(r.Number), Title: string(r.Title),
		Description: string(r.Description), Status: string(r.Status), Priority: string(r.Priority),
		Openings: r.Openings.orZero(), TimeToFill: r.TimeToFill.orZero(),
		Confidential: bool(r.Confidential), Internal: bool(r.Internal),
		RemoteStatus: string(r.RemoteStatus), EEOCategory: string(r.EEOCategory),
		HiringManagers: usersFromAPI(r.HiringManagers), Recruiters: usersFromAPI(r.Recruiters),
		TeamMembers: usersFromAPI(r.TeamMembers), Executives: usersFromAPI(r.Executives),
		Activated: ParseDate(string(r.ActivatedDate)), Created: ParseDate(string(r.CreatedDate)), Modified: ParseDate(string(r.ModifiedDate)),
		PostedToCareers: bool(r.PostedToCareers), PostedToIndeed: bool(r.PostedToIndeed),
		PostedToSmartSourcing: bool(r.PostedToSmartSourcing), PostedToLinkedIn: bool(r.PostedToLinkedIn),
		PostedToZipRecruiter: bool(r.PostedToZipRecruiter), PostedToGravity: bool(r.PostedToGravity),
	}
	if p := r.PayRange; p != nil {
		job.PayRange = &PayRange{Currency: string(p.Currency), Minimum: float64(p.Minimum), Maximum: float64(p.Maximum), Period: string(p.PayPeriod)}
	}
	if l := r.Location; l != nil {
		job.Location = &Location{
			ID: string(l.ID), Address1: string(l.Address1), Address2: string(l.Address2), City: string(l.City),
			State: string(l.State), PostalCode: string(l.PostalCode), Country: string(l.Country),
		}
	}
	if d := r.Department; d != nil {
		job.Department = &Department{ID: string(d.ID), Title: string(d.Title)}
	}
	return job
}

func usersFromAPI(records []userRecord) []JobUser {
	var users []JobUser
	for _, r := range records {
		users = append(users, JobUser{ID: r.ID.orZero(), Email: string(r.Email), FirstName: string(r.FirstName), LastName: string(r.LastName)})
	}
	return users
}
