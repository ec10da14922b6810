package paycortest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// Errors of the in-memory transport.
var (
	// ErrConnectionLost is what a client gets when the connection is cut: the counterpart of an EOF on
	// a socket. Whether the request had an effect is unknown to the client, as in life.
	ErrConnectionLost = errors.New("paycortest: connection lost")
	// ErrNoRoute is returned for hosts that are not the server's, and after Close.
	ErrNoRoute = errors.New("paycortest: no route to host")
)

// endpointTransport leads to one server only, without a socket.
type endpointTransport struct{ endpoint *Endpoint }

// RoundTrip gives the handler a request as a server would have parsed it, in a goroutine of its own.
// The answer that comes after the request's context has ended is dropped; the handler runs to its end.
func (t *endpointTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	body, err := drain(req.Body)
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if t.endpoint.base.Err() != nil || !t.endpoint.answersFor(req.URL.Host) {
		return nil, fmt.Errorf("%w: %s", ErrNoRoute, req.URL.Host)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := req.Clone(ctx)
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	in.RequestURI = req.URL.RequestURI()
	if in.URL, err = url.ParseRequestURI(in.RequestURI); err != nil {
		return nil, errors.New("parse request URI")
	}
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "192.0.2.1:49152" // TEST-NET-1

	rec := httptest.NewRecorder()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		t.endpoint.serve(rec, in)
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
