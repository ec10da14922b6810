package bridge

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Requested is what became of a request: see [Bridge.RequestAll].
type Requested struct {
	Interview store.Interview
	Err       error
}

// Request is [Bridge.Submit] for callers who make their keys themselves: a key that
// came before with another request is refused with [ats.CodeIdempotencyMismatch].
// Where the ATS decides who may see a candidate, RequestedBy must be allowed to.
func (b *Bridge) Request(ctx context.Context, r ats.Request) (store.Interview, error) {
	p := b.prepareRequest(ctx, r, b.readyLink)
	if p.settled {
		return p.done.Interview, p.done.Err
	}
	accepted, err := b.store.Accept(ctx, p.acceptance)
	d := b.requested(ctx, r, accepted, err)
	return d.Interview, d.Err
}

// RequestAll does what [Bridge.Request] does for each request, in their order and
// in one transaction, and returns one answer for each. What is answered without an
// error is durable. A few hundred at once is a good number.
func (b *Bridge) RequestAll(ctx context.Context, rs []ats.Request) []Requested {
	ps := b.prepareAll(ctx, rs)
	open := make([]store.Acceptance, 0, len(ps))
	for _, p := range ps {
		if !p.settled {
			open = append(open, p.acceptance)
		}
	}
	var accepted []store.Accepted // of the open ones
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		accepted, err = tx.AcceptAll(ctx, open)
		return err
	})
	// Unless it is the database's, one of them is at fault, and only that one is to
	// fail.
	alone := err != nil && len(rs) > 1 && ctx.Err() == nil && !errors.Is(err, ats.ErrUnavailable)
	out := make([]Requested, len(rs))
	for n, p := range ps {
		switch {
		case p.settled:
			out[n] = p.done
		case alone:
			done, err := b.store.Accept(ctx, p.acceptance)
			out[n] = b.requested(ctx, rs[n], done, err)
		case err != nil:
			out[n] = b.requested(ctx, rs[n], store.Accepted{}, err)
		default:
			out[n] = b.requested(ctx, rs[n], accepted[0], nil)
			accepted = accepted[1:]
		}
	}
	return out
}

// prepared is a request that is ready to be stored, or settled without that.
type prepared struct {
	acceptance store.Acceptance
	settled    bool
	done       Requested
}

// prepareAll prepares the requests, several at once: it waits for the ATS where that is
// asked about each, and computes otherwise.
func (b *Bridge) prepareAll(ctx context.Context, rs []ats.Request) []prepared {
	ps := make([]prepared, len(rs))
	link := onceEach(b.readyLink)
	var computing, asking errgroup.Group
	computing.SetLimit(runtime.GOMAXPROCS(0))
	asking.SetLimit(8)
	const share = 64
	for first := 0; first < len(rs); first += share {
		computing.Go(func() error {
			for n := first; n < min(first+share, len(rs)); n++ {
				if !b.asksATS(rs[n]) {
					ps[n] = b.prepareRequest(ctx, rs[n], link)
				}
			}
			return nil
		})
	}
	for n, r := range rs {
		if b.asksATS(r) {
			asking.Go(func() error {
				ps[n] = b.prepareRequest(ctx, r, link)
				return nil
			})
		}
	}
	_, _ = computing.Wait(), asking.Wait() // nothing returns an error
	return ps
}

func (b *Bridge) asksATS(r ats.Request) bool {
	a := b.adapters[r.Tenant.Adapter]
	_, checks := a.(ats.RequestChecker)
	_, restricts := a.(ats.AccessChecker)
	return checks || (restricts && !r.RequestedBy.IsZero())
}

func (b *Bridge) prepareRequest(ctx context.Context, r ats.Request, link linkReader) prepared {
	fail := func(err error) prepared { return prepared{settled: true, done: Requested{Err: err}} }
	a, first, err := b.prepare(ctx, r, link)
	if err != nil {
		return fail(b.namedFor(ctx, r.Tenant, err))
	}
	if err := b.mayRequest(ctx, r); err != nil {
		return fail(b.namedFor(ctx, r.Tenant, err))
	}
	if first == nil {
		return prepared{acceptance: a}
	}
	row, err := b.store.GetInterview(ctx, first.ID)
	if err != nil {
		return fail(fmt.Errorf("request: %w", err))
	}
	return prepared{settled: true, done: b.requested(ctx, r, store.Accepted{Interview: row, Repeated: true}, nil)}
}

// mayRequest refuses a person who may not see the candidate.
func (b *Bridge) mayRequest(ctx context.Context, r ats.Request) error {
	c, err := b.tenant(ctx, r.Tenant)
	if err != nil {
		return err
	}
	return b.CheckView(ctx, c.seen, r.RequestedBy, ats.CandidateRef{ID: r.Candidate.ID, JobID: r.Job.ID})
}

// requested turns the store's answer into the caller's.
func (b *Bridge) requested(ctx context.Context, r ats.Request, done store.Accepted, err error) Requested {
	if _, err := b.accepted(done, err); err != nil {
		return Requested{Err: b.namedFor(ctx, r.Tenant, err)}
	}
	i := done.Interview
	if done.Repeated && i.RequestDigest != "" && i.RequestDigest != digestOf(r) {
		return Requested{Err: b.namedFor(ctx, r.Tenant, ats.Refuse(ats.CodeIdempotencyMismatch, "",
			"This key was used before, for another request. Use a new key, or repeat the first request as it was."))}
	}
	i.Repeated = done.Repeated
	return Requested{Interview: i}
}
