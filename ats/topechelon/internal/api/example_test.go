package api_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

// A user consents, and their job is read as them.
func Example() {
	ctx := context.Background()
	te := topechelontest.NewServer(topechelontest.InMemory())
	defer te.Close()
	agency := te.AddAgency("Northwind Search")
	ana := agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz"})
	app := agency.AddIntegration("Interviews", "https://integration.example/callback")
	job := agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Akron", State: "OH"})

	client, err := api.New(api.Config{
		BaseURL: te.BaseURL(), AuthorizeURL: te.AuthorizeURL(), TokenURL: te.TokenURL(),
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, RedirectURL: app.RedirectURL,
		HTTPClient: te.Client(), Tokens: &store{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Jobs.Get(ctx, job.ID)
	fmt.Println(err)

	page, err := client.ConsentURL("state-1", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := ana.Allow(page) // the browser's part
	if err != nil {
		fmt.Println(err)
		return
	}
	returned, err := url.Parse(back)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Exchange(ctx, returned.Query().Get("code"), ""); err != nil {
		fmt.Println(err)
		return
	}
	got, err := client.Jobs.Get(ctx, job.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got.Title, got.City, got.State)
	_, err = client.People.Get(ctx, "481516")
	fmt.Println(err)
	// Output:
	// get job 2342: GET /jobs/{id}: nothing was sent: the user has not signed in at Top Echelon yet
	// Controls Engineer Akron OH
	// get person 481516: GET /people/{id}: nobody has seen this call at work: set try_unverified (Config.TryUnverified) to make it all the same
}
