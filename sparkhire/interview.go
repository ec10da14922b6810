package sparkhire

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// InterviewType is the kind of an interview. Expect values that are not listed here.
type InterviewType string

// Kinds of interviews [observed, modelled: docs/vendors/sparkhire.md].
const (
	TypeOneWay InterviewType = "one_way"
	TypeLive   InterviewType = "live"
)

// InterviewStatus is the vendor's word for an interview's state. Only one is certain, so keep the
// word and decide by facts: [Interview.Completed] and [IsGone].
type InterviewStatus string

// StatusCompleted is the one status that is observed [docs/vendors/sparkhire.md].
const StatusCompleted InterviewStatus = "completed"

// UnmarshalJSON accepts a number too: one integrator stores the status as one.
func (s *InterviewStatus) UnmarshalJSON(b []byte) error {
	*s = InterviewStatus(wire.Scalar(b))
	return nil
}

// Interview is one invitation of one candidate and what became of it. Every field may be missing.
// All times are in UTC. The objects in it have no Raw of their own: theirs is part of the interview's.
type Interview struct {
	UUID   string          `json:"uuid"`
	Type   InterviewType   `json:"type"`
	Status InterviewStatus `json:"status"`

	// ScheduledAt is the start of a live interview. For a one-way interview it is the deadline or the
	// moment of inviting, which of them is undecided: never derive "expired" from it.
	ScheduledAt time.Time `json:"scheduled_at,omitzero"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`

	JobPost    *Job       `json:"job_post"`
	Company    *Company   `json:"company"`
	AssignedTo *Person    `json:"assigned_to"` // the candidate [assumed]; see UnmarshalJSON for another spelling
	CreatedBy  *Person    `json:"created_by"`  // the inviting user
	ShareLink  *ShareLink `json:"share_link"`

	// Observed to be there, of unknown shape; nil when missing.
	Questions json.RawMessage `json:"questions,omitempty"`
	Rating    json.RawMessage `json:"rating,omitempty"`
	Rejection json.RawMessage `json:"rejection,omitempty"`

	Raw json.RawMessage `json:"-"` // as received; holds personal data
}

// Completed reports whether the candidate has submitted answers.
func (i Interview) Completed() bool {
	return !i.CompletedAt.IsZero() || strings.EqualFold(string(i.Status), string(StatusCompleted))
}

// LogValue is what may be seen of an interview in a log: nothing about the candidate.
func (i Interview) LogValue() slog.Value {
	return logUUID(i.UUID, slog.String("type", string(i.Type)), slog.String("status", string(i.Status)))
}

func (i Interview) id() string { return i.UUID }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types. Where job_post or
// assigned_to do not say which job or whom, the names of the create call's body are read instead:
// job_uuid, candidate_first_name, candidate_last_name, candidate_email. No answer was seen with them
// [modelled: docs/vendors/sparkhire.md], but to overlook a candidate means to invite twice.
func (i *Interview) UnmarshalJSON(b []byte) error {
	type shape Interview // without methods
	w := struct {
		*shape
		ScheduledAt timeInto       `json:"scheduled_at"`
		CompletedAt timeInto       `json:"completed_at"`
		CreatedAt   timeInto       `json:"created_at"`
		UpdatedAt   timeInto       `json:"updated_at"`
		JobPost     *jobWire       `json:"job_post"`
		Company     *companyWire   `json:"company"`
		ShareLink   *shareLinkWire `json:"share_link"`
		asRequested
	}{
		shape:       (*shape)(i),
		ScheduledAt: timeInto{&i.ScheduledAt}, CompletedAt: timeInto{&i.CompletedAt},
		CreatedAt: timeInto{&i.CreatedAt}, UpdatedAt: timeInto{&i.UpdatedAt},
	}
	err := wire.Fill(b, &w)
	i.JobPost, i.Company, i.ShareLink = w.JobPost.job(), w.Company.company(), w.ShareLink.shareLink()
	w.complete(i)
	i.Raw = bytes.Clone(b)
	return err
}

// asRequested is how an interview names its job and candidate if it does so in the words of the
// request.
type asRequested struct {
	JobUUID   string `json:"job_uuid"`
	FirstName string `json:"candidate_first_name"`
	LastName  string `json:"candidate_last_name"`
	Email     string `json:"candidate_email"`
}

// complete adds what the interview does not say in its own words.
func (r asRequested) complete(i *Interview) {
	switch {
	case r.JobUUID == "":
	case i.JobPost == nil:
		i.JobPost = &Job{UUID: r.JobUUID}
	case i.JobPost.UUID == "":
		i.JobPost.UUID = r.JobUUID
	}
	if r.Email == "" || (i.AssignedTo != nil && i.AssignedTo.Email != "") {
		return
	}
	i.AssignedTo = &Person{
		Name:      strings.TrimSpace(r.FirstName + " " + r.LastName),
		FirstName: r.FirstName, LastName: r.LastName, Email: r.Email,
	}
}
