package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
)

var dialect = ledger.Dialect{Classify: classify, Met: met} //nolint:gochecknoglobals // a constant

// met implements [ledger.Dialect.Met].
func met(connections, scopes []string) ledger.Statement {
	pairs := make([][2]string, len(scopes))
	for n := range pairs {
		pairs[n] = [2]string{connections[n], scopes[n]}
	}
	text, _ := json.Marshal(pairs) //nolint:errchkjson // texts never fail
	return ledger.Statement{
		Query: `SELECT asked.value ->> 1
			FROM json_each($1) AS asked
			WHERE EXISTS (
				SELECT 1 FROM sparkbridge_interviews i
				WHERE i.connection_id = asked.value ->> 0 AND i.scope_key = asked.value ->> 1 AND i.scope_key <> ''
					AND i.state IN ('requested', 'sending', 'sent', 'accepted', 'unconfirmed', 'completed')
			)`,
		Args: []any{string(text)},
	}
}

// classify tells what a SQLite error means to callers.
func classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
			return ats.ErrUnavailable
		}
		return nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ats.ErrConflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ats.ErrNotFound
	}
	switch e.Code() & 0xff { // the rest is detail
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY,
		sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return ats.ErrUnavailable
	}
	return nil
}

// poll is how often jobs are looked for that nobody was told about, as after trouble
// with the database. It is a net, not the way: each costs half a millisecond.
const poll = 15 * time.Second

// missQuery adds one to the nudges that a job has missed.
const missQuery = `UPDATE river_job
	SET metadata = jsonb_set(metadata, '$.missed', coalesce(metadata ->> 'missed', 0) + 1) WHERE id = $1`

// freeJobs makes the jobs available at once that a dead process was running or had
// pausing, and takes its leadership away, instead of waiting for River's time-outs.
// The process lock proves that it is dead.
func freeJobs(ctx context.Context, writer *sql.DB, queue string) error {
	_, err := writer.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = created_at
		WHERE queue = $1 AND state IN ('available', 'retryable', 'running', 'scheduled')`, queue)
	if err != nil {
		return err
	}
	_, err = writer.ExecContext(ctx, `DELETE FROM river_leader`)
	return err
}
