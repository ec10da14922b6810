// Package httpapi is the REST API under /api/v1: for a recruiting backend, for the
// hosts of cards, for the console and the command line. It is a thin layer over the
// engine, whose Handler serves it; a Go program can do everything without it.
//
// The OpenAPI 3.1 document is served at /api/v1/openapi.yaml. The tests hold every
// call, body and answer to it.
//
// # Authentication
//
// Every call needs one of the tokens of [Config] as Authorization: Bearer. Who acts
// is said by the trusted caller in the headers Sparkbridge-Actor-Id, -Name, -Email,
// -Admin and -Time-Zone; or Sparkbridge-Actor-Credential is given to the adapter's
// host, which knows the holder, and the other headers are not looked at. Where the
// ATS decides who may see a candidate, a person who may not gets nothing. A call
// that names nobody is the backend's own, unless it depends on the person: then it
// is refused with actor_required. Posts from pages of other sites are refused.
//
// Beside /api, /oauth/{adapter}/start also takes who has signed in to the pages of
// package console; that person acts.
//
// # Pagination
//
// Lists of connections, interviews and deliveries have pages of 50 items, or of
// limit, at most 200, and a next_cursor, empty on the last page. A cursor is opaque.
// Items that come meanwhile repeat nothing and hide nothing.
//
// # Errors
//
// Every error is a problem of RFC 9457 with a stable code, and a field where it
// concerns one. The request id is in the problem, in the header X-Request-Id and in
// the log; of errors inside the service nothing else is told.
//
// # Requests in bulk
//
// POST /connections/{id}/interviews/bulk reads one request per line and answers each
// with a line, in order, while the caller is still sending. What has arrived
// together is stored in one transaction; memory does not grow with the input. The
// caller must read while it sends. A line that was answered is durable, and the
// whole can be repeated under the same keys.
//
// # Limits
//
// Job links have their addresses, but no adapter of this version links jobs: where
// each request names the Spark Hire job itself, reading one is 404 and changing one
// is refused with job_link_not_allowed; elsewhere all is not_supported. Connections
// to Spark Hire's API v2 are refused with unsupported.
package httpapi
