package paycortest

import (
	"encoding/json"
	"log/slog"
	"slices"
	"time"
)

// LegalEntityConfig describes a legal entity. What is left empty is made up.
type LegalEntityConfig struct {
	ID       int32 // Paycor's "Client ID"
	TenantID int32 // Paycor's "Company ID"
	// WithoutRecruiting means that the customer does not own the recruiting product: its endpoints are
	// unusable then [documented], which is answered with 404 [assumed].
	WithoutRecruiting bool
}

// LegalEntity is a customer's company.
type LegalEntity struct {
	server   *Server
	cfg      LegalEntityConfig
	accounts []*Account
}

// AddLegalEntity adds a company. Activations that came before do not cover it.
func (s *Server) AddLegalEntity(cfg LegalEntityConfig) *LegalEntity {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cfg.ID == 0 {
		cfg.ID = s.ids.number()
	}
	if cfg.TenantID == 0 {
		cfg.TenantID = s.ids.number()
	}
	e := &LegalEntity{server: s, cfg: cfg}
	s.entities = append(s.entities, e)
	return e
}

// ID returns the legal entity id.
func (e *LegalEntity) ID() int32 { return e.cfg.ID }

// TenantID returns the tenant id.
func (e *LegalEntity) TenantID() int32 { return e.cfg.TenantID }

// AccountConfig describes an ATS account. What is left empty is made up.
type AccountConfig struct {
	ID    string // 32 hexadecimal characters in life [documented]
	Title string
}

// Account is an ATS account.
type Account struct {
	entity *LegalEntity
	cfg    AccountConfig
	jobs   []*Job
}

// AddAccount adds an ATS account.
func (e *LegalEntity) AddAccount(cfg AccountConfig) *Account {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	if cfg.ID == "" {
		cfg.ID = e.server.ids.record()
	}
	if cfg.Title == "" {
		cfg.Title = "Harbor Lane Foods"
	}
	a := &Account{entity: e, cfg: cfg}
	e.accounts = append(e.accounts, a)
	return a
}

// ID returns the ATS account id.
func (a *Account) ID() string { return a.cfg.ID }

// User is a recruiting user, as jobs show them: the only place where the public API does [documented].
type User struct {
	ID        int32
	Email     string // null if empty, and so are the names
	FirstName string
	LastName  string
}

// LogValue shows the id.
func (u User) LogValue() slog.Value { return slog.Int64Value(int64(u.ID)) }

// JobConfig describes a job. What is left empty is made up or absent.
type JobConfig struct {
	ID          string
	Number      string
	Title       string
	Description string // HTML
	Status      string // "ACTIVE" by default [documented]

	Openings        int32 // 1 by default
	Confidential    bool
	Internal        bool
	PostedToCareers bool
	City, PostCode  string // no location if both are empty

	// The people, who are shown to those who ask for them with include [documented].
	HiringManagers, Recruiters, TeamMembers, Executives []User

	// Created and Modified are now by default. They are shown in UTC with milliseconds [documented].
	Created, Modified time.Time

	// NumericTexts writes number and postalCode as JSON numbers, as the published examples do
	// [documented].
	NumericTexts bool
}

// Job is a job.
type Job struct {
	account    *Account
	id         string // never changes
	cfg        JobConfig
	candidates []*Candidate
}

// AddJob adds a job.
func (a *Account) AddJob(cfg JobConfig) *Job {
	s := a.entity.server
	s.mu.Lock()
	defer s.mu.Unlock()
	orText(&cfg.ID, s.ids.record)
	orText(&cfg.Number, func() string { return "214" })
	orText(&cfg.Title, func() string { return "Shift Supervisor" })
	orText(&cfg.Status, func() string { return "ACTIVE" })
	orTime(&cfg.Created, s.now())
	orTime(&cfg.Modified, cfg.Created)
	if cfg.Openings == 0 {
		cfg.Openings = 1
	}
	j := &Job{account: a, id: cfg.ID, cfg: cfg}
	a.jobs = append(a.jobs, j)
	return j
}

// ID returns the job's id.
func (j *Job) ID() string { return j.id }

// Update changes the job; change must not use the server. Its modified date becomes now, unless change sets it.
func (j *Job) Update(change func(*JobConfig)) {
	s := j.account.entity.server
	s.mu.Lock()
	defer s.mu.Unlock()
	before := j.cfg.Modified
	change(&j.cfg)
	j.cfg.ID = j.id
	if j.cfg.Modified.Equal(before) {
		j.cfg.Modified = s.now()
	}
}

// Remove deletes the job with its candidates.
func (j *Job) Remove() {
	j.account.entity.server.mu.Lock()
	defer j.account.entity.server.mu.Unlock()
	j.account.jobs = slices.DeleteFunc(j.account.jobs, func(other *Job) bool { return other == j })
}

// CandidateConfig describes a candidate. What is left empty is absent, but for the id and the names.
type CandidateConfig struct {
	ID            string
	Email         string // none if empty
	AltEmail      string
	FirstName     string // "Maya" and "Okafor" by default
	LastName      string
	PreferredName string
	MobilePhone   string
	PostalCode    string
	Source        string
	// Stage and Status are opaque numbers: what they mean after the first ones is not published.
	Stage, Status int32
	// Resume is HTML. Every candidate has one, so that a program that keeps or logs it is found out.
	Resume string

	// Created and Modified are now by default, and shown in UTC.
	Created, Modified time.Time
	// DateLayout is how the two dates are written, "01/02/2006" by default: their example is
	// 01/01/2024 and their format is not documented [documented]. Any layout of package time will do.
	DateLayout string
	// NumericTexts writes postalCode, mobilePhone and source as JSON numbers where they are numbers, as
	// the published examples do [documented].
	NumericTexts bool
}

// LogValue shows the id.
func (c CandidateConfig) LogValue() slog.Value { return slog.StringValue("candidate " + c.ID) }

// Candidate is one person's record for one job.
type Candidate struct {
	job *Job
	id  string // never changes
	cfg CandidateConfig
}

// CandidateRef names a candidate record, to the [Server] and to the [Host] alike.
type CandidateRef struct {
	LegalEntityID int32
	AccountID     string
	JobID         string
	CandidateID   string
}

// AddCandidate adds a candidate to the job.
func (j *Job) AddCandidate(cfg CandidateConfig) *Candidate {
	j.account.entity.server.mu.Lock()
	defer j.account.entity.server.mu.Unlock()
	return j.add(cfg)
}

func (j *Job) add(cfg CandidateConfig) *Candidate {
	s := j.account.entity.server
	orText(&cfg.ID, s.ids.record)
	orText(&cfg.FirstName, func() string { return "Maya" })
	orText(&cfg.LastName, func() string { return "Okafor" })
	orText(&cfg.DateLayout, func() string { return "01/02/2006" })
	orTime(&cfg.Created, s.now())
	orTime(&cfg.Modified, cfg.Created)
	c := &Candidate{job: j, id: cfg.ID, cfg: cfg}
	j.candidates = append(j.candidates, c)
	return c
}

// ID returns the candidate's id.
func (c *Candidate) ID() string { return c.id }

// Ref names the candidate.
func (c *Candidate) Ref() CandidateRef {
	return CandidateRef{
		LegalEntityID: c.job.account.entity.cfg.ID, AccountID: c.job.account.cfg.ID, JobID: c.job.id, CandidateID: c.id,
	}
}

// Update changes the candidate; change must not use the server. Its modified date becomes now, unless change sets it.
func (c *Candidate) Update(change func(*CandidateConfig)) {
	s := c.job.account.entity.server
	s.mu.Lock()
	defer s.mu.Unlock()
	before := c.cfg.Modified
	change(&c.cfg)
	c.cfg.ID = c.id
	if c.cfg.Modified.Equal(before) {
		c.cfg.Modified = s.now()
	}
}

// Remove deletes the candidate.
func (c *Candidate) Remove() {
	c.job.account.entity.server.mu.Lock()
	defer c.job.account.entity.server.mu.Unlock()
	c.job.candidates = slices.DeleteFunc(c.job.candidates, func(other *Candidate) bool { return other == c })
}

// Exists reports whether a candidate is there.
func (s *Server) Exists(ref CandidateRef) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entities {
		if j := e.job(ref.AccountID, ref.JobID); j != nil && e.cfg.ID == ref.LegalEntityID && j.candidate(ref.CandidateID) != nil {
			return true
		}
	}
	return false
}

func (e *LegalEntity) account(id string) *Account {
	i := slices.IndexFunc(e.accounts, func(a *Account) bool { return a.cfg.ID == id })
	if i < 0 {
		return nil
	}
	return e.accounts[i]
}

func (e *LegalEntity) job(account, id string) *Job {
	a := e.account(account)
	if a == nil {
		return nil
	}
	i := slices.IndexFunc(a.jobs, func(j *Job) bool { return j.cfg.ID == id })
	if i < 0 {
		return nil
	}
	return a.jobs[i]
}

func (j *Job) candidate(id string) *Candidate {
	i := slices.IndexFunc(j.candidates, func(c *Candidate) bool { return c.cfg.ID == id })
	if i < 0 {
		return nil
	}
	return j.candidates[i]
}

func orText(v *string, fallback func() string) {
	if *v == "" {
		*v = fallback()
	}
}

func orTime(v *time.Time, fallback time.Time) {
	if v.IsZero() {
		*v = fallback
	}
}

// nullable is null when empty.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// maybeNumber is a JSON number where asked for and possible.
func maybeNumber(s string, asked bool) any {
	if asked && s != "" && s[0] != '0' && json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	return nullable(s)
}
