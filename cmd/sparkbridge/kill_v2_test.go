package main_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	itemsPath = "/v2.0/partners/candidate_assessment_items"
	apiToken  = "token-of-the-operator"
	hookWord  = "word-that-signs-webhooks"
)

// creatingItem is the call of API v2 that invites, lookingAtItem the one that reads.
func creatingItem(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == itemsPath
}

func lookingAtItem(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, itemsPath+"/")
}

// newMeetWorld is a company world on Spark Hire's API v2, with one candidate who is
// invited and the webhook that a person has entered at Spark Hire.
func newMeetWorld(t *testing.T, s setup) (*world, *candidate) {
	t.Helper()
	s.idle = true
	w := newWorld(t, s)
	w.set = append(w.set, "sparkhire.v2_url="+w.toSpark.URL+"/v2.0", "sparkhire.confirm_window=8s", "api_tokens="+apiToken)
	client := w.spark.AddCredentials(sparkhiretest.Credentials{})
	w.private(client.ClientID, client.ClientSecret, hookWord, apiToken)
	for _, u := range []*sparkhiretest.User{&w.admin, &w.asha} { // what the administrator pastes
		u.Key = bridge.MeetKey(client.ClientID, ats.Secret(client.ClientSecret), u.Email).Reveal()
	}
	w.start()
	w.install()
	w.saveTrigger(w.stage, nil)
	first := w.invite("Olegario")

	_, list := w.backend(apiToken, http.MethodGet, "/connections", "", "")
	id := list["items"].([]any)[0].(map[string]any)["id"].(string)
	status, c := w.backend(apiToken, http.MethodPatch, "/connections/"+id, "", `{"spark_hire":{"webhook_secret":"`+hookWord+`"}}`)
	require.Equal(t, http.StatusOK, status, c)
	w.spark.AddMeetWebhook(c["spark_hire"].(map[string]any)["webhook_url"].(string), hookWord)
	return w, first
}

// holdNews keeps every webhook back, as an outage between the two would, until
// [sparkhiretest.Server.ReleaseDeliveries].
func (w *world) holdNews() {
	w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
}

// completeItem lets the candidate do the interview and waits for the result.
func (w *world) completeItem(c *candidate) teamtailortest.Card {
	w.Helper()
	id := w.interview(c)
	if i, _ := w.spark.Interview(id); i.State == sparkhiretest.Invited {
		require.NoError(w, w.spark.Accept(id))
	}
	require.NoError(w, w.spark.Complete(id))
	card := w.awaitCard(c, "completed")
	require.Contains(w, card.URL, id)
	return card
}

// uncertain reports whether the card says that a person is looking into it.
func uncertain(card teamtailortest.Card) bool { return strings.Contains(card.Summary, "not certain") }

// On API v2 the program is killed between any two steps of inviting, too. There is
// no list to look in: Spark Hire's news end the doubt, and without any a person does.
func TestKilledAtEveryStepOnV2(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		story func(w *world, mira *candidate)
		lost  bool // nobody is invited, and a person must say so
	}{
		"when the request is on its way and will be carried out": {
			story: func(w *world, mira *candidate) {
				invitation := w.toSpark.holdBefore(creatingItem)
				w.accepted(w.trigger(mira))
				require.NoError(w, invitation.wait(w.ctx))
				w.kill()
				w.invitedNever(mira)
				invitation.pass()
				w.invitedOnce(mira)
			},
		},
		"when the request is on its way and gets lost": {
			story: func(w *world, mira *candidate) {
				invitation := w.toSpark.holdBefore(creatingItem)
				w.accepted(w.trigger(mira))
				require.NoError(w, invitation.wait(w.ctx))
				w.kill()
				invitation.drop()
				w.invitedNever(mira)
			},
			lost: true,
		},
		"after the invitation was sent, before the answer came": {
			story: func(w *world, mira *candidate) {
				invitation := w.toSpark.holdAfter(creatingItem)
				w.accepted(w.trigger(mira))
				require.NoError(w, invitation.wait(w.ctx))
				w.invitedOnce(mira)
				w.kill()
				invitation.drop()
			},
		},
		"after the answer came, before it could be kept": {
			story: func(w *world, mira *candidate) {
				invitation := w.toSpark.holdAfter(creatingItem)
				w.accepted(w.trigger(mira))
				require.NoError(w, invitation.wait(w.ctx))
				unlock := w.lockLedger()
				defer unlock()
				invitation.pass()
				w.kill()
			},
		},
		"while it looks at what it was told of": {
			story: func(w *world, mira *candidate) {
				invitation := w.toSpark.holdAfter(creatingItem)
				w.accepted(w.trigger(mira))
				require.NoError(w, invitation.wait(w.ctx))
				w.kill()
				invitation.drop()
				id := w.interview(mira)
				look := w.toSpark.holdBefore(func(r *http.Request) bool {
					return lookingAtItem(r) && strings.HasSuffix(r.URL.Path, id)
				})
				w.start()
				w.spark.ReleaseDeliveries()
				require.NoError(w, look.wait(w.ctx))
				require.NoError(w, w.spark.Flush(w.ctx))
				w.kill()
				look.drop()
			},
		},
		"before the report took effect": {
			story: func(w *world, mira *candidate) {
				report := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultHold, Match: publishing})
				w.accepted(w.trigger(mira))
				w.reached(report)
				w.kill()
			},
		},
		"while it takes in a webhook": {
			story: func(w *world, mira *candidate) {
				w.accepted(w.trigger(mira))
				w.awaitCard(mira, "sent")
				w.beginMeetWebhook(mira)
				w.kill()
			},
		},
	} {
		t.Run("killed "+name, func(t *testing.T) {
			t.Parallel()
			w, ole := newMeetWorld(t, setup{})
			w.holdNews()
			mira := w.candidate("Mirabel")
			tc.story(w, mira)
			w.start()
			w.spark.ReleaseDeliveries()
			if tc.lost {
				_, err := w.tt.AwaitCard(w.ctx, mira.Candidate, uncertain)
				require.NoError(t, err, "log:\n%s", w.running.output())
				w.invitedNever(mira)
			} else {
				w.awaitAnyCard(mira, "sent", "pending")
				w.completeItem(mira)
				w.invitedOnce(mira)
			}
			w.completeItem(ole)
			w.stop()
			made := 2
			if tc.lost {
				made = 1
			}
			require.Len(t, requests(w.spark.Requests(), creatingItem), made, "Spark Hire was asked once for each")
			w.discreet()
		})
	}
}

// beginMeetWebhook sends half of a signed webhook about the candidate's interview.
func (w *world) beginMeetWebhook(c *candidate) {
	w.Helper()
	id := w.interview(c)
	require.NoError(w, w.spark.Accept(id))
	w.beginWebhook(id)
}

// The program is killed all the time on API v2, while Spark Hire's news are held up.
func TestKilledAtRandomMomentsOnV2(t *testing.T) {
	t.Parallel()
	const lives, perLife = 4, 2
	from := rand.Uint64()
	t.Logf("seed %d", from)
	random := rand.New(rand.NewPCG(from, 0))
	w, ole := newMeetWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithRateLimit(10_000, time.Second)}})
	w.holdNews()
	moment := func() <-chan time.Time {
		return time.After(time.Duration(random.Int64N(int64(500 * time.Millisecond))))
	}
	all := []*candidate{ole}
	for life := range lives {
		w.liveOn(random, all)
		for n := range perLife {
			c := w.candidate(fmt.Sprintf("Mirabel%d%d", life, n))
			_, err := w.tt.MoveCandidate(w.ctx, c.Candidate, w.stage)
			require.NoError(t, err)
			all = append(all, c)
		}
		<-moment()
		w.kill()
		if life < lives-1 {
			w.start()
		}
	}
	stored := w.ledger()
	w.start()
	w.spark.ReleaseDeliveries()
	doubts := 0
	for _, c := range all {
		if stored[strconv.Itoa(c.ID)] == 0 {
			continue
		}
		card, err := w.tt.AwaitCard(w.ctx, c.Candidate, func(card teamtailortest.Card) bool {
			made := w.spark.InterviewsFor(c.email)
			if len(made) == 0 {
				return uncertain(card)
			}
			return card.Status == map[sparkhiretest.State]string{
				sparkhiretest.Invited: "sent", sparkhiretest.Accepted: "pending", sparkhiretest.Completed: "completed",
			}[made[0].State]
		})
		require.NoError(t, err, "log:\n%s", w.running.output())
		if uncertain(card) {
			doubts++
		}
	}
	w.stop()
	for _, c := range all {
		require.LessOrEqual(t, len(w.spark.InvitationsTo(c.email)), 1)
	}
	t.Logf("%d triggers, %d stored, %d left to a person; Spark Hire was asked %d times", len(all), len(stored), doubts, len(requests(w.spark.Requests(), creatingItem)))
	w.discreet()
}
