package telemetry

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const headerRequestID = "X-Request-Id"

type requestIDKey struct{}

// Handler observes the calls of a service: each has an id, which is the caller's
// if it is a plain one, and which the answer and the log have too.
func (t *Telemetry) Handler(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := r.Header.Get(headerRequestID)
		if !plainID(id) {
			id = rand.Text()
		}
		ctx := context.WithValue(r.Context(), requestIDKey{}, id)
		if strings.HasPrefix(r.URL.Path, "/api/") { // only callers with a token may go on with a trace
			ctx = t.traces.propagator.Extract(ctx, propagation.HeaderCarrier(r.Header))
		}
		ctx, span := t.traces.tracer.Start(ctx, methodOf(r), trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(attribute.String("http.request.method", methodOf(r)), attribute.String("sparkbridge.request_id", id)))
		defer span.End()
		r = r.Clone(ctx)
		r.Header.Set(headerRequestID, id)
		w.Header().Set(headerRequestID, id)
		answer := &answer{ResponseWriter: w}
		next.ServeHTTP(answer, r)

		status := answer.status
		if status == 0 {
			status = http.StatusOK
		}
		route := routeOf(r)
		t.metrics.calls.WithLabelValues(methodOf(r), route, strconv.Itoa(status)).Inc()
		t.metrics.callSeconds.WithLabelValues(route).Observe(time.Since(began).Seconds())
		span.SetName(methodOf(r) + " " + route)
		span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
		level := slog.LevelDebug
		if status >= http.StatusInternalServerError {
			level = slog.LevelWarn
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		log.Log(ctx, level, "answered", "method", methodOf(r), "route", route, "status", status, "took", time.Since(began).Round(time.Microsecond))
	})
}

// plainID reports whether an id can be taken from a caller: it is no address and
// no name.
func plainID(id string) bool {
	return len(id) >= 8 && len(id) <= 64 && strings.Trim(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_") == ""
}

// routeOf returns the pattern that served a call: paths have ids and secrets in
// them.
func routeOf(r *http.Request) string {
	route := r.Pattern
	if _, path, ok := strings.Cut(route, " "); ok {
		route = path
	}
	if route == "" {
		return "none"
	}
	return route
}

// answer notes the status.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] reach what is underneath.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Log returns a handler that adds the ids of the call and of the trace to what
// is logged with a context.
func Log(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestIDKey{}).(string); ok && !has(r, "request_id") {
		r.AddAttrs(slog.String("request_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }

func has(r slog.Record, name string) bool {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == name
		return !found
	})
	return found
}
