package teamtailor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

// recentMove is how long ago a candidate may have come to a stage for the move to
// count. An event about something else, months later, must not invite anybody.
const recentMove = 24 * time.Hour

// moved acts on a change of an application: if the settings map the stage that the
// candidate is in, it submits what they say. The event names no candidate, and its
// order is not guaranteed, so one request reads application, candidate, job and
// stage as they are now; custom fields take a second one, if a rule needs them.
//
// There is no card for such a request and nobody to answer to: a refusal is logged.
// A stage that was entered once is submitted once.
func (h *handler) moved(ctx context.Context, conn ats.Connection, s Settings, call eventCall, id string) error {
	attributes := call.Payload.Data.Attributes
	if len(s.Stages) == 0 || !mayMatch(s.Stages, attributes["stage-name"], attributes["job-id"]) {
		return nil
	}
	client, err := h.companyAPI(ctx, conn)
	if errors.Is(err, ats.ErrUnsupported) {
		h.log.WarnContext(ctx, "mapped stages need the company's API token", "connection", conn)
		return nil
	}
	if err != nil {
		return err
	}
	app, err := applicationNow(ctx, client, id)
	if err != nil {
		return err
	}
	now := h.now()
	if app == nil || app.Candidate == nil || app.Job == nil || app.Stage == nil || !app.RejectedAt.IsZero() {
		return nil
	}
	since := app.ChangedStageAt
	if since.IsZero() { // never moved: the stage is the one of the application's beginning
		since = app.CreatedAt
	}
	rule, ok := ruleFor(s.Stages, *app.Stage, app.Job.ID)
	if !ok || now.Sub(since) > recentMove {
		return nil
	}
	r, err := h.stageRequest(ctx, client, conn, s, rule, *app, since)
	if err == nil {
		_, err = h.in.Submit(ctx, r)
	}
	if refusal, ok := ats.AsRefusal(err); ok {
		h.log.WarnContext(ctx, "stage change not sent", "connection", conn, "application", id, "code", string(refusal.Code), "field", refusal.Field)
		return nil
	}
	return err
}

// mayMatch reports whether a rule could be meant by what the event says. An event
// that does not say it is looked at more closely.
func mayMatch(rules []StageRule, stage, job string) bool {
	for _, r := range rules {
		byID := strings.Trim(r.Stage, "0123456789") == ""
		if (stage == "" || byID || strings.EqualFold(r.Stage, stage)) && (r.Job == "" || job == "" || r.Job == job) {
			return true
		}
	}
	return false
}

// ruleFor returns the rule for a stage of a job; one that names the job wins.
func ruleFor(rules []StageRule, stage api.Stage, job string) (StageRule, bool) {
	var found StageRule
	ok := false
	for _, r := range rules {
		if r.Stage != stage.ID && !strings.EqualFold(strings.TrimSpace(r.Stage), stage.Name) {
			continue
		}
		if r.Job == job {
			return r, true
		}
		if r.Job == "" {
			found, ok = r, true
		}
	}
	return found, ok
}

// stageRequest applies the rules for automatic runs (T2, T3) to what a stage rule
// says.
func (h *handler) stageRequest(ctx context.Context, client *api.Public, conn ats.Connection, s Settings, rule StageRule, app api.JobApplication, since time.Time) (ats.Request, error) {
	candidate := *app.Candidate
	if rule.DueDays == 0 {
		full, err := client.Candidates.Get(ctx, candidate.ID, &api.CandidateOptions{CustomFields: true})
		if err != nil {
			return ats.Request{}, classify(err)
		}
		candidate = *full
	}
	form := formData{}
	choose(form, fieldRecruiter, rule.Recruiter)
	choose(form, fieldType, rule.Type)
	choose(form, fieldJob, rule.SparkHireJob)
	choose(form, fieldQuestionSet, rule.QuestionSet)
	choose(form, fieldZone, rule.TimeZone)
	t := terms{
		origin: ats.OriginTrigger, candidate: minimal(candidateFromAPI(candidate), s), form: form,
		users: conn.Users, zone: conn.TimeZone, settings: s, dueDays: rule.DueDays, now: h.now(),
	}
	r, err := t.request()
	if err != nil {
		return ats.Request{}, err
	}
	r.Tenant, r.Origin, r.Job = conn.Tenant, ats.OriginStage, jobFromAPI(*app.Job)
	r.Key = fmt.Sprintf("stage:%s:%s:%d", app.ID, app.Stage.ID, since.Unix())
	return r, nil
}
