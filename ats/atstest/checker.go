package atstest

import (
	"context"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func requestCheckerChecks() []check {
	return []check{
		{"a good request may go ahead, as often as it is asked", func(w *world) {
			r := w.admitted()
			for range 2 {
				require.NoError(w.t, w.check(r))
			}
		}},
		{"what the ATS does not allow is a refusal, as often as it is asked", func(w *world) {
			r := w.refused()
			for range 2 {
				refusal, ok := ats.AsRefusal(w.check(r))
				require.True(w.t, ok, "the error must be a *ats.Refusal")
				require.NotEmpty(w.t, refusal.Code)
				require.NotEmpty(w.t, refusal.Message)
			}
		}},
		{"the inbox hears of the refusal and keeps nothing", func(w *world) {
			known := len(w.inbox.Interviews())
			_, err := w.inbox.Submit(w.ctx(), w.refused())
			_, ok := ats.AsRefusal(w.quiet(err))
			require.True(w.t, ok)
			require.Len(w.t, w.inbox.Interviews(), known)
		}},
		{"an outage is no refusal", func(w *world) {
			w.need(w.Fail != nil, "Fail", "by ats.RequestChecker")
			r := w.admitted()
			w.Fail(http.StatusInternalServerError)
			err := w.check(r)
			require.Error(w.t, err, "the ATS could not tell")
			_, ok := ats.AsRefusal(err)
			require.False(w.t, ok)
			require.False(w.t, isAny(err, final()), "got: %v", err)
		}},
		{"nothing is checked after the context has ended", func(w *world) {
			r := w.admitted()
			require.ErrorIs(w.t, w.quiet(as[ats.RequestChecker](w).Check(w.canceled(), w.conn, r)), context.Canceled)
		}},
		{"checking changes no card", func(w *world) {
			iv := w.interview(plain(1))
			if !w.shows(iv) {
				return
			}
			w.reach(iv, ats.StateSending)
			before := w.Card(w.t, iv)
			require.NoError(w.t, w.check(w.inbox.Requests()[0]))
			require.Equal(w.t, before, w.Card(w.t, iv))
		}},
	}
}

// admitted returns a request that the inbox has taken.
func (w *world) admitted() ats.Request {
	w.t.Helper()
	w.interview(plain(1))
	return w.inbox.Requests()[0]
}

func (w *world) refused() ats.Request {
	w.t.Helper()
	w.need(w.Refused != nil, "Refused", "by ats.RequestChecker")
	return w.Refused(w.t)
}

func (w *world) check(r ats.Request) error {
	return w.quiet(as[ats.RequestChecker](w).Check(w.ctx(), w.conn, r))
}
