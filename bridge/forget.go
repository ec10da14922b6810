package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// secretHost is the setting that opens the ATS's host. It is the one secret that a
// connection may leave behind: what was not reported yet still has to be.
const secretHost = "host_token"

// forgetPause is how often it is looked whether reports still need a secret. By the
// first time each has been tried.
const forgetPause = time.Hour

// forgetSecrets forgets the secrets of a connection that ends, but for what its
// reports need, which goes when they have been delivered.
func (b *Bridge) forgetSecrets(ctx context.Context, tx store.Tx, connectionID string, now time.Time) error {
	host, err := tx.Secret(ctx, connectionID, secretHost)
	if err != nil && !errors.Is(err, ats.ErrNotFound) {
		return err
	}
	if err := tx.ForgetSecrets(ctx, connectionID); err != nil || len(host) == 0 {
		return err
	}
	if err := tx.SaveSecret(ctx, connectionID, secretHost, host); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindForget, ID: connectionID, At: store.Time(now.Add(forgetPause))})
}

// forget forgets what a disconnected connection has left, once no report waits for it
// or the ATS has been out of reach for too long.
func (b *Bridge) forget(ctx context.Context, job store.Job) error {
	c, err := b.store.GetConnection(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && c.Connected) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	now := b.now()
	if now.Sub(c.UpdatedAt) < b.config.PublishFor+forgetPause {
		waits, err := b.reportsWait(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		if waits {
			return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindForget, ID: job.ID, At: store.Time(now.Add(forgetPause))})
		}
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Complete(ctx, job); err != nil {
			return err
		}
		c, err := tx.Connection(ctx, job.ID)
		if err != nil || c.Connected { // somebody was faster
			return err
		}
		return tx.ForgetSecrets(ctx, c.ID)
	})
}

// reportsWait reports whether the ATS is still to be told of an interview of the
// connection.
func (b *Bridge) reportsWait(ctx context.Context, connectionID string) (bool, error) {
	for cursor := ""; ; {
		page, next, err := b.store.ListDeliveries(ctx, store.ListDeliveriesParams{State: store.DeliveryRetrying, Limit: 200, Cursor: cursor})
		if err != nil {
			return false, err
		}
		for _, d := range page {
			if d.ConnectionID == connectionID {
				return true, nil
			}
		}
		if next == "" {
			return false, nil
		}
		cursor = next
	}
}
