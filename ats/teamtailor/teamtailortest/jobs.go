package teamtailortest

import (
	"fmt"
	"slices"
	"time"
)

// The stages that every job begins and ends with. [documented: docs/vendors/teamtailor.md]
const (
	StageInbox = "Inbox"
	StageHired = "Hired"
)

// JobConfig describes a job or a job template.
type JobConfig struct {
	Title string
	// Stages names the stages between Inbox and Hired, which every job has. Default: one named "Video interview".
	Stages []string
	// Recruiter is the job's recruiter; may be nil.
	Recruiter *User
	Tags      []string
	// Status is the human status: "published" (default), "unlisted", "archived", "draft", "scheduled" or "expired".
	Status string
	// Internal jobs are not in the public feed.
	Internal bool
	// From is the template that the job is made from: it brings its stages, and a copy of every trigger on them.
	From *Job
}

// Job is a job, or a template for jobs.
type Job struct {
	ID    int
	Title string

	company  *Company
	template bool
	created  time.Time

	// The rest is guarded by server.mu.
	status    string
	internal  bool
	updated   time.Time
	recruiter *User
	tags      []string
	stages    []*Stage
	values    map[*CustomField]*fieldValue
}

// Stage is a step of a job or template. Its fields do not change.
type Stage struct {
	ID   int
	Name string

	job      *Job
	kind     string // "Inbox", "In process" or "Hired"
	order    int
	created  time.Time
	triggers []*Trigger // guarded by server.mu
}

// AddJob opens a job.
func (c *Company) AddJob(cfg JobConfig) *Job { return c.addJob(cfg, false) }

// AddJobTemplate makes a template. Triggers can be put on its stages; jobs made from it (see JobConfig.From) carry copies.
func (c *Company) AddJobTemplate(cfg JobConfig) *Job { return c.addJob(cfg, true) }

// addJob makes a job or a template. Copied triggers get ids of their own. [assumed: docs/vendors/teamtailor.md] That a job
// starts with its template's triggers is documented; what their ids are is not.
func (c *Company) addJob(cfg JobConfig, template bool) *Job {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	j := &Job{
		ID: s.ids.next(idJob), Title: cfg.Title, company: c, template: template, status: cfg.Status, internal: cfg.Internal,
		created: now, updated: now, recruiter: cfg.Recruiter, tags: slices.Clone(cfg.Tags), values: map[*CustomField]*fieldValue{},
	}
	if j.status == "" {
		j.status = "published"
	}
	names := cfg.Stages
	if cfg.From != nil {
		names = nil
		for _, st := range cfg.From.stages[1 : len(cfg.From.stages)-1] {
			names = append(names, st.Name)
		}
	} else if names == nil {
		names = []string{"Video interview"}
	}
	j.addStage(StageInbox, "Inbox")
	for _, name := range names {
		j.addStage(name, "In process")
	}
	j.addStage(StageHired, "Hired")
	if cfg.From != nil {
		for i, st := range cfg.From.stages {
			for _, t := range st.triggers {
				t.copyTo(j.stages[i])
			}
		}
	}
	c.jobs = append(c.jobs, j)
	if !template {
		c.emit("job.create", j.ID, j.webhookAttributes())
	}
	return j
}

// addStage appends a stage. Callers hold server.mu.
func (j *Job) addStage(name, kind string) {
	s := j.company.server
	st := &Stage{ID: s.ids.next(idStage), Name: name, job: j, kind: kind, order: len(j.stages), created: s.now()}
	j.stages = append(j.stages, st)
	j.company.stages = append(j.company.stages, st)
}

// Stage returns the stage of that name, nil if the job has none. Inbox and Hired always exist.
func (j *Job) Stage(name string) *Stage {
	j.company.server.mu.Lock()
	defer j.company.server.mu.Unlock()
	for _, st := range j.stages {
		if st.Name == name {
			return st
		}
	}
	return nil
}

// SetStatus changes the human status, for example to "archived".
func (j *Job) SetStatus(status string) {
	s := j.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.status == status {
		return
	}
	j.status = status
	j.touch()
}

// SetField sets a custom field of the job; see [Candidate.SetField].
func (j *Job) SetField(apiName string, value any) error {
	s := j.company.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := j.company.setField(ownerJob, j.values, apiName, value); err != nil {
		return fmt.Errorf("set field of job %d: %w", j.ID, err)
	}
	j.touch()
	return nil
}

// touch notes a change that fires job.update. Callers hold server.mu.
func (j *Job) touch() {
	j.updated = j.company.server.now()
	if !j.template {
		j.company.emit("job.update", j.ID, j.webhookAttributes())
	}
}

// openStatus is the "status" attribute that belongs to a human status. [assumed: docs/vendors/teamtailor.md] Both lists of
// values are documented, the relation between them is not.
func (j *Job) openStatus() string {
	switch j.status {
	case "draft", "archived", "unlisted":
		return j.status
	case "unsaved":
		return "temp"
	}
	return "open"
}
