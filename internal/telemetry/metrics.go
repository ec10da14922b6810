package telemetry

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

// metrics is everything that is counted.
type metrics struct {
	registry *prometheus.Registry

	accepted, sent, unconfirmed, failed, completed, published, dead *prometheus.CounterVec
	work, calls                                                     *prometheus.CounterVec
	callSeconds, vendor                                             *prometheus.HistogramVec
	waiting, oldest                                                 prometheus.Gauge
	credentialWaiting, budget                                       *prometheus.GaugeVec
	backlogFailed                                                   prometheus.Counter
	build                                                           *prometheus.GaugeVec
}

// newMetrics registers everything with a registry of its own.
func newMetrics(version string) *metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	make := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return make.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return make.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return make.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, labels)
	}
	m := &metrics{
		registry:    registry,
		accepted:    counter("sparkbridge_requests_accepted_total", "Requests that were stored; repeated ones do not count.", "adapter"),
		sent:        counter("sparkbridge_invitations_sent_total", "Invitations that Spark Hire confirmed.", "adapter"),
		unconfirmed: counter("sparkbridge_interviews_unconfirmed_total", "Invitations whose outcome a person must find out.", "adapter"),
		failed:      counter("sparkbridge_interviews_failed_total", "Invitations that were refused or could not be sent.", "adapter"),
		completed:   counter("sparkbridge_interviews_completed_total", "Interviews that candidates completed.", "adapter"),
		published:   counter("sparkbridge_reports_published_total", "Reports that an ATS acknowledged.", "adapter"),
		dead:        counter("sparkbridge_reports_dead_total", "Reports that were given up.", "adapter"),
		work:        counter("sparkbridge_work_total", "Units of work of the engine by outcome.", "kind", "outcome"),
		calls:       counter("sparkbridge_http_requests_total", "Calls that were answered.", "method", "route", "status"),
		callSeconds: histogram("sparkbridge_http_request_duration_seconds", "How long answers took.", "route"),
		vendor:      histogram("sparkbridge_vendor_request_duration_seconds", "How long vendors took to answer; status is error when there was none.", "vendor", "method", "status"),
		waiting: make.NewGauge(prometheus.GaugeOpts{
			Name: "sparkbridge_queue_waiting", Help: "Interviews that have not been asked for at Spark Hire yet.",
		}),
		oldest: make.NewGauge(prometheus.GaugeOpts{
			Name: "sparkbridge_queue_oldest_seconds", Help: "How long ago the oldest request was accepted that is not known to be sent.",
		}),
		credentialWaiting: gauge("sparkbridge_credential_waiting",
			"The same for one Spark Hire key, named by a hash; at most 10000.", "credential"),
		budget: gauge("sparkbridge_credential_budget_left", "Calls that the key may still make in this minute.", "credential"),
		backlogFailed: make.NewCounter(prometheus.CounterOpts{
			Name: "sparkbridge_queue_unreadable_total", Help: "Times that the queue could not be looked at for these metrics.",
		}),
		build: gauge("sparkbridge_build_info", "Always 1.", "version", "go"),
	}
	m.build.WithLabelValues(version, runtime.Version()).Set(1)
	return m
}

// happened counts a line of a timeline.
func (m *metrics) happened(h bridge.Happening) {
	adapter := h.Adapter
	if adapter == "" {
		adapter = "unknown"
	}
	switch {
	case h.Dead:
		m.dead.WithLabelValues(adapter).Inc()
	case h.Kind == ats.EventRequested:
		m.accepted.WithLabelValues(adapter).Inc()
	case h.Kind == ats.EventSent:
		m.sent.WithLabelValues(adapter).Inc()
	case h.Kind == ats.EventUnconfirmed:
		m.unconfirmed.WithLabelValues(adapter).Inc()
	case h.Kind == ats.EventFailed:
		m.failed.WithLabelValues(adapter).Inc()
	case h.Kind == ats.EventCompleted:
		m.completed.WithLabelValues(adapter).Inc()
	case h.Kind == ats.EventPublished:
		m.published.WithLabelValues(adapter).Inc()
	}
}

const (
	// backlogFor is how long a look at the queue is good for: however many ask,
	// the database is asked once.
	backlogFor     = 10 * time.Second
	backlogTimeout = 5 * time.Second
)

// backlogs looks at the queue when metrics are asked for.
type backlogs struct {
	read func(ctx context.Context) ([]bridge.Backlog, error)
	m    *metrics
	mu   sync.Mutex
	at   time.Time
	// known are the keys that are shown.
	known map[string]bool
}

func (b *backlogs) refresh(ctx context.Context, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.at) < backlogFor {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, backlogTimeout)
	defer cancel()
	all, err := b.read(ctx)
	if err != nil {
		b.m.backlogFailed.Inc() // what was seen last stays
		return
	}
	b.at = now
	waiting, oldest := 0, time.Duration(0)
	present := make(map[string]bool, len(all))
	for _, one := range all {
		waiting += one.Waiting
		if !one.Oldest.IsZero() {
			oldest = max(oldest, now.Sub(one.Oldest))
		}
		name := one.Credential[:min(12, len(one.Credential))]
		left := float64(one.BudgetLeft)
		if !one.BlockedUntil.IsZero() {
			left = 0
		}
		present[name] = true
		b.m.credentialWaiting.WithLabelValues(name).Set(float64(one.Waiting))
		b.m.budget.WithLabelValues(name).Set(left)
	}
	for name := range b.known { // a key that has gone
		if !present[name] {
			b.m.credentialWaiting.DeleteLabelValues(name)
			b.m.budget.DeleteLabelValues(name)
		}
	}
	b.known = present
	b.m.waiting.Set(float64(waiting))
	b.m.oldest.Set(oldest.Seconds())
}

// Metrics serves the metrics. read tells what waits; it is asked every ten
// seconds at most.
func (t *Telemetry) Metrics(read func(ctx context.Context) ([]bridge.Backlog, error)) http.Handler {
	b := &backlogs{read: read, m: t.metrics}
	page := promhttp.HandlerFor(t.metrics.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.refresh(r.Context(), time.Now())
		page.ServeHTTP(w, r)
	})
}
