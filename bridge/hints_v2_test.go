package bridge_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// tell sends a webhook of API v2 that is signed with a secret, and returns the
// answer's status.
func (w *world) tell(path, event, secret, body string) int {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("X-SparkHire-Event", event)
	r.Header.Set("X-SparkHire-Signature", hex.EncodeToString(mac.Sum(nil)))
	if secret == "" {
		r.Header.Del("X-SparkHire-Signature")
	}
	rec := httptest.NewRecorder()
	(*w.handler.Load()).ServeHTTP(rec, r)
	return rec.Code
}

func TestAWebhookOfV2IsBelievedInNothingButItsSignature(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		c, err := w.engine.Connection(w.Context(), w.account.Tenant())
		require.NoError(w, err)
		path := strings.TrimPrefix(w.engine.WebhookURL(c.ID), publicURL)
		const completed = sparkhiretest.ItemCompleted
		i := w.invited("Mira")
		item := fmt.Sprintf(`{"uuid":%q,"status":"completed","completed":true}`, i.SparkHire.InterviewID)

		require.Equal(w, http.StatusUnauthorized, w.tell(path, completed, "another", item))
		require.Equal(w, http.StatusUnauthorized, w.tell(path, completed, "", item))
		require.Equal(w, http.StatusNotFound, w.tell("/sparkhire/v2/nobody", completed, hookSecret, item))
		require.Equal(w, http.StatusNotFound, w.tell(path+"/more", completed, hookSecret, item))
		require.Equal(w, http.StatusBadRequest, w.tell(path, completed, hookSecret, `{"status":"completed"}`))
		require.Equal(w, http.StatusBadRequest, w.tell(path, completed, hookSecret, `[]`))
		require.Equal(w, http.StatusBadRequest, w.tell(path, completed, hookSecret, `{"uuid":"`+strings.Repeat("x", 300)+`"}`))
		for _, at := range []string{path, "/sparkhire/v2/nobody", "/sparkhire/v1/nobody/InterviewCompleted/a-guess"} {
			require.Equal(w, http.StatusRequestEntityTooLarge, w.tell(at, completed, hookSecret, strings.Repeat(" ", 1<<20)+item))
		}
		require.Equal(w, http.StatusOK, w.tell(path, "Something.New", hookSecret, `{"anything":1}`))
		require.Equal(w, http.StatusOK, w.tell(path, "", hookSecret, `not even JSON`), "whatever it is, it is theirs")
		require.Equal(w, http.StatusOK, w.tell(path, completed, hookSecret, `{"uuid":"nobody-knows"}`))
		w.spark.ForgetRequests()
		require.Equal(w, http.StatusOK, w.tell(path, completed, hookSecret, item))
		w.pass(time.Second)
		require.Len(w, w.of("v2"), 1, "it is looked at")
		w.requireState(i.ID, ats.StateSent) // Spark Hire itself says otherwise

		// One secret is replaced by another without a gap.
		set := func(all ...ats.Secret) {
			_, err := w.engine.UpdateConnection(w.Context(), c.ID, ats.User{}, bridge.Access{WebhookSecrets: &all}, nil)
			require.NoError(w, err)
		}
		set("next", hookSecret)
		require.Equal(w, http.StatusOK, w.tell(path, completed, hookSecret, item))
		require.Equal(w, http.StatusOK, w.tell(path, completed, "next", item))
		set("next")
		require.Equal(w, http.StatusUnauthorized, w.tell(path, completed, hookSecret, item))
		set()
		require.Equal(w, http.StatusNotFound, w.tell(path, completed, "next", item))
	}, onV2)
}

// An item that stays open after its deadline is looked at ever more rarely, however often
// webhooks told of it.
func TestEachWebhookIsOneLookAndNotAnotherSeries(t *testing.T) {
	t.Parallel()
	words := sparkhiretest.DefaultWords()
	words.Expired = "a word that nobody knows"
	inWorld(t, func(w *world) {
		i := w.invited("Mira")
		require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
		w.pass(time.Second)
		w.silence()
		w.passAtRest(time.Until(i.Schedule.At) + 6*time.Minute)
		path := strings.TrimPrefix(w.engine.WebhookURL(w.connectionID()), publicURL)
		for range 20 {
			require.Equal(w, http.StatusOK, w.tell(path, sparkhiretest.ItemCompleted, hookSecret, fmt.Sprintf(`{"uuid":%q}`, i.SparkHire.InterviewID)))
			w.pass(3*time.Second + 170*time.Millisecond)
		}
		w.spark.ForgetRequests()
		w.pass(time.Until(i.Schedule.At) + 19*time.Minute)
		require.Len(w, w.of("v2"), 1, "ten minutes after the deadline")
		w.requireState(i.ID, ats.StateAccepted)
	}, onV2, sparkhiretest.WithWords(words), func(c *bridge.Config) { c.SparkHire.SweepInterval = 24 * time.Hour })
}

func TestOpenItemsTakeTurnsWhenTheyAreMany(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		w.silence()
		for n := range 8 {
			i := w.submit(fmt.Sprintf("C%d", n))
			w.pass(5 * time.Second)
			require.NoError(w, w.spark.Accept(w.requireState(i.ID, ats.StateSent).SparkHire.InterviewID))
		}
		w.spark.ForgetRequests()
		w.pass(time.Minute)
		reads := len(w.spark.RequestsTo(http.MethodGet, "/v2.0/partners/candidate_assessment_items/*"))
		require.LessOrEqual(w, reads, 12, "not all of them at every sweep")
		w.pass(30 * time.Minute)
		for _, made := range w.spark.Interviews() {
			i, err := w.ledger.InterviewBySparkHireID(w.Context(), w.connectionID(), made.ID)
			require.NoError(w, err)
			require.Equal(w, ats.StateAccepted, i.State)
		}
	}, onV2, func(c *bridge.Config) {
		c.SparkHire.RequestsPerMinute, c.SparkHire.SweepInterval = 20, time.Minute
	})
}
