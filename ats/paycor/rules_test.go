package paycor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
)

// TestRules has a subtest for each numbered rule of docs/vendors/paycor.md that the adapter
// decides, or that its policy makes the engine decide; the engine is its double here.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, rule := range []struct {
		number string
		test   func(t *testing.T, w *world)
	}{
		{"R1", ruleFeature},
		{"R2", ruleSwitch},
		{"R5", ruleUserWithoutKey},
		{"R7", rulePrimaryUser},
		{"R13", ruleLinkedJob},
		{"R14", ruleOwnKey},
		{"R15", ruleOneWay},
		{"R16", ruleExpirationRequired},
		{"R17", ruleProposedDate},
		{"R18", rulePast},
		{"R19", ruleMidnight},
		{"R20", ruleCompletionWins},
		{"R22", ruleRequestedOnce},
		{"R24", rulePending},
		{"R25", ruleCompletedOnce},
		{"R26", ruleAfterTheEnd},
		{"R27", ruleEmail},
		{"R28", ruleProgressOnce},
		{"R29", ruleTwoTexts},
		{"R31", ruleCancel},
		{"R33", ruleCanceledOnce},
		{"R34", ruleSeveralRequests},
		{"R36", ruleViewing},
		{"R37", ruleViewers},
		{"R38", ruleNoAccess},
	} {
		t.Run(rule.number, func(t *testing.T) {
			t.Parallel()
			rule.test(t, newWorld(t))
		})
	}
}

func ruleFeature(t *testing.T, w *world) {
	t.Helper()
	for _, settings := range []string{`{}`, `{"feature_enabled": false}`} {
		w.settings(settings)
		require.Equal(t, ats.CodeFeatureNotEnabled, refused(t, w.adapter.Gate(w.conn())))
		_, err := w.submit(w.request("k"))
		require.Equal(t, ats.CodeFeatureNotEnabled, refused(t, err))
	}
	broken := w.conn()
	broken.Settings = []byte(`{"feature_enabled": "yes"}`)
	require.Equal(t, ats.CodeFeatureNotEnabled, refused(t, w.adapter.Gate(broken)), "what cannot be read enables nothing")
	require.Empty(t, w.host.calls)

	w.settings(`{"feature_enabled": true}`)
	require.NoError(t, w.adapter.Gate(w.conn()))
	w.asked("k")
}

func ruleSwitch(t *testing.T, w *world) {
	t.Helper()
	require.NoError(t, w.inbox.SetEnabled(w.tenant, false))
	_, err := w.submit(w.request("k"))
	require.Equal(t, ats.CodeIntegrationOff, refused(t, err))
}

func ruleUserWithoutKey(t *testing.T, w *world) {
	t.Helper()
	r := w.request("k")
	r.RequestedBy = ats.User{ID: "910234"}
	_, err := w.submit(r)
	require.Equal(t, ats.CodeUserNotLinked, refused(t, err))
}

func rulePrimaryUser(t *testing.T, w *world) {
	t.Helper()
	_, err := w.inbox.Connect(t.Context(), ats.Activation{
		Tenant: w.tenant, Name: "Harbor Lane Foods",
		Users: []ats.LinkedUser{{ID: "910235", Name: "Ines Roth", Key: "ines-key"}},
	})
	require.NoError(t, err)
	r := w.request("k")
	r.RequestedBy = ats.User{ID: "910235"}
	_, err = w.submit(r)
	require.Equal(t, ats.CodePrimaryUserRequired, refused(t, err))
}

func ruleLinkedJob(t *testing.T, w *world) {
	t.Helper()
	r := w.request("k")
	r.Job.ID = "another-job"
	_, err := w.submit(r)
	require.Equal(t, ats.CodeJobNotLinked, refused(t, err))

	require.NoError(t, w.inbox.LinkJob(w.tenant, "another-job", "sh-job-2", ""))
	_, err = w.submit(r)
	require.Equal(t, ats.CodeQuestionSetRequired, refused(t, err))
}

func ruleOwnKey(t *testing.T, w *world) {
	t.Helper()
	r := w.request("k")
	r.RequestedBy = ats.User{ID: "555000"}
	r.RequestedFor = recruiter // the primary user's key does not help
	_, err := w.submit(r)
	require.Equal(t, ats.CodeUserNotLinked, refused(t, err))

	r.RequestedBy = ats.User{}
	_, err = w.submit(r)
	require.Equal(t, ats.CodeActorRequired, refused(t, err))

	iv := w.asked("k")
	require.Equal(t, recruiter, iv.RequestedFor.ID)
}

func ruleOneWay(t *testing.T, w *world) {
	t.Helper()
	r := w.request("k")
	r.Type = ats.Live
	_, err := w.submit(r)
	require.Equal(t, ats.CodeUnsupportedType, refused(t, err))
	require.Equal(t, ats.OneWay, w.asked("k").Type)
}

func ruleExpirationRequired(t *testing.T, w *world) {
	t.Helper()
	r := w.request("k")
	r.Schedule = ats.Schedule{}
	_, err := w.submit(r)
	require.Equal(t, ats.CodeExpirationRequired, refused(t, err))
}

func ruleProposedDate(t *testing.T, _ *world) {
	t.Helper()
	for name, c := range map[string]struct{ now, zone, want string }{
		"an ordinary week":                    {"2026-03-10T12:00:00Z", "America/Chicago", "2026-03-17"},
		"over the end of February":            {"2026-02-25T12:00:00Z", "America/Chicago", "2026-03-04"},
		"over a clock change":                 {"2026-03-05T12:00:00-05:00", "America/New_York", "2026-03-12"},
		"late in the evening":                 {"2026-03-10T23:30:00-05:00", "America/Chicago", "2026-03-17"},
		"late in the evening, before change":  {"2026-03-07T23:30:00-05:00", "America/New_York", "2026-03-14"},
		"early in the morning, far east":      {"2026-03-09T22:30:00Z", "Asia/Tokyo", "2026-03-17"},
		"over a leap day":                     {"2028-02-25T12:00:00Z", "Europe/Berlin", "2028-03-03"},
		"at the end of a year":                {"2026-12-28T12:00:00Z", "Pacific/Auckland", "2027-01-05"},
		"at the end of daylight saving":       {"2026-10-30T23:30:00-05:00", "America/Chicago", "2026-11-06"},
		"where days begin a half hour aside":  {"2026-03-10T18:29:00Z", "Asia/Kolkata", "2026-03-17"},
		"and where they have begun by a hair": {"2026-03-10T18:30:00Z", "Asia/Kolkata", "2026-03-18"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		require.NoError(t, err)
		day, err := paycor.ProposedExpiry(now, c.zone)
		require.NoError(t, err, name)
		require.Equal(t, c.want, day.String(), name)
	}
	_, err := paycor.ProposedExpiry(time.Now(), "")
	require.Equal(t, ats.CodeTimeZoneRequired, refused(t, err))
	_, err = paycor.ProposedExpiry(time.Now(), "Duluth")
	require.Equal(t, ats.CodeTimeZoneUnknown, refused(t, err))
}

func rulePast(t *testing.T, w *world) {
	t.Helper()
	today := ats.Date{Year: 2026, Month: time.March, Day: 10}
	_, err := w.submit(w.requestFor("k", today.AddDays(-1)))
	require.Equal(t, ats.CodeExpirationInPast, refused(t, err))
	_, err = w.submit(w.requestFor("k", today))
	require.NoError(t, err, "today is allowed")

	w = newWorld(t)
	w.settings(`{"feature_enabled": true, "midnight": "start"}`)
	_, err = w.submit(w.requestFor("k", today))
	require.Equal(t, ats.CodeExpirationInPast, refused(t, err), "today has begun already")
	_, err = w.submit(w.requestFor("k", today.AddDays(1)))
	require.NoError(t, err)
}

func ruleMidnight(t *testing.T, w *world) {
	t.Helper()
	require.True(t, w.adapter.Policy().Deadline.Ends)
	require.Equal(t, ats.EndOfDay, w.adapter.PolicyFor(w.conn()).Deadline.Midnight)
	started := newWorld(t)
	started.settings(`{"feature_enabled": true, "midnight": "start"}`)
	require.Equal(t, ats.StartOfDay, started.adapter.PolicyFor(started.conn()).Deadline.Midnight)
	require.Equal(t, ats.EndOfDay, started.adapter.Policy().Deadline.Midnight, "one connection's setting is nobody else's")

	for name, c := range map[string]struct {
		zone, day, end, start string
	}{
		"in winter":                          {"America/Chicago", "2026-01-15", "2026-01-16T06:00:00Z", "2026-01-15T06:00:00Z"},
		"on the day the clocks go forward":   {"America/Chicago", "2026-03-08", "2026-03-09T05:00:00Z", "2026-03-08T06:00:00Z"},
		"on the day before that":             {"America/Chicago", "2026-03-07", "2026-03-08T06:00:00Z", "2026-03-07T06:00:00Z"},
		"on the day the clocks go back":      {"America/New_York", "2026-11-01", "2026-11-02T05:00:00Z", "2026-11-01T04:00:00Z"},
		"where no clock changes":             {"America/Phoenix", "2026-03-08", "2026-03-09T07:00:00Z", "2026-03-08T07:00:00Z"},
		"where midnight is skipped":          {"America/Santiago", "2026-09-05", "2026-09-06T04:00:00Z", "2026-09-05T04:00:00Z"},
		"where midnight happens twice":       {"America/Havana", "2026-10-31", "2026-11-01T04:00:00Z", "2026-10-31T04:00:00Z"},
		"in Honolulu":                        {"Pacific/Honolulu", "2026-03-17", "2026-03-18T10:00:00Z", "2026-03-17T10:00:00Z"},
		"in Saint John's":                    {"America/St_Johns", "2026-03-17", "2026-03-18T02:30:00Z", "2026-03-17T02:30:00Z"},
		"in Anchorage over the clock change": {"America/Anchorage", "2026-03-08", "2026-03-09T08:00:00Z", "2026-03-08T09:00:00Z"},
	} {
		day, err := ats.ParseDate(c.day, "")
		require.NoError(t, err)
		for _, m := range []struct {
			midnight ats.Midnight
			want     string
		}{
			{w.adapter.PolicyFor(w.conn()).Deadline.Midnight, c.end},
			{started.adapter.PolicyFor(started.conn()).Deadline.Midnight, c.start},
		} {
			s, err := ats.On(day, m.midnight, c.zone, ats.Fields{})
			require.NoError(t, err, name)
			require.Equal(t, m.want, s.At.Format(time.RFC3339), "%s, %s of the day", name, m.midnight)
		}
	}
}

func ruleCompletionWins(t *testing.T, w *world) {
	t.Helper()
	iv := w.asked("k")
	w.becomes(iv, ats.StateSent, ats.StateExpired)
	require.Equal(t, paycor.TabExpired, w.host.tab(t).State)
	w.becomes(iv, ats.StateCompleted)
	require.Equal(t, paycor.TabCompleted, w.host.tab(t).State)
	require.False(t, w.host.tab(t).CanRequest)
}

func ruleRequestedOnce(t *testing.T, w *world) {
	t.Helper()
	iv := w.asked("k")
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	require.Empty(t, w.host.texts(), "what has not been sent is not claimed")
	require.Equal(t, paycor.TabNone, w.host.tab(t).State)

	w.records(iv, ats.EventSent, func(i *ats.Interview) { i.State = ats.StateSent })
	w.records(iv, ats.EventSent, nil) // it was sent twice, and adopted once
	r, err := w.inbox.Report(iv.ID)
	require.NoError(t, err)
	w.host.fail("ShowVideoInterview", ats.ErrUnavailable) // half of the report arrives
	require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), ats.ErrUnavailable)
	w.host.fail("ShowVideoInterview", nil)
	for range 3 {
		require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), r))
	}
	require.Equal(t, []string{"Video Interview Requested"}, w.host.texts())
	item := w.host.items[0]
	require.Equal(t, iv.ID+"/requested/0", item.Key)
	require.Equal(t, paycor.KindRequested, item.Kind)
	require.Equal(t, int32(910233), *item.ActorUserID)
	require.Equal(t, iv.ID, item.RequestID)
}

func rulePending(t *testing.T, w *world) {
	t.Helper()
	iv := w.asked("k")
	for _, s := range []ats.State{ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateUnconfirmed} {
		w.becomes(iv, s)
		require.False(t, w.host.tab(t).CanRequest, s)
		_, err := w.submit(w.request("another"))
		require.Equal(t, ats.CodeRequestPending, refused(t, err), s)
	}
}

func ruleCompletedOnce(t *testing.T, w *world) {
	t.Helper()
	w.becomes(w.asked("k"), ats.StateSent, ats.StateCompleted)
	require.False(t, w.host.tab(t).CanRequest)
	_, err := w.submit(w.request("another"))
	require.Equal(t, ats.CodeAlreadyCompleted, refused(t, err))

	require.NoError(t, w.inbox.LinkJob(w.tenant, "another-job", "sh-job-2", "qs-12"))
	r := w.request("for another job")
	r.Job.ID, r.Candidate.ID = "another-job", "her-other-record"
	_, err = w.submit(r)
	require.NoError(t, err, "the same person for another job is another record")
}

func ruleAfterTheEnd(t *testing.T, w *world) {
	t.Helper()
	for _, end := range []ats.State{ats.StateCanceled, ats.StateExpired, ats.StateFailed} {
		iv := w.asked("before " + string(end))
		w.becomes(iv, ats.StateSent, end)
		require.True(t, w.host.tab(t).CanRequest, end)
	}
	w.asked("last")
}

func ruleEmail(t *testing.T, w *world) {
	t.Helper()
	for _, email := range []string{"", "  "} {
		r := w.request("k")
		r.Candidate.Email = email
		_, err := w.submit(r)
		require.Equal(t, ats.CodeCandidateEmailMissing, refused(t, err))
	}
}

func ruleProgressOnce(t *testing.T, w *world) {
	t.Helper()
	iv := w.asked("k")
	w.becomes(iv, ats.StateSent, ats.StateAccepted)
	w.happens(iv, ats.EventRescheduled, func(i *ats.Interview) { i.Schedule.Date = ats.Date{Year: 2026, Month: 3, Day: 20} })
	require.Equal(t, "2026-03-20", w.host.tab(t).ExpiresOn.String(), "the tab follows the deadline")
	w.happens(iv, ats.EventRescheduled, nil)
	w.becomes(iv, ats.StateExpired)
	w.happens(iv, ats.EventReset, func(i *ats.Interview) { i.State = ats.StateSent })
	w.becomes(iv, ats.StateAccepted, ats.StateCompleted)
	w.happens(iv, ats.EventRated, nil)
	w.happens(iv, ats.EventRemoved, nil)
	require.Equal(t, []string{
		"Video Interview Requested", "Video Interview Accepted", "Video Interview Deadline Changed", "Video Interview Deadline Changed",
		"Video Interview Expired", "Video Interview Reset", "Video Interview Accepted", "Video Interview Completed", "Video Interview Removed",
	}, w.host.texts())
	var keys []string
	for _, item := range w.host.items {
		keys = append(keys, item.Key[len(iv.ID):])
	}
	require.Equal(t, []string{
		"/requested/0", "/accepted/0", "/deadline_changed/1", "/deadline_changed/2", "/expired/2", "/reset/3", "/accepted/3", "/completed/3", "/removed/3",
	}, keys)
	require.Equal(t, paycor.TabCompleted, w.host.tab(t).State)
	require.False(t, w.host.tab(t).ViewAvailable, "what was removed cannot be viewed")
}

func ruleTwoTexts(t *testing.T, w *world) {
	t.Helper()
	w.becomes(w.asked("k"), ats.StateSent, ats.StateCompleted)
	require.Equal(t, "Video Interview Complete", w.host.tab(t).Label)
	require.Contains(t, w.host.texts(), "Video Interview Completed")

	w = newWorld(t, func(c *paycor.Config) {
		c.Texts = paycor.Texts{TabCompleted: "Vidéo terminée", Completed: "Entretien vidéo terminé"}
	})
	w.becomes(w.asked("k"), ats.StateSent, ats.StateCompleted)
	require.Equal(t, "Vidéo terminée", w.host.tab(t).Label)
	require.Equal(t, []string{"Video Interview Requested", "Entretien vidéo terminé"}, w.host.texts())
}

func ruleCancel(t *testing.T, w *world) {
	t.Helper()
	require.NotEqual(t, ats.Forbidden, w.adapter.Policy().Cancel)
	iv := w.asked("k")
	for s, can := range map[ats.State]bool{
		ats.StateRequested: false, ats.StateSending: false, ats.StateSent: true, ats.StateAccepted: true, ats.StateUnconfirmed: false,
		ats.StateExpired: false, ats.StateCanceled: false, ats.StateFailed: false,
	} {
		w.becomes(iv, s)
		require.Equal(t, can, w.host.tab(t).CanCancel, s)
	}
	w.becomes(iv, ats.StateCompleted)
	require.False(t, w.host.tab(t).CanCancel)
	_, err := w.inbox.Cancel(t.Context(), iv.ID, ats.User{ID: recruiter})
	require.Equal(t, ats.CodeNotCancelable, refused(t, err))
}

func ruleCanceledOnce(t *testing.T, w *world) {
	t.Helper()
	iv := w.asked("k")
	w.becomes(iv, ats.StateSent)
	_, err := w.inbox.Cancel(t.Context(), iv.ID, ats.User{ID: recruiter})
	require.NoError(t, err)
	w.records(iv, ats.EventRemoved, nil) // Spark Hire confirms
	for range 2 {
		require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	}
	require.Equal(t, int32(910233), *w.host.items[1].ActorUserID)
	require.Equal(t, []string{"Video Interview Requested", "Video Interview Canceled"}, w.host.texts())
	require.Equal(t, paycor.TabCanceled, w.host.tab(t).State)

	// Somebody deletes a pending one in Spark Hire.
	w = newWorld(t)
	iv = w.asked("k")
	w.becomes(iv, ats.StateSent)
	w.happens(iv, ats.EventRemoved, func(i *ats.Interview) { i.State = ats.StateCanceled })
	require.Equal(t, []string{"Video Interview Requested", "Video Interview Canceled"}, w.host.texts())
	require.Nil(t, w.host.items[1].ActorUserID)
}

func ruleSeveralRequests(t *testing.T, w *world) {
	t.Helper()
	first := w.asked("first")
	w.becomes(first, ats.StateSent, ats.StateCanceled)
	second := w.asked("second")
	require.NoError(t, w.inbox.Deliver(t.Context(), second.ID))
	require.Equal(t, first.ID, w.host.tab(t).RequestID, "until it is sent the second is not claimed")
	w.becomes(second, ats.StateSent)
	require.Equal(t, second.ID, w.host.tab(t).RequestID)

	// A late event of the older one changes its history only ...
	w.happens(first, ats.EventExpired, func(i *ats.Interview) { i.State = ats.StateExpired })
	require.Equal(t, second.ID, w.host.tab(t).RequestID)
	require.Equal(t, paycor.TabRequested, w.host.tab(t).State)
	require.True(t, w.host.tab(t).CanCancel)

	// ... unless it is completed.
	w.becomes(first, ats.StateCompleted)
	require.Equal(t, first.ID, w.host.tab(t).RequestID)
	require.Equal(t, paycor.TabCompleted, w.host.tab(t).State)
	w.becomes(second, ats.StateAccepted)
	require.Equal(t, first.ID, w.host.tab(t).RequestID)

	revision := int64(0)
	for _, update := range w.host.updates {
		require.Greater(t, update.Revision, revision, "each update is newer than the one before, whichever interview it is about")
		revision = update.Revision
	}
}

func ruleViewing(t *testing.T, w *world) {
	t.Helper()
	iv := w.asked("k")
	w.becomes(iv, ats.StateSent, ats.StateAccepted)
	require.False(t, w.host.tab(t).ViewAvailable)
	w.becomes(iv, ats.StateCompleted)
	require.True(t, w.host.tab(t).ViewAvailable)
}

func ruleViewers(t *testing.T, w *world) {
	t.Helper()
	require.True(t, w.adapter.Policy().ViewWithoutKey)
	ref := ats.CandidateRef{Tenant: w.tenant, ID: candidate, JobID: jobID}
	for _, id := range []string{recruiter, "910234", "777"} {
		may, err := w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: id}, ref)
		require.NoError(t, err)
		require.True(t, may, "the host lets %s see the record, linked or not", id)
	}
}

func ruleNoAccess(t *testing.T, w *world) {
	t.Helper()
	w.host.hidden = map[int32]bool{910233: true}
	ref := ats.CandidateRef{Tenant: w.tenant, ID: candidate, JobID: jobID}
	may, err := w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: recruiter, Admin: true}, ref)
	require.NoError(t, err)
	require.False(t, may)
	_, err = w.submit(w.request("k"))
	require.Equal(t, ats.CodeNotPermitted, refused(t, err), "whoever may not see the candidate may not send")
	require.Empty(t, w.inbox.Interviews())
}
