package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func stoppingTests() []test {
	return []test{
		{"work waits for running handlers and starts no more", stopWaits},
		{"handlers that take too long have their contexts ended", stopEndsContexts},
		{"a handler that does not return is left behind", stopLeavesBehind},
		{"work can be called once", stopOnce},
		{"work that is to end before it starts returns nil", stopBefore},
	}
}

func stopWaits(t *testing.T, s store.Store) {
	running, proceed := make(chan context.Context, 10), make(chan struct{})
	var done []string
	handlers := map[store.Kind]store.Handler{
		"a": func(ctx context.Context, j store.Job) error {
			running <- ctx
			<-proceed
			done = append(done, j.ID)
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.Work(ctx, store.WorkConfig{Workers: 1, Handlers: handlers, Started: func() { close(started) }})
	}()
	<-started
	nudge(t, s, store.Nudge{Kind: "a", ID: "1"})
	inside := <-running
	cancel()
	nudge(t, s, store.Nudge{Kind: "a", ID: "2"}) // the store itself still works
	require.NoError(t, inside.Err(), "the context of a running handler lives on")
	select {
	case err := <-ended:
		t.Fatal("Work did not wait", err)
	default:
	}
	close(proceed)
	require.NoError(t, <-ended)
	require.Equal(t, []string{"1"}, done)
}

func stopEndsContexts(t *testing.T, s store.Store) {
	running, seen := make(chan struct{}), make(chan error, 1)
	stop := work(t, s, store.WorkConfig{StopTimeout: 50 * time.Millisecond, Handlers: map[store.Kind]store.Handler{
		"a": func(ctx context.Context, _ store.Job) error {
			close(running)
			<-ctx.Done()
			seen <- ctx.Err()
			return ctx.Err()
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	<-running
	stop()
	require.ErrorIs(t, <-seen, context.Canceled)
}

func stopLeavesBehind(t *testing.T, s store.Store) {
	running, proceed, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	stop := work(t, s, store.WorkConfig{StopTimeout: 10 * time.Millisecond, Handlers: map[store.Kind]store.Handler{
		"a": func(context.Context, store.Job) error {
			close(running)
			<-proceed // deaf to its context
			close(left)
			return errors.New("stopped")
		},
	}})
	nudge(t, s, store.Nudge{Kind: "a"})
	<-running
	stop()
	close(proceed)
	<-left
}

func stopOnce(t *testing.T, s store.Store) {
	stop := work(t, s, store.WorkConfig{})
	require.Error(t, s.Work(t.Context(), store.WorkConfig{}))
	stop()
	require.Error(t, s.Work(t.Context(), store.WorkConfig{}))
}

func stopBefore(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, s.Work(ctx, store.WorkConfig{}))
}
