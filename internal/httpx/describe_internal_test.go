package httpx

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDescribeShowsOnlyWhatIsKnownToBeSafe(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{
		Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1},
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"a refused connection", &url.Error{Op: "Get", URL: "https://x.example/?token=t0p", Err: refused}, "dial tcp 127.0.0.1:1: connect: connection refused"},
		{"an unknown host", &net.DNSError{Err: "no such host", Name: "api.example"}, "lookup api.example: no such host"},
		{"a closed connection", io.EOF, "connection closed by the server"},
		{"a time-out without a name", &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}, "read tcp: timed out"},
		{"a reason of ours, wrapped", fmt.Errorf("t0p: %w", ConstError("no uuid")), "no uuid"},
		{"a wrong certificate", x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.example"}, "certificate is not valid for api.example"},
		{"a signer by nobody", x509.UnknownAuthorityError{}, "certificate is signed by an unknown authority"},
		{"bad JSON", json.Unmarshal([]byte(`{"a":t0p}`), new(any)), "not JSON at byte 7"},
		{"something else", errors.New("t0p"), "*errors.errorString"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, describe(c.err))
		})
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	sent := []byte(`{"name":"Lena Fox","tags":["night ward"],"n":7,"job":{"title":"Nurse"},"x":"no"}`)
	for _, c := range []struct{ name, text, want string }{
		{"strings that were sent, in any case", "LENA FOX wants night ward as nurse", "[…] wants […] as […]"},
		{"names of fields stay", "title of job is too long, name is fine", "title of job is too long, name is fine"},
		{"short values stay, they are parts of words", "no note", "no note"},
		{"e-mail addresses", "mail to <lena.fox+1@mail.example>, please", "mail to <[…]>, please"},
		{"links", "see HTTPS://x.example/?t=1 or http://y.example/a", "see […] or […]"},
		{"secrets", "key top-secret is wrong", "key […] is wrong"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, mask(c.text, []string{"top-secret"}, sent))
		})
	}
	require.Equal(t, "as is", mask("as is", nil, []byte("not JSON")))
}

func TestClip(t *testing.T) {
	t.Parallel()
	require.Equal(t, "one line", clip("one\r\n\tline\x00", 100))
	require.Equal(t, "é…", clip("éé", 3), "no character is cut in half")
	require.Equal(t, "a?b", clip("a\xffb", 10))
}

func FuzzFacts(f *testing.F) {
	f.Add("taken", "Lena Fox\n<lena@mail.example>", `{"n":"Lena Fox"}`)
	f.Add("", "\xff\xfe", `[`)
	f.Fuzz(func(t *testing.T, code, message, sent string) {
		e := &Error{Method: "POST", Op: "/x", Status: 400}
		e.setFacts(Facts{Code: code, Message: message, Fields: []FieldError{{code, message}}}, nil, []byte(sent))
		text := e.Error()
		require.Less(t, len(text), 2*maxText)
		require.NotContains(t, text, "\n")
		require.Equal(t, text, strings.ToValidUTF8(text, ""))
	})
}
