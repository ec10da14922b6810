package httpapi

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// interview is an interview as callers see it. Texts that are not there are empty;
// objects and times that are not there are null.
type interview struct {
	ID               string             `json:"id"`
	ConnectionID     string             `json:"connection_id"`
	Adapter          string             `json:"adapter"`
	State            ats.State          `json:"state"`
	Revision         int64              `json:"revision"`
	Type             ats.InterviewType  `json:"type"`
	Origin           ats.Origin         `json:"origin"`
	Candidate        candidate          `json:"candidate"`
	Job              jobTitle           `json:"job"`
	SparkHire        sparkHireInterview `json:"spark_hire"`
	Due              *due               `json:"due"`
	Message          string             `json:"message"`
	RequestedBy      *person            `json:"requested_by"`
	Reason           *reason            `json:"reason"`
	Notice           *reason            `json:"notice"`
	Actions          []string           `json:"actions"`
	ReportedRevision int64              `json:"reported_revision"`
	CreatedAt        time.Time          `json:"created_at"`
	UpdatedAt        time.Time          `json:"updated_at"`
	CompletedAt      *time.Time         `json:"completed_at"`
}

type candidate struct {
	ID        string `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
}

type jobTitle struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type sparkHireInterview struct {
	InterviewID   string `json:"interview_id"`
	JobID         string `json:"job_id"`
	QuestionSetID string `json:"question_set_id"`
	Status        string `json:"status"`
}

// due is a deadline or a start. The time is empty when only a date was given.
type due struct {
	Date     string    `json:"date"`
	Time     string    `json:"time"`
	TimeZone string    `json:"time_zone"`
	At       time.Time `json:"at"`
}

type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type reason struct {
	Code    ats.Code `json:"code"`
	Message string   `json:"message"`
}

func candidateOf(c ats.Candidate) candidate {
	return candidate{ID: c.ID, FirstName: c.FirstName, LastName: c.LastName, Email: c.Email}
}

func dueOf(s ats.Schedule) *due {
	if s.IsZero() {
		return nil
	}
	d := &due{Date: s.Date.String(), TimeZone: s.Zone, At: s.At.UTC()}
	if s.Time != nil {
		d.Time = s.Time.String()
	}
	return d
}

func personOf(u ats.User) *person {
	if u.IsZero() {
		return nil
	}
	return &person{ID: u.ID, Name: u.Name}
}

func reasonOf(r *ats.Reason) *reason {
	if r == nil {
		return nil
	}
	return &reason{Code: r.Code, Message: r.Message}
}

// timeOf returns nil for no time.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func interviewOf(i store.Interview, actions []string) interview {
	return interview{
		ID: i.ID, ConnectionID: i.ConnectionID, Adapter: i.Tenant.Adapter, State: i.State, Revision: i.Revision,
		Type: i.Type, Origin: i.Origin, Candidate: candidateOf(i.Candidate), Job: jobTitle{ID: i.Job.ID, Title: i.Job.Title},
		SparkHire: sparkHireInterview{
			InterviewID: i.SparkHire.InterviewID, JobID: i.SparkHire.JobID,
			QuestionSetID: i.SparkHire.QuestionSetID, Status: i.SparkHire.Status,
		},
		Due: dueOf(i.Schedule), Message: i.Message, RequestedBy: personOf(i.RequestedBy),
		Reason: reasonOf(i.Reason), Notice: reasonOf(i.Notice), Actions: actions, ReportedRevision: i.ReportedRevision,
		CreatedAt: i.CreatedAt.UTC(), UpdatedAt: i.UpdatedAt.UTC(), CompletedAt: timeOf(i.CompletedAt),
	}
}

// shown returns an interview to somebody who may see it.
func (a *api) shown(k known) interview {
	return interviewOf(k.interview, a.engine.Actions(k.view, k.interview, k.actor, true))
}

// visibleTo tells which of the interviews' candidates a person may see. It asks
// about each once, several at a time. What the host cannot say is an error: an empty
// list would look like "nothing there".
func (a *api) visibleTo(ctx context.Context, u ats.User, c ats.Connection, is []store.Interview) (map[ats.CandidateRef]bool, error) {
	may := map[ats.CandidateRef]bool{}
	var refs []ats.CandidateRef
	for _, i := range is {
		ref := refOf(i)
		if _, known := may[ref]; !known {
			may[ref] = false
			refs = append(refs, ref)
		}
	}
	answers := make([]bool, len(refs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for n, ref := range refs {
		g.Go(func() (err error) {
			answers[n], err = a.engine.MayView(ctx, c, u, ref)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for n, ref := range refs {
		may[ref] = answers[n]
	}
	return may, nil
}

// event is a line of a timeline.
type event struct {
	Seq   int64             `json:"seq"`
	Kind  ats.EventKind     `json:"kind"`
	At    time.Time         `json:"at"`
	Text  string            `json:"text"`
	Actor string            `json:"actor"`
	Data  map[string]string `json:"data"`
}

func eventOf(e ats.Event) event {
	data := e.Data
	if data == nil {
		data = map[string]string{}
	}
	return event{Seq: e.Seq, Kind: e.Kind, At: e.At.UTC(), Text: e.Text, Actor: e.Actor, Data: data}
}
