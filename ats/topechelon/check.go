package topechelon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Check implements [ats.RequestChecker]: rules T11 and T16. The person must be in the
// pipeline of the job, as the person who asks sees it; a person who is in pipelines, but
// in that of no job that has been sent, gets a refusal of its own, because choosing
// another job would not help. Without a host nobody can tell, and the refusal says
// [ats.CodeHostCannot].
func (a *Adapter) Check(ctx context.Context, c ats.Connection, r ats.Request) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("check request %s: %w", r.Key, err)
	}
	if r.RequestedBy.IsZero() {
		return ats.Refuse(ats.CodeActorRequired, "", "The request does not say who is asking.")
	}
	host, err := a.host(ctx, c)
	if err != nil {
		return fmt.Errorf("check request %s: %w", r.Key, err)
	}
	if host == nil {
		return refuseBlind()
	}
	actor := actorOf(c, r.RequestedBy)
	in, err := host.InPipeline(ctx, actor, PipelineRef{AgencyID: c.Tenant.Tenant, JobID: r.Job.ID, PersonID: r.Candidate.ID})
	if notVisible(err) {
		return refuseSight()
	}
	if err != nil {
		return checkFailed(r, err)
	}
	if in {
		return nil
	}
	jobs, err := pipelineJobs(ctx, host, actor, r.Candidate.ID)
	if err != nil && !errors.Is(err, ats.ErrHostCannot) { // the answer stands, only less is known about why
		return checkFailed(r, err)
	}
	sent, err := sentOf(ctx, c, jobs)
	if err != nil {
		return checkFailed(r, err)
	}
	if len(jobs) > 0 && len(sent) == 0 && c.Links != nil {
		return ats.Refuse(CodeNotInConnectedPipeline, "candidate.id",
			"This person is not in the pipeline of any job that has been sent to Spark Hire. Add the person to one, or send the job first.")
	}
	return ats.Refuse(CodeNotInPipeline, "candidate.id", "This person is not in the pipeline of this job. Add the person to it, or choose another job.")
}

func checkFailed(r ats.Request, err error) error {
	return fmt.Errorf("ask the host about request %s: %w", r.Key, told(err))
}

func refuseBlind() *ats.Refusal {
	return ats.Refuse(ats.CodeHostCannot, "", "Nobody here can look into Top Echelon's pipelines, so it is not known whether this person is in one. Whoever operates the integration must connect a host.")
}

func refuseSight() *ats.Refusal {
	return ats.Refuse(ats.CodeNotPermitted, "", "You may not see this person or this job in Top Echelon.")
}

// pipelineJobs returns the jobs in whose pipeline the person is. A person who cannot be
// seen is in none.
func pipelineJobs(ctx context.Context, host Host, actor Actor, personID string) ([]string, error) {
	jobs, err := host.PipelineJobs(ctx, actor, personID)
	if notVisible(err) {
		return nil, nil
	}
	return jobs, err
}

// sentJobs returns the links of those jobs that have been sent and in whose pipeline
// the person is, oldest link first.
func (a *Adapter) sentJobs(ctx context.Context, host Host, c ats.Connection, actor Actor, personID string) ([]ats.JobLink, error) {
	jobs, err := pipelineJobs(ctx, host, actor, personID)
	if err != nil {
		return nil, err
	}
	return sentOf(ctx, c, jobs)
}

// sentOf returns the links of those jobs that have been sent, oldest link first.
func sentOf(ctx context.Context, c ats.Connection, jobs []string) ([]ats.JobLink, error) {
	if len(jobs) == 0 || c.Links == nil {
		return []ats.JobLink{}, nil
	}
	links, err := c.Links.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read job links: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(links), func(l ats.JobLink) bool { return !slices.Contains(jobs, l.JobID) }), nil
}

// MayView implements [ats.AccessChecker]: rules T5 and T29. A person may see the
// interviews of whom they see in any pipeline, that of the interview's job first, if
// they have connected Spark Hire. Without a host it is enough to have connected it
// [assumed: docs/vendors/topechelon.md].
func (a *Adapter) MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("check access to person %s: %w", ref.ID, err)
	}
	if !linked(c, u) || ref.ID == "" {
		return false, nil
	}
	host, err := a.host(ctx, c)
	if err != nil {
		return false, fmt.Errorf("check access to person %s: %w", ref.ID, err)
	}
	if host == nil {
		return true, nil
	}
	sees, err := seen(ctx, host, actorOf(c, u), PipelineRef{AgencyID: c.Tenant.Tenant, JobID: ref.JobID, PersonID: ref.ID})
	if err != nil {
		return false, fmt.Errorf("check access to person %s: %w", ref.ID, told(err))
	}
	return sees, nil
}

// seen reports whether the person who asks sees the other in the job's pipeline, or in
// any.
func seen(ctx context.Context, host Host, actor Actor, p PipelineRef) (bool, error) {
	if p.JobID != "" {
		in, err := host.InPipeline(ctx, actor, p)
		if in || err != nil && !notVisible(err) {
			return in && err == nil, err
		}
	}
	jobs, err := pipelineJobs(ctx, host, actor, p.PersonID)
	return len(jobs) > 0 && err == nil, err
}

// Actor implements [ats.ActorResolver] by asking the host. A user of another agency
// than the connection's is nobody here. The time zone is the user's own in Top
// Echelon; one that does not exist is an error rather than a wrong time. Without a
// host the error matches [ats.ErrUnsupported].
func (a *Adapter) Actor(ctx context.Context, c ats.Connection, credential string) (ats.User, error) {
	u, err := a.actor(ctx, c, credential)
	if err != nil {
		return ats.User{}, fmt.Errorf("resolve actor: %w", err)
	}
	return u, nil
}

func (a *Adapter) actor(ctx context.Context, c ats.Connection, credential string) (ats.User, error) {
	if err := ctx.Err(); err != nil {
		return ats.User{}, err
	}
	if strings.TrimSpace(credential) == "" {
		return ats.User{}, fmt.Errorf("the credential is empty: %w", ats.ErrUnauthorized)
	}
	host, err := a.host(ctx, c)
	if err != nil {
		return ats.User{}, err
	}
	if host == nil {
		return ats.User{}, fmt.Errorf("there is no host to ask: %w", ats.ErrUnsupported)
	}
	actor, err := host.Actor(ctx, credential)
	if err != nil {
		return ats.User{}, told(err)
	}
	if actor.AgencyID != c.Tenant.Tenant {
		return ats.User{}, fmt.Errorf("the credential is of another agency: %w", ats.ErrUnauthorized)
	}
	if actor.TimeZone != "" {
		if _, err := ats.LoadZone(actor.TimeZone); err != nil {
			return ats.User{}, fmt.Errorf("the host's time zone of user %s is not an IANA name: %w", actor.UserID, ats.ErrUnavailable)
		}
	}
	return userOf(c, actor), nil
}

// linked reports whether the person has connected Spark Hire.
func linked(c ats.Connection, u ats.User) bool {
	known, ok := c.User(u.ID)
	return ok && known.Linked
}
