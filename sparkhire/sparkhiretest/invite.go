package sparkhiretest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Invitation is what it takes to make an interview without the API. Such interviews appear in lists and webhooks like
// all others, and no client knows their UUIDs beforehand.
type Invitation struct {
	// Type is [OneWay] unless set.
	Type  string
	JobID string
	// QuestionSetID is needed for one-way interviews. [documented for the website: docs/vendors/sparkhire.md]
	QuestionSetID string
	Candidate     Candidate
	// ScheduledAt is the deadline or the start. A candidate who follows an invite link may have none.
	ScheduledAt time.Time
	// By is the ID of the user who invites, or who made the link; empty is nobody in particular.
	By string
}

// String names the job only.
func (i Invitation) String() string { return "invitation for job " + i.JobID }

// LogValue implements slog.LogValuer.
func (i Invitation) LogValue() slog.Value { return slog.StringValue(i.String()) }

// InviteOnSite makes an interview as a person does on the website: the candidate gets an e-mail, InterviewCreated
// fires, and no call of the API was made. It returns an error naming the field that the website would not accept.
func (s *Server) InviteOnSite(in Invitation) (Interview, error) {
	return s.inviteApart(in, BySite)
}

// InviteByLink makes an interview as an invite link does when a candidate follows it: nobody is e-mailed, the
// interview is accepted from the start, InterviewCreated and InterviewAccepted fire.
// [documented for the website: that it happens; assumed: how; docs/vendors/sparkhire.md]
func (s *Server) InviteByLink(in Invitation) (Interview, error) {
	return s.inviteApart(in, ByLink)
}

func (s *Server) inviteApart(in Invitation, origin Origin) (Interview, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.tick()
	d := draft{
		kind: in.Type, jobID: in.JobID, setID: in.QuestionSetID, candidate: in.Candidate,
		at: in.ScheduledAt.UTC().Truncate(time.Second), by: s.mustUser(in.By), timeless: origin == ByLink,
	}
	if d.kind == "" {
		d.kind = OneWay
	}
	f := newFields(nil)
	s.examine(f, &d, now)
	if f.wrong != "" {
		return Interview{}, fmt.Errorf("invite candidate: %s", f.wrong)
	}
	i := s.keepInterview(&d, origin, nil)
	if origin == ByLink {
		s.accept(i)
	}
	s.kick()
	return i.snapshot(), nil
}

// draft is an interview that is asked for.
type draft struct {
	kind, jobID, setID string
	candidate          Candidate
	at                 time.Time
	by                 *user
	timeless           bool // needs no date
	job                *job // found by examine, like set
	set                *questionSet
}

func draftOf(i *interview) draft {
	d := draft{kind: i.kind, jobID: i.job.id, candidate: i.candidate, at: i.scheduledAt, job: i.job, set: i.set}
	if i.set != nil {
		d.setID = i.set.id
	}
	return d
}

// readFrom reads the provisional body. The last three fields are only recorded.
// [modeled: job, candidate, question set; assumed: scheduled_at and the last three; docs/vendors/sparkhire.md]
func (d *draft) readFrom(f *fields) {
	f.text("type", &d.kind)
	f.text("job_uuid", &d.jobID)
	f.text("question_set_uuid", &d.setID)
	f.text("candidate_first_name", &d.candidate.FirstName)
	f.text("candidate_last_name", &d.candidate.LastName)
	f.text("candidate_email", &d.candidate.Email)
	f.moment("scheduled_at", &d.at)
	var zone, message string
	var duration int
	f.text("time_zone", &zone)
	f.text("message", &message)
	f.number("duration", &duration)
}

// examine checks a draft as creation does and finds what it refers to.
// [documented for the website: active job, question set; assumed: the rest; docs/vendors/sparkhire.md]
func (s *Server) examine(f *fields, d *draft, now time.Time) {
	f.require("type", d.kind != "")
	if d.kind != OneWay && d.kind != Live {
		f.refuse("type must be %s or %s.", OneWay, Live)
	}
	f.require("job_uuid", d.jobID != "")
	s.examineJob(f, d)
	s.examineCandidate(f, d)
	s.examineSet(f, d)
	f.require("scheduled_at", !d.at.IsZero() || d.timeless || d.kind == OneWay && s.cfg.scheduleFree)
	if !d.at.IsZero() && !d.at.After(now) {
		f.refuse("scheduled_at must be in the future.")
	}
	if s.cfg.noDuplicates && d.job != nil && s.open(d) {
		f.refuse("candidate_email has an open interview of this type for the job already.")
	}
}

func (s *Server) examineJob(f *fields, d *draft) {
	j, ok := s.jobs.get(d.jobID)
	switch {
	case !ok || j.deleted || d.by != nil && !mayView(d.by, j):
		f.refuse("job_uuid names no job.")
	case j.inactive:
		f.refuse("job_uuid names a job that is not active.")
	default:
		d.job = j
	}
}

func (s *Server) examineCandidate(f *fields, d *draft) {
	f.require("candidate_first_name", strings.TrimSpace(d.candidate.FirstName) != "")
	f.require("candidate_last_name", strings.TrimSpace(d.candidate.LastName) != "")
	f.require("candidate_email", d.candidate.Email != "")
	if at := strings.IndexByte(d.candidate.Email, '@'); at < 1 || at == len(d.candidate.Email)-1 {
		f.refuse("candidate_email is not an address.")
	}
}

func (s *Server) examineSet(f *fields, d *draft) {
	d.set = nil
	if d.setID == "" {
		if d.kind == OneWay {
			f.refuse("question_set_uuid is required for a %s interview.", OneWay)
		}
		return
	}
	set, ok := s.sets.get(d.setID)
	if !ok || set.deleted || d.job != nil && set.account != d.job.account {
		f.refuse("question_set_uuid names no question set.")
		return
	}
	d.set = set
}

// open reports whether the candidate has an unfinished interview of the draft's type for its job.
func (s *Server) open(d *draft) bool {
	return slices.ContainsFunc(s.interviews.list, func(i *interview) bool {
		return i.job == d.job && i.kind == d.kind && i.state <= Accepted && sameAddress(i.candidate.Email, d.candidate.Email)
	})
}

// keepInterview stores a new interview, writes to the candidate unless a link brought them, and fires
// InterviewCreated. [documented for the website: the e-mail; assumed for the API; docs/vendors/sparkhire.md]
func (s *Server) keepInterview(d *draft, origin Origin, body []byte) *interview {
	i := &interview{
		id: s.cfg.ids.uuid(), kind: d.kind, origin: origin, job: d.job, set: d.set, createdBy: d.by,
		scheduledAt: d.at, createdAt: s.moment(), questions: s.questionsFrom(d.set), body: json.RawMessage(body),
	}
	i.updatedAt = i.createdAt
	s.setCandidate(i, d.candidate)
	s.interviews.add(i.id, i)
	s.watch(i)
	if origin != ByLink {
		s.sendMail(i.candidate.Email, EmailInvitation, i)
	}
	s.emitInterview(InterviewCreated, i)
	return i
}

func (s *Server) setCandidate(i *interview, c Candidate) {
	i.candidate = c
	key := candidateKey{i.job.account.id, foldAddress(c.Email)}
	if s.candidates[key] == "" {
		s.candidates[key] = s.cfg.ids.uuid()
	}
	i.candidateID = s.candidates[key]
}

func (s *Server) questionsFrom(set *questionSet) []Question {
	if set == nil {
		return nil
	}
	return s.copyQuestions(set.questions)
}
