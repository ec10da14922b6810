package topechelon

import "github.com/sparkbridge/sparkbridge/ats"

// The refusals that carry Top Echelon's own names. Those that it shares with other
// products, such as [ats.CodeDoNotEmail], keep theirs.
const (
	// CodeNotConnected: the person has no Spark Hire key of their own.
	CodeNotConnected = ats.CodeNotConnected
	// CodeJobNotSent: the job has not been sent to Spark Hire.
	CodeJobNotSent ats.Code = "job_not_sent"
	// CodeNotInPipeline: the person is not in the pipeline of this job.
	CodeNotInPipeline ats.Code = "not_in_pipeline"
	// CodeNotInConnectedPipeline: the person is in the pipeline of no job that has
	// been sent.
	CodeNotInConnectedPipeline ats.Code = "not_in_connected_pipeline"
	// CodeDueRequired: date and time are needed, both.
	CodeDueRequired ats.Code = "due_required"
	// CodeDueInPast: the moment has passed.
	CodeDueInPast ats.Code = "due_in_past"
	// CodePersonEmailMissing: the person has no e-mail address.
	CodePersonEmailMissing ats.Code = "person_email_missing"
	// CodeUnverifiedEndpoint: see [ErrUnverified].
	CodeUnverifiedEndpoint ats.Code = "unverified_endpoint"
	// CodeSettingRequired: the connection lacks a setting for what was asked.
	CodeSettingRequired ats.Code = "setting_required"
)

// maxRows is how many rows of a pipeline one call may schedule
// [assumed: docs/vendors/topechelon.md T22].
const maxRows = 100

// Policy returns Top Echelon's rules. Everybody acts with the own key; a job must
// have been sent; date and time are required; two interviews for the same person and
// job are allowed, with a notice while one is pending; nothing can be canceled; only
// connected people see results. A connection needs no time zone, because a due time
// is in the zone of the person who enters it; its own is for people whose zone is not
// known. The rules by number: docs/vendors/topechelon.md.
func (a *Adapter) Policy() ats.Policy {
	return ats.Policy{
		Types:          []ats.InterviewType{ats.OneWay, ats.Live},
		QuestionSet:    map[ats.InterviewType]ats.Need{ats.OneWay: ats.Required, ats.Live: ats.Forbidden},
		Deadline:       ats.DeadlineRule{Given: ats.Required, Time: ats.Required},
		JobLink:        ats.Required,
		ActorKey:       ats.KeyOwn,
		PrimaryUser:    ats.Forbidden,
		Scope:          ats.ScopeCandidateJob,
		WhilePending:   ats.AllowWithNotice,
		AfterCompleted: ats.Allow,
		Cancel:         ats.Forbidden,
		Message:        ats.Optional,
		ViewWithoutKey: false,
		TimeZone:       ats.Optional,
		DoNotEmail:     true,
		Settings:       ats.SettingsByOwner,
		Rows:           maxRows,
		Codes: map[ats.Code]ats.Code{
			ats.CodeUserNotLinked:         CodeNotConnected,
			ats.CodeJobNotLinked:          CodeJobNotSent,
			ats.CodeExpirationRequired:    CodeDueRequired,
			ats.CodeTimeRequired:          CodeDueRequired,
			ats.CodeExpirationInPast:      CodeDueInPast,
			ats.CodeCandidateEmailMissing: CodePersonEmailMissing,
		},
		Words: words(),
	}
}

// words are the sentences in which other products speak of administrators or of links,
// neither of which Top Echelon has. None is for a name that [Adapter.Policy] gives, so
// that naming a refusal twice changes nothing.
func words() map[ats.Code]string {
	return map[ats.Code]string{
		ats.CodeConnectionDisconnected: "Spark Hire is not connected for this agency any more. Whoever operates the integration must connect it again.",
		ats.CodeIntegrationOff:         "The Spark Hire integration is paused for this agency. Whoever operates it can switch it on.",
		ats.CodeUserNotLinked:          "You have not connected your Spark Hire account. Paste your own key under Settings, Addons & Integrations, Spark Hire, and save.",
		ats.CodeInvalidKey:             "Spark Hire does not accept this key. In Spark Hire, copy it again under User Menu, Settings, Integrations, Top Echelon. Then save it under Settings, Addons & Integrations, Spark Hire.",
		ats.CodeJobNotLinked:           "This job has not been sent to Spark Hire yet. Press Send to Spark Hire on the job, then schedule.",
		ats.CodeJobLinkNotAllowed:      "This job has been sent to Spark Hire as another job than the one named. Leave the Spark Hire job out.",
		ats.CodeNotAdmin:               "This job has been sent to Spark Hire already, as another job. Use that one.",
		ats.CodeExpirationRequired:     "A due date and time are needed. Choose both and try again.",
		ats.CodeTimeRequired:           "A due time is needed together with the date.",
		ats.CodeCandidateEmailMissing:  "This person has no e-mail address, so there is nowhere to send an invitation. Add one and try again.",
		ats.CodeNotCancelable:          "Interviews are not canceled from Top Echelon. Cancel it in Spark Hire, and its status here follows.",
	}
}
