package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// What belongs together is written in one transaction. A stale copy never
// overwrites a newer one.
func ExampleTx() {
	ctx := context.Background()
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
		if err := tx.SaveConnection(ctx, store.Connection{ID: "birch"}); err != nil {
			return err
		}
		_, err := tx.Accept(ctx, store.Acceptance{
			Interview: store.Interview{Interview: ats.Interview{ID: "i1", ConnectionID: "birch", Revision: 1}, RequestKey: "k1"},
			Event:     ats.Event{Key: "requested", Kind: ats.EventRequested, Text: "Asked for."},
		})
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	send := func(i store.Interview) error {
		return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
			i.State = ats.StateSent
			i.Revision++
			if err := tx.SaveInterview(ctx, i); err != nil {
				return err
			}
			_, err := tx.AppendEvent(ctx, i.ID, ats.Event{Key: "sent", Kind: ats.EventSent, Text: "Invited."})
			return err
		})
	}
	i, err := s.GetInterview(ctx, "i1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send(i))
	i.Revision-- // a copy that is too old
	fmt.Println(errors.Is(send(i), ats.ErrConflict))

	events, err := s.Events(ctx, "i1")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range events {
		fmt.Println(e.Seq, e.Text)
	}
	// Output:
	// <nil>
	// true
	// 1 Asked for.
	// 2 Invited.
}
