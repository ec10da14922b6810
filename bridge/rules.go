package bridge

import (
	"context"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// rules returns the adapter of a connection and its rules as the connection's
// settings have them.
func (b *Bridge) rules(c ats.Connection) (ats.Adapter, ats.Policy, error) {
	a, err := b.adapter(c.Tenant.Adapter)
	if err != nil {
		return nil, ats.Policy{}, err
	}
	return a, ats.PolicyFor(a, c), nil
}

// rulesOf returns the rules of a stored connection; those of an adapter that is not
// configured any more forbid everything.
func (b *Bridge) rulesOf(c store.Connection) ats.Policy {
	_, p, err := b.rules(b.connectionSeen(c))
	if err != nil {
		return ats.Policy{}
	}
	return p
}

// PolicyOf returns the rules of a connection's product, as its settings have them.
// An adapter that is not configured matches [ats.ErrUnsupported].
func (b *Bridge) PolicyOf(c ats.Connection) (ats.Policy, error) {
	_, p, err := b.rules(c)
	return p, err
}

// CheckGate returns nil when the product offers the integration to the connection,
// and the product's refusal otherwise. Every action of a person needs it, except
// changing the connection itself.
func (b *Bridge) CheckGate(c ats.Connection) error {
	a, err := b.adapter(c.Tenant.Adapter)
	if err != nil {
		return err
	}
	return ats.Gate(a, c)
}

// checkActive refuses what needs a connection that is connected, offered and
// switched on.
func (b *Bridge) checkActive(c ats.Connection) error {
	if err := b.CheckGate(c); err != nil {
		return err
	}
	switch {
	case !c.Connected:
		return refuseDisconnected()
	case !c.Enabled:
		return ats.Refuse(ats.CodeIntegrationOff, "", "The Spark Hire integration is switched off. An administrator can switch it on.")
	}
	return nil
}

// CheckSettings returns nil when the person may read and change the connection and
// its linked users, and a refusal otherwise: where the product leaves them to
// administrators, with [ats.CodeActorRequired] for nobody in particular and
// [ats.CodeNotAdmin] for everybody else.
func (b *Bridge) CheckSettings(c ats.Connection, u ats.User) error {
	_, p, err := b.rules(c)
	if err != nil || p.Settings != ats.SettingsByAdministrator {
		return err
	}
	switch {
	case u.IsZero():
		return refuseAnonymous()
	case !u.Admin:
		return ats.Refuse(ats.CodeNotAdmin, "", "Only an administrator may see and change the settings of the Spark Hire integration.")
	}
	return nil
}

// checkUserChange returns nil when the person may change a linked user.
func (b *Bridge) checkUserChange(c ats.Connection, u ats.User, userID string) error {
	if err := b.CheckGate(c); err != nil {
		return err
	}
	if err := b.CheckSettings(c, u); err != nil {
		return err
	}
	_, p, err := b.rules(c)
	if err != nil || p.Settings != ats.SettingsByOwner {
		return err
	}
	switch {
	case u.IsZero():
		return refuseAnonymous()
	case u.ID != userID:
		return ats.Refuse(ats.CodeNotPermitted, "", "Everybody sets the own Spark Hire key, and nobody else's.")
	}
	return nil
}

// named returns err under the product's own name for the refusal in it.
func (b *Bridge) named(c ats.Connection, err error) error {
	if err == nil {
		return nil
	}
	_, p, rulesErr := b.rules(c)
	if rulesErr != nil {
		return err
	}
	return p.Name(err)
}

// namedFor does so for a tenant; one that is not connected has the adapter's rules.
func (b *Bridge) namedFor(ctx context.Context, t ats.TenantRef, err error) error {
	if _, ok := ats.AsRefusal(err); !ok {
		return err
	}
	if c, cErr := b.tenant(ctx, t); cErr == nil {
		return b.named(c.seen, err)
	}
	return b.named(ats.Connection{Tenant: t}, err)
}
