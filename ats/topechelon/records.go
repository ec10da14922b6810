package topechelon

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
)

// Person reads a person from the public API as the user u, who must have signed in
// there. Reading one person is a call that nobody has been seen making: unless the
// connection tries such calls the error matches [ErrUnverified], and nothing is sent.
// A user who has not signed in matches [ats.ErrUnauthorized], a person whom the user
// may not see [ats.ErrForbidden] or [ats.ErrNotFound].
func (a *Adapter) Person(ctx context.Context, c ats.Connection, u ats.User, personID string) (ats.Candidate, error) {
	p, err := a.person(ctx, c, u.ID, personID)
	if err != nil {
		return ats.Candidate{}, fmt.Errorf("read person %s: %w", personID, err)
	}
	return p, nil
}

func (a *Adapter) person(ctx context.Context, c ats.Connection, userID, personID string) (ats.Candidate, error) {
	client, err := a.client(ctx, c, userID)
	if err != nil {
		return ats.Candidate{}, err
	}
	p, err := client.People.Get(ctx, personID)
	if err != nil {
		return ats.Candidate{}, classify(err)
	}
	return candidateFromAPI(*p), nil
}

// Job reads a job from the public API as the user u. Errors are as for
// [Adapter.Person], but the call itself has been seen; what it answers has not.
func (a *Adapter) Job(ctx context.Context, c ats.Connection, u ats.User, jobID string) (ats.Job, error) {
	client, err := a.client(ctx, c, u.ID)
	if err != nil {
		return ats.Job{}, fmt.Errorf("read job %s: %w", jobID, err)
	}
	j, err := client.Jobs.Get(ctx, jobID)
	if err != nil {
		return ats.Job{}, fmt.Errorf("read job %s: %w", jobID, classify(err))
	}
	return jobFromAPI(*j), nil
}

// Candidate implements [ats.CandidateReader] with the public API. Nobody acts here, so
// the linked users who have signed in are asked one after the other, until one of them
// sees the person: the result is the engine's and is shown to those only who may see
// the person themselves. Errors are as for [Adapter.Person].
func (a *Adapter) Candidate(ctx context.Context, c ats.Connection, ref ats.CandidateRef) (ats.Candidate, error) {
	cand, err := a.candidate(ctx, c, ref.ID)
	if err != nil {
		return ats.Candidate{}, fmt.Errorf("read person %s: %w", ref.ID, err)
	}
	return cand, nil
}

func (a *Adapter) candidate(ctx context.Context, c ats.Connection, personID string) (ats.Candidate, error) {
	if err := ctx.Err(); err != nil {
		return ats.Candidate{}, err
	}
	s, err := settingsOf(c)
	if err != nil {
		return ats.Candidate{}, err
	}
	if !a.tries(s) {
		return ats.Candidate{}, classify(api.ErrUnverified)
	}
	refused := errNotSignedIn
	for _, u := range c.Users {
		if !u.Linked {
			continue
		}
		cand, err := a.person(ctx, c, u.ID, personID)
		switch {
		case err == nil:
			return cand, nil
		case notVisible(err):
			refused = err
		case !errors.Is(err, ats.ErrUnauthorized):
			return ats.Candidate{}, err
		case !notVisible(refused): // that somebody sees nothing tells more
			refused = err
		}
	}
	return ats.Candidate{}, refused
}

// probeID names nobody, to ask the host about.
const probeID = "sparkbridge-probe"

// Probe implements [ats.Prober]. It asks the host about a person who does not exist,
// and lists hotlists with the tokens of the first user who has signed in.
func (a *Adapter) Probe(ctx context.Context, c ats.Connection) error {
	host, err := a.host(ctx, c)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if host != nil {
		_, err := host.PipelineJobs(ctx, actorOf(c, ats.User{ID: probeID}), probeID)
		if err != nil && !notVisible(err) {
			return fmt.Errorf("probe host: %w", told(err))
		}
	}
	for _, u := range c.Users {
		client, err := a.client(ctx, c, u.ID)
		if errors.Is(err, errNotSignedIn) {
			continue
		}
		if err != nil {
			return fmt.Errorf("probe public API: %w", err)
		}
		for _, err := range client.Hotlists.All(ctx, nil) {
			if err != nil {
				return fmt.Errorf("probe public API: %w", classify(err))
			}
			break
		}
		return nil
	}
	return nil
}
