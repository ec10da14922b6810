package paycor_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// isNewsfeed, isTab and isShown match what the host is told.
func isNewsfeed(r *http.Request) bool { return r.URL.Path == "/v1/newsfeed-items" }
func isTab(r *http.Request) bool      { return r.URL.Path == "/v1/video-interview-tab" }
func isShown(r *http.Request) bool    { return isNewsfeed(r) || isTab(r) }

func answers(status int, header ...string) paycortest.Fault {
	f := paycortest.Fault{Kind: paycortest.FaultStatus, Status: status, Header: http.Header{}}
	for n := 0; n+1 < len(header); n += 2 {
		f.Header.Set(header[n], header[n+1])
	}
	return f
}

// wholeLife is what the newsfeed says of an interview from the request to the recording.
var wholeLife = []string{"Video Interview Requested", "Video Interview Accepted", "Video Interview Completed"}

// told requires that the host has been told of the life of an interview: each item once, in
// order, and never a key with two contents.
func (b *bridged) told(i ats.Interview, texts ...string) {
	b.Helper()
	ref := maya()
	ref.CandidateID = i.Candidate.ID
	require.Equal(b, texts, b.host.Texts(ref))
	keys := map[string]bool{}
	for _, item := range b.host.Newsfeed(ref) {
		require.False(b, keys[item.Key], "%s is there twice", item.Key)
		keys[item.Key] = true
		require.True(b, strings.HasPrefix(item.Key, i.ID+"/"), item.Key)
	}
	require.Zero(b, b.host.Counts().NewsfeedRefused, "a key always comes with the same content")
}

// delivery returns what has become of an interview's reports.
func (b *bridged) delivery(i ats.Interview) store.Delivery {
	b.Helper()
	d, err := b.engine.Delivery(b.Context(), i.ID)
	require.NoError(b, err)
	return d
}

// TestAHostThatFailsForAnHourLosesNothing plays whole lives while the host fails for each
// candidate in another way, whether or not it has taken what it was told.
func TestAHostThatFailsForAnHourLosesNothing(t *testing.T) {
	t.Parallel()
	page := answers(http.StatusOK, "Content-Type", "text/html")
	page.Body = "<html>Please sign in to the guest network.</html>"
	ways := map[string]paycortest.Fault{
		"it answers 500":                     answers(http.StatusInternalServerError),
		"it answers 502":                     answers(http.StatusBadGateway),
		"it answers 503 and names a wait":    answers(http.StatusServiceUnavailable, "Retry-After", "120"),
		"it answers 504":                     answers(http.StatusGatewayTimeout),
		"it has had enough":                  answers(http.StatusTooManyRequests, "Retry-After", "30"),
		"it does not take our token":         answers(http.StatusUnauthorized, "WWW-Authenticate", `Bearer error="invalid_token"`),
		"it points somewhere else":           answers(http.StatusFound, "Location", "https://elsewhere.example/"),
		"a proxy answers in its place":       page,
		"its answers are garbage":            {Kind: paycortest.FaultMalformed},
		"its connections break":              {Kind: paycortest.FaultLost},
		"it never answers":                   {Kind: paycortest.FaultHold},
		"one place fails, the newsfeed":      {Kind: paycortest.FaultStatus, Status: http.StatusInternalServerError, Match: isNewsfeed},
		"one place fails, the tab":           {Kind: paycortest.FaultStatus, Status: http.StatusInternalServerError, Match: isTab},
		"one place's answers break, the tab": {Kind: paycortest.FaultLost, Match: isTab},
	}
	for _, taken := range []bool{false, true} {
		t.Run(map[bool]string{false: "and has taken nothing", true: "and has taken it all the same"}[taken], func(t *testing.T) {
			t.Parallel()
			d := time.Hour
			if underRace {
				d = 5 * time.Minute
			}
			withEngine(t, func(b *bridged) { b.failsFor(d, ways, taken) })
		})
	}
}

// failsFor gives each way to fail a candidate of its own.
func (b *bridged) failsFor(d time.Duration, ways map[string]paycortest.Fault, taken bool) {
	b.Helper()
	end := time.Now().Add(d)
	interviews, faults := map[string]ats.Interview{}, map[string]*paycortest.Injection{}
	for way, fault := range ways {
		ref := maya()
		ref.CandidateID = fmt.Sprintf("candidate-%d", len(interviews)+1)
		b.host.AddCandidate(ref)
		match := fault.Match
		if match == nil {
			match = isShown
		}
		fault.Until, fault.AfterEffect, fault.Match = end, taken, about(ref, match)
		faults[way] = b.host.Inject(fault)
		r := b.request("request for " + ref.CandidateID)
		r.Candidate.ID, r.Candidate.Email = ref.CandidateID, ref.CandidateID+"@mail.example"
		i, err := b.engine.Submit(b.Context(), r)
		require.NoError(b, err)
		interviews[way] = i
	}
	b.pass(time.Minute)
	for way, i := range interviews {
		interviews[way] = b.in(i.ID, ats.StateSent)
		require.NoError(b, b.spark.Accept(interviews[way].SparkHire.InterviewID))
	}
	b.pass(time.Minute)
	for _, i := range interviews {
		require.NoError(b, b.spark.Complete(i.SparkHire.InterviewID))
	}
	b.pass(time.Until(end) - time.Second)
	for way, i := range interviews {
		require.NotZero(b, faults[way].Hits(), way)
		require.Equal(b, store.DeliveryRetrying, b.delivery(i).State, way)
	}
	b.pass(min(d, 30*time.Minute) + 4*time.Minute) // the longest pause between two tries, and the longest call
	for way, i := range interviews {
		ref := maya()
		ref.CandidateID = i.Candidate.ID
		b.told(i, wholeLife...)
		tab, ok := b.host.Tab(ref)
		require.True(b, ok, way)
		require.Equal(b, "Video Interview Complete", tab.Label, way)
		require.True(b, tab.ViewAvailable, way)
		require.Equal(b, store.DeliveryOK, b.delivery(i).State, way)
	}
}

// about matches what the host is told about one candidate, of what match chooses.
func about(ref paycortest.CandidateRef, match func(*http.Request) bool) func(*http.Request) bool {
	return func(r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err == nil && match(r) && bytes.Contains(body, []byte(`"candidateId":"`+ref.CandidateID+`"`))
	}
}

// TestWhatAHostWillNeverTakeIsADeadLetter refuses one item for good: everything else is shown, a
// person sees the letter, and nothing is doubled when it is tried again.
func TestWhatAHostWillNeverTakeIsADeadLetter(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{
		"the key is known with another content": http.StatusConflict,
		"the item is not valid":                 http.StatusBadRequest,
		"the item cannot be processed":          http.StatusUnprocessableEntity,
		"the item is too large":                 http.StatusRequestEntityTooLarge,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withEngine(t, func(b *bridged) {
				refuses := answers(status)
				refuses.Times, refuses.Match = -1, isNewsfeed
				refused := b.host.Inject(refuses)
				i := b.sent("k")
				dead := b.delivery(i)
				require.Equal(b, store.DeliveryDead, dead.State)
				require.Contains(b, dead.LastError, i.ID+"/requested/0", "it names the item")
				require.Equal(b, "requested", b.tab().State, "the tab is shown all the same")
				list, _, err := b.engine.ListDeliveries(b.Context(), store.ListDeliveriesParams{State: store.DeliveryDead, Limit: 10})
				require.NoError(b, err)
				require.Len(b, list, 1)
				require.Equal(b, i.ID, list[0].InterviewID)

				b.completes(i) // nothing of this is lost meanwhile
				require.NoError(b, b.engine.RetryDelivery(b.Context(), i.ID, b.admin))
				b.pass(time.Minute)
				require.Equal(b, store.DeliveryDead, b.delivery(i).State, "it is refused again")
				require.Equal(b, "completed", b.tab().State)
				refused.Remove()
				require.NoError(b, b.engine.RetryDelivery(b.Context(), i.ID, b.admin))
				b.pass(time.Minute)
				b.told(i, wholeLife...)
				require.Equal(b, store.DeliveryOK, b.delivery(i).State)
			})
		})
	}
}

// TestAHostWithoutAPlaceIsTakenAtItsWord has hosts that lack one place, or both.
func TestAHostWithoutAPlaceIsTakenAtItsWord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		newsfeed, tab bool // what there is
	}{
		"no newsfeed": {tab: true},
		"no tab":      {newsfeed: true},
		"neither":     {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withEngine(t, func(b *bridged) {
				b.host.WithoutNewsfeed(!c.newsfeed)
				b.host.WithoutTab(!c.tab)
				i := b.completes(b.sent("k"))
				require.Equal(b, store.DeliveryOK, b.delivery(i).State, "nothing waits")
				if c.newsfeed {
					b.told(i, wholeLife...)
				} else {
					require.Empty(b, b.host.Texts(maya()))
				}
				_, shown := b.host.Tab(maya())
				require.Equal(b, c.tab, shown)
				events, err := b.engine.Events(b.Context(), i.ID)
				require.NoError(b, err)
				said := map[string]bool{}
				for _, e := range events {
					if e.Kind == ats.EventPublished {
						said[e.Text] = true
					}
				}
				require.Equal(b, !c.newsfeed, said["Recorded here, not in Paycor: its host has no place for it."], "%v", said)
				require.Equal(b, c.newsfeed, said[`The ATS shows the state "completed".`], "%v", said)
			})
		})
	}
}

// TestARecordThatIsGoneEndsTheReports is about a candidate whom the host has deleted.
func TestARecordThatIsGoneEndsTheReports(t *testing.T) {
	t.Parallel()
	withEngine(t, func(b *bridged) {
		gone := answers(http.StatusNotFound)
		gone.Times, gone.Match = -1, isShown
		calls := b.host.Inject(gone)
		i := b.completes(b.sent("k"))
		require.Equal(b, store.DeliveryGone, b.delivery(i).State)
		require.Equal(b, 1, calls.Hits(), "nobody asks for it again")
	})
}
