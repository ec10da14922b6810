package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// headerKey names a request, so that it can be repeated.
const headerKey = "Idempotency-Key"

func (a *api) createInterview(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	body, err := decodeBody[newInterview](w, r)
	if err != nil {
		return err
	}
	actor, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	by, err := a.requester(c, actor)
	if err != nil {
		return err
	}
	req, err := by.request(r.Header.Get(headerKey), headerKey, body)
	if err != nil {
		return err
	}
	i, err := a.engine.Request(r.Context(), req)
	if err != nil {
		return err
	}
	a.located(w, "/interviews/"+url.PathEscape(i.ID))
	return a.answer(w, r, http.StatusAccepted, a.shown(known{connected: c, interview: i, actor: actor}))
}

func (a *api) listInterviews(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	q, err := query(r, "candidate_id", "job_id", "state", "limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := limitOf(q)
	if err != nil {
		return err
	}
	state := ats.State(q.Get("state"))
	if state != "" && !slices.Contains(States(), state) {
		return refuse(codeInvalidRequest, "state", "This is no state of an interview.")
	}
	actor, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	if id := q.Get("candidate_id"); id != "" {
		ref := ats.CandidateRef{ID: id, JobID: q.Get("job_id")}
		err := a.engine.CheckView(r.Context(), c.view, actor, ref)
		if err != nil && (ref.JobID != "" || !errors.Is(err, ats.ErrUnsupported)) {
			return err // an ATS that knows candidates by their job only is asked about each interview, below
		}
	}
	is, next, err := a.engine.ListInterviews(r.Context(), store.ListInterviewsParams{
		ConnectionID: c.row.ID, CandidateID: q.Get("candidate_id"), JobID: q.Get("job_id"), State: state,
		Limit: limit, Cursor: q.Get("cursor"),
	})
	if err != nil {
		return cursorError(err)
	}
	may, err := a.visibleTo(r.Context(), actor, c.view, is)
	if err != nil {
		return err
	}
	is = slices.DeleteFunc(is, func(i store.Interview) bool { return !may[refOf(i)] })
	return a.answer(w, r, http.StatusOK, pageOf(is, func(i store.Interview) interview {
		return a.shown(known{connected: c, interview: i, actor: actor})
	}, next))
}

// States returns the states of an interview by which lists are filtered.
func States() []ats.State {
	return []ats.State{
		ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateCompleted,
		ats.StateExpired, ats.StateCanceled, ats.StateFailed, ats.StateUnconfirmed,
	}
}

func (a *api) getInterview(w http.ResponseWriter, r *http.Request) error {
	k, err := a.visible(r, "id")
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, a.shown(k))
}

func (a *api) listEvents(w http.ResponseWriter, r *http.Request) error {
	k, err := a.visible(r, "id")
	if err != nil {
		return err
	}
	events, err := a.engine.Events(r.Context(), k.interview.ID)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, listOf(events, eventOf))
}

// notified is what is known about the candidate having been told: whether Spark
// Hire writes to a candidate whose interview is removed is not public
// [assumed: docs/vendors/sparkhire.md].
const notified = "unknown"

func (a *api) cancelInterview(w http.ResponseWriter, r *http.Request) error {
	if err := decodeNothing(w, r); err != nil {
		return err
	}
	k, err := a.changeable(r, "id")
	if err != nil {
		return err
	}
	if k.interview.State == ats.StateCanceled { // the engine lets that pass; a person is told
		return refuse(ats.CodeNotCancelable, "", "This interview is canceled already.")
	}
	if _, err := a.engine.Cancel(r.Context(), k.interview.ID, k.actor); err != nil {
		return err
	}
	if k.interview, err = a.engine.StoredInterview(r.Context(), k.interview.ID); err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, struct {
		interview
		CandidateNotified string `json:"candidate_notified"`
	}{a.shown(k), notified})
}

// resolution is what a person knows about an unconfirmed interview.
type resolution struct {
	Action               string `json:"action"`
	SparkHireInterviewID string `json:"spark_hire_interview_id"`
}

func (b resolution) check() error {
	switch {
	case b.Action != "sent" && b.Action != "send_again":
		return refuse(codeInvalidRequest, "action", "Write sent or send_again.")
	case b.Action == "sent" && b.SparkHireInterviewID == "":
		return refuse(codeInvalidRequest, "spark_hire_interview_id", "Say which interview at Spark Hire it is.")
	case b.Action == "send_again" && b.SparkHireInterviewID != "":
		return refuse(codeInvalidRequest, "spark_hire_interview_id", "Leave this out to send again.")
	}
	return checkLength("spark_hire_interview_id", b.SparkHireInterviewID, maxID)
}

func (a *api) resolveInterview(w http.ResponseWriter, r *http.Request) error {
	body, err := decodeBody[resolution](w, r)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	k, err := a.changeable(r, "id")
	if err != nil {
		return err
	}
	if err := a.engine.Resolve(r.Context(), k.interview.ID, body.SparkHireInterviewID, k.actor); err != nil {
		return err
	}
	if k.interview, err = a.engine.StoredInterview(r.Context(), k.interview.ID); err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, a.shown(k))
}

// recording is where an interview can be watched. ShareURL opens it for whoever
// holds it, beside a page for which one must be signed in; only if there is one.
type recording struct {
	URL      string `json:"url"`
	Kind     string `json:"kind"`
	ShareURL string `json:"share_url,omitempty"`
}

func (a *api) getRecording(w http.ResponseWriter, r *http.Request) error {
	k, err := a.visible(r, "id")
	if err != nil {
		return err
	}
	link, kind, err := a.engine.Recording(r.Context(), k.interview.ID, k.actor)
	if errors.Is(err, ats.ErrNotFound) {
		return refuse(codeNotFound, "", "There is no recording of this interview.")
	}
	if err != nil {
		return err
	}
	shown := recording{URL: link, Kind: kind}
	if policy, err := a.engine.PolicyOf(k.view); err == nil && !policy.ViewWithoutKey { // who watches may share
		shown.ShareURL = k.interview.SparkHire.ShareURL
	}
	return a.answer(w, r, http.StatusOK, shown)
}

func (a *api) eraseCandidate(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "candidate_id")
	if err != nil {
		return err
	}
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	if err := a.engine.EraseCandidate(r.Context(), c.row.ID, id, by); err != nil {
		return err
	}
	return noContent(w)
}
