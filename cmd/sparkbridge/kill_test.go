package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// The program is killed between any two steps of inviting and publishing, and
// started again on its files. Each story ends with the program killed; then every
// candidate in it is invited once and the card ends right.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		set   []string
		story func(w *world) []*candidate
		looks bool // whether an interview has to be looked for
	}{
		"after the trigger was answered, before the invitation was begun": {
			// The only worker hangs, so the accepted request cannot have been begun.
			set: []string{"workers=1", "sparkhire.request_timeout=60s", "sparkhire.settle_time=61s", "sparkhire.sweep_interval=1h"},
			story: func(w *world) []*candidate {
				ole := w.invite("Olegario")
				w.hooksRegistered()
				id := w.interview(ole)
				observation := w.toSpark.holdBefore(reading(id))
				require.NoError(w, w.spark.Accept(id))
				w.held(observation)

				mira := w.triggered("Mirabel")
				w.invitedNever(mira)
				w.killWith(observation)
				return []*candidate{ole, mira}
			},
		},
		"when the request is on its way and will be carried out": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdBefore(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				w.kill()
				w.invitedNever(mira)
				invitation.pass()
				w.invitedOnce(mira)
				return []*candidate{mira}
			},
			looks: true,
		},
		"when the request is on its way and gets lost": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdBefore(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				w.killWith(invitation)
				w.invitedNever(mira)
				return []*candidate{mira}
			},
			looks: true,
		},
		"after the invitation was sent, before the answer came": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdAfter(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				w.invitedOnce(mira)
				w.killWith(invitation)
				return []*candidate{mira}
			},
			looks: true,
		},
		"after the answer came, before it could be kept": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdAfter(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				unlock := w.lockLedger()
				defer unlock()
				invitation.pass()
				w.kill()
				return []*candidate{mira}
			},
			looks: true,
		},
		"before the answer came, and the candidate accepts meanwhile": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdAfter(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				w.killWith(invitation)
				require.NoError(w, w.spark.Accept(w.interview(mira)))
				w.start()
				w.awaitCard(mira, "pending")
				w.kill()
				return []*candidate{mira}
			},
			looks: true,
		},
		"while it looks for the interview": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdAfter(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				w.killWith(invitation)

				look := w.toSpark.holdBefore(looking)
				w.start()
				w.held(look)
				w.killWith(look)
				return []*candidate{mira}
			},
			looks: true,
		},
		"after it has found the interview, before it could be kept": {
			story: func(w *world) []*candidate {
				invitation := w.toSpark.holdAfter(creating)
				mira := w.triggered("Mirabel")
				w.held(invitation)
				w.killWith(invitation)

				look := w.toSpark.holdAfter(looking)
				w.start()
				w.held(look)
				unlock := w.lockLedger()
				defer unlock()
				look.pass()
				w.kill()
				return []*candidate{mira}
			},
			looks: true,
		},
		"after it looked in vain and asked again": {
			story: func(w *world) []*candidate {
				lost := w.toSpark.holdBefore(creating)
				mira := w.triggered("Mirabel")
				w.held(lost)
				w.killWith(lost)

				again := w.toSpark.holdAfter(creating)
				w.start()
				w.held(again)
				w.killWith(again)
				return []*candidate{mira}
			},
			looks: true,
		},
		"before the report took effect": {
			story: func(w *world) []*candidate {
				report := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultHold, Match: publishing})
				mira := w.triggered("Mirabel")
				w.reached(report)
				w.kill()
				card, _ := w.tt.Card(mira.Candidate)
				require.Equal(w, "sending", card.Status)
				return []*candidate{mira}
			},
		},
		"after the report took effect, before its answer": {
			story: func(w *world) []*candidate {
				report := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultHold, Match: publishing, AfterEffect: true})
				mira := w.triggered("Mirabel")
				w.reached(report)
				w.awaitCard(mira, "sent")
				w.kill()
				return []*candidate{mira}
			},
		},
		"while it reads what the candidate has done": {
			story: func(w *world) []*candidate {
				mira := w.invite("Mirabel")
				w.hooksRegistered()
				id := w.interview(mira)
				// No sweep helps: the hint that was answered must not be lost.
				w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews", Times: sparkhiretest.Forever, Do: sparkhiretest.Respond(http.StatusServiceUnavailable, nil, "")})
				observation := w.toSpark.holdBefore(reading(id))
				require.NoError(w, w.spark.Accept(id))
				w.held(observation)
				require.NoError(w, w.spark.Flush(w.ctx))
				w.killWith(observation)
				w.start()
				w.awaitCard(mira, "pending")
				w.kill()
				w.spark.ClearFaults()
				return []*candidate{mira}
			},
		},
		"while it takes in a webhook": {
			story: func(w *world) []*candidate {
				mira := w.invite("Mirabel")
				w.hooksRegistered()
				id := w.interview(mira)
				w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: sparkhiretest.InterviewAccepted, Drop: true})
				require.NoError(w, w.spark.Accept(id))
				w.beginWebhook(id)
				w.kill()
				w.start()
				w.awaitCard(mira, "pending")
				w.kill()
				return []*candidate{mira}
			},
		},
		"before the webhooks came": {
			story: func(w *world) []*candidate {
				mira := w.invite("Mirabel")
				w.hooksRegistered()
				id := w.interview(mira)
				w.kill()
				require.NoError(w, w.spark.Accept(id))
				require.NoError(w, w.spark.Flush(w.ctx))
				w.start()
				w.awaitCard(mira, "pending")
				w.kill()
				return []*candidate{mira}
			},
		},
	} {
		t.Run("killed "+name, func(t *testing.T) {
			t.Parallel()
			w := newCompanyWorld(t, setup{set: tc.set})
			everybody := tc.story(w)

			w.set = nil
			w.start()
			for _, c := range everybody {
				w.awaitAnyCard(c, "sent", "pending")
				card := w.complete(c)
				require.Subset(t, []string{"sending", "sent", "pending", "completed"}, statuses(card), "no detours")
			}
			w.stop()
			for _, c := range everybody {
				w.invitedOnce(c)
			}
			require.Len(t, requests(w.spark.Requests(), creating), len(everybody), "Spark Hire was asked once for each")
			if tc.looks {
				require.NotEmpty(t, requests(w.spark.Requests(), looking), "somebody looked")
			}
			w.discreet()
		})
	}
}

func TestKilledWhileItCancels(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"before the interview was removed": false, "after the interview was removed": true} {
		t.Run("killed "+name, func(t *testing.T) {
			t.Parallel()
			w := newCompanyWorld(t, setup{})
			mira := w.invite("Mirabel")
			id := w.interview(mira)
			removal := w.toSpark.hold(func(r *http.Request) bool { return r.Method == http.MethodDelete }, after)
			card, _ := w.tt.Card(mira.Candidate)
			pressed, err := w.tt.PressAction(w.ctx, card.ResultID, "actions/cancel")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, pressed.Status, "%s; log:\n%s", pressed.Text, w.running.output())
			w.held(removal)
			w.killWith(removal)

			w.start()
			card = w.awaitCard(mira, "failed")
			require.Contains(t, card.Summary, "The interview was canceled.")
			w.stop()
			i, _ := w.spark.Interview(id)
			require.Equal(t, sparkhiretest.Deleted, i.State)
			w.invitedOnce(mira)
			var canceled []sparkhiretest.Email
			for _, e := range w.spark.Emails() {
				if e.Kind == sparkhiretest.EmailCanceled {
					canceled = append(canceled, e)
				}
			}
			require.Len(t, canceled, 1)
			w.discreet()
		})
	}
}

func TestKilledBeforeItCouldRegisterForWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	registration := w.toSpark.holdBefore(registering)
	w.install()
	w.saveTrigger(w.stage, nil)
	mira := w.invite("Mirabel")
	w.held(registration)
	w.killWith(registration)
	w.start()
	w.hooksRegistered()
	w.complete(mira)
	w.stop()
	w.invitedOnce(mira)
	w.discreet()
}

func TestKilledWhileItStartsForTheFirstTime(t *testing.T) {
	t.Parallel()
	for line := 1; line <= 9; line += 4 { // the first ones tell of tables that were made
		t.Run(fmt.Sprintf("killed at line %d of its log", line), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{idle: true})
			first := w.launch()
			_, err := first.stderr.awaitLine(w.ctx, func(text string, n int) bool {
				return n == line || strings.Contains(text, "msg=listening")
			})
			require.NoError(t, err)
			first.kill()

			w.start()
			w.install()
			w.saveTrigger(w.stage, nil)
			w.complete(w.invite("Mirabel"))
			w.stop()
			w.discreet()
		})
	}
}
