package api

import (
	"context"
	"iter"
	"log/slog"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Users calls /v1/users: the people who work in Teamtailor.
type Users struct{ client *client }

// User is one of them. It logs as its id.
type User struct {
	ID    string
	Name  string
	Email string
	Role  string // no_access, user, recruiter, designer, admin, external_recruiter
}

// LogValue shows the id.
func (u User) LogValue() slog.Value { return slog.StringValue("user " + u.ID) }

// UserListOptions narrow a list.
type UserListOptions struct {
	PageOptions
	Email string `url:"filter[email],omitempty"` // a whole address, in any case
}

// Get returns one user.
func (s *Users) Get(ctx context.Context, id string) (*User, error) {
	return one(ctx, s.client, "user", "/v1/users/{id}", id, nil, newUserReader())
}

// List returns a page.
func (s *Users) List(ctx context.Context, opts *UserListOptions) (*Page[User], error) {
	return s.list(opts).page(ctx)
}

// All yields every user that the options let through.
func (s *Users) All(ctx context.Context, opts *UserListOptions) iter.Seq2[User, error] {
	return s.list(opts).all(ctx)
}

func (s *Users) list(opts *UserListOptions) list[User] {
	var o UserListOptions
	if opts != nil {
		o = *opts
	}
	o.Email = strings.ToLower(strings.TrimSpace(o.Email)) // as for candidates [assumed]
	return newList(s.client, "users", "/v1/users", o, newUserReader)
}

type userAttributes struct {
	Name  jsonapi.Text `json:"name"`
	Email jsonapi.Text `json:"email"`
	Role  jsonapi.Text `json:"role"`
}

func newUserReader() reader[User] {
	set := jsonapi.NewSet[userAttributes, struct{}]("users")
	return newReader(&jsonapi.Document{Data: set}, set, func(res *jsonapi.Resource[userAttributes, struct{}]) User {
		a := &res.Attributes
		return User{ID: res.ID, Name: string(a.Name), Email: string(a.Email), Role: string(a.Role)}
	})
}
