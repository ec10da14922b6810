package storetest

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func transactionTests() []test {
	return []test{
		{"an error undoes everything and is returned as it is", txError},
		{"a panic undoes everything", txPanic},
		{"a context that ends undoes everything", txContext},
		{"a reader does not see what is not committed, and does not wait", txIsolation},
		{"a host's transaction commits its rows and ours together", withTxCommit},
		{"a host's transaction undoes its rows and ours together", withTxRollback},
		{"a nudge in a host's transaction is run after its commit", withTxNudge},
		{"a nudge in a host's transaction that is undone is not run", withTxNudgeUndone},
		{"the store answers pings", ping},
	}
}

// everything writes at least a row of each kind.
func everything(ctx context.Context, tx store.Tx) error {
	if err := tx.SaveConnection(ctx, connection("c1")); err != nil {
		return err
	}
	if _, err := tx.Accept(ctx, acceptance(1)); err != nil {
		return err
	}
	if err := tx.SaveSecret(ctx, "c1", "refresh", []byte("x")); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: "written", ID: "x"})
}

// nothing requires that [everything] was undone, nudges too.
func nothing(t *testing.T, s store.Store) {
	t.Helper()
	_, err := s.GetConnection(t.Context(), "c1")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.GetInterview(t.Context(), "interview-0001")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = s.GetSecret(t.Context(), "c1", "refresh")
	require.ErrorIs(t, err, ats.ErrNotFound)
	ran := make(chan store.Kind, 10)
	note := func(_ context.Context, j store.Job) error { ran <- j.Kind; return nil }
	stop := work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		"written": note, store.KindDrain: note, "end": note,
	}})
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.Nudge(ctx, store.Nudge{Kind: "end"}) })
	require.Equal(t, store.Kind("end"), <-ran, "an undone nudge was run")
	stop()
}

func txError(t *testing.T, s store.Store) {
	errOurs := errors.New("ours")
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return errors.Join(everything(ctx, tx), errOurs)
	})
	require.ErrorIs(t, err, errOurs)
	require.NotErrorIs(t, err, ats.ErrUnavailable)
	nothing(t, s)
}

func txPanic(t *testing.T, s store.Store) {
	require.PanicsWithValue(t, "oh", func() {
		_ = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			if err := everything(ctx, tx); err != nil {
				return err
			}
			panic("oh")
		})
	})
	nothing(t, s)
}

func txContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		err := everything(ctx, tx)
		cancel()
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	err = s.InTx(ctx, func(context.Context, store.Tx) error { t.Error("f was run"); return nil })
	require.ErrorIs(t, err, context.Canceled)
	nothing(t, s)
}

func txIsolation(t *testing.T, s store.Store) {
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		if err := everything(ctx, tx); err != nil {
			return err
		}
		// Another goroutine's view, while the transaction is open.
		seen := make(chan error)
		go func() {
			_, err := s.GetConnection(ctx, "c1")
			seen <- err
		}()
		if err := <-seen; !errors.Is(err, ats.ErrNotFound) {
			t.Errorf("a reader saw the transaction: %v", err)
		}
		return nil
	})
	_, err := s.GetConnection(t.Context(), "c1")
	require.NoError(t, err)
}

// host begins a transaction of the host's, with a row of its own.
func host(t *testing.T, s store.Store) *sql.Tx {
	t.Helper()
	handle := db(t, s)
	_, err := handle.ExecContext(t.Context(), `CREATE TABLE host_candidates (id text PRIMARY KEY)`)
	require.NoError(t, err)
	tx, err := handle.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	_, err = tx.ExecContext(t.Context(), `INSERT INTO host_candidates (id) VALUES ($1)`, "h1")
	require.NoError(t, err)
	return tx
}

func hostRows(t *testing.T, s store.Store) (n int) {
	t.Helper()
	row := db(t, s).QueryRowContext(t.Context(), `SELECT count(*) FROM host_candidates`)
	require.NoError(t, row.Scan(&n))
	return n
}

func withTxCommit(t *testing.T, s store.Store) {
	tx := host(t, s)
	require.NoError(t, everything(t.Context(), s.WithTx(tx)))
	out, err := s.WithTx(tx).Accept(t.Context(), acceptance(1))
	require.NoError(t, err)
	require.True(t, out.Repeated, "it sees what the transaction wrote")
	_, err = s.GetInterview(t.Context(), "interview-0001")
	require.ErrorIs(t, err, ats.ErrNotFound, "readers do not")
	require.NoError(t, tx.Commit())
	require.Equal(t, 1, hostRows(t, s))
	_, err = s.GetInterview(t.Context(), "interview-0001")
	require.NoError(t, err)
}

func withTxRollback(t *testing.T, s store.Store) {
	tx := host(t, s)
	require.NoError(t, everything(t.Context(), s.WithTx(tx)))
	require.NoError(t, tx.Rollback())
	require.Zero(t, hostRows(t, s))
	nothing(t, s)
}

func withTxNudge(t *testing.T, s store.Store) {
	ran := make(chan string, 10)
	note := func(_ context.Context, j store.Job) error { ran <- string(j.Kind) + " " + j.ID; return nil }
	work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"written": note, "later": note, store.KindDrain: func(context.Context, store.Job) error { return nil },
	}})
	tx := host(t, s)
	require.NoError(t, everything(t.Context(), s.WithTx(tx)))
	select {
	case got := <-ran:
		t.Errorf("%s was run before the commit", got)
	default:
	}
	require.NoError(t, tx.Commit())
	require.Equal(t, "written x", <-ran)
}

func withTxNudgeUndone(t *testing.T, s store.Store) {
	ran := make(chan string, 10)
	note := func(_ context.Context, j store.Job) error { ran <- string(j.Kind); return nil }
	work(t, s, store.WorkConfig{Workers: 1, Handlers: map[store.Kind]store.Handler{
		"written": note, "end": note, store.KindDrain: note,
	}})
	tx := host(t, s)
	require.NoError(t, everything(t.Context(), s.WithTx(tx)))
	require.NoError(t, tx.Rollback())
	in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.Nudge(ctx, store.Nudge{Kind: "end"}) })
	require.Equal(t, "end", <-ran)
}

func ping(t *testing.T, s store.Store) {
	require.NoError(t, s.Ping(t.Context()))
	stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{}})
	require.NoError(t, s.Ping(t.Context()))
	stop()
	require.ErrorIs(t, s.Ping(t.Context()), ats.ErrUnavailable, "the queue was asked to work and does not")
}
