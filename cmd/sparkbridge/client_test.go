package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const operatorToken = "token-of-the-operator"

// newOperatorWorld is a world with a connection and a linked user, made from the
// command line. It returns the connection's id.
func newOperatorWorld(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t, setup{set: []string{"api_tokens=" + operatorToken}})
	w.private(operatorToken)
	status, out, stderr := w.command("connections", "create", "--json", "--adapter=teamtailor", "--tenant=0c9a2f3e-1111-4222-8333-444455556666",
		"--name=Example Care AB", "--time-zone=Europe/Stockholm", "--organization-key-file="+w.file("organization.key", w.admin.Key))
	require.Zero(t, status, stderr)
	var connection struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(out), &connection), out)
	status, out, stderr = w.command("connections", "users", "set", connection.ID, "asha", "--name=Asha Lindqvist", "--api-key-file="+w.file("asha.key", w.asha.Key))
	require.Zero(t, status, stderr)
	require.Regexp(t, `(?m)^at Spark Hire +Asha Lindqvist$`, out)
	require.NotContains(t, out, w.asha.Key)
	return w, connection.ID
}

// onlyItem returns the item of a list that has one.
func onlyItem(t *testing.T, out string) (item struct{ ID, State string }) {
	t.Helper()
	var list struct{ Items []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(out), &list), "one document: %s", out)
	require.Len(t, list.Items, 1)
	require.NoError(t, json.Unmarshal(list.Items[0], &item))
	return item
}

// command runs a command of the program that calls the service, to its end.
func (w *world) command(args ...string) (status int, stdout, stderr string) {
	w.Helper()
	return runToEnd(w.T, w.operator(), args...)
}

// operator is the environment of somebody who calls the service.
func (w *world) operator() []string {
	return []string{"SPARKBRIDGE_URL=" + w.front.URL, "SPARKBRIDGE_TOKEN=" + operatorToken}
}

// file writes a file and returns its path.
func (w *world) file(name, text string) string {
	w.Helper()
	path := filepath.Join(w.T.TempDir(), name)
	require.NoError(w, os.WriteFile(path, []byte(text+"\n"), 0o600))
	return path
}

// rows is a CSV file of requests.
func (w *world) rows(n int) string {
	var b strings.Builder
	b.WriteString("candidate_id;first_name;last_name;email;job_id;job_title;due_date;due_time;question_set_id;spark_hire_job_id;requested_for\r\n")
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for i := range n {
		fmt.Fprintf(&b, "c%d;Mirabel;Falk;mirabel.%d@mail.example;j1;Ward nurse;%s;14:30;%s;%s;asha\r\n", i, i, due, w.questions.ID, w.nurse.ID)
	}
	return b.String()
}

func TestInterviewsOfAllConnectionsAreOneList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{set: []string{"api_tokens=" + operatorToken}})
	status, out, stderr := w.command("interviews", "list", "--json")
	require.Zero(t, status, stderr)
	require.JSONEq(t, `{"items":[]}`, out, "nobody is connected")
	var connections []string
	for n, tenant := range []string{"0c9a2f3e-1111-4222-8333-444455556666", "0c9a2f3e-1111-4222-8333-444455557777"} {
		status, out, stderr = w.command("connections", "create", "--json", "--adapter=teamtailor", "--tenant="+tenant,
			"--time-zone=Europe/Stockholm", "--organization-key-file="+w.file(fmt.Sprint("organization", n), w.admin.Key))
		require.Zero(t, status, stderr)
		var made struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(out), &made), out)
		connections = append(connections, made.ID)
		status, _, stderr = w.command("connections", "users", "set", made.ID, "asha", "--name=Asha Lindqvist", "--api-key-file="+w.file(fmt.Sprint("asha", n), w.asha.Key))
		require.Zero(t, status, stderr)
	}
	rows := strings.SplitAfter(w.rows(4), "\n")
	for n := range 4 { // in turns
		status, _, stderr = w.command("import", w.file(fmt.Sprint(n, ".csv"), rows[0]+rows[1+n]), "--connection="+connections[n%2])
		require.Zero(t, status, stderr)
	}
	for limit, want := range map[string][]string{"0": {"c3", "c2", "c1", "c0"}, "3": {"c3", "c2", "c1"}} {
		status, out, stderr = w.command("interviews", "list", "--json", "--limit="+limit)
		require.Zero(t, status, stderr)
		var list struct {
			Items []struct{ Candidate struct{ ID string } }
		}
		require.NoError(t, json.Unmarshal([]byte(out), &list), out)
		got := []string{}
		for _, i := range list.Items {
			got = append(got, i.Candidate.ID)
		}
		require.Equal(t, want, got, "newest first")
	}
	status, _, stderr = w.command("import", w.file("more.csv", w.rows(1)))
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "name one with --connection")
}

func TestAnOperatorUsesTheCommandLine(t *testing.T) {
	t.Parallel()
	w, connection := newOperatorWorld(t)
	file := w.file("one.csv", w.rows(1))
	status, out, stderr := w.command("import", file)
	require.Zero(t, status, stderr)
	require.Empty(t, out)
	require.Contains(t, stderr, "1 accepted, 0 refused, 0 unreadable")

	// What was asked for is listed; the rest is its life.
	status, out, stderr = w.command("interviews", "list", "--json", "--connection", connection, "--candidate", "c0")
	require.Zero(t, status, stderr)
	interview := onlyItem(t, out)
	status, out, stderr = w.command("interviews", "list")
	require.Zero(t, status, stderr)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 2)
	require.Regexp(t, `^ID +STATE +TYPE +CANDIDATE +JOB +DUE +UPDATED$`, lines[0])
	require.Regexp(t, `^`+interview.ID+` +[a-z]+ +one_way +Mirabel Falk +Ward nurse +\d{4}-\d\d-\d\d 14:30 \(Europe/Stockholm\) +`, lines[1])

	status, out, stderr = w.command("interviews", "cancel", interview.ID, "--actor-id", "910233", "--actor-name", "Tove")
	require.Zero(t, status, stderr)
	require.Regexp(t, `(?m)^interview +`+interview.ID, out)
	status, out, stderr = w.command("interviews", "show", interview.ID)
	require.Zero(t, status, stderr)
	require.Regexp(t, `(?m)^AT +WHAT +WHO +TEXT$`, out)
	require.Regexp(t, `(?m)Z +requested +`, out)

	status, out, stderr = w.command("interviews", "show", interview.ID, "--json")
	require.Zero(t, status, stderr)
	var whole struct {
		ID     string
		Events []struct{ Kind string }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &whole), out)
	require.Equal(t, interview.ID, whole.ID, "the interview itself")
	require.Equal(t, "requested", whole.Events[0].Kind, "with its timeline")
	status, out, stderr = w.command("interviews", "list", "--json", "--candidate=nobody")
	require.Zero(t, status, stderr)
	require.JSONEq(t, `{"items":[]}`, out)

	status, out, stderr = w.command("interviews", "resolve", interview.ID, "--send-again")
	require.Equal(t, 1, status)
	require.Empty(t, out)
	require.Regexp(t, `^sparkbridge: not_resolvable: .*\.\n$`, stderr)
	status, _, stderr = w.command("interviews", "show", "0199-nobody")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "sparkbridge: not_found: ")

	for word, want := range map[string]string{"disable": "false", "enable": "true"} {
		status, out, stderr = w.command("connections", word, connection)
		require.Zero(t, status, stderr)
		require.Regexp(t, `(?m)^enabled +`+want+`$`, out)
	}
	status, out, stderr = w.command("connections", "list", "--adapter=teamtailor")
	require.Zero(t, status, stderr)
	require.Regexp(t, `(?m)^`+connection+` +teamtailor +0c9a2f3e-\S+ +Example Care AB +\S+ +true `, out)
	status, out, stderr = w.command("connections", "users", "list", connection)
	require.Zero(t, status, stderr)
	require.Regexp(t, `(?m)^asha +Asha Lindqvist +true +\S+ +Asha Lindqvist`, out)
	status, _, stderr = w.command("connections", "create", "--adapter=teamtailor", "--tenant=0c9a2f3e-1111-4222-8333-444455556666")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "connection_exists: ")
	status, _, stderr = w.command("connections", "update", connection, "--file", w.file("change.json", `{"time_zone":"Mars/Base"}`))
	require.Equal(t, 1, status)
	require.Regexp(t, `sparkbridge: [a-z_]+: .* \(field time_zone\)`, stderr)

	status, out, stderr = w.command("deliveries", "list")
	require.Zero(t, status, stderr)
	require.Regexp(t, `^INTERVIEW +STATE +FAILURES +NEXT +UPDATED +ERROR\n$`, out)
	status, _, stderr = w.command("deliveries", "retry", interview.ID)
	require.Zero(t, status, stderr)

	status, out, stderr = w.command("connections", "erase", connection, "c0")
	require.Zero(t, status, stderr)
	require.Equal(t, "erased\n", out)
	w.stop()
	w.discreet()
}

func TestCommandsThatCallTheServiceSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		environ []string
		args    []string
		status  int
		stderr  string
	}{
		"no token":             {args: []string{"interviews", "list"}, status: 2, stderr: "an API token is needed"},
		"no address":           {environ: []string{"SPARKBRIDGE_TOKEN=t", "SPARKBRIDGE_URL=nowhere"}, args: []string{"interviews", "list"}, status: 2, stderr: "must be an http or https address"},
		"nobody there":         {args: []string{"interviews", "list", "--token=t", "--url=http://127.0.0.1:9"}, status: 1, stderr: "call http://127.0.0.1:9: dial tcp"},
		"both ways to resolve": {args: []string{"interviews", "resolve", "1", "--sent=2", "--send-again", "--token=t"}, status: 2, stderr: "can't be used together"},
		"no file":              {args: []string{"import", "none.csv", "--token=t"}, status: 2, stderr: "none.csv"},
		"no known format":      {args: []string{"import", "people.txt", "--token=t"}, status: 2, stderr: "--format"},
		"a wrong state of the configuration is none of theirs": {
			environ: []string{"SPARKBRIDGE_WORKERS=many", "SPARKBRIDGE_TOKEN=t"}, args: []string{"deliveries", "list", "--url=http://127.0.0.1:9"}, status: 1, stderr: "dial tcp",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := runToEnd(t, tc.environ, tc.args...)
			require.Equal(t, tc.status, status, stderr)
			require.Empty(t, stdout)
			require.Contains(t, stderr, tc.stderr)
		})
	}
}
