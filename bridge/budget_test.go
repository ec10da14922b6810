package bridge_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// TestABacklogUsesTheBudgetAndNeverExceedsIt lets a thousand requests wait for one
// key over ten virtual minutes, with a restart on the way, against a vendor that
// counts in fixed windows and one that counts in a sliding one.
func TestABacklogUsesTheBudgetAndNeverExceedsIt(t *testing.T) {
	t.Parallel()
	const minutes = 10
	perMinute := 100
	if underRace {
		perMinute = 10 // the arithmetic is the same, the race detector slow
	}
	budget := perMinute * minutes
	for name, window := range map[string]sparkhiretest.Window{"fixed windows": sparkhiretest.FixedWindow, "a sliding window": sparkhiretest.SlidingWindow} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world) {
				w.pass(90 * time.Second) // what connecting costs has left the budget
				start := time.Now()
				w.spark.ForgetRequests()
				for n := range budget + perMinute {
					w.submit(fmt.Sprintf("C%d", n))
				}
				w.pass(time.Until(start.Add(4 * time.Minute)))
				w.restart()
				w.pass(time.Until(start.Add(minutes * time.Minute)))
				used := len(w.spark.Requests())
				t.Logf("%d of %d requests (%.1f %%), %d refused by the vendor", used, budget, 100*float64(used)/float64(budget), w.spark.RateLimited())
				require.Zero(w, w.spark.RateLimited())
				require.GreaterOrEqual(w, float64(used), 0.98*float64(budget))
				for email, n := range w.spark.Invitations() {
					require.Equal(w, 1, n, email)
				}
			},
				sparkhiretest.WithRateLimit(perMinute, time.Minute), sparkhiretest.WithRateWindow(window),
				memory.Options{Policy: anyNumber()},
				func(c *bridge.Config) {
					c.SparkHire.RequestsPerMinute = perMinute
					c.SparkHire.SweepInterval = time.Hour
				})
		})
	}
}

// TestReadingIsNotStarvedByABacklog: a result comes back while an import runs.
func TestReadingIsNotStarvedByABacklog(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		for n := range 200 {
			w.submit(fmt.Sprintf("C%d", n))
		}
		w.pass(time.Second)
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(90 * time.Second)
		w.requireState(i.ID, ats.StateCompleted)
		require.Zero(w, w.spark.RateLimited())
	}, sparkhiretest.WithRateLimit(60, time.Minute), memory.Options{Policy: anyNumber()}, func(c *bridge.Config) { c.SparkHire.RequestsPerMinute = 60 })
}

// TestInvitingIsNotStarvedByReading: more comes back than the budget has room for, and
// those who are still to be invited do not wait for the end of it.
func TestInvitingIsNotStarvedByReading(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		var invited []ats.Interview
		for n := range 100 {
			invited = append(invited, w.submit(fmt.Sprintf("A%d", n)))
		}
		w.pass(3 * time.Minute)
		for _, i := range invited {
			require.NoError(w, complete(w.spark, w.interview(i.ID).SparkHire.InterviewID))
		}
		w.pass(time.Second)
		var waiting []ats.Interview
		for n := range 30 {
			waiting = append(waiting, w.submit(fmt.Sprintf("B%d", n)))
		}
		w.pass(75 * time.Second)
		for _, i := range waiting {
			w.requireState(i.ID, ats.StateSent)
		}
		require.Zero(w, w.spark.RateLimited())
	}, sparkhiretest.WithRateLimit(60, time.Minute), memory.Options{Policy: anyNumber()}, func(c *bridge.Config) { c.SparkHire.RequestsPerMinute = 60 })
}

// anyNumber are the rules of the ATS in memory, for many candidates.
func anyNumber() ats.Policy {
	p := memory.DefaultPolicy()
	p.WhilePending, p.AfterCompleted = ats.Allow, ats.Allow
	return p
}
