package topechelon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
)

// The rules of docs/vendors/topechelon.md by number, as far as the adapter and its
// policy decide them; memory.Inbox enforces the policy as the engine does. T2 and T3
// are about saving a key, which is the engine's alone.
func TestRules(t *testing.T) {
	t.Parallel()
	rules := []struct {
		number int
		rule   string
		test   func(w *world)
	}{
		{1, "everybody connects their own account, there is no primary user", ruleOwnKey},
		{4, "without a key the user is disconnected", ruleDisconnect},
		{5, "who is not connected sees nothing and can do nothing", ruleNotConnected},
		{6, "a key acts for its owner only", ruleKeyOfOwner},
		{7, "a job must be sent first", ruleJobNotSent},
		{8, "a job's card offers to send or to view, never both", ruleJobCard},
		{9, "what has been sent is not offered to be sent again", ruleSentOnce},
		{10, "a colleague sees that the job was sent", ruleLinkOfJob},
		{11, "a person's card needs a pipeline of a sent job", rulePersonCard},
		{12, "from a person, the interviewee is filled in and the job is not", rulePersonForm},
		{13, "a pipeline shows an icon and a column to the connected", rulePipeline},
		{14, "from a pipeline, job and interviewee are filled in", rulePipelineForm},
		{15, "the column shows the newest interview of this pipeline", ruleColumn},
		{16, "the person must be in the pipeline of the job", ruleInPipeline},
		{17, "one-way is the default, live the other type", ruleTypes},
		{18, "date and time are required, in the user's zone, and not past", ruleDue},
		{19, "a person needs an address that may be written to", ruleAddress},
		{20, "a question set is required for one-way and refused for live", ruleQuestionSet},
		{21, "switching the type clears the question set", ruleSwitch},
		{22, "at most a hundred rows, each on its own", ruleRows},
		{23, "a message is plain text of at most 5000 characters", ruleMessage},
		{24, "the adapter calls nobody when an interview is scheduled", ruleNoMail},
		{25, "the same form schedules once, and what is not known is not claimed", ruleOnce},
		{26, "a second interview is allowed, with a notice while one is pending", ruleSecond},
		{27, "the status follows Spark Hire", ruleVocabulary},
		{28, "nothing can be canceled here, and what happens in Spark Hire is shown", ruleCancel},
		{29, "results are for connected users who can see the person", ruleResults},
		{30, "a disconnected user's interviews keep their status and say so", ruleNotUpdated},
	}
	for _, r := range rules {
		t.Run(fmt.Sprintf("T%d %s", r.number, r.rule), func(t *testing.T) {
			t.Parallel()
			r.test(newWorld(t))
		})
	}
}

func ruleOwnKey(w *world) {
	p := w.adapter.Policy()
	require.Equal(w.t, ats.KeyOwn, p.ActorKey)
	require.Equal(w.t, ats.Forbidden, p.PrimaryUser)
	require.Equal(w.t, ats.SettingsByOwner, p.Settings)

	w.connect("tove-key", "nils-key")
	require.Equal(w.t, "u1", w.schedule(form(), tove(), "k1").RequestedFor.ID)
	require.Equal(w.t, "u2", w.schedule(form(), nils(), "k2").RequestedFor.ID)
}

func ruleDisconnect(w *world) {
	require.True(w.t, w.row(tove(), jobSent, maya).Shown)
	w.connect("", "")
	require.False(w.t, w.row(tove(), jobSent, maya).Shown)
	w.refused(w.request(form(), tove(), "k1"), topechelon.CodeNotConnected, "requested_for")
}

func ruleNotConnected(w *world) {
	require.True(w.t, w.personCard(tove(), maya).Shown)
	for _, stranger := range []ats.User{nils(), {ID: "u3"}, {}} {
		require.Equal(w.t, topechelon.JobCard{}, w.jobCard(stranger, jobSent))
		require.Equal(w.t, topechelon.PersonCard{}, w.personCard(stranger, maya))
		require.Equal(w.t, topechelon.PipelineRow{}, w.row(stranger, jobSent, maya))
	}
	w.refused(w.request(form(), nils(), "k1"), topechelon.CodeNotConnected, "requested_for")
	w.refused(w.request(form(), ats.User{TimeZone: "UTC"}, "k1"), ats.CodeActorRequired, "")

	require.NoError(w.t, w.inbox.SetEnabled(tenant, false))
	require.False(w.t, w.jobCard(tove(), jobSent).Shown, "nothing is shown while the integration is switched off")
	w.refused(w.request(form(), tove(), "k1"), ats.CodeIntegrationOff, "")
	require.NoError(w.t, w.inbox.SetEnabled(tenant, true))
	require.NoError(w.t, w.inbox.Disconnect(w.t.Context(), tenant))
	require.False(w.t, w.personCard(tove(), maya).Shown)
	w.refused(w.request(form(), tove(), "k1"), ats.CodeConnectionDisconnected, "")
}

func ruleKeyOfOwner(w *world) {
	w.connect("tove-key", "nils-key")
	r := w.request(form(), nils(), "k1")
	r.RequestedFor = "u1"
	iv, err := w.inbox.Submit(w.t.Context(), r)
	require.NoError(w.t, err)
	require.Equal(w.t, "u2", iv.RequestedFor.ID)
}

func ruleJobNotSent(w *world) {
	f := form()
	f.JobID = jobNotSent
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeJobNotSent, "job.id")
	f.JobID = ""
	w.refused(w.request(f, tove(), "k1"), ats.CodeJobRequired, "job.id")
}

func ruleJobCard(w *world) {
	require.Equal(w.t, topechelon.JobCard{Shown: true, Action: topechelon.ActionSend, Text: "Send to Spark Hire"}, w.jobCard(tove(), jobNotSent))
	require.Equal(w.t, topechelon.JobCard{
		Shown: true, Action: topechelon.ActionView, Text: "View in Spark Hire",
		Link: ats.JobLink{JobID: jobSent, SparkHireJobID: "sh-job-1"},
	}, w.jobCard(tove(), jobSent))
}

func ruleSentOnce(w *world) {
	require.Equal(w.t, topechelon.ActionSend, w.jobCard(tove(), jobNotSent).Action)
	require.NoError(w.t, w.inbox.LinkJob(tenant, jobNotSent, "sh-job-2", ""))
	require.Equal(w.t, topechelon.ActionView, w.jobCard(tove(), jobNotSent).Action)
}

func ruleLinkOfJob(w *world) {
	w.connect("tove-key", "nils-key")
	require.Equal(w.t, w.jobCard(tove(), jobSent), w.jobCard(nils(), jobSent))
	require.Equal(w.t, topechelon.ActionView, w.jobCard(nils(), jobSent).Action)
}

func rulePersonCard(w *world) {
	require.True(w.t, w.personCard(tove(), maya).Schedule)

	w.host.add(jobNotSent, "7001")
	card := w.personCard(tove(), "7001")
	require.True(w.t, card.Shown)
	require.False(w.t, card.Schedule, "the only job has not been sent")
	f := form()
	f.PersonID = "7001"
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeNotInConnectedPipeline, "candidate.id")

	f.PersonID = "7002"
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeNotInPipeline, "candidate.id")
	require.False(w.t, w.personCard(tove(), "7002").Shown, "nobody sees a person in no pipeline")

	w.host.blind["u1"] = true
	require.False(w.t, w.personCard(tove(), maya).Shown)
	w.refused(w.request(form(), tove(), "k1"), ats.CodeNotPermitted, "")
}

func rulePersonForm(w *world) {
	w.host.add("2500", maya)
	require.NoError(w.t, w.inbox.LinkJob(tenant, "2500", "sh-job-3", ""))
	require.NoError(w.t, w.inbox.LinkJob(tenant, "2600", "sh-job-4", ""))
	card := w.personCard(tove(), maya)
	require.Equal(w.t, topechelon.NewForm("", maya), card.Form)
	require.Equal(w.t, []ats.JobLink{
		{JobID: jobSent, SparkHireJobID: "sh-job-1"}, {JobID: "2500", SparkHireJobID: "sh-job-3"},
	}, card.Jobs, "sent, and with the person in the pipeline")
}

func rulePipeline(w *world) {
	row := w.row(tove(), jobSent, maya)
	require.True(w.t, row.Shown)
	require.True(w.t, row.Icon)
	require.False(w.t, w.row(nils(), jobSent, maya).Shown)
	require.False(w.t, w.row(tove(), jobNotSent, maya).Icon, "the job has not been sent")
}

func rulePipelineForm(w *world) {
	f := w.row(tove(), jobSent, maya).Form
	require.Equal(w.t, topechelon.NewForm(jobSent, maya), f)
	require.Empty(w.t, f.Date, "no default is described, so the form starts empty")
	require.Empty(w.t, f.Time)
}

func ruleColumn(w *world) {
	require.Equal(w.t, topechelon.StatusNone, w.row(tove(), jobSent, maya).Status.State)
	require.Empty(w.t, w.row(tove(), jobSent, maya).Status.Label)

	require.NoError(w.t, w.inbox.LinkJob(tenant, jobNotSent, "sh-job-2", ""))
	first := w.schedule(form(), tove(), "k1")
	w.reach(first, ats.StateSent)
	require.Equal(w.t, "Invited", w.host.column(jobSent, maya).Label)
	require.Empty(w.t, w.host.column(jobNotSent, maya), "an interview for another job does not show here")
	require.Empty(w.t, w.row(tove(), jobNotSent, maya).Status.Label)

	w.now = w.now.Add(time.Hour)
	second := w.schedule(form(), tove(), "k2")
	require.NoError(w.t, w.inbox.Deliver(w.t.Context(), second.ID))
	require.Equal(w.t, first.ID, w.host.column(jobSent, maya).InterviewID, "nothing is claimed of the second before it is sent")
	w.reach(second, ats.StateSent)
	require.Equal(w.t, second.ID, w.host.column(jobSent, maya).InterviewID)
	w.reach(first, ats.StateCompleted)
	require.Equal(w.t, second.ID, w.host.column(jobSent, maya).InterviewID, "the most recently scheduled one counts")
	require.Equal(w.t, topechelon.StatusInvited, w.host.column(jobSent, maya).State)

	shown, row := w.host.column(jobSent, maya), w.row(tove(), jobSent, maya)
	require.Equal(w.t, shown, row.Status, "our own rows say the same")
}

func ruleInPipeline(w *world) {
	w.host.add("2500", "7001")
	require.NoError(w.t, w.inbox.LinkJob(tenant, "2500", "sh-job-3", ""))
	f := form()
	f.PersonID = "7001"
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeNotInPipeline, "candidate.id")
	f.PersonID = ""
	w.refused(w.request(f, tove(), "k1"), ats.CodeCandidateRequired, "candidate.id")
	f = form()
	f.JobID = jobNotSent
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeJobNotSent, "job.id")
}

func ruleTypes(w *world) {
	require.Equal(w.t, []ats.InterviewType{ats.OneWay, ats.Live}, w.adapter.Policy().Types)
	require.Equal(w.t, ats.OneWay, topechelon.NewForm("", "").Type)
	require.Equal(w.t, w.adapter.Policy().Types, topechelon.Form{}.Types())

	f := form()
	f.Type = ""
	require.Equal(w.t, ats.OneWay, w.schedule(f, tove(), "k1").Type)
	f.Type = "assessment"
	r := w.request(f, tove(), "k2")
	_, err := w.inbox.Submit(w.t.Context(), r)
	w.isRefusal(err, ats.CodeUnsupportedType, "type")
}

func ruleDue(w *world) {
	for _, missing := range []struct{ date, clock, field string }{{"", "17:00", "due.date"}, {"2026-03-17", "", "due.time"}, {"", "", "due.date"}} {
		f := form()
		f.Date, f.Time = missing.date, missing.clock
		_, err := f.Request(w.conn(), tove(), "k", person(), ats.Job{})
		w.isRefusal(err, topechelon.CodeDueRequired, missing.field)
	}
	r := w.request(form(), tove(), "k1")
	r.Schedule = ats.Schedule{}
	w.refused(r, topechelon.CodeDueRequired, "due")
	dateOnly, err := ats.On(ats.Date{Year: 2026, Month: 3, Day: 17}, ats.EndOfDay, "America/New_York", ats.Fields{})
	require.NoError(w.t, err)
	r.Schedule = dateOnly
	w.refused(r, topechelon.CodeDueRequired, "due.time")

	f := form()
	f.Date = "2026-03-09"
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeDueInPast, "due")
	f.Date, f.Time = "2026-03-10", "10:00" // this very moment in New York
	w.refused(w.request(f, tove(), "k1"), topechelon.CodeDueInPast, "due")
	_, err = form().Request(w.conn(), ats.User{ID: "u1"}, "k1", person(), ats.Job{})
	w.isRefusal(err, ats.CodeTimeZoneRequired, "due.time_zone")

	iv := w.schedule(form(), tove(), "k1")
	require.Equal(w.t, time.Date(2026, 3, 17, 21, 0, 0, 0, time.UTC), iv.Schedule.At, "17:00 in New York")
	w.reach(iv, ats.StateSent)
	require.Equal(w.t, "2026-03-17T17:00:00-04:00", w.host.column(jobSent, maya).DueAt.Format(time.RFC3339))
}

func ruleAddress(w *world) {
	r := w.request(form(), tove(), "k1")
	r.Candidate.Email = " "
	w.refused(r, topechelon.CodePersonEmailMissing, "candidate.email")
	r.Candidate = person()
	r.Candidate.ID, r.Candidate.DoNotEmail = maya, true
	w.refused(r, ats.CodeDoNotEmail, "candidate.do_not_email")
}

func ruleQuestionSet(w *world) {
	f := form()
	f.QuestionSetID = ""
	w.refused(w.request(f, tove(), "k1"), ats.CodeQuestionSetRequired, "question_set_id")
	require.False(w.t, f.QuestionSetDisabled())

	f = form().WithType(ats.Live)
	require.True(w.t, f.QuestionSetDisabled())
	f.QuestionSetID = "b7c1"
	w.refused(w.request(f, tove(), "k1"), ats.CodeQuestionSetNotAllowed, "question_set_id")
	f.QuestionSetID = ""
	require.Equal(w.t, ats.Live, w.schedule(f, tove(), "k1").Type)
}

func ruleSwitch(w *world) {
	f := form()
	require.Equal(w.t, f, f.WithType(ats.OneWay), "the same type changes nothing")
	live := f.WithType(ats.Live)
	require.Empty(w.t, live.QuestionSetID)
	back := live.WithType(ats.OneWay)
	require.Empty(w.t, back.QuestionSetID)
	w.refused(w.request(back, tove(), "k1"), ats.CodeQuestionSetRequired, "question_set_id")
}

func ruleRows(w *world) {
	require.Equal(w.t, 100, w.adapter.Policy().Rows)
	good, bad := form(), form()
	bad.PersonID = "7002"
	w.refused(w.request(bad, tove(), "row-1"), topechelon.CodeNotInPipeline, "candidate.id")
	require.Equal(w.t, maya, w.schedule(good, tove(), "row-2").Candidate.ID)
}

func ruleMessage(w *world) {
	f := form()
	f.Message = strings.Repeat("å", 5001)
	w.refused(w.request(f, tove(), "k1"), ats.CodeMessageTooLong, "message")
	f.Message = "  Looking forward to meeting you.\n"
	require.Equal(w.t, "Looking forward to meeting you.", w.schedule(f, tove(), "k1").Message)
	f.Message = ""
	require.Empty(w.t, w.schedule(f, tove(), "k2").Message)
}

func ruleNoMail(w *world) {
	before := w.host.calls
	w.schedule(form(), tove(), "k1")
	require.Equal(w.t, before+1, w.host.calls, "one question about the pipeline, and nothing else")
}

func ruleOnce(w *world) {
	first := w.schedule(form(), tove(), "k1")
	again := w.schedule(form(), tove(), "k1")
	require.Equal(w.t, first.ID, again.ID)
	require.True(w.t, again.Repeated)
	require.Len(w.t, w.inbox.Interviews(), 1)

	w.reach(first, ats.StateUnconfirmed)
	shown := w.host.column(jobSent, maya)
	require.Equal(w.t, topechelon.StatusNone, shown.State, "nobody knows that the candidate was invited")
	require.Equal(w.t, "Unconfirmed", shown.Label)
}

func ruleSecond(w *world) {
	require.Empty(w.t, w.row(tove(), jobSent, maya).Form.Notice)
	first := w.schedule(form(), tove(), "k1")
	require.Nil(w.t, first.Notice)
	w.reach(first, ats.StateAccepted)
	require.Equal(w.t, "There is an interview for this person and job already: Accepted, due 2026-03-17 17:00 (America/New_York).",
		w.row(tove(), jobSent, maya).Form.Notice)
	second := w.schedule(form(), tove(), "k2")
	require.NotNil(w.t, second.Notice)
	require.Equal(w.t, ats.CodeRequestPending, second.Notice.Code)

	w.reach(first, ats.StateCompleted)
	w.reach(second, ats.StateExpired)
	require.Empty(w.t, w.row(tove(), jobSent, maya).Form.Notice)
	require.Nil(w.t, w.schedule(form(), tove(), "k3").Notice)
}

func ruleVocabulary(w *world) {
	iv := w.schedule(form(), tove(), "k1")
	require.NoError(w.t, w.inbox.Deliver(w.t.Context(), iv.ID))
	column := func() topechelon.InterviewStatus { return w.host.column(jobSent, maya) }
	last := column()
	require.Equal(w.t, topechelon.StatusNone, last.State)
	require.Empty(w.t, last.Label, "before Spark Hire has taken the invitation nothing is claimed")

	later := func(iv *ats.Interview) { iv.Schedule.At = iv.Schedule.At.Add(24 * time.Hour) }
	reset := func(iv *ats.Interview) {
		to(ats.StateSent)(iv)
		iv.CompletedAt, iv.SparkHire.WatchURL, iv.SparkHire.ShareURL = time.Time{}, "", ""
	}
	steps := []struct {
		what   string
		kind   ats.EventKind
		change func(*ats.Interview)
		state  topechelon.StatusState
		label  string
		due    string
	}{
		{"scheduled by us, InterviewCreated", ats.EventSent, to(ats.StateSent), topechelon.StatusInvited, "Invited", "03-17"},
		{"InterviewAccepted", ats.EventAccepted, to(ats.StateAccepted), topechelon.StatusAccepted, "Accepted", "03-17"},
		{"InterviewRescheduled leaves the state", ats.EventRescheduled, later, topechelon.StatusAccepted, "Accepted", "03-18"},
		{"InterviewExpired", ats.EventExpired, to(ats.StateExpired), topechelon.StatusExpired, "Expired", "03-18"},
		{"InterviewRescheduled after expired", ats.EventRescheduled, to(ats.StateSent), topechelon.StatusInvited, "Invited", "03-18"},
		{"InterviewExpired again", ats.EventExpired, to(ats.StateExpired), topechelon.StatusExpired, "Expired", "03-18"},
		{"InterviewCompleted after expired", ats.EventCompleted, to(ats.StateCompleted), topechelon.StatusCompleted, "Completed", "03-18"},
		{"InterviewRated leaves the state", ats.EventRated, nil, topechelon.StatusCompleted, "Completed", "03-18"},
		{"a late InterviewExpired moves nothing back", ats.EventExpired, to(ats.StateExpired), topechelon.StatusCompleted, "Completed", "03-18"},
		{"InterviewReset after completed", ats.EventReset, reset, topechelon.StatusInvited, "Invited", "03-18"},
		{"InterviewDeleted", ats.EventCanceled, to(ats.StateCanceled), topechelon.StatusCanceled, "Canceled", "03-18"},
	}
	for _, s := range steps {
		w.happens(iv, s.kind, s.change)
		now := column()
		require.Equal(w.t, s.state, now.State, s.what)
		require.Equal(w.t, s.label, now.Label, s.what)
		require.Equal(w.t, s.due, now.DueAt.Format("01-02"), s.what)
		require.Equal(w.t, s.state == topechelon.StatusCompleted, now.ResultURL != "", "a result only when completed: %s", s.what)
		require.Greater(w.t, now.Revision, last.Revision, "the revision grows with every change: %s", s.what)
		last = now
	}
}

func ruleCancel(w *world) {
	require.Equal(w.t, ats.Forbidden, w.adapter.Policy().Cancel)
	iv := w.schedule(form(), tove(), "k1")
	w.reach(iv, ats.StateSent)
	_, err := w.inbox.Cancel(w.t.Context(), iv.ID, tove())
	w.isRefusal(err, ats.CodeNotCancelable, "")
	w.reach(iv, ats.StateCanceled)
	require.Equal(w.t, "Canceled", w.host.column(jobSent, maya).Label)
}

func ruleResults(w *world) {
	require.False(w.t, w.adapter.Policy().ViewWithoutKey)
	w.connect("tove-key", "nils-key")
	w.host.blind["u2"] = true
	ref := ats.CandidateRef{Tenant: tenant, ID: maya}
	for _, c := range []struct {
		who  ats.User
		sees bool
	}{{tove(), true}, {nils(), false}, {ats.User{ID: "u3"}, false}, {ats.User{}, false}} {
		may, err := w.adapter.MayView(w.t.Context(), w.conn(), c.who, ref)
		require.NoError(w.t, err)
		require.Equal(w.t, c.sees, may, "%s", c.who)
	}
	iv := w.schedule(form(), tove(), "k1")
	w.reach(iv, ats.StateCompleted)
	require.Equal(w.t, "https://app.sparkhire.example/watch/"+iv.ID, w.host.column(jobSent, maya).ResultURL)

	w.connect("", "nils-key")
	may, err := w.adapter.MayView(w.t.Context(), w.conn(), tove(), ref)
	require.NoError(w.t, err)
	require.False(w.t, may, "not connected any more")
}

func ruleNotUpdated(w *world) {
	w.connect("tove-key", "nils-key")
	iv := w.schedule(form(), tove(), "k1")
	w.reach(iv, ats.StateAccepted)
	require.False(w.t, w.row(nils(), jobSent, maya).NotUpdated)
	w.connect("", "nils-key")
	row := w.row(nils(), jobSent, maya)
	require.True(w.t, row.NotUpdated)
	require.Equal(w.t, "Accepted", row.Status.Label, "the last status stays")
	w.connect("tove-key", "nils-key")
	require.False(w.t, w.row(nils(), jobSent, maya).NotUpdated)
}
