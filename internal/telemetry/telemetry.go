package telemetry

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

// Config says what is observed.
type Config struct {
	// Getenv reads the standard variables of OpenTelemetry.
	Getenv  func(name string) string
	Version string
	// Logger is told when traces cannot be delivered.
	Logger *slog.Logger
}

// Telemetry observes one service. It is safe for concurrent use.
type Telemetry struct {
	metrics *metrics
	traces  traces
}

// New returns a Telemetry. It calls nobody; a collector that cannot be reached is
// logged later and stops nothing.
func New(ctx context.Context, c Config) (*Telemetry, error) {
	traces, err := newTraces(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Telemetry{metrics: newMetrics(c.Version), traces: traces}, nil
}

// Close delivers the traces that have not been yet.
func (t *Telemetry) Close(ctx context.Context) error { return t.traces.close(ctx) }

// Hooks returns what the engine tells.
func (t *Telemetry) Hooks() bridge.Hooks {
	return bridge.Hooks{
		Happened: func(ctx context.Context, h bridge.Happening) {
			t.metrics.happened(h)
			if h.Kind == ats.EventRequested {
				t.traces.root(ctx, h)
			}
			trace.SpanFromContext(ctx).AddEvent(string(h.Kind), trace.WithAttributes(interviewAttribute(h.InterviewID)))
		},
		Begin: func(ctx context.Context, w bridge.Work) (context.Context, func(error)) {
			ctx, span := t.traces.work(ctx, w)
			return ctx, func(err error) {
				outcome := "done"
				if err != nil {
					outcome = "failed"
					span.SetStatus(codes.Error, err.Error())
				}
				t.metrics.work.WithLabelValues(w.Kind, outcome).Inc()
				span.End()
			}
		},
	}
}

// Client returns a client for the calls to one vendor. Timeout bounds a call.
func (t *Telemetry) Client(vendor string, timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout, Transport: &vendorTransport{t: t, vendor: vendor, next: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}}}
}

// vendorTransport measures calls to a vendor.
type vendorTransport struct {
	t      *Telemetry
	vendor string
	next   http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (v *vendorTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, span := v.t.traces.tracer.Start(req.Context(), v.vendor+" "+methodOf(req), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("http.request.method", methodOf(req)), attribute.String("server.address", req.URL.Hostname())))
	defer span.End()
	began := time.Now()
	resp, err := v.next.RoundTrip(req.WithContext(ctx))
	status := "error"
	if err == nil {
		status = strconv.Itoa(resp.StatusCode)
		span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
	} else {
		span.SetStatus(codes.Error, "no answer")
	}
	v.t.metrics.vendor.WithLabelValues(v.vendor, methodOf(req), status).Observe(time.Since(began).Seconds())
	return resp, err
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] work.
func (v *vendorTransport) CloseIdleConnections() {
	if c, ok := v.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// methodOf returns one of few words.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}
