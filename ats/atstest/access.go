package atstest

import (
	"context"
	"errors"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func accessCheckerChecks() []check {
	return []check{
		{"the host decides who may see a candidate", func(w *world) {
			ref, may, mayNot := w.viewers()
			for range 2 {
				require.True(w.t, w.mayView(may, ref))
				require.False(w.t, w.mayView(mayNot, ref))
			}
		}},
		{"a user whom nobody knows may not", func(w *world) {
			ref, _, _ := w.viewers()
			require.False(w.t, w.mayView(ats.User{ID: "987654321"}, ref))
			require.False(w.t, w.mayView(ats.User{}, ref))
		}},
		{"nobody may see a candidate whom nobody knows", func(w *world) {
			_, may, _ := w.viewers()
			ok, err := as[ats.AccessChecker](w).MayView(w.ctx(), w.conn, may, w.ref("987654321"))
			if !errors.Is(err, ats.ErrUnsupported) { // the reference has no job
				require.NoError(w.t, w.quiet(err))
			}
			require.False(w.t, ok)
		}},
		{"an outage opens nothing", func(w *world) {
			w.need(w.Fail != nil, "Fail", "by ats.AccessChecker")
			ref, may, _ := w.viewers()
			w.Fail(http.StatusInternalServerError)
			ok, err := as[ats.AccessChecker](w).MayView(w.ctx(), w.conn, may, ref)
			require.Error(w.t, w.quiet(err))
			require.False(w.t, ok)
			w.Fail(0)
			require.True(w.t, w.mayView(may, ref))
		}},
		{"an ended context opens nothing", func(w *world) {
			ref, may, _ := w.viewers()
			ok, err := as[ats.AccessChecker](w).MayView(w.canceled(), w.conn, may, ref)
			require.ErrorIs(w.t, w.quiet(err), context.Canceled)
			require.False(w.t, ok)
		}},
	}
}

func (w *world) viewers() (ref ats.CandidateRef, may, mayNot ats.User) {
	w.t.Helper()
	w.need(w.Viewers != nil, "Viewers", "by ats.AccessChecker")
	ref = w.ref(w.interview(plain(1)).Candidate.ID)
	may, mayNot = w.Viewers(w.t, ref)
	return ref, may, mayNot
}

func (w *world) mayView(u ats.User, ref ats.CandidateRef) bool {
	w.t.Helper()
	ok, err := as[ats.AccessChecker](w).MayView(w.ctx(), w.conn, u, ref)
	require.NoError(w.t, w.quiet(err))
	return ok
}

func actorResolverChecks() []check {
	return []check{
		{"a credential leads to its holder", func(w *world) {
			credential, holder := w.holder()
			for range 2 {
				got, err := w.actor(credential)
				require.NoError(w.t, err)
				require.Equal(w.t, holder, got)
			}
		}},
		{"a credential that nobody holds is unauthorized", func(w *world) {
			credential, _ := w.holder()
			for _, forged := range []string{"", " ", "forged-credential", forge(credential)} {
				got, err := w.actor(forged)
				require.ErrorIs(w.t, err, ats.ErrUnauthorized)
				require.True(w.t, got.IsZero())
			}
		}},
		{"an outage does not look like a credential that nobody holds", func(w *world) {
			w.need(w.Fail != nil, "Fail", "by ats.ActorResolver")
			credential, _ := w.holder()
			w.Fail(http.StatusInternalServerError)
			got, err := w.actor(credential)
			require.Error(w.t, err)
			require.False(w.t, isAny(err, final()), "got: %v", err)
			require.True(w.t, got.IsZero())
		}},
		{"nobody is asked after the context has ended", func(w *world) {
			credential, _ := w.holder()
			_, err := as[ats.ActorResolver](w).Actor(w.canceled(), w.conn, credential)
			require.ErrorIs(w.t, w.quiet(err), context.Canceled)
		}},
	}
}

// holder returns a credential and whose it is.
func (w *world) holder() (string, ats.User) {
	w.t.Helper()
	w.need(w.Actor != nil, "Actor", "by ats.ActorResolver")
	credential, holder := w.Actor(w.t)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.private = append(w.private, credential)
	return credential, holder
}

func (w *world) actor(credential string) (ats.User, error) {
	u, err := as[ats.ActorResolver](w).Actor(w.ctx(), w.conn, credential)
	return u, w.quiet(err)
}
