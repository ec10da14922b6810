// Package telemetry makes the service observable: metrics in Prometheus's text
// format, traces by OpenTelemetry, ids of requests, and logs that carry both. The
// engine knows none of it; it has hooks. Only the binary imports this package.
//
// # Metrics
//
// docs/operations.md lists every name and what to do about it. Labels have few
// values: routes and never paths, adapters and never tenants. A credential is
// named by a keyed hash.
//
// # Traces
//
// There are none unless the standard variables name a collector, such as
// OTEL_EXPORTER_OTLP_ENDPOINT. The trace of an interview has the interview's own
// id, without its hyphens, as trace id: every process finds it without a note in
// the database, and whoever has the id finds the trace. It begins with the
// request, to whose own trace it is linked, and ends with the last report.
// Spans carry ids, kinds and statuses; no paths, names or bodies. Vendors are
// not sent trace headers.
package telemetry
