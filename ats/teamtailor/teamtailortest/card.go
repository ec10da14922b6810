package teamtailortest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// cardSummary is how many characters of a summary the card shows; the rest is under "view details".
// [documented: docs/vendors/teamtailor.md]
const cardSummary = 150

// Card is a partner result as a recruiter sees it on the candidate's page.
type Card struct {
	ResultID    string
	Partner     string // name of the partner
	CandidateID int
	JobID       int // 0 outside a job
	CardState
	// History has every change and every refused attempt at one, in order.
	History []Change
	// Removed cards are no longer shown; see [Server.CardOf].
	Removed bool
}

// CardState is what a card shows at one moment.
type CardState struct {
	Status      string // "sending", "sent", "pending", "completed" or "failed"
	Summary     string // the first 150 characters
	FullSummary string
	URL         string
	// Error is the text that the integration refused the event with. It shows while the status is "failed".
	Error       string
	Score       *float64 // 0 to 100
	Grade       string
	Duration    time.Duration
	Details     map[string]any
	Attachments []Attachment
	Buttons     []Button
	Criteria    []CriterionScore
}

// Attachment is a link on a card.
type Attachment struct{ URL, Description string }

// Button is an action on a card; see [Server.PressAction].
type Button struct{ Text, Endpoint string }

// CriterionScore is the score of one assessment criterion.
type CriterionScore struct {
	ID    string
	Score *float64
}

// Source says what tried to change a partner result.
type Source string

// The sources of changes.
const (
	BySystem Source = "teamtailor" // created for an event, failed for want of an answer, or removed with its candidate
	ByAnswer Source = "answer"     // the integration's answer to the event
	ByCreate Source = "create"     // POST /partner/v1/partner-results
	ByUpdate Source = "update"     // PUT
	ByDelete Source = "delete"     // DELETE
)

// Change is one attempt to change a partner result.
type Change struct {
	Seq    int // counts the server's changes from 1
	At     time.Time
	Source Source
	// Status is what the Partner API answered, 0 if the change did not come through it. From 400 on nothing changed.
	Status int
	// Sent is the attributes as they were sent, nil if there were none.
	Sent json.RawMessage
	// After is what the card shows from then on.
	After CardState
}

// LogValue leaves what the card says out of logs.
func (c Card) LogValue() slog.Value {
	return slog.GroupValue(slog.String("result_id", c.ResultID), slog.Int("candidate", c.CandidateID), slog.String("status", c.Status))
}

// LogValue leaves what the card says out of logs.
func (c CardState) LogValue() slog.Value { return slog.GroupValue(slog.String("status", c.Status)) }

// LogValue leaves what was sent out of logs.
func (c Change) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("seq", c.Seq), slog.String("source", string(c.Source)), slog.Int("status", c.Status))
}

// Cards returns what is shown on the candidate's page, oldest first.
func (s *Server) Cards(c *Candidate) []Card {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cards(c)
}

// cards is Cards for callers that hold s.mu.
func (s *Server) cards(c *Candidate) []Card {
	var cards []Card
	for _, r := range s.results {
		if r.candidate == c && !r.removed {
			cards = append(cards, r.card())
		}
	}
	return cards
}

// Card returns the newest card on the candidate's page, and false if there is none.
func (s *Server) Card(c *Candidate) (Card, bool) {
	cards := s.Cards(c)
	if len(cards) == 0 {
		return Card{}, false
	}
	return cards[len(cards)-1], true
}

// CardOf returns the card of a partner result, even a removed one, and false for an unknown id.
func (s *Server) CardOf(resultID string) (Card, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.result(resultID)
	if r == nil {
		return Card{}, false
	}
	return r.card(), true
}

// AwaitCard blocks until some card on the candidate's page satisfies ok, and returns it. It returns the context's error with
// the statuses that were last seen if that ends first.
func (s *Server) AwaitCard(ctx context.Context, c *Candidate, ok func(Card) bool) (Card, error) {
	for {
		s.mu.Lock()
		cards, changed := s.cards(c), s.changed
		s.mu.Unlock()
		if i := slices.IndexFunc(cards, ok); i >= 0 {
			return cards[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			statuses := []string{}
			for _, card := range cards {
				statuses = append(statuses, card.Status)
			}
			return Card{}, fmt.Errorf("await card of candidate %d, showing %q: %w", c.ID, statuses, ctx.Err())
		}
	}
}

// card renders a result. Callers hold server.mu.
func (r *result) card() Card {
	c := Card{
		ResultID: r.id, Partner: r.partner.Name, CandidateID: r.candidate.ID, CardState: r.shown(),
		History: slices.Clone(r.history), Removed: r.removed,
	}
	if r.job != nil {
		c.JobID = r.job.ID
	}
	return c
}

// shown copies what the card shows, so that later changes do not reach into it.
func (r *result) shown() CardState {
	st := r.state
	st.Details = maps.Clone(st.Details)
	st.Attachments, st.Buttons = slices.Clone(st.Attachments), slices.Clone(st.Buttons)
	st.Criteria = slices.Clone(st.Criteria)
	st.Summary = st.FullSummary
	if runes := []rune(st.FullSummary); len(runes) > cardSummary {
		st.Summary = string(runes[:cardSummary])
	}
	return st
}
