package paycor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// Jobs implements [ats.JobLister]: the jobs whose status is ACTIVE. Without API credentials
// the error matches [ats.ErrUnsupported], before an administrator has signed in
// [ats.ErrUnauthorized].
func (a *Adapter) Jobs(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
	return func(yield func(ats.Job, error) bool) {
		client, account, err := a.directory(ctx, c)
		if err != nil {
			yield(ats.Job{}, fmt.Errorf("list jobs: %w", err))
			return
		}
		for job, err := range client.Jobs.All(ctx, account, &api.JobOptions{Status: api.JobActive}) {
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

// Candidates implements [ats.CandidateLister]. Paycor filters by day, in a zone that it
// does not name, so candidates who changed up to a day before since may be among them.
// Errors are as for [Adapter.Jobs].
func (a *Adapter) Candidates(ctx context.Context, c ats.Connection, job ats.JobRef, since time.Time) iter.Seq2[ats.Candidate, error] {
	return func(yield func(ats.Candidate, error) bool) {
		client, account, err := a.directory(ctx, c)
		if err != nil {
			yield(ats.Candidate{}, fmt.Errorf("list candidates: %w", err))
			return
		}
		ref := api.JobRef{AccountRef: account, JobID: job.ID}
		for cand, err := range client.Candidates.All(ctx, ref, changedSince(since)) {
			if err != nil {
				yield(ats.Candidate{}, classify(err))
				return
			}
			if !yield(candidateFromAPI(cand), nil) {
				return
			}
		}
	}
}

// Candidate implements [ats.CandidateReader]. Paycor finds a candidate below its job only;
// a reference without one is looked for in the linked jobs, with a call for each. Errors
// are as for [Adapter.Jobs].
func (a *Adapter) Candidate(ctx context.Context, c ats.Connection, ref ats.CandidateRef) (ats.Candidate, error) {
	cand, err := a.candidate(ctx, c, ref)
	if err != nil {
		return ats.Candidate{}, fmt.Errorf("read candidate %s: %w", ref.ID, err)
	}
	return cand, nil
}

func (a *Adapter) candidate(ctx context.Context, c ats.Connection, ref ats.CandidateRef) (ats.Candidate, error) {
	client, account, err := a.directory(ctx, c)
	if err != nil {
		return ats.Candidate{}, err
	}
	jobs := []string{ref.JobID}
	if ref.JobID == "" {
		if jobs, err = linkedJobs(ctx, c); err != nil {
			return ats.Candidate{}, err
		}
	}
	for _, job := range jobs {
		found, err := client.Candidates.Get(ctx, api.CandidateRef{JobRef: api.JobRef{AccountRef: account, JobID: job}, CandidateID: ref.ID})
		if err = classify(err); err == nil {
			return candidateFromAPI(*found), nil
		}
		if !errors.Is(err, ats.ErrNotFound) {
			return ats.Candidate{}, err
		}
	}
	return ats.Candidate{}, ats.ErrNotFound
}

// linkedJobs returns the ids of the connection's linked jobs, oldest link first.
func linkedJobs(ctx context.Context, c ats.Connection) ([]string, error) {
	if c.Links == nil {
		return nil, nil
	}
	links, err := c.Links.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list linked jobs: %w", err)
	}
	jobs := make([]string, 0, len(links))
	for _, l := range links {
		jobs = append(jobs, l.JobID)
	}
	return jobs, nil
}

// changedSince asks for a day more than needed: in which zone Paycor counts days is not
// documented [assumed: docs/vendors/paycor.md].
func changedSince(since time.Time) *api.CandidateOptions {
	if since.IsZero() {
		return nil
	}
	return &api.CandidateOptions{ChangedSince: since.AddDate(0, 0, -1)}
}

// directory returns the connection's API client and its account.
func (a *Adapter) directory(ctx context.Context, c ats.Connection) (*api.Client, api.AccountRef, error) {
	if err := ctx.Err(); err != nil {
		return nil, api.AccountRef{}, err
	}
	account, err := accountOf(c)
	if err != nil {
		return nil, api.AccountRef{}, err
	}
	client, err := a.client(ctx, c)
	return client, api.AccountRef{LegalEntityID: account.LegalEntityID, AccountID: account.ATSAccountID}, err
}

// clients are the API clients of connections. There is one for each in a process, because
// a client is what makes its callers share one refresh of the tokens.
type clients struct {
	mu       sync.Mutex
	byID     map[string]*connected
	limiters map[[sha256.Size]byte]*httpx.WindowLimiter // by digest of the subscription key
}

type connected struct {
	client *api.Client
	digest [sha256.Size]byte // of the credentials that it was made with
}

// client returns the connection's API client. It calls nobody.
func (a *Adapter) client(ctx context.Context, c ats.Connection) (*api.Client, error) {
	have, err := a.credentialsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	key := have.subscriptionKey.Reveal()
	digest := sha256.Sum256([]byte(key + "\x00" + have.clientID + "\x00" + have.clientSecret.Reveal() + "\x00" + have.scope))
	a.clients.mu.Lock()
	defer a.clients.mu.Unlock()
	if known, ok := a.clients.byID[c.ID]; ok && known.digest == digest {
		return known.client, nil
	}
	var tokens oauth.Store
	if c.Secrets != nil {
		tokens = tokenStore{c.Secrets}
	}
	client, err := api.New(api.Config{
		BaseURL: a.cfg.APIURL, AuthorizeURL: a.cfg.AuthorizeURL,
		SubscriptionKey: key, ClientID: have.clientID, ClientSecret: have.clientSecret.Reveal(), Scope: have.scope,
		ChallengeMethod: string(a.cfg.ChallengeMethod), RefreshForm: api.RefreshForm(a.cfg.RefreshForm),
		Tokens: tokens, HTTPClient: a.http, UserAgent: a.cfg.UserAgent, Limiter: a.limiter(key), MaxWait: a.cfg.MaxWait, Clock: a.cfg.Clock,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ats.ErrInvalid, err)
	}
	if c.ID != "" && tokens != nil {
		a.clients.byID[c.ID] = &connected{client, digest}
	}
	return client, nil
}

// limiter returns the budget of a subscription key, which all its connections share.
// Callers hold a.clients.mu.
func (a *Adapter) limiter(key string) *httpx.WindowLimiter {
	digest := sha256.Sum256([]byte(key))
	l, ok := a.clients.limiters[digest]
	if !ok {
		l = httpx.NewLimiter(a.cfg.RequestsPerMinute, time.Minute)
		a.clients.limiters[digest] = l
	}
	return l
}
