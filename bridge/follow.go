package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// codeNoLongerUpdated is the notice of an interview whose key is gone.
const codeNoLongerUpdated ats.Code = "no_longer_updated"

// follower is Spark Hire seen with a key that can follow an interview.
type follower struct {
	spark

	credential string
	// sure is false when the key may not see an interview that is there: another
	// requester's, on API v2.0.
	sure bool
}

// followers returns Spark Hire seen with each key that can follow an interview, the
// best first; none is empty. Where the product has a primary user, that one's key
// goes before the one that invited. The organization's stands in where there is no
// other. All are for the API that invited.
func (b *Bridge) followers(ctx context.Context, i store.Interview) ([]follower, error) {
	conn, err := b.store.GetConnection(ctx, i.ConnectionID)
	if err != nil {
		return nil, err
	}
	wanted := []string{i.Credential}
	if b.rulesOf(conn).PrimaryUser == ats.Required {
		primary, err := b.credentialFor(ctx, conn, conn.PrimaryUser, onV2(i.Credential))
		if err != nil {
			return nil, err
		}
		wanted = []string{primary, i.Credential}
	}
	var found []follower
	add := func(credential string) error {
		for _, f := range found {
			if f.credential == credential {
				return nil
			}
		}
		s, err := b.sparkPaying(ctx, conn.ID, &budget{b: b, credential: credential, yields: true})
		if errors.Is(err, ats.ErrNotFound) {
			return nil
		}
		if err == nil {
			found = append(found, follower{s, credential, !onV2(credential) || credential == i.Credential})
		}
		return err
	}
	for _, credential := range wanted {
		if err := add(credential); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		general, err := b.substitute(ctx, conn, i.Credential)
		if err != nil {
			return nil, err
		}
		if err := add(general); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// see looks at an interview with the best key and, when that one does not see it,
// once more with the next: a key shows only what its user may see.
func (b *Bridge) see(ctx context.Context, keys []follower, i store.Interview, attempt int) (v sight, credential string, err error) {
	for n, f := range keys {
		credential = f.credential
		v, err = b.look(ctx, f.spark, i, attempt, f.sure)
		if !f.sure && errors.Is(err, ats.ErrNotFound) && n < len(keys)-1 {
			continue
		}
		if err != nil || !v.removed {
			return v, credential, err
		}
	}
	return v, credential, err
}

// followID names the interviews of a linked user; a follow job has it.
func followID(connectionID, userID string) string { return connectionID + "/" + userID }

// follow brings the notices of a user's unfinished interviews up to date after the
// user got or lost a key, and has those looked at that can be followed again.
func (b *Bridge) follow(ctx context.Context, job store.Job) error {
	connectionID, userID, _ := strings.Cut(job.ID, "/")
	ids, err := b.store.UnfinishedInterviews(ctx, store.UnfinishedParams{ConnectionID: connectionID, UserID: userID})
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	notSeen := "The recruiter's Spark Hire key was removed, so what happens to this interview is not seen any more."
	if c, err := b.store.GetConnection(ctx, connectionID); err == nil && !c.Connected {
		notSeen = "Spark Hire was disconnected, so what happens to this interview is not seen any more."
	}
	for _, id := range ids {
		i, err := b.store.GetInterview(ctx, id)
		if err != nil {
			return fmt.Errorf("follow: %w", err)
		}
		keys, err := b.followers(ctx, i)
		if err == nil {
			err = b.noteFollowing(ctx, id, len(keys) > 0, notSeen)
		}
		if err != nil {
			return fmt.Errorf("follow %s: %w", id, err)
		}
	}
	return b.finish(ctx, job)
}

// noteFollowing tells the ATS that an interview is no longer updated, or that it is
// again.
func (b *Bridge) noteFollowing(ctx context.Context, id string, followed bool, notSeen string) error {
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, id)
		if err != nil || (i.State != ats.StateSent && i.State != ats.StateAccepted) || !i.ErasedAt.IsZero() {
			return err
		}
		noted := i.Notice != nil && i.Notice.Code == codeNoLongerUpdated
		switch {
		case followed && noted:
			i.Notice = nil
		case !followed && !noted:
			i.Notice = &ats.Reason{Code: codeNoLongerUpdated, Message: notSeen}
		default:
			return nil
		}
		i.Revision++
		i.UpdatedAt = b.now()
		if err := tx.SaveInterview(ctx, i); err != nil {
			return err
		}
		nudges := []store.Nudge{{Kind: kindPublish, ID: id}}
		if followed {
			nudges = append(nudges, store.Nudge{Kind: kindObserve, ID: id})
		}
		return nudgeAll(ctx, tx, nudges...)
	})
}

// nudgeFollowing asks to follow the interviews of every user who got or lost a key.
func (b *Bridge) nudgeFollowing(ctx context.Context, tx store.Tx, before, after store.Connection) error {
	had := map[string]bool{}
	for _, u := range before.Users {
		had[u.ID] = u.Credential != ""
	}
	var nudges []store.Nudge
	for _, u := range after.Users {
		if has := u.Credential != ""; has != had[u.ID] {
			nudges = append(nudges, store.Nudge{Kind: kindFollow, ID: followID(after.ID, u.ID)})
		}
		delete(had, u.ID)
	}
	for id, was := range had {
		if was {
			nudges = append(nudges, store.Nudge{Kind: kindFollow, ID: followID(after.ID, id)})
		}
	}
	return nudgeAll(ctx, tx, nudges...)
}

// expiredHere reports whether the interview expired by our own clock, while Spark
// Hire called it open.
func expiredHere(i store.Interview) bool {
	return i.State == ats.StateExpired && i.Reason != nil && i.Reason.Code == codeDeadlinePassed
}

// reopensHere reports whether a reading of an open interview opens one again that
// expired by our own clock: it was moved to later, or reset.
func reopensHere(was, now store.Interview, r reading, at time.Time) bool {
	moved := !now.SparkHireScheduledAt.Equal(was.SparkHireScheduledAt) && now.SparkHireScheduledAt.After(at)
	reset := strings.EqualFold(was.SparkHire.Status, "accepted") && r.Phase == phaseOpen
	return moved || reset
}

// endAtDeadline expires an open interview whose deadline has passed, where the
// product's interviews end by themselves. Spark Hire was asked a moment ago.
func (b *Bridge) endAtDeadline(i *store.Interview, now time.Time, add func(ats.EventKind, string)) {
	if (i.State != ats.StateSent && i.State != ats.StateAccepted) || now.Before(i.Schedule.At) || !i.CancelAt.IsZero() {
		return
	}
	i.State, i.EndedAt = ats.StateExpired, now
	i.Reason = &ats.Reason{Code: codeDeadlinePassed, Message: "The deadline passed before the interview was completed."}
	add(ats.EventExpired, textExpired)
}

// endsByItself reports whether interviews of the adapter end at their deadline.
func (b *Bridge) endsByItself(t ats.TenantRef) bool {
	a, ok := b.adapters[t.Adapter]
	return ok && a.Policy().Deadline.Ends
}

// removedThere reports whether a completed interview was removed at Spark Hire, so
// that there is nothing to watch.
func removedThere(i store.Interview) bool {
	return i.State == ats.StateCompleted && i.Notice != nil && i.Notice.Code == codeRemoved
}
