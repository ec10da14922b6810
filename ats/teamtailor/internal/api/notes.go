package api

import (
	"context"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Notes calls /v1/notes.
type Notes struct{ client *client }

// NoteRequest is a new note on a candidate. All fields are required: a note always
// has an author [documented: docs/vendors/teamtailor.md].
type NoteRequest struct {
	CandidateID string
	UserID      string
	Text        string
}

// Create writes a note and returns its id. Repeating it writes a second one: ask
// [OutcomeUnknown] before doing so.
func (s *Notes) Create(ctx context.Context, req NoteRequest) (string, error) {
	if req.CandidateID == "" || req.UserID == "" || req.Text == "" {
		return "", fmt.Errorf("create note: %w", argument("candidate, user and text", "must not be empty"))
	}
	set := jsonapi.NewSet[struct{}, struct{}]("notes")
	r := newReader(&jsonapi.Document{Data: set}, set, func(res *jsonapi.Resource[struct{}, struct{}]) string { return res.ID })
	body := struct {
		Note string `json:"note"`
	}{req.Text}
	id, err := created(ctx, s.client, "note", "/v1/notes", "notes", body, map[string]jsonapi.Identifier{
		"candidate": {Type: "candidates", ID: req.CandidateID},
		"user":      {Type: "users", ID: req.UserID},
	}, r)
	if err != nil {
		return "", err
	}
	return *id, nil
}
