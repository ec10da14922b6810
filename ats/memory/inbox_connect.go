package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Connection implements [ats.Inbox].
func (i *Inbox) Connection(ctx context.Context, tenant ats.TenantRef) (ats.Connection, error) {
	if err := i.begin(ctx); err != nil {
		return ats.Connection{}, err
	}
	defer i.mu.Unlock()
	c, err := i.connected(tenant)
	if err != nil {
		return ats.Connection{}, err
	}
	return i.view(c), nil
}

// ConnectionByCredential implements [ats.Inbox].
func (i *Inbox) ConnectionByCredential(ctx context.Context, adapter, digest string) (ats.Connection, error) {
	if err := i.begin(ctx); err != nil {
		return ats.Connection{}, err
	}
	defer i.mu.Unlock()
	for _, c := range i.connections {
		if c.Tenant.Adapter == adapter && c.Connected && digest != "" && c.CredentialDigest == digest {
			return i.view(c), nil
		}
	}
	return ats.Connection{}, fmt.Errorf("find %s connection by credential: %w", adapter, ats.ErrNotFound)
}

// Connections implements [ats.Inbox].
func (i *Inbox) Connections(ctx context.Context, adapter string) ([]ats.Connection, error) {
	if err := i.begin(ctx); err != nil {
		return nil, err
	}
	defer i.mu.Unlock()
	found := []ats.Connection{}
	for _, c := range i.connections {
		if c.Tenant.Adapter == adapter && c.Connected {
			found = append(found, i.view(c))
		}
	}
	return found, nil
}

// Connect implements [ats.Inbox]. The adapter must have been registered, see
// [Inbox.Use]; otherwise the error matches [ats.ErrNotFound]. A tenant without an
// id matches [ats.ErrInvalid].
func (i *Inbox) Connect(ctx context.Context, a ats.Activation) (ats.Connection, error) {
	if err := i.begin(ctx); err != nil {
		return ats.Connection{}, err
	}
	defer i.mu.Unlock()
	if a.Tenant.Tenant == "" {
		return ats.Connection{}, fmt.Errorf("connect tenant of %s: the tenant has no id: %w", a.Tenant.Adapter, ats.ErrInvalid)
	}
	policy, err := i.policy(a.Tenant)
	if err != nil {
		return ats.Connection{}, fmt.Errorf("connect tenant %s: %w", a.Tenant, err)
	}
	c := i.find(a.Tenant)
	zone := a.TimeZone
	if zone == "" && c != nil {
		zone = c.TimeZone
	}
	if zone != "" || policy.TimeZone == ats.Required {
		if _, err := ats.LoadZone(zone); err != nil {
			return ats.Connection{}, err
		}
	}
	if c == nil {
		c = &connection{
			Connection: ats.Connection{
				ID:        fmt.Sprintf("connection-%d", len(i.connections)+1),
				Tenant:    a.Tenant,
				Enabled:   true,
				CreatedAt: i.now().UTC(),
			},
			secrets: map[string]ats.Secret{},
		}
		i.connections = append(i.connections, c)
	}
	i.activate(c, a, zone)
	return i.view(c), nil
}

// activate applies an activation to its connection. Callers hold i.mu.
func (i *Inbox) activate(c *connection, a ats.Activation, zone string) {
	keys := map[string]ats.Secret{}
	users := make([]ats.User, 0, len(a.Users))
	for _, u := range a.Users {
		keys[u.ID] = u.Key
		users = append(users, ats.User{
			ID: u.ID, Name: u.Name, Email: u.Email, Linked: !u.Key.IsZero(), KeyHint: u.Key.Hint(),
		})
	}
	secrets := maps.Clone(c.secrets)
	for name, value := range a.Secrets {
		if value.IsZero() {
			delete(secrets, name)
		} else {
			secrets[name] = value
		}
	}
	same := c.Connected && c.Name == a.Name && c.TimeZone == zone && c.CredentialDigest == a.CredentialDigest &&
		c.organizationKey == a.OrganizationKey && slices.Equal(c.Users, users) && maps.Equal(c.keys, keys) &&
		maps.Equal(c.secrets, secrets)
	if same {
		return
	}
	c.Connected = true
	c.Name, c.TimeZone, c.CredentialDigest = a.Name, zone, a.CredentialDigest
	c.organizationKey, c.Users, c.keys, c.secrets = a.OrganizationKey, users, keys, secrets
	c.UpdatedAt = i.now().UTC()
}

// Disconnect implements [ats.Inbox].
func (i *Inbox) Disconnect(ctx context.Context, tenant ats.TenantRef) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	defer i.mu.Unlock()
	c := i.find(tenant)
	if c == nil || !c.Connected {
		return nil
	}
	c.Connected = false
	c.organizationKey, c.keys, c.CredentialDigest = "", nil, ""
	clear(c.secrets)
	for i := range c.Users {
		c.Users[i].Linked, c.Users[i].KeyHint = false, ""
	}
	c.UpdatedAt = i.now().UTC()
	return nil
}

// SetEnabled pauses or resumes the tenant's connection, as an administrator
// does.
func (i *Inbox) SetEnabled(tenant ats.TenantRef, enabled bool) error {
	return i.change(tenant, func(c *connection) error {
		c.Enabled = enabled
		return nil
	})
}

// SetSettings replaces the settings of the tenant's connection. What the adapter
// refuses is returned and changes nothing.
func (i *Inbox) SetSettings(tenant ats.TenantRef, settings json.RawMessage) error {
	return i.change(tenant, func(c *connection) error {
		if d, ok := i.adapters[tenant.Adapter].(ats.SettingsDecoder); ok {
			proposed := i.view(c)
			proposed.Settings = slices.Clone(settings)
			proposed.Secrets = nil // CheckSettings calls nobody
			if err := d.CheckSettings(proposed); err != nil {
				return err
			}
		}
		c.Settings = slices.Clone(settings)
		return nil
	})
}

// SetPrimaryUser makes a linked user the tenant's primary user.
func (i *Inbox) SetPrimaryUser(tenant ats.TenantRef, userID string) error {
	return i.change(tenant, func(c *connection) error {
		if u, ok := c.User(userID); !ok || !u.Linked {
			return ats.Refuse(ats.CodeUserNotLinked, "primary_user", "The primary user must be a linked one.")
		}
		c.primary = userID
		return nil
	})
}

// LinkJob links a job of the ATS to a Spark Hire job and a question set, which
// may be empty. A policy whose requests name the Spark Hire job themselves
// refuses it with [ats.CodeJobLinkNotAllowed].
func (i *Inbox) LinkJob(tenant ats.TenantRef, jobID, sparkHireJobID, questionSetID string) error {
	return i.change(tenant, func(c *connection) error {
		policy, err := i.policy(tenant)
		if err != nil {
			return err
		}
		if policy.JobLink == ats.Forbidden {
			return ats.Refuse(ats.CodeJobLinkNotAllowed, "job_id", "Jobs are not linked here: each request names the Spark Hire job.")
		}
		c.links = slices.DeleteFunc(c.links, func(l ats.JobLink) bool { return l.JobID == jobID })
		c.links = append(c.links, ats.JobLink{JobID: jobID, SparkHireJobID: sparkHireJobID, QuestionSetID: questionSetID})
		return nil
	})
}

// change runs f on the tenant's connection.
func (i *Inbox) change(tenant ats.TenantRef, f func(*connection) error) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	c, err := i.connected(tenant)
	if err != nil {
		return err
	}
	if err := f(c); err != nil {
		return err
	}
	c.UpdatedAt = i.now().UTC()
	return nil
}

// connected returns the tenant's connection, active or not, or an error. Callers
// hold i.mu.
func (i *Inbox) connected(tenant ats.TenantRef) (*connection, error) {
	if c := i.find(tenant); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("find connection of %s: %w", tenant, ats.ErrNotFound)
}

// secretStore is one connection's [ats.SecretStore].
type secretStore struct {
	inbox  *Inbox
	tenant ats.TenantRef
}

var _ ats.SecretStore = secretStore{}

// Get implements [ats.SecretStore].
func (s secretStore) Get(ctx context.Context, name string) (ats.Secret, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	c, err := s.inbox.connected(s.tenant)
	if err != nil {
		return "", err
	}
	value, ok := c.secrets[name]
	if !ok {
		return "", fmt.Errorf("get secret %q of %s: %w", name, s.tenant, ats.ErrNotFound)
	}
	return value, nil
}

// CompareAndSwap implements [ats.SecretStore].
func (s secretStore) CompareAndSwap(ctx context.Context, name string, old, new ats.Secret) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	c, err := s.inbox.connected(s.tenant)
	if err != nil {
		return err
	}
	if c.secrets[name] != old {
		return fmt.Errorf("replace secret %q of %s: %w", name, s.tenant, ats.ErrConflict)
	}
	if new.IsZero() {
		delete(c.secrets, name)
	} else {
		c.secrets[name] = new
	}
	return nil
}

// jobLinks reads the links of one tenant's connection.
type jobLinks struct {
	inbox  *Inbox
	tenant ats.TenantRef
}

var _ ats.JobLinks = jobLinks{}

// All implements [ats.JobLinks].
func (l jobLinks) All(ctx context.Context) ([]ats.JobLink, error) {
	if err := l.inbox.begin(ctx); err != nil {
		return nil, err
	}
	defer l.inbox.mu.Unlock()
	c, err := l.inbox.connected(l.tenant)
	if err != nil {
		return nil, err
	}
	return append([]ats.JobLink{}, c.links...), nil
}

// Of implements [ats.JobLinks].
func (l jobLinks) Of(ctx context.Context, jobID string) (ats.JobLink, error) {
	if err := l.inbox.begin(ctx); err != nil {
		return ats.JobLink{}, err
	}
	defer l.inbox.mu.Unlock()
	c, err := l.inbox.connected(l.tenant)
	if err != nil {
		return ats.JobLink{}, err
	}
	link, ok := c.link(jobID)
	if !ok {
		return ats.JobLink{}, fmt.Errorf("link of job %s: %w", jobID, ats.ErrNotFound)
	}
	return link, nil
}
