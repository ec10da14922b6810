package topechelon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	atstest.Run(t, harness)
}

const redirectURL = "https://sparkbridge.example/oauth/topechelon/callback"

// harness makes Top Echelon, a program that shows its pipelines, an agency with two
// users, and the adapter.
func harness(t *testing.T, env atstest.Env) atstest.Vendor {
	t.Helper()
	te := topechelontest.NewServer(topechelontest.WithClock(env.Now), topechelontest.WithUnverified())
	t.Cleanup(te.Close)
	host := topechelontest.NewHost(topechelontest.WithClock(env.Now))
	t.Cleanup(host.Close)
	agency := te.AddAgency("Example Talent")
	ana := agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz", TimeZone: "America/Chicago"})
	bo := agency.AddUser(topechelontest.UserConfig{Name: "Bo Nyberg"})
	app := agency.AddIntegration("Interviews", redirectURL)

	a, err := topechelon.New(topechelon.Config{
		HostURL: host.URL, HostToken: ats.Secret(host.Token),
		APIURL: te.BaseURL(), TokenURL: te.TokenURL(), AuthorizeURL: te.AuthorizeURL(),
		ClientID: app.ClientID, ClientSecret: ats.Secret(app.ClientSecret),
		TryUnverified: true, Logger: env.Logger, Clock: env.Now, MaxAttempts: 1,
	})
	require.NoError(t, err)
	tenant := ats.TenantRef{Adapter: "topechelon", Tenant: agency.ID}
	user := ats.User{ID: ana.ID, Name: ana.Name, TimeZone: ana.TimeZone}
	var job *topechelontest.Job // made late: a connected agency starts without jobs
	requests := 0
	var outages []*topechelontest.Injection

	newRequest := func(t *testing.T, personID string, person ats.Candidate) ats.Request {
		t.Helper()
		if job == nil {
			job = agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Akron", State: "OH"})
			require.NoError(t, env.Inbox.LinkJob(tenant, job.ID, "sh-job-1", ""))
		}
		c, err := env.Inbox.Connection(t.Context(), tenant)
		require.NoError(t, err)
		f := topechelon.NewForm(job.ID, personID)
		f.QuestionSetID, f.Date, f.Time = "b7c1", "2027-03-17", "17:00"
		requests++
		r, err := f.Request(c, user, fmt.Sprintf("form-%d", requests), person, ats.Job{Title: job.Title})
		require.NoError(t, err)
		return r
	}
	addPerson := func(person ats.Candidate) string {
		cfg := topechelontest.PersonConfig{FirstName: person.FirstName, LastName: person.LastName}
		if person.Email != "" {
			cfg.Emails = []topechelontest.Email{{Address: person.Email, Primary: true}}
		}
		return agency.AddPerson(cfg).ID
	}

	return atstest.Vendor{
		Adapter: a,
		Connect: func(t *testing.T) ats.Connection {
			t.Helper()
			c, err := env.Inbox.Connect(t.Context(), ats.Activation{
				Tenant: tenant, Name: agency.Name,
				Users: []ats.LinkedUser{
					{ID: ana.ID, Name: ana.Name, Email: ana.Email, Key: "ana-spark-hire-key"},
					{ID: bo.ID, Name: bo.Name, Email: bo.Email, Key: "bo-spark-hire-key"},
				},
			})
			require.NoError(t, err)
			signIn(t, a, c, ana)
			host.SignInUser(ana)
			host.SignInUser(bo)
			return c
		},
		Request: func(t *testing.T, person ats.Candidate) ats.Request {
			t.Helper()
			id := addPerson(person)
			r := newRequest(t, id, person)
			host.AddToPipeline(agency.ID, job.ID, id)
			return r
		},
		Card: func(t *testing.T, iv ats.Interview) atstest.Card {
			t.Helper()
			s, _ := host.Status(topechelontest.StatusKey{AgencyID: agency.ID, JobID: iv.Job.ID, PersonID: iv.Candidate.ID})
			s.Revision = 0
			text, err := json.Marshal(s)
			require.NoError(t, err)
			return atstest.Card{Completed: s.State == "completed", Text: string(text)}
		},
		Remove: func(t *testing.T, iv ats.Interview) {
			t.Helper()
			host.RemoveFromPipeline(iv.Job.ID, iv.Candidate.ID)
		},
		Fail: func(status int) {
			for _, in := range outages {
				in.Remove()
			}
			outages = nil
			if status == 0 {
				return
			}
			// Tokens are renewed all the same: a refusal there would end the sign-in for good.
			api := func(r *http.Request) bool { return !strings.HasSuffix(r.URL.Path, "/oauth/token") }
			outages = append(outages,
				host.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: status, Times: -1}),
				te.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: status, Times: -1, Match: api}))
		},
		Calls: func() int { return len(host.Requests()) + len(te.Requests()) },
		AddJob: func(_ *testing.T, title string) string {
			return agency.AddJob(topechelontest.JobConfig{Title: title}).ID
		},
		AddCandidate: func(_ *testing.T, job string, person ats.Candidate) string {
			id := addPerson(person)
			host.AddToPipeline(agency.ID, job, id)
			return id
		},
		Actor: func(*testing.T) (string, ats.User) {
			return host.SignInUser(ana), ats.User{
				ID: ana.ID, Name: ana.Name, Email: ana.Email, TimeZone: "America/Chicago", Linked: true, KeyHint: "…ey",
			}
		},
		Viewers: func(*testing.T, ats.CandidateRef) (may, mayNot ats.User) {
			host.HidePipeline(bo.ID, job.ID)
			return ats.User{ID: ana.ID}, ats.User{ID: bo.ID}
		},
		Refused: func(t *testing.T) ats.Request {
			t.Helper()
			return newRequest(t, addPerson(ats.Candidate{FirstName: "Ida", Email: "ida@mail.example"}),
				ats.Candidate{FirstName: "Ida", Email: "ida@mail.example"})
		},
		Settings: json.RawMessage(`{
			"host_url": "https://pipelines.example", "host_token": "host-token-of-their-own",
			"api_url": "https://api.example/public/v1", "authorize_url": "https://api.example/authorize",
			"token_url": "https://api.example/token", "client_id": "client", "client_secret": "client-secret-of-their-own",
			"scope": "read write", "attach_results": true, "hotlists": true, "try_unverified": true
		}`),
		Secrets: []string{host.Token, app.ClientSecret, "ana-spark-hire-key", "host-token-of-their-own", "client-secret-of-their-own"},
	}
}

// signIn lets a user allow the integration to act for them.
func signIn(t *testing.T, a *topechelon.Adapter, c ats.Connection, u *topechelontest.User) {
	t.Helper()
	flow := ats.AuthorizationFlow{
		State: "state-" + u.ID, Verifier: strings.Repeat("verifier-", 6), RedirectURL: redirectURL, User: ats.User{ID: u.ID},
	}
	page, err := a.AuthorizationURL(t.Context(), c, flow)
	require.NoError(t, err)
	back, err := u.Allow(page)
	require.NoError(t, err)
	target, err := url.Parse(back)
	require.NoError(t, err)
	require.Equal(t, flow.State, target.Query().Get("state"))
	require.NoError(t, a.Authorize(t.Context(), c, flow, target.Query().Get("code")))
}
