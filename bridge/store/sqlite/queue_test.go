package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// inBubble runs f with virtual time on a store of its own. No goroutine may be
// left when it ends.
func inBubble(t *testing.T, f func(t *testing.T, path string)) {
	t.Helper()
	path := prepared(t)
	synctest.Test(t, func(t *testing.T) { f(t, path) })
}

// work runs the handlers and returns a function that stops them.
func work(t *testing.T, s store.Store, c store.WorkConfig) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	started, ended := make(chan struct{}), make(chan error, 1)
	c.Started = func() { close(started) }
	go func() { ended <- s.Work(ctx, c) }()
	<-started
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

func nudge(t *testing.T, s store.Store, n store.Nudge) {
	t.Helper()
	require.NoError(t, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.Nudge(ctx, n) }))
}

// noting returns a handler that tells when it ran.
func noting() (store.Handler, <-chan time.Time) {
	ran := make(chan time.Time, 100)
	return func(context.Context, store.Job) error { ran <- time.Now(); return nil }, ran
}

// within requires that at is not before due and at most late after it.
func within(t *testing.T, at, due time.Time, late time.Duration) {
	t.Helper()
	require.False(t, at.Before(due), "%s early", due.Sub(at))
	require.LessOrEqual(t, at.Sub(due), late)
}

func TestLaterNudgesComeOnTime(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		handler, ran := noting()
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{"a": handler}})
		defer stop()
		start := time.Now()
		var dues []time.Time
		for _, pause := range []time.Duration{ // in no order
			10 * time.Minute, 3 * time.Second, time.Second, 7*time.Second + 12345*time.Microsecond, 30 * time.Second,
		} {
			dues = append(dues, start.Add(pause))
			nudge(t, s, store.Nudge{Kind: "a", ID: pause.String(), At: start.Add(pause)})
		}
		for _, n := range []int{2, 1, 3, 4, 0} {
			within(t, <-ran, dues[n], 250*time.Millisecond)
		}
	})
}

func TestLaterNudgesOfAHostComeOnTime(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		handler, ran := noting()
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{"a": handler}})
		defer stop()
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		due := time.Now().Add(time.Second)
		require.NoError(t, s.WithTx(tx).Nudge(t.Context(), store.Nudge{Kind: "a", At: due}))
		// The host takes its time to commit.
		<-time.After(300 * time.Millisecond)
		require.NoError(t, tx.Commit())
		within(t, <-ran, due, 250*time.Millisecond)
	})
}

func TestLaterNudgesSurviveARestart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		start := time.Now()
		nudge(t, s, store.Nudge{Kind: "a", ID: "missed", At: start.Add(time.Minute)})
		nudge(t, s, store.Nudge{Kind: "a", ID: "to come", At: start.Add(2 * time.Hour)})
		require.NoError(t, s.Close())

		<-time.After(110 * time.Minute)
		s = open(t, path)
		handler, ran := noting()
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{"a": handler}})
		defer stop()
		within(t, <-ran, start.Add(110*time.Minute), 250*time.Millisecond)
		within(t, <-ran, start.Add(2*time.Hour), 250*time.Millisecond)
	})
}

func TestManyNudgesAreDueAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		due := time.Now().Add(time.Minute)
		const n = 300 // more than are turned into immediate ones at once
		require.NoError(t, s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for i := range n {
				// Each twice, for different times that have come when work starts.
				for _, at := range []time.Time{due, due.Add(time.Second)} {
					if err := tx.Nudge(ctx, store.Nudge{Kind: "a", ID: string(rune('a' + i)), At: at}); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		<-time.After(time.Hour)
		seen := make(chan string, 3*n)
		stop := work(t, s, store.WorkConfig{Workers: 100, Handlers: map[store.Kind]store.Handler{
			"a": func(_ context.Context, j store.Job) error { seen <- j.ID; return nil },
		}})
		ids := make(map[string]bool)
		for len(ids) < n {
			ids[<-seen] = true
		}
		stop()
		var left int
		require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM sparkbridge_alarms`).Scan(&left))
		require.Zero(t, left)
	})
}

func TestPausesGrowAfterErrors(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		type run struct {
			attempt int
			at      time.Time
		}
		runs := make(chan run)
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
			"a": func(_ context.Context, j store.Job) error {
				runs <- run{j.Attempt, time.Now()}
				return errors.New("not yet")
			},
		}})
		nudge(t, s, store.Nudge{Kind: "a"})
		last := <-runs
		require.Equal(t, 1, last.attempt)
		for n, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 120, 120, 120} {
			next := <-runs
			require.Equal(t, n+2, next.attempt)
			within(t, next.at, last.at.Add(time.Duration(seconds)*time.Second), 250*time.Millisecond)
			last = next
		}
		stop()
		// A failed job must not grow with every failure.
		var errs int
		require.NoError(t, s.DB().QueryRowContext(t.Context(),
			`SELECT coalesce(max(json_array_length(errors)), 0) FROM river_job`).Scan(&errs))
		require.Zero(t, errs)
	})
}

func TestJobsOfADeadProcessRunAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		nudge(t, s, store.Nudge{Kind: "a", ID: "1"})
		// As a process leaves it that is killed while it runs the job and leads.
		for _, query := range []string{
			`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = $1, attempted_by = jsonb('["dead"]')`,
			`INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES ($1, $1, 'dead')`,
		} {
			_, err := s.DB().ExecContext(t.Context(), query, time.Now().UTC().Format("2006-01-02 15:04:05.000"))
			require.NoError(t, err)
		}
		start := time.Now()
		attempts := make(chan int, 1)
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
			"a": func(_ context.Context, j store.Job) error { attempts <- j.Attempt; return nil },
		}})
		defer stop()
		require.Equal(t, 2, <-attempts)
		require.Less(t, time.Since(start), time.Second)
	})
}

func TestAStopGivesInterruptedJobsBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		running := make(chan struct{})
		stop := work(t, s, store.WorkConfig{StopTimeout: time.Second, Handlers: map[store.Kind]store.Handler{
			"a": func(ctx context.Context, _ store.Job) error {
				close(running)
				<-ctx.Done()
				return errors.New("interrupted")
			},
		}})
		nudge(t, s, store.Nudge{Kind: "a"})
		<-running
		start := time.Now()
		stop()
		within(t, time.Now(), start.Add(time.Second), time.Second)
		require.NoError(t, s.Close())

		s = open(t, path)
		attempts := make(chan int, 1)
		stop = work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
			"a": func(_ context.Context, j store.Job) error { attempts <- j.Attempt; return nil },
		}})
		defer stop()
		require.Equal(t, 1, <-attempts, "an interruption is not a failed attempt")
	})
}

func TestFinishedJobsAreRemoved(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		handler, ran := noting()
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{"a": handler}})
		defer stop()
		for _, id := range []string{"1", "2", "3"} {
			nudge(t, s, store.Nudge{Kind: "a", ID: id})
			<-ran
		}
		<-time.After(2 * time.Minute)
		var left int
		require.NoError(t, s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM river_job`).Scan(&left))
		require.Zero(t, left)
	})
}

func TestFailedJobsAreLoggedWithoutWhatTheyPanickedWith(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, path)
		var log bytes.Buffer
		failed := make(chan struct{}, 2)
		stop := work(t, s, store.WorkConfig{
			Workers: 1,
			Logger:  slog.New(slog.NewTextHandler(&log, nil)),
			Handlers: map[store.Kind]store.Handler{
				"a": func(_ context.Context, j store.Job) error {
					defer func() { failed <- struct{}{} }()
					if j.ID == "panic" {
						panic("linnea@mail.example")
					}
					return errors.New("spark hire is away")
				},
			},
		})
		nudge(t, s, store.Nudge{Kind: "a", ID: "error"})
		<-failed
		nudge(t, s, store.Nudge{Kind: "a", ID: "panic"})
		<-failed
		stop()
		require.Contains(t, log.String(), "spark hire is away")
		require.Contains(t, log.String(), "panicked with a string")
		require.Contains(t, log.String(), "queue_test.go", "where it panicked")
		require.NotContains(t, log.String(), "linnea")
		var rows string
		require.NoError(t, s.DB().QueryRowContext(t.Context(),
			`SELECT group_concat(json(args) || coalesce(json(errors), '') || json(metadata)) FROM river_job`).Scan(&rows))
		require.False(t, strings.Contains(rows, "linnea") || strings.Contains(rows, "away"), rows)
	})
}

func TestTheQueueRecoversWhenTheDatabaseDoes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, path string) {
		s := open(t, filepath.Clean(path))
		handler, ran := noting()
		stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{"a": handler}})
		defer stop()
		nudge(t, s, store.Nudge{Kind: "a", ID: "1", At: time.Now().Add(time.Minute)})
		readOnly(t, s, true)
		<-time.After(2 * time.Minute)
		require.Empty(t, ran)
		require.Error(t, s.Ping(t.Context()), "later nudges are due and cannot be run")
		readOnly(t, s, false)
		<-ran
		synctest.Wait()
		require.NoError(t, s.Ping(t.Context()))
	})
}

// readOnly makes every write fail as on a read-only file.
func readOnly(t *testing.T, s *sqlite.Store, on bool) {
	t.Helper()
	pragma := "PRAGMA query_only = 0"
	if on {
		pragma = "PRAGMA query_only = 1"
	}
	_, err := s.DB().ExecContext(t.Context(), pragma)
	require.NoError(t, err)
}
