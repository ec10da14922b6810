package topechelon

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
)

// What a host draws on its own pages. Each function returns plain values and changes
// nothing. The zero card is none: a person who has not connected Spark Hire sees no
// cards, no icons and no Interview Status column, whatever colleagues have connected
// (T5). Whether the page itself may be seen is the host's own business.

// The texts of the cards [documented: docs/vendors/topechelon.md].
const (
	TextSend     = "Send to Spark Hire"
	TextView     = "View in Spark Hire"
	TextSchedule = "Schedule an Interview"
)

// JobAction is what the card on a job offers.
type JobAction string

// The actions of a [JobCard].
const (
	NoAction JobAction = ""
	// ActionSend sends the job to Spark Hire: the engine's "set job link".
	ActionSend JobAction = "send"
	// ActionView opens the job in Spark Hire.
	ActionView JobAction = "view"
)

// JobCard is the Spark Hire card on a job: T8, T10. It offers one action, never both.
type JobCard struct {
	// Shown is false for a person who has not connected Spark Hire.
	Shown  bool
	Action JobAction
	// Text is [TextSend] or [TextView].
	Text string
	// Link is set for [ActionView]. The engine knows the address of its Spark Hire job.
	Link ats.JobLink
}

// JobCard returns the card on a job for a person. A job that a colleague has sent is
// sent for everybody. Errors come from reading the job links.
func (a *Adapter) JobCard(ctx context.Context, c ats.Connection, u ats.User, jobID string) (JobCard, error) {
	if !active(c) || !linked(c, u) {
		return JobCard{}, nil
	}
	if c.Links == nil {
		return JobCard{}, fmt.Errorf("card of job %s: the connection has no job links to read: %w", jobID, ats.ErrUnsupported)
	}
	link, err := c.Links.Of(ctx, jobID)
	switch {
	case errors.Is(err, ats.ErrNotFound):
		return JobCard{Shown: true, Action: ActionSend, Text: TextSend}, nil
	case err != nil:
		return JobCard{}, fmt.Errorf("card of job %s: %w", jobID, err)
	}
	return JobCard{Shown: true, Action: ActionView, Text: TextView, Link: link}, nil
}

// PersonCard is the Spark Hire card on a person's record: T11, T12.
type PersonCard struct {
	// Shown is false for a person who has not connected Spark Hire, or may not see the
	// record.
	Shown bool
	// Schedule says whether [TextSchedule] is offered: the person is in the pipeline of
	// at least one job that has been sent.
	Schedule bool
	// Jobs are those jobs, oldest link first.
	Jobs []ats.JobLink
	// Form is what opens: the interviewee is filled in, the job is not.
	Form Form
}

// PersonCard returns the card on a person's record for a person who has connected
// Spark Hire. Without a host nobody can tell, and the error is a refusal with
// [ats.CodeHostCannot]; other errors come from the host or from reading the job links.
func (a *Adapter) PersonCard(ctx context.Context, c ats.Connection, u ats.User, personID string) (PersonCard, error) {
	if !active(c) {
		return PersonCard{}, nil
	}
	may, err := a.MayView(ctx, c, u, ats.CandidateRef{Tenant: c.Tenant, ID: personID})
	if err != nil || !may {
		return PersonCard{}, err
	}
	host, err := a.host(ctx, c)
	if err != nil {
		return PersonCard{}, fmt.Errorf("card of person %s: %w", personID, err)
	}
	if host == nil {
		return PersonCard{}, refuseBlind()
	}
	jobs, err := a.sentJobs(ctx, host, c, actorOf(c, u), personID)
	if err != nil {
		return PersonCard{}, fmt.Errorf("card of person %s: %w", personID, told(err))
	}
	card := PersonCard{Shown: true, Schedule: len(jobs) > 0, Jobs: jobs}
	if card.Schedule {
		card.Form = NewForm("", personID)
	}
	return card, nil
}

// PipelineRow is what a row of a job's pipeline shows: T13–T15, T26, T30.
type PipelineRow struct {
	// Shown is false for a person who has not connected Spark Hire: no icon, and no
	// column either.
	Shown bool
	// Status is the Interview Status, with an empty Label for an empty column.
	Status InterviewStatus
	// NotUpdated says that the user who scheduled the interview has disconnected, so
	// that nothing more will be heard of it until they connect again.
	NotUpdated bool
	// Icon tells whether the icon in the Actions column opens the form: the job has
	// been sent.
	Icon bool
	// Form is what the icon opens: job and interviewee are filled in, and a notice is
	// set while an interview is pending.
	Form Form
}

// PipelineRow returns the row of a person in the pipeline of a job, of which the page
// has made sure. interviews are the engine's interviews of the person, in any order;
// those for other jobs do not show here. Errors come from reading the job links.
func (a *Adapter) PipelineRow(ctx context.Context, c ats.Connection, u ats.User, jobID, personID string, interviews []ats.Interview) (PipelineRow, error) {
	if !active(c) || !linked(c, u) {
		return PipelineRow{}, nil
	}
	card, err := a.JobCard(ctx, c, u, jobID)
	if err != nil {
		return PipelineRow{}, err
	}
	var here []ats.Interview
	var revision int64
	for _, iv := range interviews {
		if iv.Tenant == c.Tenant && iv.Job.ID == jobID && iv.Candidate.ID == personID {
			here = append(here, iv)
			revision += iv.Revision
		}
	}
	row := PipelineRow{Shown: true, Icon: card.Action == ActionView, Status: a.status(here, revision)}
	if latest, ok := newest(here); ok {
		row.NotUpdated = latest.State.Pending() && !linked(c, latest.RequestedFor)
	}
	if row.Icon {
		row.Form = NewForm(jobID, personID)
		row.Form.Notice = a.pendingNotice(here)
	}
	return row, nil
}

// pendingNotice says that an interview is pending, and its status, before a second one
// is scheduled (T26). It is empty where none is.
func (a *Adapter) pendingNotice(here []ats.Interview) string {
	var pending []ats.Interview
	for _, iv := range here {
		if stateOf(iv).Pending() {
			pending = append(pending, iv)
		}
	}
	latest, ok := newest(pending)
	if !ok {
		return ""
	}
	text := "There is an interview for this person and job already"
	if label := a.shown(latest).label; label != "" {
		text += ": " + label
	}
	if due := latest.Schedule.String(); due != "" {
		text += ", due " + due
	}
	return text + "."
}

// active reports whether the integration is there for anybody.
func active(c ats.Connection) bool { return c.Connected && c.Enabled }
