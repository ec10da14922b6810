package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// errCameLate: the candidate had completed the interview.
var errCameLate = errors.New("the interview is completed")

// cancelNow tells Spark Hire about a cancellation that was just made durable.
func (b *Bridge) cancelNow(ctx context.Context, i store.Interview) (store.Interview, error) {
	callCtx, cancel := context.WithTimeout(ctx, 2*b.config.SparkHire.RequestTimeout)
	err := b.removeCanceled(callCtx, i)
	cancel()
	ctx = context.WithoutCancel(ctx) // what Spark Hire answered must be kept
	switch {
	case err == nil:
		return b.cancelDone(ctx, i.ID)
	case errors.Is(err, errCameLate):
		if err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return b.giveUpCancel(ctx, tx, i.ID) }); err != nil {
			return i, fmt.Errorf("cancel interview %s: %w", i.ID, err)
		}
		return i, ats.Refuse(ats.CodeNotCancelable, "", "This interview cannot be canceled any more: the candidate has completed it.")
	case isVendorError(err):
		return b.cancelRefused(ctx, i, err, false)
	}
	b.log.WarnContext(ctx, "Spark Hire could not be told of a cancellation yet", "interview", i.ID, "error", err)
	return i, nil // the nudge that was written with it goes on
}

// removeCanceled removes a canceled interview at Spark Hire, with the key that may.
// It looks first: a completed interview is never removed, because its recording would
// be lost. One that is not there is nil.
func (b *Bridge) removeCanceled(ctx context.Context, i store.Interview) error {
	keys, own, err := b.keysToCancel(ctx, i)
	if err != nil {
		return err
	}
	s := keys[0]
	r, err := s.Read(ctx, i.SparkHire.InterviewID)
	if own && errors.Is(err, ats.ErrNotFound) {
		// It has gone, or this key does not show it. Another one tells.
		for _, other := range keys[1:] {
			if _, otherErr := other.Read(ctx, i.SparkHire.InterviewID); otherErr == nil {
				return &vendorError{kind: ats.ErrForbidden, err: errors.New("the key does not show the interview")}
			}
		}
		if _, ownerErr := s.KeyOwner(ctx); ownerErr != nil {
			return ownerErr
		}
	}
	switch {
	case errors.Is(err, ats.ErrGone), errors.Is(err, ats.ErrNotFound):
		return nil // nothing is left to remove
	case err != nil:
		return err
	case r.Phase == phaseCompleted:
		return errCameLate
	}
	return s.Remove(ctx, i.SparkHire.InterviewID)
}

// keysToCancel returns Spark Hire seen with the key that may cancel, first, and with
// those that can see what that one does not. Where only a person's own key acts it is
// the key of who canceled, and own is true.
func (b *Bridge) keysToCancel(ctx context.Context, i store.Interview) (keys []follower, own bool, err error) {
	keys, err = b.followers(ctx, i)
	if err != nil {
		return nil, false, err
	}
	if own = b.ownKeyOnly(ctx, i); own {
		conn, err := b.store.GetConnection(ctx, i.ConnectionID)
		if err != nil {
			return nil, own, err
		}
		credential, err := b.credentialFor(ctx, conn, i.CancelBy, onV2(i.Credential))
		if err != nil {
			return nil, own, err
		}
		s, err := b.sparkFor(ctx, conn.ID, credential)
		if errors.Is(err, ats.ErrNotFound) {
			return nil, own, &vendorError{kind: ats.ErrUnauthorized, err: errors.New("the key was removed")}
		}
		if err != nil {
			return nil, own, err
		}
		return append([]follower{{s, credential, true}}, keys...), own, nil
	}
	if len(keys) == 0 {
		return nil, own, &vendorError{kind: ats.ErrUnauthorized, err: errors.New("the key was removed")}
	}
	return keys, own, nil
}

// ownKeyOnly reports whether only a person's own key acts.
func (b *Bridge) ownKeyOnly(ctx context.Context, i store.Interview) bool {
	conn, err := b.store.GetConnection(ctx, i.ConnectionID)
	return err == nil && b.rulesOf(conn).ActorKey == ats.KeyOwn
}

// cancelDone records that Spark Hire has no such interview any more.
func (b *Bridge) cancelDone(ctx context.Context, id string) (store.Interview, error) {
	var result store.Interview
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, id)
		result = i
		if err != nil || i.State.Ended() {
			return err
		}
		result, err = b.canceled(ctx, tx, i)
		return err
	})
	if err != nil {
		return result, fmt.Errorf("cancel interview %s: %w", id, err)
	}
	return result, nil
}

// cancelRefused gives a cancellation up that Spark Hire refused, and returns the
// refusal. When nobody waits for it, the interview says so in its notice.
func (b *Bridge) cancelRefused(ctx context.Context, i store.Interview, refused error, notice bool) (store.Interview, error) {
	reason := reasonFor(refused)
	if reason.Code == codeVendorRefused {
		reason.Message = "Spark Hire does not let the owner of this key cancel the interview."
	}
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Interview(ctx, i.ID)
		if err != nil || now.CancelAt.IsZero() || now.State.Ended() {
			return err
		}
		now.CancelAt, now.CancelBy = time.Time{}, ""
		if notice {
			now.Notice = &reason
		}
		now.Revision++
		now.UpdatedAt = b.now()
		if err := tx.SaveInterview(ctx, now); err != nil {
			return err
		}
		if err := tx.Audit(ctx, store.AuditEntry{At: now.UpdatedAt, ConnectionID: i.ConnectionID, InterviewID: i.ID, Actor: i.CancelBy, Action: "cancel refused by Spark Hire", Detail: string(reason.Code)}); err != nil || !notice {
			return err
		}
		return tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID})
	})
	if err != nil {
		return i, fmt.Errorf("cancel interview %s: %w", i.ID, err)
	}
	return i, ats.Refuse(reason.Code, "", reason.Message)
}
