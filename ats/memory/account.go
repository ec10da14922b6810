package memory

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Account is the vendor's side of one tenant: the jobs, people and users of the
// pretend ATS. Get one with [Adapter.Account].
type Account struct {
	adapter *Adapter
	tenant  string
	token   ats.Secret

	// The rest is guarded by adapter.mu.
	closed     bool
	jobs       []ats.Job
	candidates map[string]*candidate
	order      []string // candidate ids, oldest first
	users      map[string]ats.User
	holders    map[string]string   // credential to user id
	viewers    map[string][]string // candidate id to user ids, where restricted
	triggers   []Trigger
	history    map[string][]Card // by interview id
}

// candidate is a person in the pipeline of at most one job.
type candidate struct {
	ats.Candidate
	job       string
	changedAt time.Time
	removed   bool
}

// Account returns the tenant's account; the first call makes it.
func (a *Adapter) Account(tenant string) *Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc, ok := a.accounts[tenant]
	if !ok {
		acc = &Account{
			adapter:    a,
			tenant:     tenant,
			token:      ats.Secret(rand.Text()),
			candidates: map[string]*candidate{},
			users:      map[string]ats.User{},
			holders:    map[string]string{},
			viewers:    map[string][]string{},
			history:    map[string][]Card{},
		}
		a.accounts[tenant] = acc
	}
	return acc
}

// Tenant returns the reference to use in an [ats.Activation].
func (a *Account) Tenant() ats.TenantRef {
	return ats.TenantRef{Adapter: a.adapter.opts.Name, Tenant: a.tenant}
}

// String returns the tenant, so that printing an account shows no token and
// nobody.
func (a *Account) String() string { return "account " + a.Tenant().String() }

// Token returns the bearer token that authenticates the account's calls to
// [Adapter.Handler].
func (a *Account) Token() ats.Secret { return a.token }

// Close ends the account, as when the customer removes the integration: every
// call about it is [ats.ErrGone] from then on, and [Adapter.Reconcile]
// disconnects it.
func (a *Account) Close() {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	a.closed = true
}

// AddJob adds an open job and returns it. An empty ID is filled in.
func (a *Account) AddJob(j ats.Job) ats.Job {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	if j.ID == "" {
		j.ID = fmt.Sprintf("job-%d", len(a.jobs)+1)
	}
	j.Status = statusOpen
	a.jobs = append(a.jobs, j)
	return j
}

// CloseJob closes a job; it is not listed any more.
func (a *Account) CloseJob(id string) {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	for i := range a.jobs {
		if a.jobs[i].ID == id {
			a.jobs[i].Status = "closed"
		}
	}
}

// The vendor's word for a job that takes candidates.
const statusOpen = "open"

// AddCandidate puts a person into the pipeline of a job, or of none when jobID
// is empty, and returns the record. An empty ID is filled in; a known one is
// changed.
func (a *Account) AddCandidate(jobID string, c ats.Candidate) ats.Candidate {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	if c.ID == "" {
		c.ID = fmt.Sprintf("candidate-%d", len(a.order)+1)
	}
	c = cloneCandidate(c)
	if _, ok := a.candidates[c.ID]; !ok {
		a.order = append(a.order, c.ID)
	}
	a.candidates[c.ID] = &candidate{Candidate: c, job: jobID, changedAt: a.adapter.opts.Now()}
	return cloneCandidate(c)
}

// RemoveCandidate removes a person for good.
func (a *Account) RemoveCandidate(id string) {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	if c, ok := a.candidates[id]; ok {
		c.Candidate, c.removed = ats.Candidate{ID: id}, true
	}
}

// AddUser adds a user and returns the credential of their session, for
// [Adapter.Actor].
func (a *Account) AddUser(u ats.User) (credential string) {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	a.users[u.ID] = u
	credential = rand.Text()
	a.holders[credential] = u.ID
	return credential
}

// Restrict lets only these users, and administrators, see the candidate. Without
// it every user may.
func (a *Account) Restrict(candidateID string, userIDs ...string) {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	a.viewers[candidateID] = append([]string{}, userIDs...)
}

// job returns the job by id. Callers hold the adapter's lock.
func (a *Account) job(id string) (ats.Job, bool) {
	i := slices.IndexFunc(a.jobs, func(j ats.Job) bool { return j.ID == id })
	if i < 0 {
		return ats.Job{}, false
	}
	return a.jobs[i], true
}

// present returns the candidate unless unknown or removed. Callers hold the
// adapter's lock.
func (a *Account) present(id string) (*candidate, bool) {
	c, ok := a.candidates[id]
	return c, ok && !c.removed
}

// view returns a copy for adapters' callers. Callers hold the adapter's lock.
func (c *candidate) view() ats.Candidate { return cloneCandidate(c.Candidate) }
