package queue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
)

// Config is what a queue needs of its store.
type Config[TTx any] struct {
	Driver riverdriver.Driver[TTx]
	// Join calls f with the transaction as the driver takes it. f must not use tx.
	Join func(ctx context.Context, tx *sql.Tx, f func(tx TTx) error) error
	// Miss is the statement that adds one to "missed" in the metadata of the job $1.
	Miss string
	// InTx runs f in a writing transaction of its own and calls [Tx.Committed].
	InTx func(ctx context.Context, f func(ctx context.Context, t *Tx[TTx]) error) error
	// NextAlarm returns when the next later nudge is due; zero for none. It sees
	// what was committed before it was called, and where the database can, waits
	// for transactions that are open.
	NextAlarm func(ctx context.Context) (time.Time, error)
	// RingAlarms turns at most most due later nudges into immediate ones and
	// returns how many there were.
	RingAlarms func(ctx context.Context, most int) (int, error)
	// Fetch makes River look for jobs. It is called when a pause ends and, without
	// Announce, after a commit with immediate nudges and within a foreign transaction
	// that has some.
	Fetch func()
	// Announce makes every process fetch when the transaction is committed, and
	// AnnounceLater makes those that work look at the alarms then. Nil where there is
	// one process, which Fetch and a timer tell.
	Announce      func(ctx context.Context, tx TTx) error
	AnnounceLater func(ctx context.Context, tx *sql.Tx) error
	// Recover is called once before work starts. May be nil.
	Recover func(ctx context.Context) error
	// Beat, called before work starts and every BeatEvery, says that the process
	// lives; Leave says that it ends. Nil where there is one process.
	Beat      func(ctx context.Context, process string) error
	BeatEvery time.Duration
	Leave     func(ctx context.Context, process string) error
	// Poll is how often jobs are looked for that nobody told about.
	Poll time.Duration
	// DatabaseTime leaves it to the database to say what time it is for River, so
	// that processes whose clocks differ agree.
	DatabaseTime bool
	Clock        func() time.Time
	Logger       *slog.Logger
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
}

// New returns a queue that can insert.
func New[TTx any](c Config[TTx]) (*Queue[TTx], error) {
	q := &Queue[TTx]{config: c}
	var err error
	if q.insert, err = river.NewClient[TTx](silent[TTx]{c.Driver}, q.baseConfig(c.Logger)); err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	q.alarms.init()
	q.runs.init()
	return q, nil
}

// silent keeps River from announcing what it inserts. It does so at most once in a
// while, whether or not that transaction is committed, and leaves the rest to polling.
type silent[TTx any] struct{ riverdriver.Driver[TTx] }

// SupportsListenNotify keeps River from announcing.
func (silent[TTx]) SupportsListenNotify() bool { return false }

func (q *Queue[TTx]) baseConfig(l *slog.Logger) *river.Config {
	c := &river.Config{
		ID:     uuid.NewString(), // River's default names the machine
		Logger: slog.New(warnings{l.Handler()}),
	}
	if !q.config.DatabaseTime {
		c.Test = river.TestConfig{Time: goTime{}}
	}
	return c
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
