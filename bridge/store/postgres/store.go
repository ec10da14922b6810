package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/group"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/queue"
)

const (
	// tries is how often a transaction is begun that the server asks to repeat, or
	// whose connection breaks before its commit.
	tries = 4
	// tryPause is the first pause between them, at most; each is twice as long.
	tryPause = 20 * time.Millisecond
	// acceptWait bounds storing requests that arrived together: a server that does not
	// answer must not hold callers up for as long as its network takes to notice.
	acceptWait = 20 * time.Second
	// poll is how often jobs are looked for that nobody was told about.
	poll = time.Second
	// missQuery adds one to the nudges that a job has missed.
	missQuery = `UPDATE river_job
		SET metadata = metadata || jsonb_build_object('missed', coalesce((metadata ->> 'missed')::bigint, 0) + 1) WHERE id = $1`
)

// Store is the store. It implements [store.Store].
type Store struct {
	store.Reader

	write, read *pgxpool.Pool
	writer      *sql.DB
	reader      *sql.DB
	queue       *queue.Queue[pgx.Tx]
	accept      *group.Group[store.Acceptance, store.Accepted]
	clock       func() time.Time
	logger      *slog.Logger
	close       func() error
}

var _ store.Store = (*Store)(nil)

func newStore(ctx context.Context, write, read *pgxpool.Pool, o options) (*Store, error) {
	s := &Store{write: write, read: read, writer: handle(write), reader: handle(read), clock: o.clock, logger: o.logger}
	if err := check(ctx, s.writer); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := migrate(ctx, write, s.writer, o.logger); err != nil {
		return nil, fmt.Errorf("open store: %w", writing.Fail("prepare the database", err))
	}
	s.Reader = ledger.New(s.reader, reading)
	driver := newRiverDriver(write, func() { s.queue.Look() })
	live := &processes{db: s.writer, queue: queue.Name, foundBy: driver.GetExecutor()}
	var err error
	s.queue, err = queue.New(queue.Config[pgx.Tx]{
		Driver: driver,
		Join: func(ctx context.Context, tx *sql.Tx, f func(tx pgx.Tx) error) error {
			return join(ctx, tx, func(conn *pgx.Conn) error { return f(pgxTx{conn}) })
		},
		Miss:          missQuery,
		InTx:          s.inQueueTx,
		NextAlarm:     ledger.New(s.writer, reading).NextAlarm,
		RingAlarms:    s.ringAlarms,
		Fetch:         s.fetch,
		Announce:      driver.announce,
		AnnounceLater: announceLater,
		Beat:          live.beat,
		BeatEvery:     beatEvery,
		Leave:         live.leave,
		Poll:          poll,
		DatabaseTime:  true,
		Clock:         o.clock,
		Logger:        o.logger,
	})
	if err != nil {
		return nil, err
	}
	s.accept = group.New(o.queueSize, s.acceptTogether)
	s.close = sync.OnceValue(s.closeOnce)
	return s, nil
}

// DB returns the writing handle, for a host that begins transactions of its own on
// the same database: see [Store.WithTx]. Each of them holds a connection, and the queue
// and [Store.InTx] need connections too. So what is asked while one is open, such as what
// an adapter looks up to check a request, goes through a handle of the host's own: many
// transactions that each wait for a second connection of this handle never end.
//
// A statement on it that has no answer after 30 seconds is given up, as ours are; what
// takes longer needs a handle of the host's own, too.
func (s *Store) DB() *sql.DB { return s.writer }

// InTx implements [store.Store]. It runs f again when the server asks for that, which
// it does to break a deadlock, and when the connection breaks before the commit.
//
// When it breaks while the server commits, nobody knows whether it has: the error
// says so, and matches [ats.ErrUnavailable].
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context, tx store.Tx) error) error {
	return s.inTx(ctx, func(ctx context.Context, tx *ledger.Tx, _ *queue.Tx[pgx.Tx]) error { return f(ctx, tx) })
}

func (s *Store) inQueueTx(ctx context.Context, f func(ctx context.Context, t *queue.Tx[pgx.Tx]) error) error {
	return s.inTx(ctx, func(ctx context.Context, _ *ledger.Tx, t *queue.Tx[pgx.Tx]) error { return f(ctx, t) })
}

// errUnknown means that the connection broke while the server committed.
var errUnknown = errors.New("the connection was lost while committing, and whether it was committed is not known")

func (s *Store) inTx(ctx context.Context, f func(context.Context, *ledger.Tx, *queue.Tx[pgx.Tx]) error) error {
	pause := tryPause
	for try := 1; ; try++ {
		err := s.once(ctx, f)
		if err == nil || try == tries || ctx.Err() != nil || errors.Is(err, errUnknown) || !mayRepeat(err) {
			return err
		}
		timer := time.NewTimer(rand.N(pause)) //nolint:gosec // no secret
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
		pause *= 2
	}
}

func (s *Store) once(ctx context.Context, f func(context.Context, *ledger.Tx, *queue.Tx[pgx.Tx]) error) error {
	// Whatever the server's default is: the locks are made for this.
	sqlTx, err := s.writer.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return writing.Fail("begin transaction", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // does nothing after a commit
	jobs := s.queue.In(sqlTx)
	if err := f(ctx, s.tx(sqlTx, writing, jobs), jobs); err != nil {
		return err
	}
	if err := jobs.Flush(ctx); err != nil {
		return writing.Fail("commit transaction", err)
	}
	if err := sqlTx.Commit(); err != nil {
		return commitFailed(ctx, err)
	}
	jobs.Committed()
	return nil
}

// commitFailed tells what a failed commit means.
func commitFailed(ctx context.Context, err error) error {
	const what = "commit transaction"
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()), errors.Is(err, sql.ErrTxDone), wasRefused(err):
		return writing.Fail(what, err)
	default:
		return fmt.Errorf("%s: %w: %w: %w", what, ats.ErrUnavailable, errUnknown, err)
	}
}

func (s *Store) tx(tx *sql.Tx, dialect ledger.Dialect, jobs *queue.Tx[pgx.Tx]) *ledger.Tx {
	return ledger.NewTx(locking{tx}, ledger.TxConfig{Dialect: dialect, Jobs: jobs, Clock: s.clock, Erases: func() {}})
}

// WithTx implements [store.Store]. tx must have begun on [Store.DB], or on another
// handle of pgx's driver for database/sql to the same database and schema, which
// stdlib.OpenDBFromPool makes of a pgxpool.Pool. It must be READ COMMITTED, as it is by
// default: at another level Accept matches [ats.ErrInvalid] and does nothing, because it
// could not see that somebody else has asked for the same candidate meanwhile.
// After an error PostgreSQL refuses everything in the transaction but its rollback.
// Requests of the same connection wait until the transaction ends: keep it short.
func (s *Store) WithTx(tx *sql.Tx) store.Tx {
	return s.tx(tx, hosted, s.queue.InForeign(tx))
}

// Accept implements [store.Store]. When the connection to the server breaks while it
// commits, the request is stored again, which changes nothing if it was.
func (s *Store) Accept(ctx context.Context, a store.Acceptance) (store.Accepted, error) {
	return s.accept.Do(ctx, a)
}

func (s *Store) acceptTogether(ctx context.Context, take func() []store.Acceptance) ([]store.Accepted, error) {
	ctx, cancel := context.WithTimeout(ctx, acceptWait)
	defer cancel()
	var out []store.Accepted
	again := false
	accept := func(ctx context.Context, tx *ledger.Tx, _ *queue.Tx[pgx.Tx]) (err error) {
		as := take()
		if out, err = tx.AcceptAll(ctx, as); err != nil {
			return err
		}
		for n := range out {
			// What the lost commit has stored is no repetition.
			if again && out[n].Interview.ID == as[n].Interview.ID {
				out[n].Repeated = false
			}
		}
		return nil
	}
	var err error
	for range tries {
		if err = s.inTx(ctx, accept); !errors.Is(err, errUnknown) {
			break
		}
		again = true
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("the database did not answer in time: %w: %w", ats.ErrUnavailable, err)
	}
	return out, err
}

func (s *Store) ringAlarms(ctx context.Context, most int) (n int, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx *ledger.Tx, _ *queue.Tx[pgx.Tx]) error {
		n, err = tx.RingAlarms(ctx, most)
		return err
	})
	return n, err
}

// fetch makes the processes that work look for jobs.
func (s *Store) fetch() {
	ctx, cancel := context.WithTimeout(context.Background(), poll)
	defer cancel()
	_, _ = s.write.Exec(ctx, `SELECT pg_notify(coalesce(current_schema() || '.', '') || $1, $2)`, insertTopic, insertPayload) // else they poll
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
func (s *Store) Close() error { return s.close() }

func (s *Store) closeOnce() error {
	s.accept.Close()
	return errors.Join(s.reader.Close(), s.writer.Close(), closePools(s.write, s.read))
}
