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
//
// Where only a person's own key acts, Spark Hire is told with it before Cancel
// returns: what it refuses is a [*ats.Refusal] and changes nothing. When Spark Hire
// gives no answer, the cancellation is durable and goes on afterwards.
func (b *Bridge) Cancel(ctx context.Context, interviewID string, by ats.User) (ats.Interview, error) {
	row, err := b.StoredInterview(ctx, interviewID)
	if err != nil {
		return ats.Interview{}, err
	}
	conn, err := b.ConnectionByID(ctx, row.ConnectionID)
	if err != nil {
		return ats.Interview{}, err
	}
	seen := b.connectionSeen(conn)
	_, policy, err := b.rules(seen)
	if err != nil {
		return ats.Interview{}, ats.Refuse(ats.CodeNotCancelable, "", "Interviews cannot be canceled from here.")
	}
	if err := b.mayCancel(seen, policy, row, by); err != nil {
		return ats.Interview{}, policy.Name(err)
	}
	i, err := b.askToCancel(ctx, interviewID, by, policy)
	if err != nil {
		return ats.Interview{}, policy.Name(err)
	}
	if policy.ActorKey == ats.KeyOwn && !i.CancelAt.IsZero() && (i.State == ats.StateSent || i.State == ats.StateAccepted) {
		i, err = b.cancelNow(ctx, i)
	}
	return i.Interview, policy.Name(err)
}

// mayCancel refuses to cancel where the integration is shut or off, and a person who
// lacks the key that it needs. What is canceled already stays so.
func (b *Bridge) mayCancel(c ats.Connection, p ats.Policy, i store.Interview, by ats.User) error {
	if i.State == ats.StateCanceled {
		return nil
	}
	if err := b.CheckGate(c); err != nil {
		return err
	}
	if c.Connected && !c.Enabled {
		return b.checkActive(c)
	}
	if p.ActorKey == ats.KeyOwn && p.Cancel != ats.Forbidden {
		return b.checkOwnKey(c, by)
	}
	return nil
}

// askToCancel makes a cancellation durable.
func (b *Bridge) askToCancel(ctx context.Context, interviewID string, by ats.User, policy ats.Policy) (store.Interview, error) {
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
		if policy.Cancel == ats.Forbidden {
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
		if !cancelable(i) {
			return ats.Refuse(ats.CodeNotCancelable, "", "Spark Hire's newer API has no way to cancel. Cancel the interview in Spark Hire.")
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
		n := store.Nudge{Kind: kindCancel, ID: i.ID}
		if policy.ActorKey == ats.KeyOwn { // it is done at once, unless the process ends meanwhile
			n.At = store.Time(now.Add(b.config.SparkHire.SettleTime))
		}
		return tx.Nudge(ctx, n)
	})
	if err != nil {
		return store.Interview{}, refusalOr("cancel interview "+interviewID, err)
	}
	return result, nil
}

// cancelable reports whether there is a way to cancel: what Spark Hire's API v2.0
// may have been asked for cannot be taken back [assumed: docs/vendors/sparkhire.md].
func cancelable(i store.Interview) bool {
	return !onV2(i.Credential) || i.State == ats.StateRequested
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
	err = b.removeCanceled(ctx, i)
	switch {
	case errors.Is(err, errCameLate):
		return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
			return b.cancelCameLate(ctx, tx, job, i.ID)
		})
	case isVendorError(err): // who canceled is told, and can do it again when it is mended
		_, err = b.cancelRefused(context.WithoutCancel(ctx), i, err, true)
		if _, refused := ats.AsRefusal(err); err != nil && !refused {
			return err
		}
		return b.finish(ctx, job)
	}
	if at, later := retryLater(err); later {
		return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindCancel, ID: i.ID, At: at})
	}
	if err != nil {
		return fmt.Errorf("cancel %s: %w", i.ID, err) // removing again is safe
	}
	if _, err := b.cancelDone(context.WithoutCancel(ctx), i.ID); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return b.finish(ctx, job)
}

// cancelCameLate gives the cancellation up: the candidate was faster.
func (b *Bridge) cancelCameLate(ctx context.Context, tx store.Tx, job store.Job, id string) error {
	if err := tx.Complete(ctx, job); err != nil {
		return err
	}
	return b.giveUpCancel(ctx, tx, id)
}

// tooLate forgets a cancellation that an interview's end has overtaken: should it open
// again, it can be canceled again.
func tooLate(i *store.Interview) {
	i.CancelAt, i.CancelBy = time.Time{}, ""
	if i.State != ats.StateExpired {
		i.Notice = &ats.Reason{Code: ats.CodeNotCancelable, Message: "The candidate had completed the interview before it could be canceled."}
	}
}

func (b *Bridge) giveUpCancel(ctx context.Context, tx store.Tx, id string) error {
	i, err := tx.Interview(ctx, id)
	if err != nil || i.CancelAt.IsZero() {
		return err
	}
	tooLate(&i)
	i.Revision++
	i.UpdatedAt = b.now()
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindObserve, ID: i.ID})
}
