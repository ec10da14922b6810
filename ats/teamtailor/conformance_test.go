package teamtailor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	atstest.Run(t, harness)
}

// harness makes Teamtailor, a company with the integration installed, and the adapter.
func harness(t *testing.T, env atstest.Env) atstest.Vendor {
	t.Helper()
	tt := teamtailortest.NewServer(teamtailortest.WithClock(env.Now), teamtailortest.WithRateLimit(100_000, time.Second))
	t.Cleanup(tt.Close)
	a, err := teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: keys("", "partner-api-key"), WebhookSecrets: keys("", "webhook-secret"),
		APIURLs: []string{tt.URL}, Logger: env.Logger, Clock: env.Now, MaxAttempts: 1,
	})
	require.NoError(t, err)
	partner := tt.RegisterPartner(teamtailortest.PartnerConfig{
		BaseURL: env.URL + "/teamtailor", APIKey: "partner-api-key", WebhookSecret: "webhook-secret",
		ActivationConfig: a.ActivationConfigJSON(), TriggerConfig: freeForm(),
	})
	company := tt.AddCompany(teamtailortest.CompanyConfig{UUID: "Qw3rTyUi0p"})
	tenant := ats.TenantRef{Adapter: "teamtailor", Tenant: company.UUID}
	var job *teamtailortest.Job // made late: a connected account starts without jobs
	jobs := map[string]*teamtailortest.Job{}
	var active *teamtailortest.Activation
	var outage *teamtailortest.Injection

	return atstest.Vendor{
		Adapter: a,
		Connect: func(t *testing.T) ats.Connection {
			t.Helper()
			var err error
			// Nobody knows the keys at Spark Hire here, so validation would refuse them.
			active, err = partner.Activate(t.Context(), company, teamtailortest.Values{"apiKeys": apiKeys})
			require.ErrorContains(t, err, "rejected by Spark Hire")
			require.NoError(t, active.FinishInstallation())
			require.NoError(t, a.Reconcile(t.Context(), env.Inbox))
			settings := fmt.Sprintf(`{"company_api_token": %q}`, company.APIToken())
			require.NoError(t, env.Inbox.SetSettings(tenant, json.RawMessage(settings)))
			c, err := env.Inbox.Connection(t.Context(), tenant)
			require.NoError(t, err)
			return c
		},
		Trigger: func(t *testing.T, person ats.Candidate) atstest.Trigger {
			t.Helper()
			if job == nil {
				job = company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}})
				_, err := active.SaveTrigger(t.Context(), job.Stage("Video interview"), nil, oneWay())
				require.NoError(t, err)
			}
			c := applicantOf(t, company, person)
			deliveries, err := tt.MoveCandidate(t.Context(), c, job.Stage("Video interview"), teamtailortest.Lost())
			require.NoError(t, err)
			require.Len(t, deliveries, 1)
			d := deliveries[0]
			header := http.Header{}
			header.Set("Content-Type", "application/json")
			header.Set("Authorization", "Bearer "+active.ProviderKey())
			header.Set("Teamtailor-Signature", teamtailortest.EventSignature("webhook-secret", d.EventID, env.Now()))
			return atstest.Trigger{
				Path: "/webhook", Header: header, Body: d.Body,
				Credentials: []string{"Authorization", "Teamtailor-Signature"},
				Want: ats.Request{
					Tenant: tenant, Key: "result:" + d.ResultID, Type: ats.OneWay, Job: ats.Job{ID: fmt.Sprint(job.ID)},
					Candidate: ats.Candidate{ID: fmt.Sprint(c.ID), FirstName: person.FirstName, LastName: person.LastName, Email: person.Email},
				},
			}
		},
		Card: func(t *testing.T, iv ats.Interview) atstest.Card {
			t.Helper()
			card, ok := tt.CardOf(resultOf(t, env, iv))
			require.True(t, ok)
			text, err := json.Marshal(card.CardState)
			require.NoError(t, err)
			return atstest.Card{Completed: card.Status == "completed", Text: string(text)}
		},
		Remove: func(t *testing.T, iv ats.Interview) {
			t.Helper()
			tt.RemoveResult(resultOf(t, env, iv))
		},
		Fail: func(status int) {
			if outage != nil {
				outage.Remove()
				outage = nil
			}
			if status != 0 {
				outage = tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultStatus, Status: status, Times: -1})
			}
		},
		Calls: func() int { return len(tt.Requests()) },
		AddJob: func(t *testing.T, title string) string {
			t.Helper()
			job := company.AddJob(teamtailortest.JobConfig{Title: title})
			jobs[fmt.Sprint(job.ID)] = job
			return fmt.Sprint(job.ID)
		},
		AddCandidate: func(t *testing.T, job string, person ats.Candidate) string {
			t.Helper()
			c := applicantOf(t, company, person)
			_, err := tt.MoveCandidate(t.Context(), c, jobs[job].Stage(teamtailortest.StageInbox))
			require.NoError(t, err)
			return fmt.Sprint(c.ID)
		},
		PageSize: 30,
		Settings: json.RawMessage(`{"date_field": "datum", "send_score": true, "stages": [` + stageRule + `}]}`),
		Uninstall: func(t *testing.T) {
			t.Helper()
			active.Deactivate()
			require.NoError(t, a.Reconcile(t.Context(), env.Inbox), "a company that is missing once may be back the next time")
		},
		Secrets: []string{"partner-api-key", "webhook-secret", company.APIToken(), orgKey, ashaKey, boKey},
	}
}

func applicantOf(t *testing.T, company *teamtailortest.Company, person ats.Candidate) *teamtailortest.Candidate {
	t.Helper()
	c := company.AddCandidate(teamtailortest.CandidateConfig{FirstName: person.FirstName, LastName: person.LastName, Email: person.Email})
	require.NoError(t, c.SetField("interview-date", "2027-04-02"))
	require.NoError(t, c.SetField("interview-time", "14:30"))
	return c
}

// resultOf returns the partner result that an interview reports to.
func resultOf(t *testing.T, env atstest.Env, iv ats.Interview) string {
	t.Helper()
	report, err := env.Inbox.Report(iv.ID)
	require.NoError(t, err)
	var to struct {
		UpdateURL string `json:"update_url"`
	}
	require.NoError(t, json.Unmarshal(report.ReplyTo, &to))
	return to.UpdateURL[len(to.UpdateURL)-36:]
}
