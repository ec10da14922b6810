package queue

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// leaveWait bounds saying that the process ends.
const leaveWait = 2 * time.Second

// live says that this process lives until leave is called.
func (q *Queue[TTx]) live(ctx context.Context, process string, logger *slog.Logger) (leave func(), err error) {
	if q.config.Beat == nil {
		return func() {}, nil
	}
	if err := q.config.Beat(ctx, process); err != nil {
		return nil, fmt.Errorf("say that this process lives: %w", err)
	}
	// While handlers finish after a stop the process lives on.
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	var beater sync.WaitGroup
	beater.Go(func() {
		tick := time.NewTicker(q.config.BeatEvery)
		defer tick.Stop()
		for {
			select {
			case <-beating.Done():
				return
			case <-tick.C:
			}
			if err := q.config.Beat(beating, process); err != nil && beating.Err() == nil {
				logger.LogAttrs(beating, slog.LevelWarn, "saying that this process lives failed", slog.Any("err", err))
			}
		}
	})
	return func() {
		stop()
		beater.Wait()
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWait)
		defer cancel()
		if err := q.config.Leave(leaving, process); err != nil { // the others will notice
			logger.LogAttrs(leaving, slog.LevelWarn, "saying that this process ends failed", slog.Any("err", err))
		}
	}, nil
}
