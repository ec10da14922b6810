package api

import (
	"cmp"
	"context"
	"iter"
	"strconv"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Stages calls /v1/stages and the stages of a job. A stage belongs to one job.
type Stages struct{ client *client }

// Stage is one step of a job's pipeline.
type Stage struct {
	ID   string
	Name string

	// Type is Inbox, In process, Hired or a newer word. Where the API has made it a
	// relationship of its own, this is the name it had before [observed].
	Type string

	// Order is the position in the job's pipeline, from the left.
	Order int
}

// Get returns one stage.
func (s *Stages) Get(ctx context.Context, id string) (*Stage, error) {
	return one(ctx, s.client, "stage", "/v1/stages/{id}", id, nil, newStageReader())
}

// List returns a page of a job's stages; nil options ask for the first.
func (s *Stages) List(ctx context.Context, jobID string, opts *PageOptions) (*Page[Stage], error) {
	return s.list(jobID, opts).page(ctx)
}

// All yields every stage of a job, in the vendor's order.
func (s *Stages) All(ctx context.Context, jobID string, opts *PageOptions) iter.Seq2[Stage, error] {
	return s.list(jobID, opts).all(ctx)
}

func (s *Stages) list(jobID string, opts *PageOptions) list[Stage] {
	return newList(s.client, "stages of job "+jobID, "/v1/jobs/{id}/stages", opts, newStageReader, jobID)
}

type stageAttributes struct {
	Name       jsonapi.Text `json:"name"`
	Type       jsonapi.Text `json:"stage-type"`
	LegacyType jsonapi.Text `json:"legacy-stage-type-name"`
	Order      jsonapi.Text `json:"row-order"`
}

type stageResource = jsonapi.Resource[stageAttributes, struct{}]

func newStageReader() reader[Stage] {
	set := jsonapi.NewSet[stageAttributes, struct{}]("stages")
	return newReader(&jsonapi.Document{Data: set}, set, stageFromAPI)
}

func stageFromAPI(res *stageResource) Stage {
	a := &res.Attributes
	order, _ := strconv.Atoi(string(a.Order))
	return Stage{ID: res.ID, Name: string(a.Name), Type: string(cmp.Or(a.Type, a.LegacyType)), Order: order}
}
