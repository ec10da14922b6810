package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// submit converts a trigger and hands it to the inbox.
func (a *Account) submit(ctx context.Context, in ats.Inbox, t Trigger) (ats.Interview, error) {
	c, err := in.Connection(ctx, a.Tenant())
	if errors.Is(err, ats.ErrNotFound) {
		return ats.Interview{}, ats.Refuse(ats.CodeNotConnected, "", "The Spark Hire integration is not connected. An administrator can activate it.")
	}
	if err != nil {
		return ats.Interview{}, err
	}
	r, err := a.request(t, c)
	if err != nil {
		return ats.Interview{}, err
	}
	return in.Submit(ctx, r)
}

// Reconcile implements [ats.Reconciler]: closed accounts are disconnected, and
// triggers that the inbox does not know are submitted. What the inbox refuses
// stays refused and is no error.
func (a *Adapter) Reconcile(ctx context.Context, in ats.Inbox) error {
	connections, err := in.Connections(ctx, a.opts.Name)
	if err != nil {
		return fmt.Errorf("reconcile %s: %w", a.opts.Name, err)
	}
	var errs []error
	for _, c := range connections {
		if err := a.reconcile(ctx, in, c); err != nil {
			errs = append(errs, fmt.Errorf("reconcile %s: %w", c.Tenant, err))
		}
	}
	return errors.Join(errs...)
}

func (a *Adapter) reconcile(ctx context.Context, in ats.Inbox, c ats.Connection) error {
	var account *Account
	var fired []Trigger
	err := a.visit(ctx, c.Tenant, func(acc *Account) error {
		account, fired = acc, slices.Clone(acc.triggers)
		return nil
	})
	if errors.Is(err, ats.ErrGone) {
		return in.Disconnect(ctx, c.Tenant)
	}
	if err != nil {
		return err
	}
	for _, t := range fired {
		_, err := in.InterviewByKey(ctx, c.Tenant, "trigger:"+t.ID)
		if errors.Is(err, ats.ErrNotFound) {
			_, err = account.submit(ctx, in, t)
		}
		if _, refused := ats.AsRefusal(err); err != nil && !refused {
			return err
		}
	}
	return nil
}
