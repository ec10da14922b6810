package ats

import (
	"encoding/json"
	"log/slog"
	"time"
)

// EventKind is what a line of the timeline is about.
type EventKind string

// The event kinds.
const (
	EventRequested     EventKind = "requested"
	EventSending       EventKind = "sending"
	EventSent          EventKind = "sent"
	EventAccepted      EventKind = "accepted"
	EventCompleted     EventKind = "completed"
	EventRated         EventKind = "rated"
	EventExpired       EventKind = "expired"
	EventCanceled      EventKind = "canceled"
	EventRescheduled   EventKind = "rescheduled"
	EventReset         EventKind = "reset"
	EventRemoved       EventKind = "removed"
	EventFailed        EventKind = "failed"
	EventUnconfirmed   EventKind = "unconfirmed"
	EventResolved      EventKind = "resolved"
	EventPublished     EventKind = "published"
	EventPublishFailed EventKind = "publish_failed"
	EventErased        EventKind = "erased"
)

// Reportable reports whether the event is for the ATS, and not only about our
// talking to it.
func (k EventKind) Reportable() bool {
	switch k {
	case EventPublished, EventPublishFailed, EventErased, EventSending:
		return false
	default:
		return true
	}
}

// Event is one line of an interview's timeline. Events are only ever added.
type Event struct {
	// Seq counts an interview's events from 1.
	Seq int64
	// Key is unique among the interview's events and stays the same however
	// often the event is reported.
	Key  string
	Kind EventKind
	At   time.Time
	// Text is the line as people read it, without personal data of the candidate.
	Text string
	// Actor is the id of the person who caused it; may be empty.
	Actor string
	// Data holds facts by name; values hold no personal data of the candidate.
	Data map[string]string
	// Round counts the interview's resets and changed deadlines up to and with
	// this event: what happens again in another round is told again. It is set in
	// a [Report] only, see [CountRounds].
	Round int
}

// CountRounds sets the Round of each event of one interview's whole timeline,
// oldest first.
func CountRounds(timeline []Event) {
	round := 0
	for i := range timeline {
		if k := timeline[i].Kind; k == EventReset || k == EventRescheduled {
			round++
		}
		timeline[i].Round = round
	}
}

// Report is an interview's present state and the events that the ATS has not
// acknowledged yet, oldest first: what [Adapter.Publish] publishes.
type Report struct {
	Interview Interview
	Events    []Event
	// Acknowledged is the state that the ATS acknowledged last; empty when it
	// has acknowledged none.
	Acknowledged State
	// Others are the other interviews of the same candidate and job at the
	// tenant, newest first, for an ATS that shows one status for all of them.
	// Erased ones are left out.
	Others []Interview
	// Version grows with every change to Interview and to any of Others: for an
	// ATS that keeps the newest of what it is told about a candidate and job.
	Version int64
	// ReplyTo is that of the [Request].
	ReplyTo json.RawMessage
}

// LogValue logs ids only.
func (r Report) LogValue() slog.Value {
	return slog.GroupValue(slog.String("interview", r.Interview.ID), slog.Int64("revision", r.Interview.Revision), slog.Int("events", len(r.Events)))
}
