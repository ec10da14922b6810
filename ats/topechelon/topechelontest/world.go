package topechelontest

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Agency is a customer. Its records are invisible to others.
type Agency struct {
	ID   string
	Name string

	server   *Server
	users    []*User
	people   []*Person
	jobs     []*Job
	hotlists []*hotlist
}

// User is somebody who works at an agency. A user sees everything of the agency that was not hidden from them.
type User struct {
	ID       string
	Name     string
	Email    string
	TimeZone string // IANA name

	agency   *Agency
	hidden   map[string]bool // "person 481516"
	renewals int
	refused  int
}

// UserConfig describes a user; empty fields get plausible values.
type UserConfig struct{ Name, Email, TimeZone string }

// PersonConfig describes a person's record.
type PersonConfig struct {
	FirstName, LastName string
	Emails              []Email
}

// Email is an address of a person.
type Email struct {
	Address    string
	Primary    bool
	DoNotEmail bool
}

// Person is a person's record.
type Person struct {
	ID                  string
	FirstName, LastName string

	emails          []Email
	added, modified time.Time
	attachments     []Attachment
	looks           int // searches that must still miss it
}

// JobConfig describes a job order.
type JobConfig struct{ Title, City, State string }

// Job is a job order.
type Job struct{ ID, Title, City, State string }

// Attachment is a file on a person's record.
type Attachment struct {
	ID          string
	FileName    string
	ContentType string // of the part
	Content     []byte
	User        string // who stored it, by id
	At          time.Time
}

// nextID numbers a kind. Callers hold s.mu.
func (s *Server) nextID(kind string) string {
	s.last[kind]++
	return strconv.Itoa(s.last[kind])
}

// AddAgency adds a customer.
func (s *Server) AddAgency(name string) *Agency {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &Agency{ID: "ag-" + s.nextID("agency"), Name: name, server: s}
	s.agencies = append(s.agencies, a)
	return a
}

// AddUser adds a user to the agency.
func (a *Agency) AddUser(cfg UserConfig) *User {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	u := &User{ID: a.server.nextID("user"), Name: cfg.Name, Email: cfg.Email, TimeZone: cfg.TimeZone, agency: a, hidden: map[string]bool{}}
	if u.Name == "" {
		u.Name = "User " + u.ID
	}
	if u.Email == "" {
		u.Email = fmt.Sprintf("user%s@agency.example", u.ID)
	}
	if u.TimeZone == "" {
		u.TimeZone = "America/New_York"
	}
	a.users = append(a.users, u)
	return u
}

// AddPerson adds a person whom all users of the agency see.
func (a *Agency) AddPerson(cfg PersonConfig) *Person {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.addPerson(cfg, 0)
}

// AddResume adds a person as a parsed résumé does: the record shows up only at the third search that would find it.
// [observed: docs/vendors/topechelon.md] It shows up later; [assumed] that it is the third time.
func (a *Agency) AddResume(cfg PersonConfig) *Person {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.addPerson(cfg, firstSeen-1)
}

func (a *Agency) addPerson(cfg PersonConfig, looks int) *Person {
	now := a.server.now()
	p := &Person{
		ID: a.server.nextID("person"), FirstName: cfg.FirstName, LastName: cfg.LastName,
		emails: slices.Clone(cfg.Emails), added: now, modified: now, looks: looks,
	}
	a.people = append(a.people, p)
	return p
}

// AddJob adds a job order that all users of the agency see.
func (a *Agency) AddJob(cfg JobConfig) *Job {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	j := &Job{ID: a.server.nextID("job"), Title: cfg.Title, City: cfg.City, State: cfg.State}
	a.jobs = append(a.jobs, j)
	return j
}

// SetEmails replaces a person's addresses.
func (a *Agency) SetEmails(p *Person, emails ...Email) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	p.emails, p.modified = slices.Clone(emails), a.server.now()
}

// Attachments returns the files on a person's record, oldest first.
func (a *Agency) Attachments(personID string) []Attachment {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	if p := a.person(personID); p != nil {
		return slices.Clone(p.attachments)
	}
	return nil
}

// Agency returns the agency that the user works at.
func (u *User) Agency() *Agency { return u.agency }

// HidePerson hides a person from the user. [documented: docs/vendors/topechelon.md] Calls obey the user's visibility.
func (u *User) HidePerson(personID string) { u.hide("person "+personID, true) }

// HideJob hides a job from the user.
func (u *User) HideJob(jobID string) { u.hide("job "+jobID, true) }

// ShowPerson ends HidePerson.
func (u *User) ShowPerson(personID string) { u.hide("person "+personID, false) }

// ShowJob ends HideJob.
func (u *User) ShowJob(jobID string) { u.hide("job "+jobID, false) }

func (u *User) hide(record string, hidden bool) {
	u.agency.server.mu.Lock()
	defer u.agency.server.mu.Unlock()
	u.hidden[record] = hidden
}

// LogValue shows the id.
func (u *User) LogValue() slog.Value { return slog.StringValue("user " + u.ID) }

// LogValue shows the id.
func (p *Person) LogValue() slog.Value { return slog.StringValue("person " + p.ID) }

func (p *Person) name() string { return strings.TrimSpace(p.FirstName + " " + p.LastName) }

// person finds a record by id. Callers hold the lock.
func (a *Agency) person(id string) *Person {
	for _, p := range a.people {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (a *Agency) job(id string) *Job {
	for _, j := range a.jobs {
		if j.ID == id {
			return j
		}
	}
	return nil
}

// sees says whether a record of the user's own agency is visible. Callers hold the lock.
func (u *User) sees(kind, id string) bool { return !u.hidden[kind+" "+id] }
