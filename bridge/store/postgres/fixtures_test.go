package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// connect saves the connection "c1".
func connect(tb testing.TB, s store.Store) {
	tb.Helper()
	require.NoError(tb, s.InTx(tb.Context(), saveConnection))
}

func saveConnection(ctx context.Context, tx store.Tx) error {
	return tx.SaveConnection(ctx, store.Connection{
		ID: "c1", Tenant: ats.TenantRef{Adapter: "memory", Tenant: "t1"}, Name: "Birch & Sons", Connected: true,
	})
}

// request returns a request as the engine makes them.
func request(n int64) store.Acceptance {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Microsecond)
	return store.Acceptance{
		Interview: store.Interview{
			Interview: ats.Interview{
				ID: fmt.Sprintf("0193c1a0-0000-7000-8000-%012d", n), ConnectionID: "c1", Tenant: ats.TenantRef{Adapter: "memory", Tenant: "t1"},
				State: ats.StateRequested, Revision: 1, Type: ats.OneWay, Origin: ats.OriginTrigger,
				Candidate:   ats.Candidate{ID: fmt.Sprint("candidate-", n), FirstName: "Linnéa", LastName: "O'Neil", Email: "linnea@mail.example"},
				Job:         ats.Job{ID: "job-1", Title: "Shift Supervisor"},
				SparkHire:   ats.SparkHire{JobID: "4711", QuestionSetID: "17"},
				Schedule:    ats.Schedule{Date: ats.Date{Year: 2026, Month: 12, Day: 24}, Zone: "Europe/Stockholm", At: now.Add(time.Hour)},
				RequestedBy: ats.User{ID: "u1", Name: "Robin Recruiter"}, RequestedFor: ats.User{ID: "u1", Name: "Robin Recruiter"},
				CreatedAt: now, UpdatedAt: now,
			},
			RequestKey: fmt.Sprint("key-", n), RequestDigest: "2c26b46b68ffc68ff99b453c1d304134", ScopeKey: fmt.Sprint("candidate-", n, "/job-1"),
			Credential: "credential-1", NextAt: now,
		},
		Event:          ats.Event{Key: "requested", Kind: ats.EventRequested, At: now, Text: "Robin asked for a one-way interview."},
		DeclinePending: true,
	}
}

// in runs f in a transaction that must succeed.
func in(t *testing.T, s store.Store, f func(ctx context.Context, tx store.Tx) error) {
	t.Helper()
	require.NoError(t, s.InTx(t.Context(), f))
}

func nudge(t *testing.T, s store.Store, n store.Nudge) {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.Nudge(ctx, n) })
}

// work runs the handlers and returns a function that stops them.
func work(t *testing.T, s store.Store, c store.WorkConfig) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	started, ended := make(chan struct{}), make(chan error, 1)
	c.Started = func() { close(started) }
	go func() { ended <- s.Work(ctx, c) }()
	<-started
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		require.NoError(t, <-ended)
	}
	t.Cleanup(stop)
	return stop
}

// two returns two stores on one database, as two processes have them.
func two(t *testing.T) (a, b store.Store) {
	t.Helper()
	url := prepared(t)
	return open(t, url), open(t, url)
}

// drain sends waiting interviews, a few at a time, as the engine does.
func drain(s store.Store, sent func(id string)) store.Handler {
	return func(ctx context.Context, j store.Job) error {
		for more := true; more; {
			var ids []string
			err := s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				ids = nil
				due, err := tx.Due(ctx, store.DueParams{Credential: j.ID, Now: time.Now().AddDate(10, 0, 0), Limit: 3})
				if err != nil {
					return err
				}
				if more = len(due) > 0; !more {
					if err := tx.Finish(ctx, j); err != nil {
						return err
					}
					next, err := tx.NextDue(ctx, j.ID)
					if err != nil || next.IsZero() {
						return err
					}
					return tx.Nudge(ctx, store.Nudge{Kind: j.Kind, ID: j.ID})
				}
				for _, i := range due {
					i.State = ats.StateSent
					i.Revision++
					if err := tx.SaveInterview(ctx, i); err != nil {
						return err
					}
					e := ats.Event{Key: fmt.Sprint("sent-", i.Revision), Kind: ats.EventSent}
					if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
						return err
					}
					ids = append(ids, i.ID)
				}
				return nil
			})
			if err != nil {
				return err
			}
			for _, id := range ids {
				sent(id)
			}
		}
		return nil
	}
}

// storeDB is a store with the handle that hosts use.
type storeDB interface{ DB() *sql.DB }
