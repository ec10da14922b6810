package telemetry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/sparkbridge/sparkbridge/bridge"
)

// traces makes spans.
type traces struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	close      func(context.Context) error
}

func interviewAttribute(id string) attribute.KeyValue {
	return attribute.String("sparkbridge.interview.id", id)
}

// newTraces makes traces that go to the collector that the environment names, or
// nowhere.
func newTraces(ctx context.Context, c Config) (traces, error) {
	off := traces{tracer: noop.Tracer{}, propagator: propagation.TraceContext{}, close: func(context.Context) error { return nil }}
	if !enabled(c.Getenv) {
		return off, nil
	}
	sampler, err := samplerOf(c.Getenv("OTEL_TRACES_SAMPLER"), c.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if err != nil {
		return off, err
	}
	exporter, err := otlptracehttp.New(ctx) // which reads the rest of the variables
	if err != nil {
		return off, fmt.Errorf("traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "sparkbridge"), attribute.String("service.version", c.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return off, fmt.Errorf("traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { c.Logger.Warn("traces are not delivered", "error", err) }))
	return over(sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about), sdktrace.WithSampler(interviewSampler{sampler}), sdktrace.WithIDGenerator(interviewIDs{}))), nil
}

func over(p *sdktrace.TracerProvider) traces {
	return traces{tracer: p.Tracer("github.com/sparkbridge/sparkbridge"), propagator: propagation.TraceContext{}, close: p.Shutdown}
}

// enabled reports whether the environment names a collector.
func enabled(getenv func(string) string) bool {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// samplerOf reads the standard names of samplers.
func samplerOf(name, arg string) (sdktrace.Sampler, error) {
	ratio := 1.0
	if strings.HasSuffix(name, "traceidratio") && arg != "" {
		var err error
		if ratio, err = strconv.ParseFloat(arg, 64); err != nil || ratio < 0 || ratio > 1 {
			return nil, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not %q", arg)
		}
	}
	switch name {
	case "", "parentbased_always_on":
		return sdktrace.ParentBased(sdktrace.AlwaysSample()), nil
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(ratio), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio)), nil
	}
	return nil, fmt.Errorf("OTEL_TRACES_SAMPLER: unknown sampler %q", name)
}

// root makes the first span of an interview's trace, linked to the call that
// asked for it.
func (t traces) root(ctx context.Context, h bridge.Happening) {
	place, ok := placeOf(h.InterviewID)
	if !ok {
		return
	}
	link := trace.LinkFromContext(ctx)
	ctx = context.WithValue(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), placeKey{}, place)
	opts := []trace.SpanStartOption{trace.WithNewRoot(), trace.WithAttributes(interviewAttribute(h.InterviewID), attribute.String("sparkbridge.adapter", h.Adapter))}
	if link.SpanContext.IsValid() {
		opts = append(opts, trace.WithLinks(link))
	}
	_, span := t.tracer.Start(ctx, "interview", opts...)
	span.End()
}

// work begins the span of a unit of work: in the interview's trace when it is
// about one.
func (t traces) work(ctx context.Context, w bridge.Work) (context.Context, trace.Span) {
	place, ok := placeOf(w.InterviewID)
	if !ok {
		return t.tracer.Start(ctx, w.Kind)
	}
	opts := []trace.SpanStartOption{trace.WithAttributes(interviewAttribute(w.InterviewID))}
	if link := trace.LinkFromContext(ctx); link.SpanContext.IsValid() {
		opts = append(opts, trace.WithLinks(link))
	}
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: place.trace, SpanID: place.span, TraceFlags: trace.FlagsSampled, Remote: true})
	ctx = context.WithValue(trace.ContextWithRemoteSpanContext(ctx, parent), placeKey{}, place)
	return t.tracer.Start(ctx, w.Kind, opts...)
}

// place is where an interview's trace is, and its first span in it.
type place struct {
	trace trace.TraceID
	span  trace.SpanID
}

type placeKey struct{}

// placeOf returns the place of an interview; every process finds the same.
func placeOf(interviewID string) (place, bool) {
	id, err := uuid.Parse(interviewID)
	if err != nil {
		return place{}, false
	}
	sum := sha256.Sum256(append([]byte("first span of "), id[:]...))
	return place{trace: trace.TraceID(id), span: trace.SpanID(sum[:8])}, true
}

// interviewIDs gives the first span of an interview its place; everything else
// gets random ids.
type interviewIDs struct{}

// NewIDs implements [sdktrace.IDGenerator].
func (interviewIDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if p, ok := ctx.Value(placeKey{}).(place); ok {
		return p.trace, p.span
	}
	var id trace.TraceID
	_, _ = rand.Read(id[:]) // never fails: it ends the program instead
	return id, interviewIDs{}.NewSpanID(ctx, id)
}

// NewSpanID implements [sdktrace.IDGenerator].
func (interviewIDs) NewSpanID(context.Context, trace.TraceID) trace.SpanID {
	var id trace.SpanID
	_, _ = rand.Read(id[:])
	return id
}

// interviewSampler decides about all spans of an interview alike, whichever
// process makes them: none of them knows what another has decided. Ids of
// interviews begin with the time, so it is their hash that is sampled.
type interviewSampler struct{ sdktrace.Sampler }

// ShouldSample implements [sdktrace.Sampler].
func (s interviewSampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if at, ok := p.ParentContext.Value(placeKey{}).(place); ok {
		sum := sha256.Sum256(at.trace[:])
		p.TraceID = trace.TraceID(sum[:16])
		p.ParentContext = context.Background()
	}
	return s.Sampler.ShouldSample(p)
}
