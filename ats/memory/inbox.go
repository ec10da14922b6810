package memory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Inbox is an [ats.Inbox] that keeps everything in memory: an honest double of
// the engine for the tests and examples of adapters. It enforces policies and
// the contract of each method, forgets everything with the process, and calls
// nobody: [Inbox.Record] says what Spark Hire would have said, and
// [Inbox.Deliver] reports to the ATS.
//
// Make one with [NewInbox]. All methods are safe for concurrent use. What they
// return are copies.
type Inbox struct {
	now func() time.Time

	mu          sync.Mutex
	adapters    map[string]ats.Adapter
	connections []*connection
	interviews  []*interview
	sparkHire   map[ats.Secret]SparkHireUser
	faults      faults
}

var _ ats.Inbox = (*Inbox)(nil)

// InboxOptions are the settings of an [Inbox]. The zero value is usable.
type InboxOptions struct {
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Adapters are registered as by [Inbox.Use].
	Adapters []ats.Adapter
}

// NewInbox returns an inbox without connections.
func NewInbox(opts InboxOptions) *Inbox {
	i := &Inbox{
		now:       opts.Now,
		adapters:  map[string]ats.Adapter{},
		sparkHire: map[ats.Secret]SparkHireUser{},
	}
	if i.now == nil {
		i.now = time.Now
	}
	for _, a := range opts.Adapters {
		i.Use(a)
	}
	return i
}

// Use registers an adapter under its name, so that its tenants can be connected
// and its policy applies. Registering a name again replaces the adapter.
func (i *Inbox) Use(a ats.Adapter) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.adapters[a.Name()] = a
}

// String says what this is, so that printing an inbox shows no key and nobody.
func (i *Inbox) String() string { return "memory inbox" }

// FailNext makes the next n calls of [ats.Inbox] methods return err and change
// nothing; a negative n means all of them. It replaces what an earlier call left
// over, so FailNext(0, nil) ends it.
func (i *Inbox) FailNext(n int, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.faults.set(n, fault{err: err})
}

// begin starts a call: it takes the lock unless the context has ended or a fault
// is due.
func (i *Inbox) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	i.mu.Lock()
	if f, ok := i.faults.take(); ok {
		i.mu.Unlock()
		return f.err
	}
	return nil
}

// connection is a tenant with what the engine knows about it.
type connection struct {
	ats.Connection
	organizationKey ats.Secret
	keys            map[string]ats.Secret // by linked user
	secrets         map[string]ats.Secret
	primary         string
	links           []ats.JobLink
}

// link returns the link of a job. Callers hold i.mu.
func (c *connection) link(jobID string) (ats.JobLink, bool) {
	for _, l := range c.links {
		if l.JobID == jobID {
			return l, true
		}
	}
	return ats.JobLink{}, false
}

// view returns the connection as adapters see it. Callers hold i.mu.
func (i *Inbox) view(c *connection) ats.Connection {
	v := c.Connection
	v.Settings = slices.Clone(c.Settings)
	v.Users = slices.Clone(c.Users)
	v.Secrets = secretStore{inbox: i, tenant: c.Tenant}
	v.Links = jobLinks{inbox: i, tenant: c.Tenant}
	return v
}

// find returns the tenant's connection, or nil. Callers hold i.mu.
func (i *Inbox) find(tenant ats.TenantRef) *connection {
	for _, c := range i.connections {
		if c.Tenant == tenant {
			return c
		}
	}
	return nil
}

// policy returns the rules for a tenant. Callers hold i.mu.
func (i *Inbox) policy(tenant ats.TenantRef) (ats.Policy, error) {
	a, ok := i.adapters[tenant.Adapter]
	if !ok {
		return ats.Policy{}, fmt.Errorf("find adapter %q: %w", tenant.Adapter, ats.ErrNotFound)
	}
	if c := i.find(tenant); c != nil {
		return ats.PolicyFor(a, i.view(c)), nil
	}
	return a.Policy(), nil
}

// interview is a ledger row with its timeline.
type interview struct {
	ats.Interview
	key          string
	request      ats.Request
	events       []ats.Event
	reported     int // events that the ATS has acknowledged
	acknowledged ats.State
	erased       bool
	delivering   sync.Mutex
}

// view returns a copy of the interview. Callers hold i.mu.
func (v *interview) view() ats.Interview {
	return cloneInterview(v.Interview)
}

// timeline returns a copy of the events. Callers hold i.mu.
func (v *interview) timeline() []ats.Event { return cloneEvents(v.events) }

// add appends an event and gives the interview a new revision. Callers hold
// i.mu.
func (v *interview) add(kind ats.EventKind, at time.Time, text, actor string) {
	v.Revision++
	v.UpdatedAt = at
	seq := int64(len(v.events) + 1)
	v.events = append(v.events, ats.Event{
		Seq: seq, Key: fmt.Sprintf("event-%d", seq), Kind: kind, At: at, Text: text, Actor: actor,
	})
}

// byID returns the interview, or an error. Callers hold i.mu.
func (i *Inbox) byID(id string) (*interview, error) {
	for _, iv := range i.interviews {
		if iv.ID == id {
			return iv, nil
		}
	}
	return nil, fmt.Errorf("find interview %q: %w", id, ats.ErrNotFound)
}

// byKey returns the interview that was made for the key, or nil. Callers hold
// i.mu.
func (i *Inbox) byKey(tenant ats.TenantRef, key string) *interview {
	for _, iv := range i.interviews {
		if iv.Tenant == tenant && iv.key == key {
			return iv
		}
	}
	return nil
}
