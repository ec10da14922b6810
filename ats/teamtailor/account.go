package teamtailor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// account is the company of a call: its connection, or what will make it one.
type account struct {
	tenant   ats.TenantRef
	conn     ats.Connection // zero before the first call of a company
	users    []ats.User
	settings Settings
	// activation is set when the credential is not the one that the connection
	// knows, so that the connection must be made or changed first.
	activation *ats.Activation
}

// account finds the company of a signed call. Known credentials cost one read; the
// Spark Hire keys inside one are looked at only when it is new. It changes nothing.
func (a *Adapter) account(ctx context.Context, in ats.Inbox, c credential, from company, base string) (account, error) {
	tenant := ats.TenantRef{Adapter: Name, Tenant: string(from.UUID)}
	form, formErr := keyform.Form{}, errNoForm
	var conn ats.Connection
	var err error
	switch {
	case c.kind != sign.JWT:
		conn, err = a.opaqueConnection(ctx, in, c.digest, tenant)
	case tenant.Tenant == "":
		conn, err = in.ConnectionByCredential(ctx, Name, c.digest)
		if errors.Is(err, ats.ErrNotFound) {
			err = errNoCompany
		}
	default:
		conn, err = in.Connection(ctx, tenant)
		if err == nil && conn.Connected && conn.CredentialDigest == c.digest {
			break
		}
		if err != nil && !errors.Is(err, ats.ErrNotFound) {
			return account{}, err
		}
		if err == nil && !conn.Connected && !a.deactivated(ctx, conn) {
			return account{}, errDisconnected
		}
		form, formErr = a.form(c)
		err = formErr
	}
	if err != nil {
		return account{}, err
	}
	acc := account{tenant: tenant, conn: conn, users: conn.Users}
	if conn.Tenant.Tenant != "" {
		acc.tenant = conn.Tenant
	}
	if acc.settings, err = settingsOf(conn); err != nil {
		return account{}, err
	}
	if formErr == nil {
		acc.users = usersOf(form)
		activation := activationOf(tenant, string(from.Name), c.digest, form)
		activation.Secrets[secretAPIURL] = ats.Secret(base)
		acc.activation = &activation
	}
	return acc, nil
}

// activationOf returns the activation that a form stands for.
func activationOf(tenant ats.TenantRef, name, digest string, form keyform.Form) ats.Activation {
	act := ats.Activation{
		Tenant:           tenant,
		Name:             name,
		OrganizationKey:  ats.Secret(form.Organization.Reveal()),
		CredentialDigest: digest,
		Secrets:          map[string]ats.Secret{secretForm: ats.Secret(formDigest(form)), secretDeactivated: ""},
	}
	for _, u := range form.Users {
		act.Users = append(act.Users, ats.LinkedUser{ID: u.ID, Name: u.Name, Key: ats.Secret(u.Key.Reveal())})
	}
	return act
}

// formDigest is the same for the same keys and users, however the form that
// carried them was packed: as a JWT on calls, encrypted in the list of activations.
func formDigest(form keyform.Form) string {
	h := sha256.New()
	write := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s", len(s), s) }
	write(form.Organization.Reveal())
	for _, u := range form.Users {
		write(u.Name)
		write(u.Key.Reveal())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// connect makes or changes the connection if the call's credential is a new one.
func (a *Adapter) connect(ctx context.Context, in ats.Inbox, acc account, token string) (ats.Connection, error) {
	if acc.activation == nil {
		return acc.conn, nil
	}
	act := *acc.activation
	if token != "" {
		act.Secrets[secretCompanyToken] = ats.Secret(token)
	}
	conn, err := in.Connect(ctx, act)
	if err != nil {
		return ats.Connection{}, fmt.Errorf("connect tenant %s: %w", act.Tenant, err)
	}
	a.seen.forget(act.Tenant.Tenant)
	return conn, nil
}

// remember keeps a secret of the connection up to date. What was written or read
// once is not looked at again until it or the connection changes, so as a rule a
// call costs nothing. A failure is logged: the call that brought the secret does
// not depend on it.
func (a *Adapter) remember(ctx context.Context, c ats.Connection, name, value string) {
	if value == "" || c.Secrets == nil {
		return
	}
	place, digest := fmt.Sprintf("%s/%s/%d", c.ID, name, c.UpdatedAt.UnixNano()), sign.Digest(value)
	if kept, ok := a.kept.get(place); ok && kept == digest {
		return
	}
	old, err := c.Secrets.Get(ctx, name)
	if errors.Is(err, ats.ErrNotFound) {
		old, err = "", nil
	}
	if err == nil && old.Reveal() != value {
		err = c.Secrets.CompareAndSwap(ctx, name, old, ats.Secret(value))
	}
	switch {
	case err == nil:
		a.kept.add(place, digest)
	case errors.Is(err, ats.ErrConflict): // another call was faster; the next one looks again
	default:
		a.log.WarnContext(ctx, "keep secret of connection", "connection", c, "secret", name, "error", err)
	}
}
