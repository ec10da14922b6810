package teamtailortest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// update sends a correct update and returns whatever comes of it.
func (w *world) update(ctx context.Context, resultID, status string) (int, string, error) {
	body := `{"data": {"type": "partner-results", "id": "` + resultID + `", "attributes": {"status": "` + status + `"}}}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, w.tt.URL+results+"/"+resultID, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Token "+apiKey)
	req.Header.Set("X-Api-Version", "20180828")
	req.Header.Set("Content-Type", "application/vnd.api+json")
	resp, err := w.tt.Client().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(read), err
}

func (w *world) status(t *testing.T) string {
	t.Helper()
	card, ok := w.tt.Card(w.mira)
	require.True(t, ok)
	return card.Status
}

func TestFaultsAnswerWithAStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	in := w.tt.Inject(teamtailortest.Fault{
		Kind: teamtailortest.FaultStatus, Status: 429, Times: 2, Header: http.Header{"X-Rate-Limit-Reset": {"7"}}, Body: "slow down",
	})
	for range 2 {
		status, body, err := w.update(t.Context(), d.ResultID, "sent")
		require.NoError(t, err)
		require.Equal(t, 429, status)
		require.Equal(t, "slow down", body)
		require.Equal(t, "sending", w.status(t))
	}
	status, _, err := w.update(t.Context(), d.ResultID, "sent")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.Equal(t, 2, in.Hits())
	log := w.tt.Requests()
	require.Equal(t, teamtailortest.FaultStatus, log[0].Fault)
	require.False(t, log[0].Effect)
	require.Empty(t, log[2].Fault)
}

func TestFaultsChooseTheirRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	w.tt.Inject(teamtailortest.Fault{
		Kind: teamtailortest.FaultStatus, Status: 503,
		Match: func(r *http.Request) bool { return r.Method == http.MethodPut },
	})
	status, _, _ := w.partnerAPI(t, apiCall{path: results})
	require.Equal(t, 200, status)
	status, _, err := w.update(t.Context(), d.ResultID, "sent")
	require.NoError(t, err)
	require.Equal(t, 503, status)
}

func TestConnectionsAreLostBeforeOrAfterTheEffect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after  bool
		status string
	}{"before": {false, "sending"}, "after": {true, "sent"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.triggered(t)
			w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultLost, AfterEffect: c.after})
			_, _, err := w.update(t.Context(), d.ResultID, "sent")
			require.ErrorIs(t, err, teamtailortest.ErrConnectionLost)
			require.Equal(t, c.status, w.status(t))
			log := w.tt.Requests()
			require.Zero(t, log[0].Status)
			require.Equal(t, c.after, log[0].Effect)
		})
	}
}

func TestConnectionsAreLostOnSocketsToo(t *testing.T) {
	t.Parallel()
	tt := teamtailortest.NewServer()
	t.Cleanup(tt.Close)
	tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultLost, Times: -1})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, tt.URL+results+"/x", strings.NewReader("{}"))
	require.NoError(t, err)
	_, err = tt.Client().Do(req)
	require.ErrorIs(t, err, io.EOF)
}

func TestOutagesLastUntilTheyAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	in := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultLost, Times: -1})
	for range 5 {
		_, _, err := w.update(t.Context(), d.ResultID, "sent")
		require.ErrorIs(t, err, teamtailortest.ErrConnectionLost)
	}
	in.Remove()
	_, _, err := w.update(t.Context(), d.ResultID, "sent")
	require.NoError(t, err)
}

func TestMalformedAnswersEndInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultMalformed, AfterEffect: true})
	status, body, err := w.update(t.Context(), d.ResultID, "sent")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.NotContains(t, body, "}")
	require.Equal(t, "sent", w.status(t))
}

func TestHeldRequestsWaitForTheirRelease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after bool
		held  string // the status on the card while the request is held
	}{"before the effect": {false, "sending"}, "after the effect": {true, "sent"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				d := w.triggered(t)
				in := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultHold, AfterEffect: c.after})
				done := make(chan int)
				go func() {
					status, _, _ := w.update(t.Context(), d.ResultID, "sent")
					done <- status
				}()
				<-in.Reached()
				synctest.Wait()
				require.Equal(t, c.held, w.status(t))
				in.Release()
				in.Release()
				require.Equal(t, 200, <-done)
				require.Equal(t, "sent", w.status(t))
			})
		})
	}
}

func TestHeldRequestsEndWithTheirClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		d := w.triggered(t)
		w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultHold})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, _, err := w.update(ctx, d.ResultID, "sent")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		require.Equal(t, "sending", w.status(t))
	})
}

func TestFaultsMustSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Panics(t, func() { w.tt.Inject(teamtailortest.Fault{}) })
	require.Panics(t, func() { w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultStatus}) })
}
