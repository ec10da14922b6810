package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// publish tells the ATS what it has not acknowledged yet about one interview. It
// is level-triggered: the job says only which interview, and what is told is the
// state at this moment.
func (b *Bridge) publish(ctx context.Context, job store.Job) error {
	report, conn, err := b.report(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if report == nil {
		return b.finish(ctx, job)
	}
	adapter, err := b.adapter(conn.Tenant.Adapter)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	callCtx, cancel := context.WithTimeout(ctx, b.publishTimeout())
	defer cancel()
	err = adapter.Publish(callCtx, conn, *report)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("publish: %w", ctx.Err())
	}
	return b.store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error {
		return b.published(ctx, tx, job, *report, err)
	})
}

// publishTimeout ends a call to an ATS that does not answer, early enough to note that
// it did not: what is not noted is not seen by anybody.
func (b *Bridge) publishTimeout() time.Duration { return b.jobTimeout() - 30*time.Second }

// report returns what is to be told, or nil when there is nothing.
func (b *Bridge) report(ctx context.Context, id string) (*ats.Report, ats.Connection, error) {
	var report *ats.Report
	var conn ats.Connection
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		report = nil
		i, err := tx.Interview(ctx, id)
		if err != nil {
			return err
		}
		d, err := tx.Delivery(ctx, id)
		if err != nil {
			return err
		}
		if d.State == store.DeliveryGone || d.State == store.DeliveryDead {
			return nil
		}
		events, err := tx.UnacknowledgedEvents(ctx, id)
		if err != nil || (len(events) == 0 && i.Revision == i.ReportedRevision) {
			return err
		}
		c, err := tx.Connection(ctx, i.ConnectionID)
		if err != nil {
			return err
		}
		conn = b.connectionSeen(c)
		report = &ats.Report{Interview: reported(i), Events: events, Acknowledged: i.Acknowledged, ReplyTo: i.ReplyTo}
		return addOthers(ctx, tx, report)
	})
	if err != nil || report == nil {
		return nil, conn, err
	}
	return report, conn, b.countRounds(ctx, report)
}

// addOthers tells the other interviews of the candidate and job, and how often any of
// them has changed. Erased ones count, or the number could shrink.
func addOthers(ctx context.Context, tx store.Tx, r *ats.Report) error {
	all, err := tx.CandidateInterviews(ctx, r.Interview.ConnectionID, r.Interview.Candidate.ID)
	if err != nil {
		return err
	}
	r.Others = []ats.Interview{}
	for _, other := range slices.Backward(all) {
		if other.Job.ID != r.Interview.Job.ID {
			continue
		}
		r.Version += other.Revision
		if other.ID != r.Interview.ID && other.ErasedAt.IsZero() {
			r.Others = append(r.Others, reported(other))
		}
	}
	return nil
}

// reported returns the interview as a report tells it.
func reported(i store.Interview) ats.Interview {
	i.SparkHire.Irrevocable = !cancelable(i)
	return i.Interview
}

// countRounds sets the rounds of the report's events, for which the whole timeline is
// needed. It has at least what the report has.
func (b *Bridge) countRounds(ctx context.Context, r *ats.Report) error {
	timeline, err := b.store.Events(ctx, r.Interview.ID)
	if err != nil {
		return err
	}
	ats.CountRounds(timeline)
	rounds := make(map[int64]int, len(timeline))
	for _, e := range timeline {
		rounds[e.Seq] = e.Round
	}
	for n, e := range r.Events {
		r.Events[n].Round = rounds[e.Seq]
	}
	return nil
}

// lastKey names the newest thing in a report.
func lastKey(r ats.Report) string {
	if len(r.Events) == 0 {
		return "revision-" + strconv.FormatInt(r.Interview.Revision, 10)
	}
	return r.Events[len(r.Events)-1].Key
}

// published records what the ATS answered, ends the job, and asks for another one
// when something new has arrived meanwhile.
func (b *Bridge) published(ctx context.Context, tx store.Tx, job store.Job, r ats.Report, err error) error {
	if txErr := tx.Complete(ctx, job); txErr != nil {
		return txErr
	}
	i, txErr := tx.Interview(ctx, r.Interview.ID)
	if txErr != nil || !i.ErasedAt.IsZero() { // nothing about an erased person is told any more
		return txErr
	}
	d, txErr := tx.Delivery(ctx, i.ID)
	if txErr != nil {
		return txErr
	}
	now := b.now()
	d.ConnectionID, d.UpdatedAt = i.ConnectionID, now
	switch {
	case err == nil, errors.Is(err, ats.ErrHostCannot):
		return b.acknowledge(ctx, tx, i, d, r, err)
	case errors.Is(err, ats.ErrGone), errors.Is(err, ats.ErrNotFound):
		d.State, d.LastError = store.DeliveryGone, "the record in the ATS has gone"
		if txErr := b.deliveryEnded(ctx, tx, i, d, r, textGone); txErr != nil || !b.goneErases(i.Tenant) {
			return txErr
		}
		return b.erase(ctx, tx, i)
	case permanent(err):
		d.State, d.LastError = store.DeliveryDead, err.Error()
		return b.deliveryEnded(ctx, tx, i, d, r, fmt.Sprintf(textDead, err))
	}
	return b.deliverLater(ctx, tx, i, d, r, err)
}

// goneErases reports whether a record that has gone takes what is known here along.
func (b *Bridge) goneErases(t ats.TenantRef) bool {
	a, ok := b.adapters[t.Adapter]
	return ok && a.Policy().GoneErases
}

// permanent reports whether telling again cannot help. A credential that is
// refused is not permanent: an operator can mend it while reports wait.
func permanent(err error) bool {
	return errors.Is(err, ats.ErrInvalid) || errors.Is(err, ats.ErrUnsupported)
}

func (b *Bridge) acknowledge(ctx context.Context, tx store.Tx, i store.Interview, d store.Delivery, r ats.Report, err error) error {
	now := b.now()
	d.State, d.Failures, d.FirstFailedAt, d.NextAt, d.LastError = store.DeliveryOK, 0, time.Time{}, time.Time{}, ""
	if err := tx.SaveDelivery(ctx, d); err != nil {
		return err
	}
	if len(r.Events) > 0 {
		if err := tx.AcknowledgeEvents(ctx, i.ID, r.Events[len(r.Events)-1].Seq); err != nil {
			return err
		}
	}
	i.ReportedRevision, i.Acknowledged = r.Interview.Revision, r.Interview.State
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	text := fmt.Sprintf(textPublished, r.Interview.State)
	if errors.Is(err, ats.ErrHostCannot) {
		text = b.wordsFor(i.Tenant, ats.CodeHostCannot, textHostCannot)
	}
	e := event(i, ats.EventPublished, now, text)
	e.Key = "published-" + lastKey(r)
	if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
		return err
	}
	rest, err := tx.UnacknowledgedEvents(ctx, i.ID)
	if err != nil || len(rest) == 0 {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID})
}

// wordsFor returns the product's own sentence for a code, or ours.
func (b *Bridge) wordsFor(t ats.TenantRef, code ats.Code, ours string) string {
	if a, ok := b.adapters[t.Adapter]; ok {
		if words, ok := a.Policy().Words[code]; ok {
			return words
		}
	}
	return ours
}

// deliveryEnded stops telling the ATS about the interview.
func (b *Bridge) deliveryEnded(ctx context.Context, tx store.Tx, i store.Interview, d store.Delivery, r ats.Report, text string) error {
	if err := tx.SaveDelivery(ctx, d); err != nil {
		return err
	}
	e := event(i, ats.EventPublishFailed, b.now(), text)
	e.Key = "publish-failed-" + lastKey(r)
	_, err := tx.AppendEvent(ctx, i.ID, e)
	b.log.WarnContext(ctx, "report not delivered", "interview", i.ID, "state", d.State, "error", d.LastError)
	return err
}

// deliverLater plans another try, with growing pauses, until the ATS has been out
// of reach for too long.
func (b *Bridge) deliverLater(ctx context.Context, tx store.Tx, i store.Interview, d store.Delivery, r ats.Report, err error) error {
	now := b.now()
	at, told := retryLater(err)
	if !told {
		d.Failures++
		if d.FirstFailedAt.IsZero() {
			d.FirstFailedAt = now
		}
		at = now.Add(deliveryPause(d.Failures))
	}
	if soonest := now.Add(deliveryPause(1)); at.Before(soonest) { // "at once" is not what anybody means
		at = soonest
	}
	d.LastError = err.Error()
	if !d.FirstFailedAt.IsZero() && at.Sub(d.FirstFailedAt) > b.config.PublishFor {
		d.State = store.DeliveryDead
		return b.deliveryEnded(ctx, tx, i, d, r, fmt.Sprintf(textDead, err))
	}
	d.State, d.NextAt = store.DeliveryRetrying, store.Time(at)
	if err := tx.SaveDelivery(ctx, d); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID, At: d.NextAt})
}

// deliveryPause grows from two seconds to half an hour.
func deliveryPause(failures int) time.Duration {
	d := 2 * time.Second
	for ; failures > 1 && d < 30*time.Minute; failures-- {
		d *= 2
	}
	return min(d, 30*time.Minute)
}

// RetryDelivery makes a dead letter be tried again. One that is not dead is left
// as it is and nil; an unknown interview matches [ats.ErrNotFound].
func (b *Bridge) RetryDelivery(ctx context.Context, interviewID string, by ats.User) error {
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, interviewID)
		if err != nil {
			return err
		}
		d, err := tx.Delivery(ctx, interviewID)
		if err != nil || d.State != store.DeliveryDead {
			return err
		}
		d.State, d.Failures, d.FirstFailedAt, d.UpdatedAt = store.DeliveryRetrying, 0, time.Time{}, b.now()
		if err := tx.SaveDelivery(ctx, d); err != nil {
			return err
		}
		if err := tx.Audit(ctx, store.AuditEntry{At: b.now(), ConnectionID: i.ConnectionID, InterviewID: i.ID, Actor: by.ID, Action: "retry delivery"}); err != nil {
			return err
		}
		return tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID})
	})
	if err != nil {
		return fmt.Errorf("retry delivery %s: %w", interviewID, err)
	}
	return nil
}
