package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/httpapi"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// interviewsView is a list of a connection's interviews.
type interviewsView struct {
	store.Connection
	States      []ats.State
	State       string
	CandidateID string
	JobID       string
	Filtered    bool
	Interviews  []interviewRow
	Next        string
	First       bool
}

type interviewRow struct {
	store.Interview
	Updated moment
}

func (c *Console) interviews(w http.ResponseWriter, r *http.Request, s session) error {
	row, err := c.engine.ConnectionByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	filters := url.Values{}
	for _, name := range []string{"state", "candidate_id", "job_id"} {
		if value := strings.TrimSpace(r.URL.Query().Get(name)); value != "" {
			filters.Set(name, value)
		}
	}
	v := interviewsView{
		Connection: row, States: httpapi.States(), Filtered: len(filters) > 0,
		State: filters.Get("state"), CandidateID: filters.Get("candidate_id"), JobID: filters.Get("job_id"),
	}
	if v.State != "" && !slices.Contains(v.States, ats.State(v.State)) {
		c.tell(w, r, s, http.StatusUnprocessableEntity, "This is no state of an interview.")
		return nil
	}
	cursor := r.URL.Query().Get("cursor")
	is, next, err := c.engine.ListInterviews(r.Context(), store.ListInterviewsParams{
		ConnectionID: row.ID, State: ats.State(v.State), CandidateID: v.CandidateID, JobID: v.JobID, Cursor: cursor,
	})
	if err != nil {
		return err
	}
	v.First, v.Next = cursor == "", nextPage(next, filters)
	at := moments(row.TimeZone)
	for _, i := range is {
		v.Interviews = append(v.Interviews, interviewRow{i, at(i.UpdatedAt)})
	}
	c.show(w, r, s, http.StatusOK, "interviews", "Interviews", v)
	return nil
}

// interviewView is the page of an interview.
type interviewView struct {
	store.Interview
	Connection store.Connection
	Actor      ats.User

	Created, Updated, Completed, Due, Erased, CancelAsked moment

	Events []eventRow
	// What the person can do now, and what stands in the way of the rest.
	MayCancel, MayResolve, MayView bool
	Refused                        string
	// Delivery is nil where everything was reported.
	Delivery *store.Delivery
	// Recording is where it can be watched, after the person has asked for that.
	Recording, RecordingKind string
}

type eventRow struct {
	ats.Event
	When moment
	Who  string
	Data []setting
}

// known is an interview with its connection and who looks at it.
type known struct {
	interview store.Interview
	row       store.Connection
	view      ats.Connection
	policy    ats.Policy
	actor     ats.User
}

// known returns the interview of that id.
func (c *Console) known(r *http.Request, s session, id string) (known, error) {
	i, err := c.engine.StoredInterview(r.Context(), id)
	if err != nil {
		return known{}, err
	}
	row, err := c.engine.ConnectionByID(r.Context(), i.ConnectionID)
	if err != nil {
		return known{}, err
	}
	k := known{interview: i, row: row, view: c.engine.AdapterView(row)}
	k.policy, _ = c.engine.PolicyOf(k.view) // an adapter that is not enabled any more has no rules
	k.actor = s.actor(k.view)
	return k, nil
}

// candidate names the candidate, in the course of the job.
func (k known) candidate() ats.CandidateRef {
	return ats.CandidateRef{Tenant: k.interview.Tenant, ID: k.interview.Candidate.ID, JobID: k.interview.Job.ID}
}

func (c *Console) interview(w http.ResponseWriter, r *http.Request, s session) error {
	return c.showInterview(w, r, s, nil, nil)
}

// showInterview shows the page, with what went wrong before, or after change.
func (c *Console) showInterview(w http.ResponseWriter, r *http.Request, s session, failed error, change func(*interviewView)) error {
	k, err := c.known(r, s, r.PathValue("id"))
	if err != nil {
		return err
	}
	events, err := c.engine.Events(r.Context(), k.interview.ID)
	if err != nil {
		return err
	}
	i, at := k.interview, moments(k.row.TimeZone)
	v := interviewView{
		Interview: i, Connection: k.row, Actor: k.actor,
		Created: at(i.CreatedAt), Updated: at(i.UpdatedAt), Completed: at(i.CompletedAt), Due: at(i.Schedule.At),
		Erased: at(i.ErasedAt), CancelAsked: at(i.CancelAt),
	}
	for _, e := range events {
		v.Events = append(v.Events, eventRow{Event: e, When: at(e.At), Who: named(k.view, e.Actor), Data: factsOf(e)})
	}
	actions := c.engine.Actions(k.view, i, k.actor, true)
	v.MayCancel, v.MayResolve = slices.Contains(actions, "cancel"), slices.Contains(actions, "resolve")
	v.MayView = i.State == ats.StateCompleted && i.ErasedAt.IsZero()
	if open := !i.State.Ended(); open && !v.MayCancel && !v.MayResolve {
		// Where this person can do nothing at all, the sentence says what is missing.
		if refusal, ok := ats.AsRefusal(c.engine.CheckChange(r.Context(), k.view, k.actor, k.candidate())); ok {
			_, v.Refused = httpapi.Explain(k.policy, refusal)
		}
	}
	if i.ReportedRevision < i.Revision {
		d, err := c.engine.Delivery(r.Context(), i.ID)
		if err != nil {
			return err
		}
		v.Delivery = &d
	}
	if change != nil {
		change(&v)
	}
	f, status := frame{Title: "Interview", Session: s, View: v}, http.StatusOK
	if failed != nil {
		status, f.Problem = c.explain(w, r, k.policy, failed)
	}
	c.showWith(w, r, status, "interview", f)
	return nil
}

// named returns a person's id, with the name that the connection knows.
func named(c ats.Connection, id string) string {
	if u, ok := c.User(id); ok && u.Name != "" && u.Name != id {
		return u.Name + " (" + id + ")"
	}
	return id
}

// factsOf returns the facts of an event by name.
func factsOf(e ats.Event) []setting {
	var facts []setting
	for _, name := range slices.Sorted(maps.Keys(e.Data)) {
		facts = append(facts, setting{name, e.Data[name]})
	}
	return facts
}

// change does what a person asks for with an interview, and goes back to its page:
// with what was done, or with why not. do returns the word for what was done.
func (c *Console) change(w http.ResponseWriter, r *http.Request, s session, do func(k known) (string, error)) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	k, err := c.known(r, s, r.PathValue("id"))
	if err != nil {
		return err
	}
	word, err := do(k)
	if err != nil {
		return c.showInterview(w, r, s, err, nil)
	}
	c.back(w, r, c.link("/interviews/{}", k.interview.ID), word)
	return nil
}

func (c *Console) cancel(w http.ResponseWriter, r *http.Request, s session) error {
	return c.change(w, r, s, func(k known) (string, error) {
		if err := c.engine.CheckChange(r.Context(), k.view, k.actor, k.candidate()); err != nil {
			return "", err
		}
		i, err := c.engine.Cancel(r.Context(), k.interview.ID, k.actor)
		if i.State == ats.StateCanceled {
			return "canceled", err
		}
		return "canceling", err
	})
}

func (c *Console) resolve(w http.ResponseWriter, r *http.Request, s session) error {
	return c.change(w, r, s, func(k known) (string, error) {
		action, id := r.PostForm.Get("action"), strings.TrimSpace(r.PostForm.Get("spark_hire_interview_id"))
		switch {
		case action == "sent" && id == "":
			return "", ats.Refuse(codeIncomplete, "spark_hire_interview_id", "Say which interview at Spark Hire it is: write its id.")
		case utf8.RuneCountInString(id) > maxName:
			return "", ats.Refuse(codeIncomplete, "spark_hire_interview_id", "This is too long for an id of Spark Hire's.")
		case action == "send-again" && r.PostForm.Get("looked") == "":
			return "", ats.Refuse(codeIncomplete, "looked", "Look in Spark Hire first, and confirm that the invitation is not there.")
		case action == "send-again":
			id = ""
		case action != "sent":
			return "", ats.Refuse(codeIncomplete, "action", "Say whether it was sent.")
		}
		if err := c.engine.CheckChange(r.Context(), k.view, k.actor, k.candidate()); err != nil {
			return "", err
		}
		return action, c.engine.Resolve(r.Context(), k.interview.ID, id, k.actor)
	})
}

// codeIncomplete is for forms that lack something.
const codeIncomplete ats.Code = "invalid_request"

// recording shows the page with where the interview can be watched: a link that
// opens for whoever holds it is not kept in any address.
func (c *Console) recording(w http.ResponseWriter, r *http.Request, s session) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	k, err := c.known(r, s, r.PathValue("id"))
	if err != nil {
		return err
	}
	address, kind, err := c.engine.Recording(r.Context(), k.interview.ID, k.actor)
	return c.showInterview(w, r, s, err, func(v *interviewView) { v.Recording, v.RecordingKind = address, kind })
}

func (c *Console) retryInterview(w http.ResponseWriter, r *http.Request, s session) error {
	return c.change(w, r, s, func(k known) (string, error) {
		return "retried", c.engine.RetryDelivery(r.Context(), k.interview.ID, k.actor)
	})
}
