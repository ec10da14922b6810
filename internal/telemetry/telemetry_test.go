package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/internal/telemetry"
)

func observed(t *testing.T, environ map[string]string) (*telemetry.Telemetry, error) {
	t.Helper()
	return telemetry.New(t.Context(), telemetry.Config{Getenv: func(name string) string { return environ[name] }, Version: `v1 "quoted"`})
}

// page returns the metrics.
func page(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	require.Contains(t, w.Header().Get("Content-Type"), "text/plain; version=0.0.4")
	return w.Body.String()
}

func TestMetricsAreWrittenAsPrometheusReadsThem(t *testing.T) {
	t.Parallel()
	o, err := observed(t, nil)
	require.NoError(t, err)
	hooks := o.Hooks()
	hooks.Happened(t.Context(), bridge.Happening{Adapter: "teamtailor", Kind: ats.EventRequested})
	hooks.Happened(t.Context(), bridge.Happening{Kind: ats.EventPublishFailed, Dead: true})
	_, end := hooks.Begin(t.Context(), bridge.Work{Kind: "drain"})
	end(errors.New("refused"))
	looks, fails := 0, false
	h := o.Metrics(func(context.Context) ([]bridge.Backlog, error) {
		looks++
		if fails {
			return nil, errors.New("database away")
		}
		return []bridge.Backlog{
			{Credential: "0123456789abcdef", Waiting: 7, Oldest: time.Now().Add(-time.Hour), BudgetLeft: 393},
			{Credential: "fedcba9876543210", BudgetLeft: 400, BlockedUntil: time.Now().Add(time.Minute)},
		}, nil
	})
	text := page(t, h)
	for _, want := range []string{
		"# TYPE sparkbridge_requests_accepted_total counter\nsparkbridge_requests_accepted_total{adapter=\"teamtailor\"} 1\n",
		"sparkbridge_reports_dead_total{adapter=\"unknown\"} 1\n",
		"sparkbridge_work_total{kind=\"drain\",outcome=\"failed\"} 1\n",
		"sparkbridge_queue_waiting 7\n",
		"sparkbridge_credential_waiting{credential=\"0123456789ab\"} 7\n",
		"sparkbridge_credential_budget_left{credential=\"0123456789ab\"} 393\n",
		"sparkbridge_credential_budget_left{credential=\"fedcba987654\"} 0\n",
		`sparkbridge_build_info{go="go`,
		`version="v1 \"quoted\""} 1`,
	} {
		require.Contains(t, text, want)
	}
	require.Regexp(t, `(?m)^sparkbridge_queue_oldest_seconds 3(599|600)`, text)
	fails = true
	page(t, h)
	require.Equal(t, 1, looks, "one look is good for a while")
}

func TestAQueueThatCannotBeReadIsCounted(t *testing.T) {
	t.Parallel()
	o, err := observed(t, nil)
	require.NoError(t, err)
	h := o.Metrics(func(context.Context) ([]bridge.Backlog, error) { return nil, errors.New("database away") })
	require.Contains(t, page(t, h), "sparkbridge_queue_unreadable_total 1\n")
}

func TestVendorCallsAreMeasuredWithoutTheirPaths(t *testing.T) {
	t.Parallel()
	o, err := observed(t, nil)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	client := o.Client("sparkhire", time.Second)
	ask := func() error {
		req, err := http.NewRequestWithContext(t.Context(), "BREW", server.URL+"/secret", http.NoBody)
		require.NoError(t, err)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	require.NoError(t, ask())
	client.CloseIdleConnections()
	server.Close()
	require.Error(t, ask())
	text := page(t, o.Metrics(func(context.Context) ([]bridge.Backlog, error) { return nil, nil }))
	require.Contains(t, text, `sparkbridge_vendor_request_duration_seconds_count{method="other",status="418",vendor="sparkhire"} 1`)
	require.Contains(t, text, `sparkbridge_vendor_request_duration_seconds_bucket{method="other",status="error",vendor="sparkhire",le="+Inf"} 1`)
	require.NotContains(t, text, "secret")
}

func TestSamplersAreNamedAsTheStandardSays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, arg, want string
	}{
		{"", "", ""},
		{"parentbased_traceidratio", "0.25", ""},
		{"always_off", "", ""},
		{"traceidratio", "2", "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1"},
		{"sometimes", "", `OTEL_TRACES_SAMPLER: unknown sampler "sometimes"`},
	} {
		o, err := observed(t, map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_SAMPLER": tc.name, "OTEL_TRACES_SAMPLER_ARG": tc.arg,
		})
		if tc.want != "" {
			require.ErrorContains(t, err, tc.want)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, o.Close(t.Context()))
	}
}

func TestTheDocumentationListsEveryMetric(t *testing.T) {
	t.Parallel()
	o, err := observed(t, nil)
	require.NoError(t, err)
	docs, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	var known []string
	for _, name := range o.MetricNames() {
		known = append(known, name)
		if strings.HasPrefix(name, "sparkbridge_") { // the others are Prometheus's own
			require.Contains(t, string(docs), "`"+name+"`")
		}
	}
	for _, name := range regexp.MustCompile("`(sparkbridge_[a-z_]+)`").FindAllStringSubmatch(string(docs), -1) {
		require.True(t, slices.Contains(known, name[1]) || strings.HasPrefix(name[1], "sparkbridge_audit"), name[1])
	}
}
