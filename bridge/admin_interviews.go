package bridge

import (
	"context"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// StoredInterview returns an interview with what the engine knows beside
// [Bridge.Interview], or an error that matches [ats.ErrNotFound].
func (b *Bridge) StoredInterview(ctx context.Context, id string) (store.Interview, error) {
	i, err := b.store.GetInterview(ctx, id)
	if err != nil {
		return store.Interview{}, fmt.Errorf("interview %s: %w", id, err)
	}
	return i, nil
}

// ListInterviews returns a page of interviews, newest first, and the cursor of the
// next page; empty means the end. A cursor that it did not make matches
// [ats.ErrInvalid].
func (b *Bridge) ListInterviews(ctx context.Context, p store.ListInterviewsParams) ([]store.Interview, string, error) {
	is, next, err := b.store.ListInterviews(ctx, p)
	if err != nil {
		return nil, "", fmt.Errorf("list interviews: %w", err)
	}
	return is, next, nil
}

// EraseCandidate is [Bridge.Erase] in the name of a person. An unknown connection
// matches [ats.ErrNotFound]; an unknown candidate is nil.
func (b *Bridge) EraseCandidate(ctx context.Context, connectionID, candidateID string, by ats.User) error {
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return err
	}
	return b.eraseCandidate(ctx, ats.CandidateRef{Tenant: c.Tenant, ID: candidateID}, by.ID)
}

// ListDeliveries returns a page of the deliveries in a state, those that changed
// longest ago first, and the cursor of the next page. A cursor that it did not make
// matches [ats.ErrInvalid].
func (b *Bridge) ListDeliveries(ctx context.Context, p store.ListDeliveriesParams) ([]store.Delivery, string, error) {
	ds, next, err := b.store.ListDeliveries(ctx, p)
	if err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	return ds, next, nil
}

// Delivery returns how reporting an interview to the ATS stands. An unknown
// interview matches [ats.ErrNotFound].
func (b *Bridge) Delivery(ctx context.Context, interviewID string) (store.Delivery, error) {
	var d store.Delivery
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, interviewID)
		if err != nil {
			return err
		}
		if d, err = tx.Delivery(ctx, interviewID); err != nil {
			return err
		}
		d.ConnectionID = i.ConnectionID
		if d.State == "" { // nothing was reported yet
			d.State = store.DeliveryOK
		}
		return nil
	})
	if err != nil {
		return store.Delivery{}, fmt.Errorf("delivery of interview %s: %w", interviewID, err)
	}
	return d, nil
}
