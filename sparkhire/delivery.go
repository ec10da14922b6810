package sparkhire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// WebhookEvent is what a subscription is about. Expect values that are not listed here.
type WebhookEvent string

// The events [transcribed: docs/vendors/sparkhire.md]. There is none for an interview that was started
// or canceled, or for share links.
const (
	EventInterviewCreated     WebhookEvent = "InterviewCreated"
	EventInterviewAccepted    WebhookEvent = "InterviewAccepted"
	EventInterviewCompleted   WebhookEvent = "InterviewCompleted"
	EventInterviewDeleted     WebhookEvent = "InterviewDeleted"
	EventInterviewExpired     WebhookEvent = "InterviewExpired"
	EventInterviewRescheduled WebhookEvent = "InterviewRescheduled"
	EventInterviewReset       WebhookEvent = "InterviewReset"
	EventInterviewRated       WebhookEvent = "InterviewRated"
	EventJobCreated           WebhookEvent = "JobCreated"
	EventJobUpdated           WebhookEvent = "JobUpdated"
	EventJobDeleted           WebhookEvent = "JobDeleted"
)

// WebhookEvents returns the known events.
func WebhookEvents() []WebhookEvent {
	return []WebhookEvent{
		EventInterviewCreated, EventInterviewAccepted, EventInterviewCompleted, EventInterviewDeleted,
		EventInterviewExpired, EventInterviewRescheduled, EventInterviewReset, EventInterviewRated,
		EventJobCreated, EventJobUpdated, EventJobDeleted,
	}
}

// Known reports whether the event is one of [WebhookEvents].
func (e WebhookEvent) Known() bool { return slices.Contains(WebhookEvents(), e) }

// MaxWebhookBody is how much of a delivery is read.
const MaxWebhookBody = 1 << 20

// ErrBadWebhook is returned for a delivery that cannot be one of Spark Hire's.
var ErrBadWebhook = errors.New("sparkhire: not a webhook delivery")

// Delivery is what a webhook says has changed. It is a hint and nothing more, see [ParseWebhook].
type Delivery struct {
	Event WebhookEvent
	UUID  string // of the interview or the job

	// One of them is set, by the name of the event; neither for an event of another kind.
	Interview *Interview
	Job       *Job

	Raw json.RawMessage // as received; holds personal data
}

// LogValue is the event and the uuid.
func (d Delivery) LogValue() slog.Value {
	return logUUID(d.UUID, slog.String("event", string(d.Event)))
}

// ParseWebhook reads a delivery for the event that the URL was registered for; the body holds the
// changed object and does not name the event [observed: docs/vendors/sparkhire.md]. It reads at most
// [MaxWebhookBody] bytes.
//
// Version 1.0 signs nothing. Anybody who knows the URL can post to it, and deliveries may be repeated,
// late, reordered or lost. So take nothing from a delivery but UUID, read the object with the key, and
// act on that. Believe a deletion only when the read says [IsGone] and the key still works.
//
// Errors: [ErrBadWebhook], or what reading r returned.
func ParseWebhook(event WebhookEvent, r io.Reader) (*Delivery, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxWebhookBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read webhook %s: %w", event, err)
	case len(body) > MaxWebhookBody:
		return nil, fmt.Errorf("%w: body is larger than %d bytes", ErrBadWebhook, MaxWebhookBody)
	}
	d := &Delivery{Event: event, Raw: body}
	switch {
	case strings.HasPrefix(string(event), "Interview"):
		d.Interview, err = decodeObject[Interview](body)
		if err == nil {
			d.UUID = d.Interview.UUID
		}
	case strings.HasPrefix(string(event), "Job"):
		d.Job, err = decodeObject[Job](body)
		if err == nil {
			d.UUID = d.Job.UUID
		}
	default:
		var w *Webhook // any object with a uuid
		if w, err = decodeObject[Webhook](body); err == nil {
			d.UUID = w.UUID
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: body is not an object with a uuid", ErrBadWebhook)
	}
	return d, nil
}
