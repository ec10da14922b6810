package httpapi

import (
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// newInterview is the body that asks for an interview.
type newInterview struct {
	Candidate struct {
		ID         string `json:"id"`
		FirstName  string `json:"first_name"`
		LastName   string `json:"last_name"`
		Email      string `json:"email"`
		DoNotEmail bool   `json:"do_not_email"`
	} `json:"candidate"`
	Job struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"job"`
	Type           string  `json:"type"`
	QuestionSetID  string  `json:"question_set_id"`
	Due            *newDue `json:"due"`
	Message        string  `json:"message"`
	SparkHireJobID string  `json:"spark_hire_job_id"`
	RequestedFor   string  `json:"requested_for"`
}

type newDue struct {
	Date     string `json:"date"`
	Time     string `json:"time"`
	TimeZone string `json:"time_zone"`
}

// requester is on whose behalf requests are made.
type requester struct {
	connection ats.Connection
	policy     ats.Policy
	gate       error // what the product says while it is not offered
	actor      ats.User
}

func (a *api) requester(c connected, actor ats.User) (requester, error) {
	if _, err := a.adapter(c.row.Tenant.Adapter); err != nil {
		return requester{}, err
	}
	policy, err := a.engine.PolicyOf(c.view)
	if err != nil {
		return requester{}, err
	}
	return requester{connection: c.view, policy: policy, gate: a.engine.CheckGate(c.view), actor: actor}, nil
}

// request turns a body and its key into the engine's request. keyField is where the
// caller gives the key.
func (q requester) request(key, keyField string, b newInterview) (ats.Request, error) {
	if q.gate != nil {
		return ats.Request{}, q.gate
	}
	if q.policy.ActorKey == ats.KeyOwn && q.actor.IsZero() {
		// Before the date, which may be in that person's zone and would be refused for
		// lacking one.
		return ats.Request{}, refuse(ats.CodeActorRequired, "", "The call does not say who asks. Name the person with "+headerActorID+".")
	}
	if key == "" {
		return ats.Request{}, refuse(ats.CodeIdempotencyKeyRequired, keyField, "A request needs a key of its own, under which it can be repeated.")
	}
	if err := checkTexts(maxID, keyField, key, "candidate.id", b.Candidate.ID, "job.id", b.Job.ID,
		"question_set_id", b.QuestionSetID, "spark_hire_job_id", b.SparkHireJobID, "requested_for", b.RequestedFor); err != nil {
		return ats.Request{}, err
	}
	if err := checkTexts(maxText, "candidate.first_name", b.Candidate.FirstName, "candidate.last_name", b.Candidate.LastName,
		"candidate.email", b.Candidate.Email, "job.title", b.Job.Title); err != nil {
		return ats.Request{}, err
	}
	r := ats.Request{
		Tenant: q.connection.Tenant, Key: key, Type: typeOf(b.Type), Origin: ats.OriginAPI,
		Candidate: ats.Candidate{
			ID: b.Candidate.ID, FirstName: strings.TrimSpace(b.Candidate.FirstName), LastName: strings.TrimSpace(b.Candidate.LastName),
			Email: strings.TrimSpace(b.Candidate.Email), DoNotEmail: b.Candidate.DoNotEmail,
		},
		Job:            ats.Job{ID: b.Job.ID, Title: b.Job.Title},
		SparkHireJobID: b.SparkHireJobID, QuestionSetID: b.QuestionSetID, Message: strings.TrimSpace(b.Message),
		RequestedBy: q.actor, RequestedFor: b.RequestedFor,
	}
	if r.RequestedFor == "" && q.actor.Linked && q.policy.ActorKey == ats.KeyNamed {
		r.RequestedFor = q.actor.ID // who asks names themselves
	}
	if b.Due == nil {
		return r, nil
	}
	var err error
	r.Schedule, err = q.schedule(*b.Due)
	return r, err
}

// typeOf reads a type in any spelling; what is none is left to the policy to refuse.
func typeOf(s string) ats.InterviewType {
	if t, ok := ats.ParseInterviewType(s); ok {
		return t
	}
	return ats.InterviewType(s)
}

// schedule resolves a civil date and time. The zone is the request's, else the
// actor's, else the connection's.
func (q requester) schedule(d newDue) (ats.Schedule, error) {
	fields := ats.Fields{Date: "due.date", Time: "due.time", Zone: "due.time_zone"}
	zone := d.TimeZone
	for _, z := range []string{q.actor.TimeZone, q.connection.TimeZone} {
		if zone == "" {
			zone = z
		}
	}
	if strings.TrimSpace(d.Date) == "" && q.policy.Deadline.Given == ats.Required {
		return ats.Schedule{}, refuse(ats.CodeExpirationRequired, fields.Date, "A date is needed. Choose one and try again.")
	}
	date, err := ats.ParseDate(d.Date, fields.Date)
	if err != nil {
		return ats.Schedule{}, err
	}
	var s ats.Schedule
	if d.Time == "" {
		s, err = ats.On(date, q.policy.Deadline.Midnight, zone, fields)
	} else {
		var t ats.TimeOfDay
		if t, err = ats.ParseTimeOfDay(d.Time, fields.Time); err == nil {
			s, err = ats.At(date, t, zone, fields)
		}
	}
	if err != nil {
		return ats.Schedule{}, err
	}
	s.At = s.At.Truncate(time.Microsecond)
	return s, nil
}
