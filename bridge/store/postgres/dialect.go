package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
)

//nolint:gochecknoglobals // constants
var (
	reading = ledger.Dialect{Classify: classify}
	writing = ledger.Dialect{Classify: classify, LockAbsent: lockAbsent, InsertMany: insertMany, Together: together}
	hosted  = ledger.Dialect{Classify: classify, LockAbsent: lockAbsent, InsertMany: insertMany, Together: togetherHosted}
)

// classify tells what an error of PostgreSQL or of the connection to it means to
// callers. A server that did not answer in time is away, whoever bounded the time; a
// caller that went away means nothing.
func classify(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ats.ErrUnavailable
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return ats.ErrUnavailable // whatever the server's reason is not to let us in
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyCode(e.Code)
	}
	if isConnectionLost(err) {
		return ats.ErrUnavailable
	}
	return nil
}

// classifyCode does so for the server's own errors; the first two characters are the
// class.
func classifyCode(code string) error {
	switch code {
	case "23505": // unique_violation
		return ats.ErrConflict
	case "23503": // foreign_key_violation
		return ats.ErrNotFound
	case "55P03", // lock_not_available
		"55006",          // object_in_use
		"25006",          // read_only_sql_transaction: a standby
		"25P03",          // idle_in_transaction_session_timeout
		"40001", "40P01": // serialization_failure, deadlock_detected: after several tries
		return ats.ErrUnavailable
	case "22021", "22P05", // character_not_in_repertoire, untranslatable_character: a NUL
		"54000": // program_limit_exceeded: a key that is too long for an index
		return ats.ErrInvalid
	}
	switch code[:min(2, len(code))] {
	case "08", // connection
		"53", // resources: disk full, out of memory, too many connections
		"57", // operator intervention: shutting down, starting up, canceled
		"58": // input and output
		return ats.ErrUnavailable
	}
	return nil
}

// isConnectionLost reports whether the server could not be reached, or went away.
func isConnectionLost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		class := e.Code[:min(2, len(e.Code))]
		return class == "08" || class == "57" && e.Code != "57014" // query_canceled
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, lost := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, puddle.ErrClosedPool,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return pgconn.SafeToRetry(err)
}

// mayRepeat reports whether a transaction that failed before its commit is worth
// repeating: nothing of it was kept.
func mayRepeat(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "40001" || e.Code == "40P01") {
		return true
	}
	return isConnectionLost(err)
}

// wasRefused reports whether the server itself said that it did not commit.
func wasRefused(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	_, ok := errors.AsType[*pgconn.PgError](err)
	return ok && !isConnectionLost(err)
}
