package main_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/pgtest"
)

// binary is the program under test, built once.
var binary string

// TestMain builds the program the way that the tests were built, so that the race
// detector looks into it too.
func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	flag.Parse()
	// The tests wait for other processes, not for this one.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "6")
	}
	dir, err := os.MkdirTemp("", "sparkbridge-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "sparkbridge")
	build := exec.Command("go", "build", "-o", binary)
	if withRace() {
		build.Args = append(build.Args, "-race")
	}
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	defer func() { _ = pgtest.Stop() }()
	return m.Run()
}

// noticeSources reads the folders of the module. The go command takes a result from
// its cache until something has changed that the tests, and not TestMain, have
// looked at; what the program is built from it would not know otherwise.
var noticeSources = sync.OnceFunc(func() {
	_ = filepath.WalkDir(filepath.Join("..", ".."), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return fs.SkipDir
		}
		return nil
	})
})

func withRace() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" && s.Value == "true" {
			return true
		}
	}
	return false
}

// process is a run of the program.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr transcript
	exited         chan struct{}
}

// launch starts the program, which ends with the test at the latest. The time
// zone of its machine is one that no test uses: nothing may depend on it.
func launch(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	noticeSources()
	p := &process{cmd: exec.CommandContext(t.Context(), binary, args...), exited: make(chan struct{})}
	p.cmd.Env = append([]string{"TZ=Pacific/Kiritimati"}, environ...)
	p.begin(t)
	return p
}

// begin starts the process.
func (p *process) begin(t *testing.T) {
	t.Helper()
	p.cmd.Dir = t.TempDir()
	p.stdout.init()
	p.stderr.init()
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // the status says it all
		p.stdout.end()
		p.stderr.end()
		close(p.exited)
	}()
	t.Cleanup(func() { p.kill() })
}

// runToEnd runs the program and returns its exit status.
func runToEnd(t *testing.T, environ []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	p := launch(t, environ, args...)
	return p.wait(t.Context(), t), p.stdout.String(), p.stderr.String()
}

// url waits until the program listens and returns where.
func (p *process) url(ctx context.Context, t *testing.T) string {
	t.Helper()
	const announcement = "listening on "
	line, err := p.stdout.await(ctx, announcement)
	require.NoError(t, err, "standard error:\n%s", &p.stderr)
	return strings.TrimPrefix(line, announcement)
}

// kill ends the program as kill -9 does and returns when it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// terminate asks the program to stop.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// wait returns the exit status.
func (p *process) wait(ctx context.Context, t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-ctx.Done():
		require.FailNow(t, "the program did not end", "standard error:\n%s", &p.stderr)
		return 0
	}
}

// output is everything that the program has written.
func (p *process) output() string { return p.stdout.String() + p.stderr.String() }

// transcript is what a process writes to one of its streams.
type transcript struct {
	mu      sync.Mutex
	text    bytes.Buffer
	ended   bool
	changed chan struct{} // closed and renewed with each change
}

func (t *transcript) init() { t.changed = make(chan struct{}) }

// Write implements io.Writer.
func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.signal()
	return t.text.Write(p)
}

func (t *transcript) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.signal()
}

func (t *transcript) signal() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// await returns the first whole line that contains want.
func (t *transcript) await(ctx context.Context, want string) (string, error) {
	return t.awaitLine(ctx, func(line string, _ int) bool { return strings.Contains(line, want) })
}

// awaitLine returns the first whole line that ok accepts. Lines count from one.
func (t *transcript) awaitLine(ctx context.Context, ok func(line string, n int) bool) (string, error) {
	for {
		t.mu.Lock()
		text, ended, changed := t.text.String(), t.ended, t.changed
		t.mu.Unlock()
		n := 0
		for line := range strings.Lines(text) {
			n++
			if whole, ended := strings.CutSuffix(line, "\n"); ended && ok(whole, n) {
				return whole, nil
			}
		}
		if ended {
			return "", fmt.Errorf("the program ended without the line that was waited for")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", fmt.Errorf("wait for a line: %w", ctx.Err())
		}
	}
}
