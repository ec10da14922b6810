package api

import (
	"context"
	"iter"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Jobs calls /v1/jobs.
type Jobs struct{ client *client }

// Job is a job. Statuses are the vendor's words; newer ones may appear.
type Job struct {
	ID           string
	Title        string
	InternalName string // empty on older versions of the API [observed]
	Status       string // open, draft, archived, unlisted, temp
	HumanStatus  string // published, unlisted, archived, draft, scheduled, expired, unsaved

	CreatedAt, UpdatedAt time.Time // UTC
}

// JobListOptions narrow a list.
type JobListOptions struct {
	PageOptions
	Status string `url:"filter[status],omitempty"` // a human status or "all"; "published" by default
	Sort   string `url:"sort,omitempty"`
}

// Get returns one job.
func (s *Jobs) Get(ctx context.Context, id string) (*Job, error) {
	return one(ctx, s.client, "job", "/v1/jobs/{id}", id, nil, newJobReader())
}

// List returns a page.
func (s *Jobs) List(ctx context.Context, opts *JobListOptions) (*Page[Job], error) {
	return s.list(opts).page(ctx)
}

// All yields every job that the options let through.
func (s *Jobs) All(ctx context.Context, opts *JobListOptions) iter.Seq2[Job, error] {
	return s.list(opts).all(ctx)
}

func (s *Jobs) list(opts *JobListOptions) list[Job] {
	return newList(s.client, "jobs", "/v1/jobs", opts, newJobReader)
}

type jobAttributes struct {
	Title        jsonapi.Text `json:"title"`
	InternalName jsonapi.Text `json:"internal-name"`
	Status       jsonapi.Text `json:"status"`
	HumanStatus  jsonapi.Text `json:"human-status"`
	CreatedAt    jsonapi.Time `json:"created-at"`
	UpdatedAt    jsonapi.Time `json:"updated-at"`
}

type jobResource = jsonapi.Resource[jobAttributes, struct{}]

func newJobReader() reader[Job] {
	set := jsonapi.NewSet[jobAttributes, struct{}]("jobs")
	return newReader(&jsonapi.Document{Data: set}, set, jobFromAPI)
}

func jobFromAPI(res *jobResource) Job {
	a := &res.Attributes
	return Job{
		ID: res.ID, Title: string(a.Title), InternalName: string(a.InternalName), Status: string(a.Status), HumanStatus: string(a.HumanStatus),
		CreatedAt: a.CreatedAt.Time, UpdatedAt: a.UpdatedAt.Time,
	}
}
