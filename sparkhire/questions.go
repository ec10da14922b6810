package sparkhire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const (
	questionsPath = "/interviews/{uuid}/questions"
	questionPath  = "/interviews/{uuid}/questions/{question_uuid}"
)

// Question is one question of an interview or a question set [observed: docs/vendors/sparkhire.md].
type Question struct {
	UUID string `json:"uuid"`
	Text string `json:"text"`

	// TimeLimit is how long an answer may be, in a unit that is not public: pass it through. Zero
	// when missing or not a number; Raw has the original.
	TimeLimit int `json:"time_limit"`

	// Takes is how often an answer may be recorded.
	Takes int `json:"takes"`

	// ThinkTime is the vendor's text or number, which may say unlimited: pass it through.
	ThinkTime string `json:"think_time"`

	Raw json.RawMessage `json:"-"` // as received
}

// CreateQuestionRequest describes a new question. Text is required; a zero field is not sent. Limiting
// the think time forces Takes to 1 on the website. Extra is merged last and wins.
type CreateQuestionRequest struct {
	Text      string
	TimeLimit int
	Takes     int
	ThinkTime string
	Extra     map[string]any
}

// UpdateQuestionRequest changes a question; a nil field is not sent. Extra is merged last and wins.
type UpdateQuestionRequest struct {
	Text      *string
	TimeLimit *int
	Takes     *int
	ThinkTime *string
	Extra     map[string]any
}

// QuestionsService manages the questions of one interview. Presumably they cannot be changed once the
// candidate has started [assumed: docs/vendors/sparkhire.md].
type QuestionsService service

// List returns all questions of an interview, in the vendor's order.
//
// GET /interviews/{uuid}/questions, https://docs.sparkhire.com/
func (s *QuestionsService) List(ctx context.Context, interviewUUID string) ([]*Question, error) {
	return callList[Question](ctx, s.client, &httpx.Request{
		Method: http.MethodGet, Path: questionsPath, Args: []string{interviewUUID},
	})
}

// Get returns a question of an interview, or [ErrNotFound].
//
// GET /interviews/{uuid}/questions/{question_uuid}, https://docs.sparkhire.com/
func (s *QuestionsService) Get(ctx context.Context, interviewUUID, questionUUID string) (*Question, error) {
	return get[Question](ctx, s.client, questionPath, interviewUUID, questionUUID)
}

// Create adds a question to an interview. Repeating it is not safe.
//
// POST /interviews/{uuid}/questions, https://docs.sparkhire.com/
func (s *QuestionsService) Create(ctx context.Context, interviewUUID string, req *CreateQuestionRequest) (*Question, error) {
	r := orZero(req)
	if err := need("POST "+questionsPath, r.Extra, argument{"text", r.Text}); err != nil {
		return nil, err
	}
	return create[Question](ctx, s.client, questionsPath, r.body(), interviewUUID)
}

// Update changes a question and returns the new state.
//
// PUT /interviews/{uuid}/questions/{question_uuid}, https://docs.sparkhire.com/
func (s *QuestionsService) Update(ctx context.Context, interviewUUID, questionUUID string, req *UpdateQuestionRequest) (*Question, error) {
	r := orZero(req)
	return update[Question](ctx, s.client, questionPath, r.body(), interviewUUID, questionUUID)
}

// Delete removes a question. One that is not there gives [ErrNotFound].
//
// DELETE /interviews/{uuid}/questions/{question_uuid}, https://docs.sparkhire.com/
func (s *QuestionsService) Delete(ctx context.Context, interviewUUID, questionUUID string) error {
	return s.client.remove(ctx, questionPath, interviewUUID, questionUUID)
}

func (q Question) id() string { return q.UUID }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (q *Question) UnmarshalJSON(b []byte) error {
	type plain Question
	q.Raw = bytes.Clone(b)
	return wire.Fill(b, &struct {
		*plain
		TimeLimit intInto  `json:"time_limit"`
		Takes     intInto  `json:"takes"`
		ThinkTime textInto `json:"think_time"`
	}{(*plain)(q), intInto{&q.TimeLimit}, intInto{&q.Takes}, textInto{&q.ThinkTime}})
}
