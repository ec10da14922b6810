package ledger

import (
	"context"
	"time"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// tick is how finely later nudges are told apart. Times are rounded up, so that
// none comes early.
const tick = 100 * time.Millisecond

// Nudge implements [store.Tx].
func (t *Tx) Nudge(ctx context.Context, n store.Nudge) error {
	what := "nudge " + string(n.Kind)
	if !n.At.After(t.clock()) {
		return t.dialect.Fail(what, t.jobs.Nudge(ctx, n))
	}
	n.At = ceil(n.At)
	if err := t.q.SaveAlarm(ctx, rows.SaveAlarmParams{At: micros(n.At), Kind: string(n.Kind), ID: n.ID}); err != nil {
		return t.dialect.Fail(what, err)
	}
	return t.dialect.Fail(what, t.jobs.Later(ctx, n))
}

// Finish implements [store.Tx].
func (t *Tx) Finish(ctx context.Context, j store.Job) error {
	return t.dialect.Fail("finish "+string(j.Kind), t.jobs.Finish(ctx, j))
}

// Complete implements [store.Tx].
func (t *Tx) Complete(ctx context.Context, j store.Job) error {
	return t.dialect.Fail("complete "+string(j.Kind), t.jobs.Complete(ctx, j))
}

// RingAlarms turns at most most later nudges whose time has come into immediate
// ones and returns how many there were.
func (t *Tx) RingAlarms(ctx context.Context, most int) (int, error) {
	const what = "ring alarms"
	due, err := t.q.TakeAlarms(ctx, micros(t.clock()), clamp(most))
	if err != nil {
		return 0, t.dialect.Fail(what, err)
	}
	for _, a := range due {
		if err := t.jobs.Nudge(ctx, store.Nudge{Kind: store.Kind(a.Kind), ID: a.ID}); err != nil {
			return 0, t.dialect.Fail(what, err)
		}
	}
	return len(due), nil
}

// NextAlarm returns when the next later nudge is due; the zero time when there is
// none.
func (l Ledger) NextAlarm(ctx context.Context) (time.Time, error) {
	at, err := l.q.NextAlarm(ctx)
	if none(err) {
		return time.Time{}, nil
	}
	return fromMicros(at), l.dialect.Fail("find the next alarm", err)
}

// ceil rounds up to a whole tick.
func ceil(t time.Time) time.Time {
	if c := t.Truncate(tick); !c.Equal(t) {
		return c.Add(tick)
	}
	return t
}
