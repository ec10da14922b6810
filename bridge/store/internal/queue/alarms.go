package queue

import (
	"context"
	"log/slog"
	"math"
	"sync/atomic"
	"time"
)

const (
	// alarmsAtOnce is how many later nudges become immediate ones in one transaction.
	alarmsAtOnce = 256
	// alarmPoll is how often the table is read although nobody told of a new alarm:
	// other processes write some too.
	alarmPoll = 10 * time.Second
	// alarmPause is the pause after an error.
	alarmPause = time.Second
	// alarmBusy is the pause while other transactions hold what is due.
	alarmBusy = 20 * time.Millisecond
)

// alarms knows when the next later nudge is due.
type alarms struct {
	woken chan struct{}
	// next is the time that is waited for, in microseconds.
	next atomic.Int64
}

func (a *alarms) init() {
	a.woken = make(chan struct{}, 1)
	a.next.Store(math.MaxInt64)
}

// wake tells of a new alarm.
func (a *alarms) wake(at time.Time) {
	if at.UnixMicro() >= a.next.Load() {
		return
	}
	select {
	case a.woken <- struct{}{}:
	default:
	}
}

// Look makes a queue that works look at the alarms: another process wrote some, or
// a transaction that was open when we were told.
func (q *Queue[TTx]) Look() {
	select {
	case q.alarms.woken <- struct{}{}:
	default:
	}
}

// ring turns later nudges into immediate ones, each at its time, until ctx ends.
func (q *Queue[TTx]) ring(ctx context.Context, logger *slog.Logger) {
	for ctx.Err() == nil {
		pause, err := q.ringDue(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			q.failing.Store(&err)
			logger.LogAttrs(ctx, slog.LevelWarn, "reading later nudges failed", slog.Any("err", err))
			pause = alarmPause
		} else {
			q.failing.Store(nil)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-q.alarms.woken:
		}
		timer.Stop()
	}
}

// ringDue rings what is due and returns how long nothing more will be.
func (q *Queue[TTx]) ringDue(ctx context.Context) (time.Duration, error) {
	for {
		// Whatever is written from here on wakes us.
		q.alarms.next.Store(math.MaxInt64)
		next, err := q.config.NextAlarm(ctx)
		if err != nil {
			return 0, err
		}
		if next.IsZero() {
			return alarmPoll, nil
		}
		pause := next.Sub(q.config.Clock())
		if pause > 0 {
			q.alarms.next.Store(next.UnixMicro())
			return min(pause, alarmPoll), nil
		}
		rung, err := q.config.RingAlarms(ctx, alarmsAtOnce)
		if err != nil {
			return 0, err
		}
		if rung == 0 {
			return alarmBusy, nil
		}
	}
}
