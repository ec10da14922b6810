package main_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheDemonstrationPlaysEveryStoryAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	status, out, stderr := runToEnd(t, []string{"TMPDIR=" + dir}, "demo")
	require.Zero(t, status, stderr)
	require.Empty(t, stderr)
	for _, want := range []string{"Teamtailor", "has invited Mira Falk by e-mail, once", "shows COMPLETED on the card"} {
		require.Contains(t, out, want)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestTheDemonstrationStays(t *testing.T) {
	t.Parallel()
	p := launch(t, nil, "demo", "--stay")
	line, err := p.stdout.await(t.Context(), "interviews list --url=")
	require.NoError(t, err)
	_, args, _ := strings.Cut(line, "sparkbridge ")
	status, out, stderr := runToEnd(t, nil, strings.Fields(args)...)
	require.Zero(t, status, stderr)
	require.Contains(t, out, "completed")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGINT))
	require.Zero(t, p.wait(t.Context(), t), p.output())
}

// TestTheSandboxPlaysWithAServiceThatItConfigured takes the configuration from
// what the sandbox prints, as people do.
func TestTheSandboxPlaysWithAServiceThatItConfigured(t *testing.T) {
	t.Parallel()
	box := &process{cmd: exec.CommandContext(t.Context(), binary, "sandbox", "--port=0"), exited: make(chan struct{})}
	address := freeAddress(t)
	box.cmd.Args = append(box.cmd.Args, "--url=http://"+address)
	enter, err := box.cmd.StdinPipe()
	require.NoError(t, err)
	box.begin(t)
	_, err = box.stdout.await(t.Context(), "# Press Enter")
	require.NoError(t, err)

	dir := t.TempDir()
	file := filepath.Join(dir, "sparkbridge.yaml")
	require.NoError(t, os.WriteFile(file, []byte(box.stdout.String()), 0o600))
	service := launch(t, nil, "serve", "--config", file, "--listen", address, "--database", "sqlite:"+filepath.Join(dir, "box.db"), "--key-file", filepath.Join(dir, "box.key"))
	service.url(t.Context(), t)
	for n := range 2 {
		_, err = enter.Write([]byte("\n"))
		require.NoError(t, err)
		_, err = box.stdout.awaitLine(t.Context(), func(string, int) bool {
			return strings.Count(box.stdout.String(), "shows COMPLETED") == n+1
		})
		require.NoError(t, err, "%s", &box.stderr)
	}
	require.NoError(t, box.cmd.Process.Signal(syscall.SIGINT))
	require.Zero(t, box.wait(t.Context(), t), box.output())
}

// freeAddress returns an address on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}
