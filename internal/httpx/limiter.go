package httpx

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Limiter keeps requests within a budget. Safe for concurrent use.
type Limiter interface {
	// Take pays for one request. It may wait, but not past the end of ctx. An error means that the
	// request must not be sent; a [*LaterError] says when to come back.
	Take(ctx context.Context) error
}

// holder is a Limiter that wants to hear that the server refused until a certain moment.
type holder interface {
	Hold(until time.Time)
}

// Margin is added to a window so that requests that take different times on the way still arrive
// within the budget as the server counts it.
const Margin = 150 * time.Millisecond

// SendLog decides when the next request fits a budget of Limit per Window, from the times of the
// requests before it: the next may go once the Limit-th last is older than Window plus [Margin].
// That keeps within the budget of servers that count in fixed windows, whenever those begin, and
// of servers with a sliding one, at 99.75 % of 400 per minute.
//
// It is plain data and reads no clock, so that a store can keep Sends in a row and share one budget
// between processes. It is not safe for concurrent use.
type SendLog struct {
	Limit  int
	Window time.Duration

	// Sends are the times of past requests in Unix microseconds, oldest first.
	Sends []int64
}

// Reserve records a request at now and returns (now, true) if one fits, else the moment at which
// one will, and false. Times recorded after now, by a clock that has since been set back, count as
// now: no step of a clock makes anybody wait longer than a window.
func (l *SendLog) Reserve(now time.Time) (at time.Time, ok bool) {
	t, span := now.UnixMicro(), (l.Window + Margin).Microseconds()
	for i := len(l.Sends) - 1; i >= 0 && l.Sends[i] > t; i-- {
		l.Sends[i] = t
	}
	expired := 0
	for expired < len(l.Sends) && l.Sends[expired]+span <= t {
		expired++
	}
	l.Sends = slices.Delete(l.Sends, 0, expired)
	limit := max(l.Limit, 1)
	if len(l.Sends) >= limit {
		return time.UnixMicro(l.Sends[len(l.Sends)-limit] + span).UTC(), false
	}
	l.Sends = append(l.Sends, t)
	return now, true
}

// WindowLimiter is the [Limiter] for one process: a [SendLog] under a lock. Waiting callers are
// served in the order in which they came.
type WindowLimiter struct {
	start time.Time     // times are derived from it, so that the wall clock cannot jump under us
	turn  chan struct{} // held by the one caller that may wait for the budget

	mu   sync.Mutex
	log  SendLog
	hold time.Time
}

// NewLimiter allows limit requests per window, at least one.
func NewLimiter(limit int, window time.Duration) *WindowLimiter {
	return &WindowLimiter{
		start: time.Now(),
		turn:  make(chan struct{}, 1),
		log:   SendLog{Limit: limit, Window: window, Sends: make([]int64, 0, max(limit, 1))},
	}
}

// Take waits until a request fits the budget, behind the callers that came before. When the budget is
// known to allow none before the deadline of ctx, or the server has asked for a wait longer than the
// window, it returns a [*LaterError] at once.
func (l *WindowLimiter) Take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if at := l.earliest(); l.tooLate(ctx, at) {
		return &LaterError{At: at}
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		at, ok := l.Reserve(l.now())
		if ok {
			return nil
		}
		if l.tooLate(ctx, at) {
			return &LaterError{At: at}
		}
		timer := time.NewTimer(at.Sub(l.now()))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// Reserve is [SendLog.Reserve] under the lock: it pays for a request without waiting, or says when
// to come back. It does not queue behind callers of Take.
func (l *WindowLimiter) Reserve(now time.Time) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.hold) {
		return l.hold, false
	}
	return l.log.Reserve(now)
}

// Hold lets no request through before until: the server has said so.
func (l *WindowLimiter) Hold(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.hold) {
		l.hold = until
	}
}

// earliest is a lower bound of the next free moment; zero when that may be now.
func (l *WindowLimiter) earliest() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.hold
	if n, limit := len(l.log.Sends), max(l.log.Limit, 1); n >= limit {
		if free := time.UnixMicro(l.log.Sends[n-limit]).Add(l.log.Window + Margin); free.After(at) {
			at = free
		}
	}
	return at
}

func (l *WindowLimiter) now() time.Time { return l.start.Add(time.Since(l.start)) }

// tooLate says that nobody should wait until at.
func (l *WindowLimiter) tooLate(ctx context.Context, at time.Time) bool {
	if at.Sub(l.now()) > l.log.Window+Margin {
		return true
	}
	deadline, ok := ctx.Deadline()
	return ok && at.After(deadline)
}
