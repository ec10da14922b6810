package paycortest

import (
	"log/slog"
	"slices"
	"time"
)

// Toggle is one of the switches of an application's Data Access page [documented:
// docs/vendors/paycor.md].
type Toggle string

// The recruiting toggles.
const (
	ViewAccounts    Toggle = "View ATS Accounts By Legal Entity Id"
	ViewJobs        Toggle = "View ATS Account jobs by ATS Account ID"
	ViewJob         Toggle = "View ATS Account Job by ATS Job Id"
	ViewCandidates  Toggle = "View ATS Candidates By Job Id"
	ViewCandidate   Toggle = "View ATS Candidate by Candidate Id"
	CreateCandidate Toggle = "Create ATS Candidate"
)

// ApplicationConfig describes an application of the developer portal. What is left empty is made up.
type ApplicationConfig struct {
	ClientID        string
	ClientSecret    string
	SubscriptionKey string
	// Scope is the scope version identifier.
	Scope string
	// RedirectURLs are the Approved Return OAuth URLs.
	RedirectURLs []string
	// DataAccess are the toggles that are on; nil means all that read.
	DataAccess []Toggle
}

// Application is an application of the developer portal.
type Application struct {
	server    *Server
	cfg       ApplicationConfig
	refreshes []Refresh
	grants    []*grant
}

// RegisterApplication does what an administrator does in the developer portal.
func (s *Server) RegisterApplication(cfg ApplicationConfig) *Application {
	s.mu.Lock()
	defer s.mu.Unlock()
	orSecret := func(v *string, n int) {
		if *v == "" {
			*v = s.ids.secret(n)
		}
	}
	orSecret(&cfg.ClientID, 10)
	orSecret(&cfg.ClientSecret, 20)
	orSecret(&cfg.SubscriptionKey, 16)
	if cfg.Scope == "" {
		cfg.Scope = s.ids.guid()
	}
	if cfg.DataAccess == nil {
		cfg.DataAccess = []Toggle{ViewAccounts, ViewJobs, ViewJob, ViewCandidates, ViewCandidate}
	}
	cfg.RedirectURLs, cfg.DataAccess = slices.Clone(cfg.RedirectURLs), slices.Clone(cfg.DataAccess)
	a := &Application{server: s, cfg: cfg}
	s.applications = append(s.applications, a)
	return a
}

// ClientID returns the OAuth client ID.
func (a *Application) ClientID() string { return a.cfg.ClientID }

// ClientSecret returns the client secret.
func (a *Application) ClientSecret() string { return a.cfg.ClientSecret }

// SubscriptionKey returns the APIm subscription key.
func (a *Application) SubscriptionKey() string { return a.cfg.SubscriptionKey }

// Scope returns the scope version identifier.
func (a *Application) Scope() string { return a.cfg.Scope }

// LogValue shows the client ID.
func (a *Application) LogValue() slog.Value { return slog.StringValue("application " + a.cfg.ClientID) }

// SetDataAccess replaces the toggles. They hold at once, also for tokens that were given out before
// [assumed].
func (a *Application) SetDataAccess(on ...Toggle) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.cfg.DataAccess = slices.Clone(on)
}

// Refresh is one attempt to renew tokens.
type Refresh struct {
	At time.Time
	// Form is "A" or "B".
	Form string
	// Refused says that the token was not accepted.
	Refused bool
	// Reused says that the token had been used before, which disconnects a customer in life.
	Reused bool
}

// Refreshes returns every attempt to renew tokens of the application, in order.
func (a *Application) Refreshes() []Refresh {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return slices.Clone(a.refreshes)
}

// ReusedTokens returns how often a used refresh token was presented again. It must stay 0 unless an
// answer was lost.
func (a *Application) ReusedTokens() int {
	n := 0
	for _, r := range a.Refreshes() {
		if r.Reused {
			n++
		}
	}
	return n
}

// Revoke ends every activation: access tokens answer 401 and refresh tokens 400 from then on.
func (a *Application) Revoke() {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	for _, g := range a.grants {
		g.revoked = true
	}
}

// ExpireAccess ends every access token that was given out so far, as if its half hour were over.
// Refresh tokens stay good.
func (a *Application) ExpireAccess() {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	for _, t := range a.server.access {
		if t.grant.application == a {
			t.expires = a.server.now()
		}
	}
}

// Tokens are what a sign-in yields.
type Tokens struct {
	Access  string
	Refresh string    // empty when offline_access was not asked for
	Expires time.Time // of the access token, UTC
}

// LogValue hides the tokens.
func (t Tokens) LogValue() slog.Value { return slog.TimeValue(t.Expires) }

// GoString hides the tokens.
func (t Tokens) GoString() string { return t.String() }

// String hides the tokens.
func (t Tokens) String() string { return "tokens until " + t.Expires.Format(time.RFC3339) }

// Activate gives out tokens as if an administrator had signed in and the code had been exchanged, for
// tests that begin after that. Without entities it is for all that the server has.
func (a *Application) Activate(entities ...*LegalEntity) Tokens {
	s := a.server
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issue(a.grant(entities, true))
}

// grant is an activation.
type grant struct {
	application *Application
	entities    []*LegalEntity
	offline     bool
	revoked     bool
}

func (a *Application) grant(entities []*LegalEntity, offline bool) *grant {
	if len(entities) == 0 {
		entities = a.server.entities
	}
	g := &grant{application: a, entities: slices.Clone(entities), offline: offline}
	a.grants = append(a.grants, g)
	return g
}

func (a *Application) may(t Toggle) bool { return slices.Contains(a.cfg.DataAccess, t) }
