package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// An hour without Spark Hire, then answers that come too late, then 429 to
// everything, while recruiters go on: everybody is invited, and nobody twice.
func TestABadDayOfSparkHireLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	if underRace { // the queue looks for work every virtual second
		hour = 12 * time.Minute
	}
	for _, each := range costly(onV2) {
		t.Run("API "+string(each), func(t *testing.T) {
			t.Parallel()
			line := &slowLine{}
			inWorld(t, func(w *world) {
				names := []string{"Mira", "Ole", "Ana", "Bo", "Cleo", "Dag", "Ebba", "Finn", "Gro", "Hans", "Ida", "Jon"}
				var all []ats.Interview
				arrive := func(n int, every time.Duration) {
					for range n {
						all = append(all, w.submit(names[len(all)]))
						w.pass(every)
					}
				}
				w.spark.StartOutage(sparkhiretest.RefuseConnection())
				arrive(4, hour/4)
				w.spark.EndOutage()
				line.slow.Store(true)
				arrive(4, 3*time.Minute)
				line.slow.Store(false)
				require.Positive(w, line.late.Load(), "answers came when nobody waited for them")
				w.spark.StartOutage(sparkhiretest.TooManyRequests(20))
				arrive(4, 2*time.Minute)
				w.spark.EndOutage()
				w.pass(15 * time.Minute)
				for _, i := range all {
					w.requireState(i.ID, ats.StateSent)
					require.Equal(w, 1, w.invitations(i))
					require.Equal(w, ats.StateSent, w.card(i.ID), "and the ATS shows it")
				}
			}, each, func(c *bridge.Config) {
				line.next = c.SparkHire.HTTPClient.Transport
				c.SparkHire.HTTPClient = &http.Client{Transport: line}
			})
		})
	}
}

// Who watches the queue sees how long a request waits, also while every try sets it
// back.
func TestTheOldestRequestIsToldWhileSparkHireIsAway(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		oldest := func() (t time.Time) {
			all, err := w.engine.Backlogs(w.Context())
			require.NoError(w, err)
			for _, one := range all {
				if !one.Oldest.IsZero() {
					require.True(w, t.IsZero(), "told once")
					t = one.Oldest
				}
			}
			return t
		}
		require.Zero(w, oldest())
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		first := w.submit("Mira")
		w.pass(20 * time.Minute)
		w.submit("Ole")
		w.pass(10 * time.Minute)
		require.Equal(w, first.CreatedAt, oldest())
		w.spark.EndOutage()
		w.pass(15 * time.Minute)
		w.requireState(first.ID, ats.StateSent)
		require.Zero(w, oldest())
	})
}

// slowLine leads to a server that, while slow is set, takes forty seconds for each
// request, whether or not the caller still waits, and does in the middle of them
// what it was asked for.
type slowLine struct {
	next http.RoundTripper
	slow atomic.Bool
	late atomic.Int64 // answers that nobody waited for
}

func (l *slowLine) RoundTrip(r *http.Request) (*http.Response, error) {
	if !l.slow.Load() {
		return l.next.RoundTrip(r)
	}
	type answer struct {
		resp *http.Response
		err  error
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	there := r.Clone(context.WithoutCancel(r.Context()))
	there.Body = io.NopCloser(bytes.NewReader(body))
	answers := make(chan answer, 1)
	go func() {
		<-time.NewTimer(20 * time.Second).C
		resp, err := l.next.RoundTrip(there)
		<-time.NewTimer(20 * time.Second).C
		if r.Context().Err() != nil {
			l.late.Add(1)
		}
		answers <- answer{resp, err}
	}()
	select {
	case a := <-answers:
		return a.resp, a.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// An ATS that answers 500 for a day gets every report afterwards.
func TestADayWithoutTheATSDelaysReportsAndLosesNone(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	if underRace {
		day = time.Hour
	}
	inWorld(t, func(w *world) {
		w.ats.FailNext(1_000_000, errors.New("the ATS answers 500"))
		mira, ole, ana := w.invited("Mira"), w.invited("Ole"), w.invited("Ana")
		w.pass(day / 4)
		require.NoError(w, w.spark.Accept(ole.SparkHire.InterviewID))
		require.NoError(w, complete(w.spark, ana.SparkHire.InterviewID))
		w.pass(day * 3 / 4)
		for _, i := range []ats.Interview{mira, ole, ana} {
			d := w.delivery(i.ID)
			require.Equal(w, store.DeliveryRetrying, d.State)
			require.Contains(w, d.LastError, "500")
			require.Empty(w, w.card(i.ID))
			require.Less(w, d.Failures, 120, "it is not hammered")
		}

		w.ats.FailNext(0, nil)
		w.pass(31 * time.Minute) // the longest pause
		require.Equal(w, ats.StateSent, w.card(mira.ID))
		require.Equal(w, ats.StateAccepted, w.card(ole.ID))
		require.Equal(w, ats.StateCompleted, w.card(ana.ID))
		for _, i := range []ats.Interview{mira, ole, ana} {
			require.Equal(w, store.DeliveryOK, w.delivery(i.ID).State)
			require.Equal(w, 1, w.invitations(i))
		}
	})
}

// After three days without the ATS, in which the engine itself was away as well,
// reports are dead letters: listed with the reason, kept over a restart, and
// delivered when somebody asks for it.
func TestThreeDaysWithoutTheATSLeaveDeadLettersThatAPersonCanRetry(t *testing.T) {
	t.Parallel()
	inWorlds(t, costly(onV1), func(w *world) {
		w.ats.FailNext(1_000_000, errors.New("the ATS answers 500"))
		mira, ole := w.invited("Mira"), w.invited("Ole")
		w.pass(time.Hour)
		w.stop()
		w.pass(70 * time.Hour)
		w.open()
		w.start()
		w.pass(10 * time.Minute)
		require.Equal(w, store.DeliveryRetrying, w.delivery(mira.ID).State, "not before the time")
		w.pass(time.Hour)
		w.ats.FailNext(0, nil)
		w.restart()
		if w.api == onV1 {
			require.NoError(w, w.spark.Accept(ole.SparkHire.InterviewID))
		}
		w.pass(time.Hour)

		dead, _, err := w.engine.ListDeliveries(w.Context(), store.ListDeliveriesParams{State: store.DeliveryDead})
		require.NoError(w, err)
		require.Len(w, dead, 2)
		for _, d := range dead {
			require.Contains(w, d.LastError, "500")
			require.Empty(w, w.card(d.InterviewID), "nothing more is tried by itself")
			events, err := w.engine.Events(w.Context(), d.InterviewID)
			require.NoError(w, err)
			failed := 0
			for _, e := range events {
				if e.Kind == ats.EventPublishFailed {
					failed++
				}
			}
			require.Equal(w, 1, failed, "the timeline says so once")
			require.NoError(w, w.engine.RetryDelivery(w.Context(), d.InterviewID, ats.User{ID: "admin"}))
		}
		w.pass(time.Minute)
		require.Equal(w, ats.StateSent, w.card(mira.ID))
		require.Equal(w, w.interview(ole.ID).State, w.card(ole.ID))
		for _, i := range []ats.Interview{mira, ole} {
			require.Equal(w, store.DeliveryOK, w.delivery(i.ID).State)
			require.Equal(w, 1, w.invitations(i))
		}
	})
}

// A key that arrives while the webhooks of the connection are being registered gets
// webhooks as well.
func TestAKeyThatComesWhileWebhooksAreRegisteredGetsThemToo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.pass(5 * time.Second)
		connect := func(tenant, key string) {
			users := []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: ats.Secret(key)}}
			if key == "" {
				users = nil
			}
			_, err := w.engine.Connect(w.Context(), ats.Activation{Tenant: ats.TenantRef{Adapter: w.account.Tenant().Adapter, Tenant: tenant}, TimeZone: "Europe/Stockholm", Users: users})
			require.NoError(w, err)
		}
		first := w.spark.AddUser(sparkhiretest.User{Name: "Ole Berg", Email: "ole@care.example"})
		second := w.spark.AddUser(sparkhiretest.User{Name: "Ana Sol", Email: "ana@care.example"})
		held := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/webhooks", Do: sparkhiretest.Hold()})
		connect("other", first.Key)
		require.NoError(w, held.Wait(w.Context(), 1))
		connect("other", second.Key)
		held.Release()
		w.pass(5 * time.Second)
		require.Len(w, w.spark.Webhooks(), 8+8+8, "the organization's, the first key's and the second's; log:\n%s", w.log)
	})
}

// A hint that arrives while an older look is on its way is not taken for seen by it.
func TestAHintDuringALookIsLookedAt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		late := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews/*", When: sparkhiretest.AfterEffect, Do: sparkhiretest.Hold()})
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		require.NoError(w, late.Wait(w.Context(), 1))
		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		w.pass(time.Second)
		late.Release()
		w.pass(5 * time.Second)
		w.requireState(i.ID, ats.StateCompleted)
	})
}
