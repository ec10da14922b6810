package atstest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func publishChecks() []check {
	return slices.Concat([]check{
		{"an interview is shown from request to completion", (*world).showsALife},
		{"the same report changes nothing when it comes again", (*world).repeatsNothing},
		{"every way to end is shown", (*world).showsEveryEnd},
		{"a completed interview stays completed", (*world).staysCompleted},
		{"a report about a request that came without an address is no failure", (*world).reportsWithoutAddress},
		{"a report without events is shown", (*world).showsWithoutEvents},
		{"interviews are reported concurrently", (*world).publishesConcurrently},
		{"nothing happens after the context has ended", (*world).endsWithContext},
		{"a record that was removed is gone", (*world).reportsGone},
	}, publishNames(), publishFailures())
}

// shows reports whether the vendor has a place for reports; where it has none,
// Publish must say so.
func (w *world) shows(iv ats.Interview) bool {
	w.t.Helper()
	if w.Card != nil {
		w.need(w.Fail != nil, "Fail", "where Card is set")
		return true
	}
	r, err := w.inbox.Report(iv.ID)
	require.NoError(w.t, err)
	require.ErrorIs(w.t, w.publish(r), ats.ErrHostCannot, "without Vendor.Card, Publish must say that the ATS cannot show reports")
	w.t.Logf("Publish: nothing more to test, because the ATS has no place for reports")
	return false
}

// publish makes one call of Publish and looks at its error for people.
func (w *world) publish(r ats.Report) error {
	return w.quiet(w.Adapter.Publish(w.ctx(), w.conn, r))
}

// record writes a change of state to the ledger and returns the report about it.
func (w *world) record(iv ats.Interview, s ats.State) ats.Report {
	w.t.Helper()
	kinds := map[ats.State]ats.EventKind{
		ats.StateSending: ats.EventSending, ats.StateSent: ats.EventSent, ats.StateAccepted: ats.EventAccepted,
		ats.StateCompleted: ats.EventCompleted, ats.StateExpired: ats.EventExpired, ats.StateCanceled: ats.EventCanceled,
		ats.StateFailed: ats.EventFailed, ats.StateUnconfirmed: ats.EventUnconfirmed,
	}
	w.clock.advance(time.Minute)
	_, err := w.inbox.Record(iv.ID, kinds[s], "The interview is "+string(s)+".", func(next *ats.Interview) {
		next.State = s
		next.SparkHire.InterviewID = "sh-" + iv.ID
		next.SparkHire.Status = string(s)
		switch s {
		case ats.StateCompleted:
			score := 85.0
			next.SparkHire.Score = &score
			next.SparkHire.WatchURL = "https://app.sparkhire.example/watch/" + iv.ID
			next.SparkHire.ShareURL = "https://app.sparkhire.example/share/" + iv.ID
		case ats.StateExpired, ats.StateCanceled, ats.StateFailed, ats.StateUnconfirmed:
			next.Reason = &ats.Reason{Code: "for_a_reason", Message: "There is a reason for it."}
		default:
		}
	})
	require.NoError(w.t, err)
	r, err := w.inbox.Report(iv.ID)
	require.NoError(w.t, err)
	return r
}

// reach records the states one after the other and lets each be acknowledged.
func (w *world) reach(iv ats.Interview, states ...ats.State) {
	w.t.Helper()
	w.deliver(iv)
	for _, s := range states {
		w.record(iv, s)
		w.deliver(iv)
	}
}

// deliver publishes what there is, as the engine does.
func (w *world) deliver(iv ats.Interview) {
	w.t.Helper()
	require.NoError(w.t, w.quiet(w.inbox.Deliver(w.ctx(), iv.ID)))
}

// goodLife are the states that end well.
func goodLife() []ats.State {
	return []ats.State{ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateCompleted}
}

func (w *world) showsALife() {
	iv := w.interview(plain(1))
	if !w.shows(iv) {
		return
	}
	w.reach(iv)
	for _, s := range goodLife() {
		before := w.Card(w.t, iv)
		require.False(w.t, before.Completed, "the card must not read as completed before %s", s)
		w.reach(iv, s)
		if s == ats.StateCompleted {
			require.NotEqual(w.t, before.Text, w.Card(w.t, iv).Text, "completion must be seen on the card")
		}
	}
	require.True(w.t, w.Card(w.t, iv).Completed)
}

func (w *world) repeatsNothing() {
	iv := w.interview(plain(1))
	if !w.shows(iv) {
		return
	}
	w.reach(iv)
	for _, s := range goodLife() {
		r := w.record(iv, s)
		w.settle(w.publish(r))
		shown := w.Card(w.t, iv)
		for range 2 {
			w.settle(w.publish(r))
			require.Equal(w.t, shown, w.Card(w.t, iv), "the report of %s, published again, must change nothing", s)
		}
		w.deliver(iv)
		require.Equal(w.t, shown, w.Card(w.t, iv), "the report of %s, published once more, must change nothing", s)
	}
}

// settle accepts the outcomes that the engine takes for an acknowledgment.
func (w *world) settle(err error) {
	w.t.Helper()
	if !errors.Is(err, ats.ErrHostCannot) {
		require.NoError(w.t, err)
	}
}

func (w *world) showsEveryEnd() {
	ends := []ats.State{ats.StateExpired, ats.StateCanceled, ats.StateFailed, ats.StateUnconfirmed}
	for i, s := range ends {
		iv := w.interview(plain(i))
		if !w.shows(iv) {
			return
		}
		w.reach(iv, ats.StateSending)
		before := w.Card(w.t, iv)
		w.reach(iv, s)
		after := w.Card(w.t, iv)
		require.NotEqual(w.t, before.Text, after.Text, "%s must be seen on the card", s)
		require.False(w.t, after.Completed, "%s must not read as completed", s)
	}
}

func (w *world) staysCompleted() {
	for i, s := range []ats.State{ats.StateSent, ats.StateExpired, ats.StateCanceled, ats.StateFailed} {
		iv := w.interview(plain(i))
		if !w.shows(iv) {
			return
		}
		w.reach(iv, goodLife()...)
		require.Equal(w.t, ats.StateCompleted, w.record(iv, s).Acknowledged)
		w.deliver(iv)
		require.True(w.t, w.Card(w.t, iv).Completed, "after completed was acknowledged, %s must not take it back", s)
	}
}

func (w *world) reportsWithoutAddress() {
	iv := w.interview(plain(1))
	if !w.shows(iv) {
		return
	}
	r := w.record(iv, ats.StateSent)
	r.ReplyTo = nil
	w.settle(w.publish(r))
	w.settle(w.publish(r))
}

func (w *world) showsWithoutEvents() {
	iv := w.interview(plain(1))
	if !w.shows(iv) {
		return
	}
	w.reach(iv, ats.StateSending, ats.StateSent)
	r := w.record(iv, ats.StateCompleted)
	r.Events = nil
	w.settle(w.publish(r))
	require.True(w.t, w.Card(w.t, iv).Completed, "the state comes from the interview, not from its events")
}

func (w *world) publishesConcurrently() {
	const n = 8
	ivs := make([]ats.Interview, n)
	for i := range ivs {
		ivs[i] = w.interview(plain(i))
	}
	if !w.shows(ivs[0]) {
		return
	}
	for i, iv := range ivs {
		last := ats.StateSent
		if i%2 == 0 {
			last = ats.StateCompleted
		}
		w.record(iv, last)
	}
	errs := make([]error, n)
	ctx := w.ctx()
	var group sync.WaitGroup
	for i, iv := range ivs {
		group.Go(func() { errs[i] = w.inbox.Deliver(ctx, iv.ID) })
	}
	group.Wait()
	for i, iv := range ivs {
		require.NoError(w.t, w.quiet(errs[i]))
		require.Equal(w.t, i%2 == 0, w.Card(w.t, iv).Completed, "each report belongs to its own interview")
	}
}

func (w *world) endsWithContext() {
	iv := w.interview(plain(1))
	if !w.shows(iv) {
		return
	}
	w.reach(iv, ats.StateSending)
	before := w.Card(w.t, iv)
	r := w.record(iv, ats.StateCompleted)
	done := make(chan error, 1)
	ctx := w.canceled()
	go func() { done <- w.Adapter.Publish(ctx, w.conn, r) }()
	select {
	case err := <-done:
		require.ErrorIs(w.t, w.quiet(err), ctx.Err(), "the context's own error must be returned")
	case <-w.ctx().Done():
		require.Fail(w.t, "Publish must return when its context has ended")
	}
	require.Equal(w.t, before, w.Card(w.t, iv))
}

func (w *world) reportsGone() {
	iv := w.interview(plain(1))
	if !w.shows(iv) {
		return
	}
	if w.Remove == nil {
		w.t.Log("Publish: nothing to test, because the vendor removes no records (Vendor.Remove is nil)")
		return
	}
	w.reach(iv, ats.StateSending)
	r := w.record(iv, ats.StateSent)
	w.Remove(w.t, iv)
	for range 2 {
		err := w.publish(r)
		require.True(w.t, errors.Is(err, ats.ErrGone) || errors.Is(err, ats.ErrNotFound),
			"the error must match ats.ErrGone or ats.ErrNotFound, so that the engine stops; got: %v", err)
	}
}

// publishNames lets people with unusual names be reported about.
func publishNames() []check {
	var checks []check
	people := unusual()
	for _, what := range slices.Sorted(maps.Keys(people)) {
		person := people[what]
		checks = append(checks, check{"reports about a person with " + what, func(w *world) {
			iv := w.interview(person)
			if !w.shows(iv) {
				return
			}
			w.reach(iv, goodLife()...)
			require.True(w.t, w.Card(w.t, iv).Completed)
		}})
	}
	return checks
}

// failures are what a vendor's status means for a report. Where several kinds
// are listed the vendor decides.
func failures() map[int][]error {
	return map[int][]error{
		http.StatusBadRequest:          {ats.ErrInvalid},
		http.StatusUnauthorized:        {ats.ErrUnauthorized},
		http.StatusForbidden:           {ats.ErrForbidden, ats.ErrUnauthorized},
		http.StatusNotFound:            {ats.ErrNotFound, ats.ErrGone},
		http.StatusGone:                {ats.ErrGone, ats.ErrNotFound},
		http.StatusUnprocessableEntity: {ats.ErrInvalid},
	}
}

// final are the kinds after which the engine does not try again by itself.
func final() []error {
	return []error{ats.ErrHostCannot, ats.ErrNotFound, ats.ErrGone, ats.ErrInvalid, ats.ErrForbidden, ats.ErrUnauthorized}
}

// isAny reports whether err matches one of the kinds.
func isAny(err error, kinds []error) bool {
	return slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) })
}

func publishFailures() []check {
	var checks []check
	add := func(name string, status int, verdict func(w *world, err error)) {
		checks = append(checks, check{name, func(w *world) {
			iv := w.interview(plain(1))
			if !w.shows(iv) {
				return
			}
			w.reach(iv, ats.StateSending)
			before := w.Card(w.t, iv)
			r := w.record(iv, ats.StateSent)
			w.Fail(status)
			err := w.publish(r)
			require.Error(w.t, err)
			verdict(w, err)
			w.Fail(0)
			require.Equal(w.t, before, w.Card(w.t, iv))

			w.settle(w.publish(r))
			shown := w.Card(w.t, iv)
			w.settle(w.publish(r))
			require.Equal(w.t, shown, w.Card(w.t, iv), "after the outage the report is shown once")
		}})
	}
	statuses := failures()
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		kinds := statuses[status]
		add(fmt.Sprintf("the vendor's %d is told by its kind", status), status, func(w *world, err error) {
			require.True(w.t, isAny(err, kinds), "%d must match one of %v, got: %v", status, kinds, err)
		})
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout} {
		add(fmt.Sprintf("the vendor's %d is worth another try", status), status, func(w *world, err error) {
			require.False(w.t, isAny(err, final()), "%d must not stop the engine from trying again, got: %v", status, err)
		})
	}
	return checks
}
