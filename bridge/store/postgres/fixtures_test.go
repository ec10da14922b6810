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
