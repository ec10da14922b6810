package storetest

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func recordTests() []test {
	return []test{
		{"a delivery that was never saved is zero", deliveryZero},
		{"a delivery is kept and replaced", deliveryKept},
		{"a delivery of an unknown interview is not found", deliveryUnknown},
		{"a limit is kept and replaced", limitKept},
		{"a watermark belongs to connection and credential", watermarkKept},
		{"audit lines are added", auditAdded},
	}
}

func deliveryZero(t *testing.T, s store.Store) {
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		d, err := tx.Delivery(ctx, "unknown")
		if d != (store.Delivery{InterviewID: "unknown"}) {
			t.Errorf("got %+v", d)
		}
		return err
	})
}

func delivery(id string, state store.DeliveryState, updated time.Time) store.Delivery {
	return store.Delivery{
		InterviewID: id, ConnectionID: "c1", State: state, Failures: 3, FirstFailedAt: now().Add(-time.Hour),
		NextAt: now().Add(time.Hour), LastError: "publish: 502", UpdatedAt: updated,
	}
}

func deliveryKept(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, []int{1}, nil)
	for _, want := range []store.Delivery{
		delivery("interview-0001", store.DeliveryRetrying, now()),
		{InterviewID: "interview-0001", ConnectionID: "c1", State: store.DeliveryOK},
	} {
		in(t, s, func(ctx context.Context, tx store.Tx) error {
			if err := tx.SaveDelivery(ctx, want); err != nil {
				return err
			}
			got, err := tx.Delivery(ctx, want.InterviewID)
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			return err
		})
	}
}

func deliveryUnknown(t *testing.T, s store.Store) {
	err := s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.SaveDelivery(ctx, delivery("unknown", store.DeliveryDead, now()))
	})
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func limitKept(t *testing.T, s store.Store) {
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		got, err := tx.Limit(ctx, "k")
		if fmt.Sprint(got) != fmt.Sprint(store.Limit{Credential: "k"}) {
			t.Errorf("never saved: got %v", got)
		}
		return err
	})
	sends := []int64{math.MinInt64, -1, 0, 5, 5, 4, math.MaxInt64}
	for n := range 400 {
		sends = append(sends, now().UnixMicro()+int64(n*150_000))
	}
	for _, want := range []store.Limit{
		{Credential: "k", Sends: sends, BlockedUntil: now()},
		{Credential: "k", Sends: []int64{now().UnixMicro()}},
		{Credential: "k"},
	} {
		in(t, s, func(ctx context.Context, tx store.Tx) error {
			if err := tx.SaveLimit(ctx, want); err != nil {
				return err
			}
			if err := tx.SaveLimit(ctx, store.Limit{Credential: "other", Sends: []int64{1}}); err != nil {
				return err
			}
			got, err := tx.Limit(ctx, "k")
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got %v, want %v", got, want)
			}
			return err
		})
	}
}

func watermarkKept(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	mark := func(c, k string, at time.Time) {
		in(t, s, func(ctx context.Context, tx store.Tx) error { return tx.SaveWatermark(ctx, c, k, at) })
	}
	mark("c1", "k1", now().Add(time.Hour))
	mark("c1", "k1", now())
	mark("c1", "k2", now().Add(time.Minute))
	mark("c2", "k1", now().Add(time.Second))
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for _, want := range []struct {
			c, k string
			at   time.Time
		}{
			{"c1", "k1", now()},
			{"c1", "k2", now().Add(time.Minute)},
			{"c2", "k1", now().Add(time.Second)},
			{"c2", "k2", time.Time{}},
		} {
			at, err := tx.Watermark(ctx, want.c, want.k)
			if err != nil {
				return err
			}
			if at != want.at {
				t.Errorf("%s %s: got %s, want %s", want.c, want.k, at, want.at)
			}
		}
		return nil
	})
}

func auditAdded(t *testing.T, s store.Store) {
	entry := store.AuditEntry{At: now(), ConnectionID: "c1", InterviewID: "i", Actor: "system", Action: "erase", Detail: "1 interview"}
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for range 2 { // the same line twice is two lines
			if err := tx.Audit(ctx, entry); err != nil {
				return err
			}
		}
		return nil
	})
	var lines int
	row := db(t, s).QueryRowContext(t.Context(), `SELECT count(*) FROM sparkbridge_audit
		WHERE at = $1 AND connection_id = 'c1' AND interview_id = 'i' AND actor = 'system' AND action = 'erase' AND detail = '1 interview'`,
		now().UnixMicro())
	require.NoError(t, row.Scan(&lines))
	require.Equal(t, 2, lines)
}
