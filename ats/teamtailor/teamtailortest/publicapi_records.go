package teamtailortest

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// note is a note on a candidate. It always has an author. [documented: docs/vendors/teamtailor.md]
type note struct {
	id        int
	candidate *Candidate
	user      *User
	text      string
	created   time.Time
	updated   time.Time
}

// resources are the types that the simulator serves. Filters by department, role, location and region, which the vendor has,
// are missing along with those resources, and are refused like unknown ones.
func (s *Server) resources() map[string]resource {
	candidateFilters := map[string]filter{"email": byAttribute("email"), "connected": byAttribute("connected")}
	sinceUntil(candidateFilters, "created-at", "updated-at")
	applicationFilters := map[string]filter{"stage-type": byFact("stage-type")}
	sinceUntil(applicationFilters, "created-at", "updated-at", "changed-stage-at")
	stageFilters := map[string]filter{}
	if s.cfg.extraFilters {
		applicationFilters["job"], applicationFilters["candidate"] = byFact("job"), byFact("candidate")
		stageFilters["job"] = byFact("job")
	}
	return map[string]resource{
		"candidates": {
			admin: true, filters: candidateFilters,
			relations: map[string]string{"job-applications": "job-applications", "custom-field-values": "custom-field-values"},
			list:      listOf(func(c *Company) []*Candidate { return c.candidates }, (*Candidate).record),
			create:    createCandidate, update: updateCandidate,
		},
		"job-applications": {
			admin: true, filters: applicationFilters,
			relations: map[string]string{"candidate": "candidates", "job": "jobs", "stage": "stages"},
			list:      listOf(func(c *Company) []*application { return c.applications }, (*application).record),
			create:    createApplication, update: updateApplication,
		},
		"jobs": {
			relations: map[string]string{
				"user": "users", "stages": "stages", "candidates": "candidates", "custom-field-values": "custom-field-values",
			},
			filters: map[string]filter{
				"status": oneOf("human-status", "published", "unlisted", "archived", "draft", "scheduled", "all"),
				"feed":   oneOf("feed", "public", "internal"),
			},
			// [documented: docs/vendors/teamtailor.md] Published is the default.
			defaults: map[string]string{"status": "published"},
			list:     listOf((*Company).realJobs, (*Job).record),
		},
		"stages": {
			admin: true, filters: stageFilters,
			relations: map[string]string{"job": "jobs", "job-applications": "job-applications"},
			list:      listOf((*Company).realStages, (*Stage).record),
		},
		"users": {
			filters:   map[string]filter{"email": byAttribute("email"), "external-id": byFact("external-id")},
			relations: map[string]string{"jobs": "jobs"},
			list:      listOf(func(c *Company) []*User { return c.users }, (*User).record),
		},
		"custom-fields": {
			relations: map[string]string{"custom-field-values": "custom-field-values"},
			list:      listOf(func(c *Company) []*CustomField { return c.fields }, (*CustomField).record),
			create:    createCustomField, update: updateCustomField,
		},
		"custom-field-values": {
			admin: true, filters: map[string]filter{"field-type": byFact("field-type")},
			relations: map[string]string{"custom-field": "custom-fields", "owner": ""},
			list:      (*Company).customValueRecords,
			create:    createCustomValue, update: updateCustomValue,
		},
		"notes": {
			admin: true, relations: map[string]string{"candidate": "candidates", "user": "users"},
			list:   listOf(func(c *Company) []*note { return c.notes }, (*note).record),
			create: createNote, update: updateNote, destroy: deleteNote,
		},
	}
}

// listOf renders all records of a kind.
func listOf[T any](all func(*Company) []T, render func(T) *record) func(*Company) []*record {
	return func(c *Company) []*record {
		var records []*record
		for _, x := range all(c) {
			records = append(records, render(x))
		}
		return records
	}
}

// realJobs leaves templates out: the public API does not show them. [assumed: docs/vendors/teamtailor.md]
func (c *Company) realJobs() []*Job {
	return slices.DeleteFunc(slices.Clone(c.jobs), func(j *Job) bool { return j.template })
}

// realStages leaves the stages of templates out. [assumed: docs/vendors/teamtailor.md]
func (c *Company) realStages() []*Stage {
	return slices.DeleteFunc(slices.Clone(c.stages), func(s *Stage) bool { return s.job.template })
}

// attributeNames lists the attributes of a type, for fields and sort. They are read off an empty record, so that the two
// lists cannot drift apart.
func attributeNames(typ string) []string {
	c := &Company{server: &Server{}}
	job := &Job{company: c}
	stage := &Stage{job: job}
	who := &Candidate{company: c}
	var rec *record
	switch typ {
	case "candidates":
		rec = who.record()
	case "job-applications":
		rec = (&application{candidate: who, job: job, stage: stage}).record()
	case "jobs":
		rec = job.record()
	case "stages":
		rec = stage.record()
	case "users":
		rec = (&User{company: c}).record()
	case "custom-fields":
		rec = (&CustomField{company: c}).record()
	case "custom-field-values":
		rec = (&CustomField{}).valueRecord(&fieldValue{}, reference{})
	default:
		rec = (&note{candidate: who, user: &User{}}).record()
	}
	return slices.Sorted(maps.Keys(rec.attributes))
}

// ref points to a record by its type and number.
func ref(typ string, id int) reference { return reference{typ, strconv.Itoa(id)} }

// one is a to-one relationship that is set.
func one(typ string, id int) relation { return relation{refs: []reference{ref(typ, id)}} }

// record shows a candidate. Attributes that the simulator does not model have a fixed value, such as connected. [documented:
// docs/vendors/teamtailor.md] for the names.
func (n *Candidate) record() *record {
	applications, values := relation{many: true}, relation{many: true}
	for _, a := range n.company.applications {
		if a.candidate == n {
			applications.refs = append(applications.refs, ref("job-applications", a.id))
		}
	}
	for _, f := range n.company.fields {
		if v := n.values[f]; v != nil {
			values.refs = append(values.refs, ref("custom-field-values", v.id))
		}
	}
	rec := &record{
		typ: "candidates", id: strconv.Itoa(n.ID),
		attributes: map[string]any{
			"first-name": nullable(n.info.FirstName), "last-name": nullable(n.info.LastName), "email": nullable(n.info.Email),
			"phone": nullable(n.info.Phone), "picture": nullable(n.info.PictureURL), "tags": orEmpty(n.info.Tags),
			"sourced": n.info.Sourced, "created-at": timestamp(n.created), "updated-at": timestamp(n.updated),
			"connected": false, "referred": false, "internal": false, "unsubscribed": false,
		},
		relations: map[string]relation{"job-applications": applications, "custom-field-values": values},
	}
	for _, name := range freeCandidateAttributes() {
		rec.attributes[name] = n.more[name]
	}
	return rec
}

// freeCandidateAttributes are kept as they were written and mean nothing to the simulator.
func freeCandidateAttributes() []string {
	return []string{"pitch", "linkedin-url", "linkedin-profile", "facebook-profile", "referring-site", "referring-url", "resume-summary"}
}

// record shows a job application. Its rejection is rejected-at. [documented: docs/vendors/teamtailor.md]
func (a *application) record() *record {
	return &record{
		typ: "job-applications", id: strconv.Itoa(a.id),
		attributes: map[string]any{
			"cover-letter": nullable(a.coverLetter), "created-at": timestamp(a.created), "updated-at": timestamp(a.updated),
			"changed-stage-at": timestamp(a.moved), "rejected-at": timestampOrNil(a.rejectedAt), "sourced": a.candidate.info.Sourced,
			"referring-url": nil, "referring-site": nil, "row-order": nil,
		},
		relations: map[string]relation{
			"candidate": one("candidates", a.candidate.ID), "job": one("jobs", a.job.ID), "stage": one("stages", a.stage.ID),
		},
		facts: map[string]string{
			"stage-type": a.stage.kind, "job": strconv.Itoa(a.job.ID), "candidate": strconv.Itoa(a.candidate.ID),
		},
	}
}

// record shows a job; updated-at and language-code are of newer versions. [observed: docs/vendors/teamtailor.md]
func (j *Job) record() *record {
	user, stages, candidates, values := relation{}, relation{many: true}, relation{many: true}, relation{many: true}
	if j.recruiter != nil {
		user = one("users", j.recruiter.ID)
	}
	for _, st := range j.stages {
		stages.refs = append(stages.refs, ref("stages", st.ID))
	}
	for _, a := range j.company.applications {
		if a.job == j {
			candidates.refs = append(candidates.refs, ref("candidates", a.candidate.ID))
		}
	}
	for _, f := range j.company.fields {
		if v := j.values[f]; v != nil {
			values.refs = append(values.refs, ref("custom-field-values", v.id))
		}
	}
	feed := "public"
	if j.internal {
		feed = "internal"
	}
	page := j.company.URL + "/jobs/" + strconv.Itoa(j.ID)
	return &record{
		typ: "jobs", id: strconv.Itoa(j.ID),
		attributes: map[string]any{
			"title": j.Title, "pitch": nil, "body": nil, "status": j.openStatus(), "human-status": j.status, "internal": j.internal,
			"pinned": false, "start-date": nil, "end-date": nil, "created-at": timestamp(j.created),
			"updated-at": timestamp(j.updated), "tags": orEmpty(j.tags), "remote-status": "none", "language-code": "en",
		},
		links: map[string]string{"careersite-job-url": page, "careersite-job-apply-url": page + "/applications/new"},
		relations: map[string]relation{
			"user": user, "stages": stages, "candidates": candidates, "custom-field-values": values,
		},
		facts: map[string]string{"human-status": j.status, "feed": feed},
	}
}

// record gives a stage in the shape of newer versions: legacy-stage-type-name instead of stage-type.
// [observed: docs/vendors/teamtailor.md]
func (s *Stage) record() *record {
	applications := relation{many: true}
	active, rejected := 0, 0
	for _, a := range s.job.company.applications {
		if a.stage != s {
			continue
		}
		applications.refs = append(applications.refs, ref("job-applications", a.id))
		if a.rejectedAt.IsZero() {
			active++
		} else {
			rejected++
		}
	}
	return &record{
		typ: "stages", id: strconv.Itoa(s.ID),
		attributes: map[string]any{
			"name": s.Name, "legacy-stage-type-name": s.kind, "row-order": s.order, "active-job-applications-count": active,
			"rejected-job-applications-count": rejected, "created-at": timestamp(s.created), "updated-at": timestamp(s.created),
		},
		relations: map[string]relation{"job": one("jobs", s.job.ID), "job-applications": applications},
		facts:     map[string]string{"job": strconv.Itoa(s.job.ID)},
	}
}

// record shows a user. The login e-mail is the e-mail: every user here has accepted their invitation.
func (u *User) record() *record {
	jobs := relation{many: true}
	for _, j := range u.company.jobs {
		if j.recruiter == u && !j.template {
			jobs.refs = append(jobs.refs, ref("jobs", j.ID))
		}
	}
	return &record{
		typ: "users", id: strconv.Itoa(u.ID),
		attributes: map[string]any{
			"name": u.Name, "email": nullable(u.Email), "login-email": nullable(u.Email), "username": nil, "title": nullable(u.Title),
			"phone": nullable(u.Phone), "picture": nil, "role": u.Role, "external-id": nullable(u.ExternalID), "signature": nil,
			"visible": true, "hide-email": false,
		},
		relations: map[string]relation{"jobs": jobs},
		facts:     map[string]string{"external-id": u.ExternalID},
	}
}

// record shows a custom field; owner-type and the is-… flags are of newer versions. [observed: docs/vendors/teamtailor.md]
func (f *CustomField) record() *record {
	values := relation{many: true}
	f.company.eachValue(func(of *CustomField, v *fieldValue, _ reference) {
		if of == f {
			values.refs = append(values.refs, ref("custom-field-values", v.id))
		}
	})
	return &record{
		typ: "custom-fields", id: strconv.Itoa(f.ID),
		attributes: map[string]any{
			"name": f.name, "api-name": f.APIName, "field-type": apiFieldTypes()[f.Type], "owner-type": string(f.owner),
			"is-private": f.private, "is-hidden": false, "is-searchable": false, "is-featured": false, "is-external": false,
			"is-required": false, "created-at": timestamp(f.created), "updated-at": timestamp(f.updated),
		},
		relations: map[string]relation{"custom-field-values": values},
	}
}

// eachValue calls f with every custom field value of the company and the record that it belongs to.
func (c *Company) eachValue(f func(field *CustomField, v *fieldValue, owner reference)) {
	for _, field := range c.fields {
		for _, n := range c.candidates {
			if v := n.values[field]; v != nil {
				f(field, v, ref("candidates", n.ID))
			}
		}
		for _, j := range c.realJobs() {
			if v := j.values[field]; v != nil {
				f(field, v, ref("jobs", j.ID))
			}
		}
	}
}

// customValueRecords lists the values of candidates and jobs.
func (c *Company) customValueRecords() []*record {
	var all []*record
	c.eachValue(func(f *CustomField, v *fieldValue, owner reference) { all = append(all, f.valueRecord(v, owner)) })
	return all
}

// valueRecord shows one value. Its owner is a candidate or, in newer versions, a job. [observed: docs/vendors/teamtailor.md]
func (f *CustomField) valueRecord(v *fieldValue, owner reference) *record {
	kind := apiFieldTypes()[f.Type]
	return &record{
		typ: "custom-field-values", id: strconv.Itoa(v.id),
		attributes: map[string]any{"value": f.apiValue(v), "field-type": kind},
		relations:  map[string]relation{"custom-field": one("custom-fields", f.ID), "owner": {refs: []reference{owner}}},
		facts:      map[string]string{"field-type": kind},
	}
}

// record shows a note. It belongs to the candidate, not to an application. [documented: docs/vendors/teamtailor.md]
func (n *note) record() *record {
	return &record{
		typ: "notes", id: strconv.Itoa(n.id),
		attributes: map[string]any{
			"note": n.text, "private-note": false, "mentioned-user-ids": []int{}, "created-by-trigger": false,
			"candidate-id": n.candidate.ID, "user-id": n.user.ID, "created-at": timestamp(n.created), "updated-at": timestamp(n.updated),
		},
		relations: map[string]relation{"candidate": one("candidates", n.candidate.ID), "user": one("users", n.user.ID)},
	}
}
