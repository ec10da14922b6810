package sparkhire

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// JobStatus is the vendor's word for a job's state. The website knows two, the spelling here is not
// public, so any value must be expected [assumed: docs/vendors/sparkhire.md].
type JobStatus string

// The states of the website in lower case.
const (
	JobActive   JobStatus = "active"
	JobInactive JobStatus = "inactive"
)

// Active reports whether the job can get interviews, as far as its status tells.
func (s JobStatus) Active() bool { return strings.EqualFold(string(s), string(JobActive)) }

// UnmarshalJSON accepts a number or a boolean too.
func (s *JobStatus) UnmarshalJSON(b []byte) error { *s = JobStatus(wire.Scalar(b)); return nil }

// Job is a position that candidates are interviewed for.
type Job struct {
	UUID            string    `json:"uuid"`
	Title           string    `json:"title"`
	Status          JobStatus `json:"status"`
	StatusUpdatedAt time.Time `json:"status_updated_at,omitzero"`
	Description     string    `json:"description"` // may hold HTML [modelled]
	Location        *Location `json:"location"`
	CreatedBy       *Person   `json:"created_by"`
	CreatedAt       time.Time `json:"created_at,omitzero"`
	UpdatedAt       time.Time `json:"updated_at,omitzero"`

	Raw json.RawMessage `json:"-"` // as received; may hold personal data
}

// Location is where a job is. The vendor may send more than this [observed].
type Location struct {
	FormattedAddress string `json:"formatted_address"`
}

// JobListOptions select and order jobs.
type JobListOptions struct {
	ListOptions
	Status []JobStatus `url:"status[],omitempty"`
}

// CreateJobRequest describes a new job. Title is required; Address seems to be, with city, state and
// country [assumed: docs/vendors/sparkhire.md]. Extra is merged last and wins.
type CreateJobRequest struct {
	Title       string
	Description string
	Status      JobStatus
	Address     string // in one line, sent as the location
	Extra       map[string]any
}

// UpdateJobRequest changes a job; a nil field is not sent. Whether the vendor clears what is not sent
// is not public, so send every field. Extra is merged last and wins.
type UpdateJobRequest struct {
	Title       *string
	Description *string
	Status      *JobStatus
	Address     *string
	Extra       map[string]any
}

// JobsService manages jobs. A user sees the jobs that the website shows to that user; others are
// silently missing.
type JobsService service

// List returns one page of jobs; nil options mean the first.
//
// GET /jobs, https://docs.sparkhire.com/
func (s *JobsService) List(ctx context.Context, opts *JobListOptions) (*Page[Job], error) {
	o := orZero(opts)
	return list[Job](ctx, s.client, "/jobs", o.ListOptions, o)
}

// All yields every job from the page on that opts describe. See the package comment for what a loop
// over it may rely on.
func (s *JobsService) All(ctx context.Context, opts *JobListOptions) iter.Seq2[*Job, error] {
	o := orZero(opts)
	return all[Job](ctx, o.Offset, func(ctx context.Context, offset int) (*Page[Job], error) {
		o := o
		o.Offset = offset
		return s.List(ctx, &o)
	})
}

// Get returns a job. One that is unknown or not visible to the user gives [ErrNotFound].
//
// GET /jobs/{uuid}, https://docs.sparkhire.com/
func (s *JobsService) Get(ctx context.Context, uuid string) (*Job, error) {
	return get[Job](ctx, s.client, "/jobs/{uuid}", uuid)
}

// Create adds a job, which takes a job slot when active. Repeating it is not safe; see
// [ErrOutcomeUnknown].
//
// POST /jobs, https://docs.sparkhire.com/
func (s *JobsService) Create(ctx context.Context, req *CreateJobRequest) (*Job, error) {
	r := orZero(req)
	if err := need("POST /jobs", r.Extra, argument{"title", r.Title}); err != nil {
		return nil, err
	}
	return create[Job](ctx, s.client, "/jobs", r.body())
}

// Update changes a job and returns the new state.
//
// PUT /jobs/{uuid}, https://docs.sparkhire.com/
func (s *JobsService) Update(ctx context.Context, uuid string, req *UpdateJobRequest) (*Job, error) {
	r := orZero(req)
	return update[Job](ctx, s.client, "/jobs/{uuid}", r.body(), uuid)
}

// Delete removes a job. Assume that it cannot be undone and takes its interviews along. One that is
// not there gives [ErrNotFound].
//
// DELETE /jobs/{uuid}, https://docs.sparkhire.com/
func (s *JobsService) Delete(ctx context.Context, uuid string) error {
	return s.client.remove(ctx, "/jobs/{uuid}", uuid)
}

func (j Job) id() string { return j.UUID }

// jobWire is a job on the wire, by itself or within an interview.
type jobWire struct {
	jobShape
	StatusUpdatedAt wireTime `json:"status_updated_at"`
	CreatedAt       wireTime `json:"created_at"`
	UpdatedAt       wireTime `json:"updated_at"`
}

type jobShape Job // without methods

// job returns the job inside w, which must not be used again; nil for nil.
func (w *jobWire) job() *Job {
	if w == nil {
		return nil
	}
	j := (*Job)(&w.jobShape)
	j.StatusUpdatedAt, j.CreatedAt, j.UpdatedAt = time.Time(w.StatusUpdatedAt), time.Time(w.CreatedAt), time.Time(w.UpdatedAt)
	return j
}

// LogValue is the job's uuid, not who made it.
func (j Job) LogValue() slog.Value { return logUUID(j.UUID) }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (j *Job) UnmarshalJSON(b []byte) error {
	var w jobWire
	err := wire.Fill(b, &w)
	*j = *w.job()
	j.Raw = bytes.Clone(b)
	return err
}
