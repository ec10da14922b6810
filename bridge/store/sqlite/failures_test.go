package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

func TestAFullDiskIsUnavailableUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	storetest.Connect(t, s)
	var pages int
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
	limit := func(pages int) {
		_, err := s.DB().ExecContext(t.Context(), fmt.Sprint("PRAGMA max_page_count = ", pages))
		require.NoError(t, err)
	}
	limit(pages + 20)
	stored, n := make(map[int64]bool), int64(0)
	var err error
	for err == nil {
		n++
		require.Less(t, n, int64(10_000))
		if _, err = s.Accept(t.Context(), storetest.Request(n)); err == nil {
			stored[n] = true
		}
	}
	require.ErrorIs(t, err, ats.ErrUnavailable)
	require.NotEmpty(t, stored)
	err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for n := range int64(10_000) {
			if err := tx.SaveSecret(ctx, "c1", fmt.Sprint(n), bytes.Repeat([]byte("x"), 1000)); err != nil {
				return err
			}
		}
		return nil
	})
	require.ErrorIs(t, err, ats.ErrUnavailable)

	limit(pages + 100_000)
	_, err = s.Accept(t.Context(), storetest.Request(n))
	require.NoError(t, err)
	for n := range stored {
		_, err := s.GetInterview(t.Context(), storetest.Request(n).Interview.ID)
		require.NoError(t, err)
	}
}

func TestAReadOnlyDatabaseIsUnavailableForWriting(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	storetest.Connect(t, s)
	readOnly(t, s, true)
	_, err := s.Accept(t.Context(), storetest.Request(1))
	require.ErrorIs(t, err, ats.ErrUnavailable)
	require.ErrorIs(t, s.InTx(t.Context(), storetest.SaveConnection), ats.ErrUnavailable)
	_, err = s.GetConnection(t.Context(), "c1")
	require.NoError(t, err)
	readOnly(t, s, false)
	out, err := s.Accept(t.Context(), storetest.Request(1))
	require.NoError(t, err)
	require.False(t, out.Repeated, "what was refused was not stored")
}

func TestTooManyRequestsAreUnavailable(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t), sqlite.WithQueueSize(2))
	storetest.Connect(t, s)
	tx, err := s.DB().BeginTx(t.Context(), nil) // nobody can write
	require.NoError(t, err)
	const n = 20
	results := make(chan error, n)
	for i := range int64(n) {
		go func() {
			_, err := s.Accept(t.Context(), storetest.Request(i))
			results <- err
		}()
	}
	// One is with the writer and two wait at most: the others are turned away.
	for range n - 3 {
		require.ErrorIs(t, <-results, ats.ErrUnavailable)
	}
	require.NoError(t, tx.Rollback())
	for range 3 {
		if err := <-results; err != nil { // the writer may have been slow to take the first one
			require.ErrorIs(t, err, ats.ErrUnavailable)
		}
	}
	_, err = s.Accept(t.Context(), storetest.Request(99))
	require.NoError(t, err)
}

func TestErrorsKeepWhatTheDatabaseSaid(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	_, err := s.Accept(t.Context(), storetest.Request(1))
	require.ErrorIs(t, err, ats.ErrNotFound)
	require.ErrorContains(t, err, "FOREIGN KEY")
	require.NotContains(t, err.Error(), "linnea")
}

func TestErasedDataIsGoneFromTheFiles(t *testing.T) {
	t.Parallel()
	path := prepared(t)
	s := open(t, path)
	storetest.Connect(t, s)
	const secret = "unmistakable-person"
	a := storetest.Request(1)
	a.Interview.Candidate.LastName, a.Event.Text = secret, secret
	_, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	require.True(t, inFiles(t, path, secret), "the test looks in the right place")

	require.NoError(t, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, a.Interview.ID)
		if err != nil {
			return err
		}
		i.Revision++
		i.Candidate = ats.Candidate{ID: i.Candidate.ID}
		return errors.Join(tx.SaveInterview(ctx, i), tx.EraseEvents(ctx, i.ID))
	}))
	require.False(t, inFiles(t, path, secret))
}

func TestErasureIsCompletedWhenReadersAllow(t *testing.T) {
	t.Parallel()
	path := prepared(t)
	s := open(t, path)
	storetest.Connect(t, s)
	const secret = "unmistakable-token"
	save := func(sealed []byte) {
		require.NoError(t, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return tx.SaveSecret(ctx, "c1", "refresh", sealed)
		}))
	}
	save([]byte(secret))
	// A reader of another process, such as a backup, holds the log.
	backup, err := sqlite.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, backup.Close()) }()
	reading, err := backup.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	var n int
	require.NoError(t, reading.QueryRowContext(t.Context(), "SELECT count(*) FROM sparkbridge_secrets").Scan(&n))

	require.NoError(t, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.ForgetSecrets(ctx, "c1") }))
	require.True(t, inFiles(t, path, secret), "the reader still needs it")
	require.NoError(t, reading.Rollback())
	save(nil) // any transaction
	require.False(t, inFiles(t, path, secret))
}

func TestAHostsErasureIsCompletedByTheNextTransaction(t *testing.T) {
	t.Parallel()
	path := prepared(t)
	s := open(t, path)
	storetest.Connect(t, s)
	const secret = "unmistakable-person"
	a := storetest.Request(1)
	a.Event.Text = secret
	_, err := s.Accept(t.Context(), a)
	require.NoError(t, err)
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, s.WithTx(tx).EraseEvents(t.Context(), a.Interview.ID))
	require.NoError(t, tx.Commit())
	require.NoError(t, s.InTx(t.Context(), storetest.SaveConnection))
	require.False(t, inFiles(t, path, secret))
}

// inFiles reports whether the text is in the database or its write-ahead log.
func inFiles(t *testing.T, path, text string) bool {
	t.Helper()
	for _, p := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(filepath.Clean(p))
		require.NoError(t, err)
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}
