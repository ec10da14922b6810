package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Interviews returns every interview, oldest first.
func (i *Inbox) Interviews() []ats.Interview {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make([]ats.Interview, len(i.interviews))
	for n, iv := range i.interviews {
		all[n] = iv.view()
	}
	return all
}

// Interview returns the interview, or an error that matches [ats.ErrNotFound].
func (i *Inbox) Interview(id string) (ats.Interview, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	iv, err := i.byID(id)
	if err != nil {
		return ats.Interview{}, err
	}
	return iv.view(), nil
}

// Requests returns the accepted requests, oldest first, completed with the
// policy's defaults. Repeated ones are there once.
func (i *Inbox) Requests() []ats.Request {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make([]ats.Request, len(i.interviews))
	for n, iv := range i.interviews {
		all[n] = cloneRequest(iv.request)
	}
	return all
}

// Events returns the interview's timeline, or an error that matches
// [ats.ErrNotFound].
func (i *Inbox) Events(id string) ([]ats.Event, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	iv, err := i.byID(id)
	if err != nil {
		return nil, err
	}
	return iv.timeline(), nil
}

// Record writes what happened to an interview at Spark Hire: change, which may
// be nil, alters a copy of it, and a line with the kind and the text joins the
// timeline. Its ids, tenant and revision stay whatever change does. The new
// revision waits for [Inbox.Deliver].
func (i *Inbox) Record(id string, kind ats.EventKind, text string, change func(*ats.Interview)) (ats.Interview, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	iv, err := i.byID(id)
	if err != nil {
		return ats.Interview{}, err
	}
	now := i.now().UTC()
	if change != nil {
		before, next := iv.Interview, iv.view()
		change(&next)
		iv.Interview = next
		iv.Interview = iv.view() // share nothing with what change may keep
		iv.ID, iv.ConnectionID, iv.Tenant = before.ID, before.ConnectionID, before.Tenant
		iv.Revision, iv.ReportedRevision, iv.CreatedAt = before.Revision, before.ReportedRevision, before.CreatedAt
	}
	if iv.State == ats.StateCompleted && iv.CompletedAt.IsZero() {
		iv.CompletedAt = now
	}
	iv.add(kind, now, text, "")
	return iv.view(), nil
}

// Report returns what [ats.Adapter.Publish] would get now: the present state and
// the reportable events that have not been acknowledged.
func (i *Inbox) Report(id string) (ats.Report, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	iv, err := i.byID(id)
	if err != nil {
		return ats.Report{}, err
	}
	return i.report(iv), nil
}

// report builds the report. Callers hold i.mu.
func (i *Inbox) report(v *interview) ats.Report {
	others, version := []ats.Interview{}, v.Revision
	for _, other := range slices.Backward(i.interviews) {
		same := other.Tenant == v.Tenant && other.Candidate.ID == v.Candidate.ID && other.Job.ID == v.Job.ID
		if !same || other == v {
			continue
		}
		version += other.Revision
		if !other.erased {
			others = append(others, other.view())
		}
	}
	events := v.timeline()
	ats.CountRounds(events)
	return ats.Report{
		Interview:    v.view(),
		Others:       others,
		Version:      version,
		Events:       slices.DeleteFunc(events[v.reported:], func(e ats.Event) bool { return !e.Kind.Reportable() }),
		Acknowledged: v.acknowledged,
		ReplyTo:      slices.Clone(v.request.ReplyTo),
	}
}

// Deliver publishes the interview's report once and notes what was
// acknowledged, by success or by [ats.ErrHostCannot], which it does not return.
// Any other error is returned as it is, and the report waits for the next call.
// Reports of one interview are delivered one at a time; with nothing new there
// is no call.
func (i *Inbox) Deliver(ctx context.Context, id string) error {
	i.mu.Lock()
	iv, err := i.byID(id)
	i.mu.Unlock()
	if err != nil {
		return err
	}
	iv.delivering.Lock()
	defer iv.delivering.Unlock()

	i.mu.Lock()
	report, events := i.report(iv), len(iv.events)
	adapter := i.adapters[iv.Tenant.Adapter]
	c := i.find(iv.Tenant)
	if report.Interview.Revision == report.Interview.ReportedRevision {
		i.mu.Unlock()
		return nil
	}
	if adapter == nil || c == nil {
		i.mu.Unlock()
		return fmt.Errorf("deliver report of %s: %w", id, ats.ErrNotFound)
	}
	view := i.view(c)
	i.mu.Unlock()

	if err := adapter.Publish(ctx, view, report); err != nil && !errors.Is(err, ats.ErrHostCannot) {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	iv.reported = events
	iv.acknowledged = report.Interview.State
	iv.ReportedRevision = report.Interview.Revision
	return nil
}
