package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheStoryEndsWellOnEitherAPI(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v1", "v2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			require.Zero(t, run([]string{"-api", version, "-timeout", "1m"}, &stdout, &stderr), "%s", &stderr)
			require.Contains(t, stdout.String(), "the card shows COMPLETED")
			require.Equal(t, version == "v1", bytes.Contains(stdout.Bytes(), []byte("share the interview")), "v2 has no share links")
		})
	}
	var stderr bytes.Buffer
	require.Equal(t, 2, run([]string{"-api", "v3"}, &stderr, &stderr))
	require.Contains(t, stderr.String(), "v1 or v2")
}
