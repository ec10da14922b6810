package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// The pause after the n-th failed attempt doubles from the first to the longest.
const (
	pauseFirst   = time.Second
	pauseLongest = 2 * time.Minute
)

// run is one run of a job: [store.Job.Ref].
type run struct {
	job      *river.Job[nudge]
	ctx      context.Context // River's, with its client
	finished atomic.Bool     // by a committed Finish
}

// worker runs handlers for River.
type worker[TTx any] struct {
	river.WorkerDefaults[nudge]
	q        *Queue[TTx]
	handlers map[store.Kind]store.Handler
	logger   *slog.Logger
}

// Work implements [river.Worker].
func (w *worker[TTx]) Work(ctx context.Context, job *river.Job[nudge]) error {
	r := &run{job: job, ctx: ctx}
	j := store.Job{Kind: job.Args.Work, ID: job.Args.ID, Attempt: attempt(job.JobRow), Ref: r}
	err := w.handle(ctx, j)
	if r.finished.Load() {
		if err != nil {
			w.logger.LogAttrs(ctx, slog.LevelWarn, "job failed after it was finished", logAttrs(j, err)...)
		}
		return nil
	}
	if err == nil {
		err = w.complete(ctx, r)
	}
	if err == nil {
		return nil
	}
	// River must not see the error: it would store it.
	if errors.Is(ctx.Err(), context.Canceled) { // and not because the job took too long
		return ctx.Err() // Work is to end: River makes the job available for the next start
	}
	pause := pauseAfter(j.Attempt)
	w.logger.LogAttrs(ctx, slog.LevelWarn, "job failed", append(logAttrs(j, err), slog.Duration("again_in", pause))...)
	if err := w.pause(ctx, r, j.Attempt, pause); err != nil {
		w.logger.LogAttrs(ctx, slog.LevelWarn, "pausing a failed job failed; the queue will", logAttrs(j, err)...)
	}
	return river.JobSnooze(pause) // writes the same, where pausing failed
}

// handle runs the handler when no equal one runs; a panic is an error.
func (w *worker[TTx]) handle(ctx context.Context, j store.Job) (err error) {
	release, err := w.q.runs.enter(ctx, nudge{Work: j.Kind, ID: j.ID})
	if err != nil {
		return err
	}
	defer release()
	defer func() {
		if v := recover(); v != nil {
			// What was panicked with may be personal data; where is not.
			err = fmt.Errorf("handler of %s panicked with a %T\n%s", j.Kind, v, debug.Stack())
		}
	}()
	handler := w.handlers[j.Kind]
	if handler == nil {
		return fmt.Errorf("no handler for %s", j.Kind)
	}
	return handler(ctx, j)
}

// complete finishes a job whose handler did not, and runs the nudges that it has
// missed. River's own completion comes up to 250 ms later.
func (w *worker[TTx]) complete(ctx context.Context, r *run) error {
	return w.q.config.InTx(context.WithoutCancel(ctx), func(_ context.Context, t *Tx[TTx]) error {
		t.finishes = append(t.finishes, finish{run: r, seen: missed(r.job.JobRow)})
		return nil
	})
}

// pause makes a job available again after a while. River does that too, but up to
// 250 ms later; until then equal nudges would take it for running. And River makes
// long pauses a matter of its scheduler: see the package comment.
func (w *worker[TTx]) pause(ctx context.Context, r *run, attempt int, pause time.Duration) error {
	err := w.q.config.InTx(context.WithoutCancel(ctx), func(ctx context.Context, t *Tx[TTx]) error {
		p := riverdriver.JobSetStateSnoozedAvailable(r.job.ID, time.Now().Add(pause), r.job.Attempt-1,
			fmt.Appendf(nil, `{"snoozes": %d}`, attempt))
		// What it has missed the next run sees.
		return w.q.config.Join(ctx, t.tx, func(tx TTx) error {
			_, err := w.q.config.Driver.UnwrapExecutor(tx).JobSetStateIfRunningMany(ctx, &riverdriver.JobSetStateIfRunningManyParams{
				ID: []int64{p.ID}, State: []rivertype.JobState{p.State}, ScheduledAt: []*time.Time{p.ScheduledAt}, Attempt: []*int{p.Attempt},
				MetadataDoMerge: []bool{p.MetadataDoMerge}, MetadataUpdates: [][]byte{p.MetadataUpdates},
				ErrData: [][]byte{nil}, FinalizedAt: []*time.Time{nil},
			})
			return err
		})
	})
	if err == nil && w.q.config.Fetch != nil {
		time.AfterFunc(pause+time.Millisecond, w.q.config.Fetch) // River rounds to milliseconds
	}
	return err
}

// pauseAfter returns the pause after the n-th failed attempt.
func pauseAfter(n int) time.Duration {
	if n > 8 {
		return pauseLongest
	}
	return min(pauseFirst<<(max(n, 1)-1), pauseLongest)
}

func logAttrs(j store.Job, err error) []slog.Attr {
	return []slog.Attr{
		slog.String("kind", string(j.Kind)), slog.String("id", j.ID), slog.Int("attempt", j.Attempt), slog.Any("err", err),
	}
}
