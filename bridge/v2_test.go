package bridge_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// hold keeps every webhook back until they are released.
func (w *world) hold() {
	w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
}

func TestOnV2AnAnnouncementEndsTheDoubt(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		told  time.Duration // when Spark Hire tells of it
		doubt ats.State     // just before
	}{
		"before the attempt is settled": {10 * time.Second, ats.StateSending},
		"within the window":             {5 * time.Minute, ats.StateSending},
		"after a person was asked":      {15 * time.Minute, ats.StateUnconfirmed},
		"long after a person was asked": {3 * time.Hour, ats.StateUnconfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world) {
				w.hold()
				w.loseAnswer()
				i := w.submit("Mira")
				w.pass(tc.told)
				w.requireState(i.ID, tc.doubt)
				w.spark.ReleaseDeliveries()
				w.pass(time.Minute)
				got := w.requireState(i.ID, ats.StateSent)
				require.Equal(w, w.spark.InterviewsFor(i.Candidate.Email)[0].ID, got.SparkHire.InterviewID)
				require.Nil(w, got.Reason)
				require.Equal(w, 1, w.invitations(i))
				require.Equal(w, ats.StateSent, w.card(i.ID))
			}, onV2)
		})
	}
}

func TestOnV2APersonIsAskedWhenTheWindowEnds(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.silence()
		w.loseAnswer()
		i := w.submit("Mira")
		w.pass(3*time.Minute - time.Second)
		w.requireState(i.ID, ats.StateSending)
		w.pass(2 * time.Second)
		got := w.requireState(i.ID, ats.StateUnconfirmed)
		require.Equal(w, ats.Code("not_confirmed"), got.Reason.Code)
		require.Equal(w, ats.StateUnconfirmed, w.card(i.ID))
		require.Len(w, w.spark.RequestsTo(http.MethodPost, w.creating()), 1, "nothing is sent again blindly")

		_, err := w.engine.Resolve(w.Context(), i.ID, resolution(""))
		require.NoError(w, err)
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateSent)
		require.Equal(w, 2, w.invitations(i), "as the person wished")
	}, onV2, func(c *bridge.Config) { c.SparkHire.ConfirmWindow = 3 * time.Minute })
}

func TestOnV2OnlyTheInvitationItselfIsAdopted(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		other := w.spark.AddJob(sparkhiretest.Job{Title: "Night nurse", Address: "Lund, Sweden"})
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Do: sparkhiretest.LoseConnection()})
		i := w.submit("Mira")
		w.pass(time.Second)
		candidate := sparkhiretest.Candidate{FirstName: "Mira", LastName: "Falk", Email: i.Candidate.Email}
		for _, in := range []sparkhiretest.Invitation{
			{JobID: other.ID, QuestionSetID: w.set.ID, Candidate: candidate, ScheduledAt: i.Schedule.At},
			{JobID: w.nurse.ID, QuestionSetID: w.set.ID, Candidate: candidate, ScheduledAt: i.Schedule.At.Add(time.Hour)},
		} {
			_, err := w.spark.InviteOnSite(in)
			require.NoError(w, err)
		}
		w.pass(11 * time.Minute)
		w.requireState(i.ID, ats.StateUnconfirmed)

		// A second pair of lost answers, and a recruiter who helped out on the website.
		w.loseAnswer()
		_, err := w.engine.Resolve(w.Context(), i.ID, resolution(""))
		require.NoError(w, err)
		w.pass(time.Second)
		_, err = w.spark.InviteOnSite(sparkhiretest.Invitation{JobID: w.nurse.ID, QuestionSetID: w.set.ID, Candidate: candidate, ScheduledAt: i.Schedule.At})
		require.NoError(w, err)
		w.pass(time.Minute)
		got := w.requireState(i.ID, ats.StateUnconfirmed)
		require.Equal(w, ats.Code("several_match"), got.Reason.Code)
	}, onV2)
}

func TestOnV2WhatIsNotKnownToWorkIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		refused := func(err error, code ats.Code, words string) {
			w.Helper()
			refusal, ok := ats.AsRefusal(err)
			require.True(w, ok, "%v", err)
			require.Equal(w, code, refusal.Code)
			require.Contains(w, refusal.Message, words)
		}
		live := w.request("Lars")
		live.Type, live.QuestionSetID = ats.Live, ""
		at, err := ats.InDays(time.Now(), 3, true, ats.EndOfDay, "Europe/Stockholm")
		require.NoError(w, err)
		live.Schedule = at
		_, err = w.engine.Submit(w.Context(), live)
		refused(err, ats.CodeUnsupportedType, "live interviews")
		bare := w.request("Nils")
		bare.QuestionSetID = ""
		_, err = w.engine.Submit(w.Context(), bare)
		refused(err, ats.CodeQuestionSetRequired, "question set")

		i := w.invited("Mira")
		asha := ats.User{ID: "asha-lind"}
		w.account.AddUser(asha)
		w.account.AddUser(ats.User{ID: "somebody"})
		actions := func(u ats.User) []string {
			row, err := w.engine.StoredInterview(w.Context(), i.ID)
			require.NoError(w, err)
			c, err := w.engine.Connection(w.Context(), w.account.Tenant())
			require.NoError(w, err)
			return w.engine.Actions(c, row, u, true)
		}
		require.Empty(w, actions(asha))
		_, err = w.engine.Cancel(w.Context(), i.ID, asha)
		refused(err, ats.CodeNotCancelable, "Cancel the interview in Spark Hire")

		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(time.Second)
		require.Equal(w, []string{"view"}, actions(asha))
		url, kind, err := w.engine.Recording(w.Context(), i.ID, asha)
		require.NoError(w, err)
		require.Equal(w, bridge.RecordingWatch, kind)
		require.Contains(w, url, i.SparkHire.InterviewID)
		require.Empty(w, actions(ats.User{ID: "somebody"}))
		_, _, err = w.engine.Recording(w.Context(), i.ID, ats.User{ID: "somebody"})
		refused(err, "not_supported", "share a recording")

		// What Spark Hire has not been asked for is still ours.
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		waiting := w.submit("Ole")
		w.pass(time.Second)
		got, err := w.engine.Cancel(w.Context(), waiting.ID, asha)
		require.NoError(w, err)
		require.Equal(w, ats.StateCanceled, got.State)
		w.spark.EndOutage()
		w.pass(time.Minute)
		require.Zero(w, w.invitations(waiting))
	}, onV2)
}

func TestOnV2RatingAndSummaryComeBackAsResults(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		set := w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Two", Questions: []sparkhiretest.Question{{Text: "Why us?"}, {Text: "When?"}}})
		r := w.request("Mira")
		r.QuestionSetID = set.ID
		i, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(time.Second)
		id := w.requireState(i.ID, ats.StateSent).SparkHire.InterviewID
		require.NoError(w, complete(w.spark, id))
		w.pass(time.Second)
		got := w.requireState(i.ID, ats.StateCompleted)
		require.Nil(w, got.SparkHire.Score, "never a made-up one")
		require.Equal(w, "Why us?: Answer 1.\nWhen?: Answer 2.", got.SparkHire.Summary)
		require.NotContains(w, w.kinds(i.ID), ats.EventRated)

		require.NoError(w, w.spark.Rate(id, 4.2))
		w.pass(time.Second)
		got = w.interview(i.ID)
		require.InDelta(w, 84, *got.SparkHire.Score, 0.001)
		require.Contains(w, w.kinds(i.ID), ats.EventRated)

		require.NoError(w, w.spark.Rate(id, 85))
		w.pass(time.Second)
		require.Nil(w, w.interview(i.ID).SparkHire.Score, "more than the best there is cannot be read")

		require.NoError(w, w.engine.Erase(w.Context(), ats.CandidateRef{Tenant: w.account.Tenant(), ID: i.Candidate.ID}))
		require.Empty(w, w.interview(i.ID).SparkHire.Summary)
	}, onV2)
}

func TestOnV2ATokenIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		for _, name := range []string{"Mira", "Ole", "Ana", "Bo"} {
			w.submit(name)
		}
		w.pass(10 * time.Second)
		require.Equal(w, 1, w.spark.TokensIssued())
		require.Positive(w, w.spark.RevokeTokens())
		i := w.submit("Cleo")
		w.pass(10 * time.Second)
		w.requireState(i.ID, ats.StateSent)
		require.Equal(w, 1, w.invitations(i))
		require.Equal(w, 2, w.spark.TokensIssued())

		require.NoError(w, w.spark.RevokeCredentials(w.client.ClientID))
		refused := w.submit("Dag")
		w.pass(10 * time.Second)
		got := w.requireState(refused.ID, ats.StateFailed)
		require.Equal(w, ats.CodeInvalidKey, got.Reason.Code)
		require.Contains(w, got.Reason.Message, "client id and secret")
	}, onV2)
}

func TestOnV2AllRequestersShareOneBudget(t *testing.T) {
	t.Parallel()
	const perMinute = 20
	inWorld(t, func(w *world) {
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		for n := range 3 {
			u := w.spark.AddUser(sparkhiretest.User{Name: "R", Email: fmt.Sprintf("r%d@care.example", n)})
			_, err := w.engine.SaveUser(w.Context(), c.ID, ats.User{ID: u.ID, Name: "R", Email: u.Email}, nil, ats.User{})
			require.NoError(w, err)
			for k := range 10 {
				r := w.request(fmt.Sprintf("C%d%d", n, k))
				r.RequestedFor = u.ID
				_, err := w.engine.Submit(w.Context(), r)
				require.NoError(w, err)
			}
		}
		w.pass(5 * time.Minute)
		require.Zero(w, w.spark.RateLimited())
		require.Len(w, w.spark.Invitations(), 30)
		for email, n := range w.spark.Invitations() {
			require.Equal(w, 1, n, email)
		}
	}, onV2, sparkhiretest.WithRateLimit(perMinute, time.Minute), memory.Options{Policy: anyNumber()}, func(c *bridge.Config) {
		c.SparkHire.RequestsPerMinute = perMinute
		c.SparkHire.SweepInterval = time.Hour
	})
}

func TestOnV2WhatAnotherUserDoesNotSeeIsNotGone(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		require.NoError(w, w.spark.RestrictJob(w.nurse.ID, w.asha.ID))
		bo := w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
		_, err := w.engine.Connect(w.Context(), ats.Activation{Tenant: w.account.Tenant(), Users: []ats.LinkedUser{{ID: "bo-ek", Name: "Bo Ek", Key: w.sparkKey(bo)}}})
		require.NoError(w, err)
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateSent)
		require.NoError(w, w.spark.ShareJob(w.nurse.ID))
		w.pass(time.Hour + time.Minute)
		w.requireState(i.ID, ats.StateAccepted)
	}, onV2)
}

// TestAnyScheduleOfFaultsInvitesOnce plays random faults of inviting, webhooks and
// the program: nobody is invited twice, and nothing is said that is not so.
func TestAnyScheduleOfFaultsInvitesOnce(t *testing.T) {
	t.Parallel()
	for _, each := range costly(onV2) {
		t.Run("API "+string(each), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				faults := rapid.SliceOfN(rapid.SampledFrom([]string{"", "lost before", "lost after", "503 before", "500 after", "429", "refused", "spoiled", "held"}), 1, 4).Draw(rt, "faults")
				rule := sparkhiretest.DeliveryRule{
					Times: sparkhiretest.Forever, Drop: rapid.Bool().Draw(rt, "drop"),
					Copies: rapid.IntRange(0, 2).Draw(rt, "copies"), Hold: rapid.Bool().Draw(rt, "hold"),
				}
				restarts := rapid.SliceOfN(rapid.IntRange(0, 400), 0, 2).Draw(rt, "restarts after")
				seed := rapid.Uint64().Draw(rt, "seed")
				inWorld(t, func(w *world) {
					w.spark.DisturbDeliveries(rule)
					var all []ats.Interview
					for n, f := range faults {
						w.disturbInviting(f)
						all = append(all, w.submit(fmt.Sprintf("Mira%d", n)))
						w.pass(time.Second)
					}
					for _, seconds := range restarts {
						w.pass(time.Duration(seconds) * time.Second)
						w.restart()
					}
					w.pass(13 * time.Minute)
					w.spark.ShuffleDeliveries(seed)
					w.spark.ReleaseDeliveries()
					w.pass(2 * time.Minute)
					for _, i := range all {
						w.checkInvitedOnce(i, rule.Drop)
					}
				}, each)
			})
		})
	}
}

// disturbInviting makes the next invitation fail in a way.
func (w *world) disturbInviting(how string) {
	w.spark.ClearFaults()
	f := sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Times: 1, When: sparkhiretest.BeforeEffect}
	switch how {
	case "":
		return
	case "lost before":
		f.Do = sparkhiretest.LoseConnection()
	case "lost after":
		f.Do, f.When = sparkhiretest.LoseConnection(), sparkhiretest.AfterEffect
	case "503 before":
		f.Do = sparkhiretest.Respond(503, nil, `{}`)
	case "500 after":
		f.Do, f.When = sparkhiretest.Respond(500, nil, `{}`), sparkhiretest.AfterEffect
	case "429":
		f.Do = sparkhiretest.TooManyRequests(5)
	case "refused":
		f.Do = sparkhiretest.RefuseConnection()
	case "spoiled":
		f.Do, f.When = sparkhiretest.MalformedJSON(), sparkhiretest.AfterEffect
	case "held":
		f.Do, f.When = sparkhiretest.Hold(), sparkhiretest.AfterEffect
	}
	w.spark.Inject(f)
}

func (w *world) checkInvitedOnce(i ats.Interview, webhooksLost bool) {
	w.Helper()
	got, mails := w.interview(i.ID), w.invitations(i)
	require.Equal(w, got.State, w.card(i.ID))
	switch {
	case got.State == ats.StateSent:
		require.Equal(w, 1, mails)
		require.Equal(w, w.spark.InterviewsFor(i.Candidate.Email)[0].ID, got.SparkHire.InterviewID)
	case got.State == ats.StateUnconfirmed && w.api == onV2:
		require.LessOrEqual(w, mails, 1)
		require.True(w, mails == 0 || webhooksLost, "Spark Hire has told of it")
	default:
		require.Failf(w, "neither sent nor in doubt", "%s: %+v; log:\n%s", got.State, got.Reason, w.log)
	}
}

func TestOnV2AnotherSecretTakesOver(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		i := w.invited("Mira")
		next := w.spark.AddCredentials(sparkhiretest.Credentials{})
		require.NoError(w, w.spark.RevokeCredentials(w.client.ClientID))
		none := func(*store.Connection) error { return nil }
		_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{}, bridge.Access{ClientID: next.ClientID, ClientSecret: "wrong"}, none)
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok, "%v", err)
		require.Equal(w, "spark_hire.client_secret", refusal.Field)
		_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{}, bridge.Access{ClientID: next.ClientID, ClientSecret: ats.Secret(next.ClientSecret)}, none)
		require.NoError(w, err)
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateCompleted)
		w.invited("Ole")
	}, onV2)
}
