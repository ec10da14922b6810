package main_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/stretchr/testify/require"
)

// private names values that no log may have.
func (w *world) private(values ...string) {
	for _, v := range values {
		require.NotEmpty(w, v)
		if !slices.Contains(w.personal, v) {
			w.personal = append(w.personal, v)
		}
	}
}

// discreet requires that nothing personal and no secret is in what the program
// ever wrote, in any process of this world, and that it neither panicked nor
// raced. It ends those that still run.
func (w *world) discreet() {
	w.Helper()
	for _, hook := range w.spark.Webhooks() {
		w.private(filepath.Base(hook.URL)) // the secret of the address
	}
	require.NotEmpty(w, w.all[0].output())
	for _, p := range w.all {
		_ = p.cmd.Process.Signal(syscall.SIGKILL) // most have ended
		<-p.exited
		output := strings.ToLower(p.output())
		for _, alarming := range []string{"data race", "panic", "goroutine "} {
			require.NotContains(w, output, alarming)
		}
		for _, value := range w.personal {
			for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value)} {
				if at := strings.Index(output, strings.ToLower(form)); at >= 0 {
					require.Fail(w, "a log has what is personal", "%q in …%s…", value, output[max(0, at-300):min(len(output), at+100)])
				}
			}
		}
	}
}

// ownedByOneself requires that nobody else may read what the program keeps.
func (w *world) ownedByOneself() {
	w.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "ledger.*"))
	require.NoError(w, err)
	require.Contains(w, files, w.database())
	require.Contains(w, files, w.keyFile())
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(w, err)
		require.Equal(w, fs.FileMode(0o600), info.Mode().Perm(), file)
	}
}

// sealedAtRest requires that the database does not hold the keys as they are.
func (w *world) sealedAtRest() {
	w.Helper()
	files, err := filepath.Glob(w.database() + "*")
	require.NoError(w, err)
	require.NotEmpty(w, files)
	for _, file := range files {
		bytes, err := os.ReadFile(file)
		require.NoError(w, err)
		for _, secret := range []string{w.admin.Key, w.asha.Key, w.active.ProviderKey(), w.company.APIToken()} {
			require.NotContains(w, string(bytes), secret)
		}
		for _, hook := range w.spark.Webhooks() {
			require.NotContains(w, string(bytes), filepath.Base(hook.URL))
		}
	}
}
