package ats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// openPolicy admits nearly everything; each test closes what it is about.
func openPolicy() ats.Policy {
	return ats.Policy{
		Types:       []ats.InterviewType{ats.OneWay, ats.Live},
		QuestionSet: map[ats.InterviewType]ats.Need{ats.OneWay: ats.Optional, ats.Live: ats.Optional},
		Deadline:    ats.DeadlineRule{Given: ats.Optional, Time: ats.Optional, DefaultDays: 7},
		JobLink:     ats.Optional,
		ActorKey:    ats.KeyNamed,
		PrimaryUser: ats.Optional,
		Message:     ats.Optional,
	}
}

func TestAPolicyWithoutContradictionsIsValid(t *testing.T) {
	t.Parallel()
	require.NoError(t, openPolicy().Validate())
	strictest := ats.Policy{
		Types:       []ats.InterviewType{ats.Live},
		QuestionSet: map[ats.InterviewType]ats.Need{ats.Live: ats.Forbidden},
		Deadline:    ats.DeadlineRule{Given: ats.Required},
	}
	require.NoError(t, strictest.Validate())
}

func TestValidateNamesEachContradiction(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*ats.Policy)
		want   string
	}{
		"no type":                        {func(p *ats.Policy) { p.Types = nil }, "policy: types: at least one"},
		"a type that does not exist":     {func(p *ats.Policy) { p.Types[0] = "group" }, `policy: types: "group" is not an interview type`},
		"a type twice":                   {func(p *ats.Policy) { p.Types[1] = ats.OneWay }, `policy: types: "one_way" is there twice`},
		"nothing about question sets":    {func(p *ats.Policy) { delete(p.QuestionSet, ats.Live) }, `policy: question set: nothing is said about "live"`},
		"a deadline that cannot be":      {func(p *ats.Policy) { p.Deadline.Given = ats.Forbidden }, "policy: deadline: must be required or optional"},
		"an optional one without a rule": {func(p *ats.Policy) { p.Deadline.DefaultDays = 0 }, "policy: deadline: an optional one needs a default"},
		"a negative default":             {func(p *ats.Policy) { p.Deadline.DefaultDays = -1 }, "policy: deadline: an optional one needs a default"},
		"the key of a user who is not": {func(p *ats.Policy) {
			p.ActorKey, p.PrimaryUser = ats.KeyPrimary, ats.Forbidden
		}, "policy: actor key: is the primary user's"},
		"a name that has a name": {func(p *ats.Policy) {
			p.Codes = map[ats.Code]ats.Code{ats.CodeUserNotLinked: ats.CodeNotConnected, ats.CodeNotConnected: "closed"}
		}, `policy: codes: "user_not_linked" becomes "not_connected", which has another name itself`},
		"a sentence for a name": {func(p *ats.Policy) {
			p.Codes = map[ats.Code]ats.Code{ats.CodeUserNotLinked: ats.CodeNotConnected}
			p.Words = map[ats.Code]string{ats.CodeNotConnected: "Paste your key."}
		}, `policy: words: "not_connected", which "user_not_linked" becomes, has a sentence of its own`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openPolicy()
			c.change(&p)
			require.ErrorContains(t, p.Validate(), c.want)
		})
	}
}

func TestValidateNamesAllContradictionsAtOnce(t *testing.T) {
	t.Parallel()
	err := ats.Policy{}.Validate()
	require.ErrorContains(t, err, "types")
	require.ErrorContains(t, err, "deadline")
}

func TestRulesPrintAsWords(t *testing.T) {
	t.Parallel()
	for want, rule := range map[string]interface{ String() string }{
		"forbidden": ats.Forbidden, "optional": ats.Optional, "required": ats.Required,
		"own": ats.KeyOwn, "named": ats.KeyNamed, "primary": ats.KeyPrimary,
		"decline": ats.Decline, "allow": ats.Allow, "allow with notice": ats.AllowWithNotice,
		"candidate": ats.ScopeCandidate, "candidate and job": ats.ScopeCandidateJob, "candidate, job and terms": ats.ScopeTerms,
		"end": ats.EndOfDay, "start": ats.StartOfDay,
		"unknown (7)": ats.Need(7), "unknown (-1)": ats.KeyRule(-1),
	} {
		require.Equal(t, want, rule.String())
	}
}

func TestTheZeroRuleIsTheStrictest(t *testing.T) {
	t.Parallel()
	var p ats.Policy
	require.Equal(t, ats.Forbidden, p.Cancel)
	require.Equal(t, ats.KeyOwn, p.ActorKey)
	require.Equal(t, ats.Decline, p.WhilePending)
	require.Equal(t, ats.Decline, p.AfterCompleted)
	require.Equal(t, ats.ScopeCandidate, p.Scope)
	require.Equal(t, ats.EndOfDay, p.Deadline.Midnight)
}
