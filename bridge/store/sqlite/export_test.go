package sqlite

import "database/sql"

// OpenReader opens one more reading connection.
func OpenReader(path string) (*sql.DB, error) { return openPool(path, 1, "_pragma=query_only(1)") }

// Dialect is what the ledger knows of SQLite.
var Dialect = dialect
