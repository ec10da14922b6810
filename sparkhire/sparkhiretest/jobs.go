package sparkhiretest

import (
	"encoding/json"
	"fmt"
	"time"
)

// Job is a position that interviews belong to.
type Job struct {
	// ID is the job's UUID. The server sets it.
	ID string
	// AccountID says where the job belongs; empty is the first account, or that of CreatedBy.
	AccountID   string
	Title       string
	Description string
	// Address is the location's formatted address.
	Address string
	// Inactive jobs take no new interviews, and candidates cannot enter theirs.
	// [documented for the website: docs/vendors/sparkhire.md]
	Inactive bool
	// CreatedBy is the ID of a user, or empty.
	CreatedBy string
	// Deleted is set once the job is gone; it is not an input.
	Deleted bool
}

type job struct {
	id                   string
	account              *account
	title, description   string
	location             map[string]any
	inactive, deleted    bool
	createdBy            *user
	viewers              map[string]bool // nil: everybody in the account
	createdAt, updatedAt time.Time
	statusUpdatedAt      time.Time
}

// jobJSON is a job as the API shows it.
// [observed: all but description; modeled: description; docs/vendors/sparkhire.md]
type jobJSON struct {
	UUID            string         `json:"uuid"`
	Title           string         `json:"title"`
	Description     string         `json:"description"`
	Status          string         `json:"status"`
	StatusUpdatedAt wireTime       `json:"status_updated_at"`
	CreatedAt       wireTime       `json:"created_at"`
	UpdatedAt       wireTime       `json:"updated_at"`
	Location        map[string]any `json:"location"`
	CreatedBy       *personJSON    `json:"created_by"`
}

// AddJob adds a job as if somebody had made it on the website, past all limits, and returns it with its ID. It
// panics when the account or the user is unknown.
func (s *Server) AddJob(j Job) Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	rec := &job{title: j.Title, description: j.Description, inactive: j.Inactive, createdBy: s.mustUser(j.CreatedBy)}
	rec.account = s.mustAccount(j.AccountID)
	if j.AccountID == "" && rec.createdBy != nil {
		rec.account = rec.createdBy.account
	}
	if j.Address != "" {
		rec.location = map[string]any{"formatted_address": j.Address}
	}
	s.keepJob(rec)
	s.kick()
	return rec.snapshot()
}

// mustUser finds a user for the Go methods; an empty ID is nobody.
func (s *Server) mustUser(id string) *user {
	if id == "" {
		return nil
	}
	u, ok := s.users.get(id)
	if !ok {
		panic(fmt.Sprintf("sparkhiretest: there is no user %q", id))
	}
	return u
}

// Job returns a job as it is now, deleted ones included; false when there never was one.
func (s *Server) Job(id string) (Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ok := s.jobs.get(id)
	if !ok {
		return Job{}, false
	}
	return j.snapshot(), true
}

// Jobs returns all jobs in the order of their making, deleted ones included.
func (s *Server) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rendered(s.jobs.list, (*job).snapshot)
}

// RestrictJob lets only the named users see a job and what belongs to it; with no names, nobody. It returns
// [ErrNotFound] when there is no such job. [documented for the website: docs/vendors/sparkhire.md]
func (s *Server) RestrictJob(id string, userIDs ...string) error {
	viewers := map[string]bool{}
	for _, u := range userIDs {
		viewers[u] = true
	}
	return s.onJob("restrict", id, func(j *job) { j.viewers = viewers })
}

// ShareJob lets everybody in the account see a job again, as is the rule for new ones. It returns [ErrNotFound] when
// there is no such job.
func (s *Server) ShareJob(id string) error {
	return s.onJob("share", id, func(j *job) { j.viewers = nil })
}

// SetJobActive activates or deactivates a job as on the website, past the plan's limit. A change fires JobUpdated; none
// fires nothing. It returns [ErrNotFound] when there is no such job.
func (s *Server) SetJobActive(id string, active bool) error {
	return s.onJob("activate", id, func(j *job) {
		if j.inactive == !active {
			return
		}
		j.inactive = !active
		s.touchJob(j, true)
	})
}

// DeleteJob deletes a job, and its interviews with it, as on the website; JobDeleted fires. It returns [ErrNotFound]
// when there is no such job, or no longer. [assumed: the interviews; docs/vendors/sparkhire.md]
func (s *Server) DeleteJob(id string) error {
	return s.onJob("delete", id, s.removeJob)
}

func (s *Server) onJob(verb, id string, do func(*job)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	j, ok := s.jobs.get(id)
	if !ok || j.deleted {
		return fmt.Errorf("%s job %s: %w", verb, id, ErrNotFound)
	}
	do(j)
	s.kick()
	return nil
}

// keepJob stores a new job and fires JobCreated.
func (s *Server) keepJob(j *job) {
	j.id = s.cfg.ids.uuid()
	j.createdAt = s.moment()
	j.updatedAt, j.statusUpdatedAt = j.createdAt, j.createdAt
	s.jobs.add(j.id, j)
	s.emitJob(JobCreated, j)
}

// touchJob notes a change and fires JobUpdated.
func (s *Server) touchJob(j *job, status bool) {
	j.updatedAt = s.moment()
	if status {
		j.statusUpdatedAt = j.updatedAt
	}
	s.emitJob(JobUpdated, j)
}

// removeJob deletes a job. Its interviews vanish without events of their own. [assumed: docs/vendors/sparkhire.md]
func (s *Server) removeJob(j *job) {
	j.deleted = true
	for _, i := range s.interviews.list {
		if i.job == j {
			i.state = Deleted
		}
	}
	s.emitJob(JobDeleted, j)
}

func (j *job) snapshot() Job {
	out := Job{
		ID: j.id, AccountID: j.account.id, Title: j.title, Description: j.description, Address: addressOf(j.location),
		Inactive: j.inactive, Deleted: j.deleted,
	}
	if j.createdBy != nil {
		out.CreatedBy = j.createdBy.id
	}
	return out
}

// addressOf returns the one part of a location that is known to exist. [observed: docs/vendors/sparkhire.md]
func addressOf(location map[string]any) string {
	address, _ := location["formatted_address"].(string)
	return address
}

func (s *Server) jobJSON(j *job) jobJSON {
	return jobJSON{
		UUID: j.id, Title: j.title, Description: j.description, Status: s.cfg.words.job(j),
		StatusUpdatedAt: wireTime(j.statusUpdatedAt), CreatedAt: wireTime(j.createdAt), UpdatedAt: wireTime(j.updatedAt),
		Location: j.location, CreatedBy: j.createdBy.person(),
	}
}

func (w Words) job(j *job) string {
	if j.inactive {
		return w.JobInactive
	}
	return w.JobActive
}

// emitJob fires an event whose payload is the job.
// [transcribed: the events; assumed: the payload; docs/vendors/sparkhire.md]
func (s *Server) emitJob(event string, j *job) {
	body, err := json.Marshal(s.jobJSON(j))
	if err != nil {
		panic(err) // a location came from JSON and goes back to it
	}
	s.emit(happening{event: event, job: j, object: j.id, body: body})
}
