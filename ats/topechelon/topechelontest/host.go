package topechelontest

import (
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Host plays the program that shows the agency's pipelines: the contract "Pipeline host contract for Spark Hire" over
// HTTP, version 1. It stands for TE Recruit itself or for a page that the agency uses beside it. Make one with [NewHost]; the
// zero value does not work. All methods are safe for concurrent use.
type Host struct {
	*Site

	// Token is the bearer token that the integration must send.
	Token string

	actors    map[string]*Actor // by credential
	users     map[string]string // agency id by user id, of everybody who ever signed in
	pipelines map[string]*pipeline
	hidden    map[[2]string]bool // user id, job id
	statuses  map[StatusKey]Status
	writes    StatusWrites
	noColumn  bool
}

// Actor is a signed-in user, as the host knows them.
type Actor struct {
	AgencyID string
	UserID   string
	Name     string
	Email    string
	TimeZone string // IANA name
}

// pipeline is the list of candidates of one job.
type pipeline struct {
	agencyID string
	people   []string
}

// StatusKey names a row of a pipeline.
type StatusKey struct{ AgencyID, JobID, PersonID string }

// Status is what the column Interview Status shows in a row.
type Status struct {
	Revision    int64
	InterviewID string
	Type        string // one_way, live or empty
	State       string // none, invited, accepted, completed, expired or canceled
	Label       string
	DueAt       time.Time // zero for none
	ResultURL   string
}

// StatusWrites counts updates of the column.
type StatusWrites struct {
	Stored  int // replaced what was there
	Ignored int // had a revision that was not newer
	Refused int // 400, 404 or 501
}

// NewHost starts a host. By default it listens on a free port of the loopback interface with plain HTTP. It panics when it
// cannot listen or when an option makes no sense. Close it when done.
func NewHost(opts ...Option) *Host {
	h := &Host{
		Site: &Site{}, actors: map[string]*Actor{}, users: map[string]string{}, pipelines: map[string]*pipeline{},
		hidden: map[[2]string]bool{}, statuses: map[StatusKey]Status{},
	}
	cfg := newConfig(opts)
	h.noColumn = cfg.noColumn
	h.open(cfg, "host.topechelon.test", h.serve)
	if h.Token = cfg.hostToken; h.Token == "" {
		h.Token = h.random.token()
	}
	return h
}

// SignIn returns a credential that stands for the actor from now on. It panics without ids or with an unknown time zone.
func (h *Host) SignIn(a Actor) (credential string) {
	if a.AgencyID == "" || a.UserID == "" {
		panic("topechelontest: an actor needs an agency and a user id")
	}
	if _, err := time.LoadLocation(a.TimeZone); err != nil || a.TimeZone == "" {
		panic("topechelontest: an actor needs an IANA time zone")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	credential = h.random.token()
	h.actors[credential], h.users[a.UserID] = &a, a.AgencyID
	return credential
}

// SignInUser is SignIn for a user of a [Server].
func (h *Host) SignInUser(u *User) (credential string) {
	return h.SignIn(Actor{AgencyID: u.agency.ID, UserID: u.ID, Name: u.Name, Email: u.Email, TimeZone: u.TimeZone})
}

// SignOut ends a credential.
func (h *Host) SignOut(credential string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.actors, credential)
}

// AddToPipeline puts people into the pipeline of a job. A job belongs to one agency; it panics for another's.
func (h *Host) AddToPipeline(agencyID, jobID string, personIDs ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pipelines[jobID]
	if p == nil {
		p = &pipeline{agencyID: agencyID}
		h.pipelines[jobID] = p
	}
	if p.agencyID != agencyID {
		panic("topechelontest: the job belongs to another agency")
	}
	for _, id := range personIDs {
		if !slices.Contains(p.people, id) {
			p.people = append(p.people, id)
		}
	}
}

// RemoveFromPipeline takes a person out of the pipeline of a job. What the column showed is gone with the row.
func (h *Host) RemoveFromPipeline(jobID, personID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.pipelines[jobID]; p != nil {
		p.people = slices.DeleteFunc(p.people, func(id string) bool { return id == personID })
		delete(h.statuses, StatusKey{p.agencyID, jobID, personID})
	}
}

// HidePipeline hides the pipeline of a job from a user.
func (h *Host) HidePipeline(userID, jobID string) { h.hide(userID, jobID, true) }

// ShowPipeline ends HidePipeline.
func (h *Host) ShowPipeline(userID, jobID string) { h.hide(userID, jobID, false) }

func (h *Host) hide(userID, jobID string, hidden bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hidden[[2]string{userID, jobID}] = hidden
}

// SetStatusColumn takes the column Interview Status away or brings it back; see [WithoutStatusColumn].
func (h *Host) SetStatusColumn(there bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noColumn = !there
}

// Status returns what the column shows in a row, and false when it shows nothing.
func (h *Host) Status(key StatusKey) (Status, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.statuses[key]
	return s, ok
}

// StatusWrites returns what became of the updates of the column.
func (h *Host) StatusWrites() StatusWrites {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.writes
}

// LogValue says where the host is, and nothing of what it holds.
func (h *Host) LogValue() slog.Value { return slog.StringValue("pipeline host at " + h.URL) }

// serve routes a request; the lock is held.
func (h *Host) serve(r *http.Request, body []byte, _ *Request) reply {
	if r.Header.Get("Authorization") != "Bearer "+h.Token {
		return reply{status: http.StatusUnauthorized}
	}
	if r.URL.RawQuery != "" {
		return h.wrong(r, http.StatusBadRequest, "want no parameters")
	}
	handle := map[string]func(*http.Request, []byte) reply{
		"POST /v1/actor":                h.actor,
		"POST /v1/pipelines/by-person":  h.byPerson,
		"POST /v1/pipelines/membership": h.membership,
		"PUT /v1/interview-statuses":    h.putStatus,
	}[r.Method+" "+r.URL.Path]
	if handle == nil {
		return h.wrong(r, http.StatusNotFound, "not in the contract")
	}
	return handle(r, body)
}
