package ats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func TestParseInterviewType(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]ats.InterviewType{
		"one_way": ats.OneWay, "one-way": ats.OneWay, "One Way": ats.OneWay, "oneway": ats.OneWay, " ONE-WAY\t": ats.OneWay,
		"live": ats.Live, "Live": ats.Live, " live ": ats.Live,
	} {
		got, ok := ats.ParseInterviewType(given)
		require.True(t, ok, given)
		require.Equal(t, want, got, given)
	}
	for _, given := range []string{"", " ", "two_way", "one_way interview", "lively", "1-way", "live\x00"} {
		got, ok := ats.ParseInterviewType(given)
		require.False(t, ok, given)
		require.Empty(t, got)
	}
	require.Equal(t, "One-way interview", ats.OneWay.Label())
	require.Equal(t, "Live interview", ats.Live.Label())
	require.Equal(t, "Interview", ats.InterviewType("group").Label())
}

func TestStates(t *testing.T) {
	t.Parallel()
	for state, c := range map[ats.State]struct{ ended, pending bool }{
		ats.StateRequested:   {false, true},
		ats.StateSending:     {false, true},
		ats.StateSent:        {false, true},
		ats.StateAccepted:    {false, true},
		ats.StateUnconfirmed: {false, true},
		ats.StateCompleted:   {true, false},
		ats.StateExpired:     {true, false},
		ats.StateCanceled:    {true, false},
		ats.StateFailed:      {true, false},
		"":                   {false, false},
	} {
		require.Equal(t, c.ended, state.Ended(), state)
		require.Equal(t, c.pending, state.Pending(), state)
	}
}

func TestWhatIsOnlyAboutUsIsNotReported(t *testing.T) {
	t.Parallel()
	for _, kind := range []ats.EventKind{ats.EventPublished, ats.EventPublishFailed, ats.EventErased, ats.EventSending} {
		require.False(t, kind.Reportable(), kind)
	}
	for _, kind := range []ats.EventKind{
		ats.EventRequested, ats.EventSent, ats.EventAccepted, ats.EventCompleted, ats.EventRated, ats.EventExpired, ats.EventCanceled,
		ats.EventRescheduled, ats.EventReset, ats.EventRemoved, ats.EventFailed, ats.EventUnconfirmed, ats.EventResolved, "of tomorrow",
	} {
		require.True(t, kind.Reportable(), kind)
	}
}

func TestCandidateField(t *testing.T) {
	t.Parallel()
	c := ats.Candidate{CustomFields: []ats.CustomField{
		{APIName: "Interview-Date", Value: "the first of its spelling"},
		{APIName: "interview-date", Value: "the exact one"},
		{APIName: "empty"},
	}}
	for name, want := range map[string]string{
		"interview-date": "the exact one",
		"Interview-Date": "the first of its spelling",
		"INTERVIEW-DATE": "the first of its spelling",
		"empty":          "",
	} {
		got, ok := c.Field(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
	_, ok := c.Field("interview_date")
	require.False(t, ok)
}

func TestNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Maya Okafor", ats.Candidate{FirstName: "Maya", LastName: "Okafor"}.Name())
	require.Equal(t, "Suharsono", ats.Candidate{FirstName: "Suharsono"}.Name())
	require.Equal(t, "Okafor", ats.Candidate{LastName: "Okafor"}.Name())
	require.Empty(t, ats.Candidate{}.Name())
	require.True(t, ats.User{Name: "Tove"}.IsZero())
	require.False(t, ats.User{ID: "u1"}.IsZero())
}
