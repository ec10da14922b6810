package httpx

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSignerSignsACopy(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	s := &signer{auth: Header("authorization", "Bearer t0p"), next: transportFunc(func(r *http.Request) (*http.Response, error) {
		sent = r
		return &http.Response{Request: r}, nil
	})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/me", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "application/json")

	resp, err := s.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, "Bearer t0p", sent.Header.Get("Authorization"))
	require.Equal(t, "application/json", sent.Header.Get("Accept"))
	require.Empty(t, req.Header.Get("Authorization"))
	require.Same(t, req, resp.Request, "what an error could print is the unsigned request")
}

// closing is a transport that hears when it should close its idle connections.
type closing struct {
	transportFunc
	closed int
}

func (c *closing) CloseIdleConnections() { c.closed++ }

func TestAFailedCallClosesNobodysConnections(t *testing.T) {
	t.Parallel()
	for _, auth := range []Auth{nil, Header("Authorization", "x")} {
		shared := &closing{transportFunc: func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }}
		c, err := New(Config{BaseURL: "https://api.example", HTTPClient: &http.Client{Transport: shared}, Auth: auth, MaxAttempts: 1})
		require.NoError(t, err)
		require.Error(t, c.Do(t.Context(), &Request{Method: http.MethodGet, Path: "/"}, nil))
		require.Zero(t, shared.closed)
	}
}
