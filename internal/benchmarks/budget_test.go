package benchmarks

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/pgtest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	perMinute = 400
	budgetFor = 2 * time.Minute
)

// BenchmarkBudget lets more requests wait for one key than its budget takes in two
// real minutes: for one engine on SQLite, and for two engines that share a PostgreSQL
// database, against a vendor that counts in fixed windows and one that counts in a
// sliding one. All four run at the same time. It tells how much of the budget was
// used; a single 429 is a failure.
//
//	go test -run '^$' -bench Budget -benchtime 1x ./internal/benchmarks
func BenchmarkBudget(b *testing.B) {
	server := pgtest.Start(b)
	for b.Loop() {
		windows := map[string]sparkhiretest.Window{"fixed": sparkhiretest.FixedWindow, "sliding": sparkhiretest.SlidingWindow}
		used := map[string]*float64{}
		var g errgroup.Group
		for name, window := range windows {
			file := filepath.Join(b.TempDir(), "ledger.db")
			one, err := sqlite.Open(b.Context(), file)
			require.NoError(b, err)
			url := server.Database(b)
			first, err := postgres.Open(b.Context(), url)
			require.NoError(b, err)
			second, err := postgres.Open(b.Context(), url)
			require.NoError(b, err)
			for database, stores := range map[string][]store.Store{"SQLite-": {one}, "PostgreSQL-": {first, second}} {
				share := new(float64)
				used[database+name] = share
				g.Go(func() (err error) {
					if *share, err = spend(b.Context(), window, stores); err != nil {
						return fmt.Errorf("%s%s: %w", database, name, err)
					}
					return nil
				})
			}
		}
		require.NoError(b, g.Wait())
		for name, share := range used {
			b.ReportMetric(*share, name+"-used")
		}
		b.ReportMetric(0, "ns/op")
	}
}

// spend returns which share of the budget the engines on the stores use together.
func spend(ctx context.Context, window sparkhiretest.Window, stores []store.Store) (share float64, err error) {
	sh := sparkhiretest.NewServer(sparkhiretest.WithRateLimit(perMinute, time.Minute), sparkhiretest.WithRateWindow(window))
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund"})
	keys := keyring.Generate()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running errgroup.Group
	tenant := ats.TenantRef{Adapter: "memory", Tenant: "care"}
	for n, s := range stores {
		engine, err := bridge.New(bridge.Config{
			Store: s, Keys: keys, Adapters: []ats.Adapter{plain{memory.New(memory.Options{})}},
			SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL(), RequestsPerMinute: perMinute},
		})
		if err != nil {
			return 0, err
		}
		if n == 0 {
			if err := fillBacklog(ctx, engine, tenant, asha, job.ID); err != nil {
				return 0, err
			}
		}
		running.Go(func() error { return engine.Run(ctx) })
	}
	select {
	case <-time.After(budgetFor):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	calls := len(sh.Requests())
	if n := sh.RateLimited(); n > 0 {
		return 0, fmt.Errorf("the vendor refused %d calls of %d", n, calls)
	}
	for email, n := range sh.Invitations() {
		if n != 1 {
			return 0, fmt.Errorf("%s got %d invitations", email, n)
		}
	}
	stop()
	if err := running.Wait(); err != nil {
		return 0, err
	}
	for _, s := range stores {
		if err := s.Close(); err != nil {
			return 0, err
		}
	}
	return float64(calls) / (perMinute * budgetFor.Minutes()), nil
}

// fillBacklog asks for more than the budget takes.
func fillBacklog(ctx context.Context, engine *bridge.Bridge, tenant ats.TenantRef, user sparkhiretest.User, jobID string) error {
	if _, err := engine.Connect(ctx, ats.Activation{
		Tenant: tenant, TimeZone: "Europe/Stockholm", Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(user.Key)}},
	}); err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(64)
	for n := range int(perMinute * (budgetFor.Minutes() + 1)) {
		g.Go(func() error {
			_, err := engine.Submit(ctx, ats.Request{
				Tenant: tenant, Key: fmt.Sprint("k", n), Type: ats.Live, SparkHireJobID: jobID, RequestedFor: "asha",
				Candidate: ats.Candidate{ID: fmt.Sprint("c", n), FirstName: "Mira", LastName: "Falk", Email: fmt.Sprintf("mira.%d@mail.example", n)},
				Job:       ats.Job{ID: "4711", Title: "Ward nurse"},
			})
			return err
		})
	}
	return g.Wait()
}
