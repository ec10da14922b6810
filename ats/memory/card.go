package memory

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Card is what the users of the pretend ATS see of one interview.
type Card struct {
	InterviewID string
	CandidateID string
	JobID       string
	// TriggerID is empty where no trigger asked for the interview.
	TriggerID string
	State     ats.State
	Revision  int64
	Title     string
	// Due is the civil time of the deadline or start, with its zone.
	Due string
	// Reason and Notice are sentences; may be empty.
	Reason string
	Notice string
	// WatchURL and ShareURL are there once the interview is completed.
	WatchURL string
	ShareURL string
	// Score is nil when there is none, or when the settings hide it.
	Score *float64
	// Lines are the timeline, each event once, in the order of their arrival.
	Lines []Line
}

// Line is one line of a card's timeline.
type Line struct {
	Key  string
	Kind ats.EventKind
	At   time.Time
	Text string
}

// String returns the interview's id and state, so that printing a card shows no
// links.
func (c Card) String() string { return fmt.Sprintf("card of %s: %s", c.InterviewID, c.State) }

// LogValue logs ids and the state.
func (c Card) LogValue() slog.Value {
	return slog.GroupValue(slog.String("interview", c.InterviewID), slog.String("state", string(c.State)), slog.Int64("revision", c.Revision))
}

func (c Card) clone() Card {
	c.Score = clonePointer(c.Score)
	c.Lines = slices.Clone(c.Lines)
	return c
}

// Publish implements [ats.Adapter]. A removed candidate or a closed account is
// [ats.ErrGone], one that never was [ats.ErrNotFound], and a report without
// interview or revision [ats.ErrInvalid]. A report that is older than the card
// adds its missing lines and nothing else. A completed card stays completed.
func (a *Adapter) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	iv := r.Interview
	if iv.ID == "" || iv.Revision < 1 {
		return fmt.Errorf("publish report: it has no interview or no revision: %w", ats.ErrInvalid)
	}
	shown, err := ats.DecodeSettings[Settings](c.Settings)
	if err != nil {
		return fmt.Errorf("publish interview %s: %w", iv.ID, err)
	}
	err = a.visit(ctx, c.Tenant, func(acc *Account) error {
		cand, ok := acc.candidates[iv.Candidate.ID]
		switch {
		case !ok:
			return fmt.Errorf("find candidate %s: %w", iv.Candidate.ID, ats.ErrNotFound)
		case cand.removed:
			return fmt.Errorf("find candidate %s: %w", iv.Candidate.ID, ats.ErrGone)
		}
		a.reports = append(a.reports, cloneReport(r))
		acc.show(r, shown)
		return nil
	})
	if err != nil {
		return fmt.Errorf("publish interview %s: %w", iv.ID, err)
	}
	return nil
}

// show brings the card up to the report. Callers hold the adapter's lock.
func (a *Account) show(r ats.Report, shown Settings) {
	iv := r.Interview
	history := a.history[iv.ID]
	card := Card{InterviewID: iv.ID, CandidateID: iv.Candidate.ID, JobID: iv.Job.ID, TriggerID: triggerOf(r.ReplyTo)}
	if len(history) > 0 {
		card = history[len(history)-1].clone()
	}
	changed := iv.Revision > card.Revision
	if changed {
		card.Revision = iv.Revision
		completed := card.State == ats.StateCompleted || r.Acknowledged == ats.StateCompleted
		if !completed || iv.State == ats.StateCompleted {
			card = card.with(iv, shown)
		}
	}
	for _, e := range r.Events {
		if !slices.ContainsFunc(card.Lines, func(l Line) bool { return l.Key == e.Key }) {
			card.Lines = append(card.Lines, Line{Key: e.Key, Kind: e.Kind, At: e.At, Text: e.Text})
			changed = true
		}
	}
	if changed {
		a.history[iv.ID] = append(history, card)
	}
}

// with returns the card showing the interview's state.
func (c Card) with(iv ats.Interview, shown Settings) Card {
	c.State = iv.State
	c.Title = iv.Type.Label()
	c.Due = iv.Schedule.String()
	c.Reason, c.Notice = sentence(iv.Reason), sentence(iv.Notice)
	c.WatchURL, c.ShareURL = iv.SparkHire.WatchURL, iv.SparkHire.ShareURL
	c.Score = clonePointer(iv.SparkHire.Score)
	if shown.HideScore {
		c.Score = nil
	}
	return c
}

func sentence(r *ats.Reason) string {
	if r == nil {
		return ""
	}
	return r.Message
}

// Card returns what is shown of the interview, and false when nothing is.
func (a *Adapter) Card(interviewID string) (Card, bool) {
	h := a.History(interviewID)
	if len(h) == 0 {
		return Card{}, false
	}
	return h[len(h)-1], true
}

// History returns every form that the interview's card has had, oldest first.
// Reports that changed nothing left no trace in it.
func (a *Adapter) History(interviewID string) []Card {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, acc := range a.accounts {
		if h := acc.history[interviewID]; len(h) > 0 {
			cards := make([]Card, len(h))
			for i, c := range h {
				cards[i] = c.clone()
			}
			return cards
		}
	}
	return nil
}

// Reports returns every report that reached the ATS, in the order of arrival,
// repeated ones as often as they came. Reports that failed are not among them;
// those whose answer was lost are.
func (a *Adapter) Reports() []ats.Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]ats.Report, len(a.reports))
	for i, r := range a.reports {
		all[i] = cloneReport(r)
	}
	return all
}
