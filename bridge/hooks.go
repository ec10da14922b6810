package bridge

import (
	"context"
	"database/sql"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Hooks are told what the engine does, for metrics and traces. Each may be nil.
// They are called from many goroutines, must return quickly, and get neither
// personal data nor secrets.
type Hooks struct {
	// Happened is told each new line of an interview's timeline after it has been
	// committed, at most once: a process that is killed in between tells nobody, and each
	// tells only of its own work. A backend that must act on what happens has an
	// adapter: [ats.Adapter] Publish is repeated until it succeeds. What
	// [Bridge.SubmitTx] writes is not told: only the caller knows what becomes of that
	// transaction.
	Happened func(ctx context.Context, h Happening)
	// Begin is told that a unit of work begins. The work runs under the context
	// that it returns, and the function is called with the outcome; both must not
	// be nil.
	Begin func(ctx context.Context, w Work) (context.Context, func(err error))
}

// Happening is a line of a timeline, or a report that became a dead letter.
type Happening struct {
	InterviewID string
	// Adapter is empty when the transaction did not read the interview.
	Adapter string
	Kind    ats.EventKind
	// Dead says that reporting was given up; Kind is then publish_failed.
	Dead bool
}

// Work is a unit of work.
type Work struct {
	// Kind is invite, or a kind of job: drain, observe, publish, cancel, sweep,
	// register, follow, reconcile or retain.
	Kind string
	// InterviewID is empty for work that is not about one interview.
	InterviewID string
}

// during runs one unit of work under the hooks.
func (h Hooks) during(ctx context.Context, w Work, do func(context.Context) error) error {
	if h.Begin == nil {
		return do(ctx)
	}
	ctx, end := h.Begin(ctx, w)
	err := do(ctx)
	end(err)
	return err
}

// around returns the handlers under the hooks.
func (h Hooks) around(handlers map[store.Kind]store.Handler) map[store.Kind]store.Handler {
	if h.Begin == nil {
		return handlers
	}
	watched := make(map[store.Kind]store.Handler, len(handlers))
	for kind, handle := range handlers {
		watched[kind] = func(ctx context.Context, j store.Job) error {
			w := Work{Kind: string(kind)}
			if kind == kindObserve || kind == kindPublish || kind == kindCancel {
				w.InterviewID = j.ID
			}
			return h.during(ctx, w, func(ctx context.Context) error { return handle(ctx, j) })
		}
	}
	return watched
}

// over returns the store under the hooks.
func (h Hooks) over(s store.Store) store.Store {
	if h.Happened == nil || s == nil {
		return s
	}
	return watchedStore{s, h}
}

// watchedStore tells what was committed.
type watchedStore struct {
	store.Store
	hooks Hooks
}

// InTx implements [store.Store].
func (s watchedStore) InTx(ctx context.Context, f func(ctx context.Context, tx store.Tx) error) error {
	var w *watchedTx
	err := s.Store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		w = &watchedTx{Tx: tx, adapters: map[string]string{}} // f may run again
		return f(ctx, w)
	})
	if err == nil && w != nil {
		for _, h := range w.happened {
			h.Adapter = w.adapters[h.InterviewID]
			s.hooks.Happened(ctx, h)
		}
	}
	return err
}

// WithTx implements [store.Store].
func (s watchedStore) WithTx(tx *sql.Tx) store.Tx { return s.Store.WithTx(tx) }

// Accept implements [store.Store].
func (s watchedStore) Accept(ctx context.Context, a store.Acceptance) (store.Accepted, error) {
	done, err := s.Store.Accept(ctx, a)
	if err == nil && !done.Repeated && !done.Blocked {
		s.hooks.Happened(ctx, Happening{InterviewID: done.Interview.ID, Adapter: done.Interview.Tenant.Adapter, Kind: a.Event.Kind})
	}
	return done, err
}

// watchedTx collects what will be told after the commit.
type watchedTx struct {
	store.Tx
	adapters map[string]string // by interview
	happened []Happening
}

// Accept implements [store.Tx].
func (w *watchedTx) Accept(ctx context.Context, a store.Acceptance) (store.Accepted, error) {
	done, err := w.Tx.Accept(ctx, a)
	if err == nil {
		w.accepted(a, done)
	}
	return done, err
}

// AcceptAll implements [store.Tx].
func (w *watchedTx) AcceptAll(ctx context.Context, as []store.Acceptance) ([]store.Accepted, error) {
	done, err := w.Tx.AcceptAll(ctx, as)
	if err == nil {
		for n, a := range as {
			w.accepted(a, done[n])
		}
	}
	return done, err
}

func (w *watchedTx) accepted(a store.Acceptance, done store.Accepted) {
	if !done.Repeated && !done.Blocked {
		w.adapters[done.Interview.ID] = done.Interview.Tenant.Adapter
		w.happened = append(w.happened, Happening{InterviewID: done.Interview.ID, Kind: a.Event.Kind})
	}
}

// Interview implements [store.Tx].
func (w *watchedTx) Interview(ctx context.Context, id string) (store.Interview, error) {
	i, err := w.Tx.Interview(ctx, id)
	w.adapters[id] = i.Tenant.Adapter
	return i, err
}

// SaveInterview implements [store.Tx].
func (w *watchedTx) SaveInterview(ctx context.Context, i store.Interview) error {
	w.adapters[i.ID] = i.Tenant.Adapter
	return w.Tx.SaveInterview(ctx, i)
}

// AppendEvent implements [store.Tx].
func (w *watchedTx) AppendEvent(ctx context.Context, interviewID string, e ats.Event) (bool, error) {
	added, err := w.Tx.AppendEvent(ctx, interviewID, e)
	if added && err == nil {
		w.happened = append(w.happened, Happening{InterviewID: interviewID, Kind: e.Kind})
	}
	return added, err
}

// SaveDelivery implements [store.Tx].
func (w *watchedTx) SaveDelivery(ctx context.Context, d store.Delivery) error {
	err := w.Tx.SaveDelivery(ctx, d)
	if err == nil && d.State == store.DeliveryDead {
		w.happened = append(w.happened, Happening{InterviewID: d.InterviewID, Kind: ats.EventPublishFailed, Dead: true})
	}
	return err
}

// invite carries out what was claimed, under the hooks.
func (b *Bridge) invite(ctx context.Context, key ats.Secret, c claimed) error {
	return b.config.Hooks.during(ctx, Work{Kind: "invite", InterviewID: c.i.ID}, func(ctx context.Context) error { return b.carryOut(ctx, key, c) })
}
