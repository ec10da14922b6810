package bridge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Backlog is what waits for one Spark Hire key, and what is left of its budget.
type Backlog struct {
	// Credential names the key without revealing it; equal keys have one name.
	Credential string
	// Waiting is how many interviews have not been asked for at Spark Hire yet. It
	// stops counting at 10,000.
	Waiting int
	// Oldest is since when the first of them could have gone; zero when none could.
	Oldest time.Time
	// BudgetLeft is how many calls the key may still make in this minute.
	BudgetLeft int
	// BlockedUntil is when Spark Hire said to come back; zero when it did not.
	BlockedUntil time.Time
}

const (
	waitingMost = 10_000
	// backlogBatch is how many keys share a transaction: it must stay short.
	backlogBatch = 32
)

// Backlogs returns what waits for every key of every connection, by credential.
// It costs two small reads for each, so ask every few seconds at most.
func (b *Bridge) Backlogs(ctx context.Context) ([]Backlog, error) {
	conns, err := b.allConnections(ctx, "")
	if err != nil {
		return nil, err
	}
	var credentials []string
	for _, c := range conns {
		credentials = append(credentials, credentialsOf(c)...)
	}
	slices.Sort(credentials)
	credentials = slices.Compact(credentials)
	all := make([]Backlog, 0, len(credentials))
	for some := range slices.Chunk(credentials, backlogBatch) {
		part, err := b.backlogs(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("backlogs: %w", err)
		}
		all = append(all, part...)
	}
	return all, nil
}

func (b *Bridge) backlogs(ctx context.Context, credentials []string) ([]Backlog, error) {
	part := make([]Backlog, len(credentials))
	for n, credential := range credentials {
		waiting, err := b.store.Waiting(ctx, credential, waitingMost)
		if err != nil {
			return nil, err
		}
		part[n] = Backlog{Credential: credential, Waiting: waiting}
	}
	return part, b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		now := b.now()
		for n := range part {
			next, err := tx.NextDue(ctx, part[n].Credential)
			if err != nil {
				return err
			}
			l, err := tx.Limit(ctx, budgetOf(part[n].Credential))
			if err != nil {
				return err
			}
			part[n].Oldest, part[n].BlockedUntil = time.Time{}, time.Time{}
			if part[n].Waiting > 0 && !next.IsZero() && !next.After(now) {
				part[n].Oldest = next
			}
			if l.BlockedUntil.After(now) {
				part[n].BlockedUntil = l.BlockedUntil
			}
			recent := now.Add(-time.Minute).UnixMicro()
			spent := 0
			for _, at := range l.Sends {
				if at > recent {
					spent++
				}
			}
			part[n].BudgetLeft = max(0, b.config.SparkHire.RequestsPerMinute-spent)
		}
		return nil
	})
}
