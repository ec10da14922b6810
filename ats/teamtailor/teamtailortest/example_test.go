package teamtailortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// A recruiter moves a candidate; the integration is told and reports the result.
func Example() {
	ctx := context.Background()

	// The integration under test, as small as it gets: one form field, and every event is accepted.
	var updateURL string
	integration := http.NewServeMux()
	integration.HandleFunc("GET /config", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"config": {"fields": [{"id": "recruiter", "type": "select", "required": true,
			"options": [{"id": "asha-lind", "label": "Asha Lind"}]}]}}`)
	})
	integration.HandleFunc("POST /webhook", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Event struct {
				Result struct {
					UpdateURL string `json:"update-url"`
				} `json:"partner-result"`
			} `json:"partner-event"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, "cannot read the event", http.StatusBadRequest)
			return
		}
		updateURL = body.Event.Result.UpdateURL
	})

	tt := teamtailortest.NewServer(
		teamtailortest.InMemory(),
		teamtailortest.WithIntegrationTransport(teamtailortest.Transport(integration)),
	)
	defer tt.Close()
	partner := tt.RegisterPartner(teamtailortest.PartnerConfig{BaseURL: "https://integration.example"})
	company := tt.AddCompany(teamtailortest.CompanyConfig{})
	job := company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}})
	mira := company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Mira", Email: "mira.falk@mail.example"})

	installed, err := partner.Install(ctx, company, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	stage := job.Stage("Video interview")
	if _, err := installed.SaveTrigger(ctx, stage, nil, teamtailortest.Choices{"recruiter": "asha-lind"}); err != nil {
		fmt.Println(err)
		return
	}
	deliveries, err := tt.MoveCandidate(ctx, mira, stage)
	if err != nil {
		fmt.Println(err)
		return
	}
	card, _ := tt.Card(mira)
	fmt.Println(deliveries[0].Status, card.Status)

	// The integration reports.
	body := fmt.Sprintf(`{"data": {"type": "partner-results", "id": %q, "attributes": {"status": "sent"}}}`, card.ResultID)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, updateURL, bytes.NewReader([]byte(body)))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Token "+partner.APIKey())
	req.Header.Set("X-Api-Version", "20180828")
	req.Header.Set("Content-Type", "application/vnd.api+json")
	resp, err := tt.Client().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	card, _ = tt.Card(mira)
	fmt.Println(resp.StatusCode, card.Status)
	// Output:
	// 200 sending
	// 200 sent
}
