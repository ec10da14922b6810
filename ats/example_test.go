package ats_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// A request reaches the inbox, Spark Hire invites, and the card of the ATS
// follows. Package memory plays both sides.
func Example() {
	ctx := context.Background()
	adapter := memory.New(memory.Options{})
	account := adapter.Account("acme")
	job := account.AddJob(ats.Job{Title: "Beekeeper"})
	maya := account.AddCandidate(job.ID, ats.Candidate{FirstName: "Maya", LastName: "Okafor", Email: "maya@mail.example"})

	inbox := memory.NewInbox(memory.InboxOptions{Adapters: []ats.Adapter{adapter}})
	_, err := inbox.Connect(ctx, ats.Activation{
		Tenant:   account.Tenant(),
		Name:     "Acme",
		TimeZone: "Europe/Stockholm",
		Users:    []ats.LinkedUser{{ID: "tove", Name: "Tove Lindqvist", Key: "a Spark Hire key"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	request := ats.Request{Tenant: account.Tenant(), Key: "stage-change-17", Candidate: maya, Job: job, RequestedFor: "tove"}
	interview, err := inbox.Submit(ctx, request)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := inbox.Submit(ctx, request)
	fmt.Println(interview.State, again.ID == interview.ID, again.Repeated, err)

	_, err = inbox.Record(interview.ID, ats.EventSent, "Spark Hire has invited the candidate.", func(iv *ats.Interview) {
		iv.State = ats.StateSent
	})
	fmt.Println(err, inbox.Deliver(ctx, interview.ID))
	card, _ := adapter.Card(interview.ID)
	fmt.Println(card.State, len(card.Lines))
	// Output:
	// requested true true <nil>
	// <nil> <nil>
	// sent 2
}

func ExampleAt() {
	fields := ats.Fields{Date: "interview-date", Time: "interview-time", Zone: "timezone"}
	for _, given := range []string{"14:30", "02:30"} {
		date, err := ats.ParseDate("2026-03-29", fields.Date)
		if err != nil {
			fmt.Println(err)
			return
		}
		clock, err := ats.ParseTimeOfDay(given, fields.Time)
		if err != nil {
			fmt.Println(err)
			return
		}
		due, err := ats.At(date, clock, "Europe/Stockholm", fields)
		if refusal, ok := ats.AsRefusal(err); ok {
			fmt.Println(refusal.Field, refusal.Code)
			continue
		}
		fmt.Println(due, "is", due.At.Format(time.RFC3339))
	}
	// Output:
	// 2026-03-29 14:30 (Europe/Stockholm) is 2026-03-29T12:30:00Z
	// interview-time time_does_not_exist
}

func ExampleOn() {
	date, err := ats.ParseDate("2026-03-17", "due")
	if err != nil {
		fmt.Println(err)
		return
	}
	due, err := ats.On(date, ats.EndOfDay, "America/Chicago", ats.Fields{})
	fmt.Println(due, "ends at", due.At.Format(time.RFC3339), err)
	// Output: 2026-03-17 (America/Chicago) ends at 2026-03-18T05:00:00Z <nil>
}

func ExamplePolicy_Admit() {
	policy := ats.Policy{
		Types:       []ats.InterviewType{ats.OneWay},
		QuestionSet: map[ats.InterviewType]ats.Need{ats.OneWay: ats.Required},
		Deadline:    ats.DeadlineRule{Given: ats.Optional, DefaultDays: 7},
		JobLink:     ats.Optional,
		ActorKey:    ats.KeyNamed,
	}
	connection := ats.Connection{
		Connected: true, Enabled: true, TimeZone: "America/Chicago",
		Users: []ats.User{{ID: "tove", Linked: true}},
	}
	request := ats.Request{
		Key:          "stage-change-17",
		Candidate:    ats.Candidate{ID: "c1", Email: "maya@mail.example"},
		RequestedFor: "tove",
	}
	now := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)

	_, err := policy.Admit(connection, request, now)
	if refusal, ok := ats.AsRefusal(err); ok {
		fmt.Println(refusal.Field+":", refusal.Message)
	}
	request.QuestionSetID = "q1"
	request, err = policy.Admit(connection, request, now)
	fmt.Println(request.Type, request.Schedule, err)
	// Output:
	// question_set_id: A question set is needed for a one-way interview. Choose one.
	// one_way 2026-03-17 (America/Chicago) <nil>
}

func ExampleDecodeSettings() {
	type settings struct {
		SendScore bool `json:"send_score"`
	}
	_, err := ats.DecodeSettings[settings]([]byte(`{"send_score": "yes", "dark_mode": true}`))
	fmt.Println(err)
	fmt.Println(errors.Is(err, ats.ErrInvalid))
	// Output:
	// settings.dark_mode: there is no such setting
	// settings.send_score: must be true or false
	// true
}
