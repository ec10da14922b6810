package sparkhiretest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// The events of version 2.0. A webhook gets all of them.
// [vendor-authored: the first four; observed: the others; docs/vendors/sparkhire.md]
const (
	ItemCreated   = "AssessmentItem.Created"
	ItemUpdated   = "AssessmentItem.Updated"
	ItemCompleted = "AssessmentItem.Completed"
	ItemEvaluated = "AssessmentItem.Evaluated"
	ItemDeleted   = "AssessmentItem.Deleted"
	ItemRestored  = "AssessmentItem.Restored"
)

// meetEvents says which event of version 2.0 goes out with one of version 1.0. Those of jobs have none.
// [assumed: docs/vendors/sparkhire.md]
var meetEvents = map[string]string{ //nolint:gochecknoglobals // a table that nobody changes
	InterviewCreated:     ItemCreated,
	InterviewAccepted:    ItemUpdated,
	InterviewExpired:     ItemUpdated,
	InterviewRescheduled: ItemUpdated,
	InterviewReset:       ItemUpdated,
	InterviewCompleted:   ItemCompleted,
	InterviewRated:       ItemEvaluated,
	InterviewDeleted:     ItemDeleted,
}

// MeetWebhook is a webhook of version 2.0, which people make on a settings page; the API has no call for it.
// [observed: docs/vendors/sparkhire.md]
type MeetWebhook struct {
	// ID is the server's; it is Delivery.WebhookID.
	ID        string
	AccountID string
	URL       string
	// Secret signs every delivery.
	Secret string
}

// String leaves URL and secret out.
func (w MeetWebhook) String() string { return "meet webhook " + w.ID }

// LogValue implements slog.LogValuer.
func (w MeetWebhook) LogValue() slog.Value { return slog.StringValue(w.String()) }

type meetHook struct {
	MeetWebhook

	deleted bool
}

// AddMeetWebhook makes a webhook for the first account as the settings page does, and enables it. It panics when the
// URL is not an absolute http or https one or the secret is empty.
func (s *Server) AddMeetWebhook(to, secret string) MeetWebhook {
	return s.AddMeetWebhookTo("", to, secret)
}

// AddMeetWebhookTo is [Server.AddMeetWebhook] for an account. It panics when there is no such account, too.
func (s *Server) AddMeetWebhookTo(accountID, to, secret string) MeetWebhook {
	if u, err := url.Parse(to); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || secret == "" {
		panic("sparkhiretest: add meet webhook: want an absolute http or https URL and a secret")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &meetHook{MeetWebhook: MeetWebhook{
		ID: s.cfg.ids.uuid(), AccountID: s.mustAccount(accountID).id, URL: to, Secret: secret,
	}}
	s.meet.hooks.add(h.ID, h)
	return h.MeetWebhook
}

// SetMeetWebhookSecret changes the secret that signs what happens from now on; deliveries that are queued keep their
// signature. It returns [ErrNotFound] when there is no such webhook.
func (s *Server) SetMeetWebhookSecret(id, secret string) error {
	return s.onMeetWebhook("change", id, func(h *meetHook) { h.Secret = secret })
}

// RemoveMeetWebhook ends a webhook; deliveries that are queued still go out. It returns [ErrNotFound] when there is no
// such webhook, or no longer.
func (s *Server) RemoveMeetWebhook(id string) error {
	return s.onMeetWebhook("remove", id, func(h *meetHook) { h.deleted = true })
}

func (s *Server) onMeetWebhook(verb, id string, do func(*meetHook)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.meet.hooks.get(id)
	if !ok || h.deleted {
		return fmt.Errorf("%s meet webhook %s: %w", verb, id, ErrNotFound)
	}
	do(h)
	return nil
}

// Restore brings a deleted interview back as the website does; AssessmentItem.Restored fires, and no event of version
// 1.0. It is what it was: completed, accepted or invited, and expires again if its deadline has passed. It wants a job
// that is still there. [observed: the event; assumed: the rest; docs/vendors/sparkhire.md]
func (s *Server) Restore(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	defer s.kick()
	i, ok := s.interviews.get(id)
	switch {
	case !ok:
		return fmt.Errorf("restore interview %s: %w", id, ErrNotFound)
	case i.state != Deleted || i.job.deleted:
		return fmt.Errorf("restore interview %s: it or its job does not allow that: %w", id, ErrState)
	case !i.completedAt.IsZero():
		i.state = Completed
	case i.entered:
		i.state = Accepted
	default:
		i.state = Invited
	}
	i.updatedAt = s.moment()
	s.emitMeet(ItemRestored, i)
	s.watch(i)
	s.tick()
	return nil
}

// emitMeet queues a delivery for every webhook of the interview's account. Nothing happens without an event or an
// interview.
func (s *Server) emitMeet(event string, i *interview) {
	if event == "" || i == nil {
		return
	}
	body, err := json.Marshal(s.itemJSON(i))
	if err != nil {
		panic(err) // it is made of text and times
	}
	for _, h := range s.meet.hooks.list {
		if h.deleted || h.AccountID != i.job.account.id {
			continue
		}
		header := h.header(event, s.cfg.ids.uuid(), s.moment(), body)
		before := len(s.deliveries)
		s.queue(&subscription{Webhook: Webhook{ID: h.ID, Event: event, URL: h.URL}}, i.id, body)
		for _, d := range s.deliveries[before:] {
			d.Header = header
		}
	}
}

// header is what goes out with a delivery. The signature covers the body alone; a copy of the delivery has the same
// request UUID. [observed: the headers; vendor-authored: HMAC with the secret; assumed: copies; docs/vendors/sparkhire.md]
func (h *meetHook) header(event, requestID string, at time.Time, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(h.Secret))
	mac.Write(body)
	header := http.Header{}
	header.Set("X-SparkHire-Event", event)
	header.Set("X-SparkHire-Event-Time", at.Format("2006-01-02T15:04:05-07:00"))
	header.Set("X-SparkHire-Request-UUID", requestID)
	header.Set("X-SparkHire-Signature", hex.EncodeToString(mac.Sum(nil)))
	return header
}
