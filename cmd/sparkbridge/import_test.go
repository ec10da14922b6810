package main_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestAnImportNamesWhatIsRefusedAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	w, _ := newOperatorWorld(t)
	lines := strings.SplitAfter(w.rows(3), "\r\n")
	lines[2] = strings.Replace(lines[2], "mirabel.1@mail.example", "no address", 1)
	text := strings.Join(lines[:3], "") + "\"c9;oops\r\n" + lines[3] + lines[1] // the last one is the first again
	file := w.file("three.csv", text)
	for range 2 {
		status, out, stderr := w.command("import", file)
		require.Equal(t, 1, status)
		refusals := strings.Split(strings.TrimSpace(out), "\n")
		require.Len(t, refusals, 2, out)
		require.Equal(t, "line 4: unreadable_line: a quote is missing or does not belong here", refusals[0])
		require.Regexp(t, `^line 3, key import-[0-9a-f]{32}: [a-z_]+: .*\. \(column email\)$`, refusals[1])
		require.Contains(t, stderr, "3 accepted, 1 refused, 1 unreadable\n")
		require.Contains(t, stderr, "sparkbridge: 2 lines were not accepted\n")
	}

	status, out, _ := w.command("import", "--json", file)
	require.Equal(t, 1, status)
	ids := map[string]int{}
	for line := range strings.Lines(out) {
		var l struct {
			Line        int
			InterviewID string `json:"interview_id"`
			Error       *struct{ Code, Column string }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &l), line)
		if l.Error == nil {
			ids[l.InterviewID]++
		}
	}
	require.Len(t, ids, 2, "equal rows are one request")

	status, out, stderr := w.command("interviews", "list", "--limit=1")
	require.Zero(t, status, stderr)
	require.Len(t, strings.Split(strings.TrimSpace(out), "\n"), 2)
	require.Contains(t, stderr, "there are more than 1")
	w.stop()
	for _, email := range []string{"mirabel.0@mail.example", "mirabel.2@mail.example"} {
		var invitations int
		for _, e := range w.spark.Emails() {
			if e.To == email && e.Kind == sparkhiretest.EmailInvitation {
				invitations++
			}
		}
		require.LessOrEqual(t, invitations, 1)
	}
}

func TestTheStandardInputNeedsNoFormat(t *testing.T) {
	t.Parallel()
	w, _ := newOperatorWorld(t)
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for _, text := range []string{
		w.rows(2),
		fmt.Sprintf(`{"key":"n","candidate":{"id":"n","first_name":"Mira","email":"mira.n@mail.example"},"due":{"date":%q,"time":"14:30"}}`, due),
	} {
		p := &process{cmd: exec.CommandContext(t.Context(), binary, "import", "-"), exited: make(chan struct{})}
		p.cmd.Env, p.cmd.Stdin = w.operator(), strings.NewReader(text)
		p.begin(t)
		p.wait(w.ctx, t)
		require.Contains(t, p.stderr.String(), " 0 unreadable", "every line was understood")
	}
	w.stop()
}

func TestAnImportWaitsForAServiceThatIsAway(t *testing.T) {
	t.Parallel()
	w, connection := newOperatorWorld(t)
	file := w.file("many.csv", w.rows(2500))
	w.kill()
	p := launch(t, w.operator(), "import", "--connection", connection, file)
	_, err := p.stderr.await(w.ctx, "; trying again in ")
	require.NoError(t, err)
	w.start()
	// It goes away again while it is answering.
	_, err = w.running.stderr.await(w.ctx, "msg=listening")
	require.NoError(t, err)
	w.kill()
	w.start()
	require.Zero(t, p.wait(w.ctx, t), p.output())
	require.Contains(t, p.stderr.String(), "2500 accepted, 0 refused, 0 unreadable")

	status, out, stderr := w.command("interviews", "list", "--json", "--limit=0", "--connection", connection)
	require.Zero(t, status, stderr)
	var list struct{ Items []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(out), &list), "one document")
	require.Len(t, list.Items, 2500, "each line is one interview, whatever was sent twice")
	require.Equal(t, 2502, strings.Count(out, "\n"), "an item to a line")
	w.stop()
}

func TestAnInterruptedImportSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	w, connection := newOperatorWorld(t)
	w.kill()
	p := launch(t, w.operator(), "import", "--connection", connection, w.file("few.csv", w.rows(2)))
	_, err := p.stderr.await(w.ctx, "; trying again in ")
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGINT))
	require.Equal(t, 1, p.wait(w.ctx, t))
	require.Contains(t, p.stderr.String(), "interrupted after line 0 of ")
	require.Contains(t, p.stderr.String(), "nobody is invited twice")

	status, _, stderr := w.command("import", "--connection", connection, "--patience=1ms", w.file("few.csv", w.rows(2)))
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "out of reach for 1ms")
}
