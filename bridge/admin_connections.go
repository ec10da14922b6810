package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Refusals of the calls that administer connections.
const (
	codeAdapterUnknown  ats.Code = "adapter_unknown"
	codeTenantRequired  ats.Code = "tenant_required"
	codeUnsupported     ats.Code = "unsupported"
	codeInvalidSettings ats.Code = "invalid_settings"
	codeNotSupported    ats.Code = "not_supported"
	codeEmailRequired   ats.Code = "email_required"
	codeEmailInvalid    ats.Code = "email_invalid"
	codeClientRequired  ats.Code = "client_required"
	codePrimaryUser     ats.Code = "primary_user_not_allowed"
)

// Adapter returns the configured adapter of that name.
func (b *Bridge) Adapter(name string) (ats.Adapter, bool) {
	a, ok := b.adapters[name]
	return a, ok
}

// ConnectionByID returns the connection, active or not, as it is stored, or an
// error that matches [ats.ErrNotFound]. Its keys are sealed. What another process has
// changed counts from then on for requests to this one.
func (b *Bridge) ConnectionByID(ctx context.Context, id string) (store.Connection, error) {
	c, err := b.read(func() (store.Connection, error) { return b.store.GetConnection(ctx, id) })
	if err != nil {
		return store.Connection{}, fmt.Errorf("connection %s: %w", id, err)
	}
	return c.row, nil
}

// AdapterView returns a connection as adapters see it.
func (b *Bridge) AdapterView(c store.Connection) ats.Connection { return b.connectionSeen(c) }

// ListConnections returns a page of connections, oldest first, disconnected ones
// included unless p leaves them out, and the cursor of the next page.
func (b *Bridge) ListConnections(ctx context.Context, p store.ListConnectionsParams) ([]store.Connection, string, error) {
	cs, next, err := b.store.ListConnections(ctx, p)
	if err != nil {
		return nil, "", fmt.Errorf("list connections: %w", err)
	}
	return cs, next, nil
}

// CreateConnection connects a tenant. Of c it takes Tenant, Name, TimeZone,
// Enabled, Settings and PrimaryUser. Settings whose names [ats.SecretSetting] knows
// are sealed and not kept in Settings. Keys and clients in access must be accepted
// by Spark Hire.
//
// A tenant that is connected is refused with [ats.CodeConnectionAlreadyExists].
// One that was disconnected is connected again, under its old id. Refusals name
// the field as the HTTP API calls it. A primary user may be named here before it
// is linked.
func (b *Bridge) CreateConnection(ctx context.Context, c store.Connection, access Access, by ats.User) (store.Connection, error) {
	if err := b.checkNewConnection(c); err != nil {
		return store.Connection{}, err
	}
	if err := checkAccess("", access); err != nil {
		return store.Connection{}, err
	}
	c.APIVersion = cmp.Or(access.Version, apiV1)
	if present, err := b.store.GetConnectionByTenant(ctx, c.Tenant); err == nil && present.Connected {
		return store.Connection{}, refuseSecondConnection()
	}
	if err := b.checkConnection(c); err != nil {
		return store.Connection{}, err
	}
	if seen := b.connectionSeen(c); c.Enabled && b.rulesOf(c).Settings == ats.SettingsByAdministrator {
		if err := b.CheckGate(seen); err != nil { // nobody switches on what is not offered
			return store.Connection{}, err
		}
	}
	// Spark Hire is asked about what is right otherwise.
	if err := b.checkOrganizationKey(ctx, access.OrganizationKey); err != nil {
		return store.Connection{}, err
	}
	client, err := b.prepareAccess(ctx, c, access)
	if err != nil {
		return store.Connection{}, err
	}
	var saved store.Connection
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		present, err := tx.ConnectionByTenant(ctx, c.Tenant)
		if err != nil && !errors.Is(err, ats.ErrNotFound) {
			return err
		}
		now := b.now()
		known := err == nil
		switch {
		case known && present.Connected:
			return refuseSecondConnection()
		case !known:
			present = store.Connection{ID: newID(), CreatedAt: now}
		default: // it was disconnected, and its last reports may have needed a secret
			if err := tx.ForgetSecrets(ctx, present.ID); err != nil {
				return err
			}
		}
		n := store.Connection{
			ID: present.ID, Tenant: c.Tenant, Name: c.Name, TimeZone: c.TimeZone, Enabled: c.Enabled, Connected: true,
			Settings: c.Settings, APIVersion: c.APIVersion, PrimaryUser: c.PrimaryUser, Users: present.Users,
			CreatedAt: present.CreatedAt, UpdatedAt: now,
		}
		secrets, err := b.applyAccess(&n, access, client)
		if err != nil {
			return err
		}
		saved, err = b.saveConnection(ctx, tx, present, n, now, secrets)
		if err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: saved.ID, Actor: by.ID, Action: "create connection"})
	})
	b.conns.drop(c.Tenant)
	if err != nil {
		return store.Connection{}, refusalOr("create connection of "+c.Tenant.String(), err)
	}
	return saved, nil
}

func refuseSecondConnection() error {
	return ats.Refuse(ats.CodeConnectionAlreadyExists, "tenant", "This account is connected already.")
}

// updateTries is how often an update is tried when others change the same
// connection meanwhile.
const updateTries = 5

// UpdateConnection lets change set Name, TimeZone, Enabled, Settings and
// PrimaryUser of a connection, and saves the result if it keeps the rules of the
// adapter; whatever else change does is not kept. change may run several times; nil
// changes nothing but the access.
// Settings hold no secrets when change sees them: setting one seals it, setting it
// to null forgets it, leaving it out keeps it. Other settings that are null are
// removed.
//
// What access does not say stays. New keys and clients must be accepted by Spark
// Hire, else they are refused with [ats.CodeInvalidKey] and nothing changes.
//
// A connection that moves from v1 to v2 keeps its keys of v1, sealed, until the last
// interview that was accepted under them has ended; those are sent, followed and
// canceled through v1, and new ones go through v2. Every linked user needs an e-mail
// address for it, which Spark Hire must know. There is no way back.
//
// Who may do it is for [Bridge.CheckSettings] to say. Switching on what the product
// does not offer to the connection is refused as the product says it. A disconnected
// connection is refused with [ats.CodeConnectionDisconnected], an unknown one matches
// [ats.ErrNotFound].
func (b *Bridge) UpdateConnection(ctx context.Context, id string, by ats.User, access Access, change func(*store.Connection) error) (store.Connection, error) {
	var client meetAccount
	checked := false
	for range updateTries {
		c, err := b.ConnectionByID(ctx, id)
		if err != nil {
			return store.Connection{}, err
		}
		if err := b.CheckSettings(b.connectionSeen(c), by); err != nil {
			return store.Connection{}, err
		}
		if !c.Connected {
			return store.Connection{}, refuseDisconnected()
		}
		n := c
		if change != nil {
			if err := change(&n); err != nil {
				return store.Connection{}, err
			}
		}
		if err := b.checkChange(c, n); err != nil {
			return store.Connection{}, err
		}
		if err := checkAccess(c.APIVersion, access); err != nil {
			return store.Connection{}, err
		}
		if access.Version == c.APIVersion {
			access.Version = ""
		}
		if changesOf(c, n, access) == "" {
			return c, nil
		}
		if !checked {
			if err := b.checkOrganizationKey(ctx, access.OrganizationKey); err != nil {
				return store.Connection{}, err
			}
			if client, err = b.prepareAccess(ctx, c, access); err != nil {
				return store.Connection{}, err
			}
			checked = true
		}
		saved, err := b.updateConnection(ctx, c, n, access, client, by)
		if !errors.Is(err, ats.ErrConflict) {
			return saved, err
		}
	}
	return store.Connection{}, fmt.Errorf("update connection %s: %w", id, ats.ErrConflict)
}

// updateConnection saves n unless the connection is not as was any more.
func (b *Bridge) updateConnection(ctx context.Context, was, n store.Connection, access Access, client meetAccount, by ats.User) (store.Connection, error) {
	changes := changesOf(was, n, access)
	var saved store.Connection
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		c, err := tx.Connection(ctx, was.ID)
		if err != nil {
			return err
		}
		if !c.UpdatedAt.Equal(was.UpdatedAt) {
			return ats.ErrConflict
		}
		before, now := c, b.tickAfter(c.UpdatedAt)
		c.Name, c.TimeZone, c.Enabled, c.PrimaryUser, c.Settings = n.Name, n.TimeZone, n.Enabled, n.PrimaryUser, n.Settings
		c.UpdatedAt = now
		secrets, err := b.applyAccess(&c, access, client)
		if err != nil {
			return err
		}
		if saved, err = b.saveConnection(ctx, tx, before, c, now, secrets); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: c.ID, Actor: by.ID, Action: "update connection", Detail: changes})
	})
	b.conns.drop(was.Tenant)
	if err != nil {
		return store.Connection{}, refusalOr("update connection "+was.ID, err)
	}
	return saved, nil
}

// tickAfter returns now, or the moment after t if that is later: two changes in
// one microsecond must differ.
func (b *Bridge) tickAfter(t time.Time) time.Time {
	now := b.now()
	if !now.After(t) {
		return t.Add(time.Microsecond)
	}
	return now
}

func (b *Bridge) setOrganizationKey(c *store.Connection, key ats.Secret) {
	c.OrganizationCredential, c.OrganizationKey = b.credentialOf(key), nil
	if !key.IsZero() {
		c.OrganizationKey = b.keys.Seal([]byte(key.Reveal()), organizationContext(c.ID))
	}
}

// DisconnectByID is [Bridge.Disconnect] in the name of a person. An unknown
// connection matches [ats.ErrNotFound]; one that is disconnected already is nil. Where
// settings are the administrators', a person must be one.
func (b *Bridge) DisconnectByID(ctx context.Context, id string, by ats.User) error {
	c, err := b.ConnectionByID(ctx, id)
	if err != nil {
		return err
	}
	if !by.IsZero() {
		if err := b.CheckSettings(b.connectionSeen(c), by); err != nil {
			return err
		}
	}
	return b.disconnect(ctx, c.Tenant, by.ID)
}

// saveConnection stores a connection, moves its secret settings to where secrets
// are, and asks for the work that new keys need.
func (b *Bridge) saveConnection(ctx context.Context, tx store.Tx, before, c store.Connection, now time.Time, more map[string]ats.Secret) (store.Connection, error) {
	plain, secrets, err := splitSettings(c.Settings)
	if err != nil {
		return c, err
	}
	c.Settings = plain
	if err := tx.SaveConnection(ctx, c); err != nil {
		return c, err
	}
	if err := b.saveSecrets(ctx, tx, c.ID, secrets, more); err != nil {
		return c, err
	}
	return c, b.afterKeys(ctx, tx, before, c, now)
}

// afterKeys asks for the work that new keys need, if there are any.
func (b *Bridge) afterKeys(ctx context.Context, tx store.Tx, before, c store.Connection, now time.Time) error {
	same := func(x, y store.User) bool { return x.ID == y.ID && x.Credential == y.Credential }
	if before.Connected && before.OrganizationCredential == c.OrganizationCredential && slices.EqualFunc(before.Users, c.Users, same) {
		return nil
	}
	return b.afterConnect(ctx, tx, before, c, now)
}

// changeKeys changes the keys of a connection in one transaction.
func (b *Bridge) changeKeys(ctx context.Context, id string, by ats.User, action string, change func(context.Context, store.Tx, *store.Connection) error) (store.Connection, error) {
	var saved store.Connection
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		c, err := tx.Connection(ctx, id)
		if err != nil {
			return err
		}
		if !c.Connected {
			return refuseDisconnected()
		}
		before, now := c, b.tickAfter(c.UpdatedAt)
		before.Users = slices.Clone(c.Users)
		if err := change(ctx, tx, &c); err != nil {
			return err
		}
		c.UpdatedAt = now
		if err := tx.SaveConnection(ctx, c); err != nil {
			return err
		}
		if err := b.afterKeys(ctx, tx, before, c, now); err != nil {
			return err
		}
		saved = c
		return tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: c.ID, Actor: by.ID, Action: action})
	})
	if saved.ID != "" {
		b.conns.drop(saved.Tenant)
	}
	if err != nil {
		return store.Connection{}, refusalOr(action+" of connection "+id, err)
	}
	return saved, nil
}
