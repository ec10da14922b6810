package queue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Tx is the queue inside one transaction. It implements the ledger's Jobs.
//
// What it writes it writes last, in [Tx.Flush]: jobs are locked after the ledger's
// rows and for a moment only, so that a transaction that finishes a job and one
// that nudges the same work never wait for each other crosswise.
type Tx[TTx any] struct {
	q  *Queue[TTx]
	tx *sql.Tx
	// foreign is set when nobody tells us about the commit.
	foreign  bool
	finishes []finish
	nudges   []store.Nudge
	inserted bool
	later    time.Time
	finished []*run
}

// finish is a job that ends with the transaction. It began when it had missed the
// first seen nudges.
type finish struct {
	*run

	seen int64
}

// In returns the queue inside a transaction of the store. Call [Tx.Flush] before
// the commit and [Tx.Committed] after it.
func (q *Queue[TTx]) In(tx *sql.Tx) *Tx[TTx] { return &Tx[TTx]{q: q, tx: tx} }

// InForeign returns the queue inside a transaction that somebody else commits.
func (q *Queue[TTx]) InForeign(tx *sql.Tx) *Tx[TTx] { return &Tx[TTx]{q: q, tx: tx, foreign: true} }

// Nudge asks for immediate work.
func (t *Tx[TTx]) Nudge(ctx context.Context, ns ...store.Nudge) error {
	for _, n := range ns {
		n.At = time.Time{}
		if !slices.Contains(t.nudges, n) {
			t.nudges = append(t.nudges, n)
		}
	}
	return t.flushForeign(ctx)
}

// Later tells that the transaction has written an alarm.
func (t *Tx[TTx]) Later(ctx context.Context, n store.Nudge) error {
	if t.later.IsZero() || n.At.Before(t.later) {
		t.later = n.At
	}
	if !t.foreign {
		return nil
	}
	defer t.Committed()
	if t.q.config.AnnounceLater == nil {
		return nil
	}
	return t.q.config.AnnounceLater(ctx, t.tx)
}

// Finish completes a running job. A nudge that the job has stood in the way of since
// it began runs after it: what it was about, the handler may have read before.
func (t *Tx[TTx]) Finish(ctx context.Context, j store.Job) error {
	r, ok := j.Ref.(*run)
	if !ok {
		return fmt.Errorf("job %s was not given to a handler", j.Kind)
	}
	t.finishes = append(t.finishes, finish{run: r, seen: missed(r.job.JobRow)})
	return t.flushForeign(ctx)
}

func (t *Tx[TTx]) flushForeign(ctx context.Context) error {
	if !t.foreign {
		return nil
	}
	defer t.Committed()
	return t.Flush(ctx)
}

// Flush ends the jobs and then inserts the nudges, each once, with one statement:
// so a handler may nudge its own work.
func (t *Tx[TTx]) Flush(ctx context.Context) error {
	if len(t.finishes) == 0 && len(t.nudges) == 0 {
		return nil
	}
	return t.q.config.Join(ctx, t.tx, func(tx TTx) error {
		for _, f := range t.finishes {
			if err := t.complete(ctx, tx, f); err != nil {
				return err
			}
		}
		t.finishes = nil
		return t.insert(ctx, tx)
	})
}

func (t *Tx[TTx]) complete(ctx context.Context, tx TTx, f finish) error {
	done, err := river.JobCompleteTx[riverdriver.Driver[TTx]](withValues(ctx, f.ctx), tx, f.job)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("complete job: %w", err)
	}
	if missed(done.JobRow) != f.seen {
		t.nudges = append(t.nudges, store.Nudge{Kind: f.job.Args.Work, ID: f.job.Args.ID})
	}
	if !t.foreign {
		t.finished = append(t.finished, f.run)
	}
	return nil
}

func (t *Tx[TTx]) insert(ctx context.Context, tx TTx) error {
	if len(t.nudges) == 0 {
		return nil
	}
	// In one order, so that two transactions do not wait for each other's jobs.
	slices.SortFunc(t.nudges, func(a, b store.Nudge) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	t.nudges = slices.Compact(t.nudges)
	params := make([]river.InsertManyParams, len(t.nudges))
	for i, n := range t.nudges {
		params[i].Args = nudge{Work: n.Kind, ID: n.ID}
	}
	t.nudges = nil
	results, err := t.q.insert.InsertManyTx(ctx, tx, params)
	if err != nil {
		return fmt.Errorf("insert nudges: %w", err)
	}
	waits := false
	for _, r := range results {
		if !r.UniqueSkippedAsDuplicate || r.Job.State != rivertype.JobStateRunning {
			// A fetch passes over a job that stood in our way until we commit.
			waits = true
			continue
		}
		// The insert has locked the running job, so it cannot end before we commit.
		if err := t.q.config.Driver.UnwrapExecutor(tx).Exec(ctx, t.q.config.Miss, r.Job.ID); err != nil {
			return fmt.Errorf("mark job as having missed a nudge: %w", err)
		}
	}
	t.inserted = t.inserted || waits
	if !waits || t.q.config.Announce == nil {
		return nil
	}
	if err := t.q.config.Announce(ctx, tx); err != nil {
		return fmt.Errorf("announce nudges: %w", err)
	}
	return nil
}

// Committed makes known what the transaction did.
func (t *Tx[TTx]) Committed() {
	for _, r := range t.finished {
		r.finished.Store(true)
	}
	if t.inserted && t.q.config.Announce == nil && t.q.config.Fetch != nil {
		t.q.config.Fetch()
	}
	if !t.later.IsZero() {
		t.q.alarms.wake(t.later)
	}
}
