package telemetry

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

// metrics is everything that is counted.
type metrics struct {
	accepted, sent, unconfirmed, failed, completed, published, dead *family
	work                                                            *family
	calls, callSeconds                                              *family
	vendor                                                          *family
	waiting, oldest, credentialWaiting, budget                      *family
	backlogFailed                                                   *family
	build, started, goroutines                                      *family
}

func newMetrics(version string) *metrics {
	m := &metrics{
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
		waiting:     gauge("sparkbridge_queue_waiting", "Interviews that have not been asked for at Spark Hire yet."),
		oldest:      gauge("sparkbridge_queue_oldest_seconds", "How long the first of them has waited since it could have gone."),
		credentialWaiting: gauge("sparkbridge_credential_waiting",
			"The same for one Spark Hire key, named by a hash; at most 10000.", "credential"),
		budget:        gauge("sparkbridge_credential_budget_left", "Calls that the key may still make in this minute.", "credential"),
		backlogFailed: counter("sparkbridge_queue_unreadable_total", "Times that the queue could not be looked at for these metrics."),
		build:         gauge("sparkbridge_build_info", "Always 1.", "version", "go"),
		started:       gauge("process_start_time_seconds", "When the process started, in seconds since 1970."),
		goroutines:    gauge("go_goroutines", "Goroutines that there are."),
	}
	m.build.add(1, version, runtime.Version())
	m.started.add(float64(time.Now().UnixMilli()) / 1000)
	m.backlogFailed.add(0)
	return m
}

func (m *metrics) all() []*family {
	return []*family{
		m.accepted, m.sent, m.unconfirmed, m.failed, m.completed, m.published, m.dead, m.work, m.calls, m.callSeconds, m.vendor,
		m.waiting, m.oldest, m.credentialWaiting, m.budget, m.backlogFailed, m.build, m.started, m.goroutines,
	}
}

// happened counts a line of a timeline.
func (m *metrics) happened(h bridge.Happening) {
	adapter := h.Adapter
	if adapter == "" {
		adapter = "unknown"
	}
	switch {
	case h.Dead:
		m.dead.add(1, adapter)
	case h.Kind == ats.EventRequested:
		m.accepted.add(1, adapter)
	case h.Kind == ats.EventSent:
		m.sent.add(1, adapter)
	case h.Kind == ats.EventUnconfirmed:
		m.unconfirmed.add(1, adapter)
	case h.Kind == ats.EventFailed:
		m.failed.add(1, adapter)
	case h.Kind == ats.EventCompleted:
		m.completed.add(1, adapter)
	case h.Kind == ats.EventPublished:
		m.published.add(1, adapter)
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
		b.m.backlogFailed.add(1) // what was seen last stays
		return
	}
	b.at = now
	waiting, oldest := 0, time.Duration(0)
	each, left := make([]series, len(all)), make([]series, len(all))
	for n, one := range all {
		waiting += one.Waiting
		if !one.Oldest.IsZero() {
			oldest = max(oldest, now.Sub(one.Oldest))
		}
		name := []string{one.Credential[:min(12, len(one.Credential))]}
		each[n] = series{values: name, n: float64(one.Waiting)}
		left[n] = series{values: name, n: float64(one.BudgetLeft)}
		if !one.BlockedUntil.IsZero() {
			left[n].n = 0
		}
	}
	b.m.credentialWaiting.replace(each...)
	b.m.budget.replace(left...)
	b.m.waiting.replace(series{n: float64(waiting)})
	b.m.oldest.replace(series{n: oldest.Seconds()})
}

// Metrics serves the metrics. read tells what waits; it is asked every ten
// seconds at most.
func (t *Telemetry) Metrics(read func(ctx context.Context) ([]bridge.Backlog, error)) http.Handler {
	b := &backlogs{read: read, m: t.metrics}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.refresh(r.Context(), time.Now())
		t.metrics.goroutines.replace(series{n: float64(runtime.NumGoroutine())})
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = writeAll(w, t.metrics.all()...) // the caller may have left
	})
}
