package teamtailor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// pageSize is the largest page of the public API, taken for the partner API as well
// [assumed: docs/vendors/teamtailor.md].
const pageSize = api.MaxPageSize

// Reconcile implements [ats.Reconciler]. It compares with the list of activations of
// each stack, because Teamtailor tells nobody about a deactivation:
//
//   - A company that is listed and not known, or whose keys have changed, is
//     connected. One that was disconnected is left alone, unless it was
//     disconnected because it had left.
//   - A company that was listed and is missing in two runs in a row, in complete
//     lists, is disconnected. Connections that no activation made, and companies
//     that no list has ever named, are left alone: nothing has told that they left.
//
// With [Config.FailLostResults] it also finds partner results that have been
// "sending" for [Config.LostAfter] and belong to no interview here, and marks them as
// failed: their call never arrived, and the list has not what would be needed to
// send the invitation after all.
//
// What could not be found out is in the error; the rest is done all the same.
func (a *Adapter) Reconcile(ctx context.Context, in ats.Inbox) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	conns, err := in.Connections(ctx, Name)
	if err != nil {
		return fmt.Errorf("list connections: %w", err)
	}
	run := &reconciliation{Adapter: a, in: in, started: a.now(), conns: conns, listed: map[string]map[string]bool{}}
	if err := run.findBases(ctx); err != nil {
		return err
	}
	var errs []error
	for _, s := range a.stacks {
		errs = append(errs, run.installed(ctx, s))
	}
	errs = append(errs, run.disconnectMissing(ctx))
	if a.cfg.FailLostResults {
		for _, s := range a.stacks {
			errs = append(errs, run.failLost(ctx, s))
		}
	}
	return errors.Join(errs...)
}

// reconciliation is one run.
type reconciliation struct {
	*Adapter
	in      ats.Inbox
	started time.Time
	conns   []ats.Connection
	bases   map[string]string          // base URL by tenant, "" if not known
	listed  map[string]map[string]bool // tenants by base URL, of complete lists only
}

func (r *reconciliation) findBases(ctx context.Context) error {
	r.bases = make(map[string]string, len(r.conns))
	for _, c := range r.conns {
		base, err := c.Secret(ctx, secretAPIURL, "")
		if err != nil {
			return err
		}
		r.bases[c.Tenant.Tenant] = base.Reveal()
	}
	return nil
}

// lives reports whether a known company may be on the stack.
func (r *reconciliation) lives(s stack) bool {
	for _, base := range r.bases {
		if base == s.base || base == "" {
			return true
		}
	}
	return false
}

// installed reads the list of one stack and connects who is new or has changed.
func (r *reconciliation) installed(ctx context.Context, s stack) error {
	var list []api.Activation
	for act, err := range s.partner.Activations.All(ctx, &api.PageOptions{Size: pageSize}) {
		switch err := classify(err); {
		case errors.Is(err, ats.ErrUnauthorized) && len(r.stacks) > 1 && !r.lives(s):
			// Nobody says whether one key is good for all stacks.
			r.log.DebugContext(ctx, "the partner API key is not accepted by a stack without companies", "stack", string(s.name))
			return nil
		case err != nil:
			return fmt.Errorf("list activations at %s: %w", s.base, err)
		}
		list = append(list, act)
	}
	tenants := make(map[string]bool, len(list))
	var errs []error
	for _, act := range list {
		if act.CompanyUUID == "" {
			continue
		}
		tenants[act.CompanyUUID] = true
		if err := r.connectListed(ctx, s, act); err != nil {
			errs = append(errs, fmt.Errorf("activation %s of company %s: %w", act.ID, act.CompanyUUID, err))
		}
	}
	r.listed[s.base] = tenants
	return errors.Join(errs...)
}

// connectListed connects a listed company if it is new or has changed.
func (r *reconciliation) connectListed(ctx context.Context, s stack, act api.Activation) error {
	tenant := ats.TenantRef{Adapter: Name, Tenant: act.CompanyUUID}
	conn, err := r.in.Connection(ctx, tenant)
	known := err == nil
	switch {
	case err != nil && !errors.Is(err, ats.ErrNotFound):
		return err
	case known && !conn.Connected && !r.deactivated(ctx, conn):
		r.log.InfoContext(ctx, "company is installed at Teamtailor and disconnected here", "connection", conn)
		return nil
	case known && conn.Connected && conn.UpdatedAt.After(r.started):
		return nil // a call has brought newer keys meanwhile
	}
	key, form, err := r.decrypt(act)
	var invalid *keyform.Error
	switch {
	case errors.Is(err, errNoForm), errors.As(err, &invalid):
		r.log.WarnContext(ctx, "activation without readable Spark Hire keys", "tenant", tenant.String())
		return nil
	case err != nil:
		return err
	}
	if known && conn.Connected {
		kept, err := conn.Secret(ctx, secretForm, "")
		if err != nil || key.Digest() == conn.CredentialDigest || kept.Reveal() == formDigest(form) {
			return err
		}
	}
	activation := activationOf(tenant, act.CompanyName, key.Digest(), form)
	activation.Secrets[secretAPIURL] = ats.Secret(s.base)
	activation.Secrets[secretListed] = noted
	if _, err := r.in.Connect(ctx, activation); err != nil {
		return fmt.Errorf("connect tenant %s: %w", tenant, err)
	}
	r.seen.forget(tenant.Tenant)
	return nil
}

// decrypt returns what an activation of the list holds.
func (a *Adapter) decrypt(act api.Activation) (sign.ProviderKey, keyform.Form, error) {
	key, err := sign.DecryptProviderKey(act.ProviderKey, a.webhookSecrets, a.partnerKeys, a.now())
	if err != nil {
		return key, keyform.Form{}, err
	}
	form, err := formOf(key)
	return key, form, err
}

// disconnectMissing disconnects who is missing for the second time.
func (r *reconciliation) disconnectMissing(ctx context.Context) error {
	var errs []error
	for _, c := range r.conns {
		tenant := c.Tenant.Tenant
		if c.CredentialDigest == "" || !r.complete(tenant) {
			continue
		}
		if r.isListed(tenant) {
			r.seen.notMissing(tenant)
			r.note(ctx, c, secretListed)
			continue
		}
		if listed, err := c.Secret(ctx, secretListed, ""); err != nil || listed.IsZero() {
			errs = append(errs, err)
			continue
		}
		if !r.seen.isMissing(tenant) {
			continue // the first time
		}
		if err := r.in.Disconnect(ctx, c.Tenant); err != nil {
			errs = append(errs, fmt.Errorf("disconnect tenant %s: %w", c.Tenant, err))
			continue
		}
		r.log.InfoContext(ctx, "company has deactivated the integration", "connection", c)
		r.seen.hasLeft(tenant)
		r.note(ctx, c, secretDeactivated)
	}
	return errors.Join(errs...)
}

// noted is what stands in a connection's secrets for something that a run has seen.
const noted ats.Secret = "reconcile"

// note writes down what a run has seen, for the time after a restart. A failure is
// logged: the next run notes it again.
func (r *reconciliation) note(ctx context.Context, c ats.Connection, name string) {
	if c.Secrets == nil {
		return
	}
	if had, err := c.Secret(ctx, name, ""); err == nil && had == noted {
		return
	}
	err := c.Secrets.CompareAndSwap(ctx, name, "", noted)
	if err != nil && !errors.Is(err, ats.ErrConflict) {
		r.log.WarnContext(ctx, "note what the list of activations tells", "connection", c, "what", name, "error", err)
	}
}

// complete reports whether every list on which the tenant could be has been read.
func (r *reconciliation) complete(tenant string) bool {
	if base := r.bases[tenant]; base != "" {
		_, ok := r.listed[base]
		return ok
	}
	return len(r.listed) == len(r.stacks)
}

func (r *reconciliation) isListed(tenant string) bool {
	for _, tenants := range r.listed {
		if tenants[tenant] {
			return true
		}
	}
	return false
}

// deactivated reports whether a connection was ended because the company had removed
// the integration, so that it may come back by itself. What an operator has ended
// stays ended.
func (a *Adapter) deactivated(ctx context.Context, c ats.Connection) bool {
	if a.seen.isGone(c.Tenant.Tenant) {
		return true
	}
	noted, err := c.Secret(ctx, secretDeactivated, "")
	return err == nil && !noted.IsZero()
}

// identify finds the company of a provider key that no connection knows, because its
// settings were saved after the last trigger, by comparing what the key holds with
// the list of activations. It looks at most once a minute.
func (a *Adapter) identify(ctx context.Context, in ats.Inbox, cred credential) (ats.Connection, error) {
	unknown := fmt.Errorf("find company by provider key: %w", ats.ErrNotFound)
	form, err := a.form(cred)
	if err != nil || !a.seen.mayIdentify(a.now()) {
		return ats.Connection{}, unknown
	}
	want := formDigest(form)
	var found []string
	for _, s := range a.stacks {
		for act, err := range s.partner.Activations.All(ctx, &api.PageOptions{Size: pageSize}) {
			if err != nil {
				break // another stack may know
			}
			if _, form, err := a.decrypt(act); err == nil && formDigest(form) == want {
				found = append(found, act.CompanyUUID)
			}
		}
	}
	if len(found) != 1 { // two companies with the same keys cannot be told apart
		return ats.Connection{}, unknown
	}
	return in.Connection(ctx, ats.TenantRef{Adapter: Name, Tenant: found[0]})
}
