package postgres_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A cut is when a connection breaks.
type cut int32

const (
	never cut = iota
	// beforeCommit: the server does not hear of the commit.
	beforeCommit
	// afterCommit: the server commits, and its answer is lost.
	afterCommit
)

// proxy stands between a store and the server, and breaks connections.
type proxy struct {
	url    string
	next   atomic.Int32                // the cut for the next commit
	listen atomic.Pointer[func() bool] // asked whether to cut, before the server hears that a store listens for alarms

	mu   sync.Mutex
	mute chan struct{} // closed when the connections made until now fall silent
}

// silence makes the connections that there are say nothing any more, and close neither
// end, as when the server's machine is gone. New ones work.
func (p *proxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.mute)
	p.mute = make(chan struct{})
}

func (p *proxy) muted() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mute
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	u, err := url.Parse(server)
	require.NoError(t, err)
	to := u.Host
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	u.Host = l.Addr().String()
	p := &proxy{url: u.String(), mute: make(chan struct{})}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			go p.forward(client, server, p.muted())
		}
	}()
	return p
}

// onListen has f asked before the server hears that a store listens, for the nth time
// since then; the connection is cut where it says so.
func (p *proxy) onListen(f func(n int) bool) {
	var times atomic.Int32
	listen := func() bool { return f(int(times.Add(1))) }
	p.listen.Store(&listen)
}

func (p *proxy) forward(client, server net.Conn, mute <-chan struct{}) {
	defer func() { _ = client.Close() }()
	defer func() { _ = server.Close() }()
	var silent atomic.Bool
	go func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			select {
			case <-mute:
				_, _ = io.Copy(io.Discard, server)
				return
			default:
			}
			if silent.Load() { // the answer to the commit: it has taken place
				return
			}
			if n > 0 {
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.HasPrefix(buf[:n], []byte("Q\x00\x00\x00\x0bcommit\x00")) {
			switch cut(p.next.Swap(int32(never))) {
			case beforeCommit:
				return
			case afterCommit:
				silent.Store(true)
				_, _ = server.Write(buf[:n])
				_, _ = io.Copy(io.Discard, client) // until it is closed
				return
			case never:
			}
		}
		if listen := p.listen.Load(); listen != nil && bytes.Contains(buf[:n], []byte("LISTEN")) && bytes.Contains(buf[:n], []byte("sparkbridge_alarm")) && (*listen)() {
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}
