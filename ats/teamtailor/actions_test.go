package teamtailor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// press presses a button on the candidate's card.
func (w *world) press(c *teamtailortest.Candidate, endpoint string, opts ...teamtailortest.SendOption) teamtailortest.Delivery {
	w.t.Helper()
	d, err := w.tt.PressAction(w.t.Context(), w.card(c).ResultID, endpoint, opts...)
	require.NoError(w.t, err)
	require.NoError(w.t, d.Err)
	return d
}

func TestCancelButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.record(iv, ats.StateSent, nil)

	for range 2 { // the second press changes nothing
		d := w.press(mira, "actions/cancel")
		require.Equal(t, http.StatusOK, d.Status, d.Text)
	}
	iv, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Equal(t, ats.StateCanceled, iv.State)
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	require.Equal(t, "failed", w.card(mira).Status)
	require.Equal(t, []teamtailortest.Button{{Text: "Send again", Endpoint: "actions/resend"}}, w.card(mira).Buttons)
}

func TestCancelOfWhatIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.record(iv, ats.StateSent, nil)
	_, err := w.inbox.Record(iv.ID, ats.EventCompleted, "Done.", func(iv *ats.Interview) { iv.State = ats.StateCompleted })
	require.NoError(t, err)
	d := w.press(mira, "actions/cancel")
	require.Equal(t, http.StatusUnprocessableEntity, d.Status)
	require.Contains(t, d.Text, "cannot be canceled")
}

func TestResendAfterAnInvitationThatCameToNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	first, r := w.accepted(w.runTrigger(mira, oneWay()))
	result := w.card(mira).ResultID
	require.Equal(t, "result:"+result, r.Key)
	w.record(first, ats.StateFailed, nil)

	second, r := w.accepted(w.press(mira, "actions/resend"))
	require.Equal(t, "resend:"+result+":1", r.Key)
	require.NotEqual(t, first.ID, second.ID)
	require.NoError(t, w.inbox.Deliver(t.Context(), second.ID))
	require.Equal(t, "sending", w.card(mira).Status, "the card no longer says failed")
	require.Empty(t, w.card(mira).Buttons)

	w.record(second, ats.StateSent, nil)
	require.Equal(t, "sent", w.card(mira).Status)
	require.Equal(t, http.StatusOK, w.press(mira, "actions/cancel").Status, "the button cancels the newest invitation")
	got, err := w.inbox.Interview(second.ID)
	require.NoError(t, err)
	require.Equal(t, ats.StateCanceled, got.State)

	require.NoError(t, w.inbox.Deliver(t.Context(), second.ID))
	third, r := w.accepted(w.press(mira, "actions/resend"))
	require.Equal(t, "resend:"+result+":2", r.Key)
	require.Equal(t, ats.StateRequested, third.State)
	require.Len(t, w.inbox.Interviews(), 3)
}

func TestResendTwiceMakesOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.record(iv, ats.StateExpired, nil)
	w.accepted(w.press(mira, "actions/resend"))
	d := w.press(mira, "actions/resend")
	require.Equal(t, http.StatusUnprocessableEntity, d.Status)
	require.Contains(t, d.Text, "still open")
	require.Len(t, w.inbox.Interviews(), 2)
}

func TestResendThatCannotHelpSaysWhatDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state ats.State
		wait  time.Duration
		want  string
	}{
		"an open one":       {ats.StateSent, 0, "Remind the candidate in Spark Hire"},
		"an uncertain one":  {ats.StateUnconfirmed, 0, "still open"},
		"a completed one":   {ats.StateCompleted, 0, "is completed"},
		"one from the past": {ats.StateExpired, 90 * 24 * time.Hour, "in the past, and the button repeats it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			mira := w.candidate()
			iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
			w.record(iv, ats.StateFailed, nil) // shows the button
			_, err := w.inbox.Record(iv.ID, ats.EventKind(c.state), "Changed.", func(iv *ats.Interview) { iv.State = c.state })
			require.NoError(t, err)
			w.clock.advance(c.wait)
			d := w.press(mira, "actions/resend")
			require.Equal(t, http.StatusUnprocessableEntity, d.Status)
			require.Contains(t, d.Text, c.want)
			require.Less(t, len(d.Text), 150)
			require.Len(t, w.inbox.Interviews(), 1)
		})
	}
}

func TestButtonOfARunThatIsNotKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	d := w.runTrigger(w.candidate(), oneWay(), teamtailortest.Lost())
	for _, path := range []string{"/actions/cancel", "/actions/resend"} {
		status, text, _ := w.do(http.MethodPost, path, w.headers(d.EventID), d.Body)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, text, "not known here")
	}
	require.Empty(t, w.inbox.Interviews())
}

func TestButtonsNeedTheSameCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.record(iv, ats.StateSent, nil)
	for _, opt := range []teamtailortest.SendOption{
		teamtailortest.BadSignature(), teamtailortest.NoSignature(), teamtailortest.Bearer(""), teamtailortest.Bearer("a-b-c"),
		teamtailortest.SignedAt(startOfTest.Add(-time.Hour)),
	} {
		require.Equal(t, http.StatusUnauthorized, w.press(mira, "actions/cancel", opt).Status)
	}
	iv, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Equal(t, ats.StateSent, iv.State)
}
