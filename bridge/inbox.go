package bridge

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

var _ ats.Inbox = (*Bridge)(nil)

// Connection returns a tenant's connection: see [ats.Inbox]. It may be three
// seconds old when another process changed it.
func (b *Bridge) Connection(ctx context.Context, t ats.TenantRef) (ats.Connection, error) {
	c, err := b.tenant(ctx, t)
	return c.seen, err
}

// ConnectionByCredential finds a connection by its credential: see [ats.Inbox].
func (b *Bridge) ConnectionByCredential(ctx context.Context, adapter, digest string) (ats.Connection, error) {
	if digest == "" {
		return ats.Connection{}, fmt.Errorf("connection by credential: %w", ats.ErrNotFound)
	}
	row, err := b.store.ConnectionByDigest(ctx, adapter, digest)
	if err != nil {
		return ats.Connection{}, fmt.Errorf("connection by credential: %w", err)
	}
	return b.connectionSeen(row), nil
}

// Connections returns the adapter's active connections: see [ats.Inbox].
func (b *Bridge) Connections(ctx context.Context, adapter string) ([]ats.Connection, error) {
	rows, err := b.allConnections(ctx, adapter)
	if err != nil {
		return nil, err
	}
	seen := make([]ats.Connection, len(rows))
	for n, row := range rows {
		seen[n] = b.connectionSeen(row)
	}
	return seen, nil
}

// Interview returns an interview, or an error that matches [ats.ErrNotFound].
func (b *Bridge) Interview(ctx context.Context, id string) (ats.Interview, error) {
	row, err := b.store.GetInterview(ctx, id)
	if err != nil {
		return ats.Interview{}, fmt.Errorf("interview %s: %w", id, err)
	}
	return row.Interview, nil
}

// InterviewByKey finds an interview by its request key: see [ats.Inbox].
func (b *Bridge) InterviewByKey(ctx context.Context, t ats.TenantRef, key string) (ats.Interview, error) {
	c, err := b.tenant(ctx, t)
	if err != nil {
		return ats.Interview{}, err
	}
	row, err := b.store.InterviewByKey(ctx, c.row.ID, key)
	if err != nil {
		return ats.Interview{}, fmt.Errorf("interview by key: %w", err)
	}
	return row.Interview, nil
}

// OpenInterviews returns a candidate's open interviews: see [ats.Inbox].
func (b *Bridge) OpenInterviews(ctx context.Context, t ats.TenantRef, candidate ats.CandidateRef) ([]ats.Interview, error) {
	c, err := b.tenant(ctx, t)
	if err != nil {
		return nil, err
	}
	open := []ats.Interview{}
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		open = open[:0]
		all, err := tx.CandidateInterviews(ctx, c.row.ID, candidate.ID)
		for _, i := range all {
			if !i.State.Ended() {
				open = append(open, i.Interview)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open interviews: %w", err)
	}
	return open, nil
}

// UpdateCandidate brings a candidate up to date: see [ats.Inbox]. The address to
// which Spark Hire is being asked to write stays until it is known whether it did.
func (b *Bridge) UpdateCandidate(ctx context.Context, t ats.TenantRef, c ats.Candidate) error {
	conn, err := b.tenant(ctx, t)
	if err != nil {
		return err
	}
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		all, err := tx.CandidateInterviews(ctx, conn.row.ID, c.ID)
		if err != nil {
			return err
		}
		for _, i := range all {
			now := i.Candidate
			now.FirstName, now.LastName = cmp.Or(c.FirstName, now.FirstName), cmp.Or(c.LastName, now.LastName)
			if i.State != ats.StateSending { // the invitation is looked for by the address that it was sent to
				now.Email = cmp.Or(strings.TrimSpace(c.Email), now.Email)
			}
			same := now.FirstName == i.Candidate.FirstName && now.LastName == i.Candidate.LastName && now.Email == i.Candidate.Email
			if same || i.State.Ended() || !i.ErasedAt.IsZero() {
				continue
			}
			i.Candidate, i.UpdatedAt = now, b.now()
			if err := tx.SaveInterview(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("update candidate: %w", err)
	}
	return nil
}

// Events returns an interview's timeline, oldest first; an unknown interview has
// none.
func (b *Bridge) Events(ctx context.Context, interviewID string) ([]ats.Event, error) {
	events, err := b.store.Events(ctx, interviewID)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", interviewID, err)
	}
	return events, nil
}

// reconcile lets an adapter look for what was lost or has ended.
func (b *Bridge) reconcile(ctx context.Context, job store.Job) error {
	interval := b.config.ReconcileInterval
	if own, ok := b.config.ReconcileEvery[job.ID]; ok {
		interval = own
	}
	next := store.Nudge{Kind: kindReconcile, ID: job.ID, At: nextSlot(b.now(), interval)}
	if r, ok := b.adapters[job.ID].(ats.Reconciler); ok {
		if err := r.Reconcile(ctx, b); err != nil {
			b.log.WarnContext(ctx, "reconcile failed", "adapter", job.ID, "error", err)
		}
		return b.finishAndReturn(ctx, job, next)
	}
	return b.finish(ctx, job) // an adapter that is not configured any more
}
