package main

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// backend is the program of an agency: its own records, and the engine beside them.
type backend struct {
	agency    string
	sessions  map[string]ats.User // who is signed in
	people    map[string]ats.Candidate
	jobs      map[string]ats.Job
	pipelines map[string][]string // people by job

	mu      sync.Mutex
	column  map[topechelon.PipelineRef]topechelon.InterviewStatus
	changed chan struct{} // closed when the column changes

	adapter    *topechelon.Adapter
	engine     *bridge.Bridge
	connection string
}

var _ topechelon.Host = (*backend)(nil)

// Actor implements [topechelon.Host]: the user of a session.
func (b *backend) Actor(_ context.Context, session string) (topechelon.Actor, error) {
	u, ok := b.sessions[session]
	if !ok {
		return topechelon.Actor{}, ats.ErrUnauthorized
	}
	return topechelon.Actor{UserRef: topechelon.UserRef{AgencyID: b.agency, UserID: u.ID}, Name: u.Name, TimeZone: u.TimeZone}, nil
}

// PipelineJobs implements [topechelon.Host]. In this agency everybody sees everything.
func (b *backend) PipelineJobs(_ context.Context, _ topechelon.Actor, personID string) ([]string, error) {
	var jobs []string
	for job, people := range b.pipelines {
		if slices.Contains(people, personID) {
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}

// InPipeline implements [topechelon.Host].
func (b *backend) InPipeline(_ context.Context, _ topechelon.Actor, p topechelon.PipelineRef) (bool, error) {
	return slices.Contains(b.pipelines[p.JobID], p.PersonID), nil
}

// PublishInterviewStatus implements [topechelon.Host]: the newest revision is kept.
func (b *backend) PublishInterviewStatus(_ context.Context, p topechelon.PipelineRef, s topechelon.InterviewStatus) error {
	if !slices.Contains(b.pipelines[p.JobID], p.PersonID) {
		return ats.ErrNotFound
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.Revision > b.column[p].Revision {
		b.column[p] = s
		close(b.changed)
		b.changed = make(chan struct{})
	}
	return nil
}

// await waits until the column of the engineer's pipeline says something in a row.
func (b *backend) await(ctx context.Context, person, label string) error {
	for {
		b.mu.Lock()
		shown, changed := b.column[topechelon.PipelineRef{AgencyID: b.agency, JobID: engineer, PersonID: person}], b.changed
		b.mu.Unlock()
		if shown.Label == label {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %q in the column, which says %q: %w", label, shown.Label, ctx.Err())
		}
	}
}

// seen is the connection as a page needs it: who has connected, which jobs are sent.
func (b *backend) seen(ctx context.Context) (ats.Connection, error) {
	return b.engine.Connection(ctx, ats.TenantRef{Adapter: topechelon.Name, Tenant: b.agency})
}

// row is a person's row in the pipeline of a job, for the user who looks at it.
func (b *backend) row(ctx context.Context, u ats.User, job, person string) (topechelon.PipelineRow, error) {
	c, err := b.seen(ctx)
	if err != nil {
		return topechelon.PipelineRow{}, err
	}
	rows, _, err := b.engine.ListInterviews(ctx, store.ListInterviewsParams{ConnectionID: c.ID, JobID: job, CandidateID: person, Limit: 100})
	if err != nil {
		return topechelon.PipelineRow{}, err
	}
	interviews := make([]ats.Interview, len(rows))
	for n, row := range rows {
		interviews[n] = row.Interview
	}
	return b.adapter.PipelineRow(ctx, c, u, job, person, interviews)
}

// schedule is the button under the form. The key is the page's: a second click with
// the same key schedules nothing.
func (b *backend) schedule(ctx context.Context, u ats.User, key string, f topechelon.Form) error {
	c, err := b.seen(ctx)
	if err != nil {
		return err
	}
	request, err := f.Request(c, u, key, b.people[f.PersonID], b.jobs[f.JobID])
	if err != nil {
		return err
	}
	_, err = b.engine.Submit(ctx, request)
	return err
}

// start opens the ledger in a folder and runs the engine until stop. Spark Hire's
// webhooks reach it through a server; a host that embeds the engine needs no other.
func (b *backend) start(ctx context.Context, sh *sparkhiretest.Server) (stop func() error, err error) {
	dir, err := os.MkdirTemp("", "sparkbridge-topechelon-")
	if err != nil {
		return nil, err
	}
	ledger, err := sqlite.Open(ctx, filepath.Join(dir, "ledger.db"))
	if err != nil {
		return nil, err
	}
	if b.adapter, err = topechelon.New(topechelon.Config{Host: b}); err != nil {
		return nil, err
	}
	server := httptest.NewUnstartedServer(nil)
	if b.engine, err = bridge.New(bridge.Config{
		Store: ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{b.adapter},
		PublicURL: "http://" + server.Listener.Addr().String(),
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL()},
	}); err != nil {
		return nil, err
	}
	server.Config.Handler = b.engine.Handler()
	server.Start()
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- b.engine.Run(running) }()
	connection, err := b.engine.Connect(ctx, ats.Activation{Tenant: ats.TenantRef{Adapter: topechelon.Name, Tenant: b.agency}, Name: "Example Talent"})
	b.connection = connection.ID
	return func() error {
		cancel()
		server.Close()
		return errors.Join(<-ended, ledger.Close(), os.RemoveAll(dir))
	}, err
}
