package teamtailortest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The shapes below are those of the trigger webhook. [documented: docs/vendors/teamtailor.md]
// Ids are numbers, unlike in the public API; company stands beside partner-event.

type eventBody struct {
	Event   partnerEvent  `json:"partner-event"`
	Company *eventCompany `json:"company,omitempty"`
	Padding string        `json:"padding,omitempty"`
}

type partnerEvent struct {
	ID        string         `json:"id"`
	Data      map[string]any `json:"webhook-data"`
	Result    eventResult    `json:"partner-result"`
	Candidate eventCandidate `json:"candidate"`
	Company   *eventCompany  `json:"company,omitempty"`
}

type eventResult struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	UpdateURL string `json:"update-url"`
}

type eventCompany struct {
	UUID     string  `json:"uuid"`
	Name     string  `json:"name"`
	URL      string  `json:"url"`
	Logotype *string `json:"logotype"`
}

type eventCandidate struct {
	ID           any                     `json:"id"`
	UUID         string                  `json:"uuid"`
	FirstName    *string                 `json:"first-name"`
	LastName     *string                 `json:"last-name"`
	Email        *string                 `json:"email"`
	Phone        *string                 `json:"phone"`
	PictureURL   *string                 `json:"picture-url"`
	Tags         []string                `json:"tags"`
	Department   *string                 `json:"department"`
	Role         *string                 `json:"role"`
	Referrals    []struct{}              `json:"referrals"`
	Locations    []eventLocation         `json:"locations"`
	Job          *eventJob               `json:"job,omitempty"`
	Recruiter    *eventRecruiter         `json:"recruiter,omitempty"`
	Questions    []eventQuestion         `json:"questions"`
	CustomFields []map[string]eventValue `json:"custom-fields"`

	extra map[string]json.RawMessage
}

type eventJob struct {
	ID           any                     `json:"id"`
	Title        string                  `json:"title"`
	StageID      any                     `json:"stage-id,omitempty"`
	Stage        string                  `json:"stage"`
	Tags         []string                `json:"tags"`
	TriggerID    any                     `json:"trigger-id,omitempty"`
	CustomFields []map[string]eventValue `json:"custom-fields"`
	Status       struct {
		Rejected bool `json:"rejected"`
	} `json:"status"`
	TriggeredBy json.RawMessage `json:"triggered-by,omitempty"` // null when nobody in particular did it
}

type eventRecruiter struct {
	Name  string  `json:"name"`
	Email *string `json:"email"`
	Phone *string `json:"phone"`
}

type eventLocation struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type eventQuestion struct {
	Question string `json:"question"`
	Answer   any    `json:"answer"`
}

type eventValue struct {
	Value      any    `json:"value"`
	Type       string `json:"type"`
	MappedFrom string `json:"mapped-from,omitempty"`
}

// MarshalJSON adds the members that only some partners get.
func (c eventCandidate) MarshalJSON() ([]byte, error) {
	type plain eventCandidate
	b := compactJSON(plain(c))
	for _, name := range slices.Sorted(maps.Keys(c.extra)) {
		b = append(b[:len(b)-1], ","+strconv.Quote(name)+":"...)
		b = append(append(b, c.extra[name]...), '}')
	}
	return b, nil
}

// prepare makes the partner result, in "sending", and the event that announces it. Callers hold server.mu.
func (a *Activation) prepare(r run, o sendOptions) *sentEvent {
	s := a.server
	res := s.addResult(a.Partner, r.candidate, r.job)
	res.state.Status = statusSending
	res.note(BySystem, 0, nil)
	ev := &sentEvent{id: s.ids.uuid(), activation: a, result: res}
	res.event = ev
	ev.body = eventBody{
		Event: partnerEvent{
			ID: ev.id, Data: r.data,
			Result:    eventResult{ID: res.id, Status: statusSending, UpdateURL: s.resultURL(res.id)},
			Candidate: a.eventCandidate(r),
		},
		Company: &eventCompany{
			UUID: a.Company.UUID, Name: a.Company.Name, URL: a.Company.URL, Logotype: nullable(a.Company.Logotype),
		},
	}
	ev.body = ev.body.shaped(sendOptions{companyInside: o.companyInside, stringIDs: o.stringIDs, nullData: o.nullData})
	s.events[ev.id] = ev
	return ev
}

// eventCandidate renders the candidate as they are now. job and recruiter, which is the job's, are absent outside a job;
// stage-id, trigger-id and triggered-by are absent without a trigger. [documented: docs/vendors/teamtailor.md] An empty text
// is null. [assumed]
func (a *Activation) eventCandidate(r run) eventCandidate {
	n := r.candidate
	c := eventCandidate{
		ID: n.ID, UUID: n.UUID, FirstName: nullable(n.info.FirstName), LastName: nullable(n.info.LastName),
		Email: nullable(n.info.Email), Phone: nullable(n.info.Phone), PictureURL: nullable(n.info.PictureURL),
		Tags: orEmpty(n.info.Tags), Department: nullable(n.info.Department), Role: nullable(n.info.Role),
		Referrals: []struct{}{}, Locations: []eventLocation{}, Questions: []eventQuestion{},
		CustomFields: a.eventValues(n.values), extra: n.info.Extra,
	}
	for _, l := range n.info.Locations {
		c.Locations = append(c.Locations, eventLocation(l))
	}
	for _, q := range n.info.Questions {
		c.Questions = append(c.Questions, eventQuestion(q))
	}
	if r.job == nil {
		return c
	}
	c.Job = &eventJob{
		ID: r.job.ID, Title: r.job.Title, Stage: r.stage.Name, Tags: orEmpty(r.job.tags),
		CustomFields: a.eventValues(r.job.values),
	}
	if app := n.company.application(n, r.job); app != nil {
		c.Job.Status.Rejected = !app.rejectedAt.IsZero()
	}
	if r.trigger != nil {
		c.Job.StageID, c.Job.TriggerID = r.stage.ID, r.trigger.ID
		c.Job.TriggeredBy = json.RawMessage("null")
		if r.by != nil {
			c.Job.TriggeredBy = compactJSON(struct {
				ID    int    `json:"id"`
				Email string `json:"email"`
				Name  string `json:"name"`
			}{r.by.ID, r.by.Email, r.by.Name})
		}
	}
	if u := r.job.recruiter; u != nil {
		c.Recruiter = &eventRecruiter{Name: u.Name, Email: nullable(u.Email), Phone: nullable(u.Phone)}
	}
	return c
}

// eventValues lists custom fields that have a value, oldest field first. A mapped field comes under the partner's name for
// it and says which field it is. Callers hold server.mu. [documented: docs/vendors/teamtailor.md]
func (a *Activation) eventValues(values map[*CustomField]*fieldValue) []map[string]eventValue {
	list := []map[string]eventValue{}
	for _, f := range a.Company.fields {
		v := values[f]
		if v == nil || f.private && a.server.cfg.hidePrivate {
			continue
		}
		key, e := f.APIName, eventValue{Value: v.value, Type: string(f.Type)}
		switch f.Type {
		case FieldCheckbox:
			e.Type = "boolean"
		case FieldSelect, FieldMultiSelect:
			texts := []string{}
			for _, id := range v.choices {
				texts = append(texts, f.optionValue(id))
			}
			e.Value = texts
		case FieldDate:
			if a.server.cfg.stampDates {
				e.Value = v.value.(string) + "T00:00:00.000+01:00" //nolint:errcheck // dates are stored as strings
			}
		default:
		}
		for _, m := range a.Partner.mappings[a.Company] {
			if m.field == f {
				key, e.MappedFrom = m.apiName, f.APIName
			}
		}
		list = append(list, map[string]eventValue{key: e})
	}
	return list
}

// shaped returns the body with the changes that the options ask for.
func (b eventBody) shaped(o sendOptions) eventBody {
	if o.updateURL != "" {
		b.Event.Result.UpdateURL = o.updateURL
	}
	if o.companyInside && b.Company != nil {
		b.Event.Company, b.Company = b.Company, nil
	}
	if o.nullData {
		b.Event.Data = nil
	}
	if o.stringIDs {
		b.Event.Candidate.ID = asText(b.Event.Candidate.ID)
		if b.Event.Candidate.Job != nil {
			job := *b.Event.Candidate.Job
			job.ID, job.StageID, job.TriggerID = asText(job.ID), asText(job.StageID), asText(job.TriggerID)
			b.Event.Candidate.Job = &job
		}
	}
	b.Padding = strings.Repeat("x", o.padding)
	return b
}

// asText turns a numeric id into a string and leaves anything else alone.
func asText(id any) any {
	if n, ok := id.(int); ok {
		return strconv.Itoa(n)
	}
	return id
}

// nullable is how an empty text is sent.
func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orEmpty sends an empty list rather than null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// timestamp formats a moment as the APIs do: ISO 8601 with milliseconds and an offset.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-07:00") }

// timestampOrNil is [timestamp], with null for the zero time.
func timestampOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return timestamp(t)
}
