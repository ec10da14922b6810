package main_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	first := w.invite("Mirabel")
	status, _, stderr := runToEnd(t, nil, w.args("keys", "rotate")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "stop the service first")
	w.stop()

	old, err := os.ReadFile(w.keyFile())
	require.NoError(t, err)
	for n := range 2 {
		status, out, stderr := runToEnd(t, nil, w.args("keys", "rotate")...)
		require.Zero(t, status, stderr)
		require.Regexp(t, `(?m)^(\d+) secrets, \d+ of them sealed anew$`, out, n)
		require.NotContains(t, out, " 0 of them")
	}
	ring, err := os.ReadFile(w.keyFile())
	require.NoError(t, err)
	require.Equal(t, 3, bytes.Count(ring, []byte("\nkey ")))
	status, out, stderr := runToEnd(t, nil, w.args("keys", "reseal")...)
	require.Zero(t, status, stderr)
	require.Contains(t, out, ", 0 of them sealed anew", "there was nothing left to do")

	// The old keys open nothing any more; the service does not notice.
	lines := strings.SplitAfter(string(ring), "\n")
	require.NoError(t, os.WriteFile(w.keyFile(), []byte(strings.Join(lines[:3], "")), 0o600))
	w.start()
	w.complete(first)
	w.complete(w.invite("Olegario"))
	w.stop()

	// With another ring than the store's own no key is added.
	require.NoError(t, os.WriteFile(w.keyFile(), old, 0o600))
	status, _, stderr = runToEnd(t, nil, w.args("keys", "rotate")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "no key was added")
	require.Contains(t, stderr, "not in the key ring")
	kept, err := os.ReadFile(w.keyFile())
	require.NoError(t, err)
	require.Equal(t, old, kept)
	w.discreet()
}

func TestThereIsNoKeyToRotateWithoutAKeyFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{idle: true})
	status, _, stderr := runToEnd(t, nil, w.args("keys", "rotate")...)
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "key_file: ")
	require.NoFileExists(t, w.keyFile())
	require.NoFileExists(t, w.database())
}

func TestCheckTriesEveryCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{idle: true})
	status, out, stderr := runToEnd(t, nil, w.args("check", "--online")...)
	require.Zero(t, status, stderr)
	require.Contains(t, out, "there is no database yet")
	require.NoFileExists(t, w.database())

	w.start()
	w.install()
	w.saveTrigger(w.stage, nil)
	w.invite("Mirabel")
	status, _, stderr = runToEnd(t, nil, w.args("check", "--online")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "stop the service first")
	w.stop()
	status, out, stderr = runToEnd(t, nil, w.args("check", "--online")...)
	require.Zero(t, status, stderr)
	require.Regexp(t, `(?m)^\S+ teamtailor Spark Hire organization key: works$`, out)
	require.Regexp(t, `(?m)^\S+ teamtailor Spark Hire key of user asha-lindqvist: works$`, out)
	require.Regexp(t, `(?m)^\S+ teamtailor ATS: (works|cannot be tried)$`, out)

	require.NoError(t, w.spark.SetUserDisabled(w.asha.ID, true))
	status, out, stderr = runToEnd(t, nil, w.args("check", "--online")...)
	require.Equal(t, 1, status)
	require.Regexp(t, `(?m)^\S+ teamtailor Spark Hire key of user asha-lindqvist: FAILS: `, out)
	require.Contains(t, stderr, "1 of 3 credentials do not work")
	require.NotContains(t, out+stderr, w.asha.Key)
	w.discreet()
}

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	status, out, stderr := runToEnd(t, nil, "health", "--url", w.running.url(w.ctx, t))
	require.Zero(t, status, stderr)
	require.Equal(t, "ready\n", out)
	address := w.running.url(w.ctx, t)
	status, _, stderr = runToEnd(t, nil, w.args("serve", "--listen", strings.TrimPrefix(address, "http://"))...)
	require.Equal(t, 1, status, "an address in use is no mistake in the configuration")
	require.Contains(t, stderr, "address already in use")
	w.stop()
	status, _, stderr = runToEnd(t, []string{"SPARKBRIDGE_URL=" + address}, "health")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "connection refused")
}
