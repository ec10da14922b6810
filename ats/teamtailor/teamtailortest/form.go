package teamtailortest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Choices are what a recruiter fills in, by field id: a string, a number, a bool for checkbox, a list of strings for multiselect.
// A file field takes the URL that is sent for it; the simulator stores no files.
type Choices map[string]any

// LogValue keeps the values out of logs.
func (c Choices) LogValue() slog.Value { return slog.IntValue(len(c)) }

// Place is where a form is opened; see [OnStage], [OnCandidate] and [InBulk].
type Place struct {
	stage     *Stage
	candidate *Candidate
	job       *Job
	user      *User
	bulk      bool
}

// OnStage is a trigger on a stage of a job, or of a job template. The integration learns job and stage of a job
// [documented: docs/vendors/teamtailor.md] and nothing of a template [assumed]. The user may be nil.
func OnStage(stage *Stage, user *User) Place { return Place{stage: stage, user: user} }

// OnCandidate is a run by hand from a candidate's card: in a job, or outside any with a nil job. [assumed:
// docs/vendors/teamtailor.md] The integration learns only the user; no candidate parameter is documented, and job and stage
// are documented for triggers.
func OnCandidate(c *Candidate, job *Job, user *User) Place {
	return Place{candidate: c, job: job, user: user}
}

// InBulk is a run by hand for several candidates at once. [observed: docs/vendors/teamtailor.md] Neither job nor stage is sent.
func InBulk(user *User) Place { return Place{bulk: true, user: user} }

// Form is a trigger form as a recruiter has it open. It is not safe for concurrent use, unlike everything else here: a
// person fills it in.
type Form struct {
	activation *Activation
	place      Place
	spec       formSpec
	chosen     map[string]any // already in the shape of webhook-data
	sendOpts   []SendOption
}

// LogValue keeps the values out of logs.
func (f *Form) LogValue() slog.Value { return slog.GroupValue(slog.Int("fields", len(f.spec.fields))) }

// OpenForm asks the integration for its trigger form, as a recruiter's click does. A form with an error field opens: it
// only cannot be saved. What cannot be rendered gives a [*FormError], and no answer an error that wraps [ErrNoAnswer].
func (a *Activation) OpenForm(ctx context.Context, at Place, opts ...SendOption) (*Form, error) {
	s := a.server
	s.mu.Lock()
	live, bulk := a.live(), a.Partner.allowBulk
	s.mu.Unlock()
	switch {
	case !live:
		return nil, fmt.Errorf("open form: %w", ErrNotInstalled)
	case at.bulk && !bulk:
		return nil, fmt.Errorf("open form: %w", ErrBulkNotAllowed)
	case at.bulk:
	case at.stage != nil && at.stage.job.company == a.Company:
	case at.candidate != nil && at.candidate.company == a.Company:
	default:
		return nil, fmt.Errorf("open form: stage or candidate: %w", ErrNotFound)
	}
	f := &Form{activation: a, place: at, chosen: map[string]any{}, sendOpts: opts}
	if err := f.fetch(ctx); err != nil {
		return nil, err
	}
	return f, nil
}

// fetch gets the form and keeps those values that still fit it.
func (f *Form) fetch(ctx context.Context) error {
	s, a := f.activation.server, f.activation
	s.mu.Lock()
	raw, key, token := a.Partner.trigger, a.savedKey, a.token
	s.mu.Unlock()
	status := 0
	if absentJSON(raw) || isEmptyObject(raw) {
		endpoint, err := a.Partner.endpoint("config")
		if err != nil {
			return err
		}
		if q := f.query().Encode(); q != "" {
			endpoint += "?" + q
		}
		d, answer := s.send(ctx, outgoing{
			kind: CallConfig, partner: a.Partner, method: http.MethodGet, url: endpoint, bearer: key, apiToken: token,
			opts: collect(f.sendOpts),
		})
		if d.Err != nil {
			return d.Err
		}
		if err := answer.renderable(); err != nil {
			return err
		}
		status, raw = d.Status, answer.body
	}
	spec, bad := s.parseForm(raw, triggerForm)
	if len(bad) > 0 {
		return &FormError{Status: status, Problems: bad}
	}
	f.spec = spec
	before := f.chosen
	f.chosen = map[string]any{}
	for i := range spec.fields {
		field := &spec.fields[i]
		v, ok := before[field.ID]
		if !ok {
			v, ok = field.Value, field.Value != nil
		}
		if ok && field.isInput() {
			if v, err := s.normalize(field, v); err == nil {
				f.chosen[field.ID] = v
			}
		}
	}
	return nil
}

// query says what the integration learns about where the form is open, and on a re-fetch what was chosen so far.
func (f *Form) query() url.Values {
	q := url.Values{}
	if st := f.place.stage; st != nil && !st.job.template {
		q.Set("job_id", strconv.Itoa(st.job.ID))
		q.Set("stage_id", strconv.Itoa(st.ID))
	}
	if f.place.user != nil {
		q.Set("user_id", strconv.Itoa(f.place.user.ID))
	}
	if len(f.chosen) == 0 {
		return q
	}
	switch f.activation.server.cfg.refetch {
	case RefetchJSON:
		q.Set("webhook_data", string(compactJSON(f.chosen)))
	case RefetchBrackets:
		addValues(q, f.chosen, func(id string) string { return "webhook_data[" + id + "]" })
	case RefetchFlat:
		addValues(q, f.chosen, func(id string) string { return id })
	case RefetchNever:
	}
	return q
}

// addValues writes the chosen values as parameters of their own. A list becomes name[], as frameworks do.
func addValues(q url.Values, chosen map[string]any, name func(string) string) {
	for id, v := range chosen {
		if list, ok := v.([]string); ok {
			q[name(id)+"[]"] = list
			continue
		}
		q.Set(name(id), fmt.Sprint(v))
	}
}

// Fields returns the fields of the form as it is now.
func (f *Form) Fields() []Field { return slices.Clone(f.spec.fields) }

// Field returns one field of the form as it is now.
func (f *Form) Field(id string) (Field, bool) {
	for _, field := range f.spec.fields {
		if field.ID == id {
			return field, true
		}
	}
	return Field{}, false
}

// Errors returns the messages of the form's error fields: red boxes that block saving.
func (f *Form) Errors() []string {
	var messages []string
	for _, field := range f.spec.fields {
		if field.Type == "error" {
			messages = append(messages, field.Message)
		}
	}
	return messages
}

// Criteria returns the assessment criteria that the form offers for mapping.
func (f *Form) Criteria() []Criterion { return slices.Clone(f.spec.criteria) }

// Choose fills in fields in the order of the form. After each field with refetch the form is fetched anew, so that a choice
// may be for a field that only appears then. It returns a [*FormError] for choices that no field takes.
func (f *Form) Choose(ctx context.Context, choices Choices) error {
	s := f.activation.server
	left := maps.Clone(choices)
	for again := true; again; {
		again = false
		for i := range f.spec.fields {
			field := &f.spec.fields[i]
			v, wanted := left[field.ID]
			if !wanted || !field.isInput() {
				continue
			}
			delete(left, field.ID)
			normal, err := s.normalize(field, v)
			if err != nil {
				return &FormError{Problems: []string{fmt.Sprintf("%q %v", field.ID, err)}}
			}
			f.chosen[field.ID] = normal
			if field.Refetch && s.cfg.refetch != RefetchNever {
				if err := f.fetch(ctx); err != nil {
					return err
				}
				again = true
				break
			}
		}
	}
	var bad problems
	for _, id := range slices.Sorted(maps.Keys(left)) {
		bad.add("the form has no field %q", id)
	}
	if len(bad) > 0 {
		return &FormError{Problems: bad}
	}
	return nil
}

// data checks that the form can be saved and returns the webhook-data that it yields.
func (f *Form) data() (map[string]any, error) {
	s := f.activation.server
	var bad problems
	for _, message := range f.Errors() {
		bad.add("%s", message)
	}
	data := map[string]any{}
	for i := range f.spec.fields {
		field := &f.spec.fields[i]
		if !field.isInput() {
			continue
		}
		v, chosen := f.chosen[field.ID]
		if !chosen {
			v = s.empty(field)
		}
		if field.Required && (field.Disabled || s.isEmpty(field, v)) {
			// [observed: docs/vendors/teamtailor.md] A required field that cannot be filled in is how starter code blocks saving.
			bad.add("%q is required: %s", field.ID, field.Label)
		}
		if v != nil && !field.Disabled {
			// [documented: docs/vendors/teamtailor.md] Underscores come back as hyphens.
			data[strings.ReplaceAll(field.ID, "_", "-")] = v
		}
	}
	if len(bad) > 0 {
		return nil, &FormError{Problems: bad}
	}
	return data, nil
}
