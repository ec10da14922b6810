package sparkhiretest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxCandidates is how many people one request may invite. [documented for the website's upload; assumed for the API:
// docs/vendors/sparkhire.md]
const maxCandidates = 100

// itemJSON is an assessment item as version 2.0 and its webhooks show it. It is an interview of version 1.0 under the
// same UUID. [observed: the fields; assumed: the UUID, and the name of ai_review; docs/vendors/sparkhire.md]
type itemJSON struct {
	UUID        string            `json:"uuid"`
	Type        string            `json:"type"`
	Status      string            `json:"status"`
	Candidate   itemCandidateJSON `json:"candidate"`
	Job         meetJobJSON       `json:"job"`
	DueAt       wireTime          `json:"due_at"`
	CompletedAt wireTime          `json:"completed_at"`
	Completed   bool              `json:"completed"`
	AvgRating   *float64          `json:"avg_rating"`
	Summary     *summaryJSON      `json:"summary,omitempty"`
	Review      *reviewJSON       `json:"ai_review,omitempty"`
}

type itemCandidateJSON struct {
	Name   string  `json:"name"`
	Email  string  `json:"email"`
	Avatar *string `json:"avatar"`
}

// meetJobJSON is a job in version 2.0. [observed: docs/vendors/sparkhire.md]
type meetJobJSON struct {
	UUID  string `json:"uuid"`
	Title string `json:"title"`
}

// meetSetJSON is a question set in version 2.0. [observed: docs/vendors/sparkhire.md]
type meetSetJSON struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

// summaryJSON is what load ai_summary adds. [observed: the shape; assumed: one item per question, the texts;
// docs/vendors/sparkhire.md]
type summaryJSON struct {
	Items []summaryItemJSON `json:"items"`
}

type summaryItemJSON struct {
	UUID     string `json:"uuid"`
	Question string `json:"question_summary"`
	Answer   string `json:"answer_summary"`
}

// reviewJSON is what load ai_review adds. [documented for the website: an overall word; assumed: the shape;
// docs/vendors/sparkhire.md]
type reviewJSON struct {
	Overall string `json:"overall"`
}

func (s *Server) itemJSON(i *interview) itemJSON {
	out := itemJSON{
		UUID: i.id, Type: i.kind, Status: s.cfg.words.interview(i.state),
		Candidate: itemCandidateJSON{
			Name: strings.TrimSpace(i.candidate.FirstName + " " + i.candidate.LastName), Email: i.candidate.Email,
		},
		Job:   meetJobJSON{i.job.id, i.job.title},
		DueAt: wireTime(i.scheduledAt), CompletedAt: wireTime(i.completedAt), Completed: !i.completedAt.IsZero(),
	}
	var rating float64
	if i.rating != nil && json.Unmarshal(i.rating, &rating) == nil {
		out.AvgRating = &rating
	}
	return out
}

// listMeetJobs lists the jobs that the requester may see, inactive ones too, in one piece.
// [observed: a bare array; assumed: which jobs; docs/vendors/sparkhire.md]
func (s *Server) listMeetJobs(c *call) (any, *meetProblem) {
	out := []meetJobJSON{}
	for _, j := range s.jobs.list {
		if !j.deleted && mayView(c.user, j) {
			out = append(out, meetJobJSON{j.id, j.title})
		}
	}
	return out, nil
}

// listMeetSets lists the account's question sets, all of which are for one-way interviews, in one piece.
// [observed: a bare array, type; assumed: that sets have one type, and that no filter means all; docs/vendors/sparkhire.md]
func (s *Server) listMeetSets(c *call) (any, *meetProblem) {
	types, p := s.listed(c, "type", OneWay, Live)
	if p != nil {
		return nil, p
	}
	out := []meetSetJSON{}
	for _, q := range s.sets.list {
		if !q.deleted && q.account == c.user.account && (types == nil || slices.Contains(types, OneWay)) {
			out = append(out, meetSetJSON{q.id, q.name})
		}
	}
	return out, nil
}

// namedItem finds the item in the path, if the requester may see its job.
// [assumed: 404 for what is deleted or not visible; docs/vendors/sparkhire.md]
func (s *Server) namedItem(c *call) (*interview, *meetProblem) {
	i, ok := s.interviews.get(c.args["uuid"])
	if !ok || i.state == Deleted || !mayView(c.user, i.job) {
		return nil, meet(notFound("Assessment item"))
	}
	return i, nil
}

// getItem shows an item, with what load asks for once it is completed. [observed: load; assumed: when;
// docs/vendors/sparkhire.md]
func (s *Server) getItem(c *call) (any, *meetProblem) {
	i, p := s.namedItem(c)
	if p != nil {
		return nil, p
	}
	if i.state == Expired && s.cfg.meet.expiredGone {
		return nil, meet(refusal(http.StatusGone, "The assessment item has expired."))
	}
	load, p := s.listed(c, "load", "ai_review", "ai_summary")
	if p != nil {
		return nil, p
	}
	out := s.itemJSON(i)
	if i.state == Completed && slices.Contains(load, "ai_review") {
		out.Review = &reviewJSON{Overall: "moderate"}
	}
	if i.state == Completed && slices.Contains(load, "ai_summary") {
		out.Summary = &summaryJSON{Items: []summaryItemJSON{}}
		for n, q := range i.questions {
			out.Summary.Items = append(out.Summary.Items, summaryItemJSON{q.ID, q.Text, "Answer " + strconv.Itoa(n+1) + "."})
		}
	}
	return out, nil
}

// createItems invites candidates, all or none, and answers with one item for each, in their order. It has no
// idempotency: the same call twice is two invitations, unless [WithDuplicatesRefused] is set.
// [observed: the body, an array as the answer; assumed: several candidates, 201; docs/vendors/sparkhire.md]
func (s *Server) createItems(c *call) (any, *meetProblem) {
	if mayWrite(c.user) != nil {
		return nil, s.requesterRefused("The requester may not invite candidates.")
	}
	f, p := object(c.body)
	if p != nil {
		return nil, meet(p)
	}
	drafts := s.itemDrafts(f, c)
	if p := f.done(&s.cfg); p != nil {
		return nil, s.invalid(p.reason)
	}
	out := make([]itemJSON, 0, len(drafts))
	for _, d := range drafts {
		out = append(out, s.itemJSON(s.keepInterview(&d, ByAPI, c.body)))
	}
	return out, nil
}

// itemDrafts reads the body and complains about it. Nothing is optional, and one_way is the only type.
// [observed: the fields; assumed: that all are required, the checks; docs/vendors/sparkhire.md]
func (s *Server) itemDrafts(f *fields, c *call) []draft {
	base := draft{by: c.user}
	var people []json.RawMessage
	f.text("type", &base.kind)
	f.text("job_uuid", &base.jobID)
	f.text("question_set_uuid", &base.setID)
	f.raw("candidates", "an array of objects", &people)
	base.at = readDueAt(f)

	f.require("type", base.kind != "")
	if base.kind != OneWay {
		f.refuse("type must be %s.", OneWay)
	}
	f.require("job_uuid", base.jobID != "")
	s.examineJob(f, &base)
	f.require("question_set_uuid", base.setID != "")
	s.examineSet(f, &base)
	f.require("due_at", !base.at.IsZero())
	if !base.at.After(c.now) {
		f.refuse("due_at must be in the future.")
	}
	f.require("candidates", len(people) > 0)
	if len(people) > maxCandidates {
		f.refuse("candidates may hold %d people.", maxCandidates)
	}
	var drafts []draft
	for n, raw := range people {
		d := base
		d.candidate = readPerson(f, "candidates."+strconv.Itoa(n), raw)
		if s.cfg.noDuplicates && d.job != nil && s.open(&d) {
			f.refuse("candidates.%d.email has an open item of this type for the job already.", n)
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// readDueAt reads the deadline, in the one form that was seen. [observed: docs/vendors/sparkhire.md]
func readDueAt(f *fields) time.Time {
	var text string
	f.text("due_at", &text)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse("2006-01-02T15:04:05-07:00", text)
	if err != nil || len(text) != len("2026-03-09T17:00:00+00:00") {
		f.refuse("due_at must look like 2026-03-09T17:00:00+00:00.")
	}
	return at.UTC()
}

// readPerson reads one candidate; the name is one text. Records are shared with version 1.0, so it is split at the first
// space there. [observed: name and email; docs/vendors/sparkhire.md]
func readPerson(f *fields, at string, raw json.RawMessage) Candidate {
	person, p := object(raw)
	if p != nil {
		f.refuse("%s must be an object.", at)
		return Candidate{}
	}
	var name string
	var c Candidate
	person.text("name", &name)
	person.text("email", &c.Email)
	person.require("name", strings.TrimSpace(name) != "")
	person.require("email", c.Email != "")
	if i := strings.IndexByte(c.Email, '@'); i < 1 || i == len(c.Email)-1 {
		person.refuse("email is not an address.")
	}
	if person.wrong != "" {
		f.refuse("%s.%s", at, person.wrong)
	}
	c.FirstName, c.LastName, _ = strings.Cut(strings.TrimSpace(name), " ")
	return c
}
