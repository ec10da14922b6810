// Package ledger is the SQL of the store: the rows, the queries and the code
// between them and the records of package store. The SQL is the same text on
// every database; what differs is handed in with [Dialect].
//
// The queries live in queries/ and schema.sql; sqlc writes package rows from
// them:
//
//	go generate ./bridge/store/internal/ledger
package ledger

//go:generate go tool -modfile=../../../../tools/go.mod sqlc generate
//go:generate sh -c "cat sqlc.yaml schema.sql queries/*.sql | sha256sum > rows/sources.sha256"
