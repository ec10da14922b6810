package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // it makes databases
)

// Variable names the server to use by its URL.
const Variable = "SPARKBRIDGE_TEST_POSTGRES"

// shared is the server of this test binary.
var shared struct { //nolint:gochecknoglobals // one per binary, on purpose
	once sync.Once
	url  string
	own  *Server
	err  error
}

// Main runs the tests and ends the server that they have started. It is for TestMain.
func Main(m *testing.M) int {
	status := m.Run()
	if err := Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "end PostgreSQL:", err)
		return 1
	}
	return status
}

// Stop ends the server that the tests have started, if they have.
func Stop() error {
	if shared.own == nil {
		return nil
	}
	return shared.own.remove()
}

// serverURL returns the URL of the shared server.
func serverURL(tb testing.TB) string {
	tb.Helper()
	shared.once.Do(func() {
		if shared.url = os.Getenv(Variable); shared.url != "" { //nolint:forbidigo // of a test
			return
		}
		if shared.own, shared.err = start(context.WithoutCancel(tb.Context())); shared.err == nil {
			shared.url = shared.own.URL("postgres")
		}
	})
	need(tb, shared.err)
	return shared.url
}

// need ends a test that has no server. Where none is installed the test is skipped,
// so that the tests pass on a machine that has only Go; testreport, and with it CI,
// counts that as a failure.
func need(caller testing.TB, err error) { //nolint:thelper // the name keeps the one skip of the project apart
	caller.Helper()
	switch {
	case errors.Is(err, errNotInstalled):
		caller.Skip(err.Error() + " or set " + Variable)
	case err != nil:
		caller.Fatal(err)
	}
}

// Start returns a server of the test's own, with settings such as "fsync=on". It
// ends with the test.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s, err := start(tb.Context(), settings...)
	need(tb, err)
	tb.Cleanup(func() {
		if err := s.remove(); err != nil {
			tb.Error("end PostgreSQL: ", err)
		}
	})
	return s
}

// Database returns the URL of a new, empty database, which is removed with the test.
func Database(tb testing.TB) string {
	tb.Helper()
	return create(tb, serverURL(tb), "")
}

// Database is as [Database], on this server.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	return create(tb, s.URL("postgres"), "")
}

// Clone is as [Database], with what the template has. Nobody may be connected to that.
func Clone(tb testing.TB, template string) string {
	tb.Helper()
	u, err := url.Parse(template)
	if err != nil {
		tb.Fatal(err)
	}
	return create(tb, serverURL(tb), " TEMPLATE "+pgx.Identifier{u.Path[1:]}.Sanitize())
}

// Template makes a database that lives as long as the server, for [Clone], and has
// prepare fill it.
func Template(tb testing.TB, prepare func(url string) error) string {
	tb.Helper()
	server, name := serverURL(tb), newName()
	if err := run(tb, server, "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	u := urlOf(tb, server, name)
	if err := prepare(u); err != nil {
		tb.Fatal(err)
	}
	return u
}

var databases atomic.Int64 //nolint:gochecknoglobals // names them

func newName() string { return fmt.Sprintf("sparkbridge_test_%d_%d", os.Getpid(), databases.Add(1)) }

func create(tb testing.TB, server, options string) string {
	tb.Helper()
	name := newName()
	if err := run(tb, server, "CREATE DATABASE "+name+options); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := run(tb, server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return urlOf(tb, server, name)
}

func urlOf(tb testing.TB, server, database string) string {
	tb.Helper()
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatal(err)
	}
	u.Path = "/" + database
	return u.String()
}

// run runs a statement on the server's own database.
func run(tb testing.TB, server, statement string) error {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
