package atstest_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/atstest"
)

func TestTheMemoryAdapterConforms(t *testing.T) {
	t.Parallel()
	atstest.Run(t, harness)
}

// broken chooses the adapter of TestABrokenAdapter, when this binary runs itself.
var broken = flag.String("broken", "", "run the suite on the adapter that is broken in this way")

// TestABrokenAdapter fails when -broken is given, as it should; see
// TestTheSuiteFindsWhatIsBroken.
func TestABrokenAdapter(t *testing.T) {
	t.Parallel()
	if *broken == "" {
		return
	}
	breakage, ok := breakages()[*broken]
	require.True(t, ok)
	atstest.Run(t, func(t *testing.T, env atstest.Env) atstest.Vendor {
		t.Helper()
		v := harness(t, env)
		breakage.apply(&v, env)
		return v
	})
}

// A suite that finds nothing proves nothing: adapters that are wrong in one way
// each must be found, by the check that is about it.
func TestTheSuiteFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	for name, breakage := range breakages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part, check, ok := strings.Cut(breakage.foundBy, "/")
			require.True(t, ok)
			check = strings.ReplaceAll(check, " ", "_")
			cmd := exec.CommandContext(t.Context(), self,
				"-test.run=^TestABrokenAdapter$/^"+part+"$/^"+regexp.QuoteMeta(check)+"$", "-broken="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "the suite must find it")
			require.Contains(t, string(out), "--- FAIL: TestABrokenAdapter/"+part+"/"+check+" ", "by the check that is about it")
			require.NotContains(t, string(out), "panic:")
		})
	}
}
