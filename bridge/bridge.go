package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Bridge is the engine. It is safe for concurrent use.
type Bridge struct {
	config   Config
	store    store.Store
	keys     *keyring.Ring
	adapters map[string]ats.Adapter
	log      *slog.Logger
	conns    connectionCache
	lists    listCache
	links    linkCache
	http     *http.Client
	wanting  lately
	looking  lately
	sweeps   sweepPoints
	meet     meetClients
	sharing  singleflight.Group
	running  atomic.Bool
}

// New returns a Bridge. It validates the whole configuration, returns every
// problem as a [*ConfigError] in one joined error, and calls nobody.
func New(config Config) (*Bridge, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	b := &Bridge{
		wanting:  lately{memory: 2 * time.Second},
		looking:  lately{memory: time.Minute},
		config:   config,
		store:    config.Hooks.over(config.Store),
		keys:     config.Keys,
		adapters: make(map[string]ats.Adapter, len(config.Adapters)),
		log:      config.Logger,
		http:     newHTTPClient(config.SparkHire.HTTPClient, config.SparkHire.RequestTimeout),
	}
	for _, a := range config.Adapters {
		b.adapters[a.Name()] = a
	}
	return b, nil
}

// The kinds of work.
const (
	kindDrain                = store.KindDrain // id: a credential
	kindObserve   store.Kind = "observe"       // id: an interview
	kindPublish   store.Kind = "publish"       // id: an interview
	kindCancel    store.Kind = "cancel"        // id: an interview
	kindSweep     store.Kind = "sweep"         // id: a connection
	kindRegister  store.Kind = "register"      // id: a connection
	kindReconcile store.Kind = "reconcile"     // id: an adapter
	kindRetain    store.Kind = "retain"        // id: "all"
	kindFollow    store.Kind = "follow"        // id: see followID
	kindConfirm   store.Kind = "confirm"       // id: an interview
	kindForget    store.Kind = "forget"        // id: a connection
)

// Run does the engine's work until ctx ends: it invites, observes, publishes and
// sweeps. Then it starts nothing new, lets running work finish for at most
// Config.StopTimeout, and returns nil. What was not finished is taken up again
// by the next Run. Requests may be accepted before, during and after Run. A key
// ring that does not open what is in the store is an error, at once.
func (b *Bridge) Run(ctx context.Context) error {
	if !b.running.CompareAndSwap(false, true) {
		return errors.New("bridge: Run was called twice")
	}
	defer b.running.Store(false)
	if err := b.seed(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("bridge: start work: %w", err)
	}
	return b.store.Work(ctx, store.WorkConfig{
		Handlers: b.config.Hooks.around(map[store.Kind]store.Handler{
			kindDrain:     b.drain,
			kindObserve:   b.observe,
			kindPublish:   b.publish,
			kindCancel:    b.cancel,
			kindSweep:     b.sweep,
			kindRegister:  b.register,
			kindReconcile: b.reconcile,
			kindRetain:    b.retain,
			kindFollow:    b.follow,
			kindConfirm:   b.confirm,
			kindForget:    b.forget,
		}),
		Workers:     b.config.Workers,
		JobTimeout:  b.jobTimeout(),
		StopTimeout: b.config.StopTimeout,
		Logger:      b.log,
	})
}

// jobTimeout leaves a unit of work room for a few calls that time out.
func (b *Bridge) jobTimeout() time.Duration {
	return 4*b.config.SparkHire.RequestTimeout + 30*time.Second
}

// seed asks for the periodic work. Each kind then asks for its own next time;
// since those fall on fixed moments, seeding again makes no second series.
func (b *Bridge) seed(ctx context.Context) error {
	conns, err := b.allConnections(ctx, "")
	if err != nil {
		return err
	}
	if err := b.checkKeys(conns); err != nil {
		return err
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		var errs []error
		for _, c := range conns {
			errs = append(errs, tx.Nudge(ctx, store.Nudge{Kind: kindSweep, ID: c.ID}))
		}
		for name, a := range b.adapters {
			if _, ok := a.(ats.Reconciler); ok {
				errs = append(errs, tx.Nudge(ctx, store.Nudge{Kind: kindReconcile, ID: name}))
			}
		}
		errs = append(errs, tx.Nudge(ctx, store.Nudge{Kind: kindRetain, ID: "all"}))
		return errors.Join(errs...)
	})
}

// nextSlot returns the next of the fixed moments at which work with an interval
// is done.
func nextSlot(now time.Time, interval time.Duration) time.Time {
	return now.Truncate(interval).Add(interval)
}

// Ready returns nil when the database can be read and, while Run runs, the queue
// works. It tries no writing: on a full disk it fails as soon as the queue does.
func (b *Bridge) Ready(ctx context.Context) error { return b.store.Ping(ctx) }

func (b *Bridge) now() time.Time { return store.Time(b.config.Clock()) }

// newID returns a UUID that sorts by time of creation.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// adapter returns the adapter of a tenant, or an error that matches
// [ats.ErrUnsupported].
func (b *Bridge) adapter(name string) (ats.Adapter, error) {
	a, ok := b.adapters[name]
	if !ok {
		return nil, fmt.Errorf("adapter %q is not configured: %w", name, ats.ErrUnsupported)
	}
	return a, nil
}
