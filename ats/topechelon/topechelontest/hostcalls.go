package topechelontest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// read reads a body of the contract. Members are pointers: each that is required must be there.
func (h *Host) read(r *http.Request, body []byte, v any, required map[string]**string) *reply {
	if no := h.strictJSON(r, body, v); no != nil {
		return no
	}
	for name, value := range required {
		if *value == nil || **value == "" {
			no := h.wrong(r, http.StatusBadRequest, "member "+name+": missing or empty")
			return &no
		}
	}
	return nil
}

// actor is POST /v1/actor.
func (h *Host) actor(r *http.Request, body []byte) reply {
	var req struct {
		Credential *string `json:"credential"`
	}
	if no := h.read(r, body, &req, map[string]**string{"credential": &req.Credential}); no != nil {
		return *no
	}
	a := h.actors[*req.Credential]
	if a == nil {
		return reply{status: http.StatusUnauthorized}
	}
	return reply{status: http.StatusOK, body: map[string]any{
		"agencyId": a.AgencyID, "userId": a.UserID, "name": a.Name, "email": a.Email, "timeZone": a.TimeZone,
	}}
}

// sees says whether a user may see the pipeline of a job. A user who never signed in sees nothing. [assumed]
func (h *Host) sees(userID, jobID string) bool {
	p := h.pipelines[jobID]
	return p != nil && h.users[userID] == p.agencyID && !h.hidden[[2]string{userID, jobID}]
}

// byPerson is POST /v1/pipelines/by-person.
func (h *Host) byPerson(r *http.Request, body []byte) reply {
	var req struct {
		UserID   *string `json:"userId"`
		PersonID *string `json:"personId"`
	}
	if no := h.read(r, body, &req, map[string]**string{"userId": &req.UserID, "personId": &req.PersonID}); no != nil {
		return *no
	}
	jobs := []string{}
	for id, p := range h.pipelines {
		if slices.Contains(p.people, *req.PersonID) && h.sees(*req.UserID, id) {
			jobs = append(jobs, id)
		}
	}
	slices.Sort(jobs)
	return reply{status: http.StatusOK, body: map[string]any{"jobIds": jobs}}
}

// membership is POST /v1/pipelines/membership.
func (h *Host) membership(r *http.Request, body []byte) reply {
	var req struct {
		UserID   *string `json:"userId"`
		JobID    *string `json:"jobId"`
		PersonID *string `json:"personId"`
	}
	required := map[string]**string{"userId": &req.UserID, "jobId": &req.JobID, "personId": &req.PersonID}
	if no := h.read(r, body, &req, required); no != nil {
		return *no
	}
	member := h.sees(*req.UserID, *req.JobID) && slices.Contains(h.pipelines[*req.JobID].people, *req.PersonID)
	return reply{status: http.StatusOK, body: map[string]any{"member": member}}
}

type statusRequest struct {
	AgencyID    *string `json:"agencyId"`
	JobID       *string `json:"jobId"`
	PersonID    *string `json:"personId"`
	Revision    *int64  `json:"revision"`
	InterviewID *string `json:"interviewId"`
	Type        *string `json:"type"`
	State       *string `json:"state"`
	Label       *string `json:"label"`
	DueAt       *string `json:"dueAt"`
	ResultURL   *string `json:"resultUrl"`
}

// putStatus is PUT /v1/interview-statuses.
func (h *Host) putStatus(r *http.Request, body []byte) reply {
	var req statusRequest
	answer := h.readStatus(r, body, &req)
	if answer == nil {
		answer = h.storeStatus(r, &req)
	}
	if answer.status != http.StatusNoContent {
		h.writes.Refused++
	}
	return *answer
}

// readStatus refuses what the contract does not allow.
func (h *Host) readStatus(r *http.Request, body []byte, req *statusRequest) *reply {
	required := map[string]**string{"agencyId": &req.AgencyID, "jobId": &req.JobID, "personId": &req.PersonID, "state": &req.State}
	if no := h.read(r, body, req, required); no != nil {
		return no
	}
	reason := ""
	switch {
	case req.Revision == nil:
		reason = "member revision: missing"
	case req.Label == nil:
		reason = "member label: missing"
	case !slices.Contains([]string{"none", "invited", "accepted", "completed", "expired", "canceled"}, *req.State):
		reason = "member state: not one of the contract's"
	case req.Type != nil && !slices.Contains([]string{"one_way", "live"}, *req.Type):
		reason = "member type: want one_way, live or null"
	case req.DueAt != nil && !isTime(*req.DueAt):
		reason = "member dueAt: want RFC 3339 or null"
	case req.ResultURL != nil && !isURL(*req.ResultURL):
		reason = "member resultUrl: want an absolute address or null"
	default:
		return nil
	}
	no := h.wrong(r, http.StatusBadRequest, reason)
	return &no
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && strings.HasPrefix(u.Scheme, "http")
}

// storeStatus replaces what the row shows, unless the revision is not newer. The same revision with another content is
// ignored too, and a violation: revisions grow.
func (h *Host) storeStatus(r *http.Request, req *statusRequest) *reply {
	if h.noColumn {
		return &reply{status: http.StatusNotImplemented}
	}
	key := StatusKey{*req.AgencyID, *req.JobID, *req.PersonID}
	p := h.pipelines[key.JobID]
	if p == nil || p.agencyID != key.AgencyID || !slices.Contains(p.people, key.PersonID) {
		no := refuse(http.StatusNotFound, "the person is not in that pipeline")
		return &no
	}
	next := Status{
		Revision: *req.Revision, InterviewID: orEmpty(req.InterviewID), Type: orEmpty(req.Type), State: *req.State,
		Label: *req.Label, ResultURL: orEmpty(req.ResultURL),
	}
	if req.DueAt != nil {
		next.DueAt, _ = time.Parse(time.RFC3339, *req.DueAt) // checked before
	}
	now, there := h.statuses[key]
	switch {
	case !there || next.Revision > now.Revision:
		h.statuses[key] = next
		h.writes.Stored++
	default:
		h.writes.Ignored++
		if next.Revision == now.Revision && !next.equal(now) {
			h.violate(r, "member revision: the same as before with another content")
		}
	}
	return &reply{status: http.StatusNoContent}
}

func (s Status) equal(o Status) bool {
	same := s.DueAt.Equal(o.DueAt)
	s.DueAt, o.DueAt = time.Time{}, time.Time{}
	return same && s == o
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
