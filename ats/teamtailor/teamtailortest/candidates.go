package teamtailortest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
)

// CandidateConfig describes a person who applies, or was sourced.
type CandidateConfig struct {
	FirstName  string
	LastName   string
	Email      string // empty only for sourced candidates, who need none
	Phone      string
	PictureURL string
	Tags       []string
	Department string
	Role       string
	Sourced    bool
	Locations  []Location
	Questions  []Question
	// Extra is added to the candidate of partner events: members that the simulator does not model, such as "job-offers",
	// "onboardings", "uploads" and "resume", which the vendor sends only when it enabled them for the partner.
	Extra map[string]json.RawMessage
}

// LogValue keeps the person out of logs.
func (c CandidateConfig) LogValue() slog.Value { return slog.GroupValue() }

// Location is where a candidate wants to work.
type Location struct{ Name, Address string }

// Question is an application question with its answer: a string, or a list for a choice.
type Question struct {
	Question string
	Answer   any
}

// Candidate is a person. ID is a JSON number in partner events and a string in the public API.
type Candidate struct {
	ID   int
	UUID string

	company *Company
	created time.Time

	// The rest is guarded by server.mu.
	info      CandidateConfig
	updated   time.Time
	more      map[string]any // attributes of the public API that mean nothing here
	values    map[*CustomField]*fieldValue
	destroyed bool
}

// application is a candidate in a job.
type application struct {
	id          int
	candidate   *Candidate
	job         *Job
	stage       *Stage
	coverLetter string
	created     time.Time
	updated     time.Time
	moved       time.Time
	rejectedAt  time.Time
	entered     map[*Stage]bool
}

// AddCandidate adds a person.
func (c *Company) AddCandidate(cfg CandidateConfig) *Candidate {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.addCandidate(cfg)
}

// addCandidate is AddCandidate for callers that hold server.mu.
func (c *Company) addCandidate(cfg CandidateConfig) *Candidate {
	s := c.server
	cfg.Tags, cfg.Locations = slices.Clone(cfg.Tags), slices.Clone(cfg.Locations)
	cfg.Questions, cfg.Extra = slices.Clone(cfg.Questions), maps.Clone(cfg.Extra)
	now := s.now()
	n := &Candidate{
		ID: s.ids.next(idCandidate), UUID: s.ids.uuid(), company: c, info: cfg,
		created: now, updated: now, values: map[*CustomField]*fieldValue{},
	}
	c.candidates = append(c.candidates, n)
	c.emit("candidate.create", n.ID, n.webhookAttributes())
	return n
}

// LogValue names the candidate by id only.
func (n *Candidate) LogValue() slog.Value { return slog.GroupValue(slog.Int("id", n.ID)) }

// Update changes the person's details through change, and fires candidate.update if anything did change. Custom fields
// are set with [Candidate.SetField]. It does nothing to a destroyed candidate.
func (n *Candidate) Update(change func(*CandidateConfig)) {
	s := n.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.destroyed {
		return
	}
	before := compactJSON(n.info)
	change(&n.info)
	if string(before) != string(compactJSON(n.info)) {
		n.touch()
	}
}

// touch notes a change that fires candidate.update. Callers hold server.mu.
func (n *Candidate) touch() {
	n.updated = n.company.server.now()
	n.company.emit("candidate.update", n.ID, n.webhookAttributes())
}

// SetField sets a custom field by its API name. The value is a string; a bool for checkbox; a number or numeric string for
// number; an option's text or a list of them for select and multiselect. Nil and "" remove the value. It returns
// [ErrNotFound] for unknown fields and destroyed candidates, and an error for values that the field does not take.
func (n *Candidate) SetField(apiName string, value any) error {
	s := n.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.destroyed {
		return fmt.Errorf("set field of candidate %d: %w", n.ID, ErrNotFound)
	}
	if err := n.company.setField(ownerCandidate, n.values, apiName, value); err != nil {
		return fmt.Errorf("set field of candidate %d: %w", n.ID, err)
	}
	n.touch()
	return nil
}

// Reject rejects the candidate's application to job. It returns [ErrNotFound] without one.
func (n *Candidate) Reject(job *Job) error { return n.setRejected(job, true) }

// Restore takes a rejection back.
func (n *Candidate) Restore(job *Job) error { return n.setRejected(job, false) }

// setRejected fires job_application.update only if something changes.
func (n *Candidate) setRejected(job *Job, rejected bool) error {
	s := n.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	a := n.company.application(n, job)
	if a == nil {
		return fmt.Errorf("find application of candidate %d: %w", n.ID, ErrNotFound)
	}
	if !a.rejectedAt.IsZero() == rejected {
		return nil
	}
	a.rejectedAt = time.Time{}
	if rejected {
		a.rejectedAt = s.now()
	}
	a.touch()
	return nil
}

// touch notes a change that fires job_application.update. Callers hold server.mu.
func (a *application) touch() {
	a.updated = a.job.company.server.now()
	a.job.company.emit("job_application.update", a.id, a.webhookAttributes())
}

// RemoveApplication deletes the candidate's application to job and keeps the person, as the rule for rejected applications
// does. It returns [ErrNotFound] without one.
func (n *Candidate) RemoveApplication(job *Job) error {
	s := n.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	a := n.company.application(n, job)
	if a == nil {
		return fmt.Errorf("find application of candidate %d: %w", n.ID, ErrNotFound)
	}
	n.company.removeApplications(func(other *application) bool { return other == a })
	return nil
}

// Destroy deletes the person with everything about them, at once and for good, and fires candidate.destroy. The integration
// itself gets no signal; its partner results are gone from the Partner API. [documented: docs/vendors/teamtailor.md] for the
// deletion and the event, [assumed] for the partner results. Repeating it does nothing.
func (n *Candidate) Destroy() {
	s := n.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.destroyed {
		return
	}
	for _, r := range s.results {
		if r.candidate == n {
			r.remove(BySystem)
		}
	}
	n.vanish()
}

// MergeInto merges the person into another one and cannot be undone: applications and partner results, with their ids,
// pass to the survivor. [documented: docs/vendors/teamtailor.md] One id survives. [assumed] The loser fires
// candidate.destroy and partner results survive.
func (n *Candidate) MergeInto(survivor *Candidate) {
	s := n.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.destroyed || n == survivor || n.company != survivor.company {
		return
	}
	for _, r := range s.results {
		if r.candidate == n {
			r.candidate = survivor
		}
	}
	for _, a := range n.company.applications {
		if a.candidate == n && n.company.application(survivor, a.job) == nil {
			a.candidate = survivor
		}
	}
	n.vanish()
	s.notify()
}

// vanish removes the record itself. Callers hold server.mu.
func (n *Candidate) vanish() {
	c := n.company
	n.destroyed = true
	n.info = CandidateConfig{}
	clear(n.values)
	c.removeApplications(func(a *application) bool { return a.candidate == n })
	c.notes = slices.DeleteFunc(c.notes, func(x *note) bool { return x.candidate == n })
	c.candidates = slices.DeleteFunc(c.candidates, func(other *Candidate) bool { return other == n })
	c.emit("candidate.destroy", n.ID, nil)
}

// removeApplications deletes applications and fires job_application.destroy for each. Callers hold server.mu.
func (c *Company) removeApplications(gone func(*application) bool) {
	c.applications = slices.DeleteFunc(c.applications, func(a *application) bool {
		if gone(a) {
			c.emit("job_application.destroy", a.id, nil)
			return true
		}
		return false
	})
}

// application returns the candidate's application to job, nil without one. Callers hold server.mu.
func (c *Company) application(n *Candidate, job *Job) *application {
	for _, a := range c.applications {
		if a.candidate == n && a.job == job {
			return a
		}
	}
	return nil
}

// candidateByEmail finds a person, whatever the case of the address. Callers hold server.mu.
func (c *Company) candidateByEmail(email string) *Candidate {
	for _, n := range c.candidates {
		if email != "" && strings.EqualFold(n.info.Email, email) {
			return n
		}
	}
	return nil
}
