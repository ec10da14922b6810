package bridge

import (
	"context"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// sender names the key with which a waiting interview goes out: that which its linked
// user has now; none is empty. The row may name another one, because it was accepted
// while the key was being replaced or taken away, and what it names may be the key of
// somebody else as well. Interviews that were accepted before a move to API v2.0 keep
// theirs.
func (s senders) sender(ctx context.Context, tx store.Tx, i store.Interview) (string, error) {
	c, ok := s[i.ConnectionID]
	if !ok {
		var err error
		if c, err = tx.Connection(ctx, i.ConnectionID); err != nil {
			return "", err
		}
		s[i.ConnectionID] = c
	}
	if c.Connected && onV2(i.Credential) != (c.APIVersion == apiV2) {
		return i.Credential, nil
	}
	return credentialOfUser(c, i.RequestedFor.ID), nil
}

// senders are connections that a transaction has read.
type senders map[string]store.Connection

// resend gives an interview that waits in vain to another key, which its user has now.
func (b *Bridge) resend(ctx context.Context, tx store.Tx, i store.Interview, sender string) error {
	i.Credential = sender
	i.UpdatedAt = b.now()
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: sender})
}

// stillGoes ends an interview that is not to be sent any more, or gives it to the key
// that its user has now, and reports whether neither was needed.
func (b *Bridge) stillGoes(ctx context.Context, tx store.Tx, i store.Interview, known senders, now time.Time) (bool, error) {
	if i.State != ats.StateRequested {
		return true, nil
	}
	if !i.CancelAt.IsZero() { // while nobody knew whether it was sent
		_, err := b.canceled(ctx, tx, i)
		return false, err
	}
	if !i.Schedule.At.After(now) {
		return false, b.fail(ctx, tx, i, ats.Reason{Code: codeDeadlinePassed, Message: "The invitation could not be sent before " + i.Schedule.String() + "."})
	}
	sender, err := known.sender(ctx, tx, i)
	switch {
	case err != nil:
		return false, err
	case sender == "":
		return false, b.unsent(ctx, tx, i)
	case sender != i.Credential:
		return false, b.resend(ctx, tx, i, sender)
	}
	return true, nil
}

// unsent ends an interview whose key was removed before it was sent.
func (b *Bridge) unsent(ctx context.Context, tx store.Tx, i store.Interview) error {
	return b.fail(ctx, tx, i, ats.Reason{Code: ats.CodeUserNotLinked, Message: "The recruiter's Spark Hire key was removed from the integration's settings before the invitation was sent."})
}
