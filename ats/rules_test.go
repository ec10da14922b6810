package ats_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func TestARefusalIsToldUnderTheProductsOwnName(t *testing.T) {
	t.Parallel()
	p := ats.Policy{
		Codes: map[ats.Code]ats.Code{ats.CodeUserNotLinked: ats.CodeNotConnected},
		Words: map[ats.Code]string{ats.CodeJobNotLinked: "Send the job first."},
	}

	got, ok := ats.AsRefusal(p.Name(ats.Refuse(ats.CodeUserNotLinked, "requested_for", "No key.")))
	require.True(t, ok)
	require.Equal(t, &ats.Refusal{Code: ats.CodeNotConnected, Field: "requested_for", Message: "No key."}, got)

	reworded, ok := ats.AsRefusal(p.Name(ats.Refuse(ats.CodeJobNotLinked, "job.id", "Link it.")))
	require.True(t, ok)
	require.Equal(t, &ats.Refusal{Code: ats.CodeJobNotLinked, Field: "job.id", Message: "Send the job first."}, reworded)

	other := ats.Refuse(ats.CodeActorRequired, "", "Who?")
	require.Same(t, other, p.Name(other))
	broken := errors.New("broken")
	require.Equal(t, broken, p.Name(broken))
	require.NoError(t, p.Name(nil))
}

func TestRoundsCountResetsAndChangedDeadlines(t *testing.T) {
	t.Parallel()
	timeline := []ats.Event{
		{Kind: ats.EventSent},
		{Kind: ats.EventCompleted},
		{Kind: ats.EventReset},
		{Kind: ats.EventCompleted},
		{Kind: ats.EventRescheduled},
		{Kind: ats.EventExpired},
	}
	ats.CountRounds(timeline)
	rounds := make([]int, 0, len(timeline))
	for _, e := range timeline {
		rounds = append(rounds, e.Round)
	}
	require.Equal(t, []int{0, 0, 1, 1, 2, 2}, rounds)
}

func TestAConnectionsSettingsChangeTheRulesAndShutTheGate(t *testing.T) {
	t.Parallel()
	a := memory.New(memory.Options{})
	plain, once, closed := ats.Connection{}, ats.Connection{Settings: []byte(`{"once":true}`)}, ats.Connection{Settings: []byte(`{"closed":true}`)}
	require.Equal(t, a.Policy(), ats.PolicyFor(a, plain))
	require.Equal(t, ats.Decline, ats.PolicyFor(a, once).AfterCompleted)
	require.Equal(t, ats.Policy{}, ats.PolicyFor(bare{}, once), "an adapter that tailors nothing")

	require.NoError(t, ats.Gate(a, plain))
	require.NoError(t, ats.Gate(bare{}, closed), "an adapter without a gate")
	refusal, ok := ats.AsRefusal(ats.Gate(a, closed))
	require.True(t, ok)
	require.Equal(t, ats.CodeFeatureNotEnabled, refusal.Code)
}

func TestSettingsRulesRead(t *testing.T) {
	t.Parallel()
	require.Equal(t, "administrators", ats.SettingsByAdministrator.String())
	require.Equal(t, "each user the own key", ats.SettingsByOwner.String())
	require.Equal(t, "the backend decides", ats.SettingsByBackend.String())
	require.Equal(t, "unknown (7)", ats.SettingsRule(7).String())
}
