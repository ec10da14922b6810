package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Erase removes a candidate's personal data: see [ats.Inbox]. What Spark Hire
// keeps is the employer's decision and is left alone.
func (b *Bridge) Erase(ctx context.Context, c ats.CandidateRef) error {
	return b.eraseCandidate(ctx, c, c.Tenant.Adapter)
}

// eraseCandidate erases in the name of an actor.
func (b *Bridge) eraseCandidate(ctx context.Context, c ats.CandidateRef, actor string) error {
	conn, err := b.store.GetConnectionByTenant(ctx, c.Tenant)
	if errors.Is(err, ats.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		all, err := tx.CandidateInterviews(ctx, conn.ID, c.ID)
		if err != nil {
			return err
		}
		for _, i := range all {
			if err := b.erase(ctx, tx, i); err != nil {
				return err
			}
		}
		if len(all) == 0 {
			return nil
		}
		return tx.Audit(ctx, store.AuditEntry{At: b.now(), ConnectionID: conn.ID, Actor: actor, Action: "erase candidate", Detail: fmt.Sprintf("%d interviews", len(all))})
	})
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}

// erase removes the personal data of one interview and ends it if it is open.
func (b *Bridge) erase(ctx context.Context, tx store.Tx, i store.Interview) error {
	if !i.ErasedAt.IsZero() {
		return nil
	}
	now := b.now()
	if !i.State.Ended() {
		i.State, i.EndedAt, i.NextAt = ats.StateCanceled, now, time.Time{}
		i.Reason = &ats.Reason{Code: codeErased, Message: "The candidate's data was erased."}
	} else if i.Reason != nil {
		i.Reason.Message = "Erased." // Spark Hire's words may have named the person
	}
	i.Candidate = ats.Candidate{ID: i.Candidate.ID}
	i.Message, i.Notice, i.CancelBy = "", nil, ""
	i.RequestDigest = "" // a digest of names and an address could be found by trial
	i.SparkHire.WatchURL, i.SparkHire.ShareURL, i.SparkHire.Score, i.SparkHire.Summary = "", "", nil, ""
	i.Announced = nil
	i.ErasedAt, i.UpdatedAt = now, now
	i.Revision++
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	if err := tx.EraseEvents(ctx, i.ID); err != nil {
		return err
	}
	if _, err := tx.AppendEvent(ctx, i.ID, event(i, ats.EventErased, now, textErased)); err != nil {
		return err
	}
	// Nothing about an erased person is told any more, and no error text kept.
	d, err := tx.Delivery(ctx, i.ID)
	if err != nil {
		return err
	}
	d.ConnectionID, d.State, d.LastError, d.UpdatedAt = i.ConnectionID, store.DeliveryGone, "", now
	return tx.SaveDelivery(ctx, d)
}

// retainEvery is how often it is looked for what is older than the retention: every hour,
// or more often where that would be long beside it.
func retainEvery(retention time.Duration) time.Duration {
	return min(max(retention/10, time.Second), time.Hour)
}

// retain erases the personal data of interviews that ended long ago, some at a
// time, and asks for the next time.
func (b *Bridge) retain(ctx context.Context, job store.Job) error {
	const some = 200
	next := store.Nudge{Kind: kindRetain, ID: job.ID, At: nextSlot(b.now(), retainEvery(b.config.Retention))}
	if b.config.Retention < 0 {
		return b.finish(ctx, job)
	}
	ids, err := b.store.PersonalDataBefore(ctx, store.Time(b.now().Add(-b.config.Retention)), some)
	if err != nil {
		return fmt.Errorf("retain: %w", err)
	}
	if len(ids) == some {
		next.At = time.Time{} // there is more
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Complete(ctx, job); err != nil {
			return err
		}
		for _, id := range ids {
			i, err := tx.Interview(ctx, id)
			if err != nil {
				return err
			}
			if err := b.erase(ctx, tx, i); err != nil {
				return err
			}
		}
		return tx.Nudge(ctx, next)
	})
}
