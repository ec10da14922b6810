package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// product is a recruiting product with a database of its own, and the engine on it.
type product struct {
	db       *sql.DB
	engine   *bridge.Bridge
	sessions map[string]paycor.Actor // by what the product's page hands to the browser
	team     map[int32]bool          // who may see the candidates
	stop     func() error
}

// The engine asks the product for four things.
var _ paycor.Host = (*product)(nil)

// Actor tells who is signed in.
func (p *product) Actor(_ context.Context, credential string) (paycor.Actor, error) {
	who, ok := p.sessions[credential]
	if !ok {
		return paycor.Actor{}, paycor.ErrUnknownActor
	}
	return who, nil
}

// MayView tells who may see a candidate's record.
func (p *product) MayView(_ context.Context, a paycor.Actor, _ paycor.CandidateRef) (bool, error) {
	return p.team[a.UserID], nil
}

// AppendNewsfeed keeps each item once: the engine repeats what it is not sure about.
func (p *product) AppendNewsfeed(ctx context.Context, item paycor.NewsfeedItem) error {
	_, err := p.db.ExecContext(ctx, `INSERT INTO newsfeed (key, candidate, text) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
		item.Key, item.Candidate.CandidateID, item.Text)
	return err
}

// ShowVideoInterview keeps the newest state of the tab.
func (p *product) ShowVideoInterview(ctx context.Context, c paycor.CandidateRef, s paycor.TabState) error {
	state, err := json.Marshal(s) //nolint:musttag // read back here only
	if err != nil {
		return err
	}
	_, err = p.db.ExecContext(ctx, `INSERT INTO tabs (candidate, revision, state) VALUES ($1, $2, $3)
		ON CONFLICT (candidate) DO UPDATE SET revision = excluded.revision, state = excluded.state WHERE excluded.revision >= tabs.revision`,
		c.CandidateID, s.Revision, string(state))
	return err
}

// tab returns what the candidate's Video Interview tab shows.
func (p *product) tab(ctx context.Context, candidate string) (paycor.TabState, error) {
	var s paycor.TabState
	var text string
	err := p.db.QueryRowContext(ctx, `SELECT state FROM tabs WHERE candidate = $1`, candidate).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return paycor.TabState{State: paycor.TabNone}, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &s) //nolint:musttag // written here
	}
	return s, err
}

// newsfeed returns the texts of the candidate's newsfeed, in order.
func (p *product) newsfeed(ctx context.Context, candidate string) ([]string, error) {
	rows, err := p.db.QueryContext(ctx, `SELECT text FROM newsfeed WHERE candidate = $1 ORDER BY rowid`, candidate)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// start opens the database, puts the engine on it and serves.
func start(ctx context.Context, sh *sparkhiretest.Server) (*product, error) {
	p := &product{
		sessions: map[string]paycor.Actor{
			"ada-session":  {UserID: 910001, Name: "Ada Brandt", Administrator: true},
			"tove-session": {UserID: 910233, Name: "Tove Lindqvist"},
			"sam-session":  {UserID: 910234, Name: "Sam Okoro"},
			"joe-session":  {UserID: 910300, Name: "Joe Weber"},
		},
		team: map[int32]bool{910001: true, 910233: true, 910234: true},
	}
	dir, err := os.MkdirTemp("", "sparkbridge-paycor-host-")
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, filepath.Join(dir, "product.db"))
	if err != nil {
		return nil, err
	}
	p.db = store.DB()
	if _, err := p.db.ExecContext(ctx, `CREATE TABLE newsfeed (key TEXT PRIMARY KEY, candidate TEXT NOT NULL, text TEXT NOT NULL);
		CREATE TABLE tabs (candidate TEXT PRIMARY KEY, revision INTEGER NOT NULL, state TEXT NOT NULL)`); err != nil {
		return nil, err
	}
	adapter, err := paycor.New(paycor.Config{Host: p})
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.engine, err = bridge.New(bridge.Config{
		Store: store, Keys: keyring.Generate(), Adapters: []ats.Adapter{adapter},
		PublicURL: "http://" + listener.Addr().String(), // where Spark Hire's webhooks arrive
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL()},
	})
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: p.engine.Handler(), ReadHeaderTimeout: 5 * time.Second}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 2)
	go func() { ended <- p.engine.Run(running) }()
	go func() {
		err := server.Serve(listener)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		ended <- err
	}()
	p.stop = func() error {
		cancel()
		return errors.Join(server.Shutdown(context.WithoutCancel(ctx)), <-ended, <-ended, store.Close(), os.RemoveAll(dir))
	}
	return p, nil
}

// await looks every few milliseconds until the tab is in the state, or the end of ctx.
func (p *product) await(ctx context.Context, candidate string, want paycor.Tab) (paycor.TabState, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := p.tab(ctx, candidate)
		if err != nil || s.State == want {
			return s, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return s, fmt.Errorf("wait until the tab shows %s, it shows %s: %w", want, s.State, ctx.Err())
		}
	}
}
