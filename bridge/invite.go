package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

const (
	// drainBatch is how many invitations one drain takes at once.
	drainBatch = 8
	// skew is how far Spark Hire's clock may be behind ours. Too much costs little: an
	// invitation of the same person to the same job shortly before is taken for ours.
	skew = 5 * time.Minute
	// farAway is later than anything waits for.
	farAway = 100 * 365 * 24 * time.Hour
)

// drain takes the oldest waiting interviews of a credential that its budget
// allows, invites or settles them, and asks for the moment when the next may go.
func (b *Bridge) drain(ctx context.Context, job store.Job) error {
	key, err := b.keyToDrain(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) {
		return b.drainWithoutKey(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	doubts, err := b.doubts(ctx, job.ID)
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	batch, err := b.claim(ctx, job.ID)
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	for _, d := range doubts {
		if !slices.ContainsFunc(batch, func(c claimed) bool { return c.i.ID == d.i.ID }) {
			batch = append(batch, d)
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, len(batch))
	for n, c := range batch {
		wg.Go(func() { errs[n] = b.invite(ctx, key, c) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return b.finishDrain(ctx, job)
}

// doubts returns interviews whose attempt got no answer and that are to be looked for now.
// They would have their turn after what has waited for longer, which in a long import may
// be a day.
func (b *Bridge) doubts(ctx context.Context, credential string) ([]claimed, error) {
	key, err := b.store.SealedKey(ctx, credential)
	if err != nil {
		return nil, ignoreNotFound(err) // a key that was kept: they have their turn
	}
	sending, _, err := b.store.ListInterviews(ctx, store.ListInterviewsParams{ConnectionID: key.ConnectionID, State: ats.StateSending, Limit: 200})
	if err != nil {
		return nil, err
	}
	var doubts []claimed
	now := b.now()
	for _, i := range sending {
		if i.Credential == credential && !i.NextAt.After(now) && len(doubts) < drainBatch {
			doubts = append(doubts, claimed{i: i, settle: true})
		}
	}
	return doubts, nil
}

// claimed is an interview whose next step is paid for and, if it is a call that
// has an effect, recorded.
type claimed struct {
	i      store.Interview
	settle bool // look for it, instead of inviting
	cost   int  // calls paid for
	paidAt time.Time
}

// claim commits the attempts before any call is made: a process that dies after
// it leaves interviews in state sending, which are looked for and never sent
// again blindly.
func (b *Bridge) claim(ctx context.Context, credential string) ([]claimed, error) {
	var batch []claimed
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		batch = batch[:0]
		now := b.now()
		due, err := tx.Due(ctx, store.DueParams{Credential: credential, Now: now, Limit: drainBatch})
		if err != nil || len(due) == 0 {
			return err
		}
		// An interview that is not to be sent any more costs nothing.
		var live []store.Interview
		known := senders{}
		for _, i := range due {
			goes, err := b.stillGoes(ctx, tx, i, known, now)
			if err != nil {
				return err
			}
			if goes {
				live = append(live, i)
			}
		}
		keep := b.wanting.count(credential, b.mostKept(), now)
		for _, i := range live {
			c := claimed{i: i, settle: i.State == ats.StateSending, cost: 1, paidAt: now}
			if c.settle {
				c.cost = costOfSettling(i)
			}
			got, _, err := b.take(ctx, tx, credential, c.cost, keep, now)
			if err != nil {
				return err
			}
			if got == 0 && c.cost > 0 {
				return nil
			}
			c.cost = got
			if !c.settle {
				if c.i, err = b.recordAttempt(ctx, tx, i, now); err != nil {
					return err
				}
			}
			batch = append(batch, c)
		}
		return nil
	})
	return batch, err
}

func (b *Bridge) recordAttempt(ctx context.Context, tx store.Tx, i store.Interview, now time.Time) (store.Interview, error) {
	i.State, i.Attempt, i.AttemptAt, i.Announced = ats.StateSending, i.Attempt+1, now, nil
	i.NextAt = store.Time(now.Add(b.config.SparkHire.SettleTime))
	i.Revision++
	i.UpdatedAt = now
	if err := tx.SaveInterview(ctx, i); err != nil {
		return i, err
	}
	if _, err := tx.AppendEvent(ctx, i.ID, event(i, ats.EventSending, now, sendingText(i.Attempt))); err != nil {
		return i, err
	}
	return i, tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: i.Credential, At: i.NextAt})
}

func (b *Bridge) carryOut(ctx context.Context, key ats.Secret, c claimed) error {
	s, err := b.open(key, &budget{b: b, credential: c.i.Credential, prepaid: c.cost, paidAt: c.paidAt})
	if err != nil {
		return err
	}
	if c.settle {
		return b.settle(ctx, s, c.i)
	}
	// A process that was held up since the claim must not call any more: somebody
	// may be about to look, find nothing, and call as well.
	if b.now().Add(b.config.SparkHire.RequestTimeout).After(c.i.NextAt) {
		return b.notCalled(ctx, c.i)
	}
	callCtx, cancel := context.WithTimeout(ctx, b.config.SparkHire.RequestTimeout)
	r, err := s.Invite(callCtx, invitationOf(c.i))
	cancel()
	// What Spark Hire answered must be kept even while stopping.
	ctx = context.WithoutCancel(ctx)
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, txErr := tx.Interview(ctx, c.i.ID)
		if txErr != nil {
			return txErr
		}
		if !sameAttempt(i, c.i) {
			return nil // a person or an erasure was faster, or this process was taken for dead
		}
		return b.invited(ctx, tx, i, r, err)
	})
}

// notCalled gives an attempt back that came to nothing, unless somebody looks after it
// already.
func (b *Bridge) notCalled(ctx context.Context, claimed store.Interview) error {
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, claimed.ID)
		if err != nil || !sameAttempt(i, claimed) {
			return err
		}
		if _, err := b.giveBack(ctx, tx, i, b.now()); err != nil {
			return err
		}
		return tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: i.Credential})
	})
}

// sameAttempt reports whether an interview is still in the attempt that was claimed. The
// time tells: a number comes again after an attempt that was given back.
func sameAttempt(now, claimed store.Interview) bool {
	return now.State == ats.StateSending && now.AttemptAt.Equal(claimed.AttemptAt)
}

// invited records what became of an attempt.
func (b *Bridge) invited(ctx context.Context, tx store.Tx, i store.Interview, r reading, err error) error {
	now := b.now()
	at, later := retryLater(err)
	switch {
	case err == nil:
		return b.sent(ctx, tx, i, r, textSent)
	case errors.Is(err, errOutcomeUnknown):
		e := event(i, ats.EventSending, now, textLost)
		e.Key += "-lost"
		if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
			return err
		}
		// The NextAt that was recorded with the attempt brings the drain back.
		return b.block(ctx, tx, i.Credential, now.Add(b.silence()))
	case later:
		if soon := now.Add(time.Second); at.Before(soon) {
			at = soon
		}
		return b.standDown(ctx, tx, i, at)
	case isVendorError(err):
		return b.fail(ctx, tx, i, reasonFor(err))
	default: // nothing was sent
		b.log.WarnContext(ctx, "could not reach Spark Hire", "interview", i.ID, "error", err)
		return b.standDown(ctx, tx, i, now.Add(b.silence()))
	}
}

// standDown gives an attempt back and keeps its credential silent until at.
func (b *Bridge) standDown(ctx context.Context, tx store.Tx, i store.Interview, at time.Time) error {
	if err := b.block(ctx, tx, i.Credential, at); err != nil {
		return err
	}
	_, err := b.giveBack(ctx, tx, i, at)
	return err
}

// giveBack makes an attempt that never reached Spark Hire undone, and returns the
// interview as it is now.
func (b *Bridge) giveBack(ctx context.Context, tx store.Tx, i store.Interview, at time.Time) (store.Interview, error) {
	i.State, i.Attempt, i.AttemptAt, i.NextAt = ats.StateRequested, i.Attempt-1, time.Time{}, store.Time(at)
	i.Revision++
	i.UpdatedAt = b.now()
	return i, tx.SaveInterview(ctx, i)
}

// sent records Spark Hire's id, and what the reading already tells.
func (b *Bridge) sent(ctx context.Context, tx store.Tx, i store.Interview, r reading, text string) error {
	now := b.now()
	i.State, i.NextAt, i.Announced = ats.StateSent, time.Time{}, nil
	i.SparkHire.InterviewID, i.SparkHire.Status = r.ID, r.Status
	i.SparkHireScheduledAt = store.Time(r.ScheduledAt)
	i.Reason = nil
	i.Revision++
	i.UpdatedAt = now
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	e := event(i, ats.EventSent, now, text)
	e.Data = map[string]string{"spark_hire_interview_id": r.ID}
	if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
		return err
	}
	nudges := []store.Nudge{{Kind: kindPublish, ID: i.ID}, {Kind: kindObserve, ID: i.ID, At: b.afterDeadline(i, now)}}
	if r.Phase != phaseOpen { // the candidate was faster than the search for the interview
		nudges = append(nudges, store.Nudge{Kind: kindObserve, ID: i.ID})
	}
	if !i.CancelAt.IsZero() {
		nudges = append(nudges, store.Nudge{Kind: kindCancel, ID: i.ID})
	}
	return nudgeAll(ctx, tx, nudges...)
}

// fail ends an interview that Spark Hire refused or that could not be sent.
func (b *Bridge) fail(ctx context.Context, tx store.Tx, i store.Interview, reason ats.Reason) error {
	return b.end(ctx, tx, i, ats.StateFailed, ats.EventFailed, reason, reason.Message)
}

// end ends an interview without a result and reports it.
func (b *Bridge) end(ctx context.Context, tx store.Tx, i store.Interview, state ats.State, kind ats.EventKind, reason ats.Reason, text string) error {
	now := b.now()
	i.State, i.Reason, i.EndedAt, i.NextAt = state, &reason, now, time.Time{}
	i.Revision++
	i.UpdatedAt = now
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	e := event(i, kind, now, text)
	e.Data = map[string]string{"reason": string(reason.Code)}
	if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID})
}

// drainWithoutKey ends what waits for a key that was removed: what was not sent
// fails, what may have been sent needs a person.
func (b *Bridge) drainWithoutKey(ctx context.Context, job store.Job) error {
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		// Everything waits in vain, also what is not due yet.
		waiting, err := tx.Due(ctx, store.DueParams{Credential: job.ID, Now: b.now().Add(farAway), Limit: 10 * drainBatch})
		if err != nil {
			return err
		}
		known := senders{}
		for _, i := range waiting {
			now, err := known.sender(ctx, tx, i)
			switch {
			case err != nil:
			case now != "" && now != i.Credential:
				err = b.resend(ctx, tx, i, now)
			case i.State == ats.StateRequested:
				err = b.unsent(ctx, tx, i)
			default:
				err = b.unconfirmed(ctx, tx, i, ats.Reason{Code: codeNotConfirmed, Message: "Spark Hire gave no answer and the recruiter's key was removed, so whether the candidate was invited could not be found out."})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return b.finishDrain(ctx, job)
}

// finishDrain ends the job in the transaction that sees what is still waiting.
func (b *Bridge) finishDrain(ctx context.Context, job store.Job) error {
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Finish(ctx, job); err != nil {
			return err
		}
		next, err := tx.NextDue(ctx, job.ID)
		if err != nil || next.IsZero() {
			return err
		}
		now := b.now()
		if !next.After(now) {
			next, err = b.nextFree(ctx, tx, job.ID, now)
			if err != nil {
				return err
			}
		}
		if !next.After(now) {
			next = time.Time{} // at once
		}
		return tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: job.ID, At: next})
	})
}

func invitationOf(i store.Interview) invitation {
	return invitation{
		Type: i.Type, JobID: i.SparkHire.JobID, QuestionSetID: i.SparkHire.QuestionSetID,
		FirstName: i.Candidate.FirstName, LastName: i.Candidate.LastName, Email: i.Candidate.Email,
		Schedule: i.Schedule, Message: i.Message, Announced: i.Announced,
	}
}

func isVendorError(err error) bool {
	_, ok := errors.AsType[*vendorError](err)
	return ok
}

func nudgeAll(ctx context.Context, tx store.Tx, nudges ...store.Nudge) error {
	for _, n := range nudges {
		if err := tx.Nudge(ctx, n); err != nil {
			return err
		}
	}
	return nil
}
