package main_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/internal/pgtest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// pair is a world with two processes on one database, behind one front door.
type pair struct {
	*world

	url     string // of the database
	members [2]*process
}

func newPair(t *testing.T, databaseURL string) *pair {
	t.Helper()
	p := &pair{url: databaseURL}
	p.world = newCompanyWorld(t, setup{
		set: []string{"database=" + databaseURL},
		// The limit of Teamtailor's API is not what this is about.
		vendor: []teamtailortest.Option{teamtailortest.WithRateLimit(10_000, time.Second)},
	})
	p.members[0] = p.running
	p.begin(1)
	return p
}

// begin starts a member.
func (p *pair) begin(n int) {
	p.Helper()
	p.members[n] = p.world.launch()
	p.members[n].url(p.ctx, p.T)
}

// leadTo makes the vendors talk to a member.
func (p *pair) leadTo(n int) {
	p.Helper()
	to, err := url.Parse(p.members[n].url(p.ctx, p.T))
	require.NoError(p, err)
	p.lane.lead(to)
}

// stopAll stops both in an orderly way.
func (p *pair) stopAll() {
	p.Helper()
	for _, m := range p.members {
		m.terminate(p.T)
	}
	for _, m := range p.members {
		require.Zero(p, m.wait(p.ctx, p.T), "exit status; log:\n%s", m.output())
	}
	p.lane.lead(nil)
}

// triggers moves new candidates to the stage at once, and says whose trigger was
// answered with success when it returns from wait.
func (p *pair) triggers(names ...string) (everybody []*candidate, wait func() map[*candidate]bool) {
	p.Helper()
	var g errgroup.Group
	answers := make([]teamtailortest.Delivery, len(names))
	for n, name := range names {
		c := p.candidate(name)
		everybody = append(everybody, c)
		g.Go(func() error {
			deliveries, err := p.tt.MoveCandidate(p.ctx, c.Candidate, p.stage)
			if err == nil {
				answers[n] = deliveries[0]
			}
			return err
		})
	}
	return everybody, func() map[*candidate]bool {
		p.Helper()
		require.NoError(p, g.Wait())
		accepted := map[*candidate]bool{}
		for n, c := range everybody {
			accepted[c] = answers[n].Status == http.StatusOK
		}
		return accepted
	}
}

// stored returns how many interviews the database has for each candidate, by
// Teamtailor's id.
func (p *pair) stored() map[string]int {
	p.Helper()
	ctx := context.WithoutCancel(p.ctx)
	s, err := postgres.Open(ctx, p.url)
	require.NoError(p, err)
	defer func() { require.NoError(p, s.Close()) }()
	found := map[string]int{}
	for cursor := ""; ; {
		page, next, err := s.ListInterviews(ctx, store.ListInterviewsParams{Limit: 100, Cursor: cursor})
		require.NoError(p, err)
		for _, i := range page {
			found[i.Candidate.ID]++
		}
		if cursor = next; cursor == "" {
			return found
		}
	}
}

// settled waits until every card shows what Spark Hire knows, and requires that
// everybody whose trigger was accepted was invited, and nobody twice.
func (p *pair) settled(all []*candidate, accepted map[*candidate]bool) {
	p.Helper()
	stored := p.stored()
	for _, c := range all {
		n := stored[strconv.Itoa(c.ID)]
		require.LessOrEqual(p, n, 1)
		if accepted[c] {
			require.Equal(p, 1, n, "what was accepted is kept")
		}
		if n == 0 {
			continue
		}
		p.awaitAnyCard(c, "sent", "pending", "completed")
		i, _ := p.spark.Interview(p.interview(c))
		p.awaitCard(c, map[sparkhiretest.State]string{
			sparkhiretest.Invited: "sent", sparkhiretest.Accepted: "pending", sparkhiretest.Completed: "completed",
		}[i.State])
	}
	p.stopAll()
	for _, c := range all {
		if stored[strconv.Itoa(c.ID)] > 0 {
			p.invitedOnce(c)
		} else {
			p.invitedNever(c)
		}
	}
	p.discreet()
}

func TestTwoProcessesOneIsKilled(t *testing.T) {
	t.Parallel()
	p := newPair(t, pgtest.Database(t))
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	start := time.Now()
	all := []*candidate{p.invite("Mirabel")}
	usual := time.Since(start)
	accepted := map[*candidate]bool{all[0]: true}
	for life := range 4 {
		p.liveOn(random, all)
		victim := life % 2
		p.leadTo(victim)
		first, waitFirst := p.triggers(fmt.Sprintf("Mirabel%d0", life), fmt.Sprintf("Mirabel%d1", life))
		<-time.After(time.Duration(random.Int64N(int64(2 * usual))))
		p.leadTo(1 - victim)
		p.members[victim].kill()
		second, waitSecond := p.triggers(fmt.Sprintf("Mirabel%d2", life))
		for _, wait := range []func() map[*candidate]bool{waitFirst, waitSecond} {
			maps.Copy(accepted, wait())
		}
		require.True(t, accepted[second[0]], "the other one goes on; log:\n%s", p.members[1-victim].output())
		all = append(append(all, first...), second...)
		p.begin(victim)
	}
	p.settled(all, accepted)
}

func TestTwoProcessesWhoseDatabaseIsRestarted(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	p := newPair(t, server.URL("postgres"))
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	all := []*candidate{p.invite("Mirabel")}
	accepted := map[*candidate]bool{all[0]: true}
	for n, end := range []func() error{server.Stop, server.Kill} {
		p.liveOn(random, all)
		p.leadTo(n)
		batch, wait := p.triggers(fmt.Sprintf("Mirabel%d0", n), fmt.Sprintf("Mirabel%d1", n), fmt.Sprintf("Mirabel%d2", n))
		<-time.After(time.Duration(random.Int64N(int64(300 * time.Millisecond))))
		require.NoError(t, end())
		status, _ := fetch(t, p.members[n].url(p.ctx, t)+"/readyz")
		require.Equal(t, http.StatusServiceUnavailable, status)
		refused := p.trigger(p.candidate(fmt.Sprintf("Olegario%d", n)))
		require.Equal(t, http.StatusServiceUnavailable, refused.Status, "nothing is accepted that cannot be stored")
		require.NoError(t, server.Start(p.ctx))
		maps.Copy(accepted, wait())
		all = append(all, batch...)
	}
	for n := range p.members {
		p.leadTo(n)
		all = append(all, p.invite(fmt.Sprintf("Mirabel9%d", n)))
		accepted[all[len(all)-1]] = true
	}
	p.settled(all, accepted)
}

func TestALostKeyFileIsNotReplacedBesideAnOldPostgreSQLDatabase(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{set: []string{"database=" + pgtest.Database(t)}})
	w.invite("Mirabel")
	w.stop()
	require.NoError(t, os.Rename(w.keyFile(), w.keyFile()+".lost"))
	status, _, stderr := runToEnd(t, nil, w.args("serve")...)
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "key_file: ")
	require.Contains(t, stderr, "put it back")
	require.NoFileExists(t, w.keyFile())

	require.NoError(t, os.Rename(w.keyFile()+".lost", w.keyFile()))
	w.start()
	w.invite("Olegario")
	w.stop()
	w.discreet()
}

func TestADatabaseThatIsAwayStopsTheStartWithoutThePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{set: []string{"database=postgres://ines:hunter-2718@127.0.0.1:1/ledger?sslmode=disable"}, idle: true})
	status, _, stderr := runToEnd(t, nil, w.args("serve")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "open database")
	require.Contains(t, stderr, "unavailable")
	require.NotContains(t, stderr, "hunter-2718")
	require.NoFileExists(t, w.keyFile(), "nothing was made")
}
