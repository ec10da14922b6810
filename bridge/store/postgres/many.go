package postgres

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
)

// insertMany implements [ledger.Dialect.InsertMany]. LIMIT makes the planner look up each
// earlier interview by the index, whatever it believes of the size of the table.
func insertMany(interviews, events []ledger.Statement, mind []bool) ledger.Statement {
	interview := many(interviews, 1)
	event := many(events, 1+len(interview.columns))
	args := slices.Concat(interview.columns, event.columns)
	minds := fmt.Sprintf("$%d::boolean[]", 1+len(args))
	return ledger.Statement{
		Query: `WITH stored AS (
			` + interview.insert + `
			SELECT ` + interview.names + ` FROM unnest(` + interview.types + `, ` + minds + `) AS one (` + interview.names + `, minds)
			LEFT JOIN LATERAL (
				SELECT 1 AS found FROM sparkbridge_interviews i
				WHERE one.minds AND i.connection_id = one.connection_id AND i.scope_key = one.scope_key AND i.scope_key <> ''
					AND i.state IN ('requested', 'sending', 'sent', 'accepted', 'unconfirmed', 'completed')
				LIMIT 1
			) AS earlier ON true
			WHERE earlier.found IS NULL
			` + interview.conflict + ` RETURNING id
		)
		` + event.insert + `
		SELECT ` + event.names + ` FROM unnest(` + event.types + `) AS one (` + event.names + `)
		WHERE one.interview_id IN (SELECT id FROM stored)
		RETURNING interview_id`,
		Args: append(args, mind),
	}
}

// parts are those of a statement that inserts one row: the head, the names in it, and
// what happens on a conflict.
var parts = regexp.MustCompile(`(?s)^-- name:[^\n]*\n(INSERT INTO [a-z_]+ \(([^)]*)\))\s*VALUES\s*\([^)]*\)(.*)$`)

// rows are those of several statements that insert one each, all of the same text.
type rows struct {
	insert, names, conflict string
	types                   string // of the columns, which are arguments
	columns                 []any
}

// many returns the rows of statements, as columns, the first of which is the argument
// $first: so the text does not depend on their number, and the server parses it once.
func many(of []ledger.Statement, first int) rows {
	part := parts.FindStringSubmatch(of[0].Query)
	r := rows{insert: part[1], names: part[2], conflict: strings.TrimSpace(part[3])}
	types := make([]string, len(of[0].Args))
	for n, arg := range of[0].Args {
		if _, ok := arg.(string); ok {
			types[n] = fmt.Sprintf("$%d::text[]", first+n)
			r.columns = append(r.columns, column[string](of, n))
			continue
		}
		types[n] = fmt.Sprintf("$%d::bigint[]", first+n)
		r.columns = append(r.columns, column[int64](of, n))
	}
	r.types = strings.Join(types, ", ")
	return r
}

func column[T any](of []ledger.Statement, n int) []T {
	values := make([]T, len(of))
	for row, s := range of {
		values[row] = s.Args[n].(T) //nolint:forcetypeassert,errcheck // a column has one type
	}
	return values
}
