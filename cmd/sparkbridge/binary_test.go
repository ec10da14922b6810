package main_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheBinaryNeedsNothing of the machine that it runs on, as make binary builds
// it: the containers and the service unit rely on that.
func TestTheBinaryNeedsNothing(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	_, recipe, ok := strings.Cut(string(makefile), "\tCGO_ENABLED=0 go build ")
	require.True(t, ok)
	recipe, _, _ = strings.Cut(recipe, "\n")
	require.Equal(t, `-trimpath -ldflags '-s -w -X main.release=$(VERSION)' -o sparkbridge ./cmd/sparkbridge`, recipe)

	file := filepath.Join(t.TempDir(), "sparkbridge")
	noticeSources()
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-X main.release=v1.2.3", "-o", file)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	program, err := elf.Open(file)
	require.NoError(t, err)
	defer func() { require.NoError(t, program.Close()) }()
	libraries, err := program.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries)
	for _, p := range program.Progs {
		require.NotEqual(t, elf.PT_INTERP, p.Type)
	}
	if runtime.GOOS == "linux" {
		said, err := exec.CommandContext(t.Context(), file, "version").Output()
		require.NoError(t, err)
		require.Equal(t, "sparkbridge v1.2.3\n", string(said))
	}
}
