package sparkhiretest

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// The events that webhooks can be registered for. [transcribed: docs/vendors/sparkhire.md]
const (
	InterviewCreated     = "InterviewCreated"
	InterviewAccepted    = "InterviewAccepted"
	InterviewCompleted   = "InterviewCompleted"
	InterviewDeleted     = "InterviewDeleted"
	InterviewExpired     = "InterviewExpired"
	InterviewRescheduled = "InterviewRescheduled"
	InterviewReset       = "InterviewReset"
	InterviewRated       = "InterviewRated"
	JobCreated           = "JobCreated"
	JobUpdated           = "JobUpdated"
	JobDeleted           = "JobDeleted"
)

// Events returns the names of all events.
func Events() []string {
	return []string{
		InterviewCreated, InterviewAccepted, InterviewCompleted, InterviewDeleted, InterviewExpired,
		InterviewRescheduled, InterviewReset, InterviewRated, JobCreated, JobUpdated, JobDeleted,
	}
}

// Webhook is a registered subscription: one event, one URL.
type Webhook struct {
	ID    string
	Event string
	URL   string
	// UserID is the owner of the key that registered it.
	UserID string
	// Jobs limits deliveries to these jobs; empty is all.
	// [observed: the field; assumed: its effect; docs/vendors/sparkhire.md]
	Jobs []string
	// Body is what POST /webhooks received.
	Body json.RawMessage
}

// String leaves the URL out, whose path may be the receiver's only secret.
func (w Webhook) String() string { return "webhook " + w.ID + " for " + w.Event }

// LogValue implements slog.LogValuer.
func (w Webhook) LogValue() slog.Value { return slog.StringValue(w.String()) }

type subscription struct {
	Webhook

	owner     *user
	shareLink bool
	deleted   bool
	createdAt time.Time
}

// hookJSON is a subscription as the API shows it. [modeled: docs/vendors/sparkhire.md]
type hookJSON struct {
	UUID      string   `json:"uuid"`
	URL       string   `json:"url"`
	Event     string   `json:"event"`
	CreatedAt wireTime `json:"created_at"`
}

func (h *subscription) json() hookJSON {
	return hookJSON{h.ID, h.URL, h.Event, wireTime(h.createdAt)}
}

// happening is an event that occurred, with the payload it had then.
type happening struct {
	event     string
	job       *job
	interview *interview // nil for events of jobs
	object    string     // UUID of what the payload shows
	body      []byte
}

// Webhooks returns the subscriptions that exist, in the order of registration.
func (s *Server) Webhooks() []Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Webhook
	for _, h := range s.hooks.list {
		if !h.deleted {
			shown := h.Webhook
			shown.Jobs = slices.Clone(h.Jobs)
			out = append(out, shown)
		}
	}
	return out
}

// listHooks shows a user the own subscriptions. [assumed: docs/vendors/sparkhire.md]
func (s *Server) listHooks(c *call) (any, *problem) {
	var own []*subscription
	for _, h := range s.hooks.list {
		if h.owner == c.user && !h.deleted {
			own = append(own, h)
		}
	}
	return rendered(own, (*subscription).json), nil
}

// createHook registers one URL for one event. Extra fields are tolerated; jobs and create_share_link are honored. The
// same URL and event twice are two subscriptions and two deliveries.
// [transcribed: url and event; observed: jobs; assumed: the rest; docs/vendors/sparkhire.md]
func (s *Server) createHook(c *call) (any, *problem) {
	f, p := object(c.body)
	if p != nil {
		return nil, p
	}
	h := &subscription{Webhook: Webhook{UserID: c.user.id, Body: c.body}, owner: c.user, createdAt: s.moment()}
	f.text("url", &h.URL)
	f.text("event", &h.Event)
	f.raw("jobs", "an array of job UUIDs", &h.Jobs)
	f.require("url", h.URL != "")
	f.require("event", h.Event != "")
	if u, err := url.Parse(h.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		f.refuse("url must be an absolute http or https URL.")
	}
	if !slices.Contains(Events(), h.Event) {
		f.refuse("event is not a known event.")
	}
	if wish, ok := f.take("create_share_link"); ok {
		h.shareLink = slices.Contains([]string{"1", `"1"`, "true"}, string(wish))
	}
	if p := f.done(&config{refusal: s.cfg.refusal}); p != nil {
		return nil, p
	}
	h.ID = s.cfg.ids.uuid()
	s.hooks.add(h.ID, h)
	return h.json(), nil
}

// namedHook finds the subscription in the path among those of the user. [assumed: docs/vendors/sparkhire.md]
func (s *Server) namedHook(c *call) (*subscription, *problem) {
	h, ok := s.hooks.get(c.args["uuid"])
	if !ok || h.deleted || h.owner != c.user {
		return nil, notFound("Webhook")
	}
	return h, nil
}

func (s *Server) deleteHook(_ *call, h *subscription) (any, *problem) {
	h.deleted = true
	return nil, nil
}

// replayHook sends the latest payload of an event that the user may see to the user's subscriptions once more, and
// answers an empty body. Without one it does nothing.
// [transcribed: the operation; modeled: the latest payload; assumed: the rest; docs/vendors/sparkhire.md]
func (s *Server) replayHook(c *call) (any, *problem) {
	event := c.args["event"]
	if !slices.Contains(Events(), event) {
		return nil, refusal(http.StatusBadRequest, "%s is not a known event.", event)
	}
	for _, h := range slices.Backward(s.history) {
		if h.event != event || !mayView(c.user, h.job) {
			continue
		}
		for _, hook := range s.hooks.list {
			if hook.owner == c.user {
				s.offer(hook, h)
			}
		}
		break
	}
	return nil, nil
}

// emit records an event and queues a delivery for every subscription that wants it.
func (s *Server) emit(h happening) {
	s.history = append(s.history, h)
	for _, hook := range s.hooks.list {
		s.offer(hook, h)
	}
	s.emitMeet(meetEvents[h.event], h.interview)
}

// offer queues a delivery if the subscription is for the event and its owner, not disabled, may see the job.
// [assumed: whose events are delivered; docs/vendors/sparkhire.md]
func (s *Server) offer(hook *subscription, h happening) {
	idle := hook.deleted || hook.owner.disabled || hook.owner.deleted
	if idle || hook.Event != h.event || !mayView(hook.owner, h.job) {
		return
	}
	if len(hook.Jobs) > 0 && !slices.Contains(hook.Jobs, h.job.id) {
		return
	}
	s.queue(hook, h.object, s.payload(hook, h))
}

// payload is the bare object. A subscription that asked for share links gets one made, and its wish echoed.
// [observed: bare object, create_share_link; assumed: the echo; docs/vendors/sparkhire.md]
func (s *Server) payload(hook *subscription, h happening) []byte {
	if !hook.shareLink || h.interview == nil {
		return h.body
	}
	link := s.basicLink(h.interview).json()
	var shown map[string]any
	if err := json.Unmarshal(h.body, &shown); err != nil {
		panic(err) // the server has made it
	}
	shown["share_link"], shown["create_share_link"] = link, 1
	body, err := json.Marshal(shown)
	if err != nil {
		panic(err)
	}
	return body
}
