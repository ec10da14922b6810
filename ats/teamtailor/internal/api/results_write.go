package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// ResultUpdate names the attributes to change. The zero value of a field leaves the
// attribute alone; an empty, non-nil list or map clears it. The candidate cannot be
// changed and is never sent.
//
// Limits are the vendor's [documented: docs/vendors/teamtailor.md] and are checked
// before anything is sent, because one attribute out of bounds would lose the whole
// update.
type ResultUpdate struct {
	Status Status
	// JobID is the number of a job.
	JobID string
	// Summary has no limit; the card shows the first 150 characters.
	Summary *string
	// URL is an http or https address, for people.
	URL        *string
	Assessment *Assessment
	// Details is shown as it is: an object of at most two levels.
	Details     map[string]any
	Attachments []Attachment
	Actions     []Action
	Criteria    []Criterion
}

// ResultCreate is a new result. CandidateID, a number, and Status are required.
type ResultCreate struct {
	CandidateID string
	ResultUpdate
}

// Assessment is a score or grade. It can move the candidate to another stage, so
// send only one that a person or a test has given.
type Assessment struct {
	Score    *float64      // 0 to 100
	Grade    Grade         // empty for none
	Duration time.Duration // sent in whole seconds
}

// Grade is the verbal form of a score.
type Grade string

// The grades that exist [documented: docs/vendors/teamtailor.md].
const (
	GradeTopFit        Grade = "top_fit"
	GradeMightBeFit    Grade = "might_be_fit"
	GradeMightNotBeFit Grade = "might_not_be_fit"
	GradeUnknown       Grade = "unknown"
)

// Attachment is a link on the card. Both fields are required; there is no upload.
type Attachment struct {
	URL         string `json:"url"`
	Description string `json:"description"`
}

// Action is a button on the card, which sends the original event again to the
// integration's base URL plus Endpoint. Both fields are required.
type Action struct {
	ButtonText string `json:"buttonText"`
	Endpoint   string `json:"endpoint"`
}

// Criterion is a score for one skill, 0 to 100 or none.
type Criterion struct {
	ID    string   `json:"id"`
	Score *float64 `json:"score,omitempty"`
}

// resultBody is what is sent: exactly the documented attributes.
type resultBody struct {
	CandidateID json.Number     `json:"candidate-id,omitempty"`
	Status      Status          `json:"status,omitempty"`
	JobID       json.Number     `json:"job-id,omitempty"`
	Summary     *string         `json:"summary,omitempty"`
	URL         *string         `json:"url,omitempty"`
	Assessment  *assessmentBody `json:"assessment,omitempty"`
	Details     map[string]any  `json:"details,omitzero"`
	Attachments []Attachment    `json:"attachments,omitzero"`
	Actions     []Action        `json:"actions,omitzero"`
	Criteria    []Criterion     `json:"assessment-criteria,omitzero"`
}

type assessmentBody struct {
	Score    *float64 `json:"score,omitempty"`
	Grade    Grade    `json:"grade,omitempty"`
	Duration int      `json:"duration,omitempty"`
}

func (u ResultUpdate) attributes() (resultBody, error) {
	if err := u.check(); err != nil {
		return resultBody{}, err
	}
	body := resultBody{
		Status: u.Status, JobID: json.Number(u.JobID), Summary: u.Summary, URL: u.URL,
		Details: u.Details, Attachments: u.Attachments, Actions: u.Actions, Criteria: u.Criteria,
	}
	if a := u.Assessment; a != nil {
		body.Assessment = &assessmentBody{Score: a.Score, Grade: a.Grade, Duration: int(a.Duration / time.Second)}
	}
	return body, nil
}

func (c ResultCreate) attributes() (resultBody, error) {
	switch {
	case !digits(c.CandidateID):
		return resultBody{}, argument("candidate-id", "must be a number")
	case c.Status == "":
		return resultBody{}, argument("status", "is required")
	}
	body, err := c.ResultUpdate.attributes()
	body.CandidateID = json.Number(c.CandidateID)
	return body, err
}

// check finds the first attribute that the vendor would refuse.
func (u ResultUpdate) check() error {
	switch u.Status {
	case "", StatusSending, StatusSent, StatusPending, StatusCompleted, StatusFailed:
	default:
		return argument("status", "must be sending, sent, pending, completed or failed")
	}
	switch {
	case u.JobID != "" && !digits(u.JobID):
		return argument("job-id", "must be a number")
	case u.URL != nil && !webAddress(*u.URL):
		return argument("url", "must be an http or https address")
	case !atMostTwoLevels(u.Details):
		return argument("details", "must be an object of at most two levels that JSON can hold")
	}
	if u.Assessment != nil {
		if err := u.Assessment.check(); err != nil {
			return err
		}
	}
	for i, a := range u.Attachments {
		if !webAddress(a.URL) || a.Description == "" {
			return argument(fmt.Sprintf("attachments[%d]", i), "must have an http or https address and a description")
		}
	}
	for i, a := range u.Actions {
		if a.ButtonText == "" || a.Endpoint == "" {
			return argument(fmt.Sprintf("actions[%d]", i), "must have a text and an endpoint")
		}
	}
	for i, c := range u.Criteria {
		if c.ID == "" || !inRange(c.Score) {
			return argument(fmt.Sprintf("assessment-criteria[%d]", i), "must have an id and a score from 0 to 100, or none")
		}
	}
	return nil
}

func (a Assessment) check() error {
	switch a.Grade {
	case "", GradeTopFit, GradeMightBeFit, GradeMightNotBeFit, GradeUnknown:
	default:
		return argument("assessment.grade", "must be top_fit, might_be_fit, might_not_be_fit or unknown")
	}
	switch {
	case !inRange(a.Score):
		return argument("assessment.score", "must be from 0 to 100")
	case a.Duration < 0:
		return argument("assessment.duration", "must not be negative")
	}
	return nil
}

func argument(name, reason string) *ArgumentError { return &ArgumentError{Name: name, Reason: reason} }

func digits(text string) bool {
	return text != "" && len(text) <= 18 && strings.Trim(text, "0123456789") == "" && (text == "0" || text[0] != '0')
}

// inRange also refuses what is not a number.
func inRange(score *float64) bool { return score == nil || *score >= 0 && *score <= 100 }

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}

// atMostTwoLevels looks at details as JSON, since that is what is sent.
func atMostTwoLevels(details map[string]any) bool {
	text, err := json.Marshal(details)
	if err != nil {
		return false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return true // the end: what Marshal wrote has no other errors
		}
		if dec.StackDepth() > 2 {
			return false
		}
	}
}
