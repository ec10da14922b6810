package paycor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

const returnURL = "https://bridge.example/oauth/paycor/callback"

func TestConformance(t *testing.T) {
	t.Parallel()
	atstest.Run(t, harness)
}

// harness makes Paycor, a recruiting product in front of it, and a company that has activated
// the application.
func harness(t *testing.T, env atstest.Env) atstest.Vendor {
	t.Helper()
	server := paycortest.NewServer(paycortest.WithClock(env.Now), paycortest.WithRateLimit(100_000, time.Second))
	t.Cleanup(server.Close)
	front := paycortest.NewHost(paycortest.WithClock(env.Now))
	t.Cleanup(front.Close)
	front.Front(server)
	front.AllowEveryone()
	app := server.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	account := server.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200}).AddAccount(paycortest.AccountConfig{})
	tenant := ats.TenantRef{Adapter: "paycor", Tenant: "501200/" + account.ID()}
	a, err := paycor.New(paycor.Config{
		APIURL: server.URL, AuthorizeURL: server.AuthorizeURL(),
		SubscriptionKey: ats.Secret(app.SubscriptionKey()), ClientID: app.ClientID(), ClientSecret: ats.Secret(app.ClientSecret()), Scope: app.Scope(),
		HostURL: front.URL, HostToken: ats.Secret(front.Token()), Logger: env.Logger, Clock: env.Now, MaxWait: -1,
	})
	require.NoError(t, err)
	session := front.AddUser(paycortest.UserConfig{ID: 910233, Name: "Tove Lindqvist", Email: "t.lindqvist@harborlane.example", Administrator: true})
	front.AddUser(paycortest.UserConfig{ID: 910236, Name: "Sam Okoro"})

	var job *paycortest.Job // made late: a connected account starts without jobs
	jobs := map[string]*paycortest.Job{}
	people := map[string]*paycortest.Candidate{}
	var outages []*paycortest.Injection
	add := func(j *paycortest.Job, person ats.Candidate) string {
		c := j.AddCandidate(paycortest.CandidateConfig{FirstName: person.FirstName, LastName: orSpace(person.LastName), Email: person.Email})
		people[c.ID()] = c
		return c.ID()
	}
	request := func(t *testing.T, person ats.Candidate) ats.Request {
		t.Helper()
		if job == nil {
			job = account.AddJob(paycortest.JobConfig{})
			require.NoError(t, env.Inbox.LinkJob(tenant, job.ID(), "sh-job-1", "qs-12"))
		}
		day, err := paycor.ProposedExpiry(env.Now(), "America/Chicago")
		require.NoError(t, err)
		due, err := ats.On(day, ats.EndOfDay, "America/Chicago", ats.Fields{})
		require.NoError(t, err)
		id := add(job, person)
		return ats.Request{
			Tenant: tenant, Key: "request for " + id, Origin: ats.OriginAPI, Job: ats.Job{ID: job.ID()}, Schedule: due,
			Candidate:   ats.Candidate{ID: id, FirstName: person.FirstName, LastName: person.LastName, Email: person.Email},
			RequestedBy: ats.User{ID: recruiter},
		}
	}
	return atstest.Vendor{
		Adapter: a,
		Connect: func(t *testing.T) ats.Connection {
			t.Helper()
			_, err := env.Inbox.Connect(t.Context(), ats.Activation{
				Tenant: tenant, Name: "Harbor Lane Foods", TimeZone: "America/Chicago",
				Users: []ats.LinkedUser{{ID: recruiter, Name: "Tove Lindqvist", Key: "tove-key"}, {ID: "910236", Name: "Sam Okoro", Key: "sam-key"}},
			})
			require.NoError(t, err)
			require.NoError(t, env.Inbox.SetPrimaryUser(tenant, recruiter))
			require.NoError(t, env.Inbox.SetSettings(tenant, json.RawMessage(`{"feature_enabled": true}`)))
			c, err := env.Inbox.Connection(t.Context(), tenant)
			require.NoError(t, err)
			activate(t, a, server, c)
			return c
		},
		Request: request,
		Card: func(t *testing.T, iv ats.Interview) atstest.Card {
			t.Helper()
			ref := paycortest.CandidateRef{LegalEntityID: 501200, AccountID: account.ID(), JobID: iv.Job.ID, CandidateID: iv.Candidate.ID}
			tab, _ := front.Tab(ref)
			text, err := json.Marshal([]any{tab, front.Texts(ref)})
			require.NoError(t, err)
			return atstest.Card{Completed: tab.State == "completed", Text: string(text)}
		},
		Remove: func(t *testing.T, iv ats.Interview) {
			t.Helper()
			people[iv.Candidate.ID].Remove()
		},
		Fail: func(status int) {
			for _, o := range outages {
				o.Remove()
			}
			outages = nil
			if status == 0 {
				return
			}
			// The sign-in is left alone: a token that is refused there is gone for good.
			calls := func(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/sts/") }
			// A wait that Paycor names would be kept to after the outage.
			fault := paycortest.Fault{
				Kind: paycortest.FaultStatus, Status: status, Match: calls, Times: -1, Header: http.Header{"Retry-After": {"0"}},
			}
			outages = []*paycortest.Injection{server.Inject(fault), front.Inject(fault)}
		},
		Calls: func() int { return len(server.Requests()) + len(front.Requests()) },
		AddJob: func(t *testing.T, title string) string {
			t.Helper()
			j := account.AddJob(paycortest.JobConfig{Title: title})
			jobs[j.ID()] = j
			return j.ID()
		},
		AddCandidate: func(t *testing.T, job string, person ats.Candidate) string {
			t.Helper()
			return add(jobs[job], person)
		},
		PageSize: 100,
		Actor: func(t *testing.T) (string, ats.User) {
			t.Helper()
			return session, ats.User{ID: recruiter, Name: "Tove Lindqvist", Email: "t.lindqvist@harborlane.example", Admin: true}
		},
		Viewers: func(t *testing.T, ref ats.CandidateRef) (may, mayNot ats.User) {
			t.Helper()
			front.Deny(910236, people[ref.ID].Ref())
			return ats.User{ID: recruiter}, ats.User{ID: "910236"}
		},
		Refused: func(t *testing.T) ats.Request {
			t.Helper()
			r := request(t, ats.Candidate{FirstName: "Lee", LastName: "Park", Email: "lee.park@mail.example"})
			front.Deny(910236, people[r.Candidate.ID].Ref())
			r.RequestedBy = ats.User{ID: "910236"}
			return r
		},
		Settings: json.RawMessage(fmt.Sprintf(`{"feature_enabled": true, "midnight": "start", "host_url": %q, "host_token": "t", "client_id": "i"}`, front.URL)),
		Secrets: []string{
			app.SubscriptionKey(), app.ClientSecret(), front.Token(), session, "tove-key", "t.lindqvist@harborlane.example",
		},
	}
}

// orSpace keeps the simulator from inventing a last name for people who have none.
func orSpace(name string) string {
	if name == "" {
		return " "
	}
	return name
}

// activate signs an administrator in.
func activate(t *testing.T, a *paycor.Adapter, server *paycortest.Server, c ats.Connection) {
	t.Helper()
	flow := ats.AuthorizationFlow{State: "state-1", Verifier: strings.Repeat("v", 43), RedirectURL: returnURL}
	page, err := a.AuthorizationURL(t.Context(), c, flow)
	require.NoError(t, err)
	back, err := server.Consent(page)
	require.NoError(t, err)
	u, err := url.Parse(back)
	require.NoError(t, err)
	require.Equal(t, flow.State, u.Query().Get("state"))
	require.NoError(t, a.Authorize(t.Context(), c, flow, u.Query().Get("code")))
}
