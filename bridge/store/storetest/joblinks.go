package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func jobLinkTests() []test {
	return []test{
		{"a link is kept and replaced, and its creation time stays", linkKept},
		{"a link belongs to a connection and a job", linkKeys},
		{"links are listed oldest first, whatever their state", linksListed},
		{"a link is forgotten, and forgetting it again is nil", linkDeleted},
		{"a link of an unknown connection is not found", linkUnknownConnection},
		{"a link that a transaction rolled back is not there", linkRolledBack},
		{"an earlier interview gives the new one its notice", acceptNotices},
		{"the unfinished interviews of a user are those whose credential would move", unfinishedListed},
	}
}

func link(connectionID, jobID string) store.JobLink {
	return store.JobLink{
		ConnectionID: connectionID, JobID: jobID, Title: "Shift Supervisor", QuestionSetID: "qs-1",
		State: store.JobLinkCreating, Marker: "m-1", Credential: "k-1", AttemptAt: now().Add(time.Second),
		CreatedAt: now(), UpdatedAt: now().Add(time.Second),
	}
}

func saveLinks(t *testing.T, s store.Store, links ...store.JobLink) {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for _, l := range links {
			if err := tx.SaveJobLink(ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

func linkKept(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	want := link("c1", "j1")
	saveLinks(t, s, want)
	got, err := s.GetJobLink(t.Context(), store.JobLinkKey{ConnectionID: "c1", JobID: "j1"})
	require.NoError(t, err)
	require.Equal(t, want, got)

	want.Title, want.SparkHireJobID, want.QuestionSetID, want.State = "Lead", "sh-1", "", store.JobLinkReady
	want.Marker, want.Credential, want.AttemptAt, want.UpdatedAt = "", "", time.Time{}, now().Add(time.Hour)
	changed := want
	changed.CreatedAt = now().Add(time.Minute)
	saveLinks(t, s, changed)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		got, err := tx.JobLink(ctx, store.JobLinkKey{ConnectionID: "c1", JobID: "j1"})
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		return err
	})
}

func linkKeys(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	saveLinks(t, s, link("c1", "j1"))
	for _, k := range []store.JobLinkKey{{ConnectionID: "c2", JobID: "j1"}, {ConnectionID: "c1", JobID: "j2"}, {}} {
		_, err := s.GetJobLink(t.Context(), k)
		require.ErrorIs(t, err, ats.ErrNotFound)
		in(t, s, func(ctx context.Context, tx store.Tx) error {
			if _, err := tx.JobLink(ctx, k); err == nil {
				t.Errorf("%v was found", k)
			}
			return nil
		})
	}
}

func linksListed(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	none, err := s.ListJobLinks(t.Context(), "c1")
	require.NoError(t, err)
	require.NotNil(t, none)
	require.Empty(t, none)

	old, young, twin := link("c1", "j3"), link("c1", "j1"), link("c1", "j2")
	old.CreatedAt, old.State = now().Add(-time.Hour), store.JobLinkReady
	saveLinks(t, s, young, twin, old, link("c2", "j9"))
	got, err := s.ListJobLinks(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, []store.JobLink{old, young, twin}, got)
}

func linkDeleted(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	saveLinks(t, s, link("c1", "j1"), link("c1", "j2"))
	for range 2 {
		in(t, s, func(ctx context.Context, tx store.Tx) error {
			return tx.DeleteJobLink(ctx, store.JobLinkKey{ConnectionID: "c1", JobID: "j1"})
		})
	}
	left, err := s.ListJobLinks(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, []store.JobLink{link("c1", "j2")}, left)
}

func linkUnknownConnection(t *testing.T, s store.Store) {
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.SaveJobLink(ctx, link("unknown", "j1")) })
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func linkRolledBack(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := tx.SaveJobLink(ctx, link("c1", "j1")); err != nil {
			return err
		}
		return ats.ErrConflict
	})
	require.ErrorIs(t, err, ats.ErrConflict)
	left, err := s.ListJobLinks(t.Context(), "c1")
	require.NoError(t, err)
	require.Empty(t, left)
}

func acceptNotices(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	pending := &ats.Reason{Code: ats.CodeRequestPending, Message: "There is one."}
	completed := &ats.Reason{Code: ats.CodeAlreadyCompleted, Message: "There was one."}
	next := func(n int, scope string) *ats.Reason {
		a := acceptance(n)
		a.Interview.ScopeKey, a.Interview.Notice = scope, nil
		a.NoticePending, a.NoticeCompleted = pending, completed
		out, err := s.Accept(t.Context(), a)
		require.NoError(t, err)
		require.False(t, out.Blocked || out.Repeated)
		stored, err := s.GetInterview(t.Context(), a.Interview.ID)
		require.NoError(t, err)
		require.Equal(t, stored.Notice, out.Interview.Notice)

		again, err := s.Accept(t.Context(), a)
		require.NoError(t, err)
		require.True(t, again.Repeated)
		require.Equal(t, stored.Notice, again.Interview.Notice)
		return out.Interview.Notice
	}
	require.Nil(t, next(1, "a"))
	require.Equal(t, pending, next(2, "a"))
	require.Nil(t, next(3, "b"))
	require.Nil(t, next(4, ""))
	require.Nil(t, next(5, ""), "an empty scope finds nothing")

	in(t, s, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, "interview-0003")
		if err != nil {
			return err
		}
		i.State, i.Revision = ats.StateCompleted, i.Revision+1
		return tx.SaveInterview(ctx, i)
	})
	require.Equal(t, completed, next(6, "b"))
	require.Equal(t, pending, next(7, "b"), "a pending one is told first")
}

func unfinishedListed(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	states := []ats.State{
		ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateUnconfirmed,
		ats.StateCompleted, ats.StateExpired, ats.StateCanceled, ats.StateFailed,
	}
	for n, state := range states {
		accept(t, s, []int{n}, func(_ int, i *store.Interview) { i.State = state })
	}
	accept(t, s, []int{20}, func(_ int, i *store.Interview) { i.RequestedFor.ID = "u9" })
	accept(t, s, []int{21}, func(_ int, i *store.Interview) { i.ConnectionID = "c2" })
	got, err := s.UnfinishedInterviews(t.Context(), store.UnfinishedParams{ConnectionID: "c1", UserID: "u2"})
	require.NoError(t, err)
	slices.Sort(got)
	require.Equal(t, []string{"interview-0000", "interview-0001", "interview-0002", "interview-0003", "interview-0004"}, got)
}
