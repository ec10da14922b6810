package topechelon_test

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

// A recruiter opens the form from a job's pipeline, schedules an interview, and sees
// its status in the pipeline.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 3, 10, 14, 0, 0, 0, time.UTC) }

	// The program that shows the pipelines, here a simulator of the host contract.
	host := topechelontest.NewHost(topechelontest.InMemory(), topechelontest.WithClock(now))
	defer host.Close()
	host.SignIn(topechelontest.Actor{AgencyID: "ag-12", UserID: "u1", TimeZone: "America/New_York"})
	host.AddToPipeline("ag-12", "2342", "481516")

	adapter, err := topechelon.New(topechelon.Config{
		HostURL: host.URL, HostToken: ats.Secret(host.Token), HTTPClient: host.Client(), Clock: now,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	inbox := memory.NewInbox(memory.InboxOptions{Now: now, Adapters: []ats.Adapter{adapter}})
	agency := ats.TenantRef{Adapter: topechelon.Name, Tenant: "ag-12"}
	if _, err := inbox.Connect(ctx, ats.Activation{
		Tenant: agency, Users: []ats.LinkedUser{{ID: "u1", Name: "Tove Lindqvist", Key: "tove-spark-hire-key"}},
	}); err != nil {
		fmt.Println(err)
		return
	}
	tove := ats.User{ID: "u1", TimeZone: "America/New_York"}
	pipeline := func() topechelon.PipelineRow {
		c, _ := inbox.Connection(ctx, agency)
		row, err := adapter.PipelineRow(ctx, c, tove, "2342", "481516", inbox.Interviews())
		if err != nil {
			fmt.Println(err)
		}
		return row
	}

	// The job has to be sent to Spark Hire first.
	fmt.Println("icon:", pipeline().Icon)
	if err := inbox.LinkJob(agency, "2342", "spark-hire-job-1", ""); err != nil {
		fmt.Println(err)
		return
	}
	form := pipeline().Form
	fmt.Println("form:", form.Type, "for person", form.PersonID, "and job", form.JobID)

	// The recruiter fills it in.
	form.QuestionSetID, form.Date, form.Time = "b7c1", "2026-03-17", "17:00"
	c, _ := inbox.Connection(ctx, agency)
	request, err := form.Request(c, tove, "form-1", ats.Candidate{FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"}, ats.Job{Title: "Controls Engineer"})
	if err != nil {
		fmt.Println(err)
		return
	}
	interview, err := inbox.Submit(ctx, request)
	if err != nil {
		fmt.Println(err)
		return
	}

	// Spark Hire invites, and the candidate is done.
	for _, state := range []ats.State{ats.StateSent, ats.StateCompleted} {
		_, err := inbox.Record(interview.ID, ats.EventKind(state), "", func(iv *ats.Interview) { iv.State = state })
		if err == nil {
			err = inbox.Deliver(ctx, interview.ID)
		}
		if err != nil {
			fmt.Println(err)
		}
		status, _ := host.Status(topechelontest.StatusKey{AgencyID: "ag-12", JobID: "2342", PersonID: "481516"})
		fmt.Println("column:", status.Label, "due", status.DueAt.Format(time.RFC3339))
	}
	// Output:
	// icon: false
	// form: one_way for person 481516 and job 2342
	// column: Invited due 2026-03-17T17:00:00-04:00
	// column: Completed due 2026-03-17T17:00:00-04:00
}

// A person signs in at Top Echelon, so that the adapter can read and write as them.
func ExampleAdapter_Authorize() {
	ctx := context.Background()
	te := topechelontest.NewServer(topechelontest.InMemory())
	defer te.Close()
	agency := te.AddAgency("Example Talent")
	ana := agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz"})
	job := agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Akron", State: "OH"})
	callback := "https://sparkbridge.example/oauth/topechelon/callback"
	app := agency.AddIntegration("Interviews", callback)

	adapter, err := topechelon.New(topechelon.Config{
		APIURL: te.BaseURL(), AuthorizeURL: te.AuthorizeURL(), TokenURL: te.TokenURL(),
		ClientID: app.ClientID, ClientSecret: ats.Secret(app.ClientSecret), HTTPClient: te.Client(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	inbox := memory.NewInbox(memory.InboxOptions{Adapters: []ats.Adapter{adapter}})
	c, err := inbox.Connect(ctx, ats.Activation{Tenant: ats.TenantRef{Adapter: topechelon.Name, Tenant: agency.ID}})
	if err != nil {
		fmt.Println(err)
		return
	}

	flow := ats.AuthorizationFlow{State: "f3a9c1", RedirectURL: callback, User: ats.User{ID: ana.ID}}
	page, err := adapter.AuthorizationURL(ctx, c, flow)
	if err != nil {
		fmt.Println(err)
		return
	}
	back, err := ana.Allow(page) // the browser is sent back with a code
	if err != nil {
		fmt.Println(err)
		return
	}
	target, _ := url.Parse(back)
	if err := adapter.Authorize(ctx, c, flow, target.Query().Get("code")); err != nil {
		fmt.Println(err)
		return
	}
	found, err := adapter.Job(ctx, c, ats.User{ID: ana.ID}, job.ID)
	fmt.Println(found.Title, found.City, found.Region, err)
	// Output:
	// Controls Engineer Akron OH <nil>
}
