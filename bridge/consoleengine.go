package bridge

import (
	"context"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/console"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// consoleEngine is the engine as the console sees it.
type consoleEngine struct{ apiEngine }

var _ console.Engine = consoleEngine{}

// SetEnabled is [Bridge.UpdateConnection] for the switch alone.
func (e consoleEngine) SetEnabled(ctx context.Context, id string, enabled bool, by ats.User) error {
	_, err := e.Bridge.UpdateConnection(ctx, id, by, Access{}, func(c *store.Connection) error {
		c.Enabled = enabled
		return nil
	})
	return err
}

// SecretSettings returns the names of a connection's settings that are kept sealed.
func (e consoleEngine) SecretSettings(ctx context.Context, connectionID string) ([]string, error) {
	names, err := e.store.SecretNames(ctx, connectionID)
	return slices.DeleteFunc(names, func(name string) bool { return !ats.SecretSetting(name) }), err
}

// Waiting reads the numbers alone, and so never waits for who writes.
func (e consoleEngine) Waiting(ctx context.Context, c store.Connection) (int, error) {
	all := 0
	for _, credential := range credentialsOf(c) {
		n, err := e.store.Waiting(ctx, credential, waitingMost)
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

// Pace sums the backlogs of a connection's keys.
func (e consoleEngine) Pace(ctx context.Context, c store.Connection) (console.Pace, error) {
	first, err := e.store.OldestWaiting(ctx, c.ID)
	if err != nil {
		return console.Pace{}, err
	}
	p := console.Pace{Oldest: first.Since}
	for some := range slices.Chunk(credentialsOf(c), backlogBatch) {
		part, err := e.backlogs(ctx, some)
		if err != nil {
			return p, err
		}
		for _, b := range part {
			p.Waiting += b.Waiting
			if b.BlockedUntil.After(p.BlockedUntil) {
				p.BlockedUntil = b.BlockedUntil
			}
		}
	}
	return p, nil
}
