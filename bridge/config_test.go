package bridge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

func TestNewTellsEveryProblemWithItsField(t *testing.T) {
	t.Parallel()
	_, err := bridge.New(bridge.Config{
		Adapters:  []ats.Adapter{nil},
		APITokens: []ats.Secret{""},
		PublicURL: "interviews.example",
		SparkHire: bridge.SparkHireConfig{RequestTimeout: time.Minute, SettleTime: time.Second},
		Workers:   -1, StopTimeout: -time.Second, PublishFor: time.Hour,
	})
	for _, problem := range []string{
		"Store is needed", "Keys is needed", "Adapters[0] is nil", "APITokens[0] is empty", "PublicURL must be",
		"SparkHire.SettleTime must be longer than RequestTimeout", "Workers must be at least 1", "StopTimeout must not be negative",
		"PublishFor must be at least 72h",
	} {
		require.ErrorContains(t, err, "bridge: config "+problem)
	}
	var wrong *bridge.ConfigError
	require.ErrorAs(t, err, &wrong)
}
