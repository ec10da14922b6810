package main_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

var seed = flag.Uint64("seed", 0, "repeats the random kills of a run that printed it; 0 picks one")

// Recruiters go on, candidates accept and complete, and the program is killed all
// the time, also while it starts. A trigger that was answered with success is one
// invitation, whatever happens; one that was not is one or none; and every card
// ends with what Spark Hire knows.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	const lives, perLife = 8, 3
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("repeat with: go test ./cmd/sparkbridge -run %s -seed %d", t.Name(), *seed)
	random := rand.New(rand.NewPCG(*seed, 0))

	// The limit of Teamtailor's API is not what this is about.
	w := newCompanyWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithRateLimit(10_000, time.Second)}})
	start := time.Now()
	all := []*candidate{w.invite("Mirabel")}
	usual := time.Since(start) // how long an invitation takes on this machine
	moment := func() <-chan time.Time { return time.After(time.Duration(random.Int64N(int64(2 * usual)))) }

	accepted := map[*candidate]bool{all[0]: true} // those whose trigger was answered with success
	for life := range lives {
		w.liveOn(random, all)
		var triggers errgroup.Group
		answers := make([]teamtailortest.Delivery, perLife)
		batch := make([]*candidate, perLife)
		for n := range perLife {
			batch[n] = w.candidate(fmt.Sprintf("Mirabel%d%d", life, n))
			triggers.Go(func() error {
				deliveries, err := w.tt.MoveCandidate(w.ctx, batch[n].Candidate, w.stage)
				if err == nil {
					answers[n] = deliveries[0]
				}
				return err
			})
		}
		<-moment()
		w.kill()
		require.NoError(t, triggers.Wait())
		for n, c := range batch {
			if answers[n].Status == http.StatusOK {
				accepted[c] = true
			}
			all = append(all, c)
		}
		if random.IntN(3) == 0 {
			w.launch()
			<-moment()
			w.kill()
		}
		if life < lives-1 {
			w.start()
		}
	}

	stored := w.ledger()
	for _, c := range all {
		require.LessOrEqual(t, stored[strconv.Itoa(c.ID)], 1)
		if accepted[c] {
			require.Equal(t, 1, stored[strconv.Itoa(c.ID)], "what was accepted is kept")
		}
	}
	w.start()
	for _, c := range all {
		if stored[strconv.Itoa(c.ID)] > 0 {
			w.awaitAnyCard(c, "sent", "pending", "completed")
			i, _ := w.spark.Interview(w.interview(c))
			w.awaitCard(c, map[sparkhiretest.State]string{
				sparkhiretest.Invited: "sent", sparkhiretest.Accepted: "pending", sparkhiretest.Completed: "completed",
			}[i.State])
		}
	}
	w.stop()
	for _, c := range all {
		if stored[strconv.Itoa(c.ID)] > 0 {
			w.invitedOnce(c)
		} else {
			w.invitedNever(c)
		}
	}
	t.Logf("%d triggers, %d accepted, %d stored; Spark Hire was asked %d times and searched %d times", len(all), len(accepted), len(stored),
		len(requests(w.spark.Requests(), creating)), len(requests(w.spark.Requests(), looking)))
	w.discreet()
}

// liveOn lets some candidates do what candidates do.
func (w *world) liveOn(random *rand.Rand, all []*candidate) {
	w.Helper()
	for _, c := range all {
		for _, i := range w.spark.InterviewsFor(c.email) {
			switch {
			case random.IntN(3) > 0:
			case i.State == sparkhiretest.Invited:
				require.NoError(w, w.spark.Accept(i.ID))
			case i.State == sparkhiretest.Accepted:
				require.NoError(w, w.spark.Complete(i.ID))
			}
		}
	}
}

// ledger returns how many interviews the database has for each candidate, by
// Teamtailor's id. Nothing may run.
func (w *world) ledger() map[string]int {
	w.Helper()
	ctx := context.WithoutCancel(w.ctx)
	s, err := sqlite.Open(ctx, w.database())
	require.NoError(w, err)
	defer func() { require.NoError(w, s.Close()) }()
	conns, _, err := s.ListConnections(ctx, store.ListConnectionsParams{Limit: 10})
	require.NoError(w, err)
	require.Len(w, conns, 1)
	found := map[string]int{}
	for cursor := ""; ; {
		page, next, err := s.ListInterviews(ctx, store.ListInterviewsParams{ConnectionID: conns[0].ID, Limit: 100, Cursor: cursor})
		require.NoError(w, err)
		for _, i := range page {
			found[i.Candidate.ID]++
		}
		if cursor = next; cursor == "" {
			return found
		}
	}
}
