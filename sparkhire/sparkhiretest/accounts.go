package sparkhiretest

import (
	"fmt"
	"time"
)

// Account is a customer of Spark Hire. Nothing crosses from one account to another, except that an e-mail address
// belongs to one user only.
type Account struct {
	// ID is the UUID of the account's company. The server sets it.
	ID string
	// Name of the company.
	Name string
	// Plan of the account. A zero plan becomes "Growth" with 1,000 active jobs and 1,000 users.
	Plan Plan
}

// Plan is what an account has bought. Creating past a limit through the API is refused.
// [modeled: the fields; documented for the website: only active jobs count; docs/vendors/sparkhire.md]
type Plan struct {
	Name string
	// ActiveJobs is how many jobs may be active at a time.
	ActiveJobs int
	// Users is how many users there may be, disabled ones included.
	Users    int
	Products []string
}

type account struct {
	id, name  string
	plan      Plan
	createdAt time.Time
}

// companyJSON is a company as /companies shows it. [modeled; observed: name and avatar; docs/vendors/sparkhire.md]
type companyJSON struct {
	UUID      string   `json:"uuid"`
	Name      string   `json:"name"`
	Avatar    *string  `json:"avatar"`
	CreatedAt wireTime `json:"created_at"`
}

// planJSON is [modeled: docs/vendors/sparkhire.md].
type planJSON struct {
	Name       string   `json:"name"`
	ActiveJobs int      `json:"active_jobs_limit"`
	Users      int      `json:"users_limit"`
	Products   []string `json:"products"`
}

// Account returns the account that every server begins with.
func (s *Server) Account() Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accounts[0].snapshot()
}

// AddAccount adds another account and returns it with its ID.
func (s *Server) AddAccount(a Account) Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addAccount(a).snapshot()
}

// SetPlan changes what an account has bought; what is there already stays. An empty ID is the first account. It panics when there is no such account.
func (s *Server) SetPlan(accountID string, p Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustAccount(accountID).plan = p
}

func (s *Server) addAccount(a Account) *account {
	if a.Plan.Name == "" && a.Plan.ActiveJobs == 0 && a.Plan.Users == 0 && a.Plan.Products == nil {
		a.Plan = Plan{Name: "Growth", ActiveJobs: 1000, Users: 1000, Products: []string{"video_interviews"}}
	}
	rec := &account{id: s.cfg.ids.uuid(), name: a.Name, plan: a.Plan, createdAt: s.moment()}
	s.accounts = append(s.accounts, rec)
	return rec
}

// moment is now as records keep it: UTC, whole seconds. [observed: no fractions; docs/vendors/sparkhire.md]
func (s *Server) moment() time.Time { return s.cfg.now().UTC().Truncate(time.Second) }

// mustAccount finds an account for the Go methods; an empty ID is the first one.
func (s *Server) mustAccount(id string) *account {
	if id == "" {
		return s.accounts[0]
	}
	for _, a := range s.accounts {
		if a.id == id {
			return a
		}
	}
	panic(fmt.Sprintf("sparkhiretest: there is no account %q", id))
}

func (a *account) snapshot() Account { return Account{ID: a.id, Name: a.name, Plan: a.plan} }

func (a *account) json() companyJSON {
	return companyJSON{UUID: a.id, Name: a.name, CreatedAt: wireTime(a.createdAt)}
}

func (s *Server) getMe(c *call) (any, *problem) { return s.userJSON(c.user), nil }

func (s *Server) getPlan(c *call) (any, *problem) {
	p := c.user.account.plan
	return planJSON{p.Name, p.ActiveJobs, p.Users, append([]string{}, p.Products...)}, nil
}

// getCompany shows a user the own company and no other. [assumed: docs/vendors/sparkhire.md]
func (s *Server) getCompany(c *call) (any, *problem) {
	if c.args["uuid"] != c.user.account.id {
		return nil, notFound("Company")
	}
	return c.user.account.json(), nil
}
