package teamtailortest

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CompanyWebhookConfig describes a webhook that a company makes for itself.
type CompanyWebhookConfig struct {
	// URL is where events go. The vendor demands https; the simulator does not. Required.
	URL string
	// Key signs TT-Signature. Default: random, as the vendor generates it.
	Key string
	// Events are those to deliver, such as "candidate.destroy". Nil means all.
	Events []string
	// V1 signs with the deprecated version 1.
	V1 bool
	// SignatureInside also puts the signature into the body. In version 2 the signed bytes are then those of the "payload"
	// member, because a signature cannot sign itself. [assumed: docs/vendors/teamtailor.md]
	SignatureInside bool
	// Kebab writes attribute names in kebab-case instead of snake_case; the documentation has both.
	Kebab bool
}

// LogValue keeps the key out of logs.
func (c CompanyWebhookConfig) LogValue() slog.Value {
	return slog.GroupValue(slog.String("url", c.URL), slog.Any("events", c.Events))
}

// CompanyWebhook is a webhook of one company.
type CompanyWebhook struct {
	company *Company
	cfg     CompanyWebhookConfig
}

// AddWebhook makes a webhook. It panics without a URL.
func (c *Company) AddWebhook(cfg CompanyWebhookConfig) *CompanyWebhook {
	if cfg.URL == "" {
		panic("teamtailortest: a company webhook needs a URL")
	}
	if cfg.Key == "" {
		cfg.Key = c.server.ids.token()
	}
	cfg.Events = slices.Clone(cfg.Events)
	h := &CompanyWebhook{company: c, cfg: cfg}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.hooks = append(c.hooks, h)
	return h
}

// Key returns the signature key that the company copies to the receiver.
func (h *CompanyWebhook) Key() string { return h.cfg.Key }

// LogValue keeps the key out of logs.
func (h *CompanyWebhook) LogValue() slog.Value { return h.cfg.LogValue() }

// Remove deletes the webhook. Repeating it does nothing.
func (h *CompanyWebhook) Remove() {
	h.company.server.mu.Lock()
	defer h.company.server.mu.Unlock()
	h.company.hooks = slices.DeleteFunc(h.company.hooks, func(other *CompanyWebhook) bool { return other == h })
}

// EventSetup is a partner webhook setup: the events of every company that has the integration installed, sent to one URL
// with the company's provider key. [documented: docs/vendors/teamtailor.md] for the headers; the body and what is signed
// with which key are [assumed].
type EventSetup struct {
	// URL is where events go. Empty: nowhere.
	URL string
	// Events are those to deliver. Nil means all.
	Events []string
	// SignWithAPIKey signs with the partner API key instead of the webhook secret.
	SignWithAPIKey bool
	// Signs is what the signature covers.
	Signs SetupMessage
}

// SetupMessage is what the signature of a partner webhook setup covers.
type SetupMessage int

// The guesses, likeliest first. [assumed: docs/vendors/teamtailor.md]
const (
	SetupSignsBody    SetupMessage = iota // the raw body
	SetupSignsID                          // payload.data.id
	SetupSignsPayload                     // the bytes of the payload member
)

// clone keeps the caller's slice out of the server.
func (e EventSetup) clone() EventSetup {
	e.Events = slices.Clone(e.Events)
	return e
}

// wants reports whether an event is among the chosen ones.
func wants(chosen []string, event string) bool {
	return chosen == nil || slices.Contains(chosen, event)
}

// webhookBody is the body of a company webhook. destroy events carry no attributes. [documented: docs/vendors/teamtailor.md]
type webhookBody struct {
	Payload   json.RawMessage `json:"payload"`
	Signature string          `json:"signature,omitempty"`
}

// happening is an event about one record, not yet addressed to anyone.
type happening struct {
	event      string
	id         string
	attributes map[string]any
}

// payload renders the happening.
func (h happening) payload(kebabCase bool) json.RawMessage {
	noun, _, _ := strings.Cut(h.event, ".")
	data := struct {
		ID         string         `json:"id"`
		Type       string         `json:"type"`
		Attributes map[string]any `json:"attributes,omitempty"`
	}{ID: h.id, Type: noun + "s", Attributes: h.attributes}
	if kebabCase && h.attributes != nil {
		data.Attributes = map[string]any{}
		for name, v := range h.attributes {
			data.Attributes[strings.ReplaceAll(name, "_", "-")] = v
		}
	}
	return compactJSON(struct {
		EventName string `json:"event_name"`
		Data      any    `json:"data"`
	}{h.event, data})
}

// emit sends an event in the background to whoever wants it. Callers hold server.mu.
func (c *Company) emit(event string, id int, attributes map[string]any) {
	h := happening{event: event, id: strconv.Itoa(id), attributes: attributes}
	for _, out := range c.addressed(h, sendOptions{}) {
		c.server.enqueue(func() { c.server.send(c.server.base, out) })
	}
}

// Emit sends an event about a record to the company's webhooks and to partner webhook setups that want it, without anything
// having happened: again, late, or spoiled by options. data is the attributes, nil for destroy events. The event's noun, the
// part before the dot, becomes the type. It returns when all have been answered.
func (c *Company) Emit(ctx context.Context, event string, id int, data map[string]any, opts ...SendOption) []Delivery {
	h := happening{event: event, id: strconv.Itoa(id), attributes: maps.Clone(data)}
	c.server.mu.Lock()
	calls := c.addressed(h, collect(opts))
	c.server.mu.Unlock()
	deliveries := make([]Delivery, 0, len(calls))
	for _, out := range calls {
		d, _ := c.server.send(ctx, out)
		deliveries = append(deliveries, d)
	}
	return deliveries
}

// addressed returns the calls that tell everyone who wants it about h. Callers hold server.mu.
func (c *Company) addressed(h happening, o sendOptions) []outgoing {
	var calls []outgoing
	for _, hook := range c.hooks {
		if wants(hook.cfg.Events, h.event) {
			calls = append(calls, hook.call(h, o))
		}
	}
	for _, p := range c.server.partners {
		a := p.activationOf(c)
		if a != nil && a.live() && p.setup.URL != "" && wants(p.setup.Events, h.event) {
			calls = append(calls, a.call(h, o))
		}
	}
	return calls
}

// call addresses an event to a company webhook.
func (h *CompanyWebhook) call(what happening, o sendOptions) outgoing {
	s := h.company.server
	payload := what.payload(h.cfg.Kebab)
	body := compactJSON(webhookBody{Payload: payload})
	key, at := h.cfg.Key, s.now()
	if o.key != nil {
		key = *o.key
	}
	if o.at != nil {
		at = *o.at
	}
	if o.badSignature {
		key = "not " + key
	}
	var signature string
	switch {
	case h.cfg.V1:
		signature = CompanyWebhookSignatureV1(key, what.id)
	case h.cfg.SignatureInside:
		signature = CompanyWebhookSignature(key, payload, at)
	default:
		signature = CompanyWebhookSignature(key, body, at)
	}
	if h.cfg.V1 || h.cfg.SignatureInside {
		body = compactJSON(webhookBody{Payload: payload, Signature: signature})
	}
	out := outgoing{
		kind: CallCompanyWebhook, method: http.MethodPost, url: h.cfg.URL, event: what.event, body: body, opts: o,
		header: http.Header{},
	}
	if !o.noSignature {
		out.header.Set("TT-Signature", signature)
	}
	return out
}

// call addresses an event to the partner's setup. Callers hold server.mu.
func (a *Activation) call(what happening, o sendOptions) outgoing {
	p := a.Partner
	payload := what.payload(false)
	body := compactJSON(webhookBody{Payload: payload})
	sign := signing{key: p.secret}
	if p.setup.SignWithAPIKey {
		sign.key = p.apiKey
	}
	switch p.setup.Signs {
	case SetupSignsBody:
		sign.message = string(body)
	case SetupSignsID:
		sign.message = what.id
	case SetupSignsPayload:
		sign.message = string(payload)
	}
	return outgoing{
		kind: CallEvent, partner: p, method: http.MethodPost, url: p.setup.URL, event: what.event, body: body,
		bearer: a.savedKey, apiToken: a.token, sign: &sign, opts: o,
		header: http.Header{"Teamtailor-Host": {a.server.hostName()}},
	}
}

// webhookAttributes are what events say about a candidate. [documented: docs/vendors/teamtailor.md] for the names whose change
// fires candidate.update.
func (n *Candidate) webhookAttributes() map[string]any {
	fields := map[string]any{}
	for _, f := range n.company.fields {
		if v := n.values[f]; v != nil {
			fields[f.APIName] = f.apiValue(v)
		}
	}
	return map[string]any{
		"id": n.ID, "email": nullable(n.info.Email), "first_name": nullable(n.info.FirstName),
		"last_name": nullable(n.info.LastName), "phone": nullable(n.info.Phone), "picture": nullable(n.info.PictureURL),
		"tags": orEmpty(n.info.Tags), "sourced": n.info.Sourced, "restricted_at": nil, "custom_fields": fields,
		"updated_at": timestamp(n.updated), "company_uuid": n.company.UUID,
	}
}

// webhookAttributes are what events say about a job. [documented: docs/vendors/teamtailor.md]
func (j *Job) webhookAttributes() map[string]any {
	a := map[string]any{
		"id": j.ID, "title": j.Title, "status": j.openStatus(), "internal": j.internal, "tags": orEmpty(j.tags),
		"recruiter_email": nil, "user_id": nil, "updated_at": timestamp(j.updated), "company_uuid": j.company.UUID,
	}
	if j.recruiter != nil {
		a["recruiter_email"], a["user_id"] = nullable(j.recruiter.Email), j.recruiter.ID
	}
	return a
}

// webhookAttributes are what events say about a job application: no candidate id. [documented: docs/vendors/teamtailor.md]
func (a *application) webhookAttributes() map[string]any {
	return map[string]any{
		"id": a.id, "updated_at": timestamp(a.updated), "job_id": a.job.ID, "job_title": a.job.Title,
		"last_moved_at": timestamp(a.moved), "stage_name": a.stage.Name, "referring_site": nil, "referring_url": nil,
		"referer_id": nil, "rejected_at": timestampOrNil(a.rejectedAt), "promotion_id": nil,
		"company_uuid": a.job.company.UUID, "transparent_recruiting_visible_at": nil,
	}
}
