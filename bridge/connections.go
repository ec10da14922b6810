package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// connectionTTL is how long another process's change to a connection may go
// unnoticed by what vendors send. The API reads the connection for every call.
const connectionTTL = 3 * time.Second

// connectionCache keeps connections by tenant, so that accepting a request does
// not read one. What this process changes is dropped from it at once.
type connectionCache struct {
	mu       sync.RWMutex
	byTenant map[ats.TenantRef]cachedConnection
	drops    int // so that what was read before one is not kept after it
}

type cachedConnection struct {
	row  store.Connection
	seen ats.Connection
	at   time.Time
}

func (c *connectionCache) get(t ats.TenantRef, now time.Time) (cachedConnection, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.byTenant[t]
	if age := now.Sub(e.at); !ok || age < 0 || age > connectionTTL {
		return cachedConnection{}, false
	}
	return e, true
}

// mark is for put, and taken before the connection is read.
func (c *connectionCache) mark() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.drops
}

func (c *connectionCache) put(e cachedConnection, mark int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if mark != c.drops {
		return
	}
	const most = 10_000
	if c.byTenant == nil || len(c.byTenant) >= most {
		c.byTenant = map[ats.TenantRef]cachedConnection{}
	}
	c.byTenant[e.row.Tenant] = e
}

func (c *connectionCache) drop(t ats.TenantRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	delete(c.byTenant, t)
}

// tenant returns the tenant's connection, a moment old at most.
func (b *Bridge) tenant(ctx context.Context, t ats.TenantRef) (cachedConnection, error) {
	if e, ok := b.conns.get(t, b.now()); ok {
		return e, nil
	}
	e, err := b.read(func() (store.Connection, error) { return b.store.GetConnectionByTenant(ctx, t) })
	if err != nil {
		return cachedConnection{}, fmt.Errorf("connection of %s: %w", t, err)
	}
	return e, nil
}

// read reads a connection, and keeps it for what comes next.
func (b *Bridge) read(get func() (store.Connection, error)) (cachedConnection, error) {
	at, mark := b.now(), b.conns.mark()
	row, err := get()
	if err != nil {
		return cachedConnection{}, err
	}
	e := cachedConnection{row: row, seen: b.connectionSeen(row), at: at}
	b.conns.put(e, mark)
	return e, nil
}

// connectionSeen is a connection as adapters see it.
func (b *Bridge) connectionSeen(c store.Connection) ats.Connection {
	users := make([]ats.User, len(c.Users))
	for i, u := range c.Users {
		users[i] = ats.User{ID: u.ID, Name: u.Name, Email: u.Email, TimeZone: u.TimeZone, Linked: u.Credential != "", KeyHint: u.KeyHint}
	}
	return ats.Connection{
		ID: c.ID, Tenant: c.Tenant, Name: c.Name, TimeZone: c.TimeZone,
		Enabled: c.Enabled, Connected: c.Connected, Settings: c.Settings, Users: users,
		CredentialDigest: c.CredentialDigest, Secrets: secretStore{b, c.ID}, Links: jobLinks{b, c.ID},
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

// allConnections returns the connected connections of an adapter, or of all.
func (b *Bridge) allConnections(ctx context.Context, adapter string) ([]store.Connection, error) {
	var all []store.Connection
	for cursor := ""; ; {
		page, next, err := b.store.ListConnections(ctx, store.ListConnectionsParams{Adapter: adapter, ConnectedOnly: true, Limit: 200, Cursor: cursor})
		if err != nil {
			return nil, fmt.Errorf("list connections: %w", err)
		}
		all = append(all, page...)
		if next == "" {
			return all, nil
		}
		cursor = next
	}
}

// Connect creates or updates a tenant's connection: see [ats.Inbox].
func (b *Bridge) Connect(ctx context.Context, a ats.Activation) (ats.Connection, error) {
	if err := b.checkActivation(a); err != nil {
		return ats.Connection{}, err
	}
	version, err := versionOf(a)
	if err != nil {
		return ats.Connection{}, err
	}
	var saved store.Connection
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		a := a
		a.Users = slices.Clone(a.Users)
		c, err := tx.ConnectionByTenant(ctx, a.Tenant)
		known := err == nil
		if err != nil && !errors.Is(err, ats.ErrNotFound) {
			return err
		}
		now := b.now()
		if !known {
			c = store.Connection{ID: newID(), Tenant: a.Tenant, Enabled: true, APIVersion: "v1", CreatedAt: now}
		}
		before := c
		if known && !c.Connected {
			if err := tx.ForgetSecrets(ctx, c.ID); err != nil { // what its last reports needed
				return err
			}
		}
		moved, err := b.moveBy(&c, &a, version)
		if err != nil {
			return err
		}
		b.apply(&c, a, now)
		if err := tx.SaveConnection(ctx, c); err != nil {
			return err
		}
		if err := b.saveSecrets(ctx, tx, c.ID, a.Secrets, moved); err != nil {
			return err
		}
		saved = c
		action := "connect"
		if before.Connected {
			action = "update connection"
		}
		if err := tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: c.ID, Actor: c.Tenant.Adapter, Action: action, Detail: fmt.Sprintf("%d linked users", len(c.Users))}); err != nil {
			return err
		}
		return b.afterConnect(ctx, tx, before, c, now)
	})
	b.conns.drop(a.Tenant)
	if err != nil {
		return ats.Connection{}, fmt.Errorf("connect %s: %w", a.Tenant, err)
	}
	b.log.InfoContext(ctx, "connected", "connection", saved.ID, "adapter", a.Tenant.Adapter, "users", len(saved.Users))
	return b.connectionSeen(saved), nil
}

func (b *Bridge) checkActivation(a ats.Activation) error {
	if _, err := b.adapter(a.Tenant.Adapter); err != nil {
		return err
	}
	if a.Tenant.Tenant == "" {
		return ats.Refuse(ats.CodeNotConnected, "tenant", "The activation names no tenant.")
	}
	if a.TimeZone != "" {
		if _, err := ats.LoadZone(a.TimeZone); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, u := range a.Users {
		if u.ID == "" || seen[u.ID] {
			return fmt.Errorf("activation of %s: user ids must be there once each: %w", a.Tenant, ats.ErrInvalid)
		}
		seen[u.ID] = true
	}
	return nil
}

// apply changes c to what the activation says, sealing keys that are new.
func (b *Bridge) apply(c *store.Connection, a ats.Activation, now time.Time) {
	if a.Name != "" {
		c.Name = a.Name
	}
	if a.TimeZone != "" {
		c.TimeZone = a.TimeZone
	}
	c.Connected, c.CredentialDigest, c.UpdatedAt = true, a.CredentialDigest, now
	if cred := b.credentialOf(a.OrganizationKey); cred != c.OrganizationCredential || c.OrganizationKey == nil {
		c.OrganizationCredential, c.OrganizationKey = cred, nil
		if cred != "" {
			c.OrganizationKey = b.keys.Seal([]byte(a.OrganizationKey.Reveal()), organizationContext(c.ID))
		}
	}
	present := map[string]store.User{}
	for _, u := range c.Users {
		present[u.ID] = u
	}
	c.Users = make([]store.User, 0, len(a.Users))
	for _, lu := range a.Users {
		u := present[lu.ID]
		u.ID, u.Name = lu.ID, lu.Name
		if lu.Email != "" {
			u.Email = lu.Email
		}
		b.setKey(&u, c.ID, lu.Key)
		c.Users = append(c.Users, u)
	}
}

// setKey gives the user a key, or none.
func (b *Bridge) setKey(u *store.User, connectionID string, key ats.Secret) {
	cred := b.credentialOf(key)
	if cred == u.Credential && (cred == "") == (u.Key == nil) {
		return
	}
	u.Credential, u.Key, u.KeyHint = cred, nil, ""
	if cred != "" {
		u.Key = b.keys.Seal([]byte(key.Reveal()), userContext(connectionID, u.ID))
	}
	if !onV2(cred) {
		u.KeyHint = key.Hint()
	}
}

// afterConnect moves waiting interviews to new keys and asks for the work that a
// connection needs.
func (b *Bridge) afterConnect(ctx context.Context, tx store.Tx, before, c store.Connection, now time.Time) error {
	old := map[string]string{}
	for _, u := range before.Users {
		old[u.ID] = u.Credential
	}
	for _, u := range c.Users {
		if old[u.ID] == u.Credential || u.Credential == "" {
			continue
		}
		if err := tx.MoveCredential(ctx, store.MoveCredentialParams{ConnectionID: c.ID, UserID: u.ID, To: u.Credential}); err != nil {
			return err
		}
		if err := tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: u.Credential}); err != nil {
			return err
		}
	}
	if err := b.nudgeFollowing(ctx, tx, before, c); err != nil {
		return err
	}
	// Keys that are gone leave drains that find no key and say so.
	for _, credential := range old {
		if credential != "" {
			if err := tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: credential}); err != nil {
				return err
			}
		}
	}
	if b.wantsWebhooks() {
		if err := tx.Nudge(ctx, store.Nudge{Kind: kindRegister, ID: c.ID}); err != nil {
			return err
		}
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindSweep, ID: c.ID, At: nextSlot(now, b.config.SparkHire.SweepInterval)})
}

// Disconnect ends a tenant's connection: see [ats.Inbox].
func (b *Bridge) Disconnect(ctx context.Context, t ats.TenantRef) error {
	return b.disconnect(ctx, t, t.Adapter)
}

// disconnect ends a connection in the name of an actor.
func (b *Bridge) disconnect(ctx context.Context, t ats.TenantRef, actor string) error {
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		c, err := tx.ConnectionByTenant(ctx, t)
		if errors.Is(err, ats.ErrNotFound) || (err == nil && !c.Connected) {
			return nil
		}
		if err != nil {
			return err
		}
		now, before := b.now(), c
		before.Users = slices.Clone(c.Users)
		waiting := make([]string, 0, len(c.Users))
		for i, u := range c.Users {
			if u.Credential != "" {
				waiting = append(waiting, u.Credential)
			}
			c.Users[i].Key, c.Users[i].Credential, c.Users[i].KeyHint = nil, "", ""
		}
		c.Connected, c.CredentialDigest, c.OrganizationKey, c.OrganizationCredential, c.UpdatedAt = false, "", nil, "", now
		if err := tx.SaveConnection(ctx, c); err != nil {
			return err
		}
		if err := b.forgetSecrets(ctx, tx, c.ID, now); err != nil {
			return err
		}
		// Open interviews are not seen any more, and say so.
		if err := b.nudgeFollowing(ctx, tx, before, c); err != nil {
			return err
		}
		for _, credential := range waiting {
			if err := tx.Nudge(ctx, store.Nudge{Kind: kindDrain, ID: credential}); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: c.ID, Actor: actor, Action: "disconnect"})
	})
	b.conns.drop(t)
	if err != nil {
		return fmt.Errorf("disconnect %s: %w", t, err)
	}
	return nil
}
