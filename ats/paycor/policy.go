package paycor

import (
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// proposedDays is how far ahead the proposed expiration date lies: "one week from
// today" [documented: docs/vendors/paycor.md].
const proposedDays = 7

// Policy returns Paycor's rules [documented and assumed: docs/vendors/paycor.md, R1 to
// R38]. The job link says which Spark Hire job and which question set; people invite
// under their own key; one request may be pending and one completed for each candidate
// and job, because a candidate record at Paycor belongs to one job and somebody who
// applies twice has two records.
func (a *Adapter) Policy() ats.Policy {
	return ats.Policy{
		Types:       []ats.InterviewType{ats.OneWay},
		QuestionSet: map[ats.InterviewType]ats.Need{ats.OneWay: ats.Required},
		Deadline: ats.DeadlineRule{
			Given: ats.Required, Time: ats.Forbidden, DefaultDays: proposedDays, Midnight: ats.EndOfDay, Ends: true,
		},
		JobLink:        ats.Required,
		ActorKey:       ats.KeyOwn,
		PrimaryUser:    ats.Required,
		Scope:          ats.ScopeCandidateJob,
		WhilePending:   ats.Decline,
		AfterCompleted: ats.Decline,
		Cancel:         ats.Optional,
		Message:        ats.Optional, // the article's form has none, and nothing in it forbids one
		DoNotEmail:     true,
		ViewWithoutKey: true,
		TimeZone:       ats.Required,
		Settings:       ats.SettingsByAdministrator,
		Words: map[ats.Code]string{
			ats.CodeQuestionSetRequired: "This job has no question set yet. Choose one for the job and try again.",
			ats.CodeExpirationInPast:    "The expiration date is in the past. Choose a later one.",
			ats.CodeHostCannot:          "Recorded here, not in Paycor: its host has no place for it.",
			ats.CodeAlreadyCompleted:    "This candidate has already completed a video interview.",
		},
	}
}

// PolicyFor implements [ats.PolicyTailor]: the setting midnight says which midnight of
// the expiration date ends a request.
func (a *Adapter) PolicyFor(c ats.Connection) ats.Policy {
	p := a.Policy()
	if s, err := settingsOf(c); err == nil {
		p.Deadline.Midnight, _ = s.midnight()
	}
	return p
}

// Gate implements [ats.Gatekeeper]: until the setting feature_enabled is set, every
// action is refused with [ats.CodeFeatureNotEnabled].
func (a *Adapter) Gate(c ats.Connection) error {
	if s, err := settingsOf(c); err == nil && s.FeatureEnabled {
		return nil
	}
	return ats.Refuse(ats.CodeFeatureNotEnabled, "",
		"Video interviewing is not enabled for this company yet. Ask Paycor Recruiting Support to enable it.")
}

// ProposedExpiry returns the expiration date that a form proposes: seven calendar days
// after today, as today is in the company's IANA time zone. A zone that is missing or
// unknown is a [*ats.Refusal].
func ProposedExpiry(now time.Time, zone string) (ats.Date, error) {
	s, err := ats.InDays(now, proposedDays, false, ats.EndOfDay, zone)
	return s.Date, err
}
