package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// Delivery implements [store.Tx].
func (t *Tx) Delivery(ctx context.Context, interviewID string) (store.Delivery, error) {
	row, err := t.q.Delivery(ctx, interviewID)
	if none(err) {
		return store.Delivery{InterviewID: interviewID}, nil
	}
	return deliveryFromRow(row), t.dialect.Fail("get delivery of interview "+interviewID, err)
}

// SaveDelivery implements [store.Tx].
func (t *Tx) SaveDelivery(ctx context.Context, d store.Delivery) error {
	err := t.q.SaveDelivery(ctx, rows.SaveDeliveryParams{
		InterviewID: d.InterviewID, ConnectionID: d.ConnectionID, State: string(d.State), Failures: int64(d.Failures),
		FirstFailedAt: micros(d.FirstFailedAt), NextAt: micros(d.NextAt), LastError: d.LastError, UpdatedAt: micros(d.UpdatedAt),
	})
	return t.dialect.Fail("save delivery of interview "+d.InterviewID, err)
}

// Limit implements [store.Tx].
func (t *Tx) Limit(ctx context.Context, credential string) (store.Limit, error) {
	const what = "get limit"
	row, err := locked(ctx, t, "limit "+credential, func() (rows.Limit, error) { return t.q.Limit(ctx, credential) })
	if none(err) {
		return store.Limit{Credential: credential}, nil
	}
	if err != nil {
		return store.Limit{}, t.dialect.Fail(what, err)
	}
	sends, err := decodeSends(row.Sends)
	return store.Limit{Credential: credential, Sends: sends, BlockedUntil: fromMicros(row.BlockedUntil)}, t.dialect.Fail(what, err)
}

// SaveLimit implements [store.Tx].
func (t *Tx) SaveLimit(ctx context.Context, l store.Limit) error {
	err := t.q.SaveLimit(ctx, rows.SaveLimitParams{
		Credential: l.Credential, Sends: encodeSends(l.Sends), BlockedUntil: micros(l.BlockedUntil),
	})
	return t.dialect.Fail("save limit", err)
}

// encodeSends writes each time as the distance from the one before: some three
// bytes where JSON needs seventeen, because the record is written with every
// call to Spark Hire.
func encodeSends(sends []int64) []byte {
	text := make([]byte, 0, binary.MaxVarintLen64+3*len(sends))
	last := int64(0)
	for _, at := range sends {
		text = binary.AppendVarint(text, at-last)
		last = at
	}
	return text
}

func decodeSends(text []byte) ([]int64, error) {
	var sends []int64
	last := int64(0)
	for len(text) > 0 {
		d, n := binary.Varint(text)
		if n <= 0 {
			return nil, errors.New("the stored sends are damaged")
		}
		last += d
		sends = append(sends, last)
		text = text[n:]
	}
	return sends, nil
}

// Watermark implements [store.Tx].
func (t *Tx) Watermark(ctx context.Context, connectionID, credential string) (time.Time, error) {
	at, err := t.q.Watermark(ctx, connectionID, credential)
	if none(err) {
		return time.Time{}, nil
	}
	return fromMicros(at), t.dialect.Fail("get watermark of connection "+connectionID, err)
}

// SaveWatermark implements [store.Tx].
func (t *Tx) SaveWatermark(ctx context.Context, connectionID, credential string, at time.Time) error {
	err := t.q.SaveWatermark(ctx, rows.SaveWatermarkParams{ConnectionID: connectionID, Credential: credential, At: micros(at)})
	return t.dialect.Fail("save watermark of connection "+connectionID, err)
}

// Audit implements [store.Tx].
func (t *Tx) Audit(ctx context.Context, a store.AuditEntry) error {
	err := t.q.InsertAudit(ctx, rows.InsertAuditParams{
		At: micros(a.At), ConnectionID: a.ConnectionID, InterviewID: a.InterviewID,
		Actor: a.Actor, Action: a.Action, Detail: a.Detail,
	})
	return t.dialect.Fail("write audit line", err)
}

// none reports whether a query of one row found none.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// clamp returns a limit as SQL takes it.
func clamp(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }
