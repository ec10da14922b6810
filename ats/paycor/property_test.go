package paycor_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// TestTheNewsfeedEndsAsTheRulesSay plays random lives of one candidate record: requests,
// cancellations, whatever candidates and people do in Spark Hire, webhooks that are lost,
// repeated and reordered, midnights, and hosts that fail in every way. In the end the newsfeed
// has each step once and in order, and the tab shows what R34 says.
func TestTheNewsfeedEndsAsTheRulesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "what happens")
		acts := rapid.IntRange(4, 16).Draw(rt, "acts")
		webhooks := sparkhiretest.DeliveryRule{
			Times:  sparkhiretest.Forever,
			Drop:   rapid.Bool().Draw(rt, "webhooks are lost"),
			Copies: rapid.IntRange(0, 2).Draw(rt, "copies of webhooks"),
			Hold:   rapid.Bool().Draw(rt, "webhooks wait"),
		}
		withEngine(t, func(b *bridged) {
			b.Logf("seed %d, %d acts, %+v", seed, acts, webhooks)
			b.spark.DisturbDeliveries(webhooks)
			l := life{bridged: b, chance: rand.New(rand.NewPCG(seed, 0))}
			l.ask()
			for range acts {
				l.play()
			}
			l.settle()
			l.check()
		})
	})
}

// hostFailures are the ways in which the host fails in a random life.
var hostFailures = []paycortest.Fault{
	{Kind: paycortest.FaultStatus, Status: http.StatusInternalServerError, Match: isShown},
	{Kind: paycortest.FaultStatus, Status: http.StatusServiceUnavailable, Match: isNewsfeed},
	{Kind: paycortest.FaultStatus, Status: http.StatusTooManyRequests, Match: isTab},
	{Kind: paycortest.FaultStatus, Status: http.StatusConflict, Match: isNewsfeed},
	{Kind: paycortest.FaultStatus, Status: http.StatusBadRequest, Match: isTab},
	{Kind: paycortest.FaultLost, Match: isShown},
	{Kind: paycortest.FaultMalformed, Match: isShown},
	{Kind: paycortest.FaultHold, Match: isShown},
}

// life is one random life.
type life struct {
	*bridged

	chance *rand.Rand
	ids    []string // of the interviews, oldest first
	down   []*paycortest.Injection
	final  []*paycortest.Injection // of the newsfeed, as if for good
}

// play makes one of the things happen that are possible at the moment.
func (l *life) play() {
	l.Helper()
	i := l.pick()
	there, sent := l.spark.Interview(i.SparkHire.InterviewID)
	acts := []string{"request", "wait", "webhooks", "host fails", "host fails", "host recovers"}
	if !i.State.Ended() {
		acts = append(acts, "cancel", "midnight", "midnight")
	}
	if sent {
		acts = append(acts, map[sparkhiretest.State][]string{
			sparkhiretest.Invited:   {"accept", "accept", "accept", "expire", "reschedule", "delete"},
			sparkhiretest.Accepted:  {"complete", "complete", "complete", "expire", "reschedule", "delete"},
			sparkhiretest.Completed: {"reset", "reset", "delete"},
			sparkhiretest.Expired:   {"reschedule", "reschedule", "delete", "cancel", "late completion"},
		}[there.State]...)
	}
	act := acts[l.chance.IntN(len(acts))]
	l.Logf("%s: %s of %s", time.Now().Format(time.TimeOnly), act, i.State)
	switch act {
	case "request":
		l.ask()
	case "cancel":
		_, err := l.engine.Cancel(l.Context(), i.ID, l.tove)
		if err != nil {
			require.Equal(l, ats.CodeNotCancelable, refused(l, err))
		}
	case "wait":
		l.pass(time.Duration(1+l.chance.IntN(120)) * time.Second)
	case "midnight":
		l.pass(time.Until(i.Schedule.At) + time.Minute)
	case "webhooks":
		l.spark.ShuffleDeliveries(l.chance.Uint64())
		l.spark.ReleaseDeliveries()
	case "host fails":
		fault := hostFailures[l.chance.IntN(len(hostFailures))]
		fault.Times, fault.AfterEffect = 1+l.chance.IntN(6), l.chance.IntN(2) == 0
		l.down = append(l.down, l.host.Inject(fault))
		if fault.Status == http.StatusConflict {
			l.final = append(l.final, l.down[len(l.down)-1])
		}
	case "host recovers":
		l.recover()
	default:
		l.atSparkHire(act, there.ID)
	}
}

// atSparkHire does what candidates and people do there.
func (l *life) atSparkHire(act, id string) {
	l.Helper()
	later := time.Now().Add(50 * time.Minute)
	do := map[string]func() error{
		"accept":     func() error { return l.spark.Accept(id) },
		"complete":   func() error { return l.spark.Complete(id) },
		"expire":     func() error { return l.spark.Expire(id) },
		"reset":      func() error { return l.spark.Reset(id, later) },
		"reschedule": func() error { return l.spark.Reschedule(id, later) },
		"delete":     func() error { return l.spark.Delete(id) },
		"late completion": func() error {
			if err := l.spark.Reschedule(id, later); err != nil {
				return err
			}
			if there, _ := l.spark.Interview(id); there.State == sparkhiretest.Invited {
				if err := l.spark.Accept(id); err != nil {
					return err
				}
			}
			return l.spark.Complete(id)
		},
	}
	require.NoError(l, do[act]())
	if l.chance.IntN(2) == 0 { // what is told at once, and what comes all together
		l.pass(3 * time.Second)
	}
}

// pick returns one of the candidate's interviews, the newest most often.
func (l *life) pick() ats.Interview {
	l.Helper()
	n := len(l.ids) - 1
	if l.chance.IntN(3) == 0 {
		n = l.chance.IntN(len(l.ids))
	}
	i, err := l.engine.Interview(l.Context(), l.ids[n])
	require.NoError(l, err)
	return i
}

// ask sends a request, which is taken or refused as R24 to R26 say. Its deadline is the end of
// today in a zone where the day ends soon.
func (l *life) ask() {
	l.Helper()
	synctest.Wait()
	var want ats.Code
	for _, i := range l.interviews() {
		switch {
		case i.State == ats.StateCompleted:
			want = ats.CodeAlreadyCompleted
		case i.State.Pending() && want == "":
			want = ats.CodeRequestPending
		}
	}
	r := l.request(fmt.Sprintf("request-%d", len(l.ids)+1))
	now := time.Now().Add(10 * time.Minute).UTC()
	zone := fmt.Sprintf("Etc/GMT+%d", (now.Hour()+1)%12)
	if now.Hour() >= 11 && now.Hour() < 23 {
		zone = fmt.Sprintf("Etc/GMT-%d", 23-now.Hour())
	}
	loc, err := ats.LoadZone(zone)
	require.NoError(l, err)
	r.Schedule, err = ats.On(ats.DateOf(now.In(loc)), ats.EndOfDay, zone, ats.Fields{})
	require.NoError(l, err)
	require.LessOrEqual(l, time.Until(r.Schedule.At), 70*time.Minute)
	i, err := l.engine.Submit(l.Context(), r)
	if want != "" {
		got := refused(l, err)
		if want == ats.CodeAlreadyCompleted && got == ats.CodeRequestPending {
			got = want // there are both
		}
		require.Equal(l, want, got)
		return
	}
	require.NoError(l, err)
	l.ids = append(l.ids, i.ID)
	l.pass(3 * time.Second)
}

func (l *life) interviews() []ats.Interview {
	l.Helper()
	all := []ats.Interview{}
	for _, id := range l.ids {
		i, err := l.engine.Interview(l.Context(), id)
		require.NoError(l, err)
		all = append(all, i)
	}
	return all
}

// recover ends the host's failures; a person has the dead letters tried again.
func (l *life) recover() {
	l.Helper()
	for _, down := range l.down {
		down.Remove()
	}
	l.down = nil
	for _, id := range l.ids {
		require.NoError(l, l.engine.RetryDelivery(l.Context(), id, l.admin))
	}
}

// settle ends all disturbances and waits until everybody has heard of everything: a sweep finds
// what webhooks did not tell, and a look at the deadline what lists do not show.
func (l *life) settle() {
	l.Helper()
	l.spark.ShuffleDeliveries(l.chance.Uint64())
	l.spark.ReleaseDeliveries()
	l.pass(time.Minute)
	l.recover()
	l.pass(16 * time.Minute)
	for _, i := range l.interviews() {
		if there, ok := l.spark.Interview(i.SparkHire.InterviewID); ok && !i.State.Ended() && (there.State == sparkhiretest.Expired || there.State == sparkhiretest.Deleted) {
			l.pass(max(0, time.Until(i.Schedule.At)) + 10*time.Minute)
		}
	}
	l.recover()
	l.pass(3 * time.Minute)
}

// check holds newsfeed and tab to the rules.
func (l *life) check() {
	l.Helper()
	all := l.interviews()
	keys, sent := map[string]bool{}, 0
	for _, item := range l.host.Newsfeed(maya()) {
		require.False(l, keys[item.Key], "%s is there twice", item.Key)
		keys[item.Key] = true
	}
	require.Zero(l, l.host.Counts().NewsfeedRefused, "a key always comes with the same content")
	for _, i := range all {
		if i.SparkHire.InterviewID != "" {
			sent++
		}
		l.checkState(i)
		l.checkItems(i)
		d := l.delivery(i)
		require.Contains(l, []store.DeliveryState{store.DeliveryOK, ""}, d.State, d.LastError)
	}
	require.Len(l, l.spark.InvitationsTo("maya.okafor@mail.example"), sent, "each request goes out once")
	l.checkTab(all)
}

// checkState compares an interview with Spark Hire, as far as that can be seen from here.
func (l *life) checkState(i ats.Interview) {
	l.Helper()
	there, ok := l.spark.Interview(i.SparkHire.InterviewID)
	if !ok {
		require.Equal(l, ats.StateCanceled, i.State, "it was never sent")
		return
	}
	if i.State == ats.StateCanceled && there.State != sparkhiretest.Deleted {
		// It was canceled when it had expired there and nobody had heard of it: nothing was
		// left to remove, and what becomes of it there is no concern of ours any more.
		require.Equal(l, ats.Code("canceled"), i.Reason.Code)
		return
	}
	want := map[sparkhiretest.State][]ats.State{
		// A reset that nobody told of, of a completion that nobody told of, cannot be seen;
		// nor can one after which it expired.
		sparkhiretest.Invited:   {ats.StateSent, ats.StateAccepted},
		sparkhiretest.Accepted:  {ats.StateAccepted},
		sparkhiretest.Completed: {ats.StateCompleted},
		sparkhiretest.Expired:   {ats.StateExpired, ats.StateCompleted},
		// What had ended before it was deleted stays what it was.
		sparkhiretest.Deleted: {ats.StateCanceled, ats.StateExpired, ats.StateCompleted},
	}[there.State]
	require.Contains(l, want, i.State, "it is %s at Spark Hire", there.State)
}

// steps says which items may follow which, and what an item makes of the request: rules 8.2 and
// 8.3 of the product as a table.
var steps = map[string]struct {
	from []string
	to   string
}{
	"Video Interview Requested":        {[]string{""}, "requested"},
	"Video Interview Accepted":         {[]string{"requested"}, "accepted"},
	"Video Interview Completed":        {[]string{"requested", "accepted", "expired"}, "completed"},
	"Video Interview Expired":          {[]string{"requested", "accepted"}, "expired"},
	"Video Interview Canceled":         {[]string{"", "requested", "accepted"}, "canceled"},
	"Video Interview Reset":            {[]string{"completed"}, "requested"},
	"Video Interview Deadline Changed": {[]string{"requested", "accepted", "expired"}, ""},
	"Video Interview Removed":          {[]string{"completed"}, "completed"},
}

// checkItems requires that an interview's items are a walk through the states that ends where
// the interview is, and that they tell every step of the ledger once.
func (l *life) checkItems(i ats.Interview) {
	l.Helper()
	events, err := l.engine.Events(l.Context(), i.ID)
	require.NoError(l, err)
	var want, got []string
	completed := false
	for _, e := range events {
		text := textOf(e.Kind, completed)
		completed = completed && e.Kind != ats.EventReset || e.Kind == ats.EventCompleted
		if text != "" && (!completed || e.Kind != ats.EventRescheduled) {
			want = append(want, text)
		}
	}
	items := slices.DeleteFunc(l.host.Newsfeed(maya()), func(item paycortest.NewsfeedItem) bool { return item.RequestID != i.ID })
	if slices.ContainsFunc(l.final, func(f *paycortest.Injection) bool { return f.Hits() > 0 }) {
		// What was refused as if for good has not kept the rest from being shown, and comes
		// last once a person has it tried again. Its time says where it belongs.
		slices.SortStableFunc(items, func(x, y paycortest.NewsfeedItem) int {
			return cmp.Or(x.At.Compare(y.At), slices.Index(want, x.Text)-slices.Index(want, y.Text))
		})
	}
	state, last := "", time.Time{}
	for _, item := range items {
		got = append(got, item.Text)
		step, ok := steps[item.Text]
		require.True(l, ok, item.Text)
		require.Contains(l, step.from, state, "%s: %q", item.Text, got)
		switch {
		case step.to != "":
			state = step.to
		case state == "expired":
			state = "requested"
		}
		require.False(l, item.At.Before(last), "%s is older than what it follows", item.Text)
		last = item.At
		byPerson := item.Text == "Video Interview Requested" || item.Text == "Video Interview Canceled" && i.Reason.Code == "canceled"
		require.Equal(l, byPerson, item.ActorUserID != nil, item.Text)
	}
	require.Equal(l, want, got)
	shown := map[string][]ats.State{
		"requested": {ats.StateSent, ats.StateAccepted}, "accepted": {ats.StateAccepted}, "completed": {ats.StateCompleted},
		"expired": {ats.StateExpired}, "canceled": {ats.StateCanceled},
	}[state]
	require.Contains(l, shown, i.State, "after %q", got)
}

// textOf is what an event is called in the newsfeed, empty for nothing.
func textOf(kind ats.EventKind, completed bool) string {
	if kind == ats.EventRemoved && completed {
		return "Video Interview Removed"
	}
	return map[ats.EventKind]string{
		ats.EventSent: "Video Interview Requested", ats.EventAccepted: "Video Interview Accepted", ats.EventCompleted: "Video Interview Completed",
		ats.EventExpired: "Video Interview Expired", ats.EventCanceled: "Video Interview Canceled", ats.EventRemoved: "Video Interview Canceled",
		ats.EventReset: "Video Interview Reset", ats.EventRescheduled: "Video Interview Deadline Changed",
	}[kind]
}

// checkTab requires what R34 says: a completed interview if there is one, else the newest.
func (l *life) checkTab(all []ats.Interview) {
	l.Helper()
	is := func(states ...ats.State) func(ats.Interview) bool {
		return func(i ats.Interview) bool { return slices.Contains(states, i.State) }
	}
	newestFirst := slices.Clone(all)
	slices.Reverse(newestFirst)
	n := max(0, slices.IndexFunc(newestFirst, is(ats.StateCompleted)))
	i, tab := newestFirst[n], l.tab()
	events, err := l.engine.Events(l.Context(), i.ID)
	require.NoError(l, err)
	removed := slices.ContainsFunc(events, func(e ats.Event) bool { return e.Kind == ats.EventRemoved })
	require.Equal(l, i.ID, tab.RequestID)
	require.Equal(l, map[ats.State]string{
		ats.StateSent: "requested", ats.StateAccepted: "accepted", ats.StateCompleted: "completed",
		ats.StateExpired: "expired", ats.StateCanceled: "canceled",
	}[i.State], tab.State)
	pending := is(ats.StateSent, ats.StateAccepted)
	require.Equal(l, pending(i), tab.CanCancel)
	require.Equal(l, !slices.ContainsFunc(all, is(ats.StateSent, ats.StateAccepted, ats.StateCompleted)), tab.CanRequest)
	require.Equal(l, i.State == ats.StateCompleted && !removed, tab.ViewAvailable)
}
