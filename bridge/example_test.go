package bridge_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// A request becomes an invitation, and the ATS shows it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	sh := sparkhiretest.NewServer()
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})

	dir, err := os.MkdirTemp("", "bridge-example-")
	must(err)
	defer func() { must(os.RemoveAll(dir)) }()
	ledger, err := sqlite.Open(ctx, filepath.Join(dir, "ledger.db"))
	must(err)
	shown := make(shownStates, 1)
	pretend := memory.New(memory.Options{})
	engine, err := bridge.New(bridge.Config{
		Store: ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{telling{pretend, shown}},
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL()},
	})
	must(err)
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- engine.Run(running) }()

	tenant := pretend.Account("care").Tenant()
	_, err = engine.Connect(ctx, ats.Activation{
		Tenant: tenant, TimeZone: "Europe/Stockholm",
		Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(asha.Key)}},
	})
	must(err)
	mira := pretend.Account("care").AddCandidate("", ats.Candidate{FirstName: "Mira", LastName: "Falk", Email: "mira.falk@mail.example"})
	interview, err := engine.Submit(ctx, ats.Request{
		Tenant: tenant, Key: "event 1", Type: ats.Live, Candidate: mira, SparkHireJobID: job.ID, RequestedFor: "asha",
	})
	must(err)
	fmt.Println("accepted:", interview.State)
	fmt.Println("the ATS shows:", <-shown)
	fmt.Println("invitations:", len(sh.InvitationsTo(mira.Email)))

	stop()
	must(<-ended)
	must(ledger.Close())
	// Output:
	// accepted: requested
	// the ATS shows: sent
	// invitations: 1
}

type shownStates chan ats.State

// telling is an ATS that tells what it shows.
type telling struct {
	*memory.Adapter
	shown shownStates
}

func (t telling) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	err := t.Adapter.Publish(ctx, c, r)
	t.shown <- r.Interview.State
	return err
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
