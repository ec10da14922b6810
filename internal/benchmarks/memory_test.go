package benchmarks

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// fewRows is what the memory of a large import is compared with.
const fewRows = 10_000

// BenchmarkImportMemory compares the most memory that a service uses during a large
// import with that of an import of ten thousand, each in a process of its own that also
// invites and shows lists. For a million:
//
//	go test -run '^$' -bench ImportMemory -benchtime 1x -timeout 1h ./internal/benchmarks -rows 1000000
func BenchmarkImportMemory(b *testing.B) { inEach(b, importMemory) }

func importMemory(b *testing.B, place func() string) {
	b.Helper()
	for b.Loop() {
		few := importPeak(b, place(), fewRows)
		many := importPeak(b, place(), *rows)
		b.ReportMetric(few, "peak-few-MB")
		b.ReportMetric(many, "peak-many-MB")
		b.ReportMetric(many/few, "peak-many/few")
		b.ReportMetric(0, "ns/op")
	}
}

// importPeak returns the most memory that the service used, in MB.
func importPeak(b *testing.B, where string, count int) float64 {
	b.Helper()
	sh := sparkhiretest.NewServer()
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund"})
	set := sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	keys := filepath.Join(b.TempDir(), "keys")
	ring := keyring.Generate()
	require.NoError(b, ring.WriteFile(keys))
	s, err := openAny(b.Context(), where)
	require.NoError(b, err)
	engine, err := newService(s, ring, sh.V1URL(), 400)
	require.NoError(b, err)
	conn, err := engine.Connect(b.Context(), ats.Activation{
		Tenant: ats.TenantRef{Adapter: "memory", Tenant: "care"}, TimeZone: "Europe/Stockholm",
		Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(asha.Key)}},
	})
	require.NoError(b, err)
	require.NoError(b, s.Close())

	address, process, stop := startService(b, "-service-on", where, "-service-spark", sh.V1URL(), "-service-keys", keys, "-service-budget", "400")
	defer stop()
	interviews := address + "/api/v1/connections/" + conn.ID + "/interviews"
	ctx, done := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		showLists(ctx, interviews)
	}()
	start := time.Now()
	send(b, interviews+"/bulk", &requests{count: count, job: job.ID, set: set.ID})
	elapsed := time.Since(start)
	done()
	<-ended
	peak := peakMB(b, process)
	b.Logf("%d requests in %s, peak %.1f MB", count, elapsed, peak)
	return peak
}

// showLists reads the newest interviews every ten milliseconds.
func showLists(ctx context.Context, address string) {
	client := new(http.Client)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?limit=50", http.NoBody)
		if err != nil {
			panic(err)
		}
		req.Header.Set("Authorization", "Bearer token")
		if resp, err := client.Do(req); err == nil {
			if resp.StatusCode != http.StatusOK {
				panic(resp.Status) // a benchmark without lists means nothing
			}
			_ = resp.Body.Close()
		}
		<-tick.C
	}
}

// peakMB is the most memory that a process has used.
func peakMB(b *testing.B, p *os.Process) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid))
	require.NoError(b, err)
	_, rest, found := strings.Cut(string(text), "VmHWM:")
	require.True(b, found)
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	require.NoError(b, err)
	return kb / 1024
}
