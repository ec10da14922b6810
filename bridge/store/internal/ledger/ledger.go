package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// DB is a *sql.DB, *sql.Conn or *sql.Tx.
type DB = rows.DBTX

// Dialect is what databases do not have in common.
type Dialect struct {
	// Classify returns the sentinel of package ats that a driver's error means, or
	// nil: [ats.ErrConflict] for a broken uniqueness, [ats.ErrNotFound] for a
	// broken reference, [ats.ErrUnavailable] when the database cannot answer now.
	Classify func(error) error
	// LockAbsent returns the statement that locks names until the transaction ends:
	// what has no row to lock yet. Nil where there is one writer.
	LockAbsent func(names ...string) Statement
	// Met returns the query for those of the scopes, each in the connection at the same
	// place, in which an interview has not ended or was completed.
	Met func(connections, scopes []string) Statement
	// InsertMany returns the statement that does what those statements do, which are of
	// one kind each, but for interviews whose request is known already, those that mind
	// and would be met, and their events. It finds the ids of the interviews that are
	// new. Nil where a statement for each costs nothing; where it is not, Met is not used.
	InsertMany func(interviews, events []Statement, mind []bool) Statement
	// Together sends statements at once and returns the texts in the first column of
	// what each has found. Nil where that is no better than one after the other.
	Together func(ctx context.Context, db DB, statements ...Statement) ([][]string, error)
}

// Fail adds what was done to an error and makes it match what it means.
func (d Dialect) Fail(what string, err error) error {
	if err == nil {
		return nil
	}
	if kind := d.Classify(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%s: %w: %w", what, kind, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// found does what [Dialect.Fail] does, for a query of one row.
func (d Dialect) found(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ats.ErrNotFound)
	}
	return d.Fail(what, err)
}

// lockAbsent is the dialect's, if it has one.
func (t *Tx) lockAbsent(ctx context.Context, names ...string) error {
	if t.dialect.LockAbsent == nil || len(names) == 0 {
		return nil
	}
	lock := t.dialect.LockAbsent(names...)
	_, err := t.db.ExecContext(ctx, lock.Query, lock.Args...)
	return err
}

// locked runs a query of one row. When there is none, it takes the lock for making it
// and looks again: of two transactions that find nothing one waits for the other.
func locked[T any](ctx context.Context, t *Tx, name string, query func() (T, error)) (T, error) {
	row, err := query()
	if !none(err) || t.dialect.LockAbsent == nil {
		return row, err
	}
	if err := t.lockAbsent(ctx, name); err != nil {
		return row, err
	}
	return query()
}

// Jobs is the queue inside a transaction.
type Jobs interface {
	// Nudge asks for work at once; equal nudges are one.
	Nudge(ctx context.Context, n ...store.Nudge) error
	// Later tells that an alarm was written.
	Later(ctx context.Context, n store.Nudge) error
	Finish(ctx context.Context, j store.Job) error
	Complete(ctx context.Context, j store.Job) error
}

// Ledger is the ledger over one handle of the database. It implements
// [store.Reader].
type Ledger struct {
	db      DB
	q       *rows.Queries
	dialect Dialect
}

// New returns the ledger over the handle.
func New(db DB, d Dialect) Ledger { return Ledger{db: db, q: rows.New(db), dialect: d} }

// Tx is the ledger inside one transaction. It implements [store.Tx].
type Tx struct {
	Ledger
	jobs   Jobs
	clock  func() time.Time
	erases func()
}

// TxConfig is what the ledger needs inside a transaction.
type TxConfig struct {
	Dialect Dialect
	Jobs    Jobs
	Clock   func() time.Time
	// Erases is called when the transaction removes personal data or secrets.
	Erases func()
}

// NewTx returns the ledger inside the transaction that the handle stands for.
func NewTx(db DB, c TxConfig) *Tx {
	return &Tx{Ledger: New(db, c.Dialect), jobs: c.Jobs, clock: c.Clock, erases: c.Erases}
}
