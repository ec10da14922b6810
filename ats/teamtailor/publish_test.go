package teamtailor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// finish is what Spark Hire adds when an interview is done.
func finish(iv *ats.Interview) {
	score := 84.6
	iv.SparkHire.WatchURL = "https://app.sparkhire.example/watch/abc"
	iv.SparkHire.ShareURL = "https://app.sparkhire.example/share/abc"
	iv.SparkHire.Score = &score
}

// irrevocable is what Spark Hire's API v2 makes.
func irrevocable(iv *ats.Interview) { iv.SparkHire.Irrevocable = true }

func because(text string) func(*ats.Interview) {
	return func(iv *ats.Interview) { iv.Reason = &ats.Reason{Code: "for_a_reason", Message: text} }
}

func TestCardShowsEveryState(t *testing.T) {
	t.Parallel()
	cancel := []teamtailortest.Button{{Text: "Cancel invitation", Endpoint: "actions/cancel"}}
	again := []teamtailortest.Button{{Text: "Send again", Endpoint: "actions/resend"}}
	const due = ", due 2026-04-02 14:30 (Europe/Stockholm)."
	for _, c := range []struct {
		state   ats.State
		change  func(*ats.Interview)
		status  string
		summary string
		buttons []teamtailortest.Button
	}{
		{ats.StateSent, nil, "sent", "One-way interview sent to the candidate" + due, cancel},
		{ats.StateAccepted, nil, "pending", "One-way interview accepted by the candidate" + due, cancel},
		{ats.StateCompleted, finish, "completed", "Interview completed.", nil},
		{ats.StateExpired, nil, "failed", "The deadline passed without an interview.", again},
		{ats.StateCanceled, because("Canceled by Asha Lind."), "failed", "Canceled by Asha Lind.", again},
		{ats.StateFailed, because("Spark Hire no longer has this job. Choose another in the trigger."), "failed", "Spark Hire no longer has this job. Choose another in the trigger.", again},
		{ats.StateFailed, nil, "failed", "Spark Hire refused the invitation.", again},
		{ats.StateUnconfirmed, nil, "sending", "It is not certain whether the invitation was sent. A person is looking into it; please do not send another one.", nil},
		{ats.StateSent, irrevocable, "sent", "One-way interview sent to the candidate" + due, nil},
		{ats.StateAccepted, irrevocable, "pending", "One-way interview accepted by the candidate" + due, nil},
	} {
		t.Run(string(c.state)+": "+c.summary, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			mira := w.candidate()
			iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
			w.record(iv, c.state, c.change)
			card := w.card(mira)
			require.Equal(t, c.status, card.Status)
			require.Equal(t, c.summary, card.Summary)
			require.Equal(t, c.buttons, card.Buttons)
			require.Equal(t, "2026-04-02 14:30 (Europe/Stockholm)", card.Details["Deadline"])
			require.Nil(t, card.Score)
			details, err := json.Marshal(card.Details)
			require.NoError(t, err)
			require.NotContains(t, string(details), "Mira")
			if c.state == ats.StateCompleted {
				require.Equal(t, "https://app.sparkhire.example/watch/abc", card.URL)
				require.Equal(t, []teamtailortest.Attachment{{URL: "https://app.sparkhire.example/share/abc", Description: "Share the interview"}}, card.Attachments)
			}
			w.discreet()
		})
	}
}

func TestNothingIsWrittenWhileNothingHasHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	w.record(iv, ats.StateSending, nil)
	require.Empty(t, w.tt.Requests())

	// But what was shown is taken back when a person sends the invitation again.
	w.record(iv, ats.StateUnconfirmed, nil)
	w.record(iv, ats.StateRequested, nil)
	require.Equal(t, "One-way interview is being sent, due 2026-04-02 14:30 (Europe/Stockholm).", w.card(mira).Summary)
	w.record(iv, ats.StateSent, nil)
	require.Equal(t, "sent", w.card(mira).Status)
}

func TestLiveInterviewStarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, live()))
	w.record(iv, ats.StateSent, func(iv *ats.Interview) { iv.Notice = &ats.Reason{Message: "Another one is open."} })
	require.Equal(t, "Live interview sent to the candidate, starts 2026-04-02 14:30 (Europe/Stockholm). Another one is open.", w.card(mira).Summary)
	require.Equal(t, "2026-04-02 14:30 (Europe/Stockholm)", w.card(mira).Details["Start"])
}

func TestScoreIsSentOnlyIfWanted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings string
		score    *float64
		want     *float64
	}{
		"not by default":        {`{}`, new(84.6), nil},
		"if the settings say":   {`{"send_score": true}`, new(84.6), new(85.0)},
		"zero is one":           {`{"send_score": true}`, new(0.0), new(0.0)},
		"never a made-up one":   {`{"send_score": true}`, nil, nil},
		"never outside 0 … 100": {`{"send_score": true}`, new(101.0), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			mira := w.candidate()
			iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
			w.setSettings(c.settings)
			w.record(iv, ats.StateCompleted, func(iv *ats.Interview) { iv.SparkHire.Score = c.score })
			require.Equal(t, c.want, w.card(mira).Score)
			require.Empty(t, w.card(mira).URL)
		})
	}
}

func TestTheSummaryOfTheAnswersIsShownOnlyIfWanted(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]any{`{}`: nil, `{"send_summary": true}`: "Motivation: wants night work."} {
		w := newWorld(t, setup{})
		mira := w.candidate()
		iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
		w.setSettings(settings)
		w.record(iv, ats.StateCompleted, func(iv *ats.Interview) { iv.SparkHire.Summary = "Motivation: wants night work." })
		require.Equal(t, want, w.card(mira).Details["Spark Hire's summary"], settings)
	}
}

func TestCompletedIsNeverTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.record(iv, ats.StateCompleted, finish)
	shown := w.card(mira).CardState
	for _, s := range []ats.State{ats.StateSent, ats.StateAccepted, ats.StateExpired, ats.StateCanceled, ats.StateFailed, ats.StateRequested} {
		w.record(iv, s, nil)
		require.Equal(t, shown, w.card(mira).CardState, s)
	}
	w.record(iv, ats.StateCompleted, finish)
	require.Equal(t, "completed", w.card(mira).Status)

	// A completion that the card never showed holds nothing up.
	bo := w.candidate()
	iv, _ = w.accepted(w.runTrigger(bo, oneWay()))
	_, err := w.inbox.Record(iv.ID, ats.EventCompleted, "Done.", func(iv *ats.Interview) { iv.State = ats.StateCompleted })
	require.NoError(t, err)
	w.record(iv, ats.StateExpired, nil)
	require.Equal(t, "failed", w.card(bo).Status)
}

func TestContentThatIsRefusedLosesNoState(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusConflict, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity} {
		w := newWorld(t, setup{})
		mira := w.candidate()
		iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
		w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultStatus, Status: status})
		w.record(iv, ats.StateCompleted, finish)
		card := w.card(mira)
		require.Equal(t, "completed", card.Status)
		require.Equal(t, "https://app.sparkhire.example/watch/abc", card.URL)
		require.Empty(t, card.Summary)
		require.Contains(t, w.log.String(), "writing only its status")
		w.discreet()
	}
}

func TestErrorsAreToldByTheirKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.MaxAttempts = 1 }})
	iv, _ := w.accepted(w.runTrigger(w.candidate(), oneWay()))
	_, err := w.inbox.Record(iv.ID, ats.EventSent, "Sent.", func(iv *ats.Interview) { iv.State = ats.StateSent })
	require.NoError(t, err)
	for status, want := range map[int]error{
		http.StatusBadRequest: ats.ErrInvalid, http.StatusUnauthorized: ats.ErrUnauthorized, http.StatusForbidden: ats.ErrForbidden,
		http.StatusNotFound: ats.ErrGone, http.StatusNotAcceptable: ats.ErrInvalid, http.StatusConflict: ats.ErrInvalid, http.StatusGone: ats.ErrGone,
		http.StatusUnsupportedMediaType: ats.ErrInvalid, http.StatusUnprocessableEntity: ats.ErrInvalid, http.StatusTooManyRequests: ats.ErrRateLimited,
		http.StatusInternalServerError: ats.ErrUnavailable, http.StatusBadGateway: ats.ErrUnavailable, http.StatusTeapot: ats.ErrUnavailable,
	} {
		in := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultStatus, Status: status, Times: -1})
		err := w.inbox.Deliver(t.Context(), iv.ID)
		in.Remove()
		require.ErrorIs(t, err, want, "%d", status)
		var vendor *teamtailor.APIError
		require.ErrorAs(t, err, &vendor)
		require.Equal(t, status, vendor.Status)
		require.Contains(t, err.Error(), "publish interview "+iv.ID)
		require.NotContains(t, err.Error(), "mira")
	}
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
}

func TestWaitThatTeamtailorNamesIsPassedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.MaxAttempts = 1 }, vendor: []teamtailortest.Option{teamtailortest.WithRateLimit(1, 1<<40)}})
	iv, _ := w.accepted(w.runTrigger(w.candidate(), oneWay()))
	w.record(iv, ats.StateSent, nil)
	_, err := w.inbox.Record(iv.ID, ats.EventAccepted, "Accepted.", func(iv *ats.Interview) { iv.State = ats.StateAccepted })
	require.NoError(t, err)
	err = w.inbox.Deliver(t.Context(), iv.ID)
	var later *ats.RetryLaterError
	require.ErrorAs(t, err, &later)
	require.False(t, later.At.IsZero())
	require.ErrorIs(t, err, ats.ErrRateLimited)
}

func TestOtherAuthorizationWordIsTriedOnce(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"Token", "Bearer"} {
		w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithSchemes(word)}})
		mira := w.candidate()
		iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
		w.record(iv, ats.StateSent, nil)
		require.Equal(t, "sent", w.card(mira).Status, word)
	}
	w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithSchemes("Key")}})
	iv, _ := w.accepted(w.runTrigger(w.candidate(), oneWay()))
	_, err := w.inbox.Record(iv.ID, ats.EventSent, "Sent.", func(iv *ats.Interview) { iv.State = ats.StateSent })
	require.NoError(t, err)
	require.ErrorIs(t, w.inbox.Deliver(t.Context(), iv.ID), ats.ErrUnauthorized)
	require.Len(t, w.tt.Requests(), 2)
}

func TestRemovedResultIsGone(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]teamtailortest.Option{"with 404": nil, "with 410": {teamtailortest.WithGone()}} {
		w := newWorld(t, setup{vendor: opts})
		mira := w.candidate()
		iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
		mira.Destroy()
		_, err := w.inbox.Record(iv.ID, ats.EventSent, "Sent.", func(iv *ats.Interview) { iv.State = ats.StateSent })
		require.NoError(t, err)
		require.ErrorIs(t, w.inbox.Deliver(t.Context(), iv.ID), ats.ErrGone, name)
	}
}

func TestReportsThatHaveNoPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	report := ats.Report{Interview: ats.Interview{ID: "i1", State: ats.StateSent}}
	publish := func(replyTo string) error {
		report.ReplyTo = json.RawMessage(replyTo)
		return w.adapter.Publish(t.Context(), ats.Connection{}, report)
	}
	require.ErrorIs(t, publish(""), ats.ErrHostCannot)
	require.ErrorIs(t, publish("{}"), ats.ErrHostCannot)
	require.ErrorIs(t, publish("{"), ats.ErrInvalid)
	require.ErrorIs(t, publish(`{"update_url": "https://evil.example/partner/v1/partner-results/1"}`), ats.ErrInvalid)
	report.Interview.State = "a state of tomorrow"
	require.ErrorIs(t, publish(fmt.Sprintf(`{"update_url": %q}`, w.tt.URL+"/partner/v1/partner-results/1")), ats.ErrHostCannot)
	report.Interview.State, report.Acknowledged = ats.StateExpired, ats.StateCompleted
	require.ErrorIs(t, publish(fmt.Sprintf(`{"update_url": %q}`, w.tt.URL+"/partner/v1/partner-results/1")), ats.ErrHostCannot)
	require.Empty(t, w.tt.Requests())
}

func TestConnectionLostWhileReporting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.MaxAttempts = 1 }})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultLost, AfterEffect: true})
	_, err := w.inbox.Record(iv.ID, ats.EventSent, "Sent.", func(iv *ats.Interview) { iv.State = ats.StateSent })
	require.NoError(t, err)
	err = w.inbox.Deliver(t.Context(), iv.ID)
	require.ErrorIs(t, err, ats.ErrUnavailable)
	require.NotErrorIs(t, err, ats.ErrInvalid)
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	require.Equal(t, "sent", w.card(mira).Status)
}

func TestLongReasonsBeginWithWhatMatters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	reason := "Spark Hire no longer has this job. " + strings.Repeat("More about it. ", 20)
	w.record(iv, ats.StateFailed, because(reason))
	require.True(t, strings.HasPrefix(w.card(mira).Summary, "Spark Hire no longer has this job."))
	require.Equal(t, reason, w.card(mira).FullSummary)
}
