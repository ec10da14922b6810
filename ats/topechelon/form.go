package topechelon

import (
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The form's fields, as refusals name them.
const (
	fieldDate = "due.date"
	fieldTime = "due.time"
	fieldZone = "due.time_zone"
)

// Form is the window in which an interview is scheduled: T14, T16–T23. Its fields are
// what the page shows; a new one has what [NewForm] says.
type Form struct {
	// JobID and PersonID are filled in where the form was opened from a pipeline, only
	// PersonID where it was opened from the person.
	JobID    string
	PersonID string
	// Type is one-way in a new form.
	Type ats.InterviewType
	// QuestionSetID must be chosen for a one-way interview; see
	// [Form.QuestionSetDisabled].
	QuestionSetID string
	// Date (YYYY-MM-DD) and Time (24 hours, HH:MM) are the deadline of a one-way
	// interview and the start of a live one, in the zone of who enters them. Both are
	// empty in a new form.
	Date string
	Time string
	// Message is for the candidate; may be empty.
	Message string
	// Notice is to be read before scheduling; may be empty.
	Notice string
}

// NewForm returns the form as it opens: one-way, no question set, no date.
func NewForm(jobID, personID string) Form {
	return Form{JobID: jobID, PersonID: personID, Type: ats.OneWay}
}

// Types returns what the form offers, the default first.
func (Form) Types() []ats.InterviewType { return []ats.InterviewType{ats.OneWay, ats.Live} }

// QuestionSetDisabled reports whether the question set cannot be chosen, T20.
func (f Form) QuestionSetDisabled() bool { return f.Type == ats.Live }

// WithType returns the form after the type was switched: the question set is cleared
// and has to be chosen anew, T21. The same type changes nothing.
func (f Form) WithType(t ats.InterviewType) Form {
	if f.Type != t {
		f.Type, f.QuestionSetID = t, ""
	}
	return f
}

// Request returns what the form asks for, to be given to the engine. key is the
// page's: the same key schedules once (T25). person is the interviewee as Top Echelon
// has them; [Adapter.Person] or the host's own data give it. Times are in the user's
// zone, else the connection's. What a form can say wrongly about date and time is a
// refusal that names the field; every other rule is the engine's to enforce.
func (f Form) Request(c ats.Connection, u ats.User, key string, person ats.Candidate, job ats.Job) (ats.Request, error) {
	person.ID, job.ID = f.PersonID, f.JobID
	r := ats.Request{
		Tenant: c.Tenant, Key: key, Type: f.Type, Origin: ats.OriginManual,
		Candidate: person, Job: job, QuestionSetID: f.QuestionSetID,
		Message: strings.TrimSpace(f.Message), RequestedBy: u,
	}
	date, clock := strings.TrimSpace(f.Date), strings.TrimSpace(f.Time)
	switch {
	case date == "":
		return r, ats.Refuse(CodeDueRequired, fieldDate, "A date and a time are needed. Choose both.")
	case clock == "":
		return r, ats.Refuse(CodeDueRequired, fieldTime, "A time of day is needed together with the date.")
	}
	d, err := ats.ParseDate(date, fieldDate)
	if err != nil {
		return r, err
	}
	t, err := ats.ParseTimeOfDay(clock, fieldTime)
	if err != nil {
		return r, err
	}
	zone := orDefault(u.TimeZone, c.TimeZone)
	r.Schedule, err = ats.At(d, t, zone, ats.Fields{Date: fieldDate, Time: fieldTime, Zone: fieldZone})
	r.Schedule.Derivation = "the form's date and time"
	return r, err
}

// String names the form by its ids, so that printing one shows no message.
func (f Form) String() string { return "form for person " + f.PersonID + " and job " + f.JobID }
