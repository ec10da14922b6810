package atstest_test

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// breakage is one way to be wrong.
type breakage struct {
	// foundBy is the check that must fail: "Publish/the same report …".
	foundBy string
	apply   func(v *atstest.Vendor, env atstest.Env)
}

// wrong is the memory adapter with some methods replaced. Nil functions leave
// the method as it is.
type wrong struct {
	*memory.Adapter
	policy  func() ats.Policy
	publish func(ctx context.Context, c ats.Connection, r ats.Report) error
	handle  func(next http.Handler) http.Handler
	inbox   func(in ats.Inbox) ats.Inbox
	jobs    func(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error]
	read    func(c ats.Candidate, err error) (ats.Candidate, error)
	since   func(time.Time) time.Time
	mayView func(bool, error) (bool, error)
	actor   func(ats.User, error) (ats.User, error)
	check   func(error) error
	settle  func(in ats.Inbox, err error) error
	decode  func(error) error
	tailor  func(p ats.Policy, c ats.Connection) ats.Policy
	gate    func(error) error
	address func(text string, f ats.AuthorizationFlow) string
	allow   func(error) error
}

func (w *wrong) Policy() ats.Policy {
	if w.policy != nil {
		return w.policy()
	}
	return w.Adapter.Policy()
}

func (w *wrong) PolicyFor(c ats.Connection) ats.Policy {
	if w.tailor != nil {
		return w.tailor(w.Policy(), c)
	}
	return w.Policy()
}

func (w *wrong) Gate(c ats.Connection) error {
	err := w.Adapter.Gate(c)
	if w.gate != nil {
		err = w.gate(err)
	}
	return err
}

func (w *wrong) AuthorizationURL(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow) (string, error) {
	text, err := w.Adapter.AuthorizationURL(ctx, c, f)
	if w.address != nil {
		text = w.address(text, f)
	}
	return text, err
}

func (w *wrong) Authorize(ctx context.Context, c ats.Connection, f ats.AuthorizationFlow, code string) error {
	err := w.Adapter.Authorize(ctx, c, f, code)
	if w.allow != nil {
		err = w.allow(err)
	}
	return err
}

func (w *wrong) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	if w.publish != nil {
		return w.publish(ctx, c, r)
	}
	return w.Adapter.Publish(ctx, c, r)
}

func (w *wrong) Handler(in ats.Inbox) http.Handler {
	if w.inbox != nil {
		in = w.inbox(in)
	}
	h := w.Adapter.Handler(in)
	if w.handle != nil {
		h = w.handle(h)
	}
	return h
}

func (w *wrong) Jobs(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
	if w.jobs != nil {
		return w.jobs(ctx, c)
	}
	return w.Adapter.Jobs(ctx, c)
}

func (w *wrong) Candidate(ctx context.Context, c ats.Connection, ref ats.CandidateRef) (ats.Candidate, error) {
	got, err := w.Adapter.Candidate(ctx, c, ref)
	if w.read != nil {
		return w.read(got, err)
	}
	return got, err
}

func (w *wrong) Candidates(ctx context.Context, c ats.Connection, job ats.JobRef, since time.Time) iter.Seq2[ats.Candidate, error] {
	if w.since != nil {
		since = w.since(since)
	}
	return w.Adapter.Candidates(ctx, c, job, since)
}

func (w *wrong) MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	ok, err := w.Adapter.MayView(ctx, c, u, ref)
	if w.mayView != nil {
		return w.mayView(ok, err)
	}
	return ok, err
}

func (w *wrong) Actor(ctx context.Context, c ats.Connection, credential string) (ats.User, error) {
	u, err := w.Adapter.Actor(ctx, c, credential)
	if w.actor != nil {
		return w.actor(u, err)
	}
	return u, err
}

func (w *wrong) Check(ctx context.Context, c ats.Connection, r ats.Request) error {
	err := w.Adapter.Check(ctx, c, r)
	if w.check != nil {
		return w.check(err)
	}
	return err
}

func (w *wrong) Reconcile(ctx context.Context, in ats.Inbox) error {
	reached := in
	if w.inbox != nil {
		reached = w.inbox(in)
	}
	err := w.Adapter.Reconcile(ctx, reached)
	if w.settle != nil {
		return w.settle(in, err)
	}
	return err
}

func (w *wrong) CheckSettings(c ats.Connection) error {
	err := w.Adapter.CheckSettings(c)
	if w.decode != nil {
		return w.decode(err)
	}
	return err
}

// submitting replaces an inbox's Submit.
type submitting struct {
	ats.Inbox
	submit func(ctx context.Context, r ats.Request) (ats.Interview, error)
}

func (s submitting) Submit(ctx context.Context, r ats.Request) (ats.Interview, error) {
	return s.submit(ctx, r)
}

// with is a breakage by a wrong adapter.
func with(foundBy string, change func(w *wrong, env atstest.Env)) breakage {
	return breakage{foundBy, func(v *atstest.Vendor, env atstest.Env) {
		w := &wrong{Adapter: v.Adapter.(*memory.Adapter)}
		change(w, env)
		v.Adapter = w
	}}
}

// submits is a breakage of what reaches the inbox.
func submits(foundBy string, change func(r *ats.Request, env atstest.Env)) breakage {
	return with(foundBy, func(w *wrong, env atstest.Env) {
		w.inbox = func(in ats.Inbox) ats.Inbox {
			return submitting{in, func(ctx context.Context, r ats.Request) (ats.Interview, error) {
				change(&r, env)
				return in.Submit(ctx, r)
			}}
		}
	})
}

// handles is a breakage of the answers to calls.
func handles(foundBy string, f func(w http.ResponseWriter, r *http.Request, next http.Handler)) breakage {
	return with(foundBy, func(wr *wrong, _ atstest.Env) {
		wr.handle = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, next) })
		}
	})
}

// publishes is a breakage of Publish.
func publishes(foundBy string, f func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error) breakage {
	return with(foundBy, func(w *wrong, _ atstest.Env) {
		w.publish = func(ctx context.Context, c ats.Connection, r ats.Report) error { return f(ctx, w.Adapter, c, r) }
	})
}
