package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// laterError is "this is being done, come back at At". It matches
// [ats.ErrUnavailable].
type laterError struct {
	At   time.Time
	What string
}

func (e *laterError) Error() string { return e.What + ", come back at " + e.At.Format(time.RFC3339) }

// Unwrap returns [ats.ErrUnavailable].
func (e *laterError) Unwrap() error { return ats.ErrUnavailable }

// RetryAt returns when the call makes sense again.
func (e *laterError) RetryAt() time.Time { return e.At }

// createLink has Spark Hire make a job once. The attempt is committed before the
// call. When nobody knows what became of an attempt, the job is looked for before
// there is another one, and only after a settle time in which the lost call can no
// longer arrive.
func (b *Bridge) createLink(ctx context.Context, p LinkJobParams, credential string) (LinkedJob, error) {
	l, mine, err := b.claimLink(ctx, p, credential)
	if err != nil {
		return LinkedJob{}, err
	}
	if l.State == store.JobLinkReady {
		return b.linkedJob(l), nil
	}
	job := newJob{NewJob: *p.Create, Marker: l.Marker}
	if !mine { // an earlier attempt is in doubt
		found, err := b.findLinked(ctx, l, job)
		if err != nil {
			return LinkedJob{}, refusalOr("link job "+p.JobID, err)
		}
		if found != "" {
			return b.linkMade(ctx, l, p, found)
		}
		// It was not made: now it is our attempt.
		if l, err = b.claimAgain(ctx, l, credential); err != nil {
			return LinkedJob{}, err
		}
	}
	maker, err := b.makerFor(ctx, l.ConnectionID, l.Credential)
	if err != nil {
		return LinkedJob{}, b.notMade(ctx, l, err)
	}
	callCtx, cancel := context.WithTimeout(ctx, b.config.SparkHire.RequestTimeout)
	id, err := maker.CreateJob(callCtx, job)
	cancel()
	// What Spark Hire answered must be kept even when the caller has left.
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return LinkedJob{}, b.notMade(ctx, l, err)
	}
	return b.linkMade(ctx, l, p, id)
}

func (b *Bridge) makerFor(ctx context.Context, connectionID, credential string) (jobMaker, error) {
	s, err := b.sparkFor(ctx, connectionID, credential)
	if err != nil {
		return nil, err
	}
	maker, ok := s.(jobMaker)
	if !ok {
		return nil, errNoJobs()
	}
	return maker, nil
}

// claimLink commits an attempt; mine is false when the outcome of an earlier one is
// not known, and then nothing was written.
func (b *Bridge) claimLink(ctx context.Context, p LinkJobParams, credential string) (l store.JobLink, mine bool, err error) {
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		now := b.now()
		mine = false
		l, err = tx.JobLink(ctx, store.JobLinkKey{ConnectionID: p.ConnectionID, JobID: p.JobID})
		switch {
		case err == nil && (l.State == store.JobLinkReady || !l.AttemptAt.IsZero()):
			if free := l.AttemptAt.Add(b.config.SparkHire.SettleTime); l.State == store.JobLinkCreating && now.Before(free) {
				return &laterError{At: free, What: "the Spark Hire job is being made"}
			}
			return nil
		case err != nil && !errors.Is(err, ats.ErrNotFound):
			return err
		case err != nil:
			l = store.JobLink{ConnectionID: p.ConnectionID, JobID: p.JobID, State: store.JobLinkCreating, CreatedAt: now}
		}
		mine = true
		l.Title, l.Marker, l.Credential, l.AttemptAt, l.UpdatedAt = p.Create.Title, newMarker(), credential, now, now
		return tx.SaveJobLink(ctx, l)
	})
	if err != nil {
		return l, false, fmt.Errorf("link job %s: %w", p.JobID, err)
	}
	return l, mine, nil
}

// claimAgain commits another attempt for a job that is not there, unless somebody
// else was faster.
func (b *Bridge) claimAgain(ctx context.Context, was store.JobLink, credential string) (store.JobLink, error) {
	var l store.JobLink
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		now := b.now()
		if l, err = tx.JobLink(ctx, store.JobLinkKey{ConnectionID: was.ConnectionID, JobID: was.JobID}); err != nil {
			return err
		}
		if l != was {
			return &laterError{At: now.Add(time.Second), What: "the job is being linked by somebody else"}
		}
		l.Credential, l.AttemptAt, l.UpdatedAt = credential, now, now
		return tx.SaveJobLink(ctx, l)
	})
	if err != nil {
		return l, fmt.Errorf("link job %s: %w", was.JobID, err)
	}
	return l, nil
}

// findLinked looks for the job of an attempt in doubt with the key that asked for it;
// none, in a list that can be trusted, is empty.
func (b *Bridge) findLinked(ctx context.Context, l store.JobLink, job newJob) (string, error) {
	unconfirmed := ats.Refuse(codeJobUnconfirmed, "spark_hire_job_id",
		"Spark Hire gave no answer when it was asked to make this job, and whether it did could not be found out. Look there, and name the job here.")
	maker, err := b.makerFor(ctx, l.ConnectionID, l.Credential)
	if errors.Is(err, ats.ErrNotFound) { // the key was removed
		return "", unconfirmed
	}
	if err != nil {
		return "", err
	}
	if l.Title != "" {
		job.Title = l.Title // as it was asked for
	}
	found, err := maker.FindJobs(ctx, job, l.AttemptAt.Add(-skew))
	if isVendorError(err) {
		return "", unconfirmed
	}
	if err != nil {
		return "", lookupError(err)
	}
	links, err := b.store.ListJobLinks(ctx, l.ConnectionID)
	if err != nil {
		return "", err
	}
	found = slices.DeleteFunc(found, func(id string) bool {
		return slices.ContainsFunc(links, func(other store.JobLink) bool { return other.SparkHireJobID == id })
	})
	switch len(found) {
	case 0:
		if s, ok := maker.(spark); ok { // an empty list proves something only with a key that works
			if _, err := s.KeyOwner(ctx); err != nil {
				return "", unconfirmed
			}
		}
		return "", nil
	case 1:
		return found[0], nil
	}
	return "", unconfirmed
}

// linkMade makes the link ready with the job that was made for it, unless a person
// has linked another one meanwhile.
func (b *Bridge) linkMade(ctx context.Context, made store.JobLink, p LinkJobParams, id string) (LinkedJob, error) {
	var l store.JobLink
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		now := b.now()
		l, err = tx.JobLink(ctx, store.JobLinkKey{ConnectionID: made.ConnectionID, JobID: made.JobID})
		if errors.Is(err, ats.ErrNotFound) { // unlinked meanwhile: the job is there all the same
			l, err = made, nil
		}
		if err != nil || l.State == store.JobLinkReady {
			return err
		}
		l.State, l.SparkHireJobID, l.UpdatedAt = store.JobLinkReady, id, now
		l.Marker, l.Credential, l.AttemptAt = "", "", time.Time{}
		if p.QuestionSetID != nil {
			l.QuestionSetID = *p.QuestionSetID
		}
		if err := tx.SaveJobLink(ctx, l); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: l.ConnectionID, Actor: p.By.ID, Action: "link job", Detail: l.JobID + " to the new job " + id})
	})
	if err != nil {
		return LinkedJob{}, fmt.Errorf("link job %s: %w", made.JobID, err)
	}
	return b.linkedJob(l), nil
}

// notMade records that an attempt had no effect, or that nobody knows, and returns
// what the caller is told.
func (b *Bridge) notMade(ctx context.Context, l store.JobLink, err error) error {
	if errors.Is(err, errOutcomeUnknown) {
		return fmt.Errorf("link job %s: %w", l.JobID, &laterError{
			At: l.AttemptAt.Add(b.config.SparkHire.SettleTime), What: "Spark Hire gave no answer; the job is looked for before another is made",
		})
	}
	undoErr := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		key := store.JobLinkKey{ConnectionID: l.ConnectionID, JobID: l.JobID}
		if now, err := tx.JobLink(ctx, key); err != nil || now != l {
			return ignoreNotFound(err)
		}
		return tx.DeleteJobLink(ctx, key)
	})
	if undoErr != nil {
		return fmt.Errorf("link job %s: %w", l.JobID, undoErr)
	}
	if _, later := retryLater(err); later || !isVendorError(err) {
		return refusalOr("link job "+l.JobID, err)
	}
	reason := reasonFor(err)
	if errors.Is(err, ats.ErrForbidden) || errors.Is(err, ats.ErrNotFound) {
		reason.Message = "Spark Hire does not let the owner of this key make jobs."
	}
	return ats.Refuse(reason.Code, "create", reason.Message)
}

func ignoreNotFound(err error) error {
	if errors.Is(err, ats.ErrNotFound) {
		return nil
	}
	return err
}
