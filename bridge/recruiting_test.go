package bridge_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// recruiting is a product whose people act with their own keys, whose primary user
// reads, and whose interviews end by themselves.
func recruiting() memory.Options {
	p := memory.DefaultPolicy()
	p.Types = []ats.InterviewType{ats.OneWay}
	p.JobLink, p.ActorKey, p.PrimaryUser, p.Scope = ats.Required, ats.KeyOwn, ats.Required, ats.ScopeCandidate
	p.Deadline = ats.DeadlineRule{Given: ats.Optional, Time: ats.Optional, DefaultDays: 7, Midnight: ats.EndOfDay, Ends: true}
	return memory.Options{Policy: p}
}

// agency is a product whose people act with their own keys, each for themselves.
func agency() memory.Options {
	p := memory.DefaultPolicy()
	p.ActorKey, p.PrimaryUser, p.Settings = ats.KeyOwn, ats.Forbidden, ats.SettingsByOwner
	p.WhilePending, p.AfterCompleted, p.ViewWithoutKey = ats.AllowWithNotice, ats.Allow, false
	return memory.Options{Policy: p}
}

// hire adds the linked user "bo", makes the primary user and links the job.
func (w *world) hire(primary string) (bo sparkhiretest.User) {
	w.Helper()
	bo = w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
	w.key("bo", bo.Key)
	id := w.connectionID()
	_, err := w.engine.UpdateConnection(w.Context(), id, ats.User{}, bridge.Access{}, setPrimary(primary))
	require.NoError(w, err)
	set := w.set.ID
	_, err = w.engine.LinkJob(w.Context(), bridge.LinkJobParams{ConnectionID: id, JobID: w.job.ID, SparkHireJobID: w.nurse.ID, QuestionSetID: &set, By: ats.User{ID: "bo"}})
	require.NoError(w, err)
	return bo
}

func setPrimary(id string) func(*store.Connection) error {
	return func(c *store.Connection) error {
		c.PrimaryUser = id
		return nil
	}
}

func (w *world) connectionID() string {
	w.Helper()
	c, err := w.engine.Connection(w.Context(), w.account.Tenant())
	require.NoError(w, err)
	return c.ID
}

// key gives a linked user a key, or takes it away.
func (w *world) key(user, key string) {
	w.Helper()
	secret := ats.Secret(key)
	_, err := w.engine.SaveUser(w.Context(), w.connectionID(), ats.User{ID: user, Name: user}, &secret, ats.User{ID: user})
	require.NoError(w, err)
}

// askedBy submits a request of a linked user's for a new candidate, and lets it go out.
func (w *world) askedBy(user, first string) ats.Interview {
	w.Helper()
	r := w.request(first)
	r.RequestedFor, r.RequestedBy = "", ats.User{ID: user}
	r.SparkHireJobID, r.QuestionSetID = "", ""
	var err error
	soon := time.Now().Add(12 * time.Minute).UTC() // days of virtual time take long
	r.Schedule, err = ats.At(ats.DateOf(soon), ats.TimeOfDay{Hour: soon.Hour(), Minute: soon.Minute()}, "UTC", ats.Fields{})
	require.NoError(w, err)
	i, err := w.engine.Submit(w.Context(), r)
	require.NoError(w, err)
	w.pass(2 * time.Second)
	return w.requireState(i.ID, ats.StateSent)
}

// readers returns the names of who read interviews at Spark Hire since the log was
// forgotten.
func (w *world) readers(method, path string) []string {
	var names []string
	for _, r := range w.spark.RequestsTo(method, path) {
		if len(names) == 0 || names[len(names)-1] != r.User {
			names = append(names, r.User)
		}
	}
	return names
}

func TestR6ThePrimaryUsersKeyFollows(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		bo := w.hire("asha-lind")
		i := w.askedBy("bo", "Mira")
		require.Equal(w, bo.ID, w.spark.InterviewsFor(i.Candidate.Email)[0].CreatedBy, "R14: the own key sends")
		w.spark.ForgetRequests()
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(2 * time.Second)
		w.requireState(i.ID, ats.StateAccepted)
		require.Equal(w, []string{"Asha Lind"}, w.readers(http.MethodGet, "/interviews/*"))

		// The primary user does not see it: whoever sent it is asked before it counts as gone.
		require.NoError(w, w.spark.RestrictJob(w.nurse.ID, bo.ID))
		w.spark.ForgetRequests()
		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
		w.pass(20 * time.Minute) // who subscribed does not see it either: the sweep finds it
		w.requireState(i.ID, ats.StateCompleted)
		require.Contains(w, w.readers(http.MethodGet, "/interviews/*"), "Bo Ek")

		require.NoError(w, w.spark.ShareJob(w.nurse.ID))
		_, err := w.engine.UpdateConnection(w.Context(), w.connectionID(), ats.User{}, bridge.Access{}, setPrimary("bo"))
		require.NoError(w, err)
		w.spark.ForgetRequests()
		require.NoError(w, w.spark.Rate(i.SparkHire.InterviewID, 5))
		w.pass(2 * time.Second)
		require.Contains(w, w.kinds(i.ID), ats.EventRated)
		require.Equal(w, []string{"Bo Ek"}, w.readers(http.MethodGet, "/interviews/*"), "later events use the new one")
	}, recruiting())
}

func TestR19AnInterviewEndsAtItsDeadlineByItself(t *testing.T) {
	t.Parallel()
	behind := sparkhiretest.WithClock(func() time.Time { return time.Now().Add(-6 * time.Hour) })
	inWorld(t, func(w *world) {
		w.hire("asha-lind")
		i := w.askedBy("bo", "Mira")
		w.passAtRest(time.Until(i.Schedule.At) - time.Second)
		w.requireState(i.ID, ats.StateSent)
		w.pass(2 * time.Second)
		got := w.requireState(i.ID, ats.StateExpired)
		require.Equal(w, ats.Code("deadline_passed"), got.Reason.Code)
		require.Contains(w, w.kinds(i.ID), ats.EventExpired)
		require.Equal(w, ats.StateExpired, w.card(i.ID))

		// Spark Hire calls it open for some hours more: that opens nothing again.
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(2 * time.Minute)
		w.requireState(i.ID, ats.StateExpired)
		require.NotContains(w, w.kinds(i.ID), ats.EventRescheduled)

		require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID)) // R20
		w.pass(2 * time.Second)
		w.requireState(i.ID, ats.StateCompleted)
		require.Equal(w, ats.StateCompleted, w.card(i.ID))
	}, recruiting(), behind)
}

func TestR19AtTheDeadlineSparkHireIsAskedFirst(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before func(w *world, id string) error
		after  func(w *world) // a minute after the deadline
		state  ats.State
	}{
		"it was completed there":     {func(w *world, id string) error { return complete(w.spark, id) }, nil, ats.StateCompleted},
		"it was moved to later":      {func(w *world, id string) error { return w.spark.Reschedule(id, time.Now().Add(10*time.Minute)) }, nil, ats.StateSent},
		"it expired there":           {func(w *world, id string) error { return w.spark.Expire(id) }, nil, ats.StateExpired},
		"nobody answers":             {func(w *world, _ string) error { w.spark.StartOutage(sparkhiretest.RefuseConnection()); return nil }, nil, ats.StateSent},
		"nobody answers, then again": {func(w *world, _ string) error { w.spark.StartOutage(sparkhiretest.RefuseConnection()); return nil }, func(w *world) { w.spark.EndOutage(); w.pass(10 * time.Minute) }, ats.StateExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world) {
				w.hire("asha-lind")
				w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
				i := w.askedBy("bo", "Mira")
				w.passAtRest(time.Until(i.Schedule.At) - time.Minute)
				require.NoError(w, tc.before(w, i.SparkHire.InterviewID))
				w.pass(2 * time.Minute)
				if tc.after != nil {
					tc.after(w)
				}
				got := w.requireState(i.ID, tc.state)
				if name == "it was moved to later" {
					w.pass(time.Until(got.Schedule.At) + time.Minute)
					w.requireState(i.ID, ats.StateExpired)
				}
			}, recruiting(), func(c *bridge.Config) { c.SparkHire.SweepInterval = 14 * 24 * time.Hour })
		})
	}
}

func TestAnInterviewThatEndedByItselfOpensAgainWhenItIsMoved(t *testing.T) {
	t.Parallel()
	behind := sparkhiretest.WithClock(func() time.Time { return time.Now().Add(-6 * time.Hour) })
	inWorld(t, func(w *world) {
		w.hire("asha-lind")
		i := w.askedBy("bo", "Mira")
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.passAtRest(time.Until(i.Schedule.At) + time.Minute)
		w.requireState(i.ID, ats.StateExpired)
		require.NoError(w, w.spark.Reschedule(i.SparkHire.InterviewID, time.Now().Add(time.Hour)))
		w.pass(2 * time.Second)
		again := w.interview(i.ID)
		require.Equal(w, ats.StateAccepted, again.State)
		w.pass(time.Until(again.Schedule.At) + time.Minute)
		w.requireState(i.ID, ats.StateExpired)
	}, recruiting(), behind)
}

// Who picked a date sees a date, also after Spark Hire has moved it to another midnight.
func TestADateThatIsMovedToAnotherMidnightStaysADate(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.hire("asha-lind")
		r := w.request("Mira")
		r.RequestedFor, r.RequestedBy, r.SparkHireJobID, r.QuestionSetID = "", ats.User{ID: "bo"}, "", ""
		var err error
		r.Schedule, err = ats.On(ats.DateOf(time.Now()).AddDays(2), ats.EndOfDay, "America/Chicago", ats.Fields{})
		require.NoError(w, err)
		i, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(2 * time.Second)
		i = w.requireState(i.ID, ats.StateSent)
		local := func(days int, clock time.Duration) time.Time {
			loc, err := ats.LoadZone(i.Schedule.Zone)
			require.NoError(w, err)
			d := i.Schedule.Date.AddDays(days)
			return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc).Add(clock)
		}
		require.NoError(w, w.spark.Reschedule(i.SparkHire.InterviewID, local(4, 0)))
		w.pass(2 * time.Second)
		moved := w.interview(i.ID).Schedule
		require.Nil(w, moved.Time)
		require.Equal(w, i.Schedule.Date.AddDays(3), moved.Date, "the day that this midnight ends")
		require.True(w, moved.At.Equal(local(4, 0)))

		require.NoError(w, w.spark.Reschedule(i.SparkHire.InterviewID, local(4, 17*time.Hour)))
		w.pass(2 * time.Second)
		moved = w.interview(i.ID).Schedule
		require.Equal(w, i.Schedule.Date.AddDays(4), moved.Date)
		require.Equal(w, "17:00", moved.Time.String())
	}, recruiting())
}

func TestARemovedRecordingCannotBeWatched(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.hire("asha-lind")
		i := w.askedBy("bo", "Mira")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(2 * time.Second)
		done := w.requireState(i.ID, ats.StateCompleted)
		require.NotEmpty(w, done.SparkHire.ShareURL)
		w.account.AddUser(ats.User{ID: "bo"})
		_, _, err := w.engine.Recording(w.Context(), i.ID, ats.User{ID: "bo"})
		require.NoError(w, err)

		require.NoError(w, w.spark.Delete(i.SparkHire.InterviewID))
		w.pass(2 * time.Second)
		got := w.requireState(i.ID, ats.StateCompleted)
		require.Empty(w, got.SparkHire.ShareURL+got.SparkHire.WatchURL)
		require.Equal(w, ats.EventRemoved, w.kinds(i.ID)[len(w.kinds(i.ID))-1])
		w.pass(15 * time.Minute)
		require.Equal(w, got.Revision, w.interview(i.ID).Revision, "once")
		_, _, err = w.engine.Recording(w.Context(), i.ID, ats.User{ID: "bo"})
		require.ErrorIs(w, err, ats.ErrNotFound)
	}, recruiting())
}

func TestR35TheOwnKeyCancels(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		bo := w.hire("asha-lind")
		i := w.askedBy("asha-lind", "Mira")
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "stranger"})
		requireRefusal(w, err, ats.CodeUserNotLinked)

		// Spark Hire does not let bo: nothing changes.
		require.NoError(w, w.spark.RestrictJob(w.nurse.ID, w.asha.ID))
		_, err = w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "bo"})
		requireRefusal(w, err, "spark_hire_refused")
		w.pass(5 * time.Minute)
		w.requireState(i.ID, ats.StateSent)
		require.Nil(w, w.interview(i.ID).Notice)
		there, _ := w.spark.Interview(i.SparkHire.InterviewID)
		require.Equal(w, sparkhiretest.Invited, there.State)
		require.NoError(w, w.spark.SetUserDisabled(bo.ID, true))
		_, err = w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "bo"})
		requireRefusal(w, err, ats.CodeInvalidKey)
		require.NoError(w, w.spark.SetUserDisabled(bo.ID, false))
		require.NoError(w, w.spark.ShareJob(w.nurse.ID))

		w.spark.ForgetRequests()
		got, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "bo"})
		require.NoError(w, err)
		require.Equal(w, ats.StateCanceled, got.State, "at once")
		require.Equal(w, []string{"Bo Ek"}, w.readers(http.MethodDelete, "/interviews/*"))
		w.pass(5 * time.Minute)
		require.Equal(w, ats.StateCanceled, w.card(i.ID))
		require.Len(w, w.spark.RequestsTo(http.MethodDelete, "/interviews/*"), 1)
	}, recruiting())
}

func TestACancellationThatSparkHireDoesNotAnswerGoesOnAfterwards(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.hire("asha-lind")
		mira, ole := w.askedBy("asha-lind", "Mira"), w.askedBy("asha-lind", "Ole")
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		for _, i := range []ats.Interview{mira, ole} {
			got, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "bo"})
			require.NoError(w, err)
			require.Equal(w, ats.StateSent, got.State)
		}
		w.restart()
		w.spark.EndOutage()
		w.pass(10 * time.Minute)
		w.requireState(mira.ID, ats.StateCanceled)
		w.requireState(ole.ID, ats.StateCanceled)

		// Refused when nobody waits any more: the interview says so.
		ana := w.askedBy("asha-lind", "Ana")
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		_, err := w.engine.Cancel(w.Context(), ana.ID, ats.User{ID: "bo"})
		require.NoError(w, err)
		require.NoError(w, w.spark.RestrictJob(w.nurse.ID, w.asha.ID))
		w.spark.EndOutage()
		w.pass(10 * time.Minute)
		got := w.requireState(ana.ID, ats.StateSent)
		require.Equal(w, ats.Code("spark_hire_refused"), got.Notice.Code)
		require.Equal(w, got.Revision, got.ReportedRevision, "the ATS was told")
	}, recruiting())
}

func TestACompletedInterviewIsNeverRemovedToCancelIt(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.hire("asha-lind")
		w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
		i := w.askedBy("bo", "Mira")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		_, err := w.engine.Cancel(w.Context(), i.ID, ats.User{ID: "bo"})
		requireRefusal(w, err, ats.CodeNotCancelable)
		w.pass(2 * time.Second)
		w.requireState(i.ID, ats.StateCompleted)
		require.Empty(w, w.spark.RequestsTo(http.MethodDelete, "/interviews/*"))
	}, recruiting())
}

func TestT30WhoDisconnectsLeavesInterviewsThatAreNoLongerUpdated(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		bo := w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
		w.withoutOrganizationKey()
		w.key("bo", bo.Key)
		ask := func(first string) ats.Interview {
			r := w.request(first)
			r.RequestedFor, r.RequestedBy = "", ats.User{ID: "bo"}
			i, err := w.engine.Submit(w.Context(), r)
			require.NoError(w, err)
			w.pass(2 * time.Second)
			return w.requireState(i.ID, ats.StateSent)
		}
		i := ask("Mira")
		w.key("bo", "")
		w.pass(2 * time.Second)
		got := w.requireState(i.ID, ats.StateSent)
		require.Equal(w, ats.Code("no_longer_updated"), got.Notice.Code)
		require.Equal(w, got.Revision, got.ReportedRevision, "the ATS was told")
		require.NoError(w, complete(w.spark, i.SparkHire.InterviewID))
		w.pass(16 * time.Minute)
		w.requireState(i.ID, ats.StateSent)

		w.key("bo", bo.Key)
		w.pass(2 * time.Second)
		got = w.requireState(i.ID, ats.StateCompleted)
		require.Nil(w, got.Notice)

		// Removing the user and linking again is the same.
		i = ask("Ole")
		require.NoError(w, w.engine.RemoveUser(w.Context(), w.connectionID(), "bo", ats.User{ID: "bo"}))
		w.pass(2 * time.Second)
		require.NotNil(w, w.interview(i.ID).Notice)
		w.key("bo", bo.Key)
		w.pass(2 * time.Second)
		require.Nil(w, w.requireState(i.ID, ats.StateSent).Notice)
	}, agency())
}

// withoutOrganizationKey takes the key away that would follow everything.
func (w *world) withoutOrganizationKey() {
	w.Helper()
	none := ats.Secret("")
	_, err := w.engine.UpdateConnection(w.Context(), w.connectionID(), ats.User{}, bridge.Access{OrganizationKey: &none}, nil)
	require.NoError(w, err)
}

func TestAReportTellsTheOthersOfTheCandidateAndTheRound(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		r := w.request("Mira")
		r.RequestedFor, r.RequestedBy = "", ats.User{ID: "asha-lind"}
		first, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		r.Key = "second"
		second, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		require.Equal(w, ats.CodeRequestPending, second.Notice.Code)
		w.pass(2 * time.Second)
		sent := w.requireState(first.ID, ats.StateSent)
		require.NoError(w, w.spark.Reschedule(sent.SparkHire.InterviewID, time.Now().Add(72*time.Hour)))
		w.pass(2 * time.Second)
		require.NoError(w, w.spark.Accept(sent.SparkHire.InterviewID))
		w.pass(2 * time.Second)

		var version int64
		for _, report := range w.ats.Reports() {
			require.Greater(w, report.Version, version-1)
			version = max(version, report.Version)
			require.Len(w, report.Others, 1)
			require.NotEqual(w, report.Interview.ID, report.Others[0].ID)
			if report.Interview.ID == first.ID && report.Events[0].Kind == ats.EventAccepted {
				require.Equal(w, 1, report.Events[0].Round)
			}
		}
		a, b := w.interview(first.ID), w.interview(second.ID)
		require.Equal(w, a.Revision+b.Revision, version)

		require.NoError(w, w.engine.Erase(w.Context(), ats.CandidateRef{Tenant: w.account.Tenant(), ID: first.Candidate.ID}))
		r.Key, r.Candidate.Email = "third", "mira2@mail.example"
		third, err := w.engine.Submit(w.Context(), r)
		require.NoError(w, err)
		w.pass(2 * time.Second)
		reports := w.ats.Reports()
		last := reports[len(reports)-1]
		require.Equal(w, third.ID, last.Interview.ID)
		require.Empty(w, last.Others, "erased ones are left out")
		require.Greater(w, last.Version, version, "and still count")
	}, agency())
}

func TestACandidateIsBroughtUpToDateWithoutBeingInvitedTwice(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		tenant := w.account.Tenant()
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/v1.0/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
		i := w.submit("Mira")
		w.pass(time.Second)
		w.requireState(i.ID, ats.StateSending)
		changed := ats.Candidate{ID: i.Candidate.ID, LastName: "Ek", Email: "mira.ek@mail.example"}
		require.NoError(w, w.engine.UpdateCandidate(w.Context(), tenant, changed))
		w.pass(2 * time.Minute)
		got := w.requireState(i.ID, ats.StateSent)
		require.Equal(w, "Mira Ek", got.Candidate.Name())
		require.Len(w, w.spark.Interviews(), 1, "it was found under the address to which it had gone")

		require.NoError(w, w.engine.UpdateCandidate(w.Context(), tenant, changed))
		require.Equal(w, "mira.ek@mail.example", w.interview(i.ID).Candidate.Email)
		before := w.interview(i.ID)
		require.NoError(w, w.engine.UpdateCandidate(w.Context(), tenant, changed))
		require.Equal(w, before, w.interview(i.ID))

		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		ole := w.submit("Ole")
		w.pass(10 * time.Second)
		require.NoError(w, w.engine.UpdateCandidate(w.Context(), tenant, ats.Candidate{ID: ole.Candidate.ID, Email: " ole.new@mail.example\n"}))
		w.loseAnswer()
		w.spark.EndOutage()
		w.pass(5 * time.Minute)
		w.requireState(ole.ID, ats.StateSent)
		require.Len(w, w.spark.InvitationsTo("ole.new@mail.example"), 1, "and found without the blanks")

		require.NoError(w, w.engine.Erase(w.Context(), ats.CandidateRef{Tenant: tenant, ID: i.Candidate.ID}))
		require.NoError(w, w.engine.UpdateCandidate(w.Context(), tenant, changed))
		require.Empty(w, w.interview(i.ID).Candidate.Email)
		require.NoError(w, w.engine.UpdateCandidate(w.Context(), tenant, ats.Candidate{ID: "nobody", Email: "x@mail.example"}))
	})
}

func requireRefusal(w *world, err error, code ats.Code) {
	w.Helper()
	refusal, ok := ats.AsRefusal(err)
	require.True(w, ok, "%v", err)
	require.Equal(w, code, refusal.Code)
}

func TestWhoConnectsWhileWebhooksAreRegisteredIsNotMissed(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		bo := w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
		cy := w.spark.AddUser(sparkhiretest.User{Name: "Cy Dahl", Email: "cy@care.example"})
		w.withoutOrganizationKey()
		w.pass(20 * time.Second)
		held := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/v1.0/webhooks", Times: 1, Do: sparkhiretest.Hold()})
		w.key("cy", cy.Key)
		require.NoError(w, held.Wait(w.Context(), 1))
		w.key("bo", bo.Key)
		held.Release()
		w.pass(20 * time.Second)
		subscribers := w.readers(http.MethodPost, "/webhooks")
		require.Contains(w, subscribers, "Cy Dahl")
		require.Contains(w, subscribers, "Bo Ek")
	}, agency())
}
