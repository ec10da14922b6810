package bridge_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// move brings the world's connection to API v2.
func (w *world) move() error {
	c, err := w.engine.Connection(w.Context(), w.account.Tenant())
	require.NoError(w, err)
	_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{ID: "admin"}, bridge.Access{
		Version: "v2", ClientID: w.client.ClientID, ClientSecret: ats.Secret(w.client.ClientSecret),
		WebhookSecrets: &[]ats.Secret{hookSecret},
	}, nil)
	if err == nil {
		w.api = onV2
		w.spark.AddMeetWebhook(w.engine.WebhookURL(c.ID), hookSecret)
	}
	return err
}

// of returns the requests to one of the APIs.
func (w *world) of(version string) []sparkhiretest.Request {
	var some []sparkhiretest.Request
	for _, r := range w.spark.Requests() {
		if strings.HasPrefix(r.Path, "/"+version+".0/") {
			some = append(some, r)
		}
	}
	return some
}

func (w *world) keptKeys() bool {
	w.Helper()
	c, err := w.engine.Connection(w.Context(), w.account.Tenant())
	require.NoError(w, err)
	_, err = w.ledger.GetSecret(w.Context(), c.ID, "spark_hire_v1_keys")
	if err != nil {
		require.ErrorIs(w, err, ats.ErrNotFound)
	}
	return err == nil
}

// TestAConnectionMovesToV2AndLosesNothing moves one with interviews in every state:
// what v1 was asked for ends there, and new ones go through v2.
func TestAConnectionMovesToV2AndLosesNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		asha := ats.User{ID: "asha-lind", Name: "Asha Lind"}
		completed := w.invited("Mira")
		require.NoError(w, complete(w.spark, completed.SparkHire.InterviewID))
		pending := w.invited("Ole")
		canceled := w.invited("Cleo")

		w.loseAnswer()
		doubtful := w.submit("Dag")
		w.pass(time.Second)
		_, err := w.spark.InviteOnSite(sparkhiretest.Invitation{JobID: w.nurse.ID, QuestionSetID: w.set.ID, Candidate: sparkhiretest.Candidate{FirstName: "Dag", LastName: "Falk", Email: doubtful.Candidate.Email}, ScheduledAt: time.Now().Add(7 * 24 * time.Hour)})
		require.NoError(w, err)
		w.pass(2 * time.Minute)
		w.requireState(doubtful.ID, ats.StateUnconfirmed)

		w.loseAnswer()
		lost := w.submit("Bo")
		w.pass(time.Second)
		w.requireState(lost.ID, ats.StateSending)
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		waiting := w.submit("Ana")
		w.pass(time.Second)
		w.requireState(waiting.ID, ats.StateRequested)
		w.spark.EndOutage()

		refusal, ok := ats.AsRefusal(w.move())
		require.True(w, ok)
		require.Equal(w, ats.Code("email_required"), refusal.Code, "v2 knows users by their address")
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		asha.Email = "nobody@care.example"
		_, err = w.engine.SaveUser(w.Context(), c.ID, asha, nil, ats.User{})
		require.NoError(w, err)
		refusal, ok = ats.AsRefusal(w.move())
		require.True(w, ok)
		require.Equal(w, ats.CodeInvalidKey, refusal.Code, "and Spark Hire must know it")
		asha.Email = w.asha.Email
		_, err = w.engine.SaveUser(w.Context(), c.ID, asha, nil, ats.User{})
		require.NoError(w, err)
		require.NoError(w, w.move())
		require.True(w, w.keptKeys())

		w.restart()
		w.spark.ForgetRequests()
		fresh := w.submit("Eva")
		w.pass(2 * time.Minute)
		w.requireState(fresh.ID, ats.StateSent)
		require.Len(w, w.spark.RequestsTo(http.MethodPost, "/v2.0/partners/candidate_assessment_items"), 1)
		w.requireState(lost.ID, ats.StateSent)
		w.requireState(waiting.ID, ats.StateSent)
		require.Len(w, w.spark.RequestsTo(http.MethodPost, "/v1.0/interviews"), 1, "what waited was accepted for v1")
		for _, i := range []ats.Interview{pending, lost, waiting, fresh} {
			require.Equal(w, 1, w.invitations(i))
		}

		_, err = w.engine.Cancel(w.Context(), canceled.ID, asha)
		require.NoError(w, err, "v1 can cancel what it made")
		_, err = w.engine.Resolve(w.Context(), doubtful.ID, resolution(w.spark.InterviewsFor(doubtful.Candidate.Email)[0].ID))
		require.NoError(w, err)

		// The user gets another address, which concerns v2 alone.
		second := w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha2@care.example"})
		asha.Email = second.Email
		_, err = w.engine.SaveUser(w.Context(), c.ID, asha, nil, ats.User{})
		require.NoError(w, err)

		for _, i := range []ats.Interview{pending, lost, waiting, doubtful} {
			require.True(w, w.keptKeys())
			id := w.interview(i.ID).SparkHire.InterviewID
			require.NoError(w, complete(w.spark, id))
			w.pass(time.Minute)
			require.NotEmpty(w, w.requireState(i.ID, ats.StateCompleted).SparkHire.ShareURL, "v1 has share links")
		}
		w.requireState(canceled.ID, ats.StateCanceled)
		w.requireState(completed.ID, ats.StateCompleted)

		w.pass(30 * time.Minute)
		require.False(w, w.keptKeys(), "nothing runs on v1 any more")
		w.spark.ForgetRequests()
		require.NoError(w, complete(w.spark, w.interview(fresh.ID).SparkHire.InterviewID))
		w.pass(30 * time.Minute)
		w.requireState(fresh.ID, ats.StateCompleted)
		require.Empty(w, w.of("v1"))
		require.NotContains(w, w.log.String(), w.client.ClientSecret)
	})
}

func TestAConnectionThatHasMovedStays(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{}, bridge.Access{Version: "v1"}, nil)
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok)
		require.Equal(w, "spark_hire.version", refusal.Field)

		// An activation that still carries keys of v1 changes nothing about that.
		_, err = w.engine.Connect(w.Context(), ats.Activation{
			Tenant: w.account.Tenant(), OrganizationKey: ats.Secret(w.admin.Key),
			Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: ats.Secret(w.asha.Key)}, {ID: "bo-ek", Name: "Bo Ek", Key: "new"}},
		})
		require.NoError(w, err)
		seen, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		require.True(w, seen.Users[0].Linked)
		require.False(w, seen.Users[1].Linked, "nobody knows the address")
		w.spark.ForgetRequests()
		w.invited("Mira")
		require.Empty(w, w.of("v1"))

		_, err = w.engine.Connect(w.Context(), ats.Activation{
			Tenant: w.account.Tenant(), OrganizationKey: ats.Secret(w.admin.Key), Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: w.sparkKey(w.asha)}},
		})
		refusal, ok = ats.AsRefusal(err)
		require.True(w, ok, "%v", err)
		require.Equal(w, ats.CodeInvalidKey, refusal.Code, "keys of both versions")
	}, onV2)
}

func TestAnActivationMovesAConnectionToo(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		w.api = onV2
		w.connect()
		w.setWebhook()
		w.invited("Ole")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(time.Second)
		require.NotEmpty(w, w.requireState(i.ID, ats.StateCompleted).SparkHire.ShareURL)
	})
}

func TestARemovedUserTakesTheKeptKeyAlong(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.invited("Mira") // keeps v1 in use
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		waiting := w.submit("Ole")
		w.pass(time.Second)
		w.spark.EndOutage()
		w.spark.StartOutage(sparkhiretest.Respond(503, nil, `{}`))
		w.api = onV2
		w.connect()
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		require.NoError(w, w.engine.RemoveUser(w.Context(), c.ID, "asha-lind", ats.User{}))
		w.pass(time.Minute)
		got := w.interview(waiting.ID)
		require.Contains(w, []ats.State{ats.StateFailed, ats.StateUnconfirmed}, got.State)
		require.Zero(w, w.invitations(waiting))
	})
}

func TestAReportSaysWhatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		r := w.request("Mira")
		r.RequestedFor, r.RequestedBy = "", ats.User{ID: "asha-lind"}
		onFirst, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(2 * time.Second)
		w.api = onV2
		w.connect()
		w.setWebhook()
		r.Key = "second"
		onSecond, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(2 * time.Second)
		require.NoError(w, w.spark.Accept(w.requireState(onFirst.ID, ats.StateSent).SparkHire.InterviewID))
		w.pass(2 * time.Second)

		irrevocable := map[string]bool{}
		for _, report := range w.ats.Reports() {
			for _, i := range append(report.Others, report.Interview) {
				if i.State == ats.StateSent || i.State == ats.StateAccepted {
					irrevocable[i.ID] = i.SparkHire.Irrevocable
					require.Equal(w, i.ID == onSecond.ID, i.SparkHire.Irrevocable)
				}
			}
		}
		require.Equal(w, map[string]bool{onFirst.ID: false, onSecond.ID: true}, irrevocable)
	}, agency())
}
