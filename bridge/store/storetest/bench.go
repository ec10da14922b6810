package storetest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// BenchAccept compares requests that share commits with those that do not, as
// 128 callers see it, and a lone request with a lone commit of a row.
func BenchAccept(b *testing.B, open Open) {
	b.Run("128 callers, shared commits", func(b *testing.B) {
		s := bench(b, open)
		callers(b, 128, func(n int64) error {
			_, err := s.Accept(b.Context(), Request(n))
			return err
		})
	})
	b.Run("128 callers, a transaction each", func(b *testing.B) {
		s := bench(b, open)
		callers(b, 128, func(n int64) error {
			return s.InTx(b.Context(), func(ctx context.Context, tx store.Tx) error {
				_, err := tx.Accept(ctx, Request(n))
				return err
			})
		})
	})
	b.Run("alone", func(b *testing.B) {
		s := bench(b, open)
		callers(b, 1, func(n int64) error {
			_, err := s.Accept(b.Context(), Request(n))
			return err
		})
	})
	b.Run("alone, only the commit", func(b *testing.B) {
		s := bench(b, open)
		_, err := db(b, s).ExecContext(b.Context(), "CREATE TABLE plain (id bigint PRIMARY KEY)")
		require.NoError(b, err)
		callers(b, 1, func(n int64) error {
			_, err := db(b, s).ExecContext(b.Context(), "INSERT INTO plain (id) VALUES ($1)", n)
			return err
		})
	})
}

// BenchImport stores requests in transactions of 1,000, against the bare
// inserts of the same rows.
func BenchImport(b *testing.B, open Open) {
	b.Run("requests", func(b *testing.B) {
		s := bench(b, open)
		for first := 0; first < b.N; first += 1000 {
			err := s.InTx(b.Context(), func(ctx context.Context, tx store.Tx) error {
				for n := first; n < min(first+1000, b.N); n++ {
					if _, err := tx.Accept(ctx, Request(int64(n))); err != nil {
						return err
					}
				}
				return nil
			})
			require.NoError(b, err)
		}
		perSecond(b)
	})
	b.Run("bare inserts", func(b *testing.B) {
		s := bench(b, open)
		_, err := s.Accept(b.Context(), Request(0))
		require.NoError(b, err)
		for first := 0; first < b.N; first += 1000 {
			tx, err := db(b, s).BeginTx(b.Context(), nil)
			require.NoError(b, err)
			for n := first; n < min(first+1000, b.N); n++ {
				r := Request(int64(n) + 1).Interview
				_, err := tx.ExecContext(b.Context(), CopyRow, r.ID, r.RequestKey, r.ScopeKey, n, Request(0).Interview.ID)
				require.NoError(b, err)
			}
			require.NoError(b, tx.Commit())
		}
		perSecond(b)
	})
}

// CopyRow is the least that storing a request can cost: it copies the interview with the id $5 under
// the id $1, the request key $2 and the scope $3, as the one after $4 microseconds. SQLite and
// PostgreSQL understand it.
const CopyRow = `INSERT INTO sparkbridge_interviews
	SELECT CAST($1 AS text), connection_id, CAST($2 AS text), request_digest, CAST($3 AS text), state, revision, adapter, tenant, type, origin,
		candidate_id, candidate, job_id, job, spark_hire_id, spark_hire, schedule, message, requested_by, requested_for_id,
		requested_for, remarks, reply_to, credential, attempt, attempt_at, next_at + CAST($4 AS bigint), cancel_by, cancel_at, spark_hire_scheduled_at,
		rating_digest, acknowledged, reported_revision, created_at + CAST($4 AS bigint), updated_at, completed_at, ended_at, erased_at
	FROM sparkbridge_interviews WHERE id = $5`

// BenchList is a list of interviews as a console reads it while rows pour in.
func BenchList(b *testing.B, open Open) {
	s := bench(b, open)
	ctx, cancel := context.WithCancel(b.Context())
	var importing sync.WaitGroup
	importing.Go(func() {
		for n := int64(0); ctx.Err() == nil; n += 1000 {
			_ = s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				for i := range int64(1000) {
					if _, err := tx.Accept(ctx, Request(n+i)); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		_, _, err := s.ListInterviews(b.Context(), store.ListInterviewsParams{ConnectionID: "c1"})
		require.NoError(b, err)
		took = append(took, time.Since(start))
	}
	percentiles(b, took)
	cancel()
	importing.Wait()
}

// BenchPickUp is the time from the commit of a nudge to its handler.
func BenchPickUp(b *testing.B, open Open) {
	s := bench(b, open)
	ran := make(chan time.Time)
	ctx, cancel := context.WithCancel(b.Context())
	started, ended := make(chan struct{}), make(chan error)
	go func() {
		ended <- s.Work(ctx, store.WorkConfig{
			Started: func() { close(started) },
			Handlers: map[store.Kind]store.Handler{
				"a": func(context.Context, store.Job) error { ran <- time.Now(); return nil },
			},
		})
	}()
	<-started
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		require.NoError(b, s.InTx(b.Context(), func(ctx context.Context, tx store.Tx) error {
			return tx.Nudge(ctx, store.Nudge{Kind: "a", ID: strconv.Itoa(n)})
		}))
		committed := time.Now()
		took = append(took, max(0, (<-ran).Sub(committed)))
	}
	percentiles(b, took)
	cancel()
	require.NoError(b, <-ended)
}

// BenchWork is how many nudges are run per second when many wait.
func BenchWork(b *testing.B, open Open) {
	s := bench(b, open)
	for first := 0; first < b.N; first += 1000 {
		require.NoError(b, s.InTx(b.Context(), func(ctx context.Context, tx store.Tx) error {
			for n := first; n < min(first+1000, b.N); n++ {
				if err := tx.Nudge(ctx, store.Nudge{Kind: "a", ID: strconv.Itoa(n)}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	ctx, cancel := context.WithCancel(b.Context())
	var done atomic.Int64
	b.ResetTimer()
	err := s.Work(ctx, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			err := s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
			if done.Add(1) == int64(b.N) {
				cancel()
			}
			return err
		},
	}})
	cancel()
	require.NoError(b, err)
	perSecond(b)
}

// bench opens a store with the connection of [Connect].
func bench(b *testing.B, open Open) store.Store {
	b.Helper()
	s := open(b, time.Now)
	Connect(b, s)
	return s
}

// callers shares b.N calls between so many callers.
func callers(b *testing.B, count int, f func(n int64) error) {
	b.Helper()
	var (
		next atomic.Int64
		wg   sync.WaitGroup
		took = make([][]time.Duration, count)
	)
	b.ResetTimer()
	for c := range count {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				start := time.Now()
				if err := f(n); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	wg.Wait()
	perSecond(b)
	percentiles(b, slices.Concat(took...))
}

func perSecond(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per-second")
}

func percentiles(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
