package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// Statement is one to be sent with others.
type Statement struct {
	Query string
	Args  []any
}

// insertTogether stores those requests that nothing stands in the way of and that are
// new, with two messages to the server however many they are. It says which; the
// others are for accept, one after the other.
func (t *Tx) insertTogether(ctx context.Context, as []store.Acceptance) ([]bool, error) {
	stored := make([]bool, len(as))
	free, err := t.freeScopes(ctx, as)
	if err != nil || len(free) == 0 {
		return stored, err
	}
	var statements recorder
	q := rows.New(&statements)
	for _, n := range free {
		row, err := interviewToRow(as[n].Interview)
		if err != nil {
			return nil, err
		}
		event, err := eventToRow(as[n].Interview.ID, as[n].Event)
		if err != nil {
			return nil, err
		}
		event.Seq = 1
		_, _ = q.InsertInterview(ctx, rows.InsertInterviewParams(row)) // it is only recorded
		_ = q.InsertFirstEventOf(ctx, rows.InsertFirstEventOfParams{
			InterviewID: event.InterviewID, Seq: event.Seq, Key: event.Key, Kind: event.Kind, At: event.At, Text: event.Text,
			Actor: event.Actor, Data: event.Data, Reportable: event.Reportable, Acknowledged: event.Acknowledged,
		})
	}
	changed, err := t.dialect.Together(ctx, t.db, statements.all)
	if err != nil {
		return nil, err
	}
	for at, n := range free {
		stored[n] = changed[2*at] == 1
	}
	return stored, nil
}

// freeScopes returns which requests are complete, have a scope and a key that no earlier one of
// them has, and meet no interview in it that matters to them.
func (t *Tx) freeScopes(ctx context.Context, as []store.Acceptance) ([]int, error) {
	type scope struct{ connection, key string }
	seen, keys := make(map[scope]bool), make(map[scope]bool)
	var statements recorder
	q := rows.New(&statements)
	// Two that look for an earlier request of the same connection at once would both
	// find none. A statement sees what was committed before it began, and so what those
	// have stored whom the lock waits for.
	names := make([]string, len(as))
	for n, a := range as {
		names[n] = "requests " + a.Interview.ConnectionID
	}
	statements.all = append(statements.all, t.dialect.LockAbsent(names...))
	var free, asked []int
	for n, a := range as {
		i := a.Interview
		s := scope{i.ConnectionID, i.ScopeKey}
		if i.ID == "" || i.ConnectionID == "" || i.RequestKey == "" {
			continue
		}
		k := scope{i.ConnectionID, i.RequestKey}
		later := seen[s] || keys[k]
		seen[s], keys[k] = i.ScopeKey != "", true
		if later {
			continue
		}
		pending, completed := a.DeclinePending || a.NoticePending != nil, a.DeclineCompleted || a.NoticeCompleted != nil
		if i.ScopeKey == "" || !pending && !completed {
			free = append(free, n)
			continue
		}
		asked = append(asked, n)
		_, _ = q.InScope(ctx, rows.InScopeParams{ // it is only recorded
			ConnectionID: i.ConnectionID, ScopeKey: i.ScopeKey, Pending: bit(pending), Completed: bit(completed),
		})
	}
	found, err := t.dialect.Together(ctx, t.db, statements.all)
	if err != nil {
		return nil, err
	}
	for at, n := range asked {
		if found[1+at] == 0 {
			free = append(free, n)
		}
	}
	return free, nil
}

// recorder keeps statements instead of running them.
type recorder struct{ all []Statement }

var errRecorded = errors.New("the statement was recorded, not run")

func (r *recorder) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	r.all = append(r.all, Statement{query, args})
	return nil, errRecorded
}

func (r *recorder) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	r.all = append(r.all, Statement{query, args})
	return nil, errRecorded
}

func (*recorder) PrepareContext(context.Context, string) (*sql.Stmt, error) { return nil, errRecorded }

// QueryRowContext must not be used: a row cannot say that there is none yet.
func (*recorder) QueryRowContext(context.Context, string, ...any) *sql.Row { return nil }
