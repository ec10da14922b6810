package postgres

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
)

// met implements [ledger.Dialect.Met]. Limit makes the planner look each up by the
// index, whatever it believes of the size of the table.
func met(connections, scopes []string) ledger.Statement {
	return ledger.Statement{
		Query: `SELECT asked.scope_key
			FROM unnest($1::text[], $2::text[]) AS asked (connection_id, scope_key)
			CROSS JOIN LATERAL (
				SELECT 1 FROM sparkbridge_interviews i
				WHERE i.connection_id = asked.connection_id AND i.scope_key = asked.scope_key AND i.scope_key <> ''
					AND i.state IN ('requested', 'sending', 'sent', 'accepted', 'unconfirmed', 'completed')
				LIMIT 1
			) AS met`,
		Args: []any{connections, scopes},
	}
}

// insertMany implements [ledger.Dialect.InsertMany].
func insertMany(interviews, events []ledger.Statement) ledger.Statement {
	interview, args := many(interviews, 1)
	event, more := many(events, 1+len(args))
	return ledger.Statement{
		Query: "WITH stored AS (\n" + interview + "\nRETURNING id\n)\n" + event +
			"\nWHERE one.interview_id IN (SELECT id FROM stored)\nRETURNING interview_id",
		Args: append(args, more...),
	}
}

// inserts are the parts of a statement that inserts one row.
var inserts = regexp.MustCompile(`(?s)^-- name:[^\n]*\n(INSERT INTO [a-z_]+ \(([^)]*)\))\s*VALUES\s*\([^)]*\)(.*)$`)

// many makes one statement of several that insert a row each, all of the same text. Its
// arguments are columns, the first of which is $first, so that its text does not depend
// on their number: the server parses it once.
func many(of []ledger.Statement, first int) (query string, columns []any) {
	part := inserts.FindStringSubmatch(of[0].Query)
	types := make([]string, len(of[0].Args))
	for n, arg := range of[0].Args {
		types[n] = fmt.Sprintf("$%d::bigint[]", first+n)
		if _, ok := arg.(string); ok {
			types[n] = fmt.Sprintf("$%d::text[]", first+n)
			columns = append(columns, column[string](of, n))
			continue
		}
		columns = append(columns, column[int64](of, n))
	}
	return part[1] + "\nSELECT * FROM unnest(" + strings.Join(types, ", ") + ") AS one (" + part[2] + ")" + strings.TrimRight(part[3], "\n"), columns
}

func column[T any](of []ledger.Statement, n int) []T {
	values := make([]T, len(of))
	for row, s := range of {
		values[row] = s.Args[n].(T) //nolint:forcetypeassert,errcheck // a column has one type
	}
	return values
}
