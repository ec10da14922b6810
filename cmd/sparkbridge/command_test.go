package main_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// right is a configuration without a mistake that calls nobody.
const right = `listen: 127.0.0.1:0
sparkhire: {v1_url: "http://127.0.0.1:9/v1.0"}
teamtailor: {enabled: true, partner_api_key: partner-key-7319, webhook_secret: hook-secret-2846, api_urls: ["http://127.0.0.1:9"]}
`

// wrong has a mistake of every kind.
const wrong = `listen: nowhere
publicUrl: https://bridge.example
workers: many
sparkhire:
  request_timeout: 30s
  settle_time: 30s
teamtailor:
  enabled: true
  partner_api_key: partner-key-7319
  webhook_secret: partner-key-7319
  api_urls: ["http://api.teamtailor.example"]
paycor: {enabled: true, host_url: nowhere}
`

func TestCommands(t *testing.T) {
	t.Parallel()
	mistakes := []string{
		"the configuration has problems:",
		"\nlisten: must be host:port",
		"\npublicUrl: line 2: unknown key; is public_url meant?",
		"\nworkers: line 3: must be a whole number",
		"\nsparkhire.settle_time: must be longer than sparkhire.request_timeout (30s)",
		"\nteamtailor.webhook_secret: is the same value as a partner API key",
		"\nteamtailor.api_urls: base URL \"http://api.teamtailor.example\": want https",
		"\npaycor.host_url: must be an absolute https URL",
		"\npaycor.host_token: is missing: the host at paycor.host_url expects",
		"\nretention: must be a duration such as 30s, 15m or 8760h, in SPARKBRIDGE_RETENTION",
		"\nlog.level: must be debug, info, warn or error",
	}
	for name, tc := range map[string]struct {
		config  string
		environ []string
		args    []string
		status  int
		stdout  []string
		stderr  []string
	}{
		"help":                      {args: []string{"--help"}, stdout: []string{"Usage: sparkbridge <command>", "serve", "check", "version", "--config"}},
		"help of a command":         {args: []string{"serve", "--help"}, stdout: []string{"Usage: sparkbridge serve", "Run the service."}},
		"the version":               {args: []string{"version"}, stdout: []string{"sparkbridge "}},
		"no command":                {status: 2, stderr: []string{`expected one of "serve"`, "see sparkbridge --help"}},
		"an unknown command":        {args: []string{"server"}, status: 2, stderr: []string{"server", "see sparkbridge --help"}},
		"an unknown flag":           {args: []string{"serve", "--port=1"}, status: 2, stderr: []string{"unknown flag --port", "see sparkbridge --help"}},
		"a right configuration":     {config: right, args: []string{"check"}, stdout: []string{"the configuration is right"}},
		"the version, as a flag":    {args: []string{"--version"}, stdout: []string{"sparkbridge "}},
		"help, as a command":        {args: []string{"help", "serve"}, stdout: []string{"Usage: sparkbridge serve"}},
		"nothing configured":        {args: []string{"check"}, stdout: []string{"no adapter is enabled", "the configuration is right"}},
		"no adapter but a mistake":  {args: []string{"check", "--workers=0"}, status: 2, stderr: []string{"workers: must be between"}},
		"a flag for every key":      {config: right, args: []string{"check", "--workers", "4", "--sparkhire.settle-time=50s", "--paycor.enabled"}, stdout: []string{"the configuration is right"}},
		"a flag without its value":  {config: right, args: []string{"serve", "--workers"}, status: 2, stderr: []string{"flag --workers needs a value"}},
		"no file":                   {args: []string{"check", "--config", "none.yaml"}, status: 2, stderr: []string{"--config: the file cannot be read"}},
		"every mistake at once":     {config: wrong, environ: []string{"SPARKBRIDGE_RETENTION=a year"}, args: []string{"check", "--log-level", "loud"}, status: 2, stderr: mistakes},
		"every mistake, when meant": {config: wrong, environ: []string{"SPARKBRIDGE_RETENTION=a year"}, args: []string{"serve", "--log-level", "loud"}, status: 2, stderr: mistakes},
		"a stack without an address": {config: right, args: []string{"check", "--set", "teamtailor.partner_api_key.eu=k"}, status: 2, stderr: []string{
			"teamtailor.api_urls: there is a partner API key for \"eu\" and no URL of that stack",
		}},
		"the environment mends the file, a flag the environment": {
			config: strings.Replace(right, "127.0.0.1:0", "nowhere", 1), environ: []string{"SPARKBRIDGE_LISTEN=also nowhere"},
			args: []string{"check", "--listen", "127.0.0.1:0"}, stdout: []string{"the configuration is right"},
		},
		"an address that is not ours": {config: right, args: []string{"serve", "--listen", "192.0.2.1:80"}, status: 2, stderr: []string{"listen: ", "192.0.2.1:80"}},
		"a folder that is not there":  {config: right, args: []string{"serve", "--database", "sqlite:none/ledger.db"}, status: 1, stderr: []string{"open database", "none/ledger.db"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := tc.args
			if tc.config != "" {
				file := filepath.Join(t.TempDir(), "sparkbridge.yaml")
				require.NoError(t, os.WriteFile(file, []byte(tc.config), 0o600))
				args = append(args, "--config", file)
			}
			status, stdout, stderr := runToEnd(t, tc.environ, args...)
			require.Equal(t, tc.status, status, stderr)
			for _, want := range tc.stdout {
				require.Contains(t, stdout, want)
			}
			for _, want := range tc.stderr {
				require.Contains(t, stderr, want)
			}
			for _, secret := range []string{"partner-key-7319", "hook-secret-2846"} {
				require.NotContains(t, stdout+stderr, secret)
			}
			switch tc.status {
			case 0:
				require.Empty(t, stderr)
			default:
				require.Empty(t, stdout)
				require.NotContains(t, stderr, "goroutine")
			}
		})
	}
}

func TestTheEnvironmentMayNameTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sparkbridge.yaml")
	require.NoError(t, os.WriteFile(file, []byte("workers: 0\n"), 0o600))
	status, _, stderr := runToEnd(t, []string{"SPARKBRIDGE_CONFIG=" + file}, "check")
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "workers: must be between")
}

func TestAServiceWithoutAdaptersRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{set: []string{"teamtailor.enabled=false"}})
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		status, body := w.get(path)
		require.Equal(t, http.StatusOK, status, body)
	}
	w.stop()
}

func TestCheckingTouchesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "sparkbridge.yaml")
	require.NoError(t, os.WriteFile(file, []byte(right), 0o600))
	status, _, stderr := runToEnd(t, nil, "check", "--config", file,
		"--database", "sqlite:"+filepath.Join(dir, "ledger.db"), "--key-file", filepath.Join(dir, "ledger.key"))
	require.Zero(t, status, stderr)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestTwoProcessesDoNotShareALedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	status, stdout, stderr := runToEnd(t, nil, w.args("serve")...)
	require.Equal(t, 1, status)
	require.Empty(t, stdout, "it never listened for anybody")
	require.Contains(t, stderr, w.database()+" is in use by another process")

	status, body := w.get("/readyz")
	require.Equal(t, http.StatusOK, status, "the first one is unharmed: %s", body)
	w.stop()
	w.start() // the lock went with its holder
	w.stop()
	w.discreet()
}

func TestAKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.stop()
	require.NoError(t, os.Chmod(w.keyFile(), 0o640))
	status, _, stderr := runToEnd(t, nil, w.args("serve")...)
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "chmod 600 "+w.keyFile())
}

func TestAKeyFileThatIsLostIsNotReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.stop()
	kept := w.keyFile() + ".backup"
	require.NoError(t, os.Rename(w.keyFile(), kept))
	status, _, stderr := runToEnd(t, nil, w.args("serve")...)
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "key_file: "+w.keyFile()+" is not there")
	require.NoFileExists(t, w.keyFile())

	require.NoError(t, os.Rename(kept, w.keyFile()))
	w.start()
	w.stop()
}

func TestASignalWhileItStartsIsNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{idle: true})
	p := w.launch()
	_, err := p.stderr.await(w.ctx, "msg=")
	require.NoError(t, err)
	p.terminate(t)
	require.Zero(t, p.wait(w.ctx, t), p.output())
	w.start()
	w.stop()
	w.discreet()
}

func TestTheFirstSignalLetsRunningWorkFinish(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{set: []string{"sparkhire.request_timeout=20s", "sparkhire.settle_time=30s"}})
	invitation := w.toSpark.holdAfter(creating)
	mira := w.candidate("Mirabel")
	w.accepted(w.trigger(mira))
	require.NoError(t, invitation.wait(w.ctx))

	w.running.terminate(t)
	_, err := w.running.stderr.await(w.ctx, "msg=stopping")
	require.NoError(t, err)
	invitation.pass()
	require.Zero(t, w.running.wait(w.ctx, t))

	// Nobody has to look for the interview: its id was kept.
	w.start()
	w.awaitCard(mira, "sent")
	w.complete(mira)
	w.stop()
	w.invitedOnce(mira)
	require.Empty(t, requests(w.spark.Requests(), looking))
	w.discreet()
}

func TestTheSecondSignalEndsTheProgramAtOnce(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{set: []string{"sparkhire.request_timeout=5s", "sparkhire.settle_time=6s"}})
	invitation := w.toSpark.holdBefore(creating)
	mira := w.candidate("Mirabel")
	w.accepted(w.trigger(mira))
	require.NoError(t, invitation.wait(w.ctx))

	w.running.terminate(t)
	_, err := w.running.stderr.await(w.ctx, "msg=stopping")
	require.NoError(t, err)
	require.NoError(t, w.running.cmd.Process.Signal(syscall.SIGINT))
	ctx, cancel := context.WithTimeout(w.ctx, patience/10)
	defer cancel()
	require.Equal(t, 1, w.running.wait(ctx, t))
	w.lane.lead(nil)
	invitation.drop()

	// What was accepted is still done, after the wait for an answer.
	w.set = nil
	w.start()
	w.awaitCard(mira, "sent")
	w.invitedOnce(mira)
	w.stop()
	w.discreet()
}
