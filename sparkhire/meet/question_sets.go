package meet

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// QuestionSet is a named list of questions in the account's library, made on the website [observed:
// docs/vendors/sparkhire.md].
type QuestionSet struct {
	UUID string `json:"uuid"`
	Name string `json:"name"` // also read from "title"

	Raw json.RawMessage `json:"-"` // as received
}

// QuestionSetsService lists question sets.
type QuestionSetsService service

// QuestionSetListOptions select question sets.
type QuestionSetListOptions struct {
	// Types are the kinds of assessment that the sets are for; none means all [assumed:
	// docs/vendors/sparkhire.md].
	Types []ItemType
}

// List returns question sets in one piece, in the vendor's order; nil options mean all.
//
// GET /partners/library/question_sets/all, https://meet-api.sparkhire.com/
func (s *QuestionSetsService) List(ctx context.Context, list *QuestionSetListOptions, opts ...CallOption) ([]*QuestionSet, error) {
	req := &httpx.Request{
		Method: http.MethodGet, Path: "/partners/library/question_sets/all", Query: indexed("type", orZero(list).Types),
	}
	return call(ctx, s.client, req, opts, decodeList[QuestionSet])
}

func (q QuestionSet) id() string { return q.UUID }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (q *QuestionSet) UnmarshalJSON(b []byte) error {
	type plain QuestionSet
	q.Raw = bytes.Clone(b)
	title := ""
	err := wire.Fill(b, &struct {
		*plain
		Name  textInto `json:"name"`
		Title textInto `json:"title"`
	}{(*plain)(q), textInto{&q.Name}, textInto{&title}})
	if q.Name == "" {
		q.Name = title
	}
	return err
}
