package benchmarks

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// The test binary is also the process that BenchmarkResume kills and that
// BenchmarkImportMemory measures.
var (
	serviceOn  = flag.String("service-on", "", "be an engine on this database: a path or a postgres URL")
	sparkURL   = flag.String("service-spark", "", "the URL of Spark Hire for -service-on")
	keyFile    = flag.String("service-keys", "", "the key file for -service-on")
	budget     = flag.Int("service-budget", 1_000_000, "the calls a minute of a key for -service-on")
	serviceAPI = flag.Bool("service-api", false, "with -service-on, answer HTTP and print the address")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *serviceOn == "" {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, serve(context.Background()))
	os.Exit(1)
}

// serve runs an engine until it is killed.
func serve(ctx context.Context) error {
	s, err := openAny(ctx, *serviceOn)
	if err != nil {
		return err
	}
	keys, err := keyring.OpenFile(*keyFile)
	if err != nil {
		return err
	}
	engine, err := newService(s, keys, *sparkURL, *budget)
	if err != nil {
		return err
	}
	if *serviceAPI {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &http.Server{Handler: engine.Handler(), ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(listener) }()
		_, _ = fmt.Fprintln(os.Stdout, "http://"+listener.Addr().String())
	}
	return engine.Run(ctx)
}

func openAny(ctx context.Context, where string) (database, error) {
	if strings.HasPrefix(where, "postgres") {
		return postgres.Open(ctx, where)
	}
	return sqlite.Open(ctx, where)
}

func newService(s database, keys *keyring.Ring, sparkURL string, perMinute int) (*bridge.Bridge, error) {
	return bridge.New(bridge.Config{
		Store: s, Keys: keys, Adapters: []ats.Adapter{plain{memory.New(memory.Options{})}}, APITokens: []ats.Secret{"token"},
		SparkHire: bridge.SparkHireConfig{V1URL: sparkURL, RequestsPerMinute: perMinute},
	})
}

// startService starts a process that answers at the address until it is stopped.
func startService(b *testing.B, args ...string) (address string, process *os.Process, stop func()) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], append(args, "-service-api")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // the kill is its end
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
	}
	require.NoError(b, err)
	return strings.TrimSpace(line), cmd.Process, stop
}
