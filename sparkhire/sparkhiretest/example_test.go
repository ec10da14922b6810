package sparkhiretest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// invite posts the provisional body of an interview, as any HTTP client can.
func invite(sim *sparkhiretest.Server, key, job, set string) (*http.Response, error) {
	body := fmt.Sprintf(`{"type":"one_way","job_uuid":%q,"question_set_uuid":%q,"candidate_first_name":"Lena",`+
		`"candidate_last_name":"Fox","candidate_email":"lena.fox@mail.example","scheduled_at":"2026-03-09T17:00:00+00:00"}`,
		job, set)
	req, err := http.NewRequest(http.MethodPost, sim.V1URL()+"/interviews", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(key, "")
	req.Header.Set("Content-Type", "application/json")
	return sim.Client().Do(req)
}

// An invitation is counted, not sent; the clock decides when it expires.
func Example() {
	var days atomic.Int64
	clock := func() time.Time { return time.Date(2026, 3, 2+int(days.Load()), 10, 0, 0, 0, time.UTC) }
	sim := sparkhiretest.NewServer(sparkhiretest.WithClock(clock))
	defer sim.Close()
	ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
	job := sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"})
	set := sim.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Screen", Questions: []sparkhiretest.Question{{Text: "Why?"}}})

	resp, err := invite(sim, ana.Key, job.ID, set.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	fmt.Println("invitations:", len(sim.InvitationsTo("lena.fox@mail.example")))

	interview := sim.Interviews()[0]
	fmt.Println("state:", interview.State)
	days.Add(8)
	interview, _ = sim.Interview(interview.ID)
	fmt.Println("a week later:", interview.State)
	// Output:
	// 201 Created
	// invitations: 1
	// state: invited
	// a week later: expired
}

// The connection is lost after the effect: the candidate has the e-mail, and the caller cannot know.
func ExampleServer_Inject() {
	sim := sparkhiretest.NewUnstartedServer()
	defer sim.Close()
	ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
	sim.Inject(sparkhiretest.Fault{
		Method: http.MethodPost, Path: "/webhooks",
		When: sparkhiretest.AfterEffect, Do: sparkhiretest.LoseConnection(),
	})

	body := `{"url":"https://hooks.bridge.example/created","event":"InterviewCreated"}`
	req, _ := http.NewRequest(http.MethodPost, sim.V1URL()+"/webhooks", strings.NewReader(body))
	req.SetBasicAuth(ana.Key, "")
	req.Header.Set("Content-Type", "application/json")
	_, err := sim.Client().Do(req)
	fmt.Println("answered:", err == nil)
	fmt.Println("registered:", len(sim.Webhooks()))
	// Output:
	// answered: false
	// registered: 1
}

// Webhooks can be held, turned around and released.
func ExampleServer_DisturbDeliveries() {
	receiver := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { fmt.Println(r.URL.Path) })
	sim := sparkhiretest.NewUnstartedServer(
		sparkhiretest.WithManualDelivery(),
		sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(receiver)}),
	)
	defer sim.Close()
	ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
	for _, event := range []string{sparkhiretest.JobCreated, sparkhiretest.JobUpdated} {
		body := fmt.Sprintf(`{"url":"https://hooks.bridge.example/%s","event":%q}`, event, event)
		req, _ := http.NewRequest(http.MethodPost, sim.V1URL()+"/webhooks", strings.NewReader(body))
		req.SetBasicAuth(ana.Key, "")
		req.Header.Set("Content-Type", "application/json")
		if resp, err := sim.Client().Do(req); err == nil {
			resp.Body.Close()
		}
	}
	sim.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})

	job := sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"})
	_ = sim.SetJobActive(job.ID, false)
	sim.ReverseDeliveries()
	sim.ReleaseDeliveries()
	_ = sim.Flush(context.Background())
	// Output:
	// /JobUpdated
	// /JobCreated
}
