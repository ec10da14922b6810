package teamtailor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

// failLost marks results as failed whose call never arrived. The list says neither
// the company nor, as far as documented, the time of a result, so each connection is
// asked for it and its age counts from its first sighting.
func (r *reconciliation) failLost(ctx context.Context, s stack) error {
	if _, ok := r.listed[s.base]; !ok {
		return nil // not ours, or the error is told already
	}
	before, sending := r.seen.sendingAt(s.base), map[string]time.Time{}
	var stuck []string
	for result, err := range s.partner.Results.All(ctx, &api.PageOptions{Size: pageSize}) {
		if err := classify(err); err != nil {
			return fmt.Errorf("list partner results at %s: %w", s.base, err)
		}
		if result.Status != api.StatusSending {
			continue
		}
		since := r.started
		if earlier, ok := before[result.ID]; ok {
			since = earlier
		}
		if !result.CreatedAt.IsZero() {
			since = result.CreatedAt
		}
		sending[result.ID] = since
		if r.started.Sub(since) >= r.cfg.LostAfter {
			stuck = append(stuck, result.ID)
		}
	}
	r.seen.setSending(s.base, sending)
	var errs []error
	for _, id := range stuck {
		known, err := r.knows(ctx, id)
		if err == nil && !known {
			err = r.fail(ctx, s, id)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("lost partner result %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// knows reports whether any company here has an interview for the result.
func (r *reconciliation) knows(ctx context.Context, result string) (bool, error) {
	tenants := r.seen.whoLeft()
	for _, c := range r.conns {
		tenants = append(tenants, c.Tenant.Tenant)
	}
	for _, tenant := range tenants {
		_, err := r.in.InterviewByKey(ctx, ats.TenantRef{Adapter: Name, Tenant: tenant}, resultKey(result))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, ats.ErrNotFound) {
			return false, err
		}
	}
	return false, nil
}

func (r *reconciliation) fail(ctx context.Context, s stack, result string) error {
	summary := "Teamtailor's call did not reach Spark Hire and nothing was sent. Please run the trigger again."
	err := classify(s.partner.Results.Update(ctx, result, api.ResultUpdate{Status: api.StatusFailed, Summary: &summary}))
	if errors.Is(err, ats.ErrNotFound) || errors.Is(err, ats.ErrGone) {
		err = nil
	}
	if err == nil {
		r.log.InfoContext(ctx, "marked lost partner result as failed", "result", result)
	}
	return err
}
