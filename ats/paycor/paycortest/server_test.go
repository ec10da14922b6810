package paycortest_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// The same over a socket, with and without TLS, and on a listener of the caller's.
func TestServesOverHTTP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	for name, opts := range map[string][]paycortest.Option{
		"plain": nil, "TLS": {paycortest.WithTLS()}, "a listener": {paycortest.WithListener(listener)},
	} {
		s := paycortest.NewServer(opts...)
		require.Equal(t, name == "TLS", s.Certificate() != nil, name)
		require.Equal(t, http.StatusUnauthorized, send(t, s.Client(), http.MethodGet, s.URL+"/v1/x", "", nil).status, name)
		// net/http repeats a GET by itself when a kept-alive connection dies under it.
		s.Inject(paycortest.Fault{Kind: paycortest.FaultLost, Times: -1})
		require.Error(t, send(t, s.Client(), http.MethodGet, s.URL+"/v1/x", "", nil).err, name)
		require.GreaterOrEqual(t, len(s.Requests()), 2, name)
		s.Close()
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]paycortest.Option{
		"memory with TLS":      {paycortest.InMemory(), paycortest.WithTLS()},
		"no clock":             {paycortest.WithClock(nil)},
		"no calls":             {paycortest.WithRateLimit(0, time.Minute)},
		"an address that none": {paycortest.WithPublicURL("paycor")},
	} {
		require.Panics(t, func() { paycortest.NewServer(opts...) }, name)
		require.Panics(t, func() { paycortest.NewHost(opts...) }, name)
	}
	s := paycortest.NewServer(paycortest.InMemory())
	require.Panics(t, func() { s.Inject(paycortest.Fault{}) })
	require.Panics(t, func() { s.Inject(paycortest.Fault{Kind: paycortest.FaultStatus}) })
}

func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	require.Equal(t, a.tokens.Access, b.tokens.Access)
	require.Equal(t, a.job.ID(), b.job.ID())
	require.Regexp(t, "^[0-9a-f]{32}$", a.job.ID())
	unseeded := paycortest.NewServer(paycortest.InMemory()).RegisterApplication(paycortest.ApplicationConfig{})
	require.NotEqual(t, a.app.ClientID(), unseeded.ClientID())
}

func TestFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		path := w.root() + "/accounts"
		w.Inject(paycortest.Fault{Kind: paycortest.FaultMalformed})
		require.NotContains(t, w.get(t, path).body, "}")

		w.Inject(paycortest.Fault{Kind: paycortest.FaultLost})
		require.ErrorIs(t, w.get(t, path).err, paycortest.ErrConnectionLost)

		until := w.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 503, Until: time.Now().Add(time.Minute)})
		require.Equal(t, 503, w.get(t, path).status)
		require.Equal(t, 503, w.get(t, path).status)
		<-time.After(time.Minute)
		require.Equal(t, 200, w.get(t, path).status)
		require.Equal(t, 2, until.Hits())

		w.Inject(paycortest.RateLimited(1, "3"))
		require.Equal(t, "3", w.get(t, path).header.Get("Retry-After"))

		held := w.Inject(paycortest.Fault{Kind: paycortest.FaultHold})
		go func() {
			<-held.Reached()
			held.Release()
		}()
		require.Equal(t, 200, w.get(t, path).status)

		// Nobody answers: the caller gives up.
		w.Inject(paycortest.Fault{Kind: paycortest.FaultHold})
		client := w.Client()
		client.Timeout = 5 * time.Second
		require.ErrorIs(t, send(t, client, http.MethodGet, w.URL+path, "", nil).err, context.DeadlineExceeded)
		synctest.Wait() // the server notices that the caller has left

		removed := w.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 500, Times: -1})
		removed.Remove()
		require.Equal(t, 200, w.get(t, path).status)
		last := w.Requests()[len(w.Requests())-1]
		require.Equal(t, w.app.ClientID(), last.Application)
		require.True(t, last.Effect)
	})
}

func TestMemoryTransportReachesOneHost(t *testing.T) {
	t.Parallel()
	s := paycortest.NewServer(paycortest.InMemory(), paycortest.WithPublicURL("https://apis.paycor.example"))
	require.Equal(t, "https://apis.paycor.example", s.URL)
	require.ErrorIs(t, send(t, s.Client(), http.MethodGet, "https://elsewhere.example/", "", nil).err, paycortest.ErrNoRoute)
	s.Close()
	require.ErrorIs(t, send(t, s.Client(), http.MethodGet, s.URL, "", nil).err, paycortest.ErrNoRoute)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://apis.paycor.example/", strings.NewReader(""))
	require.NoError(t, err)
	resp, err := s.Client().Do(req)
	if err == nil {
		resp.Body.Close()
	}
	require.True(t, errors.Is(err, paycortest.ErrNoRoute) || errors.Is(err, context.Canceled))
}

// Nothing that is printed holds a secret or a person.
func TestValuesPrintWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NotContains(t, w.tokens.String()+w.tokens.LogValue().String(), w.tokens.Access)
	require.NotContains(t, w.app.LogValue().String(), w.app.ClientSecret())
	require.Equal(t, "candidate c1", paycortest.CandidateConfig{ID: "c1", LastName: "Okafor"}.LogValue().String())
	require.Contains(t, w.String(), w.URL)
}
