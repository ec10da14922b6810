package memory

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Adapter is an [ats.Adapter] with every capability, whose vendor is itself: see
// [Adapter.Account] for the vendor's side. Make one with [New].
type Adapter struct {
	opts Options

	mu       sync.Mutex
	accounts map[string]*Account
	reports  []ats.Report
	faults   faults
	calls    int
}

var (
	_ ats.Adapter         = (*Adapter)(nil)
	_ ats.Receiver        = (*Adapter)(nil)
	_ ats.JobLister       = (*Adapter)(nil)
	_ ats.CandidateReader = (*Adapter)(nil)
	_ ats.CandidateLister = (*Adapter)(nil)
	_ ats.AccessChecker   = (*Adapter)(nil)
	_ ats.ActorResolver   = (*Adapter)(nil)
	_ ats.RequestChecker  = (*Adapter)(nil)
	_ ats.Reconciler      = (*Adapter)(nil)
	_ ats.SettingsDecoder = (*Adapter)(nil)
	_ ats.PolicyTailor    = (*Adapter)(nil)
	_ ats.Gatekeeper      = (*Adapter)(nil)
	_ ats.Authorizer      = (*Adapter)(nil)
	_ ats.Prober          = (*Adapter)(nil)
)

// Options are the settings of an [Adapter]. The zero value is usable.
type Options struct {
	// Name is the adapter's name; default "memory".
	Name string
	// Policy holds the rules; default [DefaultPolicy].
	Policy ats.Policy
	// PageSize is how many items a list gives per call; default 100.
	PageSize int
	// Now is the clock of the vendor's side; default time.Now.
	Now func() time.Time
	// Logger is told of triggers by their ids; default discard.
	Logger *slog.Logger
}

// DefaultPolicy returns permissive rules with which an example needs little: one
// way and live interviews, a deadline in seven days unless one is given, in the
// name of the linked user whom the request names, one open interview per
// candidate and job.
func DefaultPolicy() ats.Policy {
	return ats.Policy{
		Types:          []ats.InterviewType{ats.OneWay, ats.Live},
		QuestionSet:    map[ats.InterviewType]ats.Need{ats.OneWay: ats.Optional, ats.Live: ats.Forbidden},
		Deadline:       ats.DeadlineRule{Given: ats.Optional, Time: ats.Optional, DefaultDays: 7},
		JobLink:        ats.Optional,
		ActorKey:       ats.KeyNamed,
		PrimaryUser:    ats.Optional,
		Scope:          ats.ScopeCandidateJob,
		WhilePending:   ats.Decline,
		AfterCompleted: ats.AllowWithNotice,
		Cancel:         ats.Optional,
		Message:        ats.Optional,
		ViewWithoutKey: true,
		TimeZone:       ats.Required,
		DoNotEmail:     true,
		Settings:       ats.SettingsByBackend,
	}
}

// New returns an adapter without accounts. It panics when the policy contradicts
// itself: that is a mistake in the program.
func New(opts Options) *Adapter {
	if opts.Name == "" {
		opts.Name = "memory"
	}
	if len(opts.Policy.Types) == 0 {
		opts.Policy = DefaultPolicy()
	}
	if err := opts.Policy.Validate(); err != nil {
		panic(fmt.Sprintf("memory: %v", err))
	}
	opts.Policy = clonePolicy(opts.Policy)
	if opts.PageSize < 1 {
		opts.PageSize = 100
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Adapter{opts: opts, accounts: map[string]*Account{}}
}

// Name implements [ats.Adapter].
func (a *Adapter) Name() string { return a.opts.Name }

// String returns the adapter's name, so that printing it shows nobody.
func (a *Adapter) String() string { return "adapter " + a.opts.Name }

// Policy implements [ats.Adapter].
func (a *Adapter) Policy() ats.Policy { return clonePolicy(a.opts.Policy) }

// FailNext makes the next n calls to the vendor's side fail with err before they
// do anything: reports, lists, reads, checks. A negative n means all of them. It
// replaces what an earlier FailNext or LoseNext left over, so FailNext(0, nil)
// ends both. Calls that the vendor makes, to Handler, are not concerned.
func (a *Adapter) FailNext(n int, err error) { a.setFault(n, fault{err: err}) }

// LoseNext lets the next n calls happen and loses their answer: a report changes
// its card, and Publish returns err all the same. See [Adapter.FailNext].
func (a *Adapter) LoseNext(n int, err error) { a.setFault(n, fault{err: err, late: true}) }

func (a *Adapter) setFault(n int, f fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults.set(n, f)
}

// Calls returns how many calls the vendor's side has answered, failed ones
// included. Each page of a list is one.
func (a *Adapter) Calls() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls
}

// visit makes a call to the vendor's side of a tenant: f runs under the lock,
// unless a fault is due or the account is not there.
func (a *Adapter) visit(ctx context.Context, tenant ats.TenantRef, f func(*Account) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	fault, faulty := a.faults.take()
	if faulty && !fault.late {
		return fault.err
	}
	acc, ok := a.accounts[tenant.Tenant]
	switch {
	case !ok || tenant.Adapter != a.opts.Name:
		return fmt.Errorf("find account %s: %w", tenant, ats.ErrNotFound)
	case acc.closed:
		return fmt.Errorf("find account %s: %w", tenant, ats.ErrGone)
	}
	if err := f(acc); err != nil {
		return err
	}
	return fault.err
}
