package sparkhire

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// QuestionSet is a named list of questions that one-way interviews are made from [observed:
// docs/vendors/sparkhire.md]. The website allows at most ten questions.
type QuestionSet struct {
	UUID      string      `json:"uuid"`
	Name      string      `json:"name"` // also read from "title"
	Questions []*Question `json:"questions"`
	CreatedAt time.Time   `json:"created_at,omitzero"`
	UpdatedAt time.Time   `json:"updated_at,omitzero"`

	Raw json.RawMessage `json:"-"` // as received
}

// CreateQuestionSetRequest describes a new question set. Name is required. Extra is merged last and
// wins.
type CreateQuestionSetRequest struct {
	Name      string
	Questions []CreateQuestionRequest
	Extra     map[string]any
}

// UpdateQuestionSetRequest changes a question set; a nil field is not sent. Whether the vendor clears
// what is not sent is not public, so send every field. Extra is merged last and wins.
type UpdateQuestionSetRequest struct {
	Name      *string
	Questions []CreateQuestionRequest
	Extra     map[string]any
}

// QuestionSetsService manages question sets.
type QuestionSetsService service

// List returns one page of question sets; nil options mean the first.
//
// GET /question_sets, https://docs.sparkhire.com/
func (s *QuestionSetsService) List(ctx context.Context, opts *ListOptions) (*Page[QuestionSet], error) {
	o := orZero(opts)
	return list[QuestionSet](ctx, s.client, "/question_sets", o, o)
}

// All yields every question set from the page on that opts describe. See the package comment for what
// a loop over it may rely on.
func (s *QuestionSetsService) All(ctx context.Context, opts *ListOptions) iter.Seq2[*QuestionSet, error] {
	o := orZero(opts)
	return all[QuestionSet](ctx, o.Offset, func(ctx context.Context, offset int) (*Page[QuestionSet], error) {
		o := o
		o.Offset = offset
		return s.List(ctx, &o)
	})
}

// Get returns a question set, or [ErrNotFound].
//
// GET /question_sets/{uuid}, https://docs.sparkhire.com/
func (s *QuestionSetsService) Get(ctx context.Context, uuid string) (*QuestionSet, error) {
	return get[QuestionSet](ctx, s.client, "/question_sets/{uuid}", uuid)
}

// Create adds a question set. Repeating it is not safe.
//
// POST /question_sets, https://docs.sparkhire.com/
func (s *QuestionSetsService) Create(ctx context.Context, req *CreateQuestionSetRequest) (*QuestionSet, error) {
	r := orZero(req)
	if err := need("POST /question_sets", r.Extra, argument{"name", r.Name}); err != nil {
		return nil, err
	}
	return create[QuestionSet](ctx, s.client, "/question_sets", r.body())
}

// Update changes a question set and returns the new state.
//
// PUT /question_sets/{uuid}, https://docs.sparkhire.com/
func (s *QuestionSetsService) Update(ctx context.Context, uuid string, req *UpdateQuestionSetRequest) (*QuestionSet, error) {
	r := orZero(req)
	return update[QuestionSet](ctx, s.client, "/question_sets/{uuid}", r.body(), uuid)
}

// Delete removes a question set. One that is not there gives [ErrNotFound].
//
// DELETE /question_sets/{uuid}, https://docs.sparkhire.com/
func (s *QuestionSetsService) Delete(ctx context.Context, uuid string) error {
	return s.client.remove(ctx, "/question_sets/{uuid}", uuid)
}

func (q QuestionSet) id() string { return q.UUID }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (q *QuestionSet) UnmarshalJSON(b []byte) error {
	type plain QuestionSet
	q.Raw = bytes.Clone(b)
	title := ""
	err := wire.Fill(b, &struct {
		*plain
		Title     *string  `json:"title"`
		CreatedAt timeInto `json:"created_at"`
		UpdatedAt timeInto `json:"updated_at"`
	}{(*plain)(q), &title, timeInto{&q.CreatedAt}, timeInto{&q.UpdatedAt}})
	if q.Name == "" {
		q.Name = title
	}
	return err
}
