package topechelontest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// Errors of [Site.RoundTripper].
var (
	// ErrConnectionLost is what a client gets in memory when a connection is cut: the counterpart of an EOF on a socket.
	// Whether the request had an effect is unknown to the client, as in life.
	ErrConnectionLost = errors.New("topechelontest: connection lost")
	// ErrNoRoute is for hosts that are not the simulator's, and for everything after Close.
	ErrNoRoute = errors.New("topechelontest: no route to host")
)

// memory is the transport to one site without a socket.
type memory struct{ site *Site }

// RoundTrip reads the request, lets the site answer in a goroutine of its own, and hands the answer over when it is
// complete. An answer that comes after the request's context has ended is dropped; its effect is not.
func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	in, err := m.arrive(req)
	if err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		m.site.ServeHTTP(rec, in)
	}()
	select {
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case cut := <-done:
		if cut != nil {
			return nil, lost(cut)
		}
	}
	resp := rec.Result()
	resp.Request = req
	return resp, nil
}

// Route returns a transport that reaches several sites in memory, each by its own address, for a program that has one HTTP
// client for all: Route(nil, server.Site, host.Site). Whatever else is asked for goes to next, or nowhere when it is nil.
func Route(next http.RoundTripper, sites ...*Site) http.RoundTripper { return router{next, sites} }

type router struct {
	next  http.RoundTripper
	sites []*Site
}

func (r router) RoundTrip(req *http.Request) (*http.Response, error) {
	for _, s := range r.sites {
		if home, err := url.Parse(s.URL); err == nil && home.Host == req.URL.Host {
			return memory{s}.RoundTrip(req)
		}
	}
	if r.next != nil {
		return r.next.RoundTrip(req)
	}
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, fmt.Errorf("%w: %s", ErrNoRoute, req.URL.Host)
}

// lost is what a client sees of a handler that panicked.
func lost(cut any) error {
	if err, ok := cut.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return ErrConnectionLost
	}
	return fmt.Errorf("%w: the simulator panicked: %v", ErrConnectionLost, cut)
}

// arrive is the request as a server would have parsed it.
func (m memory) arrive(req *http.Request) (*http.Request, error) {
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		if closeErr := req.Body.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, fmt.Errorf("read request body: %w", err)
		}
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	home, err := url.Parse(m.site.URL)
	if err != nil || m.site.base.Err() != nil || req.URL.Host != home.Host {
		return nil, fmt.Errorf("%w: %s", ErrNoRoute, req.URL.Host)
	}
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.URL, err = url.ParseRequestURI(in.RequestURI); err != nil {
		return nil, fmt.Errorf("parse request URI: %w", err)
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.ContentLength = int64(len(body))
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.RemoteAddr = "192.0.2.1:49152" // TEST-NET-1
	return in, nil
}
