package teamtailortest

import (
	"encoding/json"
	"net/http"
	"slices"
)

// listResults lists the partner's own results only. [documented: docs/vendors/teamtailor.md]
func (s *Server) listResults(p *Partner, r *http.Request) reply {
	var own []*result
	for _, res := range s.results {
		if res.partner == p && !res.removed {
			own = append(own, res)
		}
	}
	return s.pageOf(r, len(own), func(i int) any { return s.renderResult(own[i]) })
}

// renderResult gives the whole result, whatever part of it an update changed. [documented: docs/vendors/teamtailor.md]
func (s *Server) renderResult(r *result) map[string]any {
	return map[string]any{
		"id": r.id, "type": "partner-results", "attributes": r.attributes(),
		"links": map[string]string{"self": s.resultURL(r.id)},
	}
}

// resultAttributes are what an update may carry; a create also has candidate-id. [documented: docs/vendors/teamtailor.md]
func resultAttributes() []string {
	return []string{
		"status", "job-id", "summary", "url", "assessment", "details", "attachments", "actions", "assessment-criteria",
	}
}

// createResult makes a result without a trigger. status and candidate-id are required. [documented] for that; that the
// candidate must be of a company with the integration installed is [assumed].
func (s *Server) createResult(p *Partner, r *http.Request, body []byte) reply {
	doc, rep := readDocument(r, body, "partner-results", "", false)
	if rep == nil {
		rep = doc.allow(append(resultAttributes(), "candidate-id"), nil)
	}
	if rep != nil {
		return *rep
	}
	var errs []apiError
	number, _ := doc.attributes["candidate-id"].(json.Number)
	id, err := number.Int64()
	var who *Candidate
	for _, a := range p.activations {
		i := slices.IndexFunc(a.Company.candidates, func(c *Candidate) bool { return int64(c.ID) == id })
		if a.live() && err == nil && i >= 0 {
			who = a.Company.candidates[i]
		}
	}
	if doc.attributes["status"] == nil {
		errs = append(errs, validationError("status", "can't be blank"))
	}
	switch {
	case doc.attributes["candidate-id"] == nil:
		errs = append(errs, validationError("candidate-id", "can't be blank"))
	case who == nil:
		errs = append(errs, validationError("candidate-id", "must exist"))
	}
	if len(errs) > 0 {
		return refuseAll(http.StatusUnprocessableEntity, errs...)
	}
	probe := &result{server: s, partner: p, candidate: who}
	next, errs := probe.patched(doc.attributes)
	if len(errs) > 0 {
		return refuseAll(http.StatusUnprocessableEntity, errs...)
	}
	res := s.addResult(p, who, nil)
	res.become(next)
	res.note(ByCreate, http.StatusCreated, doc.raw)
	return reply{
		status: http.StatusCreated, body: map[string]any{"data": s.renderResult(res)},
		header: http.Header{"Location": {s.resultURL(res.id)}},
	}
}

// oneResult reads, updates or deletes a result. [documented: docs/vendors/teamtailor.md] PUT updates in part: attributes that
// are not sent stay. [assumed] GET works, for links.self exists; PATCH does not, unless [WithPATCH].
func (s *Server) oneResult(p *Partner, r *http.Request, id string, body []byte) reply {
	res := s.result(id)
	switch {
	case res == nil || res.partner != p:
		return notFound("partner-result", id)
	case res.removed && s.cfg.gone:
		return refuse(http.StatusGone, "410", "Gone", "The partner-result identified by "+id+" was removed.")
	case res.removed:
		return notFound("partner-result", id)
	}
	switch {
	case r.Method == http.MethodGet:
		return reply{status: http.StatusOK, body: map[string]any{"data": s.renderResult(res)}}
	case r.Method == http.MethodDelete:
		res.remove(ByDelete)
		return reply{status: http.StatusNoContent}
	case r.Method == http.MethodPut, r.Method == http.MethodPatch && s.cfg.patch:
		return s.updateResult(res, r, body)
	}
	return methodNotAllowed(http.MethodGet, http.MethodPut, http.MethodDelete)
}

// updateResult applies an update, all or nothing, and records it with what the card shows afterwards, refused ones too.
func (s *Server) updateResult(res *result, r *http.Request, body []byte) reply {
	doc, rep := readDocument(r, body, "partner-results", res.id, false)
	if rep == nil {
		rep = doc.allow(resultAttributes(), nil)
	}
	if rep != nil {
		res.note(ByUpdate, rep.status, doc.raw)
		return *rep
	}
	next, errs := res.patched(doc.attributes)
	if len(errs) > 0 {
		res.note(ByUpdate, http.StatusUnprocessableEntity, doc.raw)
		return refuseAll(http.StatusUnprocessableEntity, errs...)
	}
	res.become(next)
	res.note(ByUpdate, http.StatusOK, doc.raw)
	return reply{status: http.StatusOK, body: map[string]any{"data": s.renderResult(res)}}
}
