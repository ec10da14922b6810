package sparkhiretest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// HandlerTransport returns a transport that hands every request to a handler in this process, without sockets, so that
// it works in a testing/synctest bubble. Each request is served by a goroutine of its own, which the handler's return
// ends. The handler's request context ends when the caller gives up or has closed the body. A handler that panics with
// http.ErrAbortHandler loses the connection: io.ErrUnexpectedEOF; any other panic becomes the transport's error.
func HandlerTransport(h http.Handler) http.RoundTripper { return memory{h} }

type memory struct{ handler http.Handler }

// inMemory marks the context of requests that did not come over a socket.
type inMemory struct{}

// errRefused is what a handler panics with to look like a server that does not listen.
var errRefused = errors.New("connection refused")

// cut ends the request without an answer. It does not return.
func cut(r *http.Request, refuse bool) {
	if refuse && r.Context().Value(inMemory{}) != nil {
		panic(errRefused)
	}
	panic(http.ErrAbortHandler)
}

// RoundTrip implements http.RoundTripper.
func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	serverSide, leave := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), inMemory{}, true))
	incoming := req.Clone(serverSide)
	incoming.Body = io.NopCloser(bytes.NewReader(body))
	incoming.ContentLength = int64(len(body))
	incoming.RequestURI = req.URL.RequestURI()
	incoming.RemoteAddr = "192.0.2.1:49152"
	incoming.Proto, incoming.ProtoMajor, incoming.ProtoMinor = "HTTP/1.1", 1, 1
	if incoming.Host == "" {
		incoming.Host = req.URL.Host
	}
	x := &exchange{
		req: req, leave: leave, header: http.Header{},
		started: make(chan struct{}), changed: make(chan struct{}),
	}
	go x.serve(m.handler, incoming)
	select {
	case <-x.started:
		return x.response()
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

func drain(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }() // it was only read
	return io.ReadAll(req.Body)
}
