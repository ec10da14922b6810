package teamtailor_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// A candidate is moved to a stage with a trigger, invited, and done.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) }

	// Teamtailor, here a simulator without a socket. It needs a handler before there
	// is one, because the adapter needs its address.
	var integration http.Handler
	tt := teamtailortest.NewServer(teamtailortest.InMemory(), teamtailortest.WithClock(now),
		teamtailortest.WithIntegrationTransport(teamtailortest.Transport(http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) { integration.ServeHTTP(w, r) }))))
	defer tt.Close()

	adapter, err := teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "partner-api-key"},
		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "webhook-secret"},
		APIURLs:        []string{tt.URL},
		HTTPClient:     tt.Client(),
		Clock:          now,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	inbox := memory.NewInbox(memory.InboxOptions{Now: now, Adapters: []ats.Adapter{adapter}})
	inbox.AddSparkHireUser("org-key", memory.SparkHireUser{Name: "Example Care"})
	inbox.AddSparkHireUser("asha-key", memory.SparkHireUser{
		Name:         "Asha Lind",
		Jobs:         []ats.Option{{ID: "b7e0", Label: "Ward nurse"}},
		QuestionSets: []ats.Option{{ID: "qs-12", Label: "Nurse basics"}},
	})
	integration = http.StripPrefix("/teamtailor", adapter.Handler(inbox))

	// An administrator installs the integration and puts a trigger on a stage.
	partner := tt.RegisterPartner(teamtailortest.PartnerConfig{
		BaseURL: "https://sparkbridge.example/teamtailor", APIKey: "partner-api-key", WebhookSecret: "webhook-secret",
		ActivationConfig: adapter.ActivationConfigJSON(),
	})
	company := tt.AddCompany(teamtailortest.CompanyConfig{})
	stage := company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse"}).Stage("Video interview")
	active, err := partner.Install(ctx, company, teamtailortest.Values{"apiKeys": "Organization: org-key; Asha Lind: asha-key"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = active.SaveTrigger(ctx, stage, nil, teamtailortest.Choices{
		"recruiter": "asha-lind", "interview-type": "one_way", "job": "b7e0", "question-set": "qs-12", "timezone": "Europe/Stockholm",
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// A candidate with the time in the wrong form is refused at once.
	ole := company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Ole", Email: "ole@mail.example"})
	move := func(c *teamtailortest.Candidate, clock string) {
		_ = c.SetField("interview-date", "2026-04-02")
		_ = c.SetField("interview-time", clock)
		if _, err := tt.MoveCandidate(ctx, c, stage); err != nil {
			fmt.Println(err)
		}
		card, _ := tt.Card(c)
		fmt.Println(strings.TrimSpace(card.Status + " " + card.Error))
	}
	move(ole, "2:30 PM")

	// Another is invited; then Spark Hire says that the interview is done.
	mira := company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Mira", Email: "mira.falk@mail.example"})
	move(mira, "14:30")
	interview := inbox.Interviews()[0]
	fmt.Println(interview.State, interview.Schedule)
	for _, state := range []ats.State{ats.StateSent, ats.StateCompleted} {
		_, err := inbox.Record(interview.ID, ats.EventKind(state), "", func(iv *ats.Interview) {
			iv.State = state
			iv.SparkHire.WatchURL = "https://app.sparkhire.example/watch/abc"
		})
		if err == nil {
			err = inbox.Deliver(ctx, interview.ID)
		}
		if err != nil {
			fmt.Println(err)
		}
		card, _ := tt.Card(mira)
		fmt.Println(card.Status, card.Summary)
	}
	// Output:
	// failed The custom field "Interview time" says "2:30 PM". Use a 24-hour time such as 14:30.
	// sending
	// requested 2026-04-02 14:30 (Europe/Stockholm)
	// sent One-way interview sent to the candidate, due 2026-04-02 14:30 (Europe/Stockholm).
	// completed Interview completed.
}
