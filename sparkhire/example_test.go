package sparkhire_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// office is what the examples need: a simulator with one recruiter, one job and one question set.
func office() (sim *sparkhiretest.Server, client *sparkhire.Client, job, set string) {
	sim = sparkhiretest.NewServer(sparkhiretest.WithDeterministicIDs())
	ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
	job = sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse", Address: "Austin, TX, USA"}).ID
	set = sim.AddQuestionSet(sparkhiretest.QuestionSet{
		Name: "Nursing screen", Questions: []sparkhiretest.Question{{Text: "Why this ward?"}},
	}).ID
	client, err := sparkhire.New(ana.Key, sparkhire.WithBaseURL(sim.V1URL()))
	if err != nil {
		panic(err)
	}
	return sim, client, job, set
}

func nextWeek() time.Time { return time.Now().AddDate(0, 0, 7) }

func Example() {
	sim, client, job, set := office()
	defer sim.Close()
	ctx := context.Background()

	interview, err := client.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{
		Type:            sparkhire.TypeOneWay,
		JobUUID:         job,
		QuestionSetUUID: set,
		Candidate:       sparkhire.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
		ScheduledAt:     nextWeek(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// The candidate accepts and answers.
	_ = sim.Accept(interview.UUID)
	_ = sim.Complete(interview.UUID)

	interview, err = client.Interviews.Get(ctx, interview.UUID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(interview.AssignedTo.Name, "has completed:", interview.Completed())
	// Output: Lena Fox has completed: true
}

// What to do after an error depends on what is known about the candidate's inbox.
func ExampleInterviewsService_Create() {
	sim, client, job, set := office()
	defer sim.Close()
	// The invitation goes out, and then the connection breaks.
	sim.Inject(sparkhiretest.Fault{
		Method: "POST", Path: "/interviews", When: sparkhiretest.AfterEffect, Do: sparkhiretest.LoseConnection(),
	})

	_, err := client.Interviews.Create(context.Background(), &sparkhire.CreateInterviewRequest{
		Type: sparkhire.TypeOneWay, JobUUID: job, QuestionSetUUID: set, ScheduledAt: nextWeek(),
		Candidate: sparkhire.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
	})
	comeBack, later := sparkhire.RetryAfter(err)
	switch {
	case err == nil:
		fmt.Println("invited")
	case errors.Is(err, sparkhire.ErrOutcomeUnknown):
		fmt.Println("look before inviting again")
	case later:
		fmt.Println("try again at", comeBack)
	case errors.Is(err, sparkhire.ErrNotSent):
		fmt.Println("try again soon")
	default:
		fmt.Println("refused:", err)
	}
	fmt.Println("invitations:", len(sim.InvitationsTo("lena.fox@mail.example")))
	// Output:
	// look before inviting again
	// invitations: 1
}

// Looking for an invitation whose outcome is unknown: newest first, compared without case, and
// compared again here in case the server ignores a filter.
func ExampleInterviewsService_All() {
	sim, client, job, set := office()
	defer sim.Close()
	_, _ = sim.InviteOnSite(sparkhiretest.Invitation{
		JobID: job, QuestionSetID: set, ScheduledAt: nextWeek(),
		Candidate: sparkhiretest.Candidate{FirstName: "Lena", LastName: "Fox", Email: "Lena.Fox@mail.example"},
	})

	opts := &sparkhire.InterviewListOptions{
		JobUUIDs: []string{job}, Type: []sparkhire.InterviewType{sparkhire.TypeOneWay},
	}
	opts.OrderBy = "created_desc"
	for interview, err := range client.Interviews.All(context.Background(), opts) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if interview.AssignedTo != nil && strings.EqualFold(interview.AssignedTo.Email, "lena.fox@mail.example") {
			fmt.Println("invited already:", interview.JobPost.Title)
			break
		}
	}
	// Output: invited already: Ward Nurse
}

func ExampleMeService_Get() {
	sim, client, _, _ := office()
	defer sim.Close()

	me, err := client.Me.Get(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(me.Name)

	stranger, _ := sparkhire.New("not-a-key", sparkhire.WithBaseURL(sim.V1URL()))
	_, err = stranger.Me.Get(context.Background())
	fmt.Println("wrong key:", errors.Is(err, sparkhire.ErrUnauthorized))
	// Output:
	// Ana Ruiz
	// wrong key: true
}

func ExampleShareLinksService_CreateBasic() {
	sim, client, job, set := office()
	defer sim.Close()
	ctx := context.Background()
	interview, _ := sim.InviteOnSite(sparkhiretest.Invitation{
		JobID: job, QuestionSetID: set, ScheduledAt: nextWeek(),
		Candidate: sparkhiretest.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
	})

	link, err := client.ShareLinks.GetBasic(ctx, interview.ID)
	if errors.Is(err, sparkhire.ErrNotFound) {
		link, err = client.ShareLinks.CreateBasic(ctx, interview.ID)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("anybody with the link can watch:", strings.HasPrefix(link.URL, "http"))
	// Output: anybody with the link can watch: true
}

func ExampleParseWebhook() {
	// The handler of the URL that was registered for InterviewCompleted has this body.
	body := strings.NewReader(`{"uuid":"0b9c0000-0000-4000-8000-000000000020","status":"completed"}`)

	delivery, err := sparkhire.ParseWebhook(sparkhire.EventInterviewCompleted, body)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Nothing is signed: note the uuid, answer, and read the interview with the key.
	fmt.Println("read", delivery.UUID)
	// Output: read 0b9c0000-0000-4000-8000-000000000020
}
