package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// Statement is one to be sent later, perhaps with others.
type Statement struct {
	Query string
	Args  []any
}

// free tells which requests are complete, have a scope and a key that no earlier one of
// them has, and meet no interview that could matter to them. However many they are, the
// database is asked once.
func (t *Tx) free(ctx context.Context, as []store.Acceptance) ([]bool, error) {
	type name struct{ connection, key string }
	scopes, keys := make(map[name]bool, len(as)), make(map[name]bool, len(as))
	free := make([]bool, len(as))
	var connections, asked, names []string
	for n, a := range as {
		i := a.Interview
		names = append(names, "requests "+i.ConnectionID)
		if i.ID == "" || i.ConnectionID == "" || i.RequestKey == "" {
			continue
		}
		scope, key := name{i.ConnectionID, i.ScopeKey}, name{i.ConnectionID, i.RequestKey}
		free[n] = !scopes[scope] && !keys[key]
		scopes[scope], keys[key] = i.ScopeKey != "", true
		if free[n] && i.ScopeKey != "" && minds(a) {
			connections, asked = append(connections, i.ConnectionID), append(asked, i.ScopeKey)
		}
	}
	met, err := t.met(ctx, names, connections, asked)
	for n, a := range as {
		free[n] = free[n] && (!met[a.Interview.ScopeKey] || !minds(a))
	}
	return free, err
}

// minds reports whether an earlier interview could matter to the request.
func minds(a store.Acceptance) bool {
	return a.DeclinePending || a.DeclineCompleted || a.NoticePending != nil || a.NoticeCompleted != nil
}

// met returns the scopes in which there is an interview that could matter, once it has
// the locks. Two that look for an earlier request of the same connection at once would
// both find none. A statement sees what was committed before it began, and so what those
// have stored whom the lock waits for.
func (t *Tx) met(ctx context.Context, locks, connections, scopes []string) (map[string]bool, error) {
	var statements []Statement
	if t.dialect.LockAbsent != nil && len(locks) > 0 {
		statements = append(statements, t.dialect.LockAbsent(locks...))
	}
	if len(scopes) > 0 {
		statements = append(statements, t.dialect.Met(connections, scopes))
	}
	found, err := t.send(ctx, statements...)
	met := make(map[string]bool)
	if err == nil && len(scopes) > 0 {
		for _, scope := range found[len(found)-1] {
			met[scope] = true
		}
	}
	return met, err
}

// insertMany stores those requests that are free and new with one statement, where the
// database is better at that, and returns the ids of those that it has stored. The
// others are for accept, one after the other.
func (t *Tx) insertMany(ctx context.Context, as []store.Acceptance, free []bool) (map[string]bool, error) {
	if t.dialect.InsertMany == nil {
		return nil, nil
	}
	var interviews, events recorder
	for n, a := range as {
		if !free[n] {
			continue
		}
		row, err := interviewToRow(a.Interview)
		if err != nil {
			return nil, err
		}
		event, err := eventToRow(a.Interview.ID, a.Event)
		if err != nil {
			return nil, err
		}
		event.Seq = 1
		_, _ = rows.New(&interviews).InsertInterview(ctx, rows.InsertInterviewParams(row)) // they are only recorded
		_ = rows.New(&events).InsertFirstEvent(ctx, rows.InsertFirstEventParams(event))
	}
	if len(interviews.all) == 0 {
		return nil, nil
	}
	found, err := t.send(ctx, t.dialect.InsertMany(interviews.all, events.all))
	if err != nil {
		return nil, err
	}
	stored := make(map[string]bool, len(found[0]))
	for _, id := range found[0] {
		stored[id] = true
	}
	return stored, nil
}

// send returns the texts in the first column of what each statement has found.
func (t *Tx) send(ctx context.Context, statements ...Statement) ([][]string, error) {
	if t.dialect.Together != nil && len(statements) > 0 {
		return t.dialect.Together(ctx, t.db, statements...)
	}
	found := make([][]string, len(statements))
	for n, s := range statements {
		var err error
		if found[n], err = texts(t.db.QueryContext(ctx, s.Query, s.Args...)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func texts(found *sql.Rows, err error) (all []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var text string
		if err := found.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, found.Err()
}

// recorder keeps statements instead of running them.
type recorder struct{ all []Statement }

var errRecorded = errors.New("the statement was recorded, not run")

func (r *recorder) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	r.all = append(r.all, Statement{query, args})
	return nil, errRecorded
}

func (*recorder) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errRecorded
}

func (*recorder) PrepareContext(context.Context, string) (*sql.Stmt, error) { return nil, errRecorded }

// QueryRowContext must not be used: a row cannot say that there is none yet.
func (*recorder) QueryRowContext(context.Context, string, ...any) *sql.Row { return nil }
