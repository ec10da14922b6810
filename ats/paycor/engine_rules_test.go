package paycor_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// TestRulesInTheEngine has a subtest for each numbered rule of docs/vendors/paycor.md that
// only the engine and Spark Hire together can keep.
func TestRulesInTheEngine(t *testing.T) {
	t.Parallel()
	for _, rule := range []struct {
		number string
		test   func(b *bridged)
	}{
		{"R3", ruleSettings},
		{"R4", ruleKeys},
		{"R6", ruleUpdatesByThePrimaryUser},
		{"R7", rulePrimaryUserAtSave},
		{"R9", ruleWhoLinks},
		{"R10", ruleLinkTwice},
		{"R11", ruleLinkOpens},
		{"R12", ruleQuestionSets},
		{"R14", ruleKeyOfTheSender},
		{"R19", ruleEndsByItself},
		{"R21", ruleOneMail},
		{"R22", ruleLostAnswer},
		{"R25", ruleSecondAfterCompleted},
		{"R28", ruleProgressOfALife},
		{"R30", ruleUntracked},
		{"R32", ruleNeverDeletesCompleted},
		{"R33", ruleCanceledInTheNewsfeed},
		{"R34", ruleNewestOnTheTab},
		{"R35", ruleWhoCancels},
		{"R36", ruleRecordingOfACompleted},
		{"R37", ruleShareLink},
		{"R38", ruleNothingForOthers},
	} {
		t.Run(rule.number, func(t *testing.T) {
			t.Parallel()
			withEngine(t, rule.test)
		})
	}
}

func ruleSettings(b *bridged) {
	c, err := b.engine.Connection(b.Context(), b.tenant)
	require.NoError(b, err)
	require.Equal(b, ats.CodeNotAdmin, refused(b, b.engine.CheckSettings(c, b.tove)))
	require.NoError(b, b.engine.CheckSettings(c, b.admin))
	key := ats.Secret(b.toveThere.Key)
	_, err = b.engine.SaveUser(b.Context(), b.id, b.tove, &key, b.tove)
	require.Equal(b, ats.CodeNotAdmin, refused(b, err), "a person hands the key to an administrator")
	require.Equal(b, ats.CodeNotAdmin, refused(b, b.engine.RemoveUser(b.Context(), b.id, b.sam.ID, b.tove)))
}

func ruleKeys(b *bridged) {
	ines := b.spark.AddUser(sparkhiretest.User{Name: "Ines at Spark Hire", Email: "ines@harborlane.example"})
	b.key(ats.User{ID: "910235", Name: "Ines Roth"}, ats.Secret(ines.Key))
	wrong := ats.Secret("not-a-key")
	_, err := b.engine.SaveUser(b.Context(), b.id, b.sam, &wrong, b.admin)
	require.Equal(b, ats.CodeInvalidKey, refused(b, err))
	c, err := b.engine.Connection(b.Context(), b.tenant)
	require.NoError(b, err)
	linked := map[string]bool{}
	for _, u := range c.Users {
		linked[u.ID] = u.Linked
	}
	require.Equal(b, map[string]bool{recruiter: true, "910234": false, "910235": true}, linked)
}

// readers returns who has read interviews since the log was forgotten.
func (b *bridged) readers() []string {
	var names []string
	for _, r := range b.spark.RequestsTo(http.MethodGet, "/interviews/*") {
		names = append(names, r.User)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func ruleUpdatesByThePrimaryUser(b *bridged) {
	main := b.spark.AddUser(sparkhiretest.User{Name: "The main user", Email: "main@harborlane.example"})
	b.key(ats.User{ID: "910240", Name: "Main"}, ats.Secret(main.Key))
	i := b.sent("k")
	require.NoError(b, b.update(func(c *store.Connection) { c.PrimaryUser = "910240" }))
	b.spark.ForgetRequests()
	require.NoError(b, b.spark.Accept(i.SparkHire.InterviewID))
	b.pass(5 * time.Second)
	b.in(i.ID, ats.StateAccepted)
	require.Equal(b, []string{"The main user"}, b.readers())
}

func rulePrimaryUserAtSave(b *bridged) {
	err := b.update(func(c *store.Connection) { c.PrimaryUser = "" })
	require.Equal(b, ats.CodePrimaryUserRequired, refused(b, err))
	require.Equal(b, ats.CodePrimaryUserRequired, refused(b, b.engine.RemoveUser(b.Context(), b.id, b.tove.ID, b.admin)))
	none := ats.Secret("")
	_, err = b.engine.SaveUser(b.Context(), b.id, b.tove, &none, b.admin)
	require.Equal(b, ats.CodePrimaryUserRequired, refused(b, err))
}

func ruleWhoLinks(b *bridged) {
	for _, u := range []ats.User{b.sam, b.admin, {ID: "777"}} {
		_, err := b.engine.LinkJob(b.Context(), bridge.LinkJobParams{ConnectionID: b.id, JobID: "another-job", SparkHireJobID: b.job.ID, By: u})
		require.Equal(b, ats.CodeUserNotLinked, refused(b, err))
		set := b.set.ID
		_, err = b.engine.LinkJob(b.Context(), bridge.LinkJobParams{ConnectionID: b.id, JobID: jobID, QuestionSetID: &set, By: u})
		require.Equal(b, ats.CodeUserNotLinked, refused(b, err))
	}
}

func ruleLinkTwice(b *bridged) {
	before := len(b.spark.Jobs())
	p := bridge.LinkJobParams{
		ConnectionID: b.id, JobID: "another-job", By: b.tove,
		Create: &bridge.NewJob{Title: "Dock Hand", City: "Duluth", Region: "MN", Country: "USA", Description: "Moves pallets."},
	}
	first, err := b.engine.LinkJob(b.Context(), p)
	require.NoError(b, err)
	again, err := b.engine.LinkJob(b.Context(), p)
	require.NoError(b, err)
	require.Equal(b, first, again)
	require.Len(b, b.spark.Jobs(), before+1)
}

func ruleLinkOpens(b *bridged) {
	l, err := b.engine.JobLink(b.Context(), b.id, jobID)
	require.NoError(b, err)
	require.True(b, strings.HasPrefix(l.URL, "https://"), l.URL)
	require.Contains(b, l.URL, b.job.ID)
}

func ruleQuestionSets(b *bridged) {
	unknown := "not-a-set"
	_, err := b.engine.LinkJob(b.Context(), bridge.LinkJobParams{ConnectionID: b.id, JobID: jobID, QuestionSetID: &unknown, By: b.tove})
	require.Equal(b, ats.Code("unknown_question_set"), refused(b, err))

	first := b.sent("first")
	other := b.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Lifting things"})
	b.pass(time.Hour) // lists of Spark Hire are kept for a while
	b.link(other.ID)
	require.Equal(b, b.set.ID, b.in(first.ID, ats.StateSent).SparkHire.QuestionSetID)
	_, err = b.engine.Cancel(b.Context(), first.ID, b.tove)
	require.NoError(b, err)
	b.pass(5 * time.Second)
	require.Equal(b, other.ID, b.sent("second").SparkHire.QuestionSetID)
}

func ruleKeyOfTheSender(b *bridged) {
	ines := b.spark.AddUser(sparkhiretest.User{Name: "Ines at Spark Hire", Email: "ines@harborlane.example"})
	b.key(ats.User{ID: "910235", Name: "Ines Roth"}, ats.Secret(ines.Key))
	b.host.AllowEveryone()
	r := b.request("k")
	r.RequestedBy = b.tove
	_, err := b.engine.Submit(b.Context(), r)
	require.NoError(b, err)
	b.pass(5 * time.Second)
	require.Equal(b, b.toveThere.ID, b.spark.InterviewsFor(r.Candidate.Email)[0].CreatedBy)
}

func ruleEndsByItself(b *bridged) {
	i := b.sentForToday("k")
	b.pass(time.Until(i.Schedule.At) - time.Minute)
	b.in(i.ID, ats.StateSent)
	b.pass(2 * time.Minute)
	b.in(i.ID, ats.StateExpired)
	require.Equal(b, "expired", b.tab().State)
	require.True(b, b.tab().CanRequest)
	require.Equal(b, []string{"Video Interview Requested", "Video Interview Expired"}, b.host.Texts(maya()))
}

func ruleOneMail(b *bridged) {
	i := b.sent("k")
	require.Len(b, b.spark.InvitationsTo(i.Candidate.Email), 1)
}

func ruleLostAnswer(b *bridged) {
	b.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	i, err := b.engine.Submit(b.Context(), b.request("k"))
	require.NoError(b, err)
	b.pass(5 * time.Minute)
	b.in(i.ID, ats.StateSent)
	_, err = b.engine.Submit(b.Context(), b.request("k"))
	require.NoError(b, err)
	b.pass(5 * time.Minute)
	require.Len(b, b.spark.InvitationsTo(i.Candidate.Email), 1)
	require.Equal(b, []string{"Video Interview Requested"}, b.host.Texts(maya()))
	require.Equal(b, int32(910233), *b.host.Newsfeed(maya())[0].ActorUserID)
}

func ruleSecondAfterCompleted(b *bridged) {
	b.completes(b.sent("k"))
	_, err := b.engine.Submit(b.Context(), b.request("another"))
	require.Equal(b, ats.CodeAlreadyCompleted, refused(b, err))
	require.False(b, b.tab().CanRequest)
}

func ruleProgressOfALife(b *bridged) {
	i := b.completes(b.sent("k"))
	b.pass(time.Hour) // sweeps find nothing new
	require.Equal(b, []string{"Video Interview Requested", "Video Interview Accepted", "Video Interview Completed"}, b.host.Texts(maya()))
	require.Equal(b, "Video Interview Complete", b.tab().Label)
	require.True(b, b.tab().ViewAvailable)

	require.NoError(b, b.spark.Delete(i.SparkHire.InterviewID))
	b.pass(time.Hour)
	require.Equal(b, "completed", b.tab().State)
	require.False(b, b.tab().ViewAvailable)
	require.Equal(b, "Video Interview Removed", b.host.Texts(maya())[3])
	require.Zero(b, b.host.Counts().NewsfeedRefused)
}

func ruleUntracked(b *bridged) {
	direct, err := b.spark.InviteByLink(sparkhiretest.Invitation{
		JobID: b.job.ID, QuestionSetID: b.set.ID, By: b.toveThere.ID,
		Candidate: sparkhiretest.Candidate{FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
	})
	require.NoError(b, err)
	require.NoError(b, b.spark.Complete(direct.ID))
	b.pass(time.Hour)
	require.Empty(b, b.host.Texts(maya()))
	_, told := b.host.Tab(maya())
	require.False(b, told)
}

func ruleNeverDeletesCompleted(b *bridged) {
	i := b.sent("k")
	b.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever}) // nobody has heard of it yet
	require.NoError(b, b.spark.Accept(i.SparkHire.InterviewID))
	require.NoError(b, b.spark.Complete(i.SparkHire.InterviewID))
	_, err := b.engine.Cancel(b.Context(), i.ID, b.tove)
	if err != nil { // told at once, or found out while canceling
		require.Equal(b, ats.CodeNotCancelable, refused(b, err))
	}
	b.pass(time.Hour)
	b.in(i.ID, ats.StateCompleted)
	there, ok := b.spark.Interview(i.SparkHire.InterviewID)
	require.True(b, ok)
	require.False(b, there.CompletedAt.IsZero())
	require.Empty(b, b.spark.RequestsTo(http.MethodDelete, "/interviews/*"))
}

func ruleCanceledInTheNewsfeed(b *bridged) {
	i := b.sent("k")
	_, err := b.engine.Cancel(b.Context(), i.ID, b.tove)
	require.NoError(b, err)
	b.pass(time.Hour)
	b.in(i.ID, ats.StateCanceled)
	require.Equal(b, []string{"Video Interview Requested", "Video Interview Canceled"}, b.host.Texts(maya()))
	require.Equal(b, int32(910233), *b.host.Newsfeed(maya())[1].ActorUserID)
	require.Equal(b, "canceled", b.tab().State)
}

func ruleNewestOnTheTab(b *bridged) {
	first := b.sent("first")
	_, err := b.engine.Cancel(b.Context(), first.ID, b.tove)
	require.NoError(b, err)
	b.pass(5 * time.Second)
	second := b.sent("second")
	require.Equal(b, second.ID, b.tab().RequestID)
	require.Equal(b, "requested", b.tab().State)
	b.completes(second)
	require.Equal(b, second.ID, b.tab().RequestID)
	require.Zero(b, b.host.Counts().NewsfeedRefused)
}

func ruleWhoCancels(b *bridged) {
	i := b.sent("k")
	for _, u := range []ats.User{b.sam, b.admin, {ID: "777"}} {
		_, err := b.engine.Cancel(b.Context(), i.ID, u)
		require.Equal(b, ats.CodeUserNotLinked, refused(b, err))
	}
	b.in(i.ID, ats.StateSent)
}

func ruleRecordingOfACompleted(b *bridged) {
	i := b.sent("k")
	_, _, err := b.engine.Recording(b.Context(), i.ID, b.tove)
	require.ErrorIs(b, err, ats.ErrNotFound)
	b.completes(i)
	url, _, err := b.engine.Recording(b.Context(), i.ID, b.tove)
	require.NoError(b, err)
	require.NotEmpty(b, url)
}

func ruleShareLink(b *bridged) {
	i := b.completes(b.sent("k"))
	for _, u := range []ats.User{b.tove, b.sam, b.admin} {
		url, kind, err := b.engine.Recording(b.Context(), i.ID, u)
		require.NoError(b, err)
		require.Equal(b, bridge.RecordingShareLink, kind, "no login is needed")
		require.Equal(b, i.SparkHire.ShareURL, url, "one link for all")
	}
}

func ruleNothingForOthers(b *bridged) {
	i := b.completes(b.sent("k"))
	b.host.Deny(910234, maya())
	_, _, err := b.engine.Recording(b.Context(), i.ID, b.sam)
	require.Equal(b, ats.CodeNotPermitted, refused(b, err))
	_, _, err = b.engine.Recording(b.Context(), i.ID, ats.User{ID: "777"})
	require.Equal(b, ats.CodeNotPermitted, refused(b, err))
	c, err := b.engine.Connection(b.Context(), b.tenant)
	require.NoError(b, err)
	stored, err := b.engine.StoredInterview(b.Context(), i.ID)
	require.NoError(b, err)
	require.Empty(b, b.engine.Actions(c, stored, b.sam, false))
}

// TestR20ACompletionWinsOverAnExpiry needs a Spark Hire whose clock is behind, so that it
// still calls open what has ended here.
func TestR20ACompletionWinsOverAnExpiry(t *testing.T) {
	t.Parallel()
	behind := sparkhiretest.WithClock(func() time.Time { return time.Now().Add(-3 * time.Hour) })
	withEngine(t, func(b *bridged) {
		i := b.sentForToday("k")
		b.pass(time.Until(i.Schedule.At) + time.Minute)
		b.in(i.ID, ats.StateExpired)
		b.completes(i)
		require.Equal(b, "completed", b.tab().State)
		require.False(b, b.tab().CanRequest)
		require.Zero(b, b.host.Counts().NewsfeedRefused)
	}, behind)
}

// A changed address is found by polling: the engine calls Reconcile, and what it is told
// goes to the interviews that have not ended.
func TestTheEngineFollowsAChangedAddress(t *testing.T) {
	t.Parallel()
	withEngine(t, func(b *bridged) {
		job := b.paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200}).
			AddAccount(paycortest.AccountConfig{ID: maya().AccountID}).AddJob(paycortest.JobConfig{ID: jobID})
		person := job.AddCandidate(paycortest.CandidateConfig{ID: candidate, Email: "maya.okafor@mail.example"})
		c, err := b.engine.Connection(b.Context(), b.tenant)
		require.NoError(b, err)
		activate(b.T, b.adapter, b.paycor, c)
		i := b.sent("k")
		person.Update(func(c *paycortest.CandidateConfig) { c.Email = "maya@new.example" })
		b.pass(2 * time.Hour)
		require.Equal(b, "maya@new.example", b.in(i.ID, ats.StateSent).Candidate.Email)
		require.Equal(b, []string{"Video Interview Requested"}, b.host.Texts(maya()))
		require.Zero(b, b.paycor.CreateCalls())
	})
}
