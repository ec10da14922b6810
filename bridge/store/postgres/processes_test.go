package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

func TestTwoProcessesTakeEachRowOnce(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	storetest.Connect(t, a)
	const credentials, each = 4, 25
	var mu sync.Mutex
	taken := map[string][]string{}
	all := make(chan struct{})
	by := func(process string) func(id string) {
		return func(id string) {
			mu.Lock()
			defer mu.Unlock()
			if taken[id] = append(taken[id], process); len(taken) == credentials*each {
				select {
				case <-all:
				default:
					close(all)
				}
			}
		}
	}
	for name, s := range map[string]store.Store{"a": a, "b": b} {
		work(t, s, store.WorkConfig{Workers: 2, Handlers: map[store.Kind]store.Handler{store.KindDrain: drain(s, by(name))}})
	}
	var g errgroup.Group
	for n := range credentials * each {
		g.Go(func() error {
			r := storetest.Request(int64(n))
			r.Interview.Credential = fmt.Sprint("credential-", n%credentials)
			_, err := []store.Store{a, b}[n%2].Accept(t.Context(), r)
			return err
		})
	}
	require.NoError(t, g.Wait())
	<-all
	mu.Lock()
	defer mu.Unlock()
	for id, by := range taken {
		require.Len(t, by, 1, id)
	}
}

func TestTwoProcessesStoreARequestOnce(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	storetest.Connect(t, a)
	for name, same := range map[string]func(r *store.Acceptance, round int){
		"request key": func(r *store.Acceptance, round int) { r.Interview.RequestKey = fmt.Sprint("same-", round) },
		"scope":       func(r *store.Acceptance, round int) { r.Interview.ScopeKey = fmt.Sprint("same-", round) },
	} {
		for round := range 10 {
			var g errgroup.Group
			outs := make([]store.Accepted, 12)
			for n := range outs {
				g.Go(func() (err error) {
					r := storetest.Request(int64(n))
					r.Interview.ID = fmt.Sprintf("%s-%d-%d", name, round, n)
					r.Interview.RequestKey, r.Interview.ScopeKey = r.Interview.ID, r.Interview.ID
					same(&r, round)
					outs[n], err = []store.Store{a, b}[n%2].Accept(t.Context(), r)
					return err
				})
			}
			require.NoError(t, g.Wait())
			stored := 0
			for _, out := range outs {
				require.Equal(t, outs[0].Interview.ID, out.Interview.ID, name)
				if !out.Repeated && !out.Blocked {
					stored++
				}
			}
			require.Equal(t, 1, stored, name)
		}
	}
}

// What has no row yet cannot be locked as one: of two who find nothing, one must wait.
func TestTwoProcessesDoNotBothFindNothing(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	storetest.Connect(t, a)
	both := []store.Store{a, b}
	const tries = 20

	t.Run("a budget is not overspent", func(t *testing.T) {
		t.Parallel()
		const most = 7
		spent := make([]int, tries)
		var g errgroup.Group
		for n := range spent {
			g.Go(func() error {
				return both[n%2].InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
					spent[n] = 0
					l, err := tx.Limit(ctx, "new")
					if err != nil || len(l.Sends) == most {
						return err
					}
					l.Sends = append(l.Sends, int64(n))
					spent[n] = 1
					return tx.SaveLimit(ctx, l)
				})
			})
		}
		require.NoError(t, g.Wait())
		in(t, a, func(ctx context.Context, tx store.Tx) error {
			l, err := tx.Limit(ctx, "new")
			require.Len(t, l.Sends, most)
			return err
		})
		total := 0
		for _, n := range spent {
			total += n
		}
		require.Equal(t, most, total)
	})
	t.Run("a secret is swapped once", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"new", "new", "old"} {
			old := []byte(nil)
			if name == "old" {
				old = []byte("old")
				in(t, a, func(ctx context.Context, tx store.Tx) error { return tx.SaveSecret(ctx, "c1", name, old) })
			} else {
				in(t, a, func(ctx context.Context, tx store.Tx) error { return tx.SaveSecret(ctx, "c1", name, nil) })
			}
			won := make([]bool, tries)
			var g errgroup.Group
			for n := range won {
				g.Go(func() error {
					return both[n%2].InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
						won[n] = false
						present, err := tx.Secret(ctx, "c1", name)
						if err != nil && !errors.Is(err, ats.ErrNotFound) {
							return err
						}
						if string(present) != string(old) {
							return nil
						}
						won[n] = true
						return tx.SaveSecret(ctx, "c1", name, []byte(fmt.Sprint("by ", n)))
					})
				})
			}
			require.NoError(t, g.Wait())
			require.Equal(t, 1, count(won), name)
		}
	})
	t.Run("a tenant gets one connection", func(t *testing.T) {
		t.Parallel()
		made := make([]bool, tries)
		tenant := ats.TenantRef{Adapter: "memory", Tenant: "new"}
		var g errgroup.Group
		for n := range made {
			g.Go(func() error {
				return both[n%2].InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
					made[n] = false
					_, err := tx.ConnectionByTenant(ctx, tenant)
					if !errors.Is(err, ats.ErrNotFound) {
						return err
					}
					made[n] = true
					return tx.SaveConnection(ctx, store.Connection{ID: fmt.Sprint("new-", n), Tenant: tenant})
				})
			})
		}
		require.NoError(t, g.Wait())
		require.Equal(t, 1, count(made))
	})
	t.Run("an attempt at a job link is claimed once", func(t *testing.T) {
		t.Parallel()
		claimed := make([]bool, tries)
		key := store.JobLinkKey{ConnectionID: "c1", JobID: "new"}
		var g errgroup.Group
		for n := range claimed {
			g.Go(func() error {
				return both[n%2].InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
					claimed[n] = false
					_, err := tx.JobLink(ctx, key)
					if !errors.Is(err, ats.ErrNotFound) {
						return err
					}
					claimed[n] = true
					return tx.SaveJobLink(ctx, store.JobLink{ConnectionID: "c1", JobID: "new", State: store.JobLinkCreating})
				})
			})
		}
		require.NoError(t, g.Wait())
		require.Equal(t, 1, count(claimed))
	})
	t.Run("an interview at Spark Hire is adopted once", func(t *testing.T) {
		t.Parallel()
		adopted := make([]bool, tries)
		for n := range adopted {
			_, err := a.Accept(t.Context(), storetest.Request(int64(n)))
			require.NoError(t, err)
		}
		var g errgroup.Group
		for n := range adopted {
			g.Go(func() error {
				return both[n%2].InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
					adopted[n] = false
					i, err := tx.Interview(ctx, storetest.Request(int64(n)).Interview.ID)
					if err != nil {
						return err
					}
					known, err := tx.KnownSparkHireIDs(ctx, []string{"sh-1"})
					if err != nil || known["sh-1"] {
						return err
					}
					adopted[n] = true
					i.SparkHire.InterviewID = "sh-1"
					return tx.SaveInterview(ctx, i)
				})
			})
		}
		require.NoError(t, g.Wait())
		require.Equal(t, 1, count(adopted))
	})
}

func count(some []bool) (n int) {
	for _, b := range some {
		if b {
			n++
		}
	}
	return n
}

func TestANudgeForWorkThatRunsElsewhereIsNotLost(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	running, proceed := make(chan string, 10), make(chan struct{})
	handlers := func(process string) map[store.Kind]store.Handler {
		return map[store.Kind]store.Handler{"a": func(context.Context, store.Job) error {
			running <- process
			<-proceed
			return nil
		}}
	}
	work(t, a, store.WorkConfig{Handlers: handlers("a")})
	nudge(t, a, store.Nudge{Kind: "a"})
	<-running
	nudge(t, b, store.Nudge{Kind: "a"}) // a process that does not work itself
	nudge(t, b, store.Nudge{Kind: "a"})
	proceed <- struct{}{}
	<-running
	close(proceed)
	nudge(t, b, store.Nudge{Kind: "a", ID: "end"})
	<-running
	require.Empty(t, running, "two missed nudges are one")
}

// The nudge comes between the look at the ledger and the commit that ends the job.
func TestANudgeBehindTheBackOfAFinishIsNotLost(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	ran := make(chan int, 10)
	looked, nudged := make(chan struct{}), make(chan struct{})
	runs := 0
	work(t, a, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			runs++
			first := runs == 1
			defer func() { ran <- j.Attempt }()
			return a.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				if err := tx.Finish(ctx, j); err != nil {
					return err
				}
				if first {
					close(looked)
					<-nudged
				}
				return nil
			})
		},
	}})
	nudge(t, a, store.Nudge{Kind: "a"})
	<-looked
	nudge(t, b, store.Nudge{Kind: "a"})
	close(nudged)
	<-ran
	require.Equal(t, 1, <-ran, "it is new work")
}

// A transaction that finishes a job locks the interview before the job; one that
// changes the interview and nudges locks it likewise. Were it the other way round,
// the server would have to break a deadlock each time.
func TestFinishingAndNudgingDoNotBlockEachOther(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	storetest.Connect(t, a)
	_, err := a.Accept(t.Context(), storetest.Request(1))
	require.NoError(t, err)
	id := storetest.Request(1).Interview.ID
	finished, locked, nudged := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var once sync.Once
	ended := make(chan struct{}, 10)
	tries := 0
	work(t, a, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"publish": func(ctx context.Context, j store.Job) error {
			defer func() { ended <- struct{}{} }()
			return a.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				tries++
				if err := tx.Finish(ctx, j); err != nil {
					return err
				}
				once.Do(func() { close(finished) })
				<-locked
				_, err := tx.Interview(ctx, id)
				return err
			})
		},
	}})
	nudge(t, a, store.Nudge{Kind: "publish", ID: id})
	<-finished
	go func() {
		nudged <- b.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
			i, err := tx.Interview(ctx, id)
			if err != nil {
				return err
			}
			select {
			case <-locked:
			default:
				close(locked)
			}
			i.Revision++
			if err := tx.SaveInterview(ctx, i); err != nil {
				return err
			}
			return tx.Nudge(ctx, store.Nudge{Kind: "publish", ID: id})
		})
	}()
	require.NoError(t, <-nudged)
	<-ended
	<-ended // for the nudge
	require.LessOrEqual(t, tries, 2, "a transaction was repeated to break a deadlock")
}

func TestDeadlocksAreRepeated(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	storetest.Connect(t, a)
	for n := range int64(2) {
		_, err := a.Accept(t.Context(), storetest.Request(n))
		require.NoError(t, err)
	}
	var g errgroup.Group
	var meet sync.WaitGroup
	meet.Add(2)
	for n, s := range []store.Store{a, b} {
		first := true
		g.Go(func() error {
			return s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
				for k := range int64(2) {
					i, err := tx.Interview(ctx, storetest.Request((k+int64(n))%2).Interview.ID)
					if err != nil {
						return err
					}
					i.Revision++
					if err := tx.SaveInterview(ctx, i); err != nil {
						return err
					}
					if k == 0 && first {
						first = false
						meet.Done()
						meet.Wait()
					}
				}
				return nil
			})
		})
	}
	require.NoError(t, g.Wait())
	for n := range int64(2) {
		i, err := a.GetInterview(t.Context(), storetest.Request(n).Interview.ID)
		require.NoError(t, err)
		require.EqualValues(t, 3, i.Revision)
	}
}

func TestNudgesCrossProcessesPromptly(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	ran := make(chan time.Time, 1)
	work(t, a, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			at := time.Now()
			defer func() { ran <- at }()
			return a.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
		},
	}})
	var took []time.Duration
	for n := range 41 {
		start := time.Now()
		nudge(t, b, store.Nudge{Kind: "a", ID: fmt.Sprint(n)})
		took = append(took, (<-ran).Sub(start))
	}
	slices.Sort(took)
	t.Logf("p50 %s, slowest %s", took[20], took[40])
	require.LessOrEqual(t, took[20], 50*time.Millisecond)
}

func TestLaterNudgesOfAHostComeOnTime(t *testing.T) {
	t.Parallel()
	url := prepared(t)
	a, b := open(t, url), open(t, url)
	ran := make(chan time.Time, 1)
	work(t, a, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		"a": func(context.Context, store.Job) error { ran <- time.Now(); return nil },
	}})
	for _, s := range []interface {
		store.Store
		storeDB
	}{a, b} {
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		due := time.Now().Add(500 * time.Millisecond)
		require.NoError(t, s.WithTx(tx).Nudge(t.Context(), store.Nudge{Kind: "a", At: due}))
		<-time.After(200 * time.Millisecond) // the host takes its time to commit
		require.NoError(t, tx.Commit())
		at := <-ran
		require.False(t, at.Before(due))
		require.Less(t, at.Sub(due), 2*time.Second, "the poll comes every ten seconds")
	}
}
