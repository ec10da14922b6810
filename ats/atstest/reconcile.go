package atstest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func reconcilerChecks() []check {
	return []check{
		{"with nothing lost nothing happens", func(w *world) {
			w.interview(plain(1))
			w.reconcilesTwice(1)
		}},
		{"lost triggers are found once", losing(func(w *world) {
			w.Lose(w.t, w.meet(plain(1)))
			w.Lose(w.t, w.meet(plain(2)))
			w.reconcilesTwice(2)
		})},
		{"triggers that arrive meanwhile stay single", losing((*world).reconcilesInTraffic)},
		{"a removed installation is disconnected", func(w *world) {
			if w.Uninstall == nil {
				w.t.Log("Reconciler: nothing to test, because removals are not found (Vendor.Uninstall is nil)")
				return
			}
			w.Uninstall(w.t)
			for range patience {
				require.NoError(w.t, w.reconcile())
				w.clock.advance(time.Hour)
			}
			require.False(w.t, w.connected(), "after %d runs", patience)
			require.NoError(w.t, w.reconcile())
			require.False(w.t, w.connected(), "it must stay so")
		}},
		{"an outage disconnects nobody", func(w *world) {
			w.need(w.Fail != nil, "Fail", "by ats.Reconciler")
			for _, status := range []int{http.StatusInternalServerError, http.StatusTooManyRequests} {
				w.Fail(status)
				for range patience {
					require.Error(w.t, w.reconcile(), "what could not be found out must be said")
					w.clock.advance(time.Hour)
				}
				require.True(w.t, w.connected())
			}
			w.Fail(0)
			require.NoError(w.t, w.reconcile())
			require.True(w.t, w.connected())
		}},
		{"an inbox that cannot be reached is an error", func(w *world) {
			w.inbox.FailNext(-1, fmt.Errorf("read ledger: %w", ats.ErrUnavailable))
			require.ErrorIs(w.t, w.reconcile(), ats.ErrUnavailable)
		}},
		{"nothing is reconciled after the context has ended", func(w *world) {
			err := as[ats.Reconciler](w).Reconcile(w.canceled(), w.inbox)
			require.ErrorIs(w.t, w.quiet(err), context.Canceled)
		}},
	}
}

// patience is after how many runs, an hour apart, a removed installation must
// have been disconnected: an adapter may want to see it more than once.
const patience = 3

// connected reports whether the tenant still is.
func (w *world) connected() bool {
	w.t.Helper()
	c, err := w.inbox.Connection(w.ctx(), w.conn.Tenant)
	require.NoError(w.t, err)
	return c.Connected
}

// losing leaves a check out where the vendor cannot lose triggers.
func losing(run func(w *world)) func(w *world) {
	return func(w *world) {
		if w.Lose == nil {
			w.t.Log("Reconciler: nothing to test, because lost triggers are not found (Vendor.Lose is nil)")
			return
		}
		run(w)
	}
}

func (w *world) reconcile() error {
	return w.quiet(as[ats.Reconciler](w).Reconcile(w.ctx(), w.inbox))
}

// reconcilesTwice expects n interviews, the same ones both times.
func (w *world) reconcilesTwice(n int) {
	w.t.Helper()
	require.NoError(w.t, w.reconcile())
	first := w.inbox.Interviews()
	require.Len(w.t, first, n)
	require.NoError(w.t, w.reconcile())
	require.Equal(w.t, first, w.inbox.Interviews(), "reconciling again must change nothing")
}

func (w *world) reconcilesInTraffic() {
	if w.Trigger == nil {
		w.Lose(w.t, w.meet(plain(1)))
		w.reconcilesTwice(1)
		return
	}
	const n = 4
	var triggers []Trigger
	for i := range n {
		triggers = append(triggers, w.trigger(plain(i)))
		w.Lose(w.t, w.meet(plain(100+i)))
	}
	var group sync.WaitGroup
	var reconciled error
	ctx := w.ctx()
	errs := make([]error, n)
	group.Go(func() { reconciled = as[ats.Reconciler](w).Reconcile(ctx, w.inbox) })
	for i, tr := range triggers {
		group.Go(func() {
			a, err := w.trySend(tr, bytes.NewReader(tr.Body))
			if err == nil && !a.ok() {
				err = fmt.Errorf("answered with %d: %s", a.status, a.body)
			}
			errs[i] = err
		})
	}
	group.Wait()
	require.NoError(w.t, w.quiet(reconciled))
	for _, err := range errs {
		require.NoError(w.t, err)
	}
	w.reconcilesTwice(2 * n)
}
