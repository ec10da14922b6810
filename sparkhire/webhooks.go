package sparkhire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// Webhook is a subscription to one event [modelled: docs/vendors/sparkhire.md].
type Webhook struct {
	UUID      string       `json:"uuid"`
	URL       string       `json:"url"`
	Event     WebhookEvent `json:"event"`
	CreatedAt time.Time    `json:"created_at,omitzero"`

	Raw json.RawMessage `json:"-"` // as received; holds the URL
}

// LogValue leaves out the URL, which may hold a secret.
func (w Webhook) LogValue() slog.Value { return logUUID(w.UUID, slog.String("event", string(w.Event))) }

// CreateWebhookRequest describes a subscription. URL and Event are required.
//
// A delivery names neither its event nor its sender, so give each event a URL of its own with a long
// random part, over https. Extra is merged last and wins; one program sends "jobs", a list of job
// uuids, presumably to limit deliveries to them [observed].
type CreateWebhookRequest struct {
	URL   string
	Event WebhookEvent
	Extra map[string]any
}

// LogValue leaves out the URL, which may hold a secret.
func (r CreateWebhookRequest) LogValue() slog.Value { return slog.StringValue(string(r.Event)) }

// WebhooksService manages subscriptions. There is no way to change one: create another and delete it.
type WebhooksService service

// List returns all subscriptions of the key's user.
//
// GET /webhooks, https://docs.sparkhire.com/
func (s *WebhooksService) List(ctx context.Context) ([]*Webhook, error) {
	return callList[Webhook](ctx, s.client, &httpx.Request{Method: http.MethodGet, Path: "/webhooks"})
}

// Create subscribes a URL to an event. Repeating it may subscribe twice, so list first.
//
// POST /webhooks, https://docs.sparkhire.com/
func (s *WebhooksService) Create(ctx context.Context, req *CreateWebhookRequest) (*Webhook, error) {
	const op = "POST /webhooks"
	r := orZero(req)
	if err := need(op, r.Extra, argument{"url", r.URL}, argument{"event", string(r.Event)}); err != nil {
		return nil, err
	}
	if u, err := url.Parse(r.URL); r.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return nil, &ArgumentError{Op: op, Name: "url", Reason: "must be an absolute http or https address"}
	}
	return create[Webhook](ctx, s.client, "/webhooks", r.body())
}

// Delete ends a subscription. One that is not there gives [ErrNotFound].
//
// DELETE /webhooks/{uuid}, https://docs.sparkhire.com/
func (s *WebhooksService) Delete(ctx context.Context, uuid string) error {
	return s.client.remove(ctx, "/webhooks/{uuid}", uuid)
}

// Replay makes the vendor deliver an event again; what exactly is not public. Although it is a GET it
// has an effect, so it is sent once whatever happens, and fails with [ErrOutcomeUnknown] when no
// answer came. Call it by hand, never from a health check.
//
// GET /webhooks/replay/{event}, https://docs.sparkhire.com/
func (s *WebhooksService) Replay(ctx context.Context, event WebhookEvent) error {
	return s.client.callNothing(ctx, &httpx.Request{
		Method: http.MethodGet, Path: "/webhooks/replay/{event}", Args: []string{string(event)}, Once: true,
	})
}

func (w Webhook) id() string { return cmp.Or(w.UUID, w.URL) }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (w *Webhook) UnmarshalJSON(b []byte) error {
	type plain Webhook
	w.Raw = bytes.Clone(b)
	return wire.Fill(b, &struct {
		*plain
		CreatedAt timeInto `json:"created_at"`
	}{(*plain)(w), timeInto{&w.CreatedAt}})
}
