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

// begin takes the locks for requests and does for all of them at once what the database
// is better at than one by one: it tells which are free, so that nobody needs to look for
// an earlier interview, and which are stored already, by their ids. Two that look for an
// earlier request of the same connection at once would both find none; a statement sees
// what was committed before it began, and so what those have stored whom the lock waits
// for.
func (t *Tx) begin(ctx context.Context, as []store.Acceptance) (free []bool, stored map[string]bool, err error) {
	var statements []Statement
	if t.dialect.LockAbsent != nil && len(as) > 0 {
		names := make([]string, len(as))
		for n, a := range as {
			names[n] = "requests " + a.Interview.ConnectionID
		}
		statements = append(statements, t.dialect.LockAbsent(names...))
	}
	free = firsts(as)
	if t.dialect.InsertMany == nil {
		return free, nil, t.look(ctx, statements, as, free)
	}
	insert, err := t.insertMany(ctx, as, free)
	if err != nil {
		return nil, nil, err
	}
	found, err := t.send(ctx, append(statements, insert...)...)
	if err != nil {
		return nil, nil, err
	}
	stored = make(map[string]bool, len(as))
	if len(insert) > 0 {
		for _, id := range found[len(found)-1] {
			stored[id] = true
		}
	}
	return make([]bool, len(as)), stored, nil // what was not stored has met something
}

// firsts tells which requests are complete and have a scope and a key that no earlier one
// of them has.
func firsts(as []store.Acceptance) []bool {
	type name struct{ connection, key string }
	scopes, keys := make(map[name]bool, len(as)), make(map[name]bool, len(as))
	first := make([]bool, len(as))
	for n, a := range as {
		i := a.Interview
		if i.ID == "" || i.ConnectionID == "" || i.RequestKey == "" {
			continue
		}
		scope, key := name{i.ConnectionID, i.ScopeKey}, name{i.ConnectionID, i.RequestKey}
		first[n] = !scopes[scope] && !keys[key]
		scopes[scope], keys[key] = i.ScopeKey != "", true
	}
	return first
}

// minds reports whether an earlier interview could matter to the request.
func minds(a store.Acceptance) bool {
	return a.Interview.ScopeKey != "" &&
		(a.DeclinePending || a.DeclineCompleted || a.NoticePending != nil || a.NoticeCompleted != nil)
}

// look takes those out of the free that meet an interview that could matter to them.
func (t *Tx) look(ctx context.Context, before []Statement, as []store.Acceptance, free []bool) error {
	var connections, scopes []string
	for n, a := range as {
		if free[n] && minds(a) {
			connections, scopes = append(connections, a.Interview.ConnectionID), append(scopes, a.Interview.ScopeKey)
		}
	}
	if len(scopes) > 0 {
		before = append(before, t.dialect.Met(connections, scopes))
	}
	found, err := t.send(ctx, before...)
	if err != nil || len(scopes) == 0 {
		return err
	}
	met := make(map[string]bool)
	for _, scope := range found[len(found)-1] {
		met[scope] = true
	}
	for n, a := range as {
		free[n] = free[n] && (!met[a.Interview.ScopeKey] || !minds(a))
	}
	return nil
}

// insertMany returns the statement that stores those that are free, if any is.
func (t *Tx) insertMany(ctx context.Context, as []store.Acceptance, free []bool) ([]Statement, error) {
	var interviews, events recorder
	var mind []bool
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
		mind = append(mind, minds(a))
	}
	if len(mind) == 0 {
		return nil, nil
	}
	return []Statement{t.dialect.InsertMany(interviews.all, events.all, mind)}, nil
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
