// Package group lets calls that arrive together share a transaction: one writer
// takes what waits and answers all of it after one commit.
package group

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Most is how many calls share a transaction.
const Most = 256

// answerWithin is how long a call that has been run may wait for the next run to begin.
const answerWithin = time.Millisecond

// Run does the work of several calls in one transaction. It calls take once, when
// it has begun and holds what it must wait for, to learn what there is to do. It
// returns one answer for each after the commit, or an error when nothing was
// committed.
type Run[In, Out any] func(ctx context.Context, take func() []In) ([]Out, error)

// Group collects calls. No timer holds up a call: one that arrives alone is run at
// once, those that arrive meanwhile are the next to run.
type Group[In, Out any] struct {
	run   Run[In, Out]
	calls chan *call[In, Out]
	done  chan struct{}
	last  func() // answers the calls of the last run, once

	mu     sync.RWMutex // held for reading while sending to calls
	closed bool
}

type call[In, Out any] struct {
	ctx    context.Context
	in     In
	answer chan answer[Out]
}

type answer[Out any] struct {
	out Out
	err error
}

// New returns a group in which at most size calls wait. Close ends it.
func New[In, Out any](size int, run Run[In, Out]) *Group[In, Out] {
	g := &Group[In, Out]{run: run, calls: make(chan *call[In, Out], size), done: make(chan struct{})}
	go g.loop()
	return g
}

// Do has one call run with others. It returns an error that matches
// [ats.ErrUnavailable] at once when too many wait or the group is closed. When ctx
// ends first, the call may have been run, but only if its transaction had begun.
func (g *Group[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	c := &call[In, Out]{ctx: ctx, in: in, answer: make(chan answer[Out], 1)}
	if err := g.send(c); err != nil {
		var none Out
		return none, err
	}
	select {
	case a := <-c.answer:
		return a.out, a.err
	case <-ctx.Done():
	}
	select { // an answer that is there is better than an error
	case a := <-c.answer:
		return a.out, a.err
	default:
		var none Out
		return none, ctx.Err()
	}
}

func (g *Group[In, Out]) send(c *call[In, Out]) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return fmt.Errorf("the store is closed: %w", ats.ErrUnavailable)
	}
	select {
	case g.calls <- c:
		return nil
	default:
		return fmt.Errorf("%d requests are waiting to be stored: %w", cap(g.calls), ats.ErrUnavailable)
	}
}

// Close runs what waits and ends the group.
func (g *Group[In, Out]) Close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.calls)
	}
	g.mu.Unlock()
	<-g.done
}

func (g *Group[In, Out]) loop() {
	defer close(g.done)
	for first := range g.calls {
		g.together(first)
	}
}

// together runs the first call and what else waits by the time the transaction
// has begun. When that fails for another reason than the database's, one of them
// is at fault: then each is run alone, so that only that one fails.
func (g *Group[In, Out]) together(first *call[In, Out]) {
	runtime.Gosched() // those who are about to call join the first
	batch := []*call[In, Out]{first}
	taken := false
	outs, err := g.run(context.Background(), func() []In {
		g.answerLast()
		if !taken {
			taken = true
			batch = g.fill(slices.DeleteFunc(batch, unwanted))
		}
		return ins(batch)
	})
	if err != nil && len(batch) > 1 && !errors.Is(err, ats.ErrUnavailable) {
		for _, c := range batch {
			g.alone(c)
		}
		return
	}
	g.settle(sync.OnceFunc(func() {
		for n, c := range batch {
			a := answer[Out]{err: err}
			if err == nil {
				a.out = outs[n]
			}
			c.answer <- a
		}
	}))
}

// settle answers a run's calls: at once when nobody waits, else while the next run waits
// for the database, which the many who are answered would keep it from reaching.
func (g *Group[In, Out]) settle(give func()) {
	g.answerLast()
	if len(g.calls) == 0 {
		give()
		return
	}
	g.last = give
	time.AfterFunc(answerWithin, give)
}

func (g *Group[In, Out]) answerLast() {
	if g.last != nil {
		g.last()
		g.last = nil
	}
}

func (g *Group[In, Out]) alone(c *call[In, Out]) {
	if unwanted(c) {
		return
	}
	outs, err := g.run(context.Background(), func() []In { return []In{c.in} })
	a := answer[Out]{err: err}
	if err == nil {
		a.out = outs[0]
	}
	c.answer <- a
}

// fill adds what waits, but for calls that nobody waits for any more.
func (g *Group[In, Out]) fill(batch []*call[In, Out]) []*call[In, Out] {
	for len(batch) < Most {
		select {
		case c, ok := <-g.calls:
			if !ok {
				return batch
			}
			if !unwanted(c) {
				batch = append(batch, c)
			}
		default:
			return batch
		}
	}
	return batch
}

// unwanted reports whether nobody waits for the call any more. Then it is not run:
// its caller may have told somebody that nothing happened.
func unwanted[In, Out any](c *call[In, Out]) bool {
	err := c.ctx.Err()
	if err != nil {
		c.answer <- answer[Out]{err: err}
	}
	return err != nil
}

func ins[In, Out any](batch []*call[In, Out]) []In {
	in := make([]In, len(batch))
	for n, c := range batch {
		in[n] = c.in
	}
	return in
}
