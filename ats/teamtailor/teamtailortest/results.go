package teamtailortest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// statusSending is how the vendor creates a partner result; statusFailed is how it marks a refused event.
const (
	statusSending = "sending"
	statusFailed  = "failed"
)

// statuses are the five that exist. [documented: docs/vendors/teamtailor.md] Any may follow any. [assumed]
func statuses() []string {
	return []string{statusSending, "sent", "pending", "completed", statusFailed}
}

// result is a partner result. Everything but the identity is guarded by server.mu.
type result struct {
	id      string
	server  *Server
	partner *Partner

	candidate *Candidate
	job       *Job
	event     *sentEvent // nil if the integration created the result
	state     CardState
	created   time.Time
	history   []Change
	removed   bool
}

// addResult makes a partner result without a status. Callers hold s.mu.
func (s *Server) addResult(p *Partner, c *Candidate, job *Job) *result {
	r := &result{id: s.ids.uuid(), server: s, partner: p, candidate: c, job: job, created: s.now()}
	s.results = append(s.results, r)
	return r
}

// result finds a partner result, removed ones included; nil without one. Callers hold s.mu.
func (s *Server) result(id string) *result {
	for _, r := range s.results {
		if r.id == id {
			return r
		}
	}
	return nil
}

// resultURL is the update-url of a partner result.
func (s *Server) resultURL(id string) string {
	return joinURL(s.publicURL(), "partner/v1/partner-results/"+id)
}

// note records that something changed the result, or tried to. Callers hold server.mu.
func (r *result) note(source Source, status int, sent json.RawMessage) {
	s := r.server
	s.changeSeq++
	r.history = append(r.history, Change{
		Seq: s.changeSeq, At: s.now(), Source: source, Status: status, Sent: slices.Clone(sent), After: r.shown(),
	})
	s.notify()
}

// remove takes the result away for good. Callers hold server.mu.
func (r *result) remove(source Source) {
	if r.removed {
		return
	}
	r.removed = true
	status := 0
	if source == ByDelete {
		status = http.StatusNoContent
	}
	r.state = CardState{}
	r.note(source, status, nil)
}

// RemoveResult takes a partner result away, as a recruiter or a deletion rule may. The Partner API no longer knows it.
// Repeating it does nothing.
func (s *Server) RemoveResult(resultID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.result(resultID); r != nil {
		r.remove(BySystem)
	}
}

// hasButton reports whether the card shows a button for the endpoint now.
func (r *result) hasButton(endpoint string) bool {
	return slices.ContainsFunc(r.state.Buttons, func(b Button) bool { return b.Endpoint == endpoint })
}

// settle does to the result what the answer to a partner event asks for, and tells d about it. Callers hold server.mu.
//
// [documented: docs/vendors/teamtailor.md] Only 2xx counts as received; a plain string from 400 on is shown as the error;
// a 2xx answer may carry attributes, applied only if valid. [assumed] A failed delivery makes the result "failed", also when
// there was no answer at all, and also for action buttons.
func (r *result) settle(d *Delivery, ans answer) {
	if d.Lost || r.removed {
		return
	}
	switch {
	case d.Err != nil:
	case ans.status >= 200 && ans.status < 300:
		r.applyAnswer(d, ans)
		return
	case ans.status >= 400:
		text, plain := ans.plainText()
		if !plain {
			d.Notes = append(d.Notes, "the body is not a plain string, so the card shows no reason")
		}
		d.Text = text
	}
	if d.Kind == CallAction && r.server.cfg.gentleActions {
		return
	}
	r.state.Status, r.state.Error = statusFailed, d.Text
	r.note(BySystem, 0, nil)
}

// answerAttributes are what a 2xx answer may set. Of the assessment only the score is read.
// [documented: docs/vendors/teamtailor.md]
func answerAttributes() []string { return []string{"status", "assessment", "details", "attachments"} }

// applyAnswer applies partner_result_attributes, all or nothing. Callers hold server.mu.
func (r *result) applyAnswer(d *Delivery, ans answer) {
	if strings.TrimSpace(string(ans.body)) == "" {
		return
	}
	body, ok := members(ans.body)
	if !ok {
		d.Notes = append(d.Notes, "the body is not a JSON object")
		return
	}
	raw := body["partner_result_attributes"]
	if absentJSON(raw) {
		return
	}
	sent, ok := value(raw).(map[string]any)
	if !ok {
		d.Notes = append(d.Notes, "partner_result_attributes is not an object")
		return
	}
	patch := map[string]any{}
	for name, v := range sent {
		switch {
		case !slices.Contains(answerAttributes(), name):
			d.Notes = append(d.Notes, "partner_result_attributes."+name+" is not read")
			continue
		case name == "assessment":
			if m, ok := v.(map[string]any); ok {
				v = map[string]any{"score": m["score"]}
			}
		}
		patch[name] = v
	}
	slices.Sort(d.Notes)
	next, errs := r.patched(patch)
	if len(errs) > 0 {
		for _, e := range errs {
			d.Notes = append(d.Notes, "not applied: "+e.Detail)
		}
		return
	}
	if len(patch) == 0 {
		return
	}
	r.become(next)
	d.Applied = true
	r.note(ByAnswer, 0, raw)
}

// become puts a new state in place. The error text of a refused event goes with the status that it explained. [assumed]
func (r *result) become(next resultPatch) {
	r.state = next.state
	if next.job != nil {
		r.job = next.job
	}
	if r.state.Status != statusFailed {
		r.state.Error = ""
	}
}
