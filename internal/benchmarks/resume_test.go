package benchmarks

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// BenchmarkResume kills a process while Spark Hire has its requests in hand and a
// hundred more wait, starts another one, and measures the time from that start to
// the first invitation. Nobody is invited twice.
//
//	go test -run '^$' -bench Resume -benchtime 5x ./internal/benchmarks
func BenchmarkResume(b *testing.B) { inEach(b, resume) }

func resume(b *testing.B, place func() string) {
	b.Helper()
	var took []float64
	for b.Loop() {
		took = append(took, resumeOnce(b, place()).Seconds()*1000)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)-1], "most-ms")
	b.ReportMetric(0, "ns/op")
}

func resumeOnce(b *testing.B, where string) time.Duration {
	b.Helper()
	sh := sparkhiretest.NewServer(sparkhiretest.WithRateLimit(0, time.Minute))
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund"})
	keys := filepath.Join(b.TempDir(), "keys")
	ring := keyring.Generate()
	require.NoError(b, ring.WriteFile(keys))
	s, err := openAny(b.Context(), where)
	require.NoError(b, err)
	engine, err := newService(s, ring, sh.V1URL(), *budget)
	require.NoError(b, err)
	tenant := ats.TenantRef{Adapter: "memory", Tenant: "care"}
	_, err = engine.Connect(b.Context(), ats.Activation{
		Tenant: tenant, TimeZone: "Europe/Stockholm", Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(asha.Key)}},
	})
	require.NoError(b, err)
	for n := range 100 {
		_, err := engine.Submit(b.Context(), ats.Request{
			Tenant: tenant, Key: fmt.Sprint("k", n), Type: ats.Live, SparkHireJobID: job.ID, RequestedFor: "asha",
			Candidate: ats.Candidate{ID: fmt.Sprint("c", n), FirstName: "Mira", LastName: "Falk", Email: fmt.Sprintf("mira.%d@mail.example", n)},
			Job:       ats.Job{ID: "4711", Title: "Ward nurse"},
		})
		require.NoError(b, err)
	}
	require.NoError(b, s.Close())

	invitation := sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Times: sparkhiretest.Forever, Do: sparkhiretest.Hold()}
	held := sh.Inject(invitation)
	start := func() (kill func()) {
		p := exec.CommandContext(b.Context(), os.Args[0], "-service-on", where, "-service-spark", sh.V1URL(), "-service-keys", keys)
		p.Stderr = os.Stderr
		require.NoError(b, p.Start())
		return func() {
			_ = p.Process.Kill()
			_ = p.Wait() // the kill is its end
		}
	}
	kill := start()
	require.NoError(b, held.Wait(b.Context(), 1))
	kill()
	held.Remove()
	sh.ForgetRequests()

	again := sh.Inject(invitation)
	began := time.Now()
	kill = start()
	defer func() { kill() }()
	require.NoError(b, again.Wait(b.Context(), 1))
	took := time.Since(began)
	again.Remove()
	for email, n := range sh.Invitations() {
		require.Equal(b, 1, n, email)
	}
	return took
}
