package postgres_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
)

// Two processes that open the same database share its work.
func Example() {
	ctx := context.Background()
	s, err := postgres.Open(ctx, "postgres://sparkbridge@db.example/ledger?sslmode=verify-full")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	err = s.Work(ctx, store.WorkConfig{Handlers: map[store.Kind]store.Handler{
		store.KindDrain: func(ctx context.Context, j store.Job) error {
			return s.InTx(ctx, func(ctx context.Context, tx store.Tx) error { return tx.Finish(ctx, j) })
		},
	}})
	if err != nil {
		fmt.Println(err)
	}
}

// A program can check its configuration without a server. The error never has the
// password.
func ExampleCheckURL() {
	for _, url := range []string{
		"postgres://ines:p%40ss@db.example:5432/ledger?sslmode=verify-full",
		"postgres://ines:p@ss/word@db.example/ledger",
		"mysql://db.example/ledger",
	} {
		err := postgres.CheckURL(url)
		fmt.Println(errors.Is(err, ats.ErrInvalid), err)
	}
	// Output:
	// false <nil>
	// true the database's URL must end with the database's name; escape what is special in the password: invalid
	// true the database's URL must begin with postgres:// or postgresql://: invalid
}
