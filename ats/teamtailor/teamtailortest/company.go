package teamtailortest

import (
	"log/slog"
	"time"
)

// CompanyConfig describes an employer.
type CompanyConfig struct {
	// UUID is a short opaque string. Default: random.
	UUID string
	Name string // default "Example Care AB"
	// URL is the career site. Default "https://career.example.com".
	URL      string
	Logotype string // a URL; may be empty
	// APIToken is the company's first API token, of scope Admin with read and write. Default: random.
	APIToken string
}

// LogValue keeps the token out of logs.
func (c CompanyConfig) LogValue() slog.Value {
	return slog.GroupValue(slog.String("uuid", c.UUID), slog.String("name", c.Name))
}

// Company is an employer with its users, jobs and candidates. Its fields do not change.
type Company struct {
	UUID     string
	Name     string
	URL      string
	Logotype string

	server *Server

	// The rest is guarded by server.mu. Slices are in the order of their ids.
	tokens       []apiToken
	users        []*User
	jobs         []*Job
	stages       []*Stage
	candidates   []*Candidate
	applications []*application
	fields       []*CustomField
	notes        []*note
	hooks        []*CompanyWebhook
}

// AddCompany adds an employer to the stack. It panics if the UUID or the API token is taken.
func (s *Server) AddCompany(cfg CompanyConfig) *Company {
	c := &Company{UUID: cfg.UUID, Name: cfg.Name, URL: cfg.URL, Logotype: cfg.Logotype, server: s}
	if c.UUID == "" {
		c.UUID = s.ids.companyUUID()
	}
	if c.Name == "" {
		c.Name = "Example Care AB"
	}
	if c.URL == "" {
		c.URL = "https://career.example.com"
	}
	token := cfg.APIToken
	if token == "" {
		token = s.ids.token()
	}
	c.tokens = []apiToken{{value: token, scope: ScopeAdmin, access: ReadWrite}}

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.companies {
		if other.UUID == c.UUID {
			panic("teamtailortest: two companies cannot share a UUID")
		}
		if _, taken := other.token(token); taken {
			panic("teamtailortest: two companies cannot share an API token")
		}
	}
	s.companies = append(s.companies, c)
	return c
}

// Scope is what an API token may see. [documented: docs/vendors/teamtailor.md]
type Scope string

// The scopes. Everything the simulator serves needs [ScopeAdmin], except jobs, users and their like.
const (
	ScopePublic   Scope = "public"
	ScopeInternal Scope = "internal"
	ScopeAdmin    Scope = "admin"
)

// Access is what an API token may do.
type Access string

// The kinds of access.
const (
	ReadOnly  Access = "read"
	WriteOnly Access = "write"
	ReadWrite Access = "read-write"
)

type apiToken struct {
	value  string
	scope  Scope
	access Access
}

// APIToken returns the company's first API token. It is the one an admin picks during installation when the partner asks
// for a token.
func (c *Company) APIToken() string {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if len(c.tokens) == 0 {
		return ""
	}
	return c.tokens[0].value
}

// AddAPIToken makes another token. Tokens cannot be edited, only deleted. [documented: docs/vendors/teamtailor.md]
func (c *Company) AddAPIToken(scope Scope, access Access) string {
	token := c.server.ids.token()
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.tokens = append(c.tokens, apiToken{value: token, scope: scope, access: access})
	return token
}

// DeleteAPIToken takes a token away: the public API answers 401 to it from now on. Deleting an unknown token does nothing.
func (c *Company) DeleteAPIToken(token string) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for i, t := range c.tokens {
		if t.value == token {
			c.tokens = append(c.tokens[:i:i], c.tokens[i+1:]...)
			return
		}
	}
}

// token finds an API token. Callers hold server.mu.
func (c *Company) token(value string) (apiToken, bool) {
	for _, t := range c.tokens {
		if t.value == value {
			return t, true
		}
	}
	return apiToken{}, false
}

// installToken returns the token that an admin would pick during installation: the first of sufficient scope. Callers
// hold server.mu.
func (c *Company) installToken() (string, bool) {
	for _, t := range c.tokens {
		if t.scope == ScopeAdmin && t.access == ReadWrite {
			return t.value, true
		}
	}
	return "", false
}

// LogValue keeps the tokens out of logs.
func (c *Company) LogValue() slog.Value {
	return slog.GroupValue(slog.String("uuid", c.UUID), slog.String("name", c.Name))
}

// UserConfig describes a person who works in Teamtailor.
type UserConfig struct {
	Name  string
	Email string
	Phone string
	Title string
	// Role is "no_access", "user", "recruiter" (default), "designer", "admin" or "external_recruiter".
	Role       string
	ExternalID string
}

// LogValue keeps the person out of logs.
func (c UserConfig) LogValue() slog.Value { return slog.GroupValue(slog.String("role", c.Role)) }

// User is a person who works in Teamtailor. Its fields do not change.
type User struct {
	ID         int
	Name       string
	Email      string
	Phone      string
	Title      string
	Role       string
	ExternalID string

	company *Company
	created time.Time
}

// AddUser adds a user.
func (c *Company) AddUser(cfg UserConfig) *User {
	u := &User{
		ID: c.server.ids.next(idUser), Name: cfg.Name, Email: cfg.Email, Phone: cfg.Phone, Title: cfg.Title,
		Role: cfg.Role, ExternalID: cfg.ExternalID, company: c, created: c.server.now(),
	}
	if u.Role == "" {
		u.Role = "recruiter"
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.users = append(c.users, u)
	return u
}

// LogValue names the user by id only.
func (u *User) LogValue() slog.Value { return slog.GroupValue(slog.Int("id", u.ID)) }
