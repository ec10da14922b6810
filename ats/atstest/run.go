package atstest

import (
	"slices"
	"testing"

	"github.com/sparkbridge/sparkbridge/ats"
)

// part is the suite's part for one capability.
type part struct {
	name string
	// needs is empty for what every adapter must do.
	needs  ats.Capability
	checks []check
}

// check is one promise of the contract, tested in a world of its own.
type check struct {
	name string
	run  func(w *world)
}

func parts() []part {
	return []part{
		{"Adapter", "", adapterChecks()},
		{"Publish", "", publishChecks()},
		{"Receiver", ats.CanReceive, receiverChecks()},
		{"JobLister", ats.CanListJobs, jobListerChecks()},
		{"CandidateReader", ats.CanReadCandidates, candidateReaderChecks()},
		{"CandidateLister", ats.CanListCandidates, candidateListerChecks()},
		{"AccessChecker", ats.CanCheckAccess, accessCheckerChecks()},
		{"ActorResolver", ats.CanResolveActors, actorResolverChecks()},
		{"RequestChecker", ats.CanCheckRequests, requestCheckerChecks()},
		{"Reconciler", ats.CanReconcile, reconcilerChecks()},
		{"SettingsDecoder", ats.CanDecodeSettings, settingsDecoderChecks()},
		{"PolicyTailor", ats.CanTailorPolicy, policyTailorChecks()},
		{"Gatekeeper", ats.CanKeepGate, gatekeeperChecks()},
		{"Authorizer", ats.CanAuthorize, authorizerChecks()},
	}
}

// Run proves the adapter that h makes against the contract of package ats. It
// calls h once to learn the adapter's capabilities and once per promise. Names
// of people, their addresses and the vendor's secrets may appear neither in the
// adapter's log nor in its errors, whatever is being tested.
func Run(t *testing.T, h Harness) {
	t.Helper()
	has := ats.Capabilities(newWorld(t, h).Adapter)
	for _, p := range parts() {
		if p.needs != "" && !slices.Contains(has, p.needs) {
			t.Logf("%s: left out, because the adapter does not have this capability (%s)", p.name, p.needs)
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range p.checks {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(newWorld(t, h))
				})
			}
		})
	}
}
