package bridge_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// invited returns a world's interview that Spark Hire has made.
func (w *world) invited(first string) ats.Interview {
	w.Helper()
	i := w.submit(first)
	w.pass(2 * time.Second)
	return w.requireState(i.ID, ats.StateSent)
}

// A webhook is about what an answer that is on its way does not know yet.
func TestAWebhookThatOvertakesAnAnswerIsNotLost(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		reading := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews/*", Do: sparkhiretest.Hold(), When: sparkhiretest.AfterEffect})
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(time.Second)
		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		w.pass(time.Second) // the webhook is there, the answer is not
		w.requireState(i.ID, ats.StateSent)
		reading.Release()
		w.pass(10 * time.Second) // and not only with the next sweep
		w.requireState(i.ID, ats.StateCompleted)
		require.Subset(w, w.kinds(i.ID), []ats.EventKind{ats.EventAccepted, ats.EventCompleted})
	})
}

// A key that comes while the connection's webhooks are being registered gets them too.
func TestWebhooksAreRegisteredForAKeyThatComesMeanwhile(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		w.pass(2 * time.Second)
		elsewhere := w.spark.AddAccount(sparkhiretest.Account{})
		first := w.spark.AddUser(sparkhiretest.User{AccountID: elsewhere.ID, Name: "Ole Berg", Email: "ole@else.example"})
		before := len(w.spark.Webhooks())
		registering := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/webhooks", Do: sparkhiretest.Hold(), When: sparkhiretest.AfterEffect})
		none := ats.Secret("")
		_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{ID: "admin"}, bridge.Access{OrganizationKey: &none}, nil)
		require.NoError(w, err)
		w.pass(time.Second)
		key := ats.Secret(first.Key)
		_, err = w.engine.SaveUser(w.Context(), c.ID, ats.User{ID: "ole", Name: "Ole Berg"}, &key, ats.User{ID: "admin"})
		require.NoError(w, err)
		registering.Release()
		w.pass(10 * time.Second)
		// Asha's, which the organization's key made needless before, and Ole's.
		require.Len(w, w.spark.Webhooks(), before+8+8)
	})
}

// The answers to all subscriptions get lost; each is asked for once all the same.
func TestSubscriptionsWhoseAnswersAreLostAreFoundInTheList(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		w.pass(2 * time.Second)
		elsewhere := w.spark.AddAccount(sparkhiretest.Account{})
		first := w.spark.AddUser(sparkhiretest.User{AccountID: elsewhere.ID, Name: "Ole Berg", Email: "ole@else.example"})
		before := len(w.spark.Webhooks())
		w.spark.Inject(sparkhiretest.Fault{
			Method: http.MethodPost, Path: "/webhooks", Times: 16, Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect,
		})
		none, key := ats.Secret(""), ats.Secret(first.Key)
		_, err = w.engine.SaveUser(w.Context(), c.ID, ats.User{ID: "ole", Name: "Ole Berg"}, &key, ats.User{ID: "admin"})
		require.NoError(w, err)
		_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{ID: "admin"}, bridge.Access{OrganizationKey: &none}, nil)
		require.NoError(w, err)
		w.pass(time.Second)
		require.Len(w, w.spark.Webhooks(), before+8+8, "in one go, for Asha and Ole")
		w.pass(time.Minute)
		require.Len(w, w.spark.Webhooks(), before+8+8)
	})
}

func TestWebhooksAreHintsAndRepeatingThemChangesNothing(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Copies: 3, Times: sparkhiretest.Forever})
		i := w.invited("Mira")
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		w.pass(5 * time.Second)
		w.requireState(i.ID, ats.StateCompleted)
		kinds := w.kinds(i.ID)
		require.Equal(w, ats.EventCompleted, kinds[len(kinds)-1])
		count := map[ats.EventKind]int{}
		for _, k := range kinds {
			count[k]++
		}
		for k, n := range count {
			require.Equal(w, 1, n, k)
		}
	})
}

func TestTheSweepFindsWhatNoWebhookTold(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
		i := w.invited("Mira")
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		w.pass(time.Minute)
		w.requireState(i.ID, ats.StateSent)
		w.pass(5 * time.Minute)
		w.requireState(i.ID, ats.StateCompleted)
		require.Equal(w, ats.StateCompleted, w.card(i.ID))
	}, func(c *bridge.Config) { c.SparkHire.SweepInterval = 5 * time.Minute })
}

func TestTheCostOfASweepFollowsTheChanges(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		for _, name := range []string{"Mira", "Ole", "Ana", "Bo", "Cleo", "Dag", "Eva", "Finn"} {
			w.invited(name)
		}
		w.pass(4 * time.Minute) // the sweeps have caught up
		w.spark.ForgetRequests()
		w.pass(10 * time.Minute)
		lists := len(w.spark.RequestsTo(http.MethodGet, "/interviews"))
		reads := len(w.spark.RequestsTo(http.MethodGet, "/interviews/*"))
		require.LessOrEqual(w, lists, 2*2*10/2, "two keys, a sweep every two minutes, a page or two each")
		require.Zero(w, reads, "nothing changed, so nothing is read again")
	}, func(c *bridge.Config) { c.SparkHire.SweepInterval = 2 * time.Minute })
}

func TestTheLifeOfAnInterviewAtSparkHire(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		happens func(s *sparkhiretest.Server, id string) error
		state   ats.State
		kind    ats.EventKind
	}{
		"it expires":      {func(s *sparkhiretest.Server, id string) error { return s.Expire(id) }, ats.StateExpired, ats.EventExpired},
		"it is removed":   {func(s *sparkhiretest.Server, id string) error { return s.Delete(id) }, ats.StateCanceled, ats.EventRemoved},
		"it is moved":     {func(s *sparkhiretest.Server, id string) error { return s.Reschedule(id, time.Now().Add(72*time.Hour)) }, ats.StateSent, ats.EventRescheduled},
		"it is accepted":  {func(s *sparkhiretest.Server, id string) error { return s.Accept(id) }, ats.StateAccepted, ats.EventAccepted},
		"it is completed": {complete, ats.StateCompleted, ats.EventCompleted},
		"it is rated":     {func(s *sparkhiretest.Server, id string) error { return first(complete(s, id), s.Rate(id, 4)) }, ats.StateCompleted, ats.EventRated},
		"it is reset":     {resetAfter, ats.StateSent, ats.EventReset},
		"it comes back to life": {func(s *sparkhiretest.Server, id string) error {
			return first(s.Expire(id), s.Reschedule(id, time.Now().Add(72*time.Hour)))
		}, ats.StateSent, ats.EventRescheduled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachWorld(t, func(w *world) {
				i := w.invited("Mira")
				require.NoError(w, tc.happens(w.spark, i.SparkHire.InterviewID))
				w.pass(5 * time.Second)
				w.requireState(i.ID, tc.state)
				require.Contains(w, w.kinds(i.ID), tc.kind)
				if tc.kind != ats.EventReset { // a completed card stays so
					require.Equal(w, tc.state, w.card(i.ID))
				}
			})
		})
	}
}

func complete(s *sparkhiretest.Server, id string) error { return first(s.Accept(id), s.Complete(id)) }

func resetAfter(s *sparkhiretest.Server, id string) error {
	if err := complete(s, id); err != nil {
		return err
	}
	if err := s.Flush(context.Background()); err != nil {
		return err
	}
	// The engine must have seen the completion to notice that it was undone.
	<-time.NewTimer(2 * time.Second).C
	return s.Reset(id, time.Now().Add(72*time.Hour))
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestARemovalIsBelievedOnlyFromAKeyThatWorks(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		i := w.invited("Mira")
		// The recruiter leaves: the key answers nothing, and says nothing about the interview.
		require.NoError(w, w.spark.SetUserDisabled(w.asha.ID, true))
		require.NoError(w, w.spark.Delete(i.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		w.requireState(i.ID, ats.StateSent)
		require.NoError(w, w.spark.SetUserDisabled(w.asha.ID, false))
		w.pass(61 * time.Minute)
		w.requireState(i.ID, ats.StateCanceled)
	})
}

func TestIDsThatTheLedgerDoesNotKnowAreIgnored(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		made, err := w.spark.InviteByLink(sparkhiretest.Invitation{JobID: w.nurse.ID, QuestionSetID: w.set.ID, Candidate: sparkhiretest.Candidate{FirstName: "Zoe", LastName: "Ax", Email: "zoe@mail.example"}})
		require.NoError(w, err)
		require.NoError(w, w.spark.Complete(made.ID))
		w.pass(20 * time.Minute)
		require.Empty(w, w.ats.Reports())
		for _, d := range w.spark.Deliveries() {
			require.Equal(w, http.StatusOK, d.Status)
		}
	})
}

// TestAnyOrderOfHintsEndsInTheSameLedger plays random schedules: whatever becomes
// of the webhooks, ledger and ATS end as Spark Hire is.
func TestAnyOrderOfHintsEndsInTheSameLedger(t *testing.T) {
	t.Parallel()
	for _, each := range costly(onV1) {
		t.Run("API "+string(each), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { anyOrderOfHints(t, rt, each) })
		})
	}
}

func anyOrderOfHints(t *testing.T, rt *rapid.T, each api) {
	t.Helper()
	steps := rapid.SliceOfN(rapid.SampledFrom([]string{"accept", "complete", "rate", "reset", "expire", "reschedule", "delete", "wait", "restart"}), 1, 8).Draw(rt, "steps")
	rule := sparkhiretest.DeliveryRule{
		Times:  sparkhiretest.Forever,
		Drop:   rapid.Bool().Draw(rt, "drop"),
		Copies: rapid.IntRange(0, 3).Draw(rt, "copies"),
		Hold:   rapid.Bool().Draw(rt, "hold"),
	}
	seed := rapid.Uint64().Draw(rt, "seed")
	inWorld(t, func(w *world) {
		w.spark.DisturbDeliveries(rule)
		i := w.invited("Mira")
		id := i.SparkHire.InterviewID
		been := map[ats.State]bool{}
		for _, step := range steps {
			w.play(step, id)
			been[w.stateThere(id)] = true
		}
		w.spark.ShuffleDeliveries(seed)
		w.spark.ReleaseDeliveries()
		w.pass(3 * time.Minute)

		require.Equal(w, 1, w.invitations(i))
		there, told := w.stateThere(id), !rule.Drop && w.toldOfAll()
		got := w.interview(i.ID)
		switch {
		case got.State == there:
		case !told && (w.api == onV2 || there == ats.StateCanceled || there == ats.StateExpired):
			// What lists do not show is found after the deadline, and on v2 what has ended
			// is not read again without news.
			require.True(w, been[got.State] || got.State == ats.StateSent, "%s was never so", got.State)
		case !told && there == ats.StateSent && got.State == ats.StateAccepted:
			// A reset that nobody told of, after a completion that nobody told of, cannot be seen.
		case there == ats.StateCanceled && got.State == ats.StateExpired:
			require.True(w, been[ats.StateExpired]) // seen before it was removed
		case there == ats.StateCanceled && got.State == ats.StateCompleted:
			require.True(w, been[ats.StateCompleted]) // a result stays, and says that there is nothing to watch
			require.NotNil(w, got.Notice)
			require.EqualValues(w, "removed_in_spark_hire", got.Notice.Code)
		default:
			w.requireState(i.ID, there)
		}
		if w.card(i.ID) != ats.StateCompleted { // which is never taken back
			require.Equal(w, got.State, w.card(i.ID))
		}
	}, each, func(c *bridge.Config) { c.SparkHire.SweepInterval = time.Minute })
}

// stateThere is the state of an interview at Spark Hire, in the ledger's words.
func (w *world) stateThere(id string) ats.State {
	there, ok := w.spark.Interview(id)
	if !ok {
		return ats.StateCanceled
	}
	return map[sparkhiretest.State]ats.State{
		sparkhiretest.Invited: ats.StateSent, sparkhiretest.Accepted: ats.StateAccepted,
		sparkhiretest.Completed: ats.StateCompleted, sparkhiretest.Expired: ats.StateExpired,
		sparkhiretest.Deleted: ats.StateCanceled,
	}[there.State]
}

// toldOfAll reports whether the engine has taken every webhook: one that arrives
// during a restart is not sent again.
func (w *world) toldOfAll() bool {
	for _, d := range w.spark.Deliveries() {
		if d.State != sparkhiretest.DeliveryAnswered {
			return false
		}
	}
	return true
}

// play makes one thing happen; what is impossible in the interview's state does
// not happen.
func (w *world) play(step, id string) {
	later := time.Now().Add(72 * time.Hour)
	var err error
	switch step {
	case "accept":
		err = w.spark.Accept(id)
	case "complete":
		err = w.spark.Complete(id)
	case "rate":
		err = w.spark.Rate(id, 5)
	case "reset":
		err = w.spark.Reset(id, later)
	case "expire":
		err = w.spark.Expire(id)
	case "reschedule":
		err = w.spark.Reschedule(id, later)
	case "delete":
		err = w.spark.Delete(id)
	case "wait":
		w.pass(2 * time.Second)
	case "restart":
		w.restart()
	}
	_ = err // the simulator refuses what cannot happen
}

// More has changed than the budget allows to read at once: each sweep goes on where the
// last one had to stop.
func TestASweepThatTheBudgetInterruptsComesToTheEnd(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		w.pass(2 * time.Minute) // what connecting costs has left the budget
		w.silence()
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(time.Second)
		for n := range 12 * sparkhire.PageSize {
			_, err := w.spark.InviteOnSite(sparkhiretest.Invitation{
				JobID: w.nurse.ID, QuestionSetID: w.set.ID, ScheduledAt: time.Now().Add(72 * time.Hour),
				Candidate: sparkhiretest.Candidate{FirstName: "Somebody", LastName: "Else", Email: fmt.Sprintf("c%d@mail.example", n)},
			})
			require.NoError(w, err)
		}
		w.pass(8 * time.Minute)
		w.requireState(i.ID, ats.StateCompleted)
		_, err := w.engine.Connect(w.Context(), ats.Activation{
			Tenant: ats.TenantRef{Adapter: w.account.Tenant().Adapter, Tenant: "other"}, TimeZone: "Europe/Stockholm", OrganizationKey: w.sparkKey(w.admin),
		})
		require.NoError(w, err)
		w.pass(8 * time.Minute) // a first sweep
		w.spark.ForgetRequests()
		w.pass(10 * time.Minute)
		require.LessOrEqual(w, len(w.spark.RequestsTo(http.MethodGet, "/interviews")), 3*5*2, "nothing is read again")
	}, func(c *bridge.Config) {
		c.SparkHire.RequestsPerMinute, c.SparkHire.SweepInterval = 10, 2*time.Minute
	})
}

// Spark Hire refuses for now and names no wait: it is not asked again at once.
func TestARefusalWithoutAWaitIsNoInvitationToHammer(t *testing.T) {
	t.Parallel()
	inEachWorld(t, func(w *world) {
		i := w.invited("Mira")
		w.spark.ForgetRequests()
		w.spark.StartOutage(sparkhiretest.TooManyRequests(0))
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(10 * time.Second)
		require.LessOrEqual(w, len(w.spark.Requests()), 25, "every second, by a client that tries twice")
		w.spark.EndOutage()
		w.pass(5 * time.Second)
		w.requireState(i.ID, ats.StateAccepted)
	})
}
