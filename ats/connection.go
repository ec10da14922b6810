package ats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	Secrets SecretStore
	// Links reads the connection's job links. It may be nil in tests.
	Links     JobLinks
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

// Secret returns the connection's sealed secret of that name, or the fallback where
// there is none. It returns any other error of [Connection.Secrets].
func (c Connection) Secret(ctx context.Context, name string, fallback Secret) (Secret, error) {
	if c.Secrets == nil {
		return fallback, nil
	}
	value, err := c.Secrets.Get(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return fallback, nil
	case err != nil:
		return "", fmt.Errorf("read secret %s of connection %s: %w", name, c.ID, err)
	}
	return value, nil
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

// JobLink is a job of the ATS with the Spark Hire job that stands for it.
type JobLink struct {
	JobID          string
	SparkHireJobID string
	// QuestionSetID is used for requests that name none; may be empty.
	QuestionSetID string
}

// JobLinks reads the job links of one connection. It is safe for concurrent use.
type JobLinks interface {
	// All returns the links, oldest first; none is an empty slice.
	All(ctx context.Context) ([]JobLink, error)
	// Of returns the link of one job, or an error that matches [ErrNotFound].
	Of(ctx context.Context, jobID string) (JobLink, error)
}

// DecodeSettings decodes a connection's settings, a JSON object, into the struct
// T. Names that T does not have and values that do not fit are refused, all of
// them at once: the error joins a [*SettingsError] for each, and T is zero. Empty
// settings give the zero T. The error repeats names, never values.
func DecodeSettings[T any](settings json.RawMessage) (T, error) {
	var v, none T
	settings = bytes.TrimSpace(settings)
	if len(settings) == 0 || string(settings) == "null" {
		return none, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(settings, &members); err != nil {
		return none, &SettingsError{Problem: "must be one JSON object"}
	}
	whole := decodeStrictly(settings, &v)
	if whole == nil {
		return v, nil
	}
	// The decoder stops at the first problem: ask it about each member.
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member, err := json.Marshal(map[string]json.RawMessage{name: members[name]})
		if err == nil {
			err = decodeStrictly(member, new(T))
		}
		if err != nil {
			errs = append(errs, settingsError(name, err))
		}
	}
	if len(errs) == 0 {
		return none, &SettingsError{Problem: whole.Error()}
	}
	return none, errors.Join(errs...)
}

func decodeStrictly(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// settingsError says what encoding/json found wrong with one setting.
func settingsError(name string, err error) *SettingsError {
	if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if te.Field != "" {
			name = te.Field
		}
		return &SettingsError{Field: name, Problem: "must be " + kindOf(te.Type)}
	}
	// encoding/json has no type for this one.
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if quoted == strconv.Quote(name) {
			return &SettingsError{Field: name, Problem: "there is no such setting"}
		}
		return &SettingsError{Field: name, Problem: "has nothing called " + quoted}
	}
	return &SettingsError{Field: name, Problem: err.Error()}
}

// kindOf names a Go type as an administrator knows it.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, not negative"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	default:
		return "an object"
	}
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
