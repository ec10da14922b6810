package postgres

import (
	"context"
	"database/sql"
	"hash/fnv"
	"slices"
	"strings"
	"sync"

	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
)

// SQLite has one writer: what a transaction has read stays true until it commits.
// Here transactions are READ COMMITTED and lock the rows that they may write, so that
// whoever comes second waits and then reads what the first has written. By piece of
// the engine:
//
//   - inviting (claim): Due locks the interviews and passes over those that another
//     process has, Connection locks the keys that they may go out with, and Limit the
//     credential's budget, so that an attempt is recorded once and paid for once;
//   - an attempt's outcome, settling, observing, publishing, canceling, resolving,
//     recordings: Interview locks the row before anything is decided, and they decide
//     by its state and attempt then. Events, deliveries and acknowledgements are
//     written under that lock;
//   - erasing: CandidateInterviews locks each one. Deadlocks with a transaction that
//     locks several in another order are broken by the server, and repeated;
//   - budgets: Limit, also of a credential that has no row yet (lockAbsent);
//   - an interview that was found at Spark Hire: KnownSparkHireIDs locks the ids, so that
//     two whose outcome is not known cannot both adopt it (lockAbsent);
//   - requests: a lock per connection from before the look for an earlier interview
//     until the commit (lockAbsent), so that two processes cannot both find nothing;
//   - connections and their users: Connection and ConnectionByTenant lock the
//     connection's row, and lockAbsent the tenant that has none yet;
//   - secrets, also refresh tokens: Secret locks the row, lockAbsent the name that has
//     none, so that of two that compare and swap one sees the other's value;
//   - job links: as secrets;
//   - moving interviews to another credential is one statement that waits for rows in
//     use and looks at their state again;
//   - sweeping: one job per connection runs at a time. Should two run, because one was
//     taken for dead, the older watermark makes the next sweep read more;
//   - alarms: taking them passes over those that a transaction writes at the moment.
//
// Rows are locked in the order interviews, connections, secrets, limits, then the
// queue's: see [queue.Tx].
var locks = map[string]string{ //nolint:gochecknoglobals // a constant
	"Interview":           forUpdate,
	"CandidateInterviews": forUpdate,
	"Due":                 forUpdate + " SKIP LOCKED",
	"Connection":          forUpdate,
	"ConnectionByTenant":  forUpdate,
	"Secret":              forUpdate,
	"JobLink":             forUpdate,
	"Delivery":            forUpdate,
	"Limit":               forUpdate,
	"Watermark":           forUpdate,
	"TakeAlarms":          forUpdate + " SKIP LOCKED",
}

// forUpdate lets others refer to the row meanwhile, as an event does to its interview.
const forUpdate = " FOR NO KEY UPDATE"

// locking is a transaction in which reading locks.
type locking struct{ *sql.Tx }

// QueryContext adds the query's lock.
func (t locking) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Tx.QueryContext(ctx, locked(query), args...)
}

// QueryRowContext adds the query's lock.
func (t locking) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Tx.QueryRowContext(ctx, locked(query), args...)
}

var lockedTexts sync.Map //nolint:gochecknoglobals // by text; some seventy

// locked returns the query with its lock. A query begins with its name.
func locked(query string) string {
	if text, ok := lockedTexts.Load(query); ok {
		return text.(string) //nolint:forcetypeassert,errcheck // nothing else is in it
	}
	text := query
	if name, ok := strings.CutPrefix(query, "-- name: "); ok {
		name, _, _ = strings.Cut(name, " ")
		if lock := locks[name]; lock != "" {
			text = addLock(query, lock)
		}
	}
	lockedTexts.Store(query, text)
	return text
}

// addLock adds a lock to a query, or to the query inside a statement that deletes.
func addLock(query, lock string) string {
	if inner, rest, ok := strings.Cut(query, "\n)"); ok {
		return inner + lock + "\n)" + rest
	}
	return strings.TrimRight(query, "\n") + lock
}

// lockAbsent locks names of rows that may not exist yet until the transaction ends. Names
// that share a hash wait for each other needlessly, which is all.
func lockAbsent(names ...string) ledger.Statement {
	keys := make([]int64, len(names))
	for n, name := range names {
		h := fnv.New64a()
		_, _ = h.Write([]byte("sparkbridge " + name)) // never fails
		keys[n] = int64(h.Sum64())                    //nolint:gosec // any number will do
	}
	slices.Sort(keys) // so that two transactions do not wait for each other
	return ledger.Statement{
		Query: `SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k`,
		Args:  []any{slices.Compact(keys)},
	}
}
