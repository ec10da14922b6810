package paycor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
)

// A day of polls: how often a closed job is looked at, a job's status read, and an idle
// connection kept alive [assumed: docs/vendors/paycor.md]. A little less than a day, so
// that a schedule that runs once a day does not miss it by a second.
const aDay = 23 * time.Hour

// pollers is how many connections are polled at a time.
const pollers = 4

// Reconcile implements [ats.Reconciler]. Paycor tells nobody about changes, so the candidates
// of each linked job are read every [Config.PollInterval], and names and addresses that
// changed are brought to the interviews that have not ended. Jobs that are closed, filled
// or denied are looked at once a day. Each connection is called at least once a day, which
// keeps its refresh token alive.
//
// It disconnects nobody: losing the API does not end the integration. What could not be
// read is in the error; the other connections and jobs are polled all the same. A
// connection without API credentials, or in which nobody has signed in, is left alone.
func (a *Adapter) Reconcile(ctx context.Context, in ats.Inbox) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	conns, err := in.Connections(ctx, Name)
	if err != nil {
		return fmt.Errorf("list connections: %w", err)
	}
	a.polls.keep(conns)
	errs := make([]error, len(conns))
	var group sync.WaitGroup
	places := make(chan struct{}, pollers)
	for i, c := range conns {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			if err := a.poll(ctx, in, c); err != nil {
				errs[i] = fmt.Errorf("poll %s: %w", c.Tenant, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// polls is what is remembered of past polls, by connection. Losing it costs calls, nothing
// else: the day of the last complete one is kept with the connection.
type polls struct {
	mu   sync.Mutex
	byID map[string]*pollState
}

// pollState is used by one run at a time.
type pollState struct {
	done  time.Time // when the last complete poll began
	alive time.Time // when the connection was last seen to work
	jobs  map[string]*jobPoll
}

// polledAt returns when a job was last polled: those that have waited longest go first, so
// that a run which ends early starves none.
func (s *pollState) polledAt(job string) time.Time {
	if j, ok := s.jobs[job]; ok {
		return j.polled
	}
	return time.Time{}
}

// jobPoll is what is remembered of one job.
type jobPoll struct {
	polled   time.Time // when its last complete poll began
	statusAt time.Time // when its status was read
	closed   bool
	seen     map[string][sha256.Size]byte // digests of the candidates last yielded, by id
}

// of returns the connection's state.
func (p *polls) of(id string) *pollState {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.byID[id]
	if !ok {
		s = &pollState{jobs: map[string]*jobPoll{}}
		p.byID[id] = s
	}
	return s
}

// keep forgets the connections that are not there any more.
func (p *polls) keep(conns []ats.Connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.byID {
		if !slices.ContainsFunc(conns, func(c ats.Connection) bool { return c.ID == id }) {
			delete(p.byID, id)
		}
	}
}

// poll polls one connection, if it is time.
func (a *Adapter) poll(ctx context.Context, in ats.Inbox, c ats.Connection) error {
	state, now := a.polls.of(c.ID), a.now()
	if now.Sub(state.done) < a.tooSoon() {
		return nil
	}
	client, account, err := a.directory(ctx, c)
	if errors.Is(err, ats.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return err
	}
	if signedIn, err := a.signedIn(ctx, c); err != nil || !signedIn {
		return err
	}
	if now.Sub(state.alive) >= aDay {
		if err := a.probe(ctx, c); err != nil {
			return err
		}
		state.alive = now
	}
	linked, err := linkedJobs(ctx, c)
	if err != nil {
		return err
	}
	stored, err := polledOn(ctx, c)
	if err != nil {
		return err
	}
	run := &pollRun{in: in, client: client, tenant: c.Tenant, now: now, since: stored, tooSoon: a.tooSoon()}
	slices.SortStableFunc(linked, func(x, y string) int { return state.polledAt(x).Compare(state.polledAt(y)) })
	next := make(map[string]*jobPoll, len(linked))
	var errs []error
	for _, id := range linked {
		job, ok := state.jobs[id]
		if !ok {
			job = &jobPoll{}
		}
		next[id] = job
		if err := run.job(ctx, api.JobRef{AccountRef: account, JobID: id}, job); err != nil {
			errs = append(errs, fmt.Errorf("job %s: %w", id, err))
			if stopsPoll(err) {
				break
			}
		}
	}
	if len(errs) > 0 {
		for id, job := range state.jobs { // what this run did not come to
			if _, ok := next[id]; !ok {
				next[id] = job
			}
		}
		state.jobs = next
		return errors.Join(errs...)
	}
	state.jobs, state.done = next, now
	a.log.DebugContext(ctx, "linked jobs polled", "connection", c, "jobs", len(linked), "changed", run.changed)
	return keepPolledOn(ctx, c, oldest(next, now))
}

// tooSoon is a little less than the interval: the schedule that calls may be a little early.
func (a *Adapter) tooSoon() time.Duration { return a.cfg.PollInterval * 9 / 10 }

// stopsPoll reports whether the connection's other jobs would fail in the same way.
func stopsPoll(err error) bool {
	for _, kind := range []error{ats.ErrUnauthorized, ats.ErrRateLimited, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// oldest returns when the job that has waited longest was polled.
func oldest(jobs map[string]*jobPoll, now time.Time) time.Time {
	for _, job := range jobs {
		if job.polled.Before(now) {
			now = job.polled
		}
	}
	return now
}

// pollRun is one poll of one connection.
type pollRun struct {
	in     ats.Inbox
	client *api.Client
	tenant ats.TenantRef
	now    time.Time
	since  time.Time // for jobs of which nothing is remembered; zero for "everything"

	tooSoon time.Duration
	changed int // candidates whose state was not known
}

// job polls one job, if it is time: a run that did not come to the end has polled some.
func (r *pollRun) job(ctx context.Context, ref api.JobRef, job *jobPoll) error {
	if r.now.Sub(job.polled) < r.tooSoon {
		return nil
	}
	if r.now.Sub(job.statusAt) >= aDay {
		closed, err := r.closed(ctx, ref)
		if err != nil {
			return err
		}
		job.closed, job.statusAt = closed, r.now
	}
	if job.closed && r.now.Sub(job.polled) < aDay {
		return nil
	}
	since := job.polled
	if since.IsZero() {
		since = r.since
	}
	seen := map[string][sha256.Size]byte{}
	for record, err := range r.client.Candidates.All(ctx, ref, changedSince(since)) {
		if err = classify(err); errors.Is(err, ats.ErrNotFound) {
			break // deleted meanwhile
		}
		if err != nil {
			return err
		}
		digest := digestOf(record)
		if job.seen[record.ID] != digest {
			if err := r.in.UpdateCandidate(ctx, r.tenant, candidateFromAPI(record)); err != nil {
				return fmt.Errorf("update candidate %s: %w", record.ID, err)
			}
			r.changed++
		}
		seen[record.ID] = digest
	}
	job.seen, job.polled = seen, r.now
	return nil
}

// closed reports whether the job takes no candidates any more, or is gone.
func (r *pollRun) closed(ctx context.Context, ref api.JobRef) (bool, error) {
	job, err := r.client.Jobs.Get(ctx, ref)
	if err = classify(err); errors.Is(err, ats.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return slices.Contains([]string{api.JobClosed, api.JobFilled, api.JobDenied}, job.Status), nil
}

// digestOf tells two states of a candidate apart. The modified date alone does not: it may
// be a day, on which a record changes twice.
func digestOf(c api.Candidate) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join([]string{c.ID, c.Modified.Raw, c.FirstName, c.LastName, c.Email}, "\x00")))
}

// signedIn reports whether there are tokens: a connection without was never activated.
func (a *Adapter) signedIn(ctx context.Context, c ats.Connection) (bool, error) {
	tokens, err := c.Secret(ctx, secretTokens, "")
	return !tokens.IsZero(), err
}

// polledOn returns the day of the last complete poll, zero for none. It is coarse on
// purpose: polls overlap by a day anyway, and so it is written once a day.
func polledOn(ctx context.Context, c ats.Connection) (time.Time, error) {
	text, err := c.Secret(ctx, secretPolledOn, "")
	if err != nil || text.IsZero() {
		return time.Time{}, err
	}
	day, err := time.Parse(time.DateOnly, text.Reveal())
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // read everything once more
	}
	return day, nil
}

// keepPolledOn keeps the day, if it is another one.
func keepPolledOn(ctx context.Context, c ats.Connection, at time.Time) error {
	if c.Secrets == nil || at.IsZero() {
		return nil
	}
	old, err := c.Secret(ctx, secretPolledOn, "")
	day := ats.Secret(at.UTC().Format(time.DateOnly))
	if err != nil || old == day {
		return err
	}
	err = c.Secrets.CompareAndSwap(ctx, secretPolledOn, old, day)
	if errors.Is(err, ats.ErrConflict) {
		return nil // another process has just polled as well
	}
	return err
}
