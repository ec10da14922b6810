package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
	"github.com/sparkbridge/sparkbridge/internal/pgtest"
)

func TestARequestIsStoredOnceThoughItsCommitIsLost(t *testing.T) {
	t.Parallel()
	p := newProxy(t, prepared(t))
	s := open(t, p.url)
	storetest.Connect(t, s)
	for n, when := range []cut{beforeCommit, afterCommit} {
		p.next.Store(int32(when))
		a := storetest.Request(int64(n))
		out, err := s.Accept(t.Context(), a)
		require.NoError(t, err)
		require.EqualValues(t, never, p.next.Load(), "the connection was cut")
		require.False(t, out.Repeated, "it is the first of its kind")
		require.Equal(t, a.Interview.ID, out.Interview.ID)
		events, err := s.Events(t.Context(), a.Interview.ID)
		require.NoError(t, err)
		require.Len(t, events, 1)
		out, err = s.Accept(t.Context(), a)
		require.NoError(t, err)
		require.True(t, out.Repeated)
	}
}

func TestALostCommitIsToldHonestly(t *testing.T) {
	t.Parallel()
	p := newProxy(t, prepared(t))
	s := open(t, p.url)
	storetest.Connect(t, s)
	for when, kept := range map[cut]bool{beforeCommit: false, afterCommit: true} {
		name := fmt.Sprint("secret-", when)
		p.next.Store(int32(when))
		runs := 0
		err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			runs++
			return tx.SaveSecret(ctx, "c1", name, []byte("x"))
		})
		require.ErrorIs(t, err, ats.ErrUnavailable)
		require.ErrorContains(t, err, "whether it was committed is not known")
		require.Equal(t, 1, runs, "it must not be repeated blindly")
		_, err = s.GetSecret(t.Context(), "c1", name)
		if kept {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ats.ErrNotFound)
		}
	}
}

// The server's machine is gone: nobody closes the connections to it. A call without a
// time of its own ends, and the next one finds a connection that works.
func TestAServerThatFallsSilentIsLeft(t *testing.T) {
	t.Parallel()
	p := newProxy(t, prepared(t))
	s := open(t, p.url, postgres.WithConnections(4, 1), postgres.WithAnswerWithin(5*time.Second))
	storetest.Connect(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, call := range []func() error{
		func() error { _, err := s.GetConnection(ctx, "c1"); return err },
		func() error { return s.InTx(ctx, storetest.SaveConnection) },
	} {
		untilItWorks := func() {
			for err := call(); err != nil; err = call() {
				require.ErrorIs(t, err, ats.ErrUnavailable)
				require.NoError(t, ctx.Err(), "a call has a bound of its own")
			}
		}
		untilItWorks()
		p.silence()
		untilItWorks()
	}
}

// Two processes work while the server is restarted, once in an orderly way and once
// as after a crash.
func TestTheServerIsRestartedUnderLoad(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	a, b := open(t, server.URL("postgres")), open(t, server.URL("postgres"))
	storetest.Connect(t, a)
	var mu sync.Mutex
	sent := map[string]int{}
	note := func(id string) {
		mu.Lock()
		defer mu.Unlock()
		sent[id]++
	}
	for _, s := range []store.Store{a, b} {
		work(t, s, store.WorkConfig{Workers: 2, Handlers: map[store.Kind]store.Handler{store.KindDrain: drain(s, note)}})
	}
	const requests = 400
	quarter := make(chan struct{}, requests)
	var g errgroup.Group
	g.SetLimit(8)
	g.Go(func() error {
		for range requests / 4 {
			<-quarter
		}
		if err := server.Restart(t.Context()); err != nil {
			return err
		}
		for range requests / 4 {
			<-quarter
		}
		if err := server.Kill(); err != nil {
			return err
		}
		return server.Start(t.Context())
	})
	for n := range int64(requests) {
		g.Go(func() error {
			r := storetest.Request(n)
			r.Interview.Credential = fmt.Sprint("credential-", n%3)
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for try := 0; ; try++ {
				out, err := []store.Store{a, b}[n%2].Accept(t.Context(), r)
				switch {
				case err == nil && try == 0 && out.Repeated:
					return fmt.Errorf("request %d was repeated", n)
				case err == nil:
					quarter <- struct{}{}
					return nil
				}
				// As a caller does who was told that nothing can be stored now.
				if !isUnavailable(err) {
					return fmt.Errorf("request %d: %w", n, err)
				}
				<-tick.C
			}
		})
	}
	require.NoError(t, g.Wait())
	require.Eventually(t, func() bool {
		for n := range 3 {
			if waiting, err := a.Waiting(t.Context(), fmt.Sprint("credential-", n), 1); err != nil || waiting > 0 {
				return false
			}
		}
		return a.Ping(t.Context()) == nil && b.Ping(t.Context()) == nil
	}, 60*time.Second, 50*time.Millisecond, "work goes on")
	for n := range int64(requests) {
		i, err := a.GetInterview(t.Context(), storetest.Request(n).Interview.ID)
		require.NoError(t, err)
		require.Equal(t, ats.StateSent, i.State)
		require.EqualValues(t, 2, i.Revision, "sent once")
		events, err := a.Events(t.Context(), i.ID)
		require.NoError(t, err)
		require.Len(t, events, 2)
	}
	mu.Lock()
	defer mu.Unlock()
	for id, n := range sent {
		require.Equal(t, 1, n, id)
	}
}

func TestAServerThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	storetest.Connect(t, s)
	require.NoError(t, server.Stop())
	_, err := s.Accept(t.Context(), storetest.Request(1))
	require.ErrorIs(t, err, ats.ErrUnavailable)
	require.ErrorIs(t, s.InTx(t.Context(), storetest.SaveConnection), ats.ErrUnavailable)
	require.ErrorIs(t, s.Ping(t.Context()), ats.ErrUnavailable)
	_, err = s.GetConnection(t.Context(), "c1")
	require.ErrorIs(t, err, ats.ErrUnavailable)
	require.NoError(t, server.Start(t.Context()))
	out, err := s.Accept(t.Context(), storetest.Request(1))
	require.NoError(t, err)
	require.False(t, out.Repeated)
	require.NoError(t, s.Ping(t.Context()))
}

// The server is there and lets nobody into the database, as while it is restored.
func TestADatabaseThatTakesNoConnectionsIsUnavailable(t *testing.T) {
	t.Parallel()
	url := prepared(t)
	s, operator := open(t, url), open(t, prepared(t))
	storetest.Connect(t, s)
	var name string
	require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name))
	_, err := operator.DB().ExecContext(t.Context(), `ALTER DATABASE `+name+` ALLOW_CONNECTIONS false`)
	require.NoError(t, err)
	_, err = operator.DB().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
		WHERE datname = $1 AND backend_type = 'client backend'`, name)
	require.NoError(t, err)
	for range 20 { // the connections that were cut, and then new ones
		_, err = s.GetConnection(t.Context(), "c1")
		require.ErrorIs(t, err, ats.ErrUnavailable)
	}
	_, err = s.Accept(t.Context(), storetest.Request(1))
	require.ErrorIs(t, err, ats.ErrUnavailable)
	_, err = postgres.Open(t.Context(), url)
	require.ErrorIs(t, err, ats.ErrUnavailable)
}

func TestWhatADatabaseCannotKeepIsInvalid(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	storetest.Connect(t, s)
	a := storetest.Request(1)
	a.Interview.Message = "before\x00after"
	_, err := s.Accept(t.Context(), a)
	require.ErrorIs(t, err, ats.ErrInvalid)
	require.NotContains(t, err.Error(), "before")
	_, err = s.Accept(t.Context(), storetest.Request(2))
	require.NoError(t, err)
}

func TestSomebodyWhoHoldsARowForTooLongMakesItUnavailable(t *testing.T) {
	t.Parallel()
	url := prepared(t)
	s := open(t, url+"&lock_timeout=100ms")
	storetest.Connect(t, s)
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = s.WithTx(tx).Connection(t.Context(), "c1")
	require.NoError(t, err)
	require.ErrorIs(t, s.InTx(t.Context(), storetest.SaveConnection), ats.ErrUnavailable)
	require.NoError(t, tx.Rollback())
	require.NoError(t, s.InTx(t.Context(), storetest.SaveConnection))
}

// A host's transaction that does not see what others commit meanwhile cannot tell that
// the candidate has been asked for already.
func TestAHostsTransactionMustSeeTheRequestsThatCameSinceItBegan(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	storetest.Connect(t, s)
	for n, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelRepeatableRead, sql.LevelSerializable} {
		tx, err := s.DB().BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
		require.NoError(t, err)
		t.Cleanup(func() { _ = tx.Rollback() })
		var began int
		require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT count(*) FROM sparkbridge_interviews").Scan(&began))
		first := storetest.Request(int64(n))
		_, err = s.Accept(t.Context(), first)
		require.NoError(t, err)

		second := storetest.Request(int64(n + 10))
		second.Interview.ScopeKey = first.Interview.ScopeKey
		out, err := s.WithTx(tx).Accept(t.Context(), second)
		if level == sql.LevelDefault {
			require.NoError(t, err)
			require.True(t, out.Blocked)
		} else {
			require.ErrorIs(t, err, ats.ErrInvalid)
			require.ErrorContains(t, err, strings.ToLower(level.String()))
		}
		require.NoError(t, tx.Commit(), "the host's own work is not harmed")
		_, err = s.GetInterview(t.Context(), second.Interview.ID)
		require.ErrorIs(t, err, ats.ErrNotFound)
	}
}

// The process that ran the job is gone; another one notices and runs it.
func TestJobsOfADeadProcessAreRun(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	nudge(t, s, store.Nudge{Kind: "a", ID: "1"})
	for _, query := range []string{
		`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '20 s', attempted_by = '{dead}'`,
		`INSERT INTO sparkbridge_processes (id, seen) VALUES ('dead', now() - interval '20 s')`,
		`INSERT INTO sparkbridge_processes (id, seen) VALUES ('long dead', now() - interval '2 h')`,
	} {
		_, err := s.DB().ExecContext(t.Context(), query)
		require.NoError(t, err)
	}
	attempts := make(chan int, 1)
	start := time.Now()
	stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(_ context.Context, j store.Job) error { attempts <- j.Attempt; return nil },
	}})
	require.Equal(t, 2, <-attempts)
	require.Less(t, time.Since(start), 10*time.Second)
	stop()
	var left string
	row := s.DB().QueryRowContext(t.Context(), `SELECT coalesce(string_agg(id, ','), '') FROM sparkbridge_processes`)
	require.NoError(t, row.Scan(&left))
	require.Equal(t, "dead", left, "this one has said that it ends")
}

func TestAProcessListensAgainThoughTheConnectionBrokeAsItBegan(t *testing.T) {
	t.Parallel()
	p := newProxy(t, prepared(t))
	s := open(t, p.url)
	again := make(chan struct{})
	p.onListen(func(n int) bool {
		if n == 3 {
			close(again)
		}
		return n == 2
	})
	work(t, s, store.WorkConfig{})
	_, err := s.DB().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
	require.NoError(t, err)
	select {
	case <-again:
	case <-time.After(time.Minute):
		require.Fail(t, "it does not listen")
	}
}
