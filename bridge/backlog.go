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
	// Oldest is when the request was accepted that a connection waits for longest,
	// told with the key that it waits for: it is not known yet to be sent, also while
	// Spark Hire is away. Zero where no connection's oldest waits for this key.
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
// It costs two small reads for each of both, so ask every few seconds at most.
func (b *Bridge) Backlogs(ctx context.Context) ([]Backlog, error) {
	conns, err := b.allConnections(ctx, "")
	if err != nil {
		return nil, err
	}
	var credentials []string
	oldest := map[string]time.Time{}
	for _, c := range conns {
		credentials = append(credentials, credentialsOf(c)...)
		first, err := b.store.OldestWaiting(ctx, c.ID)
		if err != nil {
			return nil, fmt.Errorf("backlogs: %w", err)
		}
		if first.Since.IsZero() {
			continue
		}
		if known := oldest[first.Credential]; known.IsZero() || first.Since.Before(known) {
			oldest[first.Credential] = first.Since
			credentials = append(credentials, first.Credential)
		}
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
	for n := range all {
		all[n].Oldest = oldest[all[n].Credential]
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
			l, err := tx.Limit(ctx, budgetOf(part[n].Credential))
			if err != nil {
				return err
			}
			part[n].BlockedUntil = time.Time{}
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
