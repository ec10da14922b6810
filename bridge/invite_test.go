package bridge_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestARequestBecomesOneInvitationAndItsResultReachesTheATS(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		i := w.submit("Mira")
		require.Equal(w, ats.StateRequested, i.State)
		w.pass(time.Second)
		sent := w.requireState(i.ID, ats.StateSent)
		require.Equal(w, 1, w.invitations(i))
		require.Equal(w, ats.StateSent, w.card(i.ID))

		require.NoError(w, w.spark.Accept(sent.SparkHire.InterviewID))
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateAccepted)

		require.NoError(w, w.spark.Complete(sent.SparkHire.InterviewID))
		w.pass(time.Second)
		done := w.requireState(i.ID, ats.StateCompleted)
		require.False(w, done.CompletedAt.IsZero())
		require.Contains(w, done.SparkHire.WatchURL, sent.SparkHire.InterviewID)
		require.Equal(w, w.api == onV1, done.SparkHire.ShareURL != "", "v2 has none")
		require.Equal(w, ats.StateCompleted, w.card(i.ID))
		require.Equal(w, done.Revision, done.ReportedRevision)
		require.Equal(w, []ats.EventKind{ats.EventRequested, ats.EventSending, ats.EventSent, ats.EventAccepted, ats.EventCompleted}, w.kinds(i.ID))

		sentBody := w.spark.InterviewsFor(i.Candidate.Email)
		require.Len(w, sentBody, 1)
		require.Equal(w, w.asha.ID, sentBody[0].CreatedBy, "the recruiter's own key invites")
	})
}

func TestTheSameKeyIsTheSameInterview(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		r := w.request("Mira")
		first, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		for range 3 {
			again, err := w.engine.Submit(w.Context(), r)
			require.NoError(w, err)
			require.Equal(w, first.ID, again.ID)
			require.True(w, again.Repeated)
			w.pass(time.Second)
		}
		require.Equal(w, 1, w.invitations(first))

		// Also when the request would be refused by now.
		w.pass(time.Minute)
		r.Candidate.Email = ""
		again, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		require.Equal(w, first.ID, again.ID)
	})
}

func TestASecondRequestWhileTheFirstIsOpenIsRefused(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		r := w.request("Mira")
		_, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		r.Key = "another event"
		_, err = w.engine.Submit(w.Context(), r)
		refusal, ok := ats.AsRefusal(err)
		require.True(w, ok, "%v", err)
		require.Equal(w, ats.CodeRequestPending, refusal.Code)
		w.pass(time.Second)
		require.Len(w, w.spark.InvitationsTo(r.Candidate.Email), 1)
	})
}

func TestWhatSparkHireAnswersDecidesWhatHappens(t *testing.T) {
	t.Parallel()
	const before, after = sparkhiretest.BeforeEffect, sparkhiretest.AfterEffect
	for name, tc := range map[string]struct {
		do    sparkhiretest.Action
		when  sparkhiretest.Phase
		state ats.State // after twelve minutes
		onV2  ats.State // likewise, if it is another one there
		mails int
	}{
		"a refusal fails with the reason":                      {sparkhiretest.Respond(422, nil, `{"message":"The job is not active."}`), before, ats.StateFailed, "", 0},
		"a lost answer is found and adopted":                   {sparkhiretest.LoseConnection(), after, ats.StateSent, "", 1},
		"a lost request is tried again":                        {sparkhiretest.LoseConnection(), before, ats.StateSent, ats.StateUnconfirmed, 1},
		"an error after the effect is adopted":                 {sparkhiretest.Respond(500, nil, `{}`), after, ats.StateSent, "", 1},
		"an error before the effect is tried again":            {sparkhiretest.Respond(503, nil, `{}`), before, ats.StateSent, ats.StateUnconfirmed, 1},
		"an unreadable answer after the effect is adopted":     {sparkhiretest.MalformedJSON(), after, ats.StateSent, "", 1},
		"a truncated answer after the effect is adopted":       {sparkhiretest.TruncateBody(10), after, ats.StateSent, "", 1},
		"an empty answer after the effect is adopted":          {sparkhiretest.Respond(201, nil, `[]`), after, ats.StateSent, "", 1},
		"a refused connection is tried again":                  {sparkhiretest.RefuseConnection(), before, ats.StateSent, "", 1},
		"too many requests come back after the stated wait":    {sparkhiretest.TooManyRequests(17), before, ats.StateSent, "", 1},
		"an answer that never comes is looked for and adopted": {sparkhiretest.Hold(), after, ats.StateSent, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachWorld(t, func(w *world) {
				state, mails := tc.state, tc.mails
				if w.api == onV2 && tc.onV2 != "" { // nothing proves that it was not made
					state, mails = tc.onV2, 0
				}
				w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Times: 1, Do: tc.do, When: tc.when})
				i := w.submit("Mira")
				w.pass(12 * time.Minute)
				got := w.requireState(i.ID, state)
				require.Equal(w, mails, w.invitations(i))
				require.Equal(w, state, w.card(i.ID))
				if state == ats.StateFailed {
					require.Contains(w, got.Reason.Message, "The job is not active.")
				}
			})
		})
	}
}

func TestACandidateWhoIsFasterThanTheSearchIsNotMissed(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.loseAnswer()
		i := w.submit("Mira")
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateSending)
		require.NoError(w, w.spark.Accept(w.spark.InterviewsFor(i.Candidate.Email)[0].ID))
		w.pass(2 * time.Minute)
		w.requireState(i.ID, ats.StateAccepted)
		require.Equal(w, ats.StateAccepted, w.card(i.ID))
		require.Equal(w, 1, w.invitations(i))
	})
}

func TestALostAnswerThatCannotBeClearedUpIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/v1.0/interviews", Times: 1, Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
		i := w.submit("Mira")
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateSending)
		// Somebody invites the same person to the same job on the website meanwhile.
		_, err := w.spark.InviteOnSite(sparkhiretest.Invitation{JobID: w.nurse.ID, QuestionSetID: w.set.ID, Candidate: sparkhiretest.Candidate{FirstName: "Mira", LastName: "Falk", Email: i.Candidate.Email}, ScheduledAt: time.Now().Add(7 * 24 * time.Hour)})
		require.NoError(w, err)
		w.pass(2 * time.Minute)
		got := w.requireState(i.ID, ats.StateUnconfirmed)
		require.Equal(w, ats.Code("several_match"), got.Reason.Code)
		require.Equal(w, ats.StateUnconfirmed, w.card(i.ID))

		made := w.spark.InterviewsFor(i.Candidate.Email)
		require.Len(w, made, 2)
		resolved, err := w.engine.Resolve(w.Context(), i.ID, resolution(made[0].ID))
		require.NoError(w, err)
		require.Equal(w, ats.StateSent, resolved.State)
		require.NoError(w, w.spark.Accept(made[0].ID))
		require.NoError(w, w.spark.Complete(made[0].ID))
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateCompleted)
	})
}

func TestTooManyRequestsWithoutAWaitComeBackSoon(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Times: 2, Do: sparkhiretest.Respond(429, nil, `{}`)})
		i := w.submit("Mira")
		w.pass(10 * time.Second)
		w.requireState(i.ID, ats.StateRequested)
		w.pass(25 * time.Second)
		w.requireState(i.ID, ats.StateSent)
		require.Equal(w, 1, w.invitations(i))
	})
}

// Spark Hire's list may say less than hoped. What it leaves out must not make
// anybody believe that the candidate was not invited.
func TestALostAnswerAndAListWithoutNamesIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		known := w.invited("Ole")
		w.loseAnswer()
		i := w.submit("Mira")
		w.pass(time.Second)
		made := w.spark.InterviewsFor(i.Candidate.Email)
		require.Len(w, made, 1)
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/v1.0/interviews", Do: sparkhiretest.Respond(200, nil,
			`[{"uuid":"`+made[0].ID+`","type":"one_way"},{"uuid":"`+known.SparkHire.InterviewID+`","type":"one_way"}]`)})
		w.pass(2 * time.Minute)
		got := w.requireState(i.ID, ats.StateUnconfirmed)
		require.Equal(w, ats.Code("not_confirmed"), got.Reason.Code)
		require.Equal(w, 1, w.invitations(i))
	})
}

func TestAnOutageLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.spark.StartOutage(sparkhiretest.Respond(503, nil, `{"reason":"Down for maintenance."}`))
		var all []ats.Interview
		for _, name := range []string{"Mira", "Ole", "Ana", "Bo", "Cleo"} {
			all = append(all, w.submit(name))
		}
		w.pass(15 * time.Minute)
		w.spark.EndOutage()
		w.pass(12 * time.Minute)
		for _, i := range all {
			w.requireState(i.ID, ats.StateSent)
			require.Equal(w, 1, w.invitations(i))
		}
	})
}

// Two invitations of one person to one job: the one whose answer is still on its way is
// not taken for the one whose request was lost.
func TestAnInvitationOnItsWayIsNotAnothersLostOne(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		bo := w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
		w.key("bo", bo.Key)
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Do: sparkhiretest.LoseConnection()})
		r := w.request("Mira")
		lost, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(40 * time.Second)
		w.requireState(lost.ID, ats.StateSending)

		held := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), When: sparkhiretest.AfterEffect, Do: sparkhiretest.Hold()})
		r.Key, r.RequestedFor = "again", "bo"
		second, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(10 * time.Second) // the first one is looked for, and the second is there
		held.Release()
		w.pass(2 * time.Minute)
		ids := map[string]bool{}
		for _, i := range []ats.Interview{lost, second} {
			ids[w.requireState(i.ID, ats.StateSent).SparkHire.InterviewID] = true
		}
		require.Len(w, ids, 2)
		require.Equal(w, 2, w.invitations(lost))
	}, memory.Options{Policy: anyNumber()})
}

// What became of a lost answer is looked for when it can be told, and not after everybody
// who waits has had their turn.
func TestALostAnswerIsClearedUpWhileOthersWait(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.pass(90 * time.Second) // what connecting costs has left the budget
		w.loseAnswer()
		lost := w.submit("Mira")
		w.pass(time.Second)
		w.requireState(lost.ID, ats.StateSending)
		for n := range 200 {
			w.submit(fmt.Sprintf("C%d", n))
		}
		w.pass(2 * time.Minute)
		w.requireState(lost.ID, ats.StateSent)
		require.Equal(w, 1, w.invitations(lost))
		require.Less(w, len(w.spark.Interviews()), 100, "the others are still waiting")
	}, memory.Options{Policy: anyNumber()}, func(c *bridge.Config) { c.SparkHire.RequestsPerMinute = 20 })
}
