package queue

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Config is what a queue needs of its store.
type Config[TTx any] struct {
	Driver riverdriver.Driver[TTx]
	// InTx runs f in a writing transaction of its own and calls [Tx.Committed].
	InTx func(ctx context.Context, f func(ctx context.Context, t *Tx[TTx]) error) error
	// NextAlarm returns when the next later nudge is due; zero for none. It sees
	// what was committed before it was called, and where the database can, waits
	// for transactions that are open.
	NextAlarm func(ctx context.Context) (time.Time, error)
	// RingAlarms turns at most most due later nudges into immediate ones and
	// returns how many there were.
	RingAlarms func(ctx context.Context, most int) (int, error)
	// Fetch makes River look for jobs. It is called after a commit with immediate
	// nudges, and within a foreign transaction that has some. May be nil.
	Fetch func()
	// Recover is called once before work starts. May be nil.
	Recover func(ctx context.Context) error
	Clock   func() time.Time
	Logger  *slog.Logger
}

// Queue inserts and runs nudges.
type Queue[TTx any] struct {
	config Config[TTx]
	insert *river.Client[TTx]

	working atomic.Bool // since Work was called
	failing atomic.Pointer[error]
	stopped atomic.Pointer[<-chan struct{}]
	alarms  alarms
	runs    runs

	mu sync.Mutex
	// missed has the running jobs that stood in the way of an equal nudge.
	missed map[int64]bool
}

// New returns a queue that can insert.
func New[TTx any](c Config[TTx]) (*Queue[TTx], error) {
	client, err := river.NewClient(c.Driver, baseConfig(c.Logger))
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	q := &Queue[TTx]{config: c, insert: client, missed: make(map[int64]bool)}
	q.alarms.init()
	q.runs.init()
	return q, nil
}

func baseConfig(l *slog.Logger) *river.Config {
	return &river.Config{
		ID:     uuid.NewString(), // River's default names the machine
		Logger: slog.New(warnings{l.Handler()}),
		Test:   river.TestConfig{Time: goTime{}},
	}
}

// goTime makes River send the time with its SQL instead of asking the database
// for it.
type goTime struct{}

func (goTime) Now() time.Time { return time.Now() }

func (goTime) NowOrNil() *time.Time {
	now := time.Now()
	return &now
}

// warnings leaves out what River says about ordinary work.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

func (w warnings) WithAttrs(as []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(as)} }

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// Tx is the queue inside one transaction. It implements the ledger's Jobs.
type Tx[TTx any] struct {
	q  *Queue[TTx]
	tx TTx
	// foreign is set when nobody tells us about the commit.
	foreign  bool
	nudges   []store.Nudge // to be inserted by Flush
	inserted bool
	later    time.Time
	finished []*run
}

// In returns the queue inside a transaction of the store. Call [Tx.Flush] before
// the commit and [Tx.Committed] after it.
func (q *Queue[TTx]) In(tx TTx) *Tx[TTx] { return &Tx[TTx]{q: q, tx: tx} }

// InForeign returns the queue inside a transaction that somebody else commits.
func (q *Queue[TTx]) InForeign(tx TTx) *Tx[TTx] { return &Tx[TTx]{q: q, tx: tx, foreign: true} }

// Nudge asks for immediate work.
func (t *Tx[TTx]) Nudge(ctx context.Context, ns ...store.Nudge) error {
	for _, n := range ns {
		n.At = time.Time{}
		if !slices.Contains(t.nudges, n) {
			t.nudges = append(t.nudges, n)
		}
	}
	if !t.foreign {
		return nil
	}
	defer t.Committed()
	return t.Flush(ctx)
}

// Flush inserts the nudges, each once, with one statement. It comes after Finish,
// so that a handler may nudge its own work.
func (t *Tx[TTx]) Flush(ctx context.Context) error {
	if len(t.nudges) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(t.nudges))
	for i, n := range t.nudges {
		params[i].Args = nudge{Work: n.Kind, ID: n.ID}
	}
	results, err := t.q.insert.InsertManyTx(ctx, t.tx, params)
	if err != nil {
		return fmt.Errorf("insert nudges: %w", err)
	}
	for _, r := range results {
		if r.UniqueSkippedAsDuplicate && r.Job.State == rivertype.JobStateRunning {
			t.q.miss(r.Job.ID)
		}
	}
	t.nudges = nil
	t.inserted = true
	return nil
}

// Later tells that the transaction has written an alarm.
func (t *Tx[TTx]) Later(n store.Nudge) {
	if t.later.IsZero() || n.At.Before(t.later) {
		t.later = n.At
	}
	if t.foreign {
		t.Committed()
	}
}

// Finish completes a running job.
func (t *Tx[TTx]) Finish(ctx context.Context, j store.Job) error {
	r, ok := j.Ref.(*run)
	if !ok {
		return fmt.Errorf("job %s was not given to a handler", j.Kind)
	}
	if _, err := river.JobCompleteTx[riverdriver.Driver[TTx]](withValues(ctx, r.ctx), t.tx, r.job); err != nil {
		return err
	}
	if !t.foreign {
		t.finished = append(t.finished, r)
	}
	return nil
}

// Committed makes known what the transaction did.
func (t *Tx[TTx]) Committed() {
	for _, r := range t.finished {
		r.finished.Store(true)
	}
	if t.inserted && t.q.config.Fetch != nil {
		t.q.config.Fetch()
	}
	if !t.later.IsZero() {
		t.q.alarms.wake(t.later)
	}
}

func (q *Queue[TTx]) miss(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.missed[id] = true
}

func (q *Queue[TTx]) takeMissed(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	missed := q.missed[id]
	delete(q.missed, id)
	return missed
}

// valuesFrom is a context with the values of another one as well.
type valuesFrom struct {
	context.Context
	values context.Context
}

func withValues(ctx, values context.Context) context.Context { return valuesFrom{ctx, values} }

func (c valuesFrom) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.values.Value(key)
}
