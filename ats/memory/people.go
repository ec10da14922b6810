package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// CodeNotInPipeline is this adapter's own refusal: the candidate is not in the
// pipeline of the job.
const CodeNotInPipeline ats.Code = "not_in_pipeline"

// Candidate implements [ats.CandidateReader].
func (a *Adapter) Candidate(ctx context.Context, c ats.Connection, ref ats.CandidateRef) (ats.Candidate, error) {
	var found ats.Candidate
	err := a.visit(ctx, c.Tenant, func(acc *Account) error {
		cand, ok := acc.present(ref.ID)
		if !ok || ref.Tenant != c.Tenant {
			return ats.ErrNotFound
		}
		found = cand.view()
		return nil
	})
	if err != nil {
		return ats.Candidate{}, fmt.Errorf("read candidate %s: %w", ref.ID, err)
	}
	return found, nil
}

// MayView implements [ats.AccessChecker] with what [Account.Restrict] said.
func (a *Adapter) MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	var may bool
	err := a.visit(ctx, c.Tenant, func(acc *Account) error {
		user, known := acc.users[u.ID]
		_, present := acc.present(ref.ID)
		viewers, restricted := acc.viewers[ref.ID]
		may = known && present && ref.Tenant == c.Tenant &&
			(user.Admin || !restricted || slices.Contains(viewers, u.ID))
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("check access to candidate %s: %w", ref.ID, err)
	}
	return may, nil
}

// Actor implements [ats.ActorResolver] with the credentials of
// [Account.AddUser].
func (a *Adapter) Actor(ctx context.Context, c ats.Connection, credential string) (ats.User, error) {
	var holder ats.User
	err := a.visit(ctx, c.Tenant, func(acc *Account) error {
		id, ok := acc.holders[credential]
		if !ok {
			return ats.ErrUnauthorized
		}
		holder = acc.users[id]
		return nil
	})
	if err != nil {
		return ats.User{}, fmt.Errorf("resolve actor: %w", err)
	}
	return holder, nil
}

// Check implements [ats.RequestChecker]: the candidate must exist and, where the
// request names a job, be in its pipeline.
func (a *Adapter) Check(ctx context.Context, c ats.Connection, r ats.Request) error {
	err := a.visit(ctx, c.Tenant, func(acc *Account) error {
		cand, ok := acc.present(r.Candidate.ID)
		switch {
		case !ok:
			return ats.Refuse(ats.CodeCandidateRequired, "candidate.id", "This candidate does not exist any more.")
		case r.Job.ID != "" && cand.job != r.Job.ID:
			return ats.Refuse(CodeNotInPipeline, "job.id", "This candidate is not in the pipeline of the job.")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check request %s: %w", r.Key, err)
	}
	return nil
}
