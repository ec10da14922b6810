package bridge

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	// jitter is added to the budget's window: calls are paid for a moment before
	// they are sent, and that moment varies.
	jitter = 350 * time.Millisecond
	// settleCalls is what looking for an interview costs as a rule: a page of the
	// list, and a check of the key.
	settleCalls = 2
)

// silence is how long a credential rests when Spark Hire did not answer.
func (b *Bridge) silence() time.Duration { return min(b.config.SparkHire.SettleTime/4, 10*time.Second) }

// take pays for up to want calls with the credential at now, leaving keep free,
// and returns how many fit and, when not all did, when the next one will.
func (b *Bridge) take(ctx context.Context, tx store.Tx, credential string, want, keep int, now time.Time) (got int, next time.Time, err error) {
	l, err := tx.Limit(ctx, budgetOf(credential))
	if err != nil {
		return 0, time.Time{}, err
	}
	if now.Before(l.BlockedUntil) {
		return 0, l.BlockedUntil, nil
	}
	log := b.sendLog(l, keep)
	for got < want {
		at, ok := log.Reserve(now)
		if !ok {
			next = at
			break
		}
		got++
	}
	if got == 0 {
		return 0, next, nil
	}
	l.Sends = log.Sends
	return got, next, tx.SaveLimit(ctx, l)
}

// nextFree returns the earliest moment at which a call with the credential fits.
func (b *Bridge) nextFree(ctx context.Context, tx store.Tx, credential string, now time.Time) (time.Time, error) {
	l, err := tx.Limit(ctx, budgetOf(credential))
	if err != nil {
		return time.Time{}, err
	}
	if now.Before(l.BlockedUntil) {
		return l.BlockedUntil, nil
	}
	l.Sends = slices.Clone(l.Sends)
	log := b.sendLog(l, b.wanting.count(credential, b.mostKept(), now))
	at, _ := log.Reserve(now)
	return at, nil
}

func (b *Bridge) sendLog(l store.Limit, keep int) httpx.SendLog {
	return httpx.SendLog{Limit: b.config.SparkHire.RequestsPerMinute - keep, Window: time.Minute + jitter, Sends: l.Sends}
}

// mostKept is how much of a budget waiting reads may keep from inviting.
func (b *Bridge) mostKept() int { return b.config.SparkHire.RequestsPerMinute / 10 }

// block keeps the credential silent until at.
func (b *Bridge) block(ctx context.Context, tx store.Tx, credential string, at time.Time) error {
	l, err := tx.Limit(ctx, budgetOf(credential))
	if err != nil || !at.After(l.BlockedUntil) {
		return err
	}
	l.BlockedUntil = store.Time(at)
	return tx.SaveLimit(ctx, l)
}

// budget is the limiter of one credential: every attempt pays in the store, and
// a spent budget is an error that says when to come back.
type budget struct {
	b          *Bridge
	credential string

	mu      sync.Mutex
	prepaid int       // calls paid for when the work was claimed
	paidAt  time.Time // when that was
}

// Take pays for one call. What was paid for too long ago is paid for again: Spark
// Hire counts when a call arrives, not when we paid.
func (l *budget) Take(ctx context.Context) error {
	l.mu.Lock()
	free := l.prepaid > 0 && l.b.now().Sub(l.paidAt) < jitter/2
	if l.prepaid > 0 {
		l.prepaid--
	}
	l.mu.Unlock()
	if free {
		return nil
	}
	var got int
	var next time.Time
	err := l.b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		got, next, err = l.b.take(ctx, tx, l.credential, 1, 0, l.b.now())
		return err
	})
	if err != nil {
		return err
	}
	if got == 0 {
		l.b.wanting.add(l.credential, l.b.now())
		return &httpx.LaterError{At: next}
	}
	return nil
}

// wanting counts, per credential, the calls that a spent budget turned away not
// long ago, so that inviting leaves room for them.
type wanting struct {
	mu    sync.Mutex
	since map[string][]time.Time
}

// memory is how long a call that was turned away counts.
const memory = 2 * time.Second

func (w *wanting) add(credential string, now time.Time) {
	credential = budgetOf(credential)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since == nil {
		w.since = map[string][]time.Time{}
	}
	w.since[credential] = append(w.recent(credential, now), now)
}

func (w *wanting) count(credential string, most int, now time.Time) int {
	credential = budgetOf(credential)
	w.mu.Lock()
	defer w.mu.Unlock()
	recent := w.recent(credential, now)
	if len(recent) == 0 {
		delete(w.since, credential)
		return 0
	}
	return min(len(recent), most)
}

func (w *wanting) recent(credential string, now time.Time) []time.Time {
	all := w.since[credential]
	for len(all) > 0 && now.Sub(all[0]) > memory {
		all = all[1:]
	}
	return all
}

// retryLater returns when err says to come back.
func retryLater(err error) (time.Time, bool) {
	if e, ok := errors.AsType[*ats.RetryLaterError](err); ok {
		return e.At, true
	}
	return time.Time{}, false
}
