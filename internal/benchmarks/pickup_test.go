package benchmarks

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// BenchmarkPickUp measures, on an idle engine, the time from asking for an
// interview to Spark Hire's being called.
func BenchmarkPickUp(b *testing.B) { onEach(b, pickUp) }

func pickUp(b *testing.B, open func(*testing.B) database) {
	b.Helper()
	sh := sparkhiretest.NewServer(sparkhiretest.WithRateLimit(0, time.Minute))
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund"})
	called := make(chan time.Time, 1)
	store := open(b)
	pretend := memory.New(memory.Options{})
	engine, err := bridge.New(bridge.Config{
		Store: store, Keys: keyring.Generate(), Adapters: []ats.Adapter{pretend},
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL(), RequestsPerMinute: 1_000_000, HTTPClient: &http.Client{Transport: noting{called, &http.Transport{}}}},
	})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- engine.Run(ctx) }()
	account := pretend.Account("care")
	_, err = engine.Connect(ctx, ats.Activation{
		Tenant: account.Tenant(), TimeZone: "Europe/Stockholm",
		Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(asha.Key)}},
	})
	require.NoError(b, err)

	var waits []time.Duration
	for b.Loop() {
		candidate := account.AddCandidate("", ats.Candidate{FirstName: "Mira", LastName: "Falk", Email: fmt.Sprintf("mira.%d@mail.example", len(waits))})
		began := time.Now()
		_, err := engine.Submit(ctx, ats.Request{
			Tenant: account.Tenant(), Key: candidate.ID, Type: ats.Live, Candidate: candidate, SparkHireJobID: job.ID, RequestedFor: "asha",
		})
		require.NoError(b, err)
		waits = append(waits, (<-called).Sub(began))
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
	stop()
	require.NoError(b, <-ended)
	require.NoError(b, store.Close())
}

// noting tells when an interview is created.
type noting struct {
	called chan time.Time
	next   http.RoundTripper
}

func (n noting) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		n.called <- time.Now()
	}
	return n.next.RoundTrip(r)
}
