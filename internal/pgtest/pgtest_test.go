package pgtest_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func exec(ctx context.Context, t *testing.T, url, statement string) error {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

func TestDatabasesAreTheTestsOwn(t *testing.T) {
	t.Parallel()
	a, b := pgtest.Database(t), pgtest.Database(t)
	require.NoError(t, exec(t.Context(), t, a, `CREATE TABLE mine (id int)`))
	require.Error(t, exec(t.Context(), t, b, `TABLE mine`))
	require.NoError(t, exec(t.Context(), t, pgtest.Clone(t, a), `TABLE mine`))
}

func TestARestartedServerKeepsItsDatabases(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	url := s.URL("postgres")
	require.NoError(t, exec(t.Context(), t, url, `CREATE TABLE mine (id int)`))
	require.NoError(t, s.Restart(t.Context()))
	require.NoError(t, exec(t.Context(), t, url, `TABLE mine`))
	require.NoError(t, s.Kill())
	_, err := pgx.Connect(t.Context(), url)
	require.Error(t, err)
	require.NoError(t, s.Start(t.Context()))
	require.NoError(t, exec(t.Context(), t, url, `TABLE mine`))
}
