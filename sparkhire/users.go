package sparkhire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// User is somebody who works with the account.
type User struct {
	UUID      string `json:"uuid"`
	Name      string `json:"name"`
	FirstName string `json:"first_name"` // may be missing although Name is there
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Avatar    string `json:"avatar"`

	// PermissionLevel is the vendor's word for the role, passed through: the website knows Admin,
	// Standard and Evaluator, the spelling here is not public [modelled: docs/vendors/sparkhire.md].
	PermissionLevel string    `json:"permission_level"`
	CreatedAt       time.Time `json:"created_at,omitzero"`
	UpdatedAt       time.Time `json:"updated_at,omitzero"`

	Raw json.RawMessage `json:"-"` // as received; holds personal data
}

// LogValue is the user's uuid, never a name or an address.
func (u User) LogValue() slog.Value { return logUUID(u.UUID) }

// CreateUserRequest describes a new user. FirstName, LastName and Email are required. The spelling
// of the fields is assumed; Extra is merged last and wins.
type CreateUserRequest struct {
	FirstName       string
	LastName        string
	Email           string
	PermissionLevel string
	Extra           map[string]any
}

// LogValue holds nothing about the person.
func (CreateUserRequest) LogValue() slog.Value { return slog.StringValue("new user") }

// UpdateUserRequest changes a user; a nil field is not sent. Whether the vendor clears what is not
// sent is not public, so send every field. Extra is merged last and wins.
type UpdateUserRequest struct {
	FirstName       *string
	LastName        *string
	Email           *string
	PermissionLevel *string
	Extra           map[string]any
}

// LogValue holds nothing about the person.
func (UpdateUserRequest) LogValue() slog.Value { return slog.StringValue("user change") }

// UsersService manages users and their integration keys. Most of it needs an administrator's key.
type UsersService service

// List returns one page of users; nil options mean the first.
//
// GET /users, https://docs.sparkhire.com/
func (s *UsersService) List(ctx context.Context, opts *ListOptions) (*Page[User], error) {
	o := orZero(opts)
	return list[User](ctx, s.client, "/users", o, o)
}

// All yields every user from the page on that opts describe. See the package comment for what a loop
// over it may rely on.
func (s *UsersService) All(ctx context.Context, opts *ListOptions) iter.Seq2[*User, error] {
	o := orZero(opts)
	return all[User](ctx, o.Offset, func(ctx context.Context, offset int) (*Page[User], error) {
		o := o
		o.Offset = offset
		return s.List(ctx, &o)
	})
}

// Get returns a user, or [ErrNotFound].
//
// GET /users/{uuid}, https://docs.sparkhire.com/
func (s *UsersService) Get(ctx context.Context, uuid string) (*User, error) {
	return get[User](ctx, s.client, "/users/{uuid}", uuid)
}

// Create adds a user. It fails when the address belongs to a user of any account. Repeating it is
// not safe; see [ErrOutcomeUnknown].
//
// POST /users, https://docs.sparkhire.com/
func (s *UsersService) Create(ctx context.Context, req *CreateUserRequest) (*User, error) {
	r := orZero(req)
	if err := need("POST /users", r.Extra,
		argument{"first_name", r.FirstName}, argument{"last_name", r.LastName}, argument{"email", r.Email}); err != nil {
		return nil, err
	}
	return create[User](ctx, s.client, "/users", r.body())
}

// Update changes a user and returns the new state.
//
// PUT /users/{uuid}, https://docs.sparkhire.com/
func (s *UsersService) Update(ctx context.Context, uuid string, req *UpdateUserRequest) (*User, error) {
	r := orZero(req)
	return update[User](ctx, s.client, "/users/{uuid}", r.body(), uuid)
}

// Delete removes a user. Assume that it cannot be undone. One that is not there gives [ErrNotFound].
//
// DELETE /users/{uuid}, https://docs.sparkhire.com/
func (s *UsersService) Delete(ctx context.Context, uuid string) error {
	return s.client.remove(ctx, "/users/{uuid}", uuid)
}

func (u User) id() string { return cmp.Or(u.UUID, u.Email) }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (u *User) UnmarshalJSON(b []byte) error {
	type plain User
	u.Raw = bytes.Clone(b)
	return wire.Fill(b, &struct {
		*plain
		PermissionLevel textInto `json:"permission_level"`
		CreatedAt       timeInto `json:"created_at"`
		UpdatedAt       timeInto `json:"updated_at"`
	}{(*plain)(u), textInto{&u.PermissionLevel}, timeInto{&u.CreatedAt}, timeInto{&u.UpdatedAt}})
}
