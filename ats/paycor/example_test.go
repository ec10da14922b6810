package paycor_test

import (
	"context"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// A recruiter asks for an interview, and the candidate completes it.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 3, 10, 14, 22, 0, 0, time.UTC) }

	// The recruiting product, here a simulator. It owns newsfeed and tab.
	host := paycortest.NewHost(paycortest.WithClock(now))
	defer host.Close()
	host.AllowEveryone()
	session := host.AddUser(paycortest.UserConfig{ID: 910233, Name: "Tove Lindqvist"})
	maya := paycortest.CandidateRef{LegalEntityID: 501200, AccountID: "harbor-lane", JobID: "job-214", CandidateID: "maya-1"}
	host.AddCandidate(maya)

	adapter, err := paycor.New(paycor.Config{HostURL: host.URL, HostToken: ats.Secret(host.Token()), Clock: now})
	if err != nil {
		fmt.Println(err)
		return
	}

	// An administrator has connected the company, linked a user and a job.
	inbox := memory.NewInbox(memory.InboxOptions{Now: now, Adapters: []ats.Adapter{adapter}})
	tenant := ats.TenantRef{Adapter: "paycor", Tenant: "501200/harbor-lane"}
	conn, err := inbox.Connect(ctx, ats.Activation{
		Tenant: tenant, Name: "Harbor Lane Foods", TimeZone: "America/Chicago",
		Users: []ats.LinkedUser{{ID: "910233", Name: "Tove Lindqvist", Key: "tove-key"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = inbox.SetPrimaryUser(tenant, "910233")
	_ = inbox.LinkJob(tenant, "job-214", "spark-hire-job", "question-set-12")

	// The browser passes on who acts, and proposes a week.
	recruiter, err := adapter.Actor(ctx, conn, session)
	if err != nil {
		fmt.Println(err)
		return
	}
	day, _ := paycor.ProposedExpiry(now(), conn.TimeZone)
	due, _ := ats.On(day, adapter.PolicyFor(conn).Deadline.Midnight, conn.TimeZone, ats.Fields{})
	request := ats.Request{
		Tenant: tenant, Key: "click-1", Job: ats.Job{ID: "job-214"}, Schedule: due, RequestedBy: recruiter,
		Candidate: ats.Candidate{ID: "maya-1", FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
	}
	_, err = inbox.Submit(ctx, request)
	fmt.Println(err)

	// Recruiting Support enables the feature.
	_ = inbox.SetSettings(tenant, []byte(`{"feature_enabled": true}`))
	interview, err := inbox.Submit(ctx, request)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, state := range []ats.State{ats.StateSent, ats.StateAccepted, ats.StateCompleted} {
		_, err := inbox.Record(interview.ID, ats.EventKind(state), "", func(iv *ats.Interview) {
			iv.State = state
		})
		if err == nil {
			err = inbox.Deliver(ctx, interview.ID)
		}
		if err != nil {
			fmt.Println(err)
		}
		tab, _ := host.Tab(maya)
		fmt.Printf("%s: %s, until %s\n", tab.State, tab.Label, tab.ExpiresOn)
	}
	for _, text := range host.Texts(maya) {
		fmt.Println(text)
	}
	// Output:
	// feature_not_enabled: Video interviewing is not enabled for this company yet. Ask Paycor Recruiting Support to enable it.
	// requested: Video Interview Requested, until 2026-03-17
	// accepted: Video Interview Accepted, until 2026-03-17
	// completed: Video Interview Complete, until 2026-03-17
	// Video Interview Requested
	// Video Interview Accepted
	// Video Interview Completed
}
