package paycortest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// A program with tokens reads the candidates of a job.
func Example() {
	paycor := paycortest.NewServer(paycortest.InMemory())
	defer paycor.Close()
	entity := paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200})
	account := entity.AddAccount(paycortest.AccountConfig{})
	job := account.AddJob(paycortest.JobConfig{Title: "Shift Supervisor"})
	job.AddCandidate(paycortest.CandidateConfig{FirstName: "Maya", Email: "maya.okafor@mail.example"})
	job.AddCandidate(paycortest.CandidateConfig{FirstName: "Lee"}) // without an e-mail address

	app := paycor.RegisterApplication(paycortest.ApplicationConfig{})
	tokens := app.Activate()

	address := fmt.Sprintf("%s/v1/legalEntities/%d/ats/%s/jobs/%s/candidates", paycor.URL, entity.ID(), account.ID(), job.ID())
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+tokens.Access)
	req.Header.Set("Ocp-Apim-Subscription-Key", app.SubscriptionKey())
	resp, err := paycor.Client().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	var page struct {
		Records []struct{ FirstName, Email string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		fmt.Println(err)
		return
	}
	for _, candidate := range page.Records {
		fmt.Printf("%s %q\n", candidate.FirstName, candidate.Email)
	}
	// Output:
	// Maya "maya.okafor@mail.example"
	// Lee ""
}

// An administrator signs in, and the browser comes back with a code.
func ExampleServer_Consent() {
	paycor := paycortest.NewServer(paycortest.InMemory())
	defer paycor.Close()
	paycor.AddLegalEntity(paycortest.LegalEntityConfig{})
	app := paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{"https://bridge.example/return"}})

	page := paycor.AuthorizeURL() + "?" + url.Values{
		"response_type": {"code"}, "client_id": {app.ClientID()}, "redirect_uri": {"https://bridge.example/return"},
		"scope": {app.Scope() + " offline_access"}, "subscription-key": {app.SubscriptionKey()}, "state": {"state-1"},
		"code_challenge": {strings.Repeat("x", 43)}, "code_challenge_method": {"s256"},
	}.Encode()
	back, err := paycor.Consent(page)
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := url.Parse(back)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Host, u.Query().Get("state"), u.Query().Has("code"))
	// Output: bridge.example state-1 true
}

// A host shows what it was told, once.
func ExampleHost() {
	host := paycortest.NewHost(paycortest.InMemory())
	defer host.Close()
	maya := paycortest.CandidateRef{LegalEntityID: 501200, AccountID: "a1", JobID: "j1", CandidateID: "c1"}
	host.AddCandidate(maya)

	for range 2 {
		body := `{"key":"i1/requested/0","kind":"video_interview.requested","text":"Video Interview Requested",
			"candidate":{"legalEntityId":501200,"atsAccountId":"a1","jobId":"j1","candidateId":"c1"},"at":"2026-03-10T14:22:05Z"}`
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, host.URL+"/v1/newsfeed-items", strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+host.Token())
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "i1/requested/0")
		resp, err := host.Client().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	fmt.Println(host.Texts(maya))
	// Output:
	// 201
	// 200
	// [Video Interview Requested]
}
