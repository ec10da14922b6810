package postgres_test

import (
	"database/sql"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
	"github.com/sparkbridge/sparkbridge/internal/pgtest"
)

func isUnavailable(err error) bool { return errors.Is(err, ats.ErrUnavailable) }

func TestProcessesThatStartTogetherMakeTheTablesOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	var g errgroup.Group
	for range 6 {
		g.Go(func() error {
			s, err := postgres.Open(t.Context(), url)
			if err != nil {
				return err
			}
			return s.Close()
		})
	}
	require.NoError(t, g.Wait())
	s := open(t, url)
	storetest.Connect(t, s)
	var once bool
	row := s.DB().QueryRowContext(t.Context(), `SELECT count(*) = count(DISTINCT version_id) FROM sparkbridge_migrations`)
	require.NoError(t, row.Scan(&once))
	require.True(t, once)
}

// The columns are those that the queries were checked against, and those of SQLite.
func TestTablesHaveTheColumnsOfTheSchemaAndOfSQLite(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	file, err := sqlite.Open(t.Context(), t.TempDir()+"/ledger.db")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	text, err := os.ReadFile("../internal/ledger/schema.sql")
	require.NoError(t, err)
	tables := regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\);`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, tables)
	column := regexp.MustCompile(`(?m)^    ([a-z_]+) +(text|bigint|bytea)[ A-Z]*?( NOT NULL| PRIMARY KEY)?,?( --.*)?$`)
	for _, table := range tables {
		var schema []string
		for _, c := range column.FindAllStringSubmatch(table[2], -1) {
			null := "NULL"
			if c[3] != "" {
				null = "NOT NULL"
			}
			schema = append(schema, strings.Join([]string{c[1], c[2], null}, " "))
		}
		here := columns(t, s.DB(), `SELECT column_name, data_type, is_nullable = 'NO' FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`, table[1])
		there := columns(t, file.DB(), `SELECT name, CASE type WHEN 'TEXT' THEN 'text' WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' END,
			"notnull" OR pk > 0 FROM pragma_table_info($1)`, table[1])
		require.Equal(t, schema, here, table[1])
		require.Equal(t, there, here, table[1])
	}
}

// columns returns name, kind and whether it may be null of each column.
func columns(t *testing.T, db *sql.DB, query, table string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, table)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var name, kind string
		var needed bool
		require.NoError(t, rows.Scan(&name, &kind, &needed))
		all = append(all, strings.Join([]string{name, kind, map[bool]string{false: "NULL", true: "NOT NULL"}[needed]}, " "))
	}
	require.NoError(t, rows.Err())
	return all
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	const password = "hunter-2718"
	for url, want := range map[string]error{
		"":                                     ats.ErrInvalid,
		"sqlite:ledger.db":                     ats.ErrInvalid,
		"postgres://ines:" + password + "/x@y": ats.ErrInvalid,
		"postgres://ines:" + password + "@db.example:port/ledger":                           ats.ErrInvalid,
		"postgres://ines:" + password + "@db.example/":                                      ats.ErrInvalid,
		"postgres://ines:" + password + "@db.example/ledger?sslmode=maybe":                  ats.ErrInvalid,
		"postgres://ines:" + password + "@127.0.0.1:1/ledger?sslmode=disable":               ats.ErrUnavailable,
		"host=127.0.0.1 password=" + password + " dbname=ledger":                            ats.ErrInvalid,
		"postgres://ines:" + password + "@127.0.0.1:1/l?sslmode=disable&pool_max_conns=few": ats.ErrInvalid,
	} {
		_, err := postgres.Open(t.Context(), url)
		require.ErrorIs(t, err, want, url)
		require.NotContains(t, err.Error(), password)
	}
	for _, opt := range []postgres.Option{
		postgres.WithQueueSize(0), postgres.WithClock(nil), postgres.WithLogger(nil), postgres.WithConnections(3, 1), postgres.WithConnections(4, 0),
	} {
		_, err := postgres.Open(t.Context(), "postgres://127.0.0.1:1/ledger", opt)
		require.Error(t, err)
		require.NotErrorIs(t, err, ats.ErrUnavailable)
	}
}

func TestConnectionsAreSetUp(t *testing.T) {
	t.Parallel()
	url := prepared(t)
	s := open(t, url+"&lock_timeout=1234ms")
	for name, want := range map[string]string{
		"application_name": "sparkbridge", "lock_timeout": "1234ms", "enable_seqscan": "off", "default_transaction_read_only": "off",
	} {
		var got string
		require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT current_setting($1)", name).Scan(&got))
		require.Equal(t, want, got, name)
	}
}
