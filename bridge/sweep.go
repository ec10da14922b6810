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

// overlap is how far a sweep reads behind its watermark: changes of one moment
// may have become visible one after the other.
const overlap = 2 * time.Minute

// sweep finds changes at Spark Hire that no webhook told. Its cost follows the
// number of changes since the last sweep, not the number of interviews.
func (b *Bridge) sweep(ctx context.Context, job store.Job) error {
	conn, err := b.store.GetConnection(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && !conn.Connected) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	next := nextSlot(b.now(), b.config.SparkHire.SweepInterval)
	credentials := credentialsOf(conn)
	if conn.APIVersion == apiV2 {
		if credentials, err = b.sweepItems(ctx, conn); err != nil {
			return fmt.Errorf("sweep %s: %w", conn.ID, err)
		}
	}
	for _, credential := range credentials {
		err := b.sweepWith(ctx, conn.ID, credential)
		if at, later := retryLater(err); later {
			next = at
			continue
		}
		if err != nil && ctx.Err() != nil {
			return fmt.Errorf("sweep %s: %w", conn.ID, ctx.Err())
		}
		if err != nil { // one refused key must not keep the others from being swept
			b.log.WarnContext(ctx, "sweep failed", "connection", conn.ID, "credential", credential, "error", err)
		}
	}
	return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindSweep, ID: conn.ID, At: next})
}

// credentialsOf returns every Spark Hire key of the connection once, the
// organization's first.
func credentialsOf(c store.Connection) []string {
	var all []string
	add := func(credential string) {
		if credential != "" && !slices.Contains(all, credential) {
			all = append(all, credential)
		}
	}
	add(c.OrganizationCredential)
	for _, u := range c.Users {
		add(u.Credential)
	}
	return all
}

func (b *Bridge) sweepWith(ctx context.Context, connectionID, credential string) error {
	s, err := b.sparkFor(ctx, connectionID, credential)
	if err != nil {
		return err
	}
	var watermark time.Time
	if err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		watermark, err = tx.Watermark(ctx, connectionID, credential)
		return err
	}); err != nil {
		return err
	}
	of := sweepOf{connectionID, credential}
	p := b.sweeps.takeUp(of, watermark, b.now())
	if err := b.sweepOn(ctx, s, connectionID, &p); err != nil {
		if _, later := retryLater(err); later || ctx.Err() != nil {
			b.sweeps.keep(of, p)
		}
		return err
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		return tx.SaveWatermark(ctx, connectionID, credential, store.Time(p.newest))
	})
}

// sweepOn reads from where p is to the end, and moves p along with what was dealt with.
func (b *Bridge) sweepOn(ctx context.Context, s spark, connectionID string, p *sweepPoint) error {
	var batch []reading
	deal := func() error {
		err := b.nudgeChanged(ctx, connectionID, batch)
		if err == nil {
			p.pass(batch)
			batch = batch[:0]
		}
		return err
	}
	from, rejoins := p.resume()
	for r, err := range s.Changed(ctx, p.since.Add(-overlap), from) {
		if err != nil {
			return errors.Join(err, deal())
		}
		if rejoins {
			if r.UpdatedAt.Before(p.last) {
				break
			}
			p.read, p.last, rejoins = from, r.UpdatedAt, false
		}
		if batch = append(batch, r); len(batch) == 100 {
			if err := deal(); err != nil {
				return err
			}
		}
	}
	if rejoins { // so much was removed since that something may have moved up past us
		*p = sweepPoint{watermark: p.watermark, since: p.since, newest: p.since}
		return b.sweepOn(ctx, s, connectionID, p)
	}
	return deal()
}

// nudgeChanged asks to observe those interviews whose reading differs from the
// ledger. Readings of interviews that the ledger does not know are ignored.
func (b *Bridge) nudgeChanged(ctx context.Context, connectionID string, batch []reading) error {
	if len(batch) == 0 {
		return nil
	}
	ids := make([]string, len(batch))
	for n, r := range batch {
		ids[n] = r.ID
	}
	known, err := b.store.OpenBySparkHireIDs(ctx, connectionID, ids)
	if err != nil {
		return err
	}
	var nudges []store.Nudge
	for _, r := range batch {
		if i, ok := known[r.ID]; ok && observable(i) && differs(i, r) {
			nudges = append(nudges, store.Nudge{Kind: kindObserve, ID: i.ID})
		}
	}
	if len(nudges) == 0 {
		return nil
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return nudgeAll(ctx, tx, nudges...) })
}

// differs reports whether a reading tells something that the ledger does not have.
func differs(i store.Interview, r reading) bool {
	if i.SparkHire.Status != r.Status || i.RatingDigest != r.RatingDigest {
		return true
	}
	if (r.Phase == phaseCompleted) != (i.State == ats.StateCompleted) {
		return true
	}
	return !r.ScheduledAt.IsZero() && !store.Time(r.ScheduledAt).Equal(i.SparkHireScheduledAt)
}
