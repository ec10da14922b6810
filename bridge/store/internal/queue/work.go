package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

const (
	workersDefault = 8
	jobTimeout     = 2 * time.Minute
	stopTimeout    = 30 * time.Second
	// stopGrace is what handlers have to return after their contexts ended.
	stopGrace = time.Second
	// fetchCooldown is the least time between two fetches: up to eight jobs each
	// with the default workers.
	fetchCooldown = 2 * time.Millisecond
	// retention is how long finished jobs are kept.
	retention = 10 * time.Second
	// rescueMargin is how much longer than its time-out a job must have been
	// running to be taken for one of a dead process.
	rescueMargin = time.Minute
)

// Work implements [store.Store].
func (q *Queue[TTx]) Work(ctx context.Context, c store.WorkConfig) error {
	if q.working.Swap(true) {
		return errors.New("work: it was called before")
	}
	logger := c.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	if q.config.Recover != nil {
		if err := q.config.Recover(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("work: free the jobs of a dead process: %w", err)
		}
	}
	client, err := q.workClient(c, logger)
	if err != nil {
		return fmt.Errorf("work: %w", err)
	}
	leave, err := q.live(ctx, client.ID(), logger)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("work: %w", err)
	}
	defer leave()
	if err := client.Start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("work: start queue: %w", err)
	}
	stopped := client.Stopped()
	q.stopped.Store(&stopped)

	ringing, stopRinging := context.WithCancel(ctx)
	var ringer sync.WaitGroup
	ringer.Go(func() { q.ring(ringing, logger) })
	defer ringer.Wait()
	defer stopRinging()

	if c.Started != nil {
		c.Started()
	}
	select {
	case <-stopped:
		if ctx.Err() == nil {
			return errors.New("work: the queue stopped by itself")
		}
		return nil
	case <-ctx.Done():
	}
	timer := time.NewTimer(cmp.Or(c.StopTimeout, stopTimeout) + stopGrace)
	defer timer.Stop()
	select {
	case <-stopped:
	case <-timer.C:
		logger.LogAttrs(ctx, slog.LevelWarn, "handlers did not return in time; they are left behind")
	}
	return nil
}

func (q *Queue[TTx]) workClient(c store.WorkConfig, logger *slog.Logger) (*river.Client[TTx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker[TTx]{q: q, handlers: c.Handlers, logger: logger}); err != nil {
		return nil, err
	}
	rc := q.baseConfig(logger)
	rc.Workers = workers
	rc.Queues = map[string]river.QueueConfig{Name: {MaxWorkers: cmp.Or(c.Workers, workersDefault)}}
	rc.FetchCooldown = fetchCooldown
	rc.FetchPollInterval = q.config.Poll
	rc.JobTimeout = cmp.Or(c.JobTimeout, jobTimeout)
	rc.RescueStuckJobsAfter = rc.JobTimeout + rescueMargin
	rc.SoftStopTimeout = cmp.Or(c.StopTimeout, stopTimeout)
	rc.CompletedJobRetentionPeriod = retention
	rc.CancelledJobRetentionPeriod = retention
	return river.NewClient(q.config.Driver, rc)
}

// Ping returns nil when the queue works, or was not asked to.
func (q *Queue[TTx]) Ping() error {
	stopped := q.stopped.Load()
	if stopped == nil {
		return nil
	}
	select {
	case <-*stopped:
		return fmt.Errorf("the queue has stopped: %w", ats.ErrUnavailable)
	default:
	}
	if err := q.failing.Load(); err != nil {
		return fmt.Errorf("the queue fails: %w: %w", ats.ErrUnavailable, *err)
	}
	return nil
}
