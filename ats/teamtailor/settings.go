package teamtailor

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The custom fields that are read when the settings name no others. The activation
// form declares them under these names.
const (
	DefaultDateField = "interview-date"
	DefaultTimeField = "interview-time"
)

// The names of a connection's sealed secrets; see [ats.SecretStore]. The first two
// win over the settings of the same name.
const (
	secretCompanyToken = "company_api_token"
	secretWebhookKey   = "company_webhook_key"
	secretAPIURL       = "api_url"
	secretForm         = "form_digest"
	secretDeactivated  = "deactivated"
	secretListed       = "listed"
)

// Settings are the settings of a Teamtailor connection. All are optional.
type Settings struct {
	// DateField and TimeField are the API names of the candidate's custom fields
	// for date and time, for customers who made their own before the mapping
	// existed. Default "interview-date" and "interview-time".
	DateField string `json:"date_field"`
	TimeField string `json:"time_field"`

	// Stages say what a plain move to a stage sends, without a trigger. They need
	// the company's API token and its event webhooks.
	Stages []StageRule `json:"stages"`

	// SendScore writes Spark Hire's rating to the card as a score. A score can move
	// the candidate by itself; default off.
	SendScore bool `json:"send_score"`

	// SendSummary writes what Spark Hire's machine makes of the candidate's answers
	// into the card's details. It is personal data and a machine's opinion; default
	// off.
	SendSummary bool `json:"send_summary"`

	// AllowRepeat, where the deployment allows repeated requests at all, can be
	// false to refuse them for this company. Default: as the deployment.
	AllowRepeat *bool `json:"allow_repeat"`

	// LiveFormTime lets the form's date and time serve for a live interview that is
	// started by hand, when the custom fields are empty. Default off.
	LiveFormTime bool `json:"live_form_time"`

	// CancelOnRejection cancels open interviews when the application is rejected.
	// Spark Hire may write to the candidate about it; default off.
	CancelOnRejection bool `json:"cancel_on_rejection"`

	// CompanyWebhookKey is the signature key of the company's own webhook.
	CompanyWebhookKey ats.Secret `json:"company_webhook_key"`

	// CompanyWebhookV1 accepts the deprecated signature too, for deletions only: it
	// covers nothing but the id and can be replayed.
	CompanyWebhookV1 bool `json:"company_webhook_v1"`

	// CompanyAPIToken opens the public API. Where Teamtailor sends the token along
	// with its calls, that one is used.
	CompanyAPIToken ats.Secret `json:"company_api_token"`

	// APIURL is the stack on which the company lives, one of the deployment's API
	// URLs. Default: learned from the company's first call.
	APIURL string `json:"api_url"`

	// ProviderKeySHA256 is the SHA-256, in hex, of the integration key of an
	// installation without a form, which Teamtailor sends as it is.
	ProviderKeySHA256 string `json:"provider_key_sha256"`
}

// StageRule is what to send when a candidate is moved to a stage.
type StageRule struct {
	// Stage is the stage's name or id, Job the Teamtailor job's id. Without a job
	// the rule is for every job; a rule with one wins.
	Stage string `json:"stage"`
	Job   string `json:"job"`
	// Recruiter is the id of the linked user who invites.
	Recruiter string `json:"recruiter"`
	// Type is one_way (the default) or live.
	Type string `json:"type"`
	// SparkHireJob is the Spark Hire job's id.
	SparkHireJob string `json:"spark_hire_job"`
	// QuestionSet is needed for a one-way interview.
	QuestionSet string `json:"question_set"`
	// TimeZone is an IANA name; empty for the connection's.
	TimeZone string `json:"time_zone"`
	// DueDays, for a one-way interview, is the deadline in calendar days from now,
	// instead of the candidate's custom fields; zero means that those are required,
	// which takes one more request.
	DueDays int `json:"due_days"`
}

// settingsOf returns a connection's settings with their defaults, also beside an error.
func settingsOf(c ats.Connection) (Settings, error) {
	s, err := ats.DecodeSettings[Settings](c.Settings)
	if err != nil {
		s, err = Settings{}, fmt.Errorf("read settings of connection %s: %w", c.ID, err)
	}
	s.DateField = orDefault(s.DateField, DefaultDateField)
	s.TimeField = orDefault(s.TimeField, DefaultTimeField)
	return s, err
}

// CheckSettings implements [ats.SettingsDecoder]: see [Settings]. Its error joins
// an [*ats.SettingsError] for each problem. It calls nobody.
func (a *Adapter) CheckSettings(c ats.Connection) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &ats.SettingsError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	if s.DateField == s.TimeField {
		bad("time_field", "must be another field than date_field")
	}
	if s.AllowRepeat != nil && *s.AllowRepeat && !a.cfg.AllowRepeat {
		bad("allow_repeat", "this deployment refuses repeated requests; only false is possible")
	}
	if s.APIURL != "" {
		if _, ok := a.stackAt(s.APIURL); !ok {
			bad("api_url", "is not one of the deployment's Teamtailor API URLs")
		}
	}
	if d := s.ProviderKeySHA256; d != "" {
		if b, err := hex.DecodeString(d); err != nil || len(b) != 32 {
			bad("provider_key_sha256", "must be a SHA-256 digest of 64 hexadecimal digits")
		}
	}
	for i, r := range s.Stages {
		for _, problem := range r.problems(c.TimeZone) {
			bad(fmt.Sprintf("stages[%d].%s", i, problem.Field), "%s", problem.Problem)
		}
		for j, earlier := range s.Stages[:i] {
			if strings.EqualFold(earlier.Stage, r.Stage) && earlier.Job == r.Job {
				bad(fmt.Sprintf("stages[%d].stage", i), "is there already as stages[%d]", j)
			}
		}
	}
	return errors.Join(errs...)
}

func (r StageRule) problems(connectionZone string) []ats.SettingsError {
	var list []ats.SettingsError
	bad := func(field, problem string) { list = append(list, ats.SettingsError{Field: field, Problem: problem}) }
	typ, known := r.interviewType()
	if !known {
		bad("type", "must be one_way or live")
	}
	for _, required := range [][2]string{{"stage", r.Stage}, {"recruiter", r.Recruiter}, {"spark_hire_job", r.SparkHireJob}} {
		if strings.TrimSpace(required[1]) == "" {
			bad(required[0], "is required")
		}
	}
	if typ == ats.OneWay && r.QuestionSet == "" {
		bad("question_set", "is required for a one-way interview")
	}
	if zone := orDefault(r.TimeZone, connectionZone); zone == "" {
		bad("time_zone", "is required, because the connection has none")
	} else if _, err := ats.LoadZone(zone); err != nil {
		bad("time_zone", "is not an IANA time zone")
	}
	switch {
	case r.DueDays < 0 || r.DueDays > 365:
		bad("due_days", "must be between 0 and 365")
	case r.DueDays > 0 && typ == ats.Live:
		bad("due_days", "is for one-way interviews only")
	}
	return list
}

// interviewType returns the rule's type, by default one-way, and whether it exists.
func (r StageRule) interviewType() (ats.InterviewType, bool) {
	if r.Type == "" {
		return ats.OneWay, true
	}
	return ats.ParseInterviewType(r.Type)
}
