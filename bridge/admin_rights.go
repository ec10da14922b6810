package bridge

import (
	"context"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// The actions that [Bridge.Actions] returns.
const (
	ActionCancel  = "cancel"
	ActionResolve = "resolve"
	ActionView    = "view"
)

// MayView reports whether a person may see a candidate's interviews: where the ATS
// decides that, as it says; elsewhere everybody may. The zero user is the backend
// itself, which may.
func (b *Bridge) MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	ref.Tenant = c.Tenant
	checker, ok := b.adapters[c.Tenant.Adapter].(ats.AccessChecker)
	if !ok || u.IsZero() {
		return true, nil
	}
	may, err := checker.MayView(ctx, c, u, ref)
	if err != nil {
		return false, fmt.Errorf("check access to candidate %s: %w", ref.ID, err)
	}
	return may, nil
}

// CheckView returns nil when the person may see the candidate's interviews, and a
// refusal otherwise: with [ats.CodeUserNotLinked] where the product shows them to
// linked users only and the person is none, else with [ats.CodeNotPermitted].
func (b *Bridge) CheckView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) error {
	may, err := b.MayView(ctx, c, u, ref)
	if err != nil || may {
		return err
	}
	if _, policy, err := b.rules(c); err == nil && !policy.ViewWithoutKey {
		if err := b.checkOwnKey(c, u); err != nil {
			return err
		}
	}
	return refuseSight()
}

// CheckChange returns nil when the person may change an interview of the candidate,
// and a refusal otherwise: they must see the candidate and, where only a person's
// own key acts, have one.
func (b *Bridge) CheckChange(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) error {
	if err := b.CheckGate(c); err != nil {
		return err
	}
	if err := b.checkOwnKey(c, u); err != nil {
		return err
	}
	return b.CheckView(ctx, c, u, ref)
}

func (b *Bridge) checkOwnKey(c ats.Connection, u ats.User) error {
	_, policy, err := b.rules(c)
	if err != nil {
		return err
	}
	switch {
	case policy.ActorKey != ats.KeyOwn:
		return nil
	case u.IsZero():
		return refuseAnonymous()
	case !linkedUser(c, u):
		return ats.Refuse(ats.CodeUserNotLinked, "", "Only people with a Spark Hire key of their own can do this. An administrator can add one.")
	}
	return nil
}

// Actions returns what the person may do with the interview now: "cancel",
// "resolve", "view", in this order; none is an empty slice. mayView is what
// [Bridge.MayView] said.
func (b *Bridge) Actions(c ats.Connection, i store.Interview, u ats.User, mayView bool) []string {
	actions := []string{}
	a, ok := b.adapters[c.Tenant.Adapter]
	if !ok || !mayView {
		return actions
	}
	mayChange := b.checkOwnKey(c, u) == nil && ats.Gate(a, c) == nil
	switch i.State {
	case ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted:
		if mayChange && ats.PolicyFor(a, c).Cancel != ats.Forbidden && c.Enabled && i.CancelAt.IsZero() && cancelable(i) {
			actions = append(actions, ActionCancel)
		}
	case ats.StateUnconfirmed:
		if mayChange {
			actions = append(actions, ActionResolve)
		}
	case ats.StateCompleted:
		if _, err := b.recordingKind(a, c, i, u); err == nil {
			actions = append(actions, ActionView)
		}
	case ats.StateExpired, ats.StateCanceled, ats.StateFailed:
	}
	return actions
}

// candidateOf names the candidate of an interview, in the course of its job.
func candidateOf(i store.Interview) ats.CandidateRef {
	return ats.CandidateRef{Tenant: i.Tenant, ID: i.Candidate.ID, JobID: i.Job.ID}
}

func linkedUser(c ats.Connection, u ats.User) bool {
	known, ok := c.User(u.ID)
	return ok && known.Linked
}

func refuseSight() error {
	return ats.Refuse(ats.CodeNotPermitted, "", "This person may not see the candidate.")
}

func refuseAnonymous() error {
	return ats.Refuse(ats.CodeActorRequired, "", "The call does not say who acts.")
}
