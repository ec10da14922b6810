package bridge

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// sweepShare is the part of a budget that reading open items one by one may use.
const sweepShare = 10

// sweepItems asks for a look at the connection's open items, because API v2.0 has no
// list of what changed: spread over the time until the next sweep, within a tenth of
// the budget, and the more there are the less often each. Results of items that
// ended are told by webhooks alone. It returns the credentials of v1.0 with which
// interviews are still followed.
func (b *Bridge) sweepItems(ctx context.Context, c store.Connection) ([]string, error) {
	credentials, err := b.keptInUse(ctx, c)
	if err != nil {
		return nil, err
	}
	var open []string
	for _, state := range []ats.State{ats.StateSent, ats.StateAccepted} {
		if err := b.each(ctx, c.ID, state, func(i store.Interview) (bool, error) {
			if onV2(i.Credential) {
				open = append(open, i.ID)
			}
			return true, nil
		}); err != nil {
			return nil, err
		}
	}
	now, interval := b.now(), b.config.SparkHire.SweepInterval
	most := max(1, int(float64(b.config.SparkHire.RequestsPerMinute)/sweepShare*interval.Minutes()))
	due := turnOf(open, now.UnixNano()/int64(interval), most)
	const atOnce = 200
	for chunk := range slices.Chunk(due, atOnce) {
		if err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
			for n, id := range chunk {
				at := now.Add(time.Duration(float64(interval) * float64(n) / float64(len(chunk))))
				if err := tx.Nudge(ctx, store.Nudge{Kind: kindObserve, ID: id, At: store.Time(at)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return credentials, nil
}

// turnOf returns those ids whose turn it is in a round, about most of them at most:
// each has one in as many rounds as are needed.
func turnOf(ids []string, round int64, most int) []string {
	rounds := uint64((len(ids) + most - 1) / most) //nolint:gosec // not negative
	if rounds <= 1 {
		return ids
	}
	var due []string
	for _, id := range ids {
		h := fnv.New64a()
		_, _ = h.Write([]byte(id))
		if h.Sum64()%rounds == uint64(round)%rounds { //nolint:gosec // not negative
			due = append(due, id)
		}
	}
	return due
}
