package topechelontest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

// A user consents, the code becomes a token, and the user's people are searched.
func Example() {
	te := topechelontest.NewServer(topechelontest.InMemory())
	defer te.Close()
	agency := te.AddAgency("Northwind Search")
	ana := agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz"})
	app := agency.AddIntegration("Interviews", "https://integration.example/callback", topechelontest.ScopeRead)
	agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya", LastName: "Okafor"})

	consent := url.Values{
		"client_id": {app.ClientID}, "redirect_uri": {app.RedirectURL}, "response_type": {"code"}, "state": {"state-1"},
	}
	back, err := ana.Allow(te.AuthorizeURL() + "?" + consent.Encode())
	if err != nil {
		fmt.Println(err)
		return
	}
	returned, err := url.Parse(back)
	if err != nil {
		fmt.Println(err)
		return
	}

	var tokens struct {
		Access    string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"`
	}
	err = call(te, te.TokenURL(), "", "application/x-www-form-urlencoded", url.Values{
		"grant_type": {"authorization_code"}, "code": {returned.Query().Get("code")}, "redirect_uri": {app.RedirectURL},
		"client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
	}.Encode(), &tokens)
	fmt.Println(tokens.ExpiresIn, err)

	var found struct {
		Entries []struct {
			ID   int    `json:"id"`
			Name string `json:"name"`
		} `json:"entries"`
	}
	err = call(te, te.BaseURL()+"/people/search", tokens.Access, "application/json", `{"page":1,"person_search":{"keyword":"maya"}}`, &found)
	fmt.Println(found.Entries, err)

	// There is no such call.
	var refusal struct {
		Errors []string `json:"errors"`
	}
	err = call(te, te.BaseURL()+"/pipelines/search", tokens.Access, "application/json", `{}`, &refusal)
	fmt.Println(refusal.Errors, err)
	fmt.Println(len(te.Violations()))
	// Output:
	// 7200 <nil>
	// [{481516 Maya Okafor}] <nil>
	// [no such call is known] <nil>
	// 1
}

// A host says who is in which pipeline and shows a status.
func ExampleNewHost() {
	host := topechelontest.NewHost(topechelontest.InMemory())
	defer host.Close()
	host.SignIn(topechelontest.Actor{AgencyID: "ag-12", UserID: "301", TimeZone: "America/New_York"})
	host.AddToPipeline("ag-12", "2342", "481516")

	var answer struct {
		Member bool `json:"member"`
	}
	err := call(host, host.URL+"/v1/pipelines/membership", host.Token, "application/json", `{"userId":"301","jobId":"2342","personId":"481516"}`, &answer)
	fmt.Println(answer.Member, err)
	// Output:
	// true <nil>
}

// call sends one request and reads its answer into v.
func call(site interface{ Client() *http.Client }, address, token, mediaType, body string, v any) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := site.Client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(v)
}
