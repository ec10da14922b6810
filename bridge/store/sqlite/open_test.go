package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

func TestAFileIsCreatedForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "new.db"))
	storetest.Connect(t, s)
	_, err := s.Accept(t.Context(), storetest.Request(1))
	require.NoError(t, err)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
		names = append(names, f.Name())
	}
	require.Equal(t, []string{"new.db", "new.db-shm", "new.db-wal", "new.db.lock"}, names)
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	t.Parallel()
	path := prepared(t)
	s, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	_, err = sqlite.Open(t.Context(), path)
	require.ErrorIs(t, err, ats.ErrUnavailable)
	require.ErrorContains(t, err, path+".lock")
	require.NoError(t, s.Close())
	s, err = sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing twice")
}

func TestAnyPathIsAFileName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space.db", "what?.db", "a%20b.db", "#1.db", "é&x=1;.db", ":memory:", "file:x.db"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.Rename(prepared(t), path))
		storetest.Connect(t, open(t, path))
		files, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		for _, f := range files {
			require.True(t, strings.HasPrefix(f.Name(), name), "%s made a file %s", name, f.Name())
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "missing", "x.db"))
	require.ErrorContains(t, err, "missing")

	notADatabase := filepath.Join(t.TempDir(), "text.db")
	require.NoError(t, os.WriteFile(notADatabase, []byte("a letter, not a database, and long enough to be read as one"), 0o600))
	_, err = sqlite.Open(t.Context(), notADatabase)
	require.ErrorContains(t, err, "not a database")

	for _, path := range []string{"", ":memory:", "file:x.db?mode=memory"} {
		_, err := sqlite.Open(t.Context(), path)
		require.ErrorIs(t, err, ats.ErrInvalid, "it would be a file of that name in the working directory")
	}

	for _, opt := range []sqlite.Option{sqlite.WithQueueSize(0), sqlite.WithClock(nil), sqlite.WithLogger(nil)} {
		_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), opt)
		require.Error(t, err)
	}
}

func TestConnectionsAreSetUp(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "secure_delete": "1", "query_only": "0",
	} {
		var got string
		require.NoError(t, s.DB().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		require.Equal(t, want, got, pragma)
	}
	require.Equal(t, 1, s.DB().Stats().MaxOpenConnections)
}

func TestAHostMayOwnTheHandles(t *testing.T) {
	t.Parallel()
	// The host's handles, here those of another store that is only borrowed from.
	owner := open(t, prepared(t))
	s, err := sqlite.New(t.Context(), owner.DB(), owner.DB())
	require.NoError(t, err)
	storetest.Connect(t, s)
	out, err := s.Accept(t.Context(), storetest.Request(1))
	require.NoError(t, err)
	handler, ran := noting()
	stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{store.KindDrain: handler}})
	<-ran
	stop()
	require.NoError(t, s.Close())
	i, err := owner.GetInterview(t.Context(), out.Interview.ID)
	require.NoError(t, err, "the handles are still open")
	require.Equal(t, out.Interview, i)
	_, err = s.Accept(t.Context(), storetest.Request(2))
	require.ErrorIs(t, err, ats.ErrUnavailable)
}
