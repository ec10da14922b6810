package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// observe reads one interview at Spark Hire and records what has changed since
// the last reading. However often, late or out of order it is asked for, the
// same reading changes nothing twice.
func (b *Bridge) observe(ctx context.Context, job store.Job) error {
	i, err := b.store.GetInterview(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && !observable(i)) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("observe: %w", err)
	}
	keys, err := b.followers(ctx, i)
	if err != nil {
		return fmt.Errorf("observe: %w", err)
	}
	if len(keys) == 0 {
		b.log.WarnContext(ctx, "no Spark Hire key is left to follow this interview", "interview", i.ID)
		return b.finish(ctx, job)
	}
	see, credential, err := b.see(ctx, keys, i, job.Attempt)
	if at, later := retryLater(err); later {
		return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindObserve, ID: i.ID, At: at})
	}
	if isVendorError(err) {
		b.log.WarnContext(ctx, "Spark Hire does not show the interview with this key", "interview", i.ID, "credential", credential)
		return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindObserve, ID: i.ID, At: b.lookUnseen(i)})
	}
	if err != nil {
		return fmt.Errorf("observe %s: %w", i.ID, err)
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Complete(ctx, job); err != nil { // a hint that came since is about something newer
			return err
		}
		i, err := tx.Interview(ctx, i.ID)
		if err != nil || !observable(i) {
			return err
		}
		return b.record(ctx, tx, i, see)
	})
}

// lookUnseen returns when to look again at an interview that no key shows: every hour of
// its life, or more often where changes are. Since the moments are fixed, looks that
// were asked for at different times are one.
func (b *Bridge) lookUnseen(i store.Interview) time.Time {
	now, pause := b.now(), min(time.Hour, 4*b.config.SparkHire.SweepInterval)
	return store.Time(now.Add(pause - now.Sub(i.CreatedAt)%pause))
}

// observable reports whether Spark Hire has something to say about it.
func observable(i store.Interview) bool {
	if i.SparkHire.InterviewID == "" || !i.ErasedAt.IsZero() {
		return false
	}
	return i.State != ats.StateCanceled || i.Reason == nil || i.Reason.Code == codeRemoved
}

// linkTries is how often a share link is asked for before a result is reported
// without one.
const linkTries = 4

// sight is what a look at Spark Hire showed.
type sight struct {
	reading
	expired bool // 410
	removed bool // 404, and the key works
}

// look reads an interview. Only a credential that must see it makes its absence
// sure.
func (b *Bridge) look(ctx context.Context, s spark, i store.Interview, attempt int, sure bool) (sight, error) {
	r, err := s.Read(ctx, i.SparkHire.InterviewID)
	switch {
	case errors.Is(err, ats.ErrGone):
		return sight{expired: true}, nil
	case errors.Is(err, ats.ErrNotFound) && !sure:
		return sight{}, err
	case errors.Is(err, ats.ErrNotFound):
		// A key that was disabled sees nothing: only a working one proves absence.
		if _, err := s.KeyOwner(ctx); err != nil {
			return sight{}, err
		}
		return sight{removed: true}, nil
	case err != nil:
		return sight{}, err
	}
	v := sight{reading: r, expired: r.Phase == phaseExpired}
	if r.Phase == phaseCompleted && v.ShareURL == "" {
		url, err := s.ShareURL(ctx, r.ID)
		if _, later := retryLater(err); later || (err != nil && !isVendorError(err) && attempt < linkTries) {
			return sight{}, err
		}
		if err != nil && !errors.Is(err, ats.ErrUnsupported) { // the result is worth more than the link
			b.log.WarnContext(ctx, "no share link", "interview", i.ID, "error", err)
		}
		v.ShareURL = url
	}
	return v, nil
}

// record derives events from the difference between the ledger and what was seen.
func (b *Bridge) record(ctx context.Context, tx store.Tx, i store.Interview, see sight) error {
	if (see.removed || see.Phase == phaseCanceled) && !i.CancelAt.IsZero() && !i.State.Ended() {
		_, err := b.canceled(ctx, tx, i) // our own doing, whose answer this overtook
		return err
	}
	now := b.now()
	was := i
	var events []ats.Event
	add := func(kind ats.EventKind, text string) { events = append(events, event(i, kind, now, text)) }
	i.Revision++

	switch {
	case see.removed:
		switch {
		case i.State == ats.StateCompleted && !removedThere(i):
			i.SparkHire.WatchURL, i.SparkHire.ShareURL = "", ""
			i.Notice = &ats.Reason{Code: codeRemoved, Message: "The interview was removed in Spark Hire. There is no recording any more."}
			add(ats.EventRemoved, textRemoved)
		case !i.State.Ended():
			i.State, i.EndedAt = ats.StateCanceled, now
			i.Reason = &ats.Reason{Code: codeRemoved, Message: "The interview was removed in Spark Hire."}
			add(ats.EventRemoved, textRemoved)
		}
	case see.expired && i.State != ats.StateCompleted:
		if i.State != ats.StateExpired {
			i.State, i.EndedAt = ats.StateExpired, now
			i.Reason = &ats.Reason{Code: codeExpired, Message: "The interview expired before it was completed."}
			add(ats.EventExpired, textExpired)
		}
	case see.expired: // a completed interview has its result already
	case see.Phase == phaseCanceled:
		i.SparkHire.Status = see.Status
		if !i.State.Ended() {
			i.State, i.EndedAt = ats.StateCanceled, now
			i.Reason = &ats.Reason{Code: codeRemoved, Message: "The interview was canceled in Spark Hire."}
			add(ats.EventCanceled, textCanceledThere)
		}
	default:
		ends := b.endsByItself(i.Tenant)
		b.compare(&i, see.reading, now, ends, add)
		if ends {
			b.endAtDeadline(&i, now, add)
		}
	}
	if i.State.Ended() && !i.CancelAt.IsZero() {
		tooLate(&i)
	}
	if len(events) == 0 && i.SparkHire.Status == was.SparkHire.Status {
		return b.planLook(ctx, tx, was, now)
	}
	i.UpdatedAt = now
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	for _, e := range events {
		if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
			return err
		}
	}
	if len(events) > 0 {
		if err := tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID}); err != nil {
			return err
		}
	}
	return b.planLook(ctx, tx, i, now)
}

// compare applies a reading of an interview that is there and has not expired.
func (b *Bridge) compare(i *store.Interview, r reading, now time.Time, ends bool, add func(ats.EventKind, string)) {
	was := *i
	i.SparkHire.Status = r.Status
	b.compareSchedule(i, r, ends, add)
	switch {
	case r.Phase == phaseCompleted:
		news := i.State != ats.StateCompleted
		if news {
			i.State, i.EndedAt, i.Reason = ats.StateCompleted, now, nil
			i.CompletedAt = store.Time(r.CompletedAt)
			if i.CompletedAt.IsZero() {
				i.CompletedAt = now
			}
			i.SparkHire.WatchURL = r.WatchURL
			add(ats.EventCompleted, textCompleted)
		} else if removedThere(*i) { // somebody had hidden it
			i.Notice, i.SparkHire.WatchURL = nil, r.WatchURL
		}
		if r.ShareURL != "" {
			i.SparkHire.ShareURL = r.ShareURL
		}
		if r.RatingDigest != i.RatingDigest {
			i.RatingDigest, i.SparkHire.Score, i.SparkHire.Summary = r.RatingDigest, r.Score, r.Summary
			switch {
			case r.Rated:
				add(ats.EventRated, textRated)
			case r.RatingDigest != "" && !news:
				add(ats.EventRated, textSummarized)
			}
		}
	case i.State == ats.StateCompleted:
		b.reopen(i, r)
		i.CompletedAt, i.RatingDigest = time.Time{}, ""
		i.SparkHire.WatchURL, i.SparkHire.ShareURL, i.SparkHire.Score, i.SparkHire.Summary = "", "", nil, ""
		add(ats.EventReset, textReset)
	case expiredHere(was) && !reopensHere(was, *i, r, now):
	case i.State == ats.StateExpired || i.State == ats.StateCanceled:
		b.reopen(i, r)
		add(ats.EventRescheduled, textReopened)
	case i.State == ats.StateSent && r.Phase == phaseAccepted:
		i.State = ats.StateAccepted
		add(ats.EventAccepted, textAccepted)
	}
}

func (b *Bridge) reopen(i *store.Interview, r reading) {
	i.State, i.EndedAt, i.Reason = ats.StateSent, time.Time{}, nil
	if r.Phase == phaseAccepted {
		i.State = ats.StateAccepted
	}
}

// compareSchedule notices that somebody moved the interview in Spark Hire. What
// scheduled_at means is not certain, so our own deadline follows it only where
// Spark Hire first showed exactly the moment that we had asked for.
//
// Where interviews end by our own clock, a moment that is later than ours is
// followed too: nobody is to lose the time that Spark Hire gave.
func (b *Bridge) compareSchedule(i *store.Interview, r reading, ends bool, add func(ats.EventKind, string)) {
	at := store.Time(r.ScheduledAt)
	if at.IsZero() || at.Equal(i.SparkHireScheduledAt) || at.Year() >= 9999 { // "never" is no time
		return
	}
	first := i.SparkHireScheduledAt.IsZero()
	followed := i.SparkHireScheduledAt.Equal(i.Schedule.At.Truncate(time.Second)) || (ends && at.After(i.Schedule.At))
	i.SparkHireScheduledAt = at
	if first {
		return
	}
	if loc, err := ats.LoadZone(i.Schedule.Zone); err == nil && followed {
		local := at.In(loc)
		date := ats.DateOf(local)
		if i.Schedule.Midnight == ats.EndOfDay {
			date = date.AddDays(-1)
		}
		moved, err := ats.On(date, i.Schedule.Midnight, i.Schedule.Zone, ats.Fields{})
		if i.Schedule.Time == nil && err == nil && moved.At.Equal(at) { // a date stays a date
			i.Schedule.Date = date
		} else {
			i.Schedule.Date, i.Schedule.Time = ats.DateOf(local), &ats.TimeOfDay{Hour: local.Hour(), Minute: local.Minute()}
		}
		i.Schedule.At = at
		i.Schedule.Derivation, i.Schedule.Note = "Spark Hire", ""
	}
	add(ats.EventRescheduled, textRescheduled)
}

// planLook asks for a look after the deadline, and then ever more rarely, while
// an interview is open.
func (b *Bridge) planLook(ctx context.Context, tx store.Tx, i store.Interview, now time.Time) error {
	if i.State.Ended() {
		return nil
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindObserve, ID: i.ID, At: b.afterDeadline(i, now)})
}

// afterDeadline returns when an open interview must be looked at again although
// nothing was heard of it.
func (b *Bridge) afterDeadline(i store.Interview, now time.Time) time.Time {
	grace := time.Minute
	if b.endsByItself(i.Tenant) {
		grace = 0
	}
	due := i.Schedule.At.Add(grace)
	if now.Before(due) {
		return store.Time(due)
	}
	// The moments are fixed, so that looks which were asked for at different times are one:
	// five minutes after the deadline, ten, twenty and so on, and then every day.
	const day = 24 * time.Hour
	since, next := now.Sub(i.Schedule.At), 5*time.Minute
	for next <= since && next < day {
		next *= 2
	}
	if next < day {
		return store.Time(i.Schedule.At.Add(next))
	}
	return store.Time(now.Add(day - since%day))
}

// finish marks the job as done.
func (b *Bridge) finish(ctx context.Context, job store.Job) error {
	return b.finishAndReturn(ctx, job)
}

// finishAndReturn marks the job as done and asks for what follows. What it was about
// was looked at before, so a nudge that came since is run.
func (b *Bridge) finishAndReturn(ctx context.Context, job store.Job, then ...store.Nudge) error {
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Complete(ctx, job); err != nil {
			return err
		}
		return nudgeAll(ctx, tx, then...)
	})
}
