package paycor

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Publish implements [ats.Adapter]. It gives the host one newsfeed item for each event
// that the newsfeed tells, in order, and then the present state of the candidate's tab.
// Items carry the interview's id, what happened and how often it had happened before, and
// the state carries [ats.Report.Version], so the host can ignore what it has.
//
// Without a host, or with one that has neither a newsfeed nor a tab, the error matches
// [ats.ErrHostCannot] and nothing else happens: Paycor's public API cannot write, and
// nothing is smuggled into it. A host that has only one of the two is shown that one.
//
// An item that the host will never take keeps the tab from nothing: the rest is shown, and
// the error matches [ats.ErrInvalid]. After any other failure Publish stops, so that items
// stay in order.
func (a *Adapter) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	if err := a.publish(ctx, c, r); err != nil {
		return fmt.Errorf("publish interview %s: %w", r.Interview.ID, err)
	}
	return nil
}

func (a *Adapter) publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h, err := a.hostOf(ctx, c)
	if err != nil {
		return err
	}
	if h == nil {
		return fmt.Errorf("recorded here, not in Paycor: there is no host: %w", ats.ErrHostCannot)
	}
	candidate, err := candidateOf(c, r.Interview.Candidate.ID, r.Interview.Job.ID)
	if err != nil {
		return err
	}
	shown, rejected, err := a.tell(ctx, h, a.itemsOf(candidate, r))
	if err != nil {
		return err
	}
	err = h.ShowVideoInterview(ctx, candidate, a.tabOf(r, a.PolicyFor(c).Deadline.Midnight))
	if errors.Is(err, ats.ErrHostCannot) && (shown || rejected != nil) {
		err = nil // the newsfeed has said it
	}
	if err != nil {
		return fmt.Errorf("show tab: %w", err)
	}
	return rejected
}

// tell appends the items. It reports whether any was taken, and the items that the host
// will never take; err ends the report.
func (a *Adapter) tell(ctx context.Context, h Host, items []NewsfeedItem) (shown bool, rejected, err error) {
	for _, item := range items {
		err := h.AppendNewsfeed(ctx, item)
		switch {
		case err == nil:
			shown = true
		case errors.Is(err, ats.ErrHostCannot):
			return shown, rejected, nil
		case errors.Is(err, ats.ErrInvalid):
			rejected = errors.Join(rejected, fmt.Errorf("append item %s: %w", item.Key, err))
		default:
			return shown, rejected, fmt.Errorf("append item %s: %w", item.Key, err)
		}
	}
	return shown, rejected, nil
}
