package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

// childArg makes the test binary the child of [TestAcceptedRequestsSurviveKill].
const childArg = "child-of-kill"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == childArg {
		if err := child(os.Args[2], os.Args[3], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child accepts requests and drains them until it is killed, and prints the key of
// each request when it was acknowledged.
func child(path, round string, out io.Writer) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	if err := s.InTx(ctx, storetest.SaveConnection); err != nil {
		return err
	}
	errs := make(chan error)
	go func() {
		errs <- s.Work(ctx, store.WorkConfig{Handlers: map[store.Kind]store.Handler{store.KindDrain: drain(s)}})
	}()
	var n atomic.Int64
	for range 16 {
		go func() {
			for {
				key := fmt.Sprintf("%s-%d", round, n.Add(1))
				a := storetest.Request(0)
				a.Interview.ID, a.Interview.RequestKey, a.Interview.ScopeKey = "interview-"+key, key, key
				if _, err := s.Accept(ctx, a); err != nil {
					errs <- err
					return
				}
				if _, err := fmt.Fprintln(out, key); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

// drain sends waiting interviews, a few at a time, as the engine does.
func drain(s store.Store) store.Handler {
	return func(ctx context.Context, j store.Job) error {
		for more := true; more; {
			err := s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				due, err := tx.Due(ctx, store.DueParams{Credential: j.ID, Now: time.Now().AddDate(10, 0, 0), Limit: 20})
				if err != nil {
					return err
				}
				if more = len(due) > 0; !more {
					return tx.Finish(ctx, j)
				}
				for _, i := range due {
					i.State = ats.StateSent
					i.Revision++
					if err := tx.SaveInterview(ctx, i); err != nil {
						return err
					}
					e := ats.Event{Key: fmt.Sprint("sent-", i.Revision), Kind: ats.EventSent}
					if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// Every request that a process acknowledged before it was killed is there, once,
// and its work is done by whoever comes next.
func TestAcceptedRequestsSurviveKill(t *testing.T) {
	t.Parallel()
	path := prepared(t)
	acknowledged := make(map[string]bool)
	for round := range 20 {
		keys := runAndKill(t, path, fmt.Sprint("round-", round))
		s, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		for _, key := range keys {
			require.False(t, acknowledged[key])
			acknowledged[key] = true
			_, err := s.InterviewByKey(t.Context(), "c1", key)
			require.NoError(t, err, "%s was acknowledged and is lost", key)
		}
		require.NoError(t, s.Close())
	}

	s := open(t, path)
	var verdict string
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
	require.Equal(t, "ok", verdict)
	finished := make(chan struct{}, 1000)
	stop := work(t, s, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		store.KindDrain: func(ctx context.Context, j store.Job) error {
			defer func() { finished <- struct{}{} }()
			return drain(s)(ctx, j)
		},
	}})
	if waiting, err := s.Waiting(t.Context(), "credential-1", 1); err != nil || waiting > 0 {
		require.NoError(t, err)
		<-finished // the nudge that the dead left
	}
	stop()
	for key := range acknowledged {
		i, err := s.InterviewByKey(t.Context(), "c1", key)
		require.NoError(t, err)
		require.Equal(t, ats.StateSent, i.State, "%s was forgotten", key)
		events, err := s.Events(t.Context(), i.ID)
		require.NoError(t, err)
		require.Len(t, events, 2, "asked for once, sent once")
	}
	t.Logf("%d requests were acknowledged", len(acknowledged))
}

// runAndKill runs a child, kills it at a random moment and returns what it
// acknowledged.
func runAndKill(t *testing.T, path, round string) (keys []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], childArg, path, round)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	enough := 1 + rand.IntN(50)
	for lines.Scan() {
		keys = append(keys, lines.Text())
		if len(keys) == enough {
			<-time.After(time.Duration(rand.IntN(2000)) * time.Microsecond)
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait(), "it was killed")
	require.GreaterOrEqual(t, len(keys), enough, "the child ended by itself: %s", &complaints)
	return keys
}
