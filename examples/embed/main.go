// Embed puts the engine into a recruiting backend of your own: its handler in
// your net/http server, and its requests in your database transactions. The
// backend below keeps applications; shortlisting one asks for an interview, and
// both become true together or not at all. It runs offline.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
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

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// backend is your program: a database, and the engine on it.
type backend struct {
	db     *sql.DB
	engine *bridge.Bridge
	tenant ats.TenantRef
	job    string // at Spark Hire
}

// shortlist changes a row of yours and asks for an interview in one transaction.
func (b *backend) shortlist(ctx context.Context, applicant ats.Candidate) (ats.Interview, error) {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return ats.Interview{}, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `UPDATE applications SET status = 'shortlisted' WHERE id = $1`, applicant.ID); err != nil {
		return ats.Interview{}, err
	}
	interview, err := b.engine.SubmitTx(ctx, tx, ats.Request{
		Tenant: b.tenant, Key: "shortlist-" + applicant.ID, Origin: ats.OriginAPI,
		Type: ats.Live, Candidate: applicant, SparkHireJobID: b.job, RequestedFor: "asha",
	})
	if err != nil {
		return ats.Interview{}, err
	}
	return interview, tx.Commit()
}

func run() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	sh := sparkhiretest.NewServer()
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})

	dir, err := os.MkdirTemp("", "sparkbridge-embed-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "backend.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	shown := memory.New(memory.Options{}) // your own adapter shows results where your people look
	engine, err := bridge.New(bridge.Config{
		Store: store, Keys: keyring.Generate(), Adapters: []ats.Adapter{shown},
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL()},
	})
	if err != nil {
		return err
	}

	// Your server, with the engine's handler beside your own.
	mux := http.NewServeMux()
	mux.Handle("/interviews/", http.StripPrefix("/interviews", engine.Handler()))
	server := httptest.NewServer(mux)
	defer server.Close()

	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(running) }()
	defer func() { stop(); err = errors.Join(err, <-ended) }()

	account := shown.Account("care")
	if _, err := engine.Connect(ctx, ats.Activation{
		Tenant: account.Tenant(), TimeZone: "Europe/Stockholm",
		Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(asha.Key)}},
	}); err != nil {
		return err
	}
	b := &backend{db: store.DB(), engine: engine, tenant: account.Tenant(), job: job.ID}
	if _, err := b.db.ExecContext(ctx, `CREATE TABLE applications (id TEXT PRIMARY KEY, status TEXT NOT NULL)`); err != nil {
		return err
	}
	return story(ctx, b, sh, shown, account)
}

func story(ctx context.Context, b *backend, sh *sparkhiretest.Server, shown *memory.Adapter, account *memory.Account) error {
	for _, applicant := range []ats.Candidate{
		{ID: "a1", FirstName: "Mira", LastName: "Falk", Email: "mira.falk@mail.example"},
		{ID: "a2", FirstName: "Ole", LastName: "Berg"}, // no e-mail address
	} {
		account.AddCandidate("", applicant)
		if _, err := b.db.ExecContext(ctx, `INSERT INTO applications VALUES ($1, 'new')`, applicant.ID); err != nil {
			return err
		}
		interview, err := b.shortlist(ctx, applicant)
		if refusal, ok := ats.AsRefusal(err); ok {
			fmt.Printf("%s: refused, %s: %s\n", applicant.ID, refusal.Field, refusal.Message)
		} else if err != nil {
			return err
		} else {
			fmt.Printf("%s: %s\n", applicant.ID, interview.State)
		}
		var status string
		if err := b.db.QueryRowContext(ctx, `SELECT status FROM applications WHERE id = $1`, applicant.ID).Scan(&status); err != nil {
			return err
		}
		fmt.Printf("%s: the application is %s\n", applicant.ID, status)
		if err != nil {
			continue
		}
		if err := await(ctx, func() bool { c, ok := shown.Card(interview.ID); return ok && c.State == ats.StateSent }); err != nil {
			return fmt.Errorf("wait for the invitation: %w", err)
		}
		fmt.Printf("%s: sent, by %d e-mail\n", applicant.ID, len(sh.InvitationsTo(applicant.Email)))
	}
	return nil
}

// await looks every few milliseconds until ok or the end of ctx.
func await(ctx context.Context, ok func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
