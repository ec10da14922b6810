package api

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Results calls /partner/v1/partner-results.
type Results struct{ client *client }

// Status is what a partner result shows. Any may follow any, as far as known
// [assumed: docs/vendors/teamtailor.md].
type Status string

// The five that exist [documented: docs/vendors/teamtailor.md].
const (
	StatusSending   Status = "sending"
	StatusSent      Status = "sent"
	StatusPending   Status = "pending"
	StatusCompleted Status = "completed"
	StatusFailed    Status = "failed"
)

// Result is a partner result as it is read. Unknown statuses and grades are kept as
// they came. It holds personal data and logs as its id and status.
type Result struct {
	ID          string
	Status      Status
	CandidateID string
	JobID       string
	Summary     string
	URL         string
	Assessment  Assessment
	Details     json.RawMessage // an object, nil if there is none
	Attachments []Attachment
	Criteria    []Criterion

	// When it was made and last changed, in UTC. The vendor does not list them among
	// the attributes [assumed: docs/vendors/teamtailor.md]: zero if it sends none.
	CreatedAt, UpdatedAt time.Time
}

// LogValue shows the id and the status.
func (r Result) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", r.ID), slog.String("status", string(r.Status)))
}

// List returns a page of the results of our integration, in the vendor's order;
// nil options ask for the first page.
func (s *Results) List(ctx context.Context, opts *PageOptions) (*Page[Result], error) {
	return s.list(opts).page(ctx)
}

// All yields every result, from the page that the options name.
func (s *Results) All(ctx context.Context, opts *PageOptions) iter.Seq2[Result, error] {
	return s.list(opts).all(ctx)
}

func (s *Results) list(opts *PageOptions) list[Result] {
	return newList(s.client, "partner results", "/partner/v1/partner-results", opts, newResultReader)
}

// Get returns one result. The call is not documented, the link to it is
// [assumed: docs/vendors/teamtailor.md].
func (s *Results) Get(ctx context.Context, id string) (*Result, error) {
	return one(ctx, s.client, "partner result", resultPath, id, nil, newResultReader())
}

// Create makes a result without a trigger and returns it as the vendor stored it.
// Repeating it makes another one: ask [OutcomeUnknown] before doing so.
func (s *Results) Create(ctx context.Context, req ResultCreate) (*Result, error) {
	attributes, err := req.attributes()
	if err != nil {
		return nil, fmt.Errorf("create partner result: %w", err)
	}
	return created(ctx, s.client, "partner result", "/partner/v1/partner-results", "partner-results", attributes, nil, newResultReader())
}

// Update changes what req names and leaves the rest as it is: a PUT here is a
// partial update [documented: docs/vendors/teamtailor.md]. Repeating it is safe.
// What the vendor answers to a success is not read.
//
// The id is that of a [ResultRef], sent with the client of its [ResultRef.BaseURL],
// or of a [Result] of the same client.
func (s *Results) Update(ctx context.Context, id string, req ResultUpdate) error {
	attributes, err := req.attributes()
	if err == nil && !isResultID(id) {
		err = &ArgumentError{Name: "id", Reason: "must be the id of a partner result"}
	}
	var body []byte
	if err == nil {
		body, err = jsonapi.Encode("partner-results", id, attributes, nil)
	}
	if err == nil {
		err = s.client.send(ctx, http.MethodPut, resultPath, []string{id}, body, nil)
	}
	if err != nil {
		return fmt.Errorf("update partner result %s: %w", id, err)
	}
	return nil
}

// Delete removes a result from its card. A result that is not there is an
// [*APIError] with status 404.
func (s *Results) Delete(ctx context.Context, id string) error {
	if err := s.client.send(ctx, http.MethodDelete, resultPath, []string{id}, nil, nil); err != nil {
		return fmt.Errorf("delete partner result %s: %w", id, err)
	}
	return nil
}

const resultPath = resultsPath + "{id}"

// resultAttributes are what is read. Every member may be null.
type resultAttributes struct {
	Status      string         `json:"status"`
	CandidateID jsonapi.Text   `json:"candidate-id"`
	JobID       jsonapi.Text   `json:"job-id"`
	Summary     jsonapi.Text   `json:"summary"`
	URL         jsonapi.Text   `json:"url"`
	Assessment  assessment     `json:"assessment"`
	Details     jsontext.Value `json:"details"`
	Attachments []Attachment   `json:"attachments"`
	Criteria    []criterion    `json:"assessment-criteria"`
	CreatedAt   jsonapi.Time   `json:"created-at"`
	UpdatedAt   jsonapi.Time   `json:"updated-at"`
}

type assessment struct {
	Score    jsonapi.Text `json:"score"`
	Grade    jsonapi.Text `json:"grade"`
	Duration jsonapi.Text `json:"duration"`
}

type criterion struct {
	ID    jsonapi.Text `json:"id"`
	Score jsonapi.Text `json:"score"`
}

func newResultReader() reader[Result] {
	set := jsonapi.NewSet[resultAttributes, struct{}]("partner-results")
	return newReader(&jsonapi.Document{Data: set}, set, resultFromAPI)
}

func resultFromAPI(res *jsonapi.Resource[resultAttributes, struct{}]) Result {
	a := &res.Attributes
	result := Result{
		ID: res.ID, Status: Status(a.Status), CandidateID: string(a.CandidateID), JobID: string(a.JobID),
		Summary: string(a.Summary), URL: string(a.URL), Attachments: a.Attachments,
		Assessment: Assessment{Score: number(a.Assessment.Score), Grade: Grade(a.Assessment.Grade), Duration: seconds(a.Assessment.Duration)},
		CreatedAt:  a.CreatedAt.Time, UpdatedAt: a.UpdatedAt.Time,
	}
	if a.Details.Kind() == jsontext.KindBeginObject {
		result.Details = json.RawMessage(a.Details)
	}
	for _, c := range a.Criteria {
		result.Criteria = append(result.Criteria, Criterion{ID: string(c.ID), Score: number(c.Score)})
	}
	return result
}

// number reads a score, nil for null or what is not one.
func number(text jsonapi.Text) *float64 {
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return nil
	}
	return &n
}

// seconds reads a duration, which is a number of seconds when read.
func seconds(text jsonapi.Text) time.Duration {
	n := number(text)
	if n == nil || *n < 0 || *n > 1e9 {
		return 0
	}
	return time.Duration(*n * float64(time.Second))
}
