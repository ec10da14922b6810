package repocheck

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the examples print to their output.txt")

// volatile are the parts of an example's output that differ from run to run. In output.txt a placeholder stands for
// any text of its kind; everything else is compared as it is. Earlier ones win where two could match.
var volatile = []struct {
	placeholder string
	expr        string
}{
	{"{time}", `\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?`},
	{"{date}", `\d{4}-\d\d-\d\d`},
	{"{clock}", `\d\d?:\d\d(?::\d\d(?:\.\d+)?)?`},
	{"{id}", `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`},
	{"127.0.0.1:{port}", `127\.0\.0\.1:\d+`},
	{"{duration}", `(?:\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h))+`},
}

// matches reports whether a printed line is what a line of output.txt says.
func matches(line, golden string) bool {
	expr := regexp.QuoteMeta(golden)
	for _, v := range volatile {
		expr = strings.ReplaceAll(expr, regexp.QuoteMeta(v.placeholder), "(?:"+v.expr+")")
	}
	return regexp.MustCompile("^(?:" + expr + ")$").MatchString(line)
}

// renew returns an output.txt for what was printed. Lines that still match keep their wording; in the others
// everything that looks volatile becomes a placeholder. Put the exact text back where it is not.
func renew(printed, golden string) string {
	old := strings.Split(golden, "\n")
	lines := strings.Split(printed, "\n")
	for i, line := range lines {
		if i < len(old) && matches(line, old[i]) {
			lines[i] = old[i]
			continue
		}
		for _, v := range volatile {
			line = regexp.MustCompile(`\b`+v.expr+`\b`).ReplaceAllLiteralString(line, v.placeholder)
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// TestExamples runs every program under examples/ and compares what it prints with its output.txt.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, programs := readTree(t), t.TempDir()
	examples := slices.DeleteFunc(ourPackages(t), func(p goPackage) bool {
		return p.Name != "main" || !under(p.path(), "examples")
	})
	require.NotEmpty(t, examples, "there is no program under examples/")
	_, err := run("go", "build", "-o", programs+string(filepath.Separator), "./examples/...")
	require.NoError(t, err)

	for _, p := range examples {
		t.Run(p.path(), func(t *testing.T) {
			t.Parallel()
			printed := runExample(t, filepath.Join(programs, path.Base(p.path())))
			name := p.path() + "/output.txt"
			if *update {
				require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(renew(printed, files[name])), 0o600))
				return
			}
			compare(t, printed, files[name], name)
		})
	}
}

// runExample runs a program in an empty folder and with an empty environment, without a way to the outside: its
// servers are its own simulators.
func runExample(t *testing.T, program string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	home := t.TempDir()
	cmd := exec.CommandContext(ctx, program)
	cmd.Dir, cmd.Stdout, cmd.Stderr = home, &stdout, &stderr
	nowhere := "http://127.0.0.1:1"
	cmd.Env = []string{"HOME=" + home, "TMPDIR=" + home, "HTTP_PROXY=" + nowhere, "HTTPS_PROXY=" + nowhere}
	require.NoError(t, cmd.Run(), "stdout:\n%s\nstderr:\n%s", &stdout, &stderr)
	return stdout.String()
}

// compare compares line by line, so that a failure shows the line and not the whole.
func compare(t *testing.T, printed, golden, name string) {
	t.Helper()
	require.NotEmpty(t, golden, "%s is missing; write it with go test ./internal/repocheck -run TestExamples -update", name)
	got, want := strings.Split(printed, "\n"), strings.Split(golden, "\n")
	for i := range min(len(got), len(want)) {
		if !matches(got[i], want[i]) {
			require.Equal(t, want[i], got[i], "%s:%d; the program printed:\n%s", name, i+1, printed)
		}
	}
	require.Len(t, got, len(want), "lines of %s; the program printed:\n%s", name, printed)
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title, line, golden string
		want                bool
	}{
		{"the same", "sent (1+1)", "sent (1+1)", true},
		{"something else", "sent", "failed", false},
		{"more than that", "sent twice", "sent", false},
		{"an exact time", "09:00 sent", "09:00 sent", true},
		{"another exact time", "09:01 sent", "09:00 sent", false},
		{"any time of day", "09:01:07.250 sent", "{clock} sent", true},
		{"any instant", "at 2026-03-18T05:00:00Z", "at {time}", true},
		{"any local instant", "at 2026-03-18 05:00:00 +0100", "at {time}", true},
		{"any date", "by 2026-03-18", "by {date}", true},
		{"a date that is not one", "by March", "by {date}", false},
		{"any port", "listening on http://127.0.0.1:40123", "listening on http://127.0.0.1:{port}", true},
		{"any id", "interview 0199b1c4-0000-7000-8000-0123456789ab", "interview {id}", true},
		{"any duration", "took 1m2.5s", "took {duration}", true},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, matches(c.line, c.golden))
		})
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	printed := "due 2026-03-17\nsent at 2026-03-10T09:00:00Z\nlistening on http://127.0.0.1:40123\n"
	golden := "due 2026-03-17\nrequested at {time}\n"
	assert.Equal(t, "due 2026-03-17\nsent at {time}\nlistening on http://127.0.0.1:{port}\n", renew(printed, golden))
	assert.Equal(t, renew(printed, golden), renew(printed, renew(printed, golden)))
}
