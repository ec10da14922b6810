package main_test

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// metric returns the value of a line of the metrics that begins with name and
// labels.
func (w *world) metric(line string) float64 {
	w.Helper()
	status, body := w.get("/metrics")
	require.Equal(w, http.StatusOK, status)
	found := regexp.MustCompile(`(?m)^` + line + ` (\S+)$`).FindStringSubmatch(body)
	require.NotNil(w, found, "%s in\n%s", line, body)
	n, err := strconv.ParseFloat(found[1], 64)
	require.NoError(w, err)
	return n
}

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	mira := w.invite("Mirabel")
	w.hooksRegistered()
	w.complete(mira)
	require.NoError(t, w.spark.Flush(w.ctx))
	for line, want := range map[string]float64{
		`sparkbridge_requests_accepted_total\{adapter="teamtailor"\}`:                                        1,
		`sparkbridge_invitations_sent_total\{adapter="teamtailor"\}`:                                         1,
		`sparkbridge_interviews_completed_total\{adapter="teamtailor"\}`:                                     1,
		`sparkbridge_vendor_request_duration_seconds_count\{method="POST",status="201",vendor="sparkhire"\}`: 1,
		`sparkbridge_queue_waiting`:        0,
		`sparkbridge_queue_oldest_seconds`: 0,
	} {
		if got := w.metric(line); strings.Contains(line, "POST") {
			require.GreaterOrEqual(t, got, want, line) // and the subscriptions
		} else {
			require.InDelta(t, want, got, 0, line)
		}
	}
	require.Positive(t, w.metric(`sparkbridge_reports_published_total\{adapter="teamtailor"\}`))
	require.Positive(t, w.metric(`sparkbridge_work_total\{kind="invite",outcome="done"\}`))
	require.Positive(t, w.metric(`sparkbridge_http_requests_total\{method="POST",route="/sparkhire/v1/\{connection\}/\{event\}/\{secret\}",status="\d+"\}`))
	require.Positive(t, w.metric(`sparkbridge_http_requests_total\{method="POST",route="/teamtailor/",status="200"\}`))
	require.Less(t, w.metric(`sparkbridge_credential_budget_left\{credential="[0-9a-f]{12}"\}`), 400.0)

	_, body := w.get("/metrics")
	for _, private := range w.personal {
		require.NotContains(t, body, private)
	}
	for line := range strings.Lines(body) {
		require.Regexp(t, `^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [-+0-9.e]+)\n$`, line)
	}
	w.stop()
	w.discreet()
}

// collected is a collector of traces.
type collected struct {
	mu    sync.Mutex
	spans []*v1.Span
	texts []string
}

// ServeHTTP implements http.Handler.
func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	text, err := io.ReadAll(body)
	var sent collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(text, &sent)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, string(text))
	for _, rs := range sent.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			c.spans = append(c.spans, ss.GetSpans()...)
		}
	}
}

func TestAnInterviewIsOneTraceAcrossProcesses(t *testing.T) {
	t.Parallel()
	traces := &collected{}
	server := httptest.NewServer(traces)
	t.Cleanup(server.Close)
	w := newCompanyWorld(t, setup{environ: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + server.URL}, set: []string{"api_tokens=" + operatorToken}})
	mira := w.invite("Mirabel")
	w.stop()
	w.start()
	w.complete(mira)
	status, out, stderr := w.command("interviews", "list", "--json")
	require.Zero(t, status, stderr)
	interview := onlyItem(t, out)
	w.stop()

	traces.mu.Lock()
	defer traces.mu.Unlock()
	id := strings.ReplaceAll(interview.ID, "-", "")
	kinds, roots, calls := map[string]int{}, 0, 0
	var first []byte
	for _, s := range traces.spans {
		if hex.EncodeToString(s.GetTraceId()) != id {
			continue
		}
		kinds[s.GetName()]++
		if len(s.GetParentSpanId()) == 0 {
			roots++
			first = s.GetSpanId()
			require.Equal(t, "interview", s.GetName())
			require.Len(t, s.GetLinks(), 1, "the call that asked for it")
		}
		if s.GetKind() == v1.Span_SPAN_KIND_CLIENT {
			calls++
		}
	}
	require.Equal(t, 1, roots)
	for _, kind := range []string{"invite", "observe", "publish"} {
		require.Positive(t, kinds[kind], kind)
	}
	require.Positive(t, calls)
	for _, s := range traces.spans {
		if s.GetName() == "invite" {
			require.Equal(t, first, s.GetParentSpanId())
		}
	}
	for _, private := range append([]string{mira.email, "Mirabel"}, w.personal...) {
		for _, text := range traces.texts {
			require.NotContains(t, text, private)
		}
	}
	w.discreet()
}

func TestRequestsHaveIDsThatTheLogHasToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{set: []string{"log.level=debug"}})
	ask := func(id string) string {
		req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.running.url(w.ctx, t)+"/api/v1/connections", http.NoBody)
		require.NoError(t, err)
		if id != "" {
			req.Header.Set("X-Request-Id", id)
		}
		resp, err := (&http.Client{}).Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		var problem struct {
			RequestID string `json:"request_id"`
		}
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&problem))
		require.Equal(t, problem.RequestID, resp.Header.Get("X-Request-Id"))
		_, err = w.running.stderr.await(w.ctx, "msg=answered method=GET route=/api/ status=401")
		require.NoError(t, err)
		_, err = w.running.stderr.await(w.ctx, "request_id="+problem.RequestID)
		require.NoError(t, err)
		return problem.RequestID
	}
	require.Equal(t, "proxy-0123456789", ask("proxy-0123456789"))
	require.NotEqual(t, "mira.falk@mail.example", ask("mira.falk@mail.example"))
	require.NotEmpty(t, ask(""))
	w.stop()
	w.private("mira.falk@mail.example")
	w.discreet()
}

func TestCallsFromPagesOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{set: []string{"api_tokens=" + operatorToken}})
	for name, tc := range map[string]struct {
		headers map[string]string
		status  int
	}{
		"another site":   {map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		"another origin": {map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"a program":      {nil, http.StatusUnprocessableEntity},
	} {
		req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.running.url(w.ctx, t)+"/api/v1/connections", strings.NewReader(`{}`))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+operatorToken)
		for k, v := range tc.headers {
			req.Header.Set(k, v)
		}
		resp, err := (&http.Client{}).Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, tc.status, resp.StatusCode, name)
	}
	w.stop()
}
