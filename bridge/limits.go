package bridge

import (
	"cmp"
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
	// lookCalls is what looking at an interview costs at most, as a rule: reading it, and
	// asking for a share link and making one.
	lookCalls = 3
	// yieldFor is when a look at an interview that let inviting go first tries again.
	yieldFor = 10 * time.Second
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
	yields     bool // lets inviting go first, see calls

	mu      sync.Mutex
	begun   bool
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
	want, yield := 1, false
	err := l.b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		now := l.b.now()
		want, yield, err = l.calls(ctx, tx, now)
		if err != nil || yield {
			return err
		}
		got, next, err = l.b.take(ctx, tx, l.credential, want, 0, now)
		if got < want {
			got, err = 0, cmp.Or(err, errNotAll)
		}
		return err
	})
	now := l.b.now()
	switch {
	case yield:
		return &httpx.LaterError{At: now.Add(yieldFor)}
	case errors.Is(err, errNotAll):
		for range want {
			l.b.wanting.add(l.credential, now)
		}
		return &httpx.LaterError{At: next}
	case err != nil:
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = true
	if want > 1 {
		l.prepaid, l.paidAt = want-1, now
	}
	if l.yields {
		for range want {
			l.b.looking.add(l.credential, now)
		}
	}
	return nil
}

// errNotAll undoes what was paid when there is no room for all of it.
var errNotAll = errors.New("the budget has no room")

// calls returns how many calls to pay for, or that the look at an interview is to let
// inviting go first. While somebody waits to be invited, such looks begin only if they
// had less than a tenth of the budget in the last minute: results that come in
// numbers would else keep all of it. They then pay for all they may need, because half
// of a look is worth nothing.
func (l *budget) calls(ctx context.Context, tx store.Tx, now time.Time) (n int, yield bool, err error) {
	l.mu.Lock()
	begun := l.begun
	l.mu.Unlock()
	if !l.yields || begun {
		return 1, false, nil
	}
	due, err := tx.NextDue(ctx, l.credential)
	if err != nil || due.IsZero() || due.After(now) {
		return 1, false, err
	}
	share := max(1, l.b.mostKept())
	return min(lookCalls, share), l.b.looking.count(l.credential, share, now) == share, nil
}

// lately counts, per budget, what happened not longer ago than memory. Two things are
// counted: the calls that a spent budget turned away, so that inviting leaves room for
// them, and those that looked at interviews, so that they leave room for inviting.
type lately struct {
	memory time.Duration

	mu    sync.Mutex
	since map[string][]time.Time
}

func (w *lately) add(credential string, now time.Time) {
	credential = budgetOf(credential)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since == nil {
		w.since = map[string][]time.Time{}
	}
	w.since[credential] = append(w.recent(credential, now), now)
}

func (w *lately) count(credential string, most int, now time.Time) int {
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

func (w *lately) recent(credential string, now time.Time) []time.Time {
	all := w.since[credential]
	for len(all) > 0 && now.Sub(all[0]) > w.memory {
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
