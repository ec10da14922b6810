package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
)

// join lends f the connection that a transaction of database/sql runs on. Meanwhile
// database/sql keeps everybody else from it, also the rollback when a context ends,
// so f must not use the transaction itself.
//
// pgx lets the first argument of a statement rewrite it, and shows it the
// connection. That reaches into a transaction that somebody else began, too; the
// statement itself is never sent.
func join(ctx context.Context, tx *sql.Tx, f func(conn *pgx.Conn) error) error {
	l := &loan{f: f}
	_, err := tx.ExecContext(ctx, "-- lends its connection", l)
	if l.begun {
		return l.err
	}
	if ctx.Err() != nil || errors.Is(err, sql.ErrTxDone) || classify(err) != nil {
		return err
	}
	return fmt.Errorf("the transaction must be one of pgx's driver for database/sql: %w", err)
}

var errLent = errors.New("lent")

type loan struct {
	f     func(conn *pgx.Conn) error
	begun bool
	err   error
}

// RewriteQuery implements [pgx.QueryRewriter].
func (l *loan) RewriteQuery(_ context.Context, conn *pgx.Conn, _ string, _ []any) (string, []any, error) {
	l.begun = true
	l.err = l.f(conn)
	return "", nil, errLent
}

// together implements [ledger.Dialect.Together].
func together(ctx context.Context, db ledger.DB, statements ...ledger.Statement) ([][]string, error) {
	tx, ok := db.(locking)
	if !ok {
		return nil, errors.New("statements are sent together in a transaction only")
	}
	found := make([][]string, len(statements))
	err := join(ctx, tx.Tx, func(conn *pgx.Conn) (err error) {
		var batch pgx.Batch
		for _, s := range statements {
			batch.Queue(s.Query, s.Args...)
		}
		results := conn.SendBatch(ctx, &batch)
		defer func() { // which tells the first failure once more
			if closed := results.Close(); err == nil {
				err = closed
			}
		}()
		for n := range found {
			rows, _ := results.Query() // what went wrong, rows tells
			for rows.Next() {
				found[n] = append(found[n], string(rows.RawValues()[0]))
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// togetherHosted is [together] in a transaction that a host began. Above READ COMMITTED its
// statements do not see what was committed since it began, and the lock that requests wait
// for would not help: the candidate of a request that came meanwhile were invited twice.
func togetherHosted(ctx context.Context, db ledger.DB, statements ...ledger.Statement) ([][]string, error) {
	if tx, ok := db.(locking); ok {
		var level string
		err := join(ctx, tx.Tx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, `SELECT current_setting('transaction_isolation')`).Scan(&level)
		})
		if err != nil {
			return nil, err
		}
		if level != "read committed" && level != "read uncommitted" { // which the server does not tell apart
			return nil, fmt.Errorf("the transaction is %s and must be read committed, to see the requests that came since it began: %w",
				level, ats.ErrInvalid)
		}
	}
	return together(ctx, db, statements...)
}

type pgxConn = pgx.Conn

// pgxTx is a transaction that somebody else ends, as pgx has them. Transactions inside
// it are the same one: an error in one of them ends the whole, because the server then
// refuses everything but the rollback, so that nobody goes on without what failed.
type pgxTx struct{ *pgxConn }

// Begin returns the transaction itself.
func (t pgxTx) Begin(context.Context) (pgx.Tx, error) { return t, nil }

// Commit does nothing.
func (pgxTx) Commit(context.Context) error { return nil }

// Rollback does nothing.
func (pgxTx) Rollback(context.Context) error { return nil }

// LargeObjects must not be used.
func (pgxTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn returns the connection.
func (t pgxTx) Conn() *pgx.Conn { return t.pgxConn }
