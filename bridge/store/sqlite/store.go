package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/group"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/queue"
)

// Store is a [store.Store] in one SQLite file. It is safe for concurrent use.
type Store struct {
	store.Reader

	writer  *sql.DB
	reader  *sql.DB
	queue   *queue.Queue[*sql.Tx]
	accept  *group.Group[store.Acceptance, store.Accepted]
	clock   func() time.Time
	logger  *slog.Logger
	closers []func() error

	// unerased is set while the write-ahead log may hold erased data.
	unerased atomic.Bool
}

var _ store.Store = (*Store)(nil)

// New returns a store over handles that the caller owns and closes after the
// store, for a host that keeps its own tables in the same file. It creates the
// store's tables as needed; their names begin with sparkbridge_ and river_.
//
// Only this process may use the file, and a host that uses River itself must do so
// in another one. writer must be limited to one connection, begin immediate
// transactions and have foreign keys on; write-ahead log and full synchronization
// are strongly advised. reader may be the same handle as writer if nobody reads
// inside a transaction; the engine's SubmitTx does, and would wait for itself.
// Statements are parsed each time, unless the host's driver knows better.
func New(ctx context.Context, writer, reader *sql.DB, opts ...Option) (*Store, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	return newStore(ctx, writer, reader, o)
}

func newStore(ctx context.Context, writer, reader *sql.DB, o options) (*Store, error) {
	if err := migrate(ctx, writer, o.logger); err != nil {
		return nil, fmt.Errorf("open store: %w", dialect.Fail("prepare the database", err))
	}
	s := &Store{Reader: ledger.New(reader, dialect), writer: writer, reader: reader, clock: o.clock, logger: o.logger}
	driver := newRiverDriver(writer)
	var err error
	s.queue, err = queue.New(queue.Config[*sql.Tx]{
		Driver:     driver,
		Join:       func(_ context.Context, tx *sql.Tx, f func(tx *sql.Tx) error) error { return f(tx) },
		Miss:       missQuery,
		InTx:       s.inQueueTx,
		NextAlarm:  ledger.New(writer, dialect).NextAlarm, // waits for an open transaction
		RingAlarms: s.ringAlarms,
		Fetch:      driver.notify,
		Recover:    func(ctx context.Context) error { return freeJobs(ctx, writer, queue.Name) },
		Poll:       poll,
		Clock:      o.clock,
		Logger:     o.logger,
	})
	if err != nil {
		return nil, err
	}
	s.accept = group.New(o.queueSize, s.acceptTogether)
	return s, nil
}

// DB returns the writing handle, for a host that begins transactions of its own
// on the same file: see [Store.WithTx]. It has one connection: a transaction that
// stays open stops every other writer, and whoever asks this handle for something else
// meanwhile waits for itself. A host that reads inside a transaction, or whose adapter
// does to check a request, opens a handle of its own to the file for that.
func (s *Store) DB() *sql.DB { return s.writer }

// InTx implements [store.Store].
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context, tx store.Tx) error) error {
	return s.inTx(ctx, func(ctx context.Context, tx *ledger.Tx, _ *queue.Tx[*sql.Tx]) error { return f(ctx, tx) })
}

func (s *Store) inQueueTx(ctx context.Context, f func(ctx context.Context, t *queue.Tx[*sql.Tx]) error) error {
	return s.inTx(ctx, func(ctx context.Context, _ *ledger.Tx, t *queue.Tx[*sql.Tx]) error { return f(ctx, t) })
}

func (s *Store) inTx(ctx context.Context, f func(context.Context, *ledger.Tx, *queue.Tx[*sql.Tx]) error) error {
	sqlTx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return dialect.Fail("begin transaction", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // does nothing after a commit
	jobs := s.queue.In(sqlTx)
	if err := f(ctx, s.tx(sqlTx, jobs), jobs); err != nil {
		return err
	}
	if err := jobs.Flush(ctx); err != nil {
		return dialect.Fail("commit transaction", err)
	}
	if err := sqlTx.Commit(); err != nil {
		return dialect.Fail("commit transaction", err)
	}
	jobs.Committed()
	if s.unerased.Load() {
		s.cutLog(context.WithoutCancel(ctx))
	}
	return nil
}

func (s *Store) tx(tx *sql.Tx, jobs *queue.Tx[*sql.Tx]) *ledger.Tx {
	return ledger.NewTx(tx, ledger.TxConfig{
		Dialect: dialect, Jobs: jobs, Clock: s.clock, Erases: func() { s.unerased.Store(true) },
	})
}

// cutLogWait is how long an erasure waits for readers, with the only writing
// connection in hand.
const cutLogWait = 100 * time.Millisecond

// cutLog moves the write-ahead log into the database and empties it. While
// somebody reads it stays as it is; then the next transaction tries again, and
// Close at the latest.
func (s *Store) cutLog(ctx context.Context) {
	busy, err := s.tryCutLog(ctx)
	switch {
	case err != nil:
		s.logger.LogAttrs(ctx, slog.LevelWarn, "cutting the write-ahead log after an erasure failed", slog.Any("err", err))
	case !busy:
		s.unerased.Store(false)
	}
}

func (s *Store) tryCutLog(ctx context.Context) (busy bool, err error) {
	c, err := s.writer.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	var before int
	if err := c.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&before); err != nil {
		return false, err
	}
	setWait := func(ms int64) error {
		_, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", ms))
		return err
	}
	if err := setWait(cutLogWait.Milliseconds()); err != nil {
		return false, err
	}
	var blocked, frames, moved int
	err = c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&blocked, &frames, &moved)
	return blocked != 0, errors.Join(err, setWait(int64(before)))
}

// WithTx implements [store.Store]. tx must have begun on [Store.DB], or on another
// handle to the same file as an immediate one.
func (s *Store) WithTx(tx *sql.Tx) store.Tx {
	return s.tx(tx, s.queue.InForeign(tx))
}

// Accept implements [store.Store].
func (s *Store) Accept(ctx context.Context, a store.Acceptance) (store.Accepted, error) {
	return s.accept.Do(ctx, a)
}

func (s *Store) acceptTogether(ctx context.Context, take func() []store.Acceptance) (out []store.Accepted, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx *ledger.Tx, _ *queue.Tx[*sql.Tx]) error {
		out, err = tx.AcceptAll(ctx, take())
		return err
	})
	return out, err
}

func (s *Store) ringAlarms(ctx context.Context, most int) (n int, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx *ledger.Tx, _ *queue.Tx[*sql.Tx]) error {
		n, err = tx.RingAlarms(ctx, most)
		return err
	})
	return n, err
}

// Work implements [store.Store].
func (s *Store) Work(ctx context.Context, c store.WorkConfig) error { return s.queue.Work(ctx, c) }

// Ping implements [store.Store].
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping store: %w: %w", ats.ErrUnavailable, err)
	}
	if err := s.queue.Ping(); err != nil {
		return fmt.Errorf("ping store: %w", err)
	}
	return nil
}

// Close implements [store.Store]. Requests that wait are stored first.
func (s *Store) Close() error {
	s.accept.Close()
	var errs []error
	for _, f := range s.closers {
		errs = append(errs, f())
	}
	s.closers = nil
	return errors.Join(errs...)
}
