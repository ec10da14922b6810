package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Cancel asks for the end of an interview: see [ats.Inbox]. One that Spark Hire
// has not been asked for ends at once; otherwise Spark Hire is told afterwards,
// and the interview is canceled when it has been.
func (b *Bridge) Cancel(ctx context.Context, interviewID string, by ats.User) (ats.Interview, error) {
	var result store.Interview
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, interviewID)
		if err != nil {
			return err
		}
		result = i
		if i.State == ats.StateCanceled {
			return nil
		}
		if a, err := b.adapter(i.Tenant.Adapter); err != nil || a.Policy().Cancel == ats.Forbidden {
			return ats.Refuse(ats.CodeNotCancelable, "", "Interviews cannot be canceled from here.")
		}
		switch i.State {
		case ats.StateCompleted, ats.StateExpired, ats.StateFailed, ats.StateUnconfirmed:
			return ats.Refuse(ats.CodeNotCancelable, "", "This interview cannot be canceled any more: it is "+string(i.State)+".")
		case ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateCanceled:
		}
		if !i.CancelAt.IsZero() {
			return nil
		}
		now := b.now()
		i.CancelBy, i.CancelAt = by.ID, now
		if err := tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: i.ConnectionID, InterviewID: i.ID, Actor: by.ID, Action: "cancel"}); err != nil {
			return err
		}
		if i.State == ats.StateRequested {
			result, err = b.canceled(ctx, tx, i)
			return err
		}
		i.Revision++
		i.UpdatedAt = now
		if err := tx.SaveInterview(ctx, i); err != nil {
			return err
		}
		result = i
		if i.State == ats.StateSending {
			return nil // it is canceled when it is known to be sent
		}
		return tx.Nudge(ctx, store.Nudge{Kind: kindCancel, ID: i.ID})
	})
	if err != nil {
		return ats.Interview{}, refusalOr("cancel interview "+interviewID, err)
	}
	return result.Interview, nil
}

// canceled ends an interview that somebody canceled.
func (b *Bridge) canceled(ctx context.Context, tx store.Tx, i store.Interview) (store.Interview, error) {
	now := b.now()
	i.State, i.EndedAt, i.NextAt = ats.StateCanceled, now, time.Time{}
	i.Reason = &ats.Reason{Code: codeCanceledByUser, Message: "The interview was canceled."}
	i.Revision++
	i.UpdatedAt = now
	if err := tx.SaveInterview(ctx, i); err != nil {
		return i, err
	}
	e := event(i, ats.EventCanceled, now, "The interview was canceled.")
	e.Actor = i.CancelBy
	if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
		return i, err
	}
	return i, tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID})
}

// cancel removes an interview at Spark Hire that somebody canceled. It looks
// first: a completed interview is never removed, because its recording would be
// lost.
func (b *Bridge) cancel(ctx context.Context, job store.Job) error {
	i, err := b.store.GetInterview(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && (i.CancelAt.IsZero() || i.State.Ended() || i.SparkHire.InterviewID == "")) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	s, _, err := b.sparkToFollow(ctx, i)
	if err != nil {
		return fmt.Errorf("cancel %s: %w", i.ID, err)
	}
	r, err := s.Read(ctx, i.SparkHire.InterviewID)
	switch {
	case err == nil && r.Phase == phaseCompleted:
		return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
			return b.cancelCameLate(ctx, tx, job, i.ID)
		})
	case errors.Is(err, ats.ErrGone), errors.Is(err, ats.ErrNotFound):
		err = nil // nothing is left to remove
	case err == nil:
		err = s.Remove(ctx, i.SparkHire.InterviewID)
	}
	if at, later := retryLater(err); later {
		return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindCancel, ID: i.ID, At: at})
	}
	if err != nil {
		return fmt.Errorf("cancel %s: %w", i.ID, err) // removing again is safe
	}
	return b.store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		if err := tx.Finish(ctx, job); err != nil {
			return err
		}
		i, err := tx.Interview(ctx, i.ID)
		if err != nil || i.State.Ended() {
			return err
		}
		_, err = b.canceled(ctx, tx, i)
		return err
	})
}

// cancelCameLate gives the cancellation up: the candidate was faster.
func (b *Bridge) cancelCameLate(ctx context.Context, tx store.Tx, job store.Job, id string) error {
	if err := tx.Finish(ctx, job); err != nil {
		return err
	}
	i, err := tx.Interview(ctx, id)
	if err != nil {
		return err
	}
	i.CancelAt, i.CancelBy = time.Time{}, ""
	i.Notice = &ats.Reason{Code: ats.CodeNotCancelable, Message: "The candidate had completed the interview before it could be canceled."}
	i.Revision++
	i.UpdatedAt = b.now()
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindObserve, ID: i.ID})
}
