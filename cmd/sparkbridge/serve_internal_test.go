package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/config"
)

// Paycor pushes nothing, so its pace is its own; the others keep that of
// teamtailor.reconcile_interval.
func TestPaycorIsLookedAtAtItsOwnPace(t *testing.T) {
	t.Parallel()
	client := func(string, time.Duration) *http.Client { return &http.Client{} }
	for name, tc := range map[string]struct {
		paycor bool
		want   map[string]time.Duration
	}{
		"Paycor is enabled":     {true, map[string]time.Duration{"paycor": 15 * time.Minute}},
		"Paycor is not enabled": {false, map[string]time.Duration{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config.Default()
			c.TopEchelon.Enabled, c.Paycor.Enabled = true, tc.paycor
			all, err := adapters(c, nil, client)
			require.NoError(t, err)
			require.Equal(t, tc.want, reconcileEvery(all))
		})
	}
}
