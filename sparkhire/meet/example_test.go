package meet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// account is what the examples need: a simulator with one recruiter, one job and one question set.
func account(opts ...sparkhiretest.Option) (sim *sparkhiretest.Server, client *meet.Client, invitation *meet.InviteRequest) {
	sim = sparkhiretest.NewServer(opts...)
	sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
	credentials := sim.AddCredentials(sparkhiretest.Credentials{})
	client, err := meet.New(credentials.ClientID, credentials.ClientSecret,
		meet.WithBaseURL(sim.V2URL()), meet.WithRequester("ana.ruiz@northwind.example"))
	if err != nil {
		panic(err)
	}
	return sim, client, &meet.InviteRequest{
		Type:            meet.TypeOneWay,
		JobUUID:         sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"}).ID,
		QuestionSetUUID: sim.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nursing screen"}).ID,
		Candidate:       meet.Candidate{Name: "Lena Fox", Email: "lena.fox@mail.example"},
		DueAt:           time.Now().AddDate(0, 0, 7),
	}
}

func Example() {
	sim, client, invitation := account()
	defer sim.Close()
	ctx := context.Background()

	item, err := client.Items.Invite(ctx, invitation)
	if err != nil {
		fmt.Println(err)
		return
	}

	// The candidate accepts and answers.
	_ = sim.Accept(item.UUID)
	_ = sim.Complete(item.UUID)

	item, err = client.Items.Get(ctx, item.UUID, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(item.Candidate.Name, "has completed:", item.Completed)
	// Output: Lena Fox has completed: true
}

// What to do after an error depends on what is known about the candidate's inbox.
func ExampleItemsService_Invite() {
	sim, client, invitation := account()
	defer sim.Close()
	// The invitation goes out, and then the connection breaks.
	sim.Inject(sparkhiretest.Fault{
		Path: "/partners/candidate_assessment_items", When: sparkhiretest.AfterEffect, Do: sparkhiretest.LoseConnection(),
	})

	_, err := client.Items.Invite(context.Background(), invitation)
	comeBack, later := meet.RetryAfter(err)
	switch {
	case err == nil:
		fmt.Println("invited")
	case errors.Is(err, meet.ErrOutcomeUnknown):
		fmt.Println("wait for the webhook before inviting again")
	case later:
		fmt.Println("try again at", comeBack)
	case errors.Is(err, meet.ErrNotSent):
		fmt.Println("try again soon")
	default:
		fmt.Println("refused:", err)
	}
	fmt.Println("invitations:", len(sim.InvitationsTo("lena.fox@mail.example")))
	// Output:
	// wait for the webhook before inviting again
	// invitations: 1
}

// A call can run on behalf of another user than the client's.
func ExampleAsRequester() {
	sim, client, _ := account()
	defer sim.Close()
	sim.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})

	jobs, err := client.Jobs.List(context.Background(), meet.AsRequester("tom.berg@northwind.example"))
	fmt.Println(len(jobs), err)

	_, err = client.Jobs.List(context.Background(), meet.AsRequester("nobody@northwind.example"))
	fmt.Println(errors.Is(err, meet.ErrForbidden))
	// Output:
	// 1 <nil>
	// true
}

// The webhook says that something happened; what it was is read with the client.
func ExampleVerifyWebhook() {
	const secret = "chosen-on-the-settings-page"
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		delivery, err := meet.VerifyWebhook(r.Header, r.Body, secret)
		switch {
		case errors.Is(err, meet.ErrBadSignature):
			w.WriteHeader(http.StatusUnauthorized)
		case err != nil:
			w.WriteHeader(http.StatusBadRequest)
		case delivery.Item != nil:
			fmt.Println(delivery.Event, "so read the item")
		}
	})
	sim, client, invitation := account(sparkhiretest.WithManualDelivery(),
		sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(receiver)}))
	defer sim.Close()
	sim.AddMeetWebhook("https://hooks.bridge.example/v2", secret)

	_, _ = client.Items.Invite(context.Background(), invitation)
	_ = sim.Flush(context.Background())
	// Output: AssessmentItem.Created so read the item
}
