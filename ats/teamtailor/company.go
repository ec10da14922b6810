package teamtailor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// stack is one of Teamtailor's installations that we have a key for.
type stack struct {
	base    string
	name    Stack
	partner *api.Partner
}

// open makes the clients of the partner API, one for each stack.
func (a *Adapter) open() error {
	endpoints, err := a.cfg.endpoints()
	if err != nil {
		return err
	}
	a.http = a.cfg.HTTPClient
	if a.http == nil {
		a.http = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 32, IdleConnTimeout: 90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	var urls []string
	for _, e := range endpoints {
		opts := append(a.clientOptions(a.cfg.PartnerAPIVersion), api.WithScheme(a.cfg.AuthWord))
		partner, err := api.NewPartner(e.base, e.key.Reveal(), opts...)
		if err != nil {
			return fmt.Errorf("partner API at %s: %w", e.base, err)
		}
		a.stacks = append(a.stacks, stack{base: e.base, name: e.stack, partner: partner})
		urls = append(urls, e.base)
	}
	a.bases, err = api.NewBases(urls...)
	return err
}

// maxWait is the longest wait asked for by Teamtailor that a call sits through; the
// engine comes back for what takes longer.
const maxWait = 5 * time.Second

func (a *Adapter) clientOptions(version string) []api.Option {
	return []api.Option{
		api.WithHTTPClient(a.http), api.WithUserAgent(a.cfg.UserAgent), api.WithVersion(version),
		api.WithMaxAttempts(a.cfg.MaxAttempts), api.WithMaxWait(maxWait),
	}
}

// publicAPI returns a client with a company's token. Clients are made for each use,
// because a token is not kept in memory; what they share is the budget of requests.
func (a *Adapter) publicAPI(base string, token ats.Secret) (*api.Public, error) {
	place := sign.Digest(base + " " + token.Reveal())
	limiter, ok := a.limiters.get(place)
	if !ok {
		limiter = api.NewLimiter()
		a.limiters.add(place, limiter)
	}
	return api.NewPublic(base, token.Reveal(), append(a.clientOptions(a.cfg.PublicAPIVersion), api.WithLimiter(limiter))...)
}

// companyAPI returns a client for a connection's company. Without a token, which
// most companies do not share, the error matches [ats.ErrUnsupported].
func (a *Adapter) companyAPI(ctx context.Context, c ats.Connection) (*api.Public, error) {
	settings, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	token, err := c.Secret(ctx, secretCompanyToken, settings.CompanyAPIToken)
	if err != nil {
		return nil, err
	}
	if token.IsZero() {
		return nil, fmt.Errorf("connection %s has no company API token: %w", c.ID, ats.ErrUnsupported)
	}
	base, err := a.baseOf(ctx, c, settings)
	if err != nil {
		return nil, err
	}
	return a.publicAPI(base, token)
}

// baseOf returns the base URL of the company's stack: as the settings say, as
// learned from a call, or the first one. The wrong stack answers 401
// [observed: docs/vendors/teamtailor.md].
func (a *Adapter) baseOf(ctx context.Context, c ats.Connection, s Settings) (string, error) {
	learned, err := c.Secret(ctx, secretAPIURL, "")
	if err != nil {
		return "", err
	}
	for _, base := range []string{s.APIURL, learned.Reveal()} {
		if found, ok := a.stackAt(base); ok {
			return found.base, nil
		}
	}
	return a.stacks[0].base, nil
}

// Jobs implements [ats.JobLister] with the public API: the published jobs. Without
// a company token the error matches [ats.ErrUnsupported].
func (a *Adapter) Jobs(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
	return func(yield func(ats.Job, error) bool) {
		client, err := a.companyAPI(ctx, c)
		if err != nil {
			yield(ats.Job{}, fmt.Errorf("list jobs: %w", err))
			return
		}
		for job, err := range client.Jobs.All(ctx, nil) {
			if err != nil {
				yield(ats.Job{}, classify(err))
				return
			}
			if !yield(jobFromAPI(job), nil) {
				return
			}
		}
	}
}

// Candidate implements [ats.CandidateReader] with the public API. Without a company
// token the error matches [ats.ErrUnsupported].
func (a *Adapter) Candidate(ctx context.Context, c ats.Connection, ref ats.CandidateRef) (ats.Candidate, error) {
	client, err := a.companyAPI(ctx, c)
	if err != nil {
		return ats.Candidate{}, fmt.Errorf("read candidate %s: %w", ref.ID, err)
	}
	candidate, err := client.Candidates.Get(ctx, ref.ID, &api.CandidateOptions{CustomFields: true})
	if err != nil {
		return ats.Candidate{}, classify(err)
	}
	return candidateFromAPI(*candidate), nil
}

// Candidates implements [ats.CandidateLister] with the public API: who has an
// application to the job that changed, or who changed, since. Custom fields do not
// come along. Without a company token the error matches [ats.ErrUnsupported].
func (a *Adapter) Candidates(ctx context.Context, c ats.Connection, job ats.JobRef, since time.Time) iter.Seq2[ats.Candidate, error] {
	return func(yield func(ats.Candidate, error) bool) {
		client, err := a.companyAPI(ctx, c)
		if err != nil {
			yield(ats.Candidate{}, fmt.Errorf("list candidates of job %s: %w", job.ID, err))
			return
		}
		for app, err := range applicationsOf(ctx, client, job.ID) {
			if err != nil {
				yield(ats.Candidate{}, classify(err))
				return
			}
			changed := app.Candidate != nil && (!app.UpdatedAt.Before(since) || !app.Candidate.UpdatedAt.Before(since))
			if changed && !yield(candidateFromAPI(*app.Candidate), nil) {
				return
			}
		}
	}
}

// applicationsOf yields the applications to a job. The filter is not documented,
// others use it [observed: docs/vendors/teamtailor.md]; where the API refuses it,
// all of the company's applications are read and the job's are picked.
func applicationsOf(ctx context.Context, client *api.Public, job string) iter.Seq2[api.JobApplication, error] {
	return func(yield func(api.JobApplication, error) bool) {
		opts := &api.JobApplicationListOptions{Job: job}
		for {
			refused := false
			for app, err := range client.JobApplications.All(ctx, opts) {
				if e, ok := errors.AsType[*APIError](err); ok && e.Status == http.StatusBadRequest && opts.Job != "" {
					refused = true // the first request, so nothing has been yielded
					break
				}
				if err == nil && opts.Job == "" && (app.Job == nil || app.Job.ID != job) {
					continue
				}
				if !yield(app, err) || err != nil {
					return
				}
			}
			if !refused {
				return
			}
			opts.Job = ""
		}
	}
}
