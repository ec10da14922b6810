package sparkhire

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const integrationKeyPath = "/users/{uuid}/integration_key"

// Secret is text that must not be shown. It prints and logs as [redacted], and is written to JSON as
// that; string(s) is its value.
type Secret string

const redacted = "[redacted]"

// String is not the value.
func (Secret) String() string { return redacted }

// GoString is not the value.
func (Secret) GoString() string { return redacted }

// LogValue is not the value.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is not the value.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText reads the value.
func (s *Secret) UnmarshalText(b []byte) error { *s = Secret(b); return nil }

// IntegrationKey is a user's API key for an integration [modelled: docs/vendors/sparkhire.md]. It
// keeps no raw JSON, which would hold the key in the open.
type IntegrationKey struct {
	UUID      string    `json:"uuid"`
	APIKey    Secret    `json:"api_key"`
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// LogValue is the key's uuid.
func (k IntegrationKey) LogValue() slog.Value { return logUUID(k.UUID) }

// IntegrationKey returns a user's key, or [ErrNotFound] when there is none.
//
// GET /users/{uuid}/integration_key, https://docs.sparkhire.com/
func (s *UsersService) IntegrationKey(ctx context.Context, userUUID string) (*IntegrationKey, error) {
	return s.integrationKey(ctx, http.MethodGet, userUUID, false)
}

// CreateIntegrationKey makes a key for a user. Repeating it is not safe.
//
// POST /users/{uuid}/integration_key, https://docs.sparkhire.com/
func (s *UsersService) CreateIntegrationKey(ctx context.Context, userUUID string) (*IntegrationKey, error) {
	return s.integrationKey(ctx, http.MethodPost, userUUID, true)
}

// RotateIntegrationKey replaces a user's key. The old one presumably dies at once, so the request is
// sent once whatever happens, not even repeated after a refusal; store the answer before anything
// else [assumed: docs/vendors/sparkhire.md].
//
// PUT /users/{uuid}/integration_key, https://docs.sparkhire.com/
func (s *UsersService) RotateIntegrationKey(ctx context.Context, userUUID string) (*IntegrationKey, error) {
	return s.integrationKey(ctx, http.MethodPut, userUUID, true)
}

// RevokeIntegrationKey removes a user's key.
//
// DELETE /users/{uuid}/integration_key, https://docs.sparkhire.com/
func (s *UsersService) RevokeIntegrationKey(ctx context.Context, userUUID string) error {
	return s.client.remove(ctx, integrationKeyPath, userUUID)
}

// integrationKey sends a request without a body that is answered with a key. An answer to a change
// that has no key in it leaves the caller without one, which is an error; a read may well hide it.
func (s *UsersService) integrationKey(ctx context.Context, method, userUUID string, changes bool) (*IntegrationKey, error) {
	req := &httpx.Request{
		Method: method, Path: integrationKeyPath, Args: []string{userUUID}, Once: method == http.MethodPut,
	}
	return call(ctx, s.client, req, func(body []byte) (*IntegrationKey, error) {
		body = wire.Unwrap(body)
		if wire.First(body) != '{' {
			return nil, wire.ErrNotAnObject
		}
		k := new(IntegrationKey)
		if err := json.Unmarshal(body, k); err != nil {
			return nil, err
		}
		if changes && k.APIKey == "" {
			return nil, errNoKey
		}
		return k, nil
	})
}

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (k *IntegrationKey) UnmarshalJSON(b []byte) error {
	type plain IntegrationKey
	return wire.Fill(b, &struct {
		*plain
		CreatedAt timeInto `json:"created_at"`
	}{(*plain)(k), timeInto{&k.CreatedAt}})
}
