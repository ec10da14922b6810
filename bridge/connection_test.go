package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestConnectingRegistersEachWebhookOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.pass(5 * time.Second)
		require.Len(w, w.spark.Webhooks(), 8)
		w.connect()
		w.restart()
		w.pass(5 * time.Second)
		hooks := w.spark.Webhooks()
		require.Len(w, hooks, 8)
		for _, h := range hooks {
			require.True(w, strings.HasPrefix(h.URL, publicURL+"/sparkhire/v1/"), h.URL)
			require.Contains(w, h.URL, "/"+h.Event+"/")
		}
	})
}

func TestANewKeyTakesOverWhatWaits(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		i := w.submit("Mira")
		w.pass(time.Second)
		second := w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha2@care.example"})
		w.asha = second
		w.connect()
		w.spark.EndOutage()
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateSent)
		require.Equal(w, second.ID, w.spark.InterviewsFor(i.Candidate.Email)[0].CreatedBy)
		require.Equal(w, 1, w.invitations(i))
	})
}

func TestARemovedUserLeavesNothingWaiting(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		followed := w.invited("Ole")
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		waiting := w.submit("Mira")
		w.pass(time.Second)
		_, err := w.engine.Connect(w.Context(), ats.Activation{Tenant: w.account.Tenant(), OrganizationKey: w.sparkKey(w.admin)})
		require.NoError(w, err)
		w.spark.EndOutage()
		w.pass(10 * time.Second)
		got := w.requireState(waiting.ID, ats.StateFailed)
		require.Equal(w, ats.CodeUserNotLinked, got.Reason.Code)
		require.Zero(w, w.invitations(waiting))

		// What was sent is followed with the organization's key.
		require.NoError(w, complete(w.spark, followed.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		w.requireState(followed.ID, ats.StateCompleted)

		_, err = w.engine.Submit(w.Context(), w.request("Ana"))
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok)
		require.Equal(w, ats.CodeUserNotLinked, refusal.Code)
	})
}

func TestADisconnectedTenantIsRefusedAndItsKeysAreGone(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()))
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()), "a second time changes nothing")
		require.NoError(w, w.engine.Disconnect(w.Context(), ats.TenantRef{Adapter: "memory", Tenant: "nobody"}))
		_, err := w.engine.Submit(w.Context(), w.request("Mira"))
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok)
		require.Equal(w, ats.CodeConnectionDisconnected, refusal.Code)
		c, err := w.ledger.GetConnectionByTenant(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		require.Empty(w, c.OrganizationKey)
		require.Empty(w, c.Users[0].Key)

		w.connect()
		_, err = w.engine.Submit(w.Context(), w.request("Mira"))
		require.NoError(w, err)
	})
}

func TestADisconnectedTenantsOpenInterviewsAreNoLongerUpdated(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		open, done := w.invited("Mira"), w.invited("Ole")
		require.NoError(w, complete(w.spark, done.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()))
		w.pass(10 * time.Second)
		got := w.requireState(open.ID, ats.StateSent)
		require.Equal(w, ats.Code("no_longer_updated"), got.Notice.Code)
		require.Equal(w, got.Revision, got.ReportedRevision, "the ATS was told")
		require.Nil(w, w.requireState(done.ID, ats.StateCompleted).Notice, "nothing was to be seen any more")

		w.connect()
		w.pass(10 * time.Second)
		require.Nil(w, w.requireState(open.ID, ats.StateSent).Notice)
	})
}

// A host's token may stand in the settings of the connection. What was accepted before
// the end is still reported with it.
func TestWhatReportsNeedOutlivesAConnectionUntilTheyAreDelivered(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		left := func() []string {
			names, err := w.ledger.SecretNames(w.Context(), w.connectionID())
			require.NoError(w, err)
			return names
		}
		keep := func() {
			id := w.connectionID()
			require.NoError(w, w.ledger.InTx(w.Context(), func(ctx context.Context, tx store.Tx) error {
				return errors.Join(tx.SaveSecret(ctx, id, "host_token", []byte("sealed")), tx.SaveSecret(ctx, id, "client_secret", []byte("sealed")))
			}))
		}
		keep()
		i := w.invited("Mira")
		w.ats.FailNext(1000, ats.ErrUnavailable)
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()))
		w.pass(3 * time.Hour)
		require.Equal(w, []string{"host_token"}, left())
		w.ats.FailNext(0, nil)
		w.pass(2 * time.Hour)
		require.Equal(w, ats.StateCompleted, w.card(i.ID), "pending reports are still delivered")
		require.Empty(w, left())

		w.connect()
		keep()
		w.pass(time.Minute)
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()))
		w.connect()
		require.NotContains(w, left(), "host_token", "the next connection has its own")
	})
}

func TestAnUnknownTenantIsRefused(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		r := w.request("Mira")
		r.Tenant.Tenant = "nobody"
		_, err := w.engine.Submit(w.Context(), r)
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok)
		require.Equal(w, ats.CodeNotConnected, refusal.Code)
		r.Tenant.Adapter = "nothing"
		_, err = w.engine.Submit(w.Context(), r)
		require.ErrorIs(w, err, ats.ErrUnsupported)
	})
}

// TestErasureLeavesNoBytes looks for the candidate in the database's own files.
func TestErasureLeavesNoBytes(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		i := w.invited("Mirabellina")
		w.submit("Ole")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		ref := ats.CandidateRef{Tenant: w.account.Tenant(), ID: i.Candidate.ID}
		for range 2 {
			require.NoError(w, w.engine.Erase(w.Context(), ref))
		}
		require.NoError(w, w.engine.Erase(w.Context(), ats.CandidateRef{Tenant: w.account.Tenant(), ID: "nobody"}))
		w.pass(time.Minute)
		got := w.interview(i.ID)
		require.Equal(w, ats.StateCompleted, got.State)
		require.Equal(w, ats.Candidate{ID: i.Candidate.ID}, got.Candidate)
		require.Empty(w, got.SparkHire.ShareURL)
		require.Empty(w, got.SparkHire.WatchURL)
		w.stop()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			file, err := os.ReadFile(w.path + suffix)
			if os.IsNotExist(err) {
				continue
			}
			require.NoError(w, err)
			require.False(w, bytes.Contains(bytes.ToLower(file), []byte("mirabellina")), "in ledger.db%s", suffix)
		}
	})
}

func TestPersonalDataIsErasedAfterItsRetention(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		i, open := w.invited("Mira"), w.invited("Ole")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(9 * time.Minute)
		require.Equal(w, "Mira", w.requireState(i.ID, ats.StateCompleted).Candidate.FirstName)
		w.pass(3 * time.Minute)
		require.Equal(w, ats.Candidate{ID: i.Candidate.ID}, w.requireState(i.ID, ats.StateCompleted).Candidate)
		require.Equal(w, "Ole", w.interview(open.ID).Candidate.FirstName, "that one has not ended")
	}, func(c *bridge.Config) { c.Retention = 10 * time.Minute })
}

func TestErasingAnOpenInterviewEndsIt(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		i := w.submit("Mira")
		w.pass(time.Second)
		require.NoError(w, w.engine.Erase(w.Context(), ats.CandidateRef{Tenant: w.account.Tenant(), ID: i.Candidate.ID}))
		w.spark.EndOutage()
		w.pass(2 * time.Minute)
		w.requireState(i.ID, ats.StateCanceled)
		require.Zero(w, w.invitations(i))
	})
}

func TestNothingPersonalAndNoKeyIsLogged(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.loseAnswer()
		i := w.submit("Mirabellina")
		w.spark.Inject(sparkhiretest.Fault{Method: "GET", Do: sparkhiretest.Respond(500, nil, `{"reason":"no mirabellina.falk@mail.example today"}`)})
		w.pass(5 * time.Minute)
		got := w.requireState(i.ID, ats.StateSent)
		require.NoError(w, complete(w.spark, got.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		done := w.interview(i.ID)
		log := w.log.String()
		require.NotEmpty(w, log)
		for _, secret := range []string{"Mirabellina", "mirabellina", "Falk", w.asha.Key, w.admin.Key, w.client.ClientID, w.client.ClientSecret, w.asha.Email, hookSecret, done.SparkHire.ShareURL} {
			require.False(w, secret != "" && strings.Contains(log, secret), secret)
		}
	})
}

func TestAnotherKeyRingIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.stop()
		own := w.keys
		w.keys = keyring.Generate()
		w.open()
		require.ErrorContains(w, w.engine.Run(w.Context()), "use the key file that belongs to it")
		require.NoError(w, w.ledger.Close())
		w.keys = own
		w.open()
		w.start()
	})
}

// The same key may belong to another connection as well. That one's requests go out, and
// those of the connection that has ended do not.
func TestADisconnectedTenantsRequestsDoNotGoOutWithAnothersKey(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		_, err := w.engine.Connect(w.Context(), ats.Activation{
			Tenant: ats.TenantRef{Adapter: w.account.Tenant().Adapter, Tenant: "other"}, TimeZone: "Europe/Stockholm",
			Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: w.sparkKey(w.asha)}},
		})
		require.NoError(w, err)
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		i := w.submit("Mira")
		w.pass(time.Second)
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()))
		w.spark.EndOutage()
		w.pass(time.Minute)
		got := w.requireState(i.ID, ats.StateFailed)
		require.Equal(w, ats.CodeUserNotLinked, got.Reason.Code)
		require.Zero(w, w.invitations(i))
	})
}

// Another process has not noticed yet that the key was replaced when it accepts a
// request: it goes out with the new one.
func TestARequestThatWasAcceptedForAReplacedKeyGoesOutWithTheNewOne(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		other, err := bridge.New(bridge.Config{Store: w.ledger, Keys: w.keys, Adapters: []ats.Adapter{w.ats}})
		require.NoError(w, err)
		_, err = other.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		w.asha = w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha2@care.example"})
		w.connect()
		w.pass(time.Second)
		i, err := other.Submit(w.Context(), w.request("Mira"))
		require.NoError(w, err)
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateSent)
		made := w.spark.InterviewsFor(i.Candidate.Email)
		require.Len(w, made, 1)
		require.Equal(w, w.asha.ID, made[0].CreatedBy)
	})
}
