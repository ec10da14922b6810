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
// Without a host the error matches [ats.ErrHostCannot] and nothing else happens: Paycor's
// public API cannot write, and nothing is smuggled into it. A host that has only one of the
// two is shown that one; the error is the same where an item found no newsfeed, and none
// where the newsfeed has said what the tab cannot.
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
	shown, refused, err := a.tell(ctx, h, a.itemsOf(candidate, r))
	if err != nil {
		return err
	}
	err = h.ShowVideoInterview(ctx, candidate, a.tabOf(r, a.PolicyFor(c).Deadline.Midnight))
	if errors.Is(err, ats.ErrHostCannot) && (shown || refused != nil) {
		err = nil // the newsfeed has said it, or why not
	}
	if err != nil {
		return fmt.Errorf("show tab: %w", err)
	}
	return refused
}

// tell appends the items. It reports whether any was taken, and what the host will never
// take: because of the item, or because it has no newsfeed. err ends the report.
func (a *Adapter) tell(ctx context.Context, h Host, items []NewsfeedItem) (shown bool, refused, err error) {
	for _, item := range items {
		err := h.AppendNewsfeed(ctx, item)
		switch {
		case err == nil:
			shown = true
		case errors.Is(err, ats.ErrHostCannot):
			if refused == nil {
				refused = fmt.Errorf("append item %s: %w", item.Key, err)
			}
			return shown, refused, nil
		case errors.Is(err, ats.ErrInvalid):
			refused = errors.Join(refused, fmt.Errorf("append item %s: %w", item.Key, err))
		default:
			return shown, refused, fmt.Errorf("append item %s: %w", item.Key, err)
		}
	}
	return shown, refused, nil
}
