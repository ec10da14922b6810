package sparkhire_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that imports this package compiles the standard library and these, nothing else.
func TestDependenciesAreFewAndLight(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"github.com/hashicorp/go-retryablehttp",
		"github.com/hashicorp/go-cleanhttp",
		"github.com/google/go-querystring",
		"github.com/google/uuid",
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps",
		"-f", "{{if not .Standard}}{{.ImportPath}} {{.Module.Path}}{{end}}", ".")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))

	var reached []string
	for line := range strings.Lines(string(out)) {
		pkg, module, _ := strings.Cut(strings.TrimSpace(line), " ")
		if module == "github.com/sparkbridge/sparkbridge" {
			require.Contains(t, []string{
				"github.com/sparkbridge/sparkbridge/sparkhire",
				"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire",
				"github.com/sparkbridge/sparkbridge/internal/httpx",
			}, pkg)
			continue
		}
		require.Contains(t, allowed, module, "%s is reached", pkg)
		reached = append(reached, module)
	}
	require.True(t, slices.Contains(reached, "github.com/hashicorp/go-retryablehttp"), "the list was read")
}
