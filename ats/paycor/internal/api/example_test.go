package api_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// An administrator signs in, and the client reads a job's candidates.
func Example() {
	ctx := context.Background()
	paycor := paycortest.NewServer(paycortest.InMemory())
	defer paycor.Close()
	entity := paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200})
	account := entity.AddAccount(paycortest.AccountConfig{})
	job := account.AddJob(paycortest.JobConfig{Title: "Shift Supervisor"})
	job.AddCandidate(paycortest.CandidateConfig{FirstName: "Maya", Email: "maya.okafor@mail.example"})
	app := paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{"https://bridge.example/return"}})

	client, err := api.New(api.Config{
		BaseURL: paycor.URL, AuthorizeURL: paycor.AuthorizeURL(), RedirectURL: "https://bridge.example/return",
		SubscriptionKey: app.SubscriptionKey(), ClientID: app.ClientID(), ClientSecret: app.ClientSecret(), Scope: app.Scope(),
		HTTPClient: paycor.Client(), Tokens: &memoryStore{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier := strings.Repeat("v", 43) // random in life
	page, err := client.AuthorizationURL("state-1", verifier, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := paycor.Consent(page) // the administrator
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := url.Parse(back)
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, err := client.Exchange(ctx, u.Query().Get("code"), verifier, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Save(ctx, tokens); err != nil {
		fmt.Println(err)
		return
	}
	ref := api.JobRef{AccountRef: api.AccountRef{LegalEntityID: 501200, AccountID: account.ID()}, JobID: job.ID()}
	for candidate, err := range client.Candidates.All(ctx, ref, nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(candidate.FirstName, candidate.Email)
	}
	// Output: Maya maya.okafor@mail.example
}
