package bridge

import (
	"context"
	"errors"
	"iter"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Probe is one credential that was tried.
type Probe struct {
	ConnectionID string
	Tenant       ats.TenantRef
	// UserID is whose Spark Hire key it is; empty for the organization's key and
	// for the ATS.
	UserID string
	// ATS says that the credential is the one for the ATS, not a Spark Hire key.
	ATS bool
	// Err is nil when it works; it matches [ats.ErrUnsupported] when the adapter
	// has no way to try.
	Err error
}

// Probes tries every credential of every connected connection, one after the
// other: each Spark Hire key and what the adapter calls its ATS with. It changes
// nothing at either, and pays from the keys' budgets. An error that ends the
// sequence is one of the store.
func (b *Bridge) Probes(ctx context.Context) iter.Seq2[Probe, error] {
	return func(yield func(Probe, error) bool) {
		conns, err := b.allConnections(ctx, "")
		if err != nil {
			yield(Probe{}, err)
			return
		}
		for _, c := range conns {
			for _, p := range b.probes(c) {
				p.probe.Err = p.try(ctx)
				if !yield(p.probe, nil) {
					return
				}
			}
		}
	}
}

type trial struct {
	probe Probe
	try   func(ctx context.Context) error
}

// probes are the trials of one connection.
func (b *Bridge) probes(c store.Connection) []trial {
	about := Probe{ConnectionID: c.ID, Tenant: c.Tenant}
	key := func(userID, credential string) trial {
		p := about
		p.UserID = userID
		return trial{p, func(ctx context.Context) error {
			s, err := b.sparkFor(ctx, c.ID, credential)
			if err != nil {
				return err
			}
			_, err = s.KeyOwner(ctx)
			return err
		}}
	}
	var all []trial
	if c.OrganizationCredential != "" {
		all = append(all, key("", c.OrganizationCredential))
	}
	for _, u := range c.Users {
		if u.Credential != "" {
			all = append(all, key(u.ID, u.Credential))
		}
	}
	about.ATS = true
	return append(all, trial{about, func(ctx context.Context) error { return b.probeATS(ctx, c) }})
}

func (b *Bridge) probeATS(ctx context.Context, c store.Connection) error {
	a, err := b.adapter(c.Tenant.Adapter)
	if err != nil {
		return errors.New("the adapter is not enabled")
	}
	p, ok := a.(ats.Prober)
	if !ok {
		return ats.ErrUnsupported
	}
	return p.Probe(ctx, b.connectionSeen(c))
}
