package sparkhiretest

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// State is where an interview stands. [assumed: docs/vendors/sparkhire.md]
type State int

// The states. Their spelling on the wire is in [Words]; deleted interviews are not shown at all.
const (
	Invited State = iota
	Accepted
	Completed
	Expired
	Deleted
)

// String returns the state as one lower-case word.
func (s State) String() string {
	return [...]string{"invited", "accepted", "completed", "expired", "deleted"}[s]
}

// Origin says how an interview came about.
type Origin int

// The origins: a call of the API, a person on the website, a candidate who followed an invite link.
const (
	ByAPI Origin = iota
	BySite
	ByLink
)

// Candidate is the person an interview is for. Interviews with the same address in an account show the same UUID in
// assigned_to. [assumed: docs/vendors/sparkhire.md]
type Candidate struct {
	FirstName, LastName, Email string
}

// String does not name the candidate.
func (c Candidate) String() string { return "candidate" }

// LogValue implements slog.LogValuer.
func (c Candidate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Interview is what the server knows about an interview. All times are UTC and in whole seconds.
type Interview struct {
	ID     string
	Type   string
	State  State
	Origin Origin
	JobID  string
	// QuestionSetID is empty when the interview has no set.
	QuestionSetID string
	Candidate     Candidate
	// CreatedBy is the ID of the inviting user, or empty.
	CreatedBy string
	// ScheduledAt is the deadline of a one-way interview and the start of a live one; zero when there is none.
	// [assumed: docs/vendors/sparkhire.md]
	ScheduledAt time.Time
	// CompletedAt is zero until the interview is completed.
	CompletedAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// Rating is what [Server.Rate] was given, as JSON.
	Rating json.RawMessage
	// Body is what POST /interviews received, unknown fields included; nil for other origins.
	Body json.RawMessage
}

// String names the interview by ID and state: nothing about the candidate goes to logs.
func (i Interview) String() string { return "interview " + i.ID + " (" + i.State.String() + ")" }

// LogValue implements slog.LogValuer.
func (i Interview) LogValue() slog.Value { return slog.StringValue(i.String()) }

type interview struct {
	id, kind             string
	state                State
	origin               Origin
	entered              bool // accepted at least once since the invitation or the last reset
	job                  *job
	set                  *questionSet
	candidate            Candidate
	candidateID          string
	createdBy            *user
	questions            []Question
	rating               json.RawMessage
	link                 *shareLink
	body                 json.RawMessage
	scheduledAt          time.Time
	completedAt          time.Time
	createdAt, updatedAt time.Time
}

// candidateKey makes one person of all interviews with one address. [assumed: docs/vendors/sparkhire.md]
type candidateKey struct{ account, email string }

// interviewJSON is an interview as the API and the webhooks show it.
// [observed: the fields; assumed: that assigned_to is the candidate, content of questions; docs/vendors/sparkhire.md]
type interviewJSON struct {
	UUID        string          `json:"uuid"`
	Type        string          `json:"type"`
	Status      string          `json:"status"`
	ScheduledAt wireTime        `json:"scheduled_at"`
	CompletedAt wireTime        `json:"completed_at"`
	CreatedAt   wireTime        `json:"created_at"`
	UpdatedAt   wireTime        `json:"updated_at"`
	JobPost     jobPostJSON     `json:"job_post"`
	Company     namedJSON       `json:"company"`
	AssignedTo  personJSON      `json:"assigned_to"`
	CreatedBy   *personJSON     `json:"created_by"`
	Questions   []questionJSON  `json:"questions"`
	Rating      json.RawMessage `json:"rating"`
	Rejection   json.RawMessage `json:"rejection"`
	ShareLink   *linkJSON       `json:"share_link"`
}

// jobPostJSON is the job inside an interview. [observed: docs/vendors/sparkhire.md]
type jobPostJSON struct {
	UUID     string         `json:"uuid"`
	Title    string         `json:"title"`
	Location map[string]any `json:"location"`
}

// namedJSON is the company inside an interview. [observed: docs/vendors/sparkhire.md]
type namedJSON struct {
	Name   string  `json:"name"`
	Avatar *string `json:"avatar"`
}

// Interview returns an interview as it is now, deleted ones included; false when there never was one. Like a request, it
// first lets pass what is due by the clock.
func (s *Server) Interview(id string) (Interview, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	defer s.kick()
	i, ok := s.interviews.get(id)
	if !ok {
		return Interview{}, false
	}
	return i.snapshot(), true
}

// Interviews returns all interviews in the order of their making, deleted ones included.
func (s *Server) Interviews() []Interview {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	defer s.kick()
	return rendered(s.interviews.list, (*interview).snapshot)
}

// InterviewsFor returns the interviews of an e-mail address, compared without case, in the order of their making.
func (s *Server) InterviewsFor(email string) []Interview {
	return slices.DeleteFunc(s.Interviews(), func(i Interview) bool { return !sameAddress(i.Candidate.Email, email) })
}

func (i *interview) snapshot() Interview {
	out := Interview{
		ID: i.id, Type: i.kind, State: i.state, Origin: i.origin, JobID: i.job.id, Candidate: i.candidate,
		ScheduledAt: i.scheduledAt, CompletedAt: i.completedAt, CreatedAt: i.createdAt, UpdatedAt: i.updatedAt,
		Rating: slices.Clone(i.rating), Body: slices.Clone(i.body),
	}
	if i.set != nil {
		out.QuestionSetID = i.set.id
	}
	if i.createdBy != nil {
		out.CreatedBy = i.createdBy.id
	}
	return out
}

func (s *Server) interviewJSON(i *interview) interviewJSON {
	out := interviewJSON{
		UUID: i.id, Type: i.kind, Status: s.cfg.words.interview(i.state),
		ScheduledAt: wireTime(i.scheduledAt), CompletedAt: wireTime(i.completedAt),
		CreatedAt: wireTime(i.createdAt), UpdatedAt: wireTime(i.updatedAt),
		JobPost: jobPostJSON{i.job.id, i.job.title, i.job.location},
		Company: namedJSON{Name: i.job.account.name},
		AssignedTo: personJSON{
			UUID: i.candidateID, Email: i.candidate.Email,
			Name: strings.TrimSpace(i.candidate.FirstName + " " + i.candidate.LastName),
		},
		CreatedBy: i.createdBy.person(),
		Questions: rendered(i.questions, Question.json),
		Rating:    i.rating,
	}
	if i.link != nil {
		link := i.link.json()
		out.ShareLink = &link
	}
	return out
}

func (w Words) interview(s State) string {
	return [...]string{w.Invited, w.Accepted, w.Completed, w.Expired, w.Expired}[s]
}

// emitInterview fires an event whose payload is the interview. [transcribed, observed: docs/vendors/sparkhire.md]
func (s *Server) emitInterview(event string, i *interview) {
	body, err := json.Marshal(s.interviewJSON(i))
	if err != nil {
		panic(err) // what is raw in it was valid when it came
	}
	s.emit(happening{event: event, job: i.job, interview: i, object: i.id, body: body})
}
