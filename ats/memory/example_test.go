package memory_test

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// The pretend ATS fires a trigger, the inbox takes it, and the card shows what
// became of it.
func Example() {
	ctx := context.Background()
	adapter := memory.New(memory.Options{})
	account := adapter.Account("acme")
	job := account.AddJob(ats.Job{Title: "Beekeeper"})
	maya := account.AddCandidate(job.ID, ats.Candidate{FirstName: "Maya", LastName: "Okafor", Email: "maya@mail.example"})

	inbox := memory.NewInbox(memory.InboxOptions{Adapters: []ats.Adapter{adapter}})
	_, err := inbox.Connect(ctx, ats.Activation{
		Tenant: account.Tenant(), TimeZone: "Europe/Stockholm",
		Users: []ats.LinkedUser{{ID: "tove", Name: "Tove Lindqvist", Key: "a Spark Hire key"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	call := account.Trigger(ctx, memory.Trigger{CandidateID: maya.ID, JobID: job.ID, Type: "one-way", Recruiter: "tove"})
	answer := httptest.NewRecorder()
	adapter.Handler(inbox).ServeHTTP(answer, call)
	body, err := io.ReadAll(answer.Body)
	fmt.Println(answer.Code, err)
	fmt.Print(string(body))

	interview := inbox.Interviews()[0]
	_, err = inbox.Record(interview.ID, ats.EventCompleted, "The interview is done.", func(iv *ats.Interview) {
		iv.State = ats.StateCompleted
		iv.SparkHire.WatchURL = "https://app.sparkhire.example/watch/1"
	})
	fmt.Println(err, inbox.Deliver(ctx, interview.ID))
	card, _ := adapter.Card(interview.ID)
	fmt.Println(card.Title, card.State, card.WatchURL)
	// Output:
	// 202 <nil>
	// {"interview_id":"interview-1","state":"requested"}
	// <nil> <nil>
	// One-way interview completed https://app.sparkhire.example/watch/1
}

// A report whose answer was lost is repeated, and the card does not change.
func ExampleAdapter_LoseNext() {
	ctx := context.Background()
	adapter := memory.New(memory.Options{})
	account := adapter.Account("acme")
	maya := account.AddCandidate("", ats.Candidate{FirstName: "Maya", Email: "maya@mail.example"})
	inbox := memory.NewInbox(memory.InboxOptions{Adapters: []ats.Adapter{adapter}})
	_, err := inbox.Connect(ctx, ats.Activation{
		Tenant: account.Tenant(), TimeZone: "UTC", Users: []ats.LinkedUser{{ID: "tove", Key: "a Spark Hire key"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	interview, err := inbox.Submit(ctx, ats.Request{Tenant: account.Tenant(), Key: "1", Candidate: maya, RequestedFor: "tove"})
	if err != nil {
		fmt.Println(err)
		return
	}

	adapter.LoseNext(1, ats.ErrUnavailable)
	fmt.Println(inbox.Deliver(ctx, interview.ID))
	fmt.Println(inbox.Deliver(ctx, interview.ID))
	fmt.Println(len(adapter.Reports()), len(adapter.History(interview.ID)))
	// Output:
	// publish interview interview-1: unavailable
	// <nil>
	// 2 1
}
