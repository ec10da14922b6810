package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// TriggerPath is where [Adapter.Handler] takes triggers.
const TriggerPath = "/trigger"

// Trigger is the message that asks for an interview. Its JSON is the body of
// POST /trigger; members that are not known are ignored.
type Trigger struct {
	// ID makes the trigger repeatable; required.
	ID          string `json:"id"`
	CandidateID string `json:"candidate_id"`
	JobID       string `json:"job_id,omitempty"`
	// Type is read by [ats.ParseInterviewType]; empty for the default.
	Type string `json:"type,omitempty"`
	// Recruiter is the id of the linked user in whose name Spark Hire invites.
	Recruiter      string `json:"recruiter,omitempty"`
	SparkHireJobID string `json:"spark_hire_job_id,omitempty"`
	QuestionSetID  string `json:"question_set_id,omitempty"`
	// Date is YYYY-MM-DD and Time is HH:MM on the 24-hour clock; empty for the
	// default. TimeZone is empty for that of the connection.
	Date     string `json:"date,omitempty"`
	Time     string `json:"time,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
	Message  string `json:"message,omitempty"`
}

// Trigger fires a trigger: the account remembers it, and the returned call tells
// the integration about it. The call's path is relative to [Adapter.Handler];
// its URL has no host. A call that is never made is a lost one, which
// [Adapter.Reconcile] finds. An empty ID is filled in.
func (a *Account) Trigger(ctx context.Context, t Trigger) *http.Request {
	a.adapter.mu.Lock()
	if t.ID == "" {
		t.ID = fmt.Sprintf("trigger-%d", len(a.triggers)+1)
	}
	a.triggers = append(a.triggers, t)
	a.adapter.mu.Unlock()

	body, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("memory: encode trigger: %v", err)) // strings always encode
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, TriggerPath, bytes.NewReader(body))
	if err != nil {
		panic(fmt.Sprintf("memory: make trigger: %v", err)) // all parts are ours
	}
	req.Header.Set("Authorization", "Bearer "+a.token.Reveal())
	req.Header.Set("Content-Type", "application/json")
	return req
}

// request converts a trigger, with the records of its account as they are now.
func (a *Account) request(t Trigger, c ats.Connection) (ats.Request, error) {
	a.adapter.mu.Lock()
	defer a.adapter.mu.Unlock()
	cand, ok := a.present(t.CandidateID)
	if !ok {
		return ats.Request{}, ats.Refuse(ats.CodeCandidateRequired, "candidate_id", "This candidate does not exist.")
	}
	job, ok := a.job(t.JobID)
	if !ok && t.JobID != "" {
		return ats.Request{}, ats.Refuse(ats.CodeJobRequired, "job_id", "This job does not exist.")
	}
	r := ats.Request{
		Tenant:         a.Tenant(),
		Key:            "trigger:" + t.ID,
		Type:           ats.InterviewType(t.Type),
		Origin:         ats.OriginTrigger,
		Candidate:      cand.view(),
		Job:            job,
		SparkHireJobID: t.SparkHireJobID,
		QuestionSetID:  t.QuestionSetID,
		Message:        t.Message,
		RequestedFor:   t.Recruiter,
		ReplyTo:        replyTo(t.ID),
	}
	if known, ok := ats.ParseInterviewType(t.Type); ok {
		r.Type = known // what is not known is left for the policy to refuse
	}
	var err error
	r.Schedule, err = t.schedule(c.TimeZone)
	return r, err
}

// schedule resolves the trigger's civil time.
func (t Trigger) schedule(zone string) (ats.Schedule, error) {
	fields := ats.Fields{Date: "date", Time: "time", Zone: "time_zone"}
	if t.TimeZone != "" {
		zone = t.TimeZone
	}
	if strings.TrimSpace(t.Date) == "" {
		if strings.TrimSpace(t.Time) != "" {
			return ats.Schedule{}, ats.Refuse(ats.CodeInvalidDate, "date", "A time needs a date with it.")
		}
		return ats.Schedule{}, nil
	}
	d, err := ats.ParseDate(t.Date, fields.Date)
	if err != nil {
		return ats.Schedule{}, err
	}
	var s ats.Schedule
	if strings.TrimSpace(t.Time) == "" {
		s, err = ats.On(d, ats.EndOfDay, zone, fields)
	} else {
		var tod ats.TimeOfDay
		if tod, err = ats.ParseTimeOfDay(t.Time, fields.Time); err == nil {
			s, err = ats.At(d, tod, zone, fields)
		}
	}
	s.Derivation = "date and time of the trigger"
	return s, err
}

// address is what comes back with each report, as Request.ReplyTo.
type address struct {
	Trigger string `json:"trigger"`
}

func replyTo(triggerID string) json.RawMessage {
	raw, err := json.Marshal(address{Trigger: triggerID})
	if err != nil {
		panic(fmt.Sprintf("memory: encode address: %v", err)) // strings always encode
	}
	return raw
}

func triggerOf(raw json.RawMessage) string {
	var to address
	if len(raw) > 0 && json.Unmarshal(raw, &to) != nil {
		return "" // somebody else's address: the card has no trigger
	}
	return to.Trigger
}
