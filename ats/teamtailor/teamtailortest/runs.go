package teamtailortest

import (
	"context"
	"fmt"
	"net/http"
)

// sentEvent is a partner event as it was first sent. Action buttons send the same one again.
type sentEvent struct {
	id         string
	activation *Activation
	result     *result
	body       eventBody
}

// run says who and what an event is about.
type run struct {
	candidate *Candidate
	job       *Job
	stage     *Stage   // where the candidate is
	trigger   *Trigger // nil for runs by hand
	by        *User
	data      map[string]any
}

// MoveCandidate moves a candidate to a stage and delivers the event of each trigger on it, oldest trigger first; it returns
// when all have been answered. A candidate who is not in that job is added to it, as a recruiter may do. Moving to the stage
// the candidate is in does nothing.
//
// Each [Delivery] says how its call went. The error is about the move: [ErrNotFound] for a stage of a template or of another
// company, or a destroyed candidate.
func (s *Server) MoveCandidate(ctx context.Context, c *Candidate, to *Stage, opts ...SendOption) ([]Delivery, error) {
	o := collect(opts)
	s.mu.Lock()
	events, err := s.enter(c, to, o)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	deliveries := make([]Delivery, 0, len(events))
	for _, ev := range events {
		deliveries = append(deliveries, ev.deliver(ctx, o))
	}
	return deliveries, nil
}

// enter moves a candidate and prepares the events of the triggers that fire. Callers hold s.mu.
func (s *Server) enter(c *Candidate, to *Stage, o sendOptions) ([]*sentEvent, error) {
	if to == nil || c.destroyed || to.job.template || to.job.company != c.company {
		return nil, fmt.Errorf("move candidate %d: %w", c.ID, ErrNotFound)
	}
	now := s.now()
	a := c.company.application(c, to.job)
	switch {
	case a == nil:
		a = &application{
			id: s.ids.next(idApplication), candidate: c, job: to.job, stage: to,
			created: now, updated: now, moved: now, entered: map[*Stage]bool{},
		}
		c.company.applications = append(c.company.applications, a)
		c.company.emit("job_application.create", a.id, a.webhookAttributes())
	case a.stage == to:
		return nil, nil
	default:
		a.stage, a.moved = to, now
		a.touch()
	}
	again := a.entered[to]
	a.entered[to] = true
	if again && s.cfg.fireOnce {
		return nil, nil
	}
	var events []*sentEvent
	for _, t := range to.triggers {
		if t.activation.live() {
			events = append(events, t.activation.prepare(run{c, to.job, to, t, o.by, t.data}, o))
		}
	}
	return events, nil
}

// Run runs the integration by hand for the candidate that the form was opened on. The error is about the form, a
// [*FormError] for instance; the [Delivery] says how the call went.
func (f *Form) Run(ctx context.Context, opts ...SendOption) (Delivery, error) {
	c := f.place.candidate
	if c == nil {
		return Delivery{}, fmt.Errorf("run integration: %w", ErrWrongPlace)
	}
	deliveries, err := f.run(ctx, []*Candidate{c}, f.place.job, collect(opts))
	if err != nil {
		return Delivery{}, err
	}
	return deliveries[0], nil
}

// RunBulk runs the integration for several candidates, one event each, with a form that was opened with [InBulk]. The events
// carry no job. [documented: docs/vendors/teamtailor.md]
func (f *Form) RunBulk(ctx context.Context, candidates []*Candidate, opts ...SendOption) ([]Delivery, error) {
	if !f.place.bulk {
		return nil, fmt.Errorf("run integration in bulk: %w", ErrWrongPlace)
	}
	return f.run(ctx, candidates, nil, collect(opts))
}

// run prepares all events before the first is sent, so that a candidate who cannot be run stops the whole run.
func (f *Form) run(ctx context.Context, candidates []*Candidate, job *Job, o sendOptions) ([]Delivery, error) {
	data, err := f.data()
	if err != nil {
		return nil, err
	}
	a, s := f.activation, f.activation.server
	s.mu.Lock()
	var events []*sentEvent
	for _, c := range candidates {
		r := run{candidate: c, job: job, data: data}
		if job != nil {
			app := c.company.application(c, job)
			if app == nil {
				s.mu.Unlock()
				return nil, fmt.Errorf("run integration for candidate %d in job %d: %w", c.ID, job.ID, ErrNotFound)
			}
			r.stage = app.stage
		}
		if c.destroyed || c.company != a.Company || !a.live() {
			s.mu.Unlock()
			return nil, fmt.Errorf("run integration for candidate %d: %w", c.ID, ErrNotFound)
		}
		events = append(events, a.prepare(r, o))
	}
	s.mu.Unlock()
	deliveries := make([]Delivery, 0, len(events))
	for _, ev := range events {
		deliveries = append(deliveries, ev.deliver(ctx, o))
	}
	return deliveries, nil
}

// RunManually opens the form on a candidate, in a job or with a nil job outside any, fills it in and runs it.
func (a *Activation) RunManually(
	ctx context.Context, c *Candidate, job *Job, user *User, choices Choices, opts ...SendOption,
) (Delivery, error) {
	f, err := a.OpenForm(ctx, OnCandidate(c, job, user))
	if err != nil {
		return Delivery{}, err
	}
	if err := f.Choose(ctx, choices); err != nil {
		return Delivery{}, err
	}
	return f.Run(ctx, opts...)
}

// RunBulk opens the form for several candidates, fills it in and runs it for each.
func (a *Activation) RunBulk(
	ctx context.Context, candidates []*Candidate, user *User, choices Choices, opts ...SendOption,
) ([]Delivery, error) {
	f, err := a.OpenForm(ctx, InBulk(user))
	if err != nil {
		return nil, err
	}
	if err := f.Choose(ctx, choices); err != nil {
		return nil, err
	}
	return f.RunBulk(ctx, candidates, opts...)
}

// Redeliver sends an event once more, as it was. The vendor does not do this of its own accord; networks do.
// It returns [ErrNotFound] for an unknown event.
func (s *Server) Redeliver(ctx context.Context, eventID string, opts ...SendOption) (Delivery, error) {
	s.mu.Lock()
	ev := s.events[eventID]
	s.mu.Unlock()
	if ev == nil {
		return Delivery{}, fmt.Errorf("redeliver event %s: %w", eventID, ErrNotFound)
	}
	return ev.deliver(ctx, collect(opts)), nil
}

// PressAction presses a button on a partner result: the original event goes to the button's endpoint, with the same id and
// the same values, however old. [documented: docs/vendors/teamtailor.md] for the call, [assumed] for its headers, which are
// those of the trigger webhook. It returns [ErrNotFound] if the card does not show such a button, or the result was made
// without an event.
func (s *Server) PressAction(ctx context.Context, resultID, endpoint string, opts ...SendOption) (Delivery, error) {
	s.mu.Lock()
	r := s.result(resultID)
	pressable := r != nil && !r.removed && r.event != nil && r.hasButton(endpoint)
	s.mu.Unlock()
	if !pressable {
		return Delivery{}, fmt.Errorf("press action %s of result %s: %w", endpoint, resultID, ErrNotFound)
	}
	return r.event.send(ctx, CallAction, endpoint, collect(opts)), nil
}

// deliver posts the event to the integration's webhook.
func (e *sentEvent) deliver(ctx context.Context, o sendOptions) Delivery {
	return e.send(ctx, CallWebhook, "webhook", o)
}

// send posts the event, once, and settles what the answer does to the partner result.
func (e *sentEvent) send(ctx context.Context, kind Call, path string, o sendOptions) Delivery {
	a := e.activation
	s := a.server
	endpoint, err := a.Partner.endpoint(path)
	s.mu.Lock()
	key, token := a.savedKey, a.token
	s.mu.Unlock()
	if kind == CallAction {
		token = "" // [documented: docs/vendors/teamtailor.md] Not listed for action calls.
	}
	d, answer := s.send(ctx, outgoing{
		kind: kind, partner: a.Partner, method: http.MethodPost, url: endpoint, bearer: key, apiToken: token,
		eventID: e.id, resultID: e.result.id, body: compactJSON(e.body.shaped(o)),
		sign: &signing{key: a.Partner.secret, message: e.id}, opts: o,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		d.Err = err // there was no address to send to
	}
	e.result.settle(&d, answer)
	s.amend(d)
	return d
}
