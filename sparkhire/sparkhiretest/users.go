package sparkhiretest

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Role is what a user may do: [Standard] users create jobs and invite, an [Admin] also manages users, an
// [Evaluator] only reads. [documented for the website: docs/vendors/sparkhire.md]
type Role int

// The roles; the zero value is Standard. Their spelling on the wire is in [Words].
const (
	Standard Role = iota
	Admin
	Evaluator
)

// User is a person of an account who may hold an API key.
type User struct {
	// ID is the user's UUID. The server sets it.
	ID string
	// AccountID says where the user belongs; empty is the first account.
	AccountID string
	// Name is the full name. The part before the first space is shown as the first name.
	Name string
	// Email must differ from that of every other user of the server.
	Email string
	Role  Role
	// Key is the API key. [Server.AddUser] makes one up when it is empty.
	Key string
	// Disabled users cannot use their key.
	Disabled bool
}

// String names the user by ID only: name, address and key stay out of logs.
func (u User) String() string { return "user " + u.ID }

// LogValue implements slog.LogValuer.
func (u User) LogValue() slog.Value { return slog.StringValue(u.String()) }

type user struct {
	id                   string
	account              *account
	first, last, email   string
	role                 Role
	key, keyID           string
	keyMadeAt            time.Time
	disabled, deleted    bool
	createdAt, updatedAt time.Time
}

// userJSON is a user as /me and /users show it.
// [assumed: a Person; modeled: permission_level and the times; docs/vendors/sparkhire.md]
type userJSON struct {
	UUID      string   `json:"uuid"`
	Name      string   `json:"name"`
	FirstName string   `json:"first_name"`
	LastName  string   `json:"last_name"`
	Email     string   `json:"email"`
	Avatar    *string  `json:"avatar"`
	Level     string   `json:"permission_level"`
	CreatedAt wireTime `json:"created_at"`
	UpdatedAt wireTime `json:"updated_at"`
}

// personJSON is a person inside another object, without the split name. [observed: docs/vendors/sparkhire.md]
type personJSON struct {
	UUID   string  `json:"uuid"`
	Name   string  `json:"name"`
	Email  string  `json:"email"`
	Avatar *string `json:"avatar"`
}

// AddUser adds a user as if an administrator had done so on the website, and returns it with ID and key. It panics
// when the account is unknown or another user has the address or the key.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.addressTaken(u.Email, nil) || s.keys[u.Key] != nil {
		panic("sparkhiretest: add user: another user has this e-mail address or key")
	}
	rec := &user{account: s.mustAccount(u.AccountID), email: u.Email, role: u.Role, disabled: u.Disabled}
	rec.first, rec.last, _ = strings.Cut(u.Name, " ")
	s.keepUser(rec)
	if u.Key == "" {
		u.Key = s.cfg.ids.secret()
	}
	s.giveKey(rec, u.Key)
	return rec.snapshot()
}

// User returns a user as it is now, with the current key. It reports false when there is none or it was deleted.
func (s *Server) User(id string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users.get(id)
	if !ok || u.deleted {
		return User{}, false
	}
	return u.snapshot(), true
}

// SetUserDisabled disables a user, and with it the key, or enables both again. Webhooks of a disabled user rest.
// It returns [ErrNotFound] when there is no such user. Repeating it changes nothing.
// [documented: the key; assumed: webhooks; docs/vendors/sparkhire.md]
func (s *Server) SetUserDisabled(id string, disabled bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.users.get(id)
	if !ok || u.deleted {
		return fmt.Errorf("set user %s disabled: %w", id, ErrNotFound)
	}
	u.disabled = disabled
	return nil
}

func (s *Server) keepUser(u *user) {
	u.id = s.cfg.ids.uuid()
	u.createdAt = s.moment()
	u.updatedAt = u.createdAt
	s.users.add(u.id, u)
}

// addressTaken reports whether a user other than except has the address, in any account.
// [documented for the website: docs/vendors/sparkhire.md]
func (s *Server) addressTaken(email string, except *user) bool {
	for _, u := range s.users.list {
		if u != except && !u.deleted && sameAddress(u.email, email) {
			return true
		}
	}
	return false
}

func (u *user) name() string { return strings.TrimSpace(u.first + " " + u.last) }

func (u *user) snapshot() User {
	return User{
		ID: u.id, AccountID: u.account.id, Name: u.name(), Email: u.email, Role: u.role, Key: u.key, Disabled: u.disabled,
	}
}

func (s *Server) userJSON(u *user) userJSON {
	return userJSON{
		UUID: u.id, Name: u.name(), FirstName: u.first, LastName: u.last, Email: u.email,
		Level: s.cfg.words.role(u.role), CreatedAt: wireTime(u.createdAt), UpdatedAt: wireTime(u.updatedAt),
	}
}

// person renders a user inside another object; nobody is null.
func (u *user) person() *personJSON {
	if u == nil {
		return nil
	}
	return &personJSON{UUID: u.id, Name: u.name(), Email: u.email}
}

func (w Words) role(r Role) string {
	switch r {
	case Admin:
		return w.Admin
	case Evaluator:
		return w.Evaluator
	default:
		return w.Standard
	}
}
