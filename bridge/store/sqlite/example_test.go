package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// A request is stored, and its nudge is run.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	s, err := sqlite.Open(ctx, filepath.Join(dir, "sparkbridge.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()

	err = s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		return tx.SaveConnection(ctx, store.Connection{ID: "birch", Tenant: ats.TenantRef{Adapter: "memory", Tenant: "birch"}})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := s.Accept(ctx, store.Acceptance{
		Interview: store.Interview{
			Interview:  ats.Interview{ID: "i1", ConnectionID: "birch", State: ats.StateRequested, Revision: 1},
			RequestKey: "from the ATS", Credential: "birch's key",
		},
		Event: ats.Event{Key: "requested", Kind: ats.EventRequested},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("stored:", out.Interview.ID)

	ctx, stop := context.WithCancel(ctx)
	err = s.Work(ctx, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		store.KindDrain: func(ctx context.Context, j store.Job) error {
			defer stop()
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
				fmt.Println("drained:", j.ID)
				return tx.Finish(ctx, j)
			})
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Output:
	// stored: i1
	// drained: birch's key
}

// A host writes its own row and a request in one transaction: both are there, or
// neither.
func ExampleStore_WithTx() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "host.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	if _, err := s.DB().ExecContext(ctx, `CREATE TABLE applications (id TEXT PRIMARY KEY, stage TEXT)`); err != nil {
		fmt.Println(err)
		return
	}

	tx, err := s.DB().BeginTx(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `INSERT INTO applications VALUES ('a1', 'interview')`); err != nil {
		fmt.Println(err)
		return
	}
	ours := s.WithTx(tx)
	if err := ours.SaveConnection(ctx, store.Connection{ID: "own"}); err != nil {
		fmt.Println(err)
		return
	}
	out, err := ours.Accept(ctx, store.Acceptance{Interview: store.Interview{
		Interview:  ats.Interview{ID: "i1", ConnectionID: "own", State: ats.StateRequested, Revision: 1},
		RequestKey: "application a1",
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := tx.Commit(); err != nil {
		fmt.Println(err)
		return
	}
	i, err := s.GetInterview(ctx, out.Interview.ID)
	fmt.Println(i.State, err)
	// Output:
	// requested <nil>
}
