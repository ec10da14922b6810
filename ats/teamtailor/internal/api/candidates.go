package api

import (
	"context"
	"iter"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Candidates calls /v1/candidates.
type Candidates struct{ client *client }

// Candidate is a person. It logs as its id.
type Candidate struct {
	ID        string
	FirstName string
	LastName  string
	Email     string // empty for some sourced candidates
	Phone     string
	Sourced   bool

	CreatedAt, UpdatedAt time.Time // UTC

	// CustomFields are the values that the candidate has; nil unless asked for.
	CustomFields []CustomFieldValue
}

// LogValue shows the id.
func (c Candidate) LogValue() slog.Value { return slog.StringValue("candidate " + c.ID) }

// CandidateOptions say what comes with a candidate.
type CandidateOptions struct {
	// CustomFields includes the values of custom fields, in the same request.
	CustomFields bool
}

// CandidateListOptions narrow a list.
type CandidateListOptions struct {
	PageOptions
	Email        string    `url:"filter[email],omitempty"` // a whole address, in any case
	CreatedSince time.Time `url:"filter[created-at][from],omitempty"`
	UpdatedSince time.Time `url:"filter[updated-at][from],omitempty"`
	Sort         string    `url:"sort,omitempty"` // an attribute, with a dash before it for the reverse

	// CustomFields is as in [CandidateOptions].
	CustomFields bool `url:"-"`
}

// includeFields brings each value and the field it belongs to, whose name a value
// does not know [observed: docs/vendors/teamtailor.md].
const includeFields = "custom-field-values,custom-field-values.custom-field"

// Get returns one candidate. Nil options ask for the candidate alone.
func (s *Candidates) Get(ctx context.Context, id string, opts *CandidateOptions) (*Candidate, error) {
	var q url.Values
	if opts != nil && opts.CustomFields {
		q = url.Values{"include": {includeFields}}
	}
	return one(ctx, s.client, "candidate", "/v1/candidates/{id}", id, q, newCandidateReader())
}

// List returns a page.
func (s *Candidates) List(ctx context.Context, opts *CandidateListOptions) (*Page[Candidate], error) {
	return s.list("candidates", "/v1/candidates", opts).page(ctx)
}

// All yields every candidate that the options let through.
func (s *Candidates) All(ctx context.Context, opts *CandidateListOptions) iter.Seq2[Candidate, error] {
	return s.list("candidates", "/v1/candidates", opts).all(ctx)
}

// AllInJob yields every candidate who has an application in a job and whom the
// options let through: the documented relationship of jobs, at the address that
// JSON:API gives it [assumed: docs/vendors/teamtailor.md].
func (s *Candidates) AllInJob(ctx context.Context, jobID string, opts *CandidateListOptions) iter.Seq2[Candidate, error] {
	return s.list("candidates of job "+jobID, "/v1/jobs/{id}/candidates", opts, jobID).all(ctx)
}

func (s *Candidates) list(what, path string, opts *CandidateListOptions, args ...string) list[Candidate] {
	var o CandidateListOptions
	if opts != nil {
		o = *opts
	}
	// The filter finds nothing unless the address is in lower case
	// [observed: docs/vendors/teamtailor.md].
	o.Email = strings.ToLower(strings.TrimSpace(o.Email))
	o.CreatedSince, o.UpdatedSince = utc(o.CreatedSince), utc(o.UpdatedSince)
	include := ""
	if o.CustomFields {
		include = includeFields
	}
	return newList(s.client, what, path, o, newCandidateReader, args...).including(include)
}

// utc keeps zero times zero in the eyes of the query encoder.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

type candidateAttributes struct {
	FirstName jsonapi.Text `json:"first-name"`
	LastName  jsonapi.Text `json:"last-name"`
	Email     jsonapi.Text `json:"email"`
	Phone     jsonapi.Text `json:"phone"`
	Sourced   jsonapi.Text `json:"sourced"`
	CreatedAt jsonapi.Time `json:"created-at"`
	UpdatedAt jsonapi.Time `json:"updated-at"`
}

type candidateRelations struct {
	CustomFieldValues jsonapi.ToMany `json:"custom-field-values"`
}

type candidateResource = jsonapi.Resource[candidateAttributes, candidateRelations]

func newCandidateReader() reader[Candidate] {
	set := jsonapi.NewSet[candidateAttributes, candidateRelations]("candidates")
	fields := newFieldSets()
	doc := &jsonapi.Document{Data: set, Included: []jsonapi.Collector{fields.values, fields.fields}}
	return newReader(doc, set, func(res *candidateResource) Candidate { return candidateFromAPI(res, fields) })
}

// candidateFromAPI joins a candidate with its custom fields, if they were asked for.
func candidateFromAPI(res *candidateResource, fields *fieldSets) Candidate {
	a := &res.Attributes
	c := Candidate{
		ID: res.ID, FirstName: string(a.FirstName), LastName: string(a.LastName), Email: string(a.Email), Phone: string(a.Phone),
		Sourced: a.Sourced == "true", CreatedAt: a.CreatedAt.Time, UpdatedAt: a.UpdatedAt.Time,
	}
	if fields == nil || !res.Relationships.CustomFieldValues.Loaded {
		return c
	}
	c.CustomFields = []CustomFieldValue{}
	for _, id := range res.Relationships.CustomFieldValues.IDs {
		if value := fields.values.Find(id); value != nil {
			c.CustomFields = append(c.CustomFields, fields.valueFromAPI(value))
		}
	}
	return c
}
