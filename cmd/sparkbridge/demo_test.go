package main_test

import (
	"encoding/json"
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
	for _, want := range []string{
		"\nTeamtailor\n", "has invited Mira Falk by e-mail, once", "shows COMPLETED on the card",
		"\nTop Echelon\n", "has invited Noor Haddad by e-mail, once", "shows Completed in the column Interview Status", ".txt on the record of Noor Haddad",
		"\nPaycor\n", "has invited Maya Okafor by e-mail, once", `shows "Video Interview Complete" on the tab, and in the newsfeed "Video Interview Completed"`, "without an account at Spark Hire",
	} {
		require.Contains(t, out, want)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestADemonstrationThatFailsSaysWhere(t *testing.T) {
	t.Parallel()
	status, _, stderr := runToEnd(t, nil, "demo", "--timeout=1ns")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "sparkbridge: Teamtailor: ")
}

func TestTheDemonstrationStays(t *testing.T) {
	t.Parallel()
	p := launch(t, nil, "demo", "--stay")
	line, err := p.stdout.await(t.Context(), "connections list --url=")
	require.NoError(t, err)
	_, args, _ := strings.Cut(line+" --json", "sparkbridge ")
	status, out, stderr := runToEnd(t, nil, strings.Fields(args)...)
	require.Zero(t, status, stderr)
	var shown struct{ Items []struct{ ID string } }
	require.NoError(t, json.Unmarshal([]byte(out), &shown), out)
	require.Len(t, shown.Items, 3)
	for _, c := range shown.Items {
		interviews := append(strings.Fields(args), "--connection="+c.ID)
		interviews[0] = "interviews"
		status, out, stderr = runToEnd(t, nil, interviews...)
		require.Zero(t, status, stderr)
		require.Contains(t, out, "completed")
	}
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
	service := launch(t, nil, "serve", "--config", file)
	require.Equal(t, "http://"+address, service.url(t.Context(), t))
	for n := range 2 {
		_, err = enter.Write([]byte("\n"))
		require.NoError(t, err)
		_, err = box.stdout.awaitLine(t.Context(), func(string, int) bool {
			return strings.Count(box.stdout.String(), "without an account at Spark Hire") == n+1
		})
		require.NoError(t, err, "%s", &box.stderr)
		require.Empty(t, box.stderr.String())
		for _, want := range []string{"shows COMPLETED on the card", "shows Completed in the column"} {
			require.Equal(t, n+1, strings.Count(box.stdout.String(), want))
		}
	}
	require.NoError(t, os.WriteFile(file, []byte(box.stdout.String()), 0o600))
	status, _, stderr := runToEnd(t, nil, "check", "--config", file)
	require.Zero(t, status, "what was played is in comments: %s", stderr)
	require.NoError(t, box.cmd.Process.Signal(syscall.SIGINT))
	require.Zero(t, box.wait(t.Context(), t), box.output())
	service.terminate(t)
	require.Zero(t, service.wait(t.Context(), t), service.output())
}

// freeAddress returns an address on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}
