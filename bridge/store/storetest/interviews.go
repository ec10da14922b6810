package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func interviewTests() []test {
	return []test{
		{"every field is kept", interviewKeepsFields},
		{"the zero values are kept", interviewKeepsZero},
		{"saving leaves id, connection, request key and creation time", interviewSaveLeaves},
		{"the revision may stay or grow by one", interviewRevisions},
		{"a stale copy is a conflict and changes nothing", interviewStale},
		{"an unknown interview is not found", interviewUnknown},
		{"an interview is found by Spark Hire's id at its connection", interviewBySparkHireID},
		{"known Spark Hire ids are those of any connection", interviewKnownIDs},
		{"interviews are found by many Spark Hire ids at once", interviewOpenByIDs},
		{"moving a credential reaches a user's unfinished interviews only", interviewMoveCredential},
		{"a candidate's interviews are listed oldest first", interviewOfCandidate},
		{"ended interviews with personal data are listed, longest ago first", interviewPersonalData},
	}
}

func interviewKeepsFields(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	i := accept(t, s, []int{1}, nil)[0]
	want := progressed(i)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		if err := tx.SaveInterview(ctx, want); err != nil {
			return err
		}
		seen, err := tx.Interview(ctx, i.ID)
		if err == nil && seen.State != want.State {
			err = errors.New("a transaction does not see its own write")
		}
		return err
	})
	got, err := s.GetInterview(t.Context(), i.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func interviewKeepsZero(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	a := store.Acceptance{Interview: store.Interview{Interview: ats.Interview{ID: "i", ConnectionID: "c1"}, RequestKey: "k"}}
	_, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	got, err := s.GetInterview(t.Context(), "i")
	require.NoError(t, err)
	require.Equal(t, a.Interview, got)
	events, err := s.Events(t.Context(), "i")
	require.NoError(t, err)
	require.Equal(t, []ats.Event{{Seq: 1}}, events)
}

func interviewSaveLeaves(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	i := accept(t, s, []int{1}, nil)[0]
	changed := i
	changed.Revision++
	changed.ConnectionID, changed.RequestKey, changed.CreatedAt = "c2", "other", now().Add(time.Hour)
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.SaveInterview(ctx, changed) })
	got, err := s.GetInterview(t.Context(), i.ID)
	require.NoError(t, err)
	i.Revision++
	require.Equal(t, i, got)
}

func interviewRevisions(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	i := accept(t, s, []int{1}, nil)[0]
	for _, step := range []int64{1, 0, 0, 1} {
		i.Revision += step
		i.Message = fmt.Sprint("message ", i.Revision, step)
		in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.SaveInterview(ctx, i) })
	}
	got, err := s.GetInterview(t.Context(), i.ID)
	require.NoError(t, err)
	require.Equal(t, i, got)
}

func interviewStale(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	i := accept(t, s, []int{1}, nil)[0]
	i.Revision = 2
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.SaveInterview(ctx, i) })
	for _, revision := range []int64{0, 1, 4} {
		stale := i
		stale.Revision, stale.Message = revision, "stale"
		err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.SaveInterview(ctx, stale) })
		require.ErrorIs(t, err, ats.ErrConflict, "revision %d", revision)
	}
	got, err := s.GetInterview(t.Context(), i.ID)
	require.NoError(t, err)
	require.Equal(t, i, got)
}

func interviewUnknown(t *testing.T, s store.Store) {
	_, err := s.GetInterview(t.Context(), "unknown")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.InterviewByKey(t.Context(), "c1", "unknown")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.InterviewBySparkHireID(t.Context(), "c1", "unknown")
	require.ErrorIs(t, err, ats.ErrNotFound)
	err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Interview(ctx, "unknown")
		return err
	})
	require.ErrorIs(t, err, ats.ErrNotFound)
	err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.SaveInterview(ctx, interview(1)) })
	require.ErrorIs(t, err, ats.ErrNotFound)
}

// withSparkHireIDs stores interviews 1 to 3: "sh-1" and "sh-2" at c1, "sh-1" at c2,
// and one that has none.
func withSparkHireIDs(t *testing.T, s store.Store) {
	t.Helper()
	connect(t, s, "c1", "c2")
	accept(t, s, []int{1, 2, 3, 4}, func(n int, i *store.Interview) {
		i.SparkHire.InterviewID = map[int]string{1: "sh-1", 2: "sh-2", 3: "sh-1", 4: ""}[n]
		if n == 3 {
			i.ConnectionID, i.Tenant = "c2", tenant("c2")
		}
		if n == 2 {
			i.State = ats.StateCanceled
		}
	})
}

func interviewBySparkHireID(t *testing.T, s store.Store) {
	withSparkHireIDs(t, s)
	for c, id := range map[string]string{"c1": "interview-0001", "c2": "interview-0003"} {
		i, err := s.InterviewBySparkHireID(t.Context(), c, "sh-1")
		require.NoError(t, err)
		require.Equal(t, id, i.ID)
	}
	_, err := s.InterviewBySparkHireID(t.Context(), "c2", "sh-2")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.InterviewBySparkHireID(t.Context(), "c1", "")
	require.ErrorIs(t, err, ats.ErrNotFound, "no id is nobody's id")
}

// manyIDs returns the ids among so many that they need several statements.
func manyIDs(ids ...string) []string {
	for n := range 1200 {
		ids = append(ids, fmt.Sprint("nobody-", n))
	}
	ids[0], ids[len(ids)-1] = ids[len(ids)-1], ids[0]
	return append(ids, "")
}

func interviewKnownIDs(t *testing.T, s store.Store) {
	withSparkHireIDs(t, s)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		known, err := tx.KnownSparkHireIDs(ctx, manyIDs("sh-1", "sh-2"))
		if err != nil {
			return err
		}
		if len(known) != 2 || !known["sh-1"] || !known["sh-2"] {
			return fmt.Errorf("known: %v", known)
		}
		none, err := tx.KnownSparkHireIDs(ctx, nil)
		if len(none) > 0 {
			return fmt.Errorf("none: %v", none)
		}
		return err
	})
}

func interviewOpenByIDs(t *testing.T, s store.Store) {
	withSparkHireIDs(t, s)
	found, err := s.OpenBySparkHireIDs(t.Context(), "c1", manyIDs("sh-1", "sh-2"))
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "interview-0001", found["sh-1"].ID)
	require.Equal(t, "interview-0002", found["sh-2"].ID)
	require.Equal(t, "linnea@mail.example", found["sh-2"].Candidate.Email, "a whole interview is returned")
	found, err = s.OpenBySparkHireIDs(t.Context(), "c2", []string{"sh-2"})
	require.NoError(t, err)
	require.Empty(t, found)
	found, err = s.OpenBySparkHireIDs(t.Context(), "c1", nil)
	require.NoError(t, err)
	require.Empty(t, found)
}

func interviewMoveCredential(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	states := map[int]ats.State{
		1: ats.StateRequested, 2: ats.StateSending, 3: ats.StateSent, 4: ats.StateAccepted, 5: ats.StateUnconfirmed,
		6: ats.StateCompleted, 7: ats.StateExpired, 8: ats.StateCanceled, 9: ats.StateFailed,
		10: ats.StateRequested, 11: ats.StateRequested, 12: ats.StateRequested, 13: ats.StateRequested,
	}
	var numbers []int
	for n := range 13 {
		numbers = append(numbers, n+1)
	}
	before := accept(t, s, numbers, func(n int, i *store.Interview) {
		i.State = states[n]
		switch n {
		case 10:
			i.RequestedFor = ats.User{ID: "someone else"}
		case 11:
			i.RequestedFor = ats.User{}
		case 12:
			i.ConnectionID, i.Tenant = "c2", tenant("c2")
		case 13:
			i.Credential = store.V2 + "of another API"
		}
	})
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		return tx.MoveCredential(ctx, store.MoveCredentialParams{ConnectionID: "c1", UserID: "u2", To: "credential-new"})
	})
	for n, i := range before {
		if n < 5 {
			i.Credential = "credential-new"
		}
		got, err := s.GetInterview(t.Context(), i.ID)
		require.NoError(t, err)
		require.Equal(t, i, got, "interview %d", n+1)
	}
}

func interviewOfCandidate(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	accept(t, s, []int{3, 1, 2, 4, 5}, func(n int, i *store.Interview) {
		i.Candidate.ID = "same"
		if n == 4 {
			i.Candidate.ID = "other"
		}
		if n == 5 {
			i.ConnectionID, i.Tenant = "c2", tenant("c2")
		}
	})
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		is, err := tx.CandidateInterviews(ctx, "c1", "same")
		if got := fmt.Sprint(ids(is)); got != "[interview-0001 interview-0002 interview-0003]" {
			return fmt.Errorf("listed: %s", got)
		}
		if err != nil {
			return err
		}
		is, err = tx.CandidateInterviews(ctx, "c1", "unknown")
		if len(is) > 0 {
			return fmt.Errorf("listed: %v", ids(is))
		}
		return err
	})
}

func interviewPersonalData(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1, 2, 3, 4, 5}, func(n int, i *store.Interview) {
		i.EndedAt = map[int]time.Time{1: now().Add(3), 2: now().Add(-time.Hour), 3: now(), 4: now().Add(-2 * time.Hour)}[n]
		if n == 1 {
			i.EndedAt = now().Add(-3 * time.Hour)
			i.ErasedAt = now()
		}
	})
	got, err := s.PersonalDataBefore(t.Context(), now(), 10)
	require.NoError(t, err)
	require.Equal(t, []string{"interview-0004", "interview-0002"}, got, "3 ended later, 5 did not end, 1 was erased")
	got, err = s.PersonalDataBefore(t.Context(), now(), 1)
	require.NoError(t, err)
	require.Equal(t, []string{"interview-0004"}, got)
	got, err = s.PersonalDataBefore(t.Context(), now(), 0)
	require.NoError(t, err)
	require.Empty(t, got)
}
