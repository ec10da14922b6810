package bridge_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// A process that cannot reach the database for a while is taken for dead, and another one
// goes on with its attempt. What the first one writes when it is back is about the first
// attempt, although the second has the same number.
func TestAProcessThatComesBackDoesNotUndoAnothersAttempt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		drain, cut := w.drainByHand()
		refused := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Do: sparkhiretest.TooManyRequests(1)})
		i := w.submit("Mira")
		var processes sync.WaitGroup
		processes.Go(func() { drain(context.WithValue(w.Context(), cutOff{}, cut), i.ID) })
		require.NoError(w, refused.Wait(w.Context(), 1))
		w.pass(46 * time.Second) // the first process knows the answer and cannot write it down

		drain(w.Context(), i.ID) // it is not there
		held := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), When: sparkhiretest.AfterEffect, Do: sparkhiretest.Hold()})
		processes.Go(func() { drain(w.Context(), i.ID) })
		require.NoError(w, held.Wait(w.Context(), 1))
		close(cut)
		w.pass(time.Second)
		held.Release()
		processes.Wait()
		w.requireState(i.ID, ats.StateSent)
		w.pass(10 * time.Second)
		drain(w.Context(), i.ID)
		require.Equal(w, 1, w.invitations(i))
	})
}

// A process that was held up between recording an attempt and making it knows that nobody
// was invited, so that nobody has to find that out.
func TestAnAttemptThatWasNotMadeIsNoDoubt(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		drain, wakes := w.drainByHand()
		i := w.submit("Mira")
		var process sync.WaitGroup
		process.Go(func() { drain(context.WithValue(w.Context(), heldUp{}, wakes), i.ID) })
		w.pass(40 * time.Second)
		w.requireState(i.ID, ats.StateSending)
		close(wakes)
		process.Wait()
		require.Zero(w, w.invitations(i), "it is too late for that attempt")
		w.requireState(i.ID, ats.StateRequested)
		drain(w.Context(), i.ID)
		w.requireState(i.ID, ats.StateSent)
		require.Equal(w, 1, w.invitations(i))
	})
}

// heldUp is a channel until the end of which a process stands still after what it has
// written.
type heldUp struct{}

// cutOff is a channel until the end of which a process that has called Spark Hire cannot
// reach the database.
type cutOff struct{}

// drainByHand replaces the engine by one whose queue does nothing by itself, and returns
// what one process of several does when it drains the key of an interview.
func (w *world) drainByHand() (drain func(ctx context.Context, interviewID string), cut chan struct{}) {
	w.Helper()
	w.stop()
	seized := &seizedStore{handlers: make(chan map[store.Kind]store.Handler, 1)}
	w.change = func(c *bridge.Config) { seized.Store, c.Store = c.Store, seized }
	w.open()
	w.start()
	handle := (<-seized.handlers)[store.KindDrain]
	return func(ctx context.Context, interviewID string) {
		i, err := w.engine.StoredInterview(ctx, interviewID)
		if err == nil {
			err = handle(ctx, store.Job{Kind: store.KindDrain, ID: i.Credential, Attempt: 1})
		}
		if err != nil {
			w.Errorf("drain: %v", err)
		}
	}, make(chan struct{})
}

// seizedStore hands its handlers out instead of running them.
type seizedStore struct {
	store.Store
	handlers chan map[store.Kind]store.Handler
}

func (s *seizedStore) Work(ctx context.Context, c store.WorkConfig) error {
	s.handlers <- c.Handlers
	<-ctx.Done()
	return nil
}

func (s *seizedStore) InTx(ctx context.Context, f func(ctx context.Context, tx store.Tx) error) error {
	// What is written after the call is written whatever the handler's context says.
	if cut, ok := ctx.Value(cutOff{}).(chan struct{}); ok && ctx.Done() == nil {
		<-cut
	}
	err := s.Store.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return f(ctx, noJob{tx}) })
	if wakes, ok := ctx.Value(heldUp{}).(chan struct{}); ok {
		<-wakes
	}
	return err
}

// noJob is a transaction of a handler that no job has called.
type noJob struct{ store.Tx }

func (noJob) Finish(context.Context, store.Job) error   { return nil }
func (noJob) Complete(context.Context, store.Job) error { return nil }
