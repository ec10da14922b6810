package teamtailortest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The write calls of the public API. [documented: docs/vendors/teamtailor.md] for the attributes and relationships that each
// takes; [assumed] for the wording of validation errors other than "can't be blank" and "has already been taken".

// invalid answers 422 unless there is nothing wrong.
func invalid(errs []apiError) *reply {
	if len(errs) == 0 {
		return nil
	}
	rep := refuseAll(http.StatusUnprocessableEntity, errs...)
	return &rep
}

// byID finds what a relationship points to; the zero value without one.
func byID[T any](doc document, name, typ string, all []T, id func(T) int) (found T, ok bool) {
	to := doc.relationships[name]
	i := slices.IndexFunc(all, func(x T) bool { return to.typ == typ && strconv.Itoa(id(x)) == to.id })
	if i < 0 {
		return found, false
	}
	return all[i], true
}

// idOf turns the id of a record that was found back into its number.
func idOf(s string) int {
	n, _ := strconv.Atoi(s) // the record was found by this id
	return n
}

// createCandidate needs an e-mail unless the candidate is sourced, and a new one unless it is to merge.
// [documented: docs/vendors/teamtailor.md]; the error for a taken one is [observed].
func createCandidate(c *Company, doc document) (string, *reply) {
	writable := append(candidateAttributes(), "sourced", "merge", "set-consent-expiration", "send-welcome-message")
	if rep := doc.allow(writable, nil); rep != nil {
		return "", rep
	}
	sourced, _ := doc.attributes["sourced"].(bool)
	merge, _ := doc.attributes["merge"].(bool)
	email, _ := doc.attributes["email"].(string)
	existing := c.candidateByEmail(email)
	switch {
	case email == "" && !sourced:
		return "", invalid([]apiError{validationError("email", "can't be blank")})
	case existing != nil && !merge:
		return "", invalid([]apiError{validationError("email", "has already been taken")})
	case existing != nil:
		return strconv.Itoa(existing.ID), existing.write(doc)
	}
	probe := &Candidate{company: c, info: CandidateConfig{Sourced: sourced}}
	if rep := probe.assign(doc); rep != nil {
		return "", rep
	}
	n := c.addCandidate(probe.info)
	n.more = probe.more
	return strconv.Itoa(n.ID), nil
}

// updateCandidate keeps e-mails unique.
func updateCandidate(c *Company, id string, doc document) *reply {
	if rep := doc.allow(candidateAttributes(), nil); rep != nil {
		return rep
	}
	i := slices.IndexFunc(c.candidates, func(n *Candidate) bool { return n.ID == idOf(id) })
	n := c.candidates[i]
	if email, sent := doc.attributes["email"].(string); sent {
		if other := c.candidateByEmail(email); other != nil && other != n {
			return invalid([]apiError{validationError("email", "has already been taken")})
		}
	}
	return n.write(doc)
}

// candidateAttributes are those that both a create and an update may carry. sourced is read-only after the create.
func candidateAttributes() []string {
	return append([]string{"first-name", "last-name", "email", "phone", "picture", "tags"}, freeCandidateAttributes()...)
}

// write is assign, followed by candidate.update.
func (n *Candidate) write(doc document) *reply {
	rep := n.assign(doc)
	if rep == nil {
		n.touch()
	}
	return rep
}

// assign sets attributes, all or nothing.
func (n *Candidate) assign(doc document) *reply {
	info, more := n.info, maps.Clone(n.more)
	if more == nil {
		more = map[string]any{}
	}
	texts := map[string]*string{
		"first-name": &info.FirstName, "last-name": &info.LastName, "email": &info.Email, "phone": &info.Phone,
		"picture": &info.PictureURL,
	}
	var errs []apiError
	for _, name := range slices.Sorted(maps.Keys(doc.attributes)) {
		v := doc.attributes[name]
		switch into, isText := texts[name]; {
		case isText:
			text, ok := v.(string)
			if !ok && v != nil {
				errs = append(errs, validationError(name, "is not a string"))
				continue
			}
			*into = text
		case name == "tags":
			list, _ := v.([]any)
			tags, err := asStrings(list)
			if err != nil {
				errs = append(errs, validationError(name, "is not a list of strings"))
				continue
			}
			info.Tags = tags
		case slices.Contains(freeCandidateAttributes(), name):
			more[name] = v
		}
	}
	if info.Email != "" && !looksLikeEmail(info.Email) {
		errs = append(errs, validationError("email", "is invalid"))
	}
	if len(errs) == 0 {
		n.info, n.more = info, more
	}
	return invalid(errs)
}

// createApplication adds a candidate to a job, in its Inbox unless a stage is given, and fires the triggers there.
func createApplication(c *Company, doc document) (string, *reply) {
	writable := []string{"cover-letter", "sourced", "send-default-reply", "send-user-notifications"}
	if rep := doc.allow(writable, []string{"candidate", "job", "stage"}); rep != nil {
		return "", rep
	}
	var errs []apiError
	who, ok := byID(doc, "candidate", "candidates", c.candidates, func(n *Candidate) int { return n.ID })
	if !ok {
		errs = append(errs, relationshipError("candidate", "must exist"))
	}
	job, ok := byID(doc, "job", "jobs", c.jobs, func(j *Job) int { return j.ID })
	if !ok || job.template {
		errs = append(errs, relationshipError("job", "must exist"))
	}
	if len(errs) == 0 && c.application(who, job) != nil {
		errs = append(errs, relationshipError("candidate", "has already been taken"))
	}
	if len(errs) > 0 {
		return "", invalid(errs)
	}
	to := job.stages[0]
	if _, given := doc.relationships["stage"]; given {
		if to, ok = byID(doc, "stage", "stages", job.stages, func(st *Stage) int { return st.ID }); !ok {
			return "", invalid([]apiError{relationshipError("stage", "must exist")})
		}
	}
	c.enterAndFire(who, to)
	a := c.application(who, job)
	a.coverLetter, _ = doc.attributes["cover-letter"].(string)
	return strconv.Itoa(a.id), nil
}

// updateApplication changes the cover letter and the stage. [assumed: docs/vendors/teamtailor.md] The documented sample only
// changes the letter; that the stage is a relationship to patch follows from JSON:API. The stage must be of the same job.
func updateApplication(c *Company, id string, doc document) *reply {
	if rep := doc.allow([]string{"cover-letter"}, []string{"stage"}); rep != nil {
		return rep
	}
	i := slices.IndexFunc(c.applications, func(a *application) bool { return a.id == idOf(id) })
	a := c.applications[i]
	to := a.stage
	if _, given := doc.relationships["stage"]; given {
		var ok bool
		if to, ok = byID(doc, "stage", "stages", a.job.stages, func(st *Stage) int { return st.ID }); !ok {
			return invalid([]apiError{relationshipError("stage", "must exist")})
		}
	}
	if letter, sent := doc.attributes["cover-letter"]; sent {
		a.coverLetter, _ = letter.(string)
		a.touch()
	}
	c.enterAndFire(a.candidate, to)
	return nil
}

// enterAndFire moves a candidate and delivers what triggers fire in the background: the API answers before that.
func (c *Company) enterAndFire(n *Candidate, to *Stage) {
	events, err := c.server.enter(n, to, sendOptions{})
	if err != nil {
		return // the caller has checked everything that enter refuses
	}
	for _, ev := range events {
		c.server.enqueue(func() { ev.deliver(c.server.base, sendOptions{}) })
	}
}

// createCustomField makes a field of any type but the select types, which have an endpoint of their own.
func createCustomField(c *Company, doc document) (string, *reply) {
	if rep := doc.allow([]string{"name", "api-name", "field-type", "owner-type", "is-private"}, nil); rep != nil {
		return "", rep
	}
	cfg, owner := CustomFieldConfig{}, ownerCandidate
	var errs []apiError
	cfg.Name, _ = doc.attributes["name"].(string)
	if cfg.Name == "" {
		errs = append(errs, validationError("name", "can't be blank"))
	}
	for kind, name := range apiFieldTypes() {
		if name == doc.attributes["field-type"] && kind != FieldSelect && kind != FieldMultiSelect {
			cfg.Type = kind
		}
	}
	if cfg.Type == "" {
		errs = append(errs, validationError("field-type", "is not included in the list"))
	}
	switch doc.attributes["owner-type"] {
	case nil, string(ownerCandidate):
	case string(ownerJob):
		owner = ownerJob
	default:
		errs = append(errs, validationError("owner-type", "is not included in the list"))
	}
	if cfg.APIName, _ = doc.attributes["api-name"].(string); cfg.APIName == "" {
		cfg.APIName = sanitize(cfg.Name)
	}
	if c.field(owner, cfg.APIName) != nil {
		errs = append(errs, validationError("api-name", "has already been taken"))
	}
	cfg.Private, _ = doc.attributes["is-private"].(bool)
	if len(errs) > 0 {
		return "", invalid(errs)
	}
	return strconv.Itoa(c.addField(owner, cfg).ID), nil
}

// updateCustomField renames a field. The API name stays, as it may in the product. [assumed: docs/vendors/teamtailor.md]
func updateCustomField(c *Company, id string, doc document) *reply {
	if rep := doc.allow([]string{"name"}, nil); rep != nil {
		return rep
	}
	i := slices.IndexFunc(c.fields, func(f *CustomField) bool { return f.ID == idOf(id) })
	name, _ := doc.attributes["name"].(string)
	if strings.TrimSpace(name) == "" {
		return invalid([]apiError{validationError("name", "can't be blank")})
	}
	c.fields[i].name, c.fields[i].updated = name, c.server.now()
	return nil
}

// createCustomValue sets a value that is not there yet. [assumed: docs/vendors/teamtailor.md] A second POST for the same field
// and owner is refused; whether it overwrites is not documented.
func createCustomValue(c *Company, doc document) (string, *reply) {
	if rep := doc.allow([]string{"value"}, []string{"custom-field", "owner"}); rep != nil {
		return "", rep
	}
	f, ok := byID(doc, "custom-field", "custom-fields", c.fields, func(f *CustomField) int { return f.ID })
	if !ok {
		return "", invalid([]apiError{relationshipError("custom-field", "must exist")})
	}
	var values map[*CustomField]*fieldValue
	touch := func() {}
	if n, ok := byID(doc, "owner", "candidates", c.candidates, func(n *Candidate) int { return n.ID }); ok && f.owner == ownerCandidate {
		values, touch = n.values, n.touch
	}
	if j, ok := byID(doc, "owner", "jobs", c.jobs, func(j *Job) int { return j.ID }); ok && f.owner == ownerJob {
		values, touch = j.values, j.touch
	}
	switch {
	case values == nil:
		return "", invalid([]apiError{relationshipError("owner", "must exist")})
	case values[f] != nil:
		return "", invalid([]apiError{relationshipError("custom-field", "has already been taken")})
	}
	v, rep := f.parseSent(doc)
	if rep != nil {
		return "", rep
	}
	stored := c.storeValue(values, f, v)
	touch()
	return strconv.Itoa(stored.id), nil
}

// updateCustomValue replaces a value and keeps its id.
func updateCustomValue(c *Company, id string, doc document) *reply {
	if rep := doc.allow([]string{"value"}, nil); rep != nil {
		return rep
	}
	for _, n := range c.candidates {
		if f := fieldOfValue(n.values, idOf(id)); f != nil {
			return c.replaceValue(n.values, f, doc, n.touch)
		}
	}
	for _, j := range c.jobs {
		if f := fieldOfValue(j.values, idOf(id)); f != nil {
			return c.replaceValue(j.values, f, doc, j.touch)
		}
	}
	return nil
}

// fieldOfValue finds the field whose value has this id, nil without one.
func fieldOfValue(values map[*CustomField]*fieldValue, id int) *CustomField {
	for f, v := range values {
		if v.id == id {
			return f
		}
	}
	return nil
}

// replaceValue stores what the document says and tells the owner.
func (c *Company) replaceValue(values map[*CustomField]*fieldValue, f *CustomField, doc document, touch func()) *reply {
	v, rep := f.parseSent(doc)
	if rep == nil {
		c.storeValue(values, f, v)
		touch()
	}
	return rep
}

// parseSent reads the value of a document, which is required.
func (f *CustomField) parseSent(doc document) (fieldValue, *reply) {
	sent := doc.attributes["value"]
	if sent == nil || sent == "" {
		return fieldValue{}, invalid([]apiError{validationError("value", "can't be blank")})
	}
	v, err := f.parse(sent, optionKey)
	if err != nil {
		return fieldValue{}, invalid([]apiError{validationError("value", err.Error())})
	}
	return v, nil
}

// createNote needs a candidate and an author. [documented: docs/vendors/teamtailor.md]
func createNote(c *Company, doc document) (string, *reply) {
	if rep := doc.allow([]string{"note"}, []string{"candidate", "user"}); rep != nil {
		return "", rep
	}
	text, _ := doc.attributes["note"].(string)
	var errs []apiError
	if text == "" {
		errs = append(errs, validationError("note", "can't be blank"))
	}
	who, ok := byID(doc, "candidate", "candidates", c.candidates, func(n *Candidate) int { return n.ID })
	if !ok {
		errs = append(errs, relationshipError("candidate", "must exist"))
	}
	author, ok := byID(doc, "user", "users", c.users, func(u *User) int { return u.ID })
	if !ok {
		errs = append(errs, relationshipError("user", "must exist"))
	}
	if len(errs) > 0 {
		return "", invalid(errs)
	}
	now := c.server.now()
	n := &note{id: c.server.ids.next(idNote), candidate: who, user: author, text: text, created: now, updated: now}
	c.notes = append(c.notes, n)
	return strconv.Itoa(n.id), nil
}

// updateNote replaces the text.
func updateNote(c *Company, id string, doc document) *reply {
	if rep := doc.allow([]string{"note"}, nil); rep != nil {
		return rep
	}
	text, _ := doc.attributes["note"].(string)
	if text == "" {
		return invalid([]apiError{validationError("note", "can't be blank")})
	}
	for _, n := range c.notes {
		if n.id == idOf(id) {
			n.text, n.updated = text, c.server.now()
		}
	}
	return nil
}

// deleteNote removes a note for good.
func deleteNote(c *Company, id string) {
	c.notes = slices.DeleteFunc(c.notes, func(n *note) bool { return n.id == idOf(id) })
}
