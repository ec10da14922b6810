package sqlite_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
)

// The columns are those that the queries were checked against.
func TestTablesHaveTheColumnsOfTheSchema(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	text, err := os.ReadFile("../internal/ledger/schema.sql")
	require.NoError(t, err)
	tables := regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\);`).FindAllStringSubmatch(string(text), -1)
	require.Len(t, tables, 11)
	column := regexp.MustCompile(`(?m)^    ([a-z_]+) +(?:text|bigint|bytea)( NOT NULL)?`)
	for _, table := range tables {
		var want []string
		for _, c := range column.FindAllStringSubmatch(table[2], -1) {
			want = append(want, c[1])
		}
		require.NotEmpty(t, want)
		var got string
		err := s.DB().QueryRowContext(t.Context(), `SELECT group_concat(name) FROM pragma_table_info($1)`, table[1]).Scan(&got)
		require.NoError(t, err)
		require.Equal(t, strings.Join(want, ","), got, table[1])
	}
}

func TestOpeningAgainKeepsEverything(t *testing.T) {
	t.Parallel()
	path := prepared(t)
	for n := range 3 {
		s, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		if n == 0 {
			storetest.Connect(t, s)
		}
		c, err := s.GetConnection(t.Context(), "c1")
		require.NoError(t, err)
		require.Equal(t, "Birch & Sons", c.Name)
		require.NoError(t, s.Close())
	}
}
