package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// checkNewConnection checks what only a new connection can get wrong.
func (b *Bridge) checkNewConnection(c store.Connection) error {
	if _, ok := b.adapters[c.Tenant.Adapter]; !ok {
		return ats.Refuse(codeAdapterUnknown, "adapter", fmt.Sprintf("There is no adapter %q here. Choose one that is enabled.", c.Tenant.Adapter))
	}
	if c.Tenant.Tenant == "" {
		return ats.Refuse(codeTenantRequired, "tenant", "A connection needs the id of the account at the ATS.")
	}
	if c.PrimaryUser != "" && b.rulesOf(c).PrimaryUser == ats.Forbidden {
		return refusePrimaryUser()
	}
	return nil
}

// checkChange checks a change of a connection against the rules.
func (b *Bridge) checkChange(was, c store.Connection) error {
	seen := b.connectionSeen(c)
	a, policy, err := b.rules(seen)
	if err != nil {
		return err
	}
	if c.PrimaryUser != was.PrimaryUser && c.PrimaryUser != "" {
		if policy.PrimaryUser == ats.Forbidden {
			return refusePrimaryUser()
		}
		if !linked(c, c.PrimaryUser) {
			return ats.Refuse(ats.CodeUserNotLinked, "primary_user", "The primary user must be one with a Spark Hire key.")
		}
	}
	// Only who switches on, or takes the primary user away, is told about it.
	switchesOn := c.Enabled && !was.Enabled
	takesAway := c.Enabled && was.PrimaryUser != "" && !linked(c, c.PrimaryUser)
	if (switchesOn || takesAway) && lacksPrimaryUser(policy, c) {
		return refuseLackOfPrimaryUser()
	}
	if err := b.checkConnection(c); err != nil || !switchesOn {
		return err
	}
	return ats.Gate(a, seen)
}

// checkConnection checks the time zone and the settings.
func (b *Bridge) checkConnection(c store.Connection) error {
	a, err := b.adapter(c.Tenant.Adapter)
	if err != nil {
		return err
	}
	if c.TimeZone != "" || b.rulesOf(c).TimeZone == ats.Required {
		if _, err := ats.LoadZone(c.TimeZone); err != nil {
			return err
		}
	}
	return b.checkSettings(a, c)
}

func (b *Bridge) checkSettings(a ats.Adapter, c store.Connection) error {
	whole, err := withoutNulls(c.Settings)
	if err != nil {
		return err
	}
	decoder, ok := a.(ats.SettingsDecoder)
	if !ok {
		if string(whole) != "{}" {
			return ats.Refuse(codeInvalidSettings, "settings", "This adapter has no settings.")
		}
		return nil
	}
	c.Settings = whole
	return settingsRefusal(decoder.CheckSettings(b.connectionSeen(c)))
}

// settingsRefusal tells an administrator every problem at once, under the name of
// the first.
func settingsRefusal(err error) error {
	if err == nil {
		return nil
	}
	problems := settingsProblems(err)
	if len(problems) == 0 {
		return err // not about the settings
	}
	texts := make([]string, len(problems))
	for n, p := range problems {
		texts[n] = p.Error()
	}
	field := "settings"
	if problems[0].Field != "" {
		field += "." + problems[0].Field
	}
	return ats.Refuse(codeInvalidSettings, field, strings.Join(texts, "; ")+".")
}

// settingsProblems returns every settings error in the tree of err.
func settingsProblems(err error) []*ats.SettingsError {
	if p, ok := err.(*ats.SettingsError); ok { //nolint:errorlint // the tree is walked here
		return []*ats.SettingsError{p}
	}
	switch e := err.(type) { //nolint:errorlint // likewise
	case interface{ Unwrap() []error }:
		var all []*ats.SettingsError
		for _, one := range e.Unwrap() {
			all = append(all, settingsProblems(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		if next := e.Unwrap(); next != nil {
			return settingsProblems(next)
		}
	}
	return nil
}

// members returns the members of a settings object; no settings are an empty one.
func members(settings json.RawMessage) (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(settings)) == 0 {
		return nil, nil
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(settings, &m); err != nil || m == nil {
		return nil, ats.Refuse(codeInvalidSettings, "settings", "The settings must be one JSON object.")
	}
	return m, nil
}

func isNull(value json.RawMessage) bool { return string(bytes.TrimSpace(value)) == "null" }

func withoutNulls(settings json.RawMessage) (json.RawMessage, error) {
	m, err := members(settings)
	if err != nil {
		return nil, err
	}
	for name, value := range m {
		if isNull(value) {
			delete(m, name)
		}
	}
	return encodeMembers(m)
}

func encodeMembers(m map[string]json.RawMessage) (json.RawMessage, error) {
	if len(m) == 0 {
		return json.RawMessage("{}"), nil
	}
	return json.Marshal(m)
}

// splitSettings takes the secrets out of the settings; an empty secret is one to
// forget.
func splitSettings(settings json.RawMessage) (plain json.RawMessage, secrets map[string]ats.Secret, err error) {
	m, err := members(settings)
	if err != nil {
		return nil, nil, err
	}
	secrets = map[string]ats.Secret{}
	for name, value := range m {
		if ats.SecretSetting(name) {
			var s string
			if err := json.Unmarshal(value, &s); err != nil { // null leaves it empty
				return nil, nil, ats.Refuse(codeInvalidSettings, "settings."+name, "A secret must be a text.")
			}
			secrets[name] = ats.Secret(s)
		}
		if ats.SecretSetting(name) || isNull(value) {
			delete(m, name)
		}
	}
	plain, err = encodeMembers(m)
	return plain, secrets, err
}

func (b *Bridge) checkOrganizationKey(ctx context.Context, key *ats.Secret) error {
	if key == nil || key.IsZero() {
		return nil
	}
	_, err := b.checkKey(ctx, *key, "spark_hire.organization_key")
	return err
}

// checkKey returns the name of the key's Spark Hire user, or refuses the key that
// Spark Hire does not accept.
func (b *Bridge) checkKey(ctx context.Context, key ats.Secret, field string) (string, error) {
	name, err := b.Lookup().CheckKey(ctx, key)
	if errors.Is(err, ats.ErrUnauthorized) || errors.Is(err, ats.ErrForbidden) {
		return "", ats.Refuse(ats.CodeInvalidKey, field, "Spark Hire does not accept this key. Copy it again from Spark Hire's integration settings.")
	}
	if err != nil {
		return "", fmt.Errorf("check Spark Hire key: %w", err)
	}
	return name, nil
}

func linked(c store.Connection, userID string) bool {
	return slices.ContainsFunc(c.Users, func(u store.User) bool { return u.ID == userID && u.Credential != "" })
}

// lacksPrimaryUser reports whether there are linked users and no primary one among
// them, where the product needs one.
func lacksPrimaryUser(p ats.Policy, c store.Connection) bool {
	anybody := slices.ContainsFunc(c.Users, func(u store.User) bool { return u.Credential != "" })
	return p.PrimaryUser == ats.Required && anybody && !linked(c, c.PrimaryUser)
}

func refuseLackOfPrimaryUser() error {
	return ats.Refuse(ats.CodePrimaryUserRequired, "primary_user", "One of the linked users must be the primary user. Name one first.")
}

func refusePrimaryUser() error {
	return ats.Refuse(codePrimaryUser, "primary_user", "Connections of this adapter have no primary user.")
}

func refuseDisconnected() error {
	return ats.Refuse(ats.CodeConnectionDisconnected, "", "This connection was disconnected. Create it again to go on.")
}

// changesOf names what an update changes, for the audit log, without values.
func changesOf(was, n store.Connection, access Access) string {
	var names []string
	add := func(name string, differs bool) {
		if differs {
			names = append(names, name)
		}
	}
	add("name", was.Name != n.Name)
	add("time_zone", was.TimeZone != n.TimeZone)
	add("enabled", was.Enabled != n.Enabled)
	add("primary_user", was.PrimaryUser != n.PrimaryUser)
	names = append(names, access.changes()...)
	old, _ := members(was.Settings) // both were checked
	now, _ := members(n.Settings)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		add("settings."+name, ats.SecretSetting(name) || !bytes.Equal(old[name], now[name]))
	}
	return strings.Join(names, ", ")
}
