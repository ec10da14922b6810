package teamtailor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

const stageRule = `{"stage": "video interview", "recruiter": "asha-lind", "spark_hire_job": "b7e0", "question_set": "qs-12", "time_zone": "Europe/Stockholm"`

// mapStages connects the company, sends its events to us and sets the rules.
func (w *world) mapStages(rules ...string) {
	w.t.Helper()
	w.reconcile()
	w.partner.SetEventSetup(teamtailortest.EventSetup{URL: w.url + "/events", Events: []string{"job_application.update"}})
	w.setSettings(fmt.Sprintf(`{"company_api_token": %q, "stages": [%s]}`, w.company.APIToken(), strings.Join(rules, ", ")))
}

func (w *world) move(c *teamtailortest.Candidate, to *teamtailortest.Stage) {
	w.t.Helper()
	_, err := w.tt.MoveCandidate(w.t.Context(), c, to)
	require.NoError(w.t, err)
	w.wait()
}

func TestMappedStageInvites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule + `}`)
	mira := w.applicant()
	w.clock.advance(time.Minute)
	w.move(mira, w.stage)

	require.Len(t, w.inbox.Requests(), 1)
	r := w.inbox.Requests()[0]
	require.Equal(t, fmt.Sprintf("stage:%d:%d:%d", firstApplication, w.stage.ID, startOfTest.Add(time.Minute).Unix()), r.Key)
	require.Equal(t, ats.OriginStage, r.Origin)
	require.Equal(t, ats.OneWay, r.Type)
	require.Equal(t, "mira.falk@mail.example", r.Candidate.Email)
	require.Empty(t, r.Candidate.Phone)
	require.Equal(t, ats.Job{ID: fmt.Sprint(w.job.ID), Title: "Ward nurse", Status: "published"}, r.Job)
	require.Equal(t, "asha-lind", r.RequestedFor)
	require.Equal(t, "2026-04-02 14:30 (Europe/Stockholm)", r.Schedule.String())
	require.Empty(t, r.ReplyTo)

	// The same news again, and other news about the same application, invite nobody.
	for _, d := range w.tt.Deliveries() {
		if d.Kind == teamtailortest.CallEvent {
			require.Equal(t, http.StatusOK, d.Status)
		}
	}
	for range 2 {
		w.answers(w.company.Emit(t.Context(), "job_application.update", firstApplication, map[string]any{"cover_letter": "x", "stage_name": "Video interview"}), http.StatusOK)
	}
	require.Len(t, w.inbox.Requests(), 1)

	// There is no card to report to.
	iv := w.inbox.Interviews()[0]
	report, err := w.inbox.Report(iv.ID)
	require.NoError(t, err)
	require.ErrorIs(t, w.adapter.Publish(t.Context(), w.connection(), report), ats.ErrHostCannot)
	w.discreet()
}

func TestMappedStageAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule + `}`)
	mira := w.applicant()
	w.move(mira, w.stage)
	_, err := w.inbox.Record(w.inbox.Interviews()[0].ID, ats.EventExpired, "Over.", func(iv *ats.Interview) { iv.State = ats.StateExpired })
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	w.move(mira, w.job.Stage(teamtailortest.StageInbox))
	w.clock.advance(time.Hour)
	w.move(mira, w.stage)
	require.Len(t, w.inbox.Requests(), 2, "coming to the stage again is another reason to invite")
}

func TestMappedStageInOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule + `, "due_days": 7}`)
	mira := w.applicant()
	w.setFields(mira, "", "")
	before := len(w.tt.Requests())
	w.move(mira, w.stage)
	require.Len(t, w.inbox.Requests(), 1)
	require.Equal(t, "2026-03-09 10:30 (Europe/Stockholm)", w.inbox.Requests()[0].Schedule.String())
	requests := w.tt.Requests()[before:]
	require.Len(t, requests, 1)
	require.Equal(t, fmt.Sprintf("/v1/job-applications/%d", firstApplication), requests[0].Path)
	require.Contains(t, requests[0].Query, "include=")
}

func TestMappedStageOfAJobWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule+`}`,
		fmt.Sprintf(`{"stage": "%d", "job": "%d", "type": "live", "recruiter": "bo-ek", "spark_hire_job": "b7e1", "time_zone": "Europe/London"}`, w.stage.ID, w.job.ID),
		`{"stage": "Video interview", "job": "1", "type": "live", "recruiter": "bo-ek", "spark_hire_job": "none", "time_zone": "Europe/London"}`)
	w.move(w.applicant(), w.stage)
	require.Len(t, w.inbox.Requests(), 1)
	r := w.inbox.Requests()[0]
	require.Equal(t, ats.Live, r.Type)
	require.Equal(t, "b7e1", r.SparkHireJobID)
	require.Equal(t, "bo-ek", r.RequestedFor)
}

func TestStageChangesThatInviteNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule    string
		prepare func(w *world, c *teamtailortest.Candidate)
		log     string
	}{
		"another stage":           {strings.Replace(stageRule, "video interview", "Phone call", 1) + `}`, nil, ""},
		"another job":             {stageRule + `, "job": "1"}`, nil, ""},
		"empty custom fields":     {stageRule + `}`, func(w *world, c *teamtailortest.Candidate) { w.setFields(c, "", "") }, "code=expiration_required"},
		"a recruiter without key": {strings.Replace(stageRule, "asha-lind", "eva-ny", 1) + `}`, nil, "code=user_not_linked"},
		"a candidate without mail": {stageRule + `}`, func(_ *world, c *teamtailortest.Candidate) {
			c.Update(func(i *teamtailortest.CandidateConfig) { i.Email = "" })
		}, "code=candidate_email_missing"},
		"a company without token": {stageRule + `}`, func(w *world, _ *teamtailortest.Candidate) {
			w.setSettings(`{"stages": [` + stageRule + `}]}`)
		}, "mapped stages need the company's API token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.mapStages(c.rule)
			mira := w.applicant()
			if c.prepare != nil {
				c.prepare(w, mira)
			}
			w.move(mira, w.stage)
			require.Empty(t, w.inbox.Requests())
			require.Contains(t, w.log.String(), c.log)
			for _, d := range w.tt.Deliveries() {
				if d.Kind == teamtailortest.CallEvent {
					require.Equal(t, http.StatusOK, d.Status, "nobody could do anything about it")
				}
			}
			w.discreet()
		})
	}
}

func TestStageThatWasReachedLongAgo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.applicant()
	w.move(mira, w.stage)
	w.mapStages(stageRule + `}`)
	w.clock.advance(24*time.Hour + time.Second)
	data := map[string]any{"stage_name": "Video interview"}
	w.answers(w.company.Emit(t.Context(), "job_application.update", firstApplication, data), http.StatusOK)
	require.Empty(t, w.inbox.Requests())
}

func TestStageChangeWhilePublicAPIIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule + `}`)
	mira := w.applicant()
	in := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1})
	w.move(mira, w.stage)
	in.Remove()
	var last teamtailortest.Delivery
	for _, d := range w.tt.Deliveries() {
		if d.Kind == teamtailortest.CallEvent {
			last = d
		}
	}
	require.Equal(t, http.StatusServiceUnavailable, last.Status, "Teamtailor's log shows the failure")
	w.answers(w.company.Emit(t.Context(), "job_application.update", firstApplication, nil), http.StatusOK)
	require.Len(t, w.inbox.Requests(), 1)
}

func TestApplicationThatBeginsInAMappedStage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule + `}`)
	w.move(w.candidate(), w.stage)
	require.Empty(t, w.inbox.Requests(), "its creation is another event")
	w.answers(w.company.Emit(t.Context(), "job_application.update", firstApplication, nil), http.StatusOK)
	require.Len(t, w.inbox.Requests(), 1)
	require.Contains(t, w.inbox.Requests()[0].Key, fmt.Sprint(startOfTest.Unix()))
}

func TestEventsAboutApplicationsThatAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mapStages(stageRule + `}`)
	w.answers(w.company.Emit(t.Context(), "job_application.update", 1, nil), http.StatusOK)
	w.setSettings(fmt.Sprintf(`{"company_api_token": %q, "cancel_on_rejection": true}`, w.company.APIToken()))
	w.answers(w.company.Emit(t.Context(), "job_application.update", 1, map[string]any{"rejected_at": "2026-03-02"}), http.StatusOK)
}
