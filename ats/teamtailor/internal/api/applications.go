package api

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// JobApplications calls /v1/job-applications.
type JobApplications struct{ client *client }

// JobApplication is a candidate in a job. What it refers to is read in the same
// request. It logs as its ids.
type JobApplication struct {
	ID string

	// Nil if the vendor names none, such as a candidate without a stage.
	Candidate *Candidate // without custom fields
	Job       *Job
	Stage     *Stage

	CreatedAt, UpdatedAt time.Time // UTC
	ChangedStageAt       time.Time // UTC, zero if never
	RejectedAt           time.Time // UTC, zero if not rejected
}

// LogValue shows the ids.
func (a JobApplication) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", a.ID)}
	if a.Candidate != nil {
		attrs = append(attrs, slog.String("candidate", a.Candidate.ID))
	}
	if a.Job != nil {
		attrs = append(attrs, slog.String("job", a.Job.ID))
	}
	return slog.GroupValue(attrs...)
}

// JobApplicationListOptions narrow a list. Job and Candidate are filters that the
// vendor does not document and others use [observed: docs/vendors/teamtailor.md];
// one that it does not know is refused with status 400, not ignored.
type JobApplicationListOptions struct {
	PageOptions
	Job          string    `url:"filter[job],omitempty"`
	Candidate    string    `url:"filter[candidate],omitempty"`
	StageType    string    `url:"filter[stage-type],omitempty"`
	UpdatedSince time.Time `url:"filter[updated-at][from],omitempty"`
	CreatedSince time.Time `url:"filter[created-at][from],omitempty"`
	Sort         string    `url:"sort,omitempty"`
}

const (
	includeApplication = "candidate,job,stage"
	applicationPath    = "/v1/job-applications/{id}"
)

// Get returns one application with its candidate, job and stage.
func (s *JobApplications) Get(ctx context.Context, id string) (*JobApplication, error) {
	q := url.Values{"include": {includeApplication}}
	return one(ctx, s.client, "job application", applicationPath, id, q, newApplicationReader())
}

// List returns a page, each application with its candidate, job and stage.
func (s *JobApplications) List(ctx context.Context, opts *JobApplicationListOptions) (*Page[JobApplication], error) {
	return s.list(opts).page(ctx)
}

// All yields every application that the options let through.
func (s *JobApplications) All(ctx context.Context, opts *JobApplicationListOptions) iter.Seq2[JobApplication, error] {
	return s.list(opts).all(ctx)
}

func (s *JobApplications) list(opts *JobApplicationListOptions) list[JobApplication] {
	var o JobApplicationListOptions
	if opts != nil {
		o = *opts
	}
	o.UpdatedSince, o.CreatedSince = utc(o.UpdatedSince), utc(o.CreatedSince)
	return newList(s.client, "job applications", "/v1/job-applications", o, newApplicationReader).including(includeApplication)
}

// Move puts the candidate into another stage of the same job. Triggers of that
// stage may fire. Repeating it is safe as far as known: it is a PATCH of the
// relationship [assumed: docs/vendors/teamtailor.md].
func (s *JobApplications) Move(ctx context.Context, id, stageID string) error {
	var err error
	if stageID == "" {
		err = argument("stage", "must not be empty")
	}
	var body []byte
	if err == nil {
		body, err = jsonapi.Encode("job-applications", id, nil, map[string]jsonapi.Identifier{"stage": {Type: "stages", ID: stageID}})
	}
	if err == nil {
		err = s.client.send(ctx, http.MethodPatch, applicationPath, []string{id}, body, nil)
	}
	if err != nil {
		return fmt.Errorf("move job application %s: %w", id, err)
	}
	return nil
}

type applicationAttributes struct {
	CreatedAt      jsonapi.Time `json:"created-at"`
	UpdatedAt      jsonapi.Time `json:"updated-at"`
	ChangedStageAt jsonapi.Time `json:"changed-stage-at"`
	RejectedAt     jsonapi.Time `json:"rejected-at"`
}

type applicationRelations struct {
	Candidate jsonapi.ToOne `json:"candidate"`
	Job       jsonapi.ToOne `json:"job"`
	Stage     jsonapi.ToOne `json:"stage"`
}

type applicationResource = jsonapi.Resource[applicationAttributes, applicationRelations]

func newApplicationReader() reader[JobApplication] {
	set := jsonapi.NewSet[applicationAttributes, applicationRelations]("job-applications")
	candidates := jsonapi.NewSet[candidateAttributes, candidateRelations]("candidates")
	jobs := jsonapi.NewSet[jobAttributes, struct{}]("jobs")
	stages := jsonapi.NewSet[stageAttributes, struct{}]("stages")
	doc := &jsonapi.Document{Data: set, Included: []jsonapi.Collector{candidates, jobs, stages}}
	return newReader(doc, set, func(res *applicationResource) JobApplication {
		a, rel := &res.Attributes, &res.Relationships
		app := JobApplication{
			ID: res.ID, CreatedAt: a.CreatedAt.Time, UpdatedAt: a.UpdatedAt.Time,
			ChangedStageAt: a.ChangedStageAt.Time, RejectedAt: a.RejectedAt.Time,
		}
		if found := candidates.Find(rel.Candidate.ID); found != nil {
			c := candidateFromAPI(found, nil)
			app.Candidate = &c
		}
		if found := jobs.Find(rel.Job.ID); found != nil {
			j := jobFromAPI(found)
			app.Job = &j
		}
		if found := stages.Find(rel.Stage.ID); found != nil {
			st := stageFromAPI(found)
			app.Stage = &st
		}
		return app
	})
}
