package sparkhiretest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
)

// exchange is one request and its answer: the handler's ResponseWriter on one side, the response's body on the other.
// Writing never blocks, so that a caller who forgets the body leaves nothing behind.
type exchange struct {
	req    *http.Request // as the caller sent it
	leave  context.CancelFunc
	header http.Header // the handler's

	started chan struct{} // closed when the caller gets the response or the failure

	mu      sync.Mutex
	status  int
	sent    http.Header   // the header as it was when the status was written
	data    bytes.Buffer  // written and not yet read
	written int64         // bytes of the body so far
	flushed bool          // the caller has the response while the handler still runs
	failure error         // instead of a response
	end     error         // what reading ends with; nil while the handler may write
	changed chan struct{} // closed and renewed when there is something to read
}

func (x *exchange) serve(h http.Handler, r *http.Request) {
	defer func() { x.finish(recover()) }()
	h.ServeHTTP(x, r)
}

// finish ends the answer: complete, shorter than announced, or by a panic.
func (x *exchange) finish(panicked any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.writeHead(http.StatusOK)
	x.end = io.EOF
	switch {
	case panicked == nil && x.announced() > x.written:
		x.end = io.ErrUnexpectedEOF
	case panicked == nil:
		if !x.flushed && x.announced() < 0 {
			x.sent.Set("Content-Length", strconv.FormatInt(x.written, 10))
		}
	default:
		x.end = x.lost(panicked)
		if !x.flushed {
			x.failure = x.end
		}
	}
	if !x.flushed {
		close(x.started)
	}
	x.signal()
}

// lost says what a handler's panic looks like from the caller's side.
func (x *exchange) lost(panicked any) error {
	switch panicked {
	case errRefused:
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case http.ErrAbortHandler:
		return io.ErrUnexpectedEOF
	default:
		return fmt.Errorf("serve %s %s: the handler panicked: %v", x.req.Method, x.req.URL.Path, panicked)
	}
}

// announced is the Content-Length the handler has set, or -1.
func (x *exchange) announced() int64 {
	n, err := strconv.ParseInt(x.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.writeHead(status)
}

func (x *exchange) writeHead(status int) {
	if x.status == 0 {
		x.status, x.sent = status, x.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.writeHead(http.StatusOK)
	x.written += int64(len(p))
	x.data.Write(p)
	x.signal()
	return len(p), nil
}

// Flush implements http.Flusher: the caller gets the response and can read what was written.
func (x *exchange) Flush() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.writeHead(http.StatusOK)
	if !x.flushed {
		x.flushed = true
		close(x.started)
	}
	x.signal()
}

func (x *exchange) signal() {
	close(x.changed)
	x.changed = make(chan struct{})
}

// response is what RoundTrip returns. It is called once started is closed.
func (x *exchange) response() (*http.Response, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failure != nil {
		x.leave()
		return nil, x.failure
	}
	return &http.Response{
		Status:     strconv.Itoa(x.status) + " " + http.StatusText(x.status),
		StatusCode: x.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.sent, Body: (*received)(x), ContentLength: x.announced(), Request: x.req,
	}, nil
}

// received is the answer's body as the caller reads it.
type received exchange

// Read implements io.Reader. It waits for the handler, and gives up with the error of the caller's context.
func (b *received) Read(p []byte) (int, error) {
	x, ctx := (*exchange)(b), b.req.Context()
	for {
		x.mu.Lock()
		if x.data.Len() > 0 {
			n, err := x.data.Read(p)
			x.mu.Unlock()
			return n, err
		}
		end, changed := x.end, x.changed
		x.mu.Unlock()
		if end != nil {
			x.leave()
			return 0, end
		}
		select {
		case <-changed:
		case <-ctx.Done():
			x.leave()
			return 0, ctx.Err()
		}
	}
}

// Close implements io.Closer. The handler's context ends, as it does when a connection is closed.
func (b *received) Close() error {
	b.leave()
	return nil
}
