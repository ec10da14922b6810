package ats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// TenantRef names one customer account at an ATS.
type TenantRef struct {
	Adapter string
	// Tenant is the ATS's own id of the account.
	Tenant string
}

// String returns "adapter/tenant".
func (t TenantRef) String() string { return t.Adapter + "/" + t.Tenant }

// Connection is a tenant's activated integration.
type Connection struct {
	ID     string
	Tenant TenantRef
	// Name is the customer's name as people know it.
	Name string
	// TimeZone is the IANA zone used when neither request nor actor has one;
	// may be empty.
	TimeZone string
	// Enabled is false while an administrator has paused the integration.
	Enabled bool
	// Connected is false after the tenant was disconnected.
	Connected bool
	// Settings is the adapter's own JSON object; see [DecodeSettings].
	Settings json.RawMessage
	// Users are the linked users, without their keys.
	Users []User
	// CredentialDigest is that of the last [Activation].
	CredentialDigest string
	// Secrets reads the connection's sealed secrets. It may be nil in tests.
	Secrets   SecretStore
	CreatedAt time.Time
	UpdatedAt time.Time
}

// User returns the linked user with the id.
func (c Connection) User(id string) (User, bool) {
	for _, u := range c.Users {
		if u.ID == id {
			return u, true
		}
	}
	return User{}, false
}

// Location returns the connection's time zone, or an error when it has none or
// one that does not exist.
func (c Connection) Location() (*time.Location, error) {
	return LoadZone(c.TimeZone)
}

// LogValue logs the connection by its ids.
func (c Connection) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID), slog.String("adapter", c.Tenant.Adapter), slog.String("tenant", c.Tenant.Tenant))
}

// SecretStore reads and replaces the sealed secrets of one connection. It is
// safe for concurrent use, also across processes.
type SecretStore interface {
	// Get returns the secret, or an error that matches [ErrNotFound].
	Get(ctx context.Context, name string) (Secret, error)
	// CompareAndSwap replaces old by new, durably when it returns nil. An empty
	// old means that the secret must not exist yet; an empty new forgets it.
	// Another value in store matches [ErrConflict]: read again, somebody else
	// was faster.
	CompareAndSwap(ctx context.Context, name string, old, new Secret) error
}

// DecodeSettings decodes a connection's settings into T. Names that T does not
// have are refused, all other problems are named with the field that has them.
// Empty settings give the zero T.
func DecodeSettings[T any](settings json.RawMessage) (T, error) {
	var v T
	if len(bytes.TrimSpace(settings)) == 0 || bytes.Equal(bytes.TrimSpace(settings), []byte("null")) {
		return v, nil
	}
	d := json.NewDecoder(bytes.NewReader(settings))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		var te *json.UnmarshalTypeError
		if errors.As(err, &te) && te.Field != "" {
			return v, &SettingsError{Field: te.Field, Problem: fmt.Sprintf("must be a %s, not a %s", te.Type, te.Value)}
		}
		return v, &SettingsError{Problem: err.Error()}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, &SettingsError{Problem: "there is text after the JSON object"}
	}
	return v, nil
}

// SettingsError says what is wrong with a connection's settings. It matches
// [ErrInvalid].
type SettingsError struct {
	// Field is the setting's name; empty when the problem is the whole object.
	Field   string
	Problem string
}

// Error returns "settings.field: problem".
func (e *SettingsError) Error() string {
	if e.Field == "" {
		return "settings: " + e.Problem
	}
	return "settings." + e.Field + ": " + e.Problem
}

// Unwrap returns [ErrInvalid].
func (e *SettingsError) Unwrap() error { return ErrInvalid }
