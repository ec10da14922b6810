package teamtailortest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// Errors of the in-memory transports.
var (
	// ErrConnectionLost is what a client of an in-memory transport gets when the handler aborts: the counterpart of an
	// EOF on a socket. Whether the request had an effect is unknown to the client, as in life.
	ErrConnectionLost = errors.New("teamtailortest: connection lost")
	// ErrNoRoute is returned by [Server.RoundTripper] for hosts that are not the server's, and after Close.
	ErrNoRoute = errors.New("teamtailortest: no route to host")
)

// Transport returns a transport that answers requests by calling h in memory, each in a goroutine of its own. Give it an
// integration's handler and pass it to [WithIntegrationTransport], and no socket is involved in either direction.
//
// It reads the request's body before calling h and hands over the answer when h has returned; it ends with the request's
// context. If h panics with [http.ErrAbortHandler], the client gets [ErrConnectionLost].
func Transport(h http.Handler) http.RoundTripper { return memoryTransport{handler: h} }

type memoryTransport struct{ handler http.Handler }

// RoundTrip gives the handler a request as a server would have parsed it. The answer that arrives after the request's context
// has ended is dropped; the handler itself runs to its end.
func (m memoryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	body, err := drain(req.Body)
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := req.Clone(ctx)
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.ContentLength = int64(len(body))
	in.RequestURI = req.URL.RequestURI()
	in.URL, err = url.ParseRequestURI(in.RequestURI)
	if err != nil {
		return nil, fmt.Errorf("parse request URI: %w", err)
	}
	in.Host = req.Host
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "192.0.2.1:49152" // TEST-NET-1

	rec := httptest.NewRecorder()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		m.handler.ServeHTTP(rec, in)
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case p := <-done:
		if p == nil {
			resp := rec.Result()
			resp.Request = req
			return resp, nil
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			return nil, ErrConnectionLost
		}
		return nil, fmt.Errorf("%w: handler panicked: %v", ErrConnectionLost, p)
	}
}

// drain reads a body to its end and closes it, as a transport must.
func drain(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	b, err := io.ReadAll(body)
	if closeErr := body.Close(); err == nil {
		err = closeErr
	}
	return b, err
}

// serverTransport leads to one server only.
type serverTransport struct {
	server *Server
	next   http.RoundTripper
}

// RoundTrip refuses hosts that the server does not answer for.
func (t *serverTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.server.base.Err() != nil || !t.server.answersFor(req.URL.Host) {
		_, _ = drain(req.Body)
		return nil, fmt.Errorf("%w: %s", ErrNoRoute, req.URL.Host)
	}
	return t.next.RoundTrip(req)
}

// answersFor reports whether a host is the server's own name or its public one.
func (s *Server) answersFor(host string) bool {
	for _, known := range []string{s.URL, s.cfg.publicURL} {
		if u, err := url.Parse(known); err == nil && u.Host != "" && u.Host == host {
			return true
		}
	}
	return false
}
