package ats

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// maxMessage bounds a message for the candidate, in characters.
const maxMessage = 5000

// Admit checks a request against the policy and its connection and returns it
// completed with the policy's defaults: the type, the schedule, and the linked
// user whose key invites. A request against the rules returns a [*Refusal] that
// names the field. Admit looks at nothing but its arguments: rules that need
// the ledger (a second request, the job link, the primary user) are the
// engine's. Refusals carry the product's own codes, see [Policy.Name].
func (p Policy) Admit(c Connection, r Request, now time.Time) (Request, error) {
	r, err := p.admit(c, r, now)
	return r, p.Name(err)
}

func (p Policy) admit(c Connection, r Request, now time.Time) (Request, error) {
	if err := admitConnection(c); err != nil {
		return r, err
	}
	if p.ActorKey == KeyOwn && r.RequestedBy.IsZero() {
		return r, Refuse(CodeActorRequired, "", "The request does not say who is asking.")
	}
	if r.Key == "" {
		return r, Refuse(CodeIdempotencyKeyRequired, "key", "A request needs a key that makes it repeatable.")
	}
	if r.Type == "" && len(p.Types) > 0 {
		r.Type = p.Types[0]
	}
	if !slices.Contains(p.Types, r.Type) {
		return r, Refuse(CodeUnsupportedType, "type", fmt.Sprintf("%q is not an interview type on offer here. Choose %s.", clip(string(r.Type)), typeList(p.Types)))
	}
	steps := []func(Connection, Request, time.Time) (Request, error){
		p.admitCandidate, p.admitTerms, p.admitSchedule, p.admitUser,
	}
	for _, step := range steps {
		var err error
		if r, err = step(c, r, now); err != nil {
			return r, err
		}
	}
	return r, nil
}

func admitConnection(c Connection) error {
	if !c.Connected {
		return Refuse(CodeConnectionDisconnected, "", "The Spark Hire integration is not connected any more. An administrator can activate it again.")
	}
	if !c.Enabled {
		return Refuse(CodeIntegrationOff, "", "The Spark Hire integration is switched off. An administrator can switch it on.")
	}
	return nil
}

func (p Policy) admitCandidate(_ Connection, r Request, _ time.Time) (Request, error) {
	cand := r.Candidate
	if cand.ID == "" {
		return r, Refuse(CodeCandidateRequired, "candidate.id", "The request names no candidate.")
	}
	email := strings.TrimSpace(cand.Email)
	if email == "" {
		return r, Refuse(CodeCandidateEmailMissing, "candidate.email", "The candidate has no e-mail address, so there is nowhere to send an invitation. Add one and try again.")
	}
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || a.Name != "" {
		return r, Refuse(CodeCandidateEmailInvalid, "candidate.email", "The candidate's e-mail address is not a valid one. Correct it and try again.")
	}
	if p.DoNotEmail && cand.DoNotEmail {
		return r, Refuse(CodeDoNotEmail, "candidate.do_not_email", "This person is marked as not to be e-mailed.")
	}
	r.Candidate.Email = email
	return r, nil
}

func (p Policy) admitTerms(_ Connection, r Request, _ time.Time) (Request, error) {
	switch need := p.QuestionSet[r.Type]; {
	case need == Required && r.QuestionSetID == "":
		return r, Refuse(CodeQuestionSetRequired, "question_set_id", "A question set is needed for a "+strings.ToLower(r.Type.Label())+". Choose one.")
	case need == Forbidden && r.QuestionSetID != "":
		return r, Refuse(CodeQuestionSetNotAllowed, "question_set_id", "A "+strings.ToLower(r.Type.Label())+" takes no question set.")
	}
	switch {
	case p.JobLink == Forbidden && r.SparkHireJobID == "":
		return r, Refuse(CodeJobRequired, "spark_hire_job_id", "The request names no Spark Hire job. Choose one.")
	case p.JobLink == Required && r.Job.ID == "":
		return r, Refuse(CodeJobRequired, "job.id", "The request names no job.")
	}
	switch {
	case p.Message == Forbidden && r.Message != "":
		return r, Refuse(CodeMessageNotAllowed, "message", "No message can be passed on to the candidate here.")
	case utf8.RuneCountInString(r.Message) > maxMessage:
		return r, Refuse(CodeMessageTooLong, "message", fmt.Sprintf("The message is longer than %d characters.", maxMessage))
	}
	return r, nil
}

func (p Policy) admitSchedule(c Connection, r Request, now time.Time) (Request, error) {
	rule := p.Deadline
	if r.Schedule.IsZero() {
		if rule.Given != Optional {
			return r, Refuse(CodeExpirationRequired, "due", "A date is needed. Choose one and try again.")
		}
		zone := r.RequestedBy.TimeZone
		if zone == "" {
			zone = c.TimeZone
		}
		s, err := InDays(now, rule.DefaultDays, rule.Time == Required, rule.Midnight, zone)
		if err != nil {
			return r, err
		}
		r.Schedule = s
	}
	switch {
	case rule.Time == Required && r.Schedule.Time == nil:
		return r, Refuse(CodeTimeRequired, "due.time", "A time of day is needed together with the date.")
	case rule.Time == Forbidden && r.Schedule.Time != nil:
		return r, Refuse(CodeTimeNotAllowed, "due.time", "Only a date can be given here, no time of day.")
	}
	return r, r.Schedule.RequireFuture(now, "due")
}

func (p Policy) admitUser(c Connection, r Request, _ time.Time) (Request, error) {
	switch p.ActorKey {
	case KeyOwn:
		r.RequestedFor = r.RequestedBy.ID
	case KeyNamed:
		if r.RequestedFor == "" {
			return r, Refuse(CodeUserNotLinked, "requested_for", "The request names no recruiter. Choose one.")
		}
	case KeyPrimary:
		return r, nil // the engine knows the primary user
	}
	if u, ok := c.User(r.RequestedFor); !ok || !u.Linked {
		return r, Refuse(CodeUserNotLinked, "requested_for", "This recruiter has no Spark Hire key in the integration's settings. An administrator can add one.")
	}
	return r, nil
}

func typeList(types []InterviewType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = fmt.Sprintf("%q", t)
	}
	return strings.Join(words, " or ")
}
