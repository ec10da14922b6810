package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// public lets the world be reached.
func public(c *bridge.Config) { c.PublicURL = "https://bridge.example" }

func TestAConnectionOnV2LinksUsersByTheirAddress(t *testing.T) {
	t.Parallel()
	inTime(t, setup{nothing: true, config: public}, func(w *world) {
		client := w.spark.AddCredentials(sparkhiretest.Credentials{})
		var c struct {
			ID        string
			SparkHire struct {
				Version    string
				WebhookURL string `json:"webhook_url"`
			} `json:"spark_hire"`
		}
		created := w.post("/connections", object{
			"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm",
			"spark_hire": object{"version": "v2", "client_id": client.ClientID, "client_secret": client.ClientSecret, "webhook_secret": "w1"},
		}).want(http.StatusCreated)
		created.into(&c)
		require.NotContains(w, string(created.body), client.ClientSecret)
		require.NotContains(w, string(created.body), client.ClientID)
		require.Equal(w, "v2", c.SparkHire.Version)
		require.Equal(w, "https://bridge.example/sparkhire/v2/"+c.ID, c.SparkHire.WebhookURL)
		w.connection = "/connections/" + c.ID
		user := w.connection + "/users/asha-lind"

		w.put(user, object{"name": "Asha Lind"}).refused(422, "email_required", "email")
		w.put(user, object{"name": "Asha Lind", "email": "nobody@care.example"}).refused(422, "invalid_key", "email")
		w.put(user, object{"name": "Asha Lind", "email": "asha@care.example", "api_key": w.asha.Key}).refused(422, "unsupported", "api_key")
		var u object
		w.put(user, object{"name": "Asha Lind", "email": "asha@care.example"}).want(http.StatusOK).into(&u)
		require.Equal(w, true, u["linked"])
		require.Empty(w, u["key_hint"])
		w.spark.ForgetRequests()
		w.put(user, object{"name": "Asha K. Lind", "email": "asha@care.example"}).want(http.StatusOK)
		require.Empty(w, w.spark.Requests(), "the link stays as it is")

		require.Equal(w, []string{w.nurse.ID}, w.get(w.connection+"/spark-hire/jobs").ids(), "as the only user")
		require.Equal(w, []string{w.set.ID}, w.get(w.connection+"/spark-hire/question-sets?user=asha-lind").ids())
		i := w.requested("Mira")
		w.pass(time.Second)
		sent := w.read(i.ID)
		require.Equal(w, "sent", sent.State)
		require.Empty(w, sent.Actions)
		w.post("/interviews/"+i.ID+"/cancel", nil).refused(409, "not_cancelable", "")
		require.Equal(w, w.asha.ID, w.spark.InterviewsFor(i.Candidate.Email)[0].CreatedBy)
		require.NoError(w, w.spark.Accept(sent.SparkHire.InterviewID))
		require.NoError(w, w.spark.Complete(sent.SparkHire.InterviewID))
		w.pass(20 * time.Minute) // no webhook is set up, so it is looked for
		require.Equal(w, "completed", w.read(i.ID).State)
		w.account.AddUser(ats.User{ID: "asha-lind"})
		w.account.AddUser(ats.User{ID: "bo"})
		w.get("/interviews/"+i.ID+"/recording", "Sparkbridge-Actor-Id", "bo").refused(501, "not_supported", "")
		var r struct{ Kind string }
		w.get("/interviews/"+i.ID+"/recording", "Sparkbridge-Actor-Id", "asha-lind").want(http.StatusOK).into(&r)
		require.Equal(w, "watch", r.Kind)

		w.patch(w.connection, object{"spark_hire": object{"version": "v1"}}).refused(422, "unsupported", "spark_hire.version")
		w.patch(w.connection, object{"spark_hire": object{"client_secret": "wrong"}}).refused(422, "invalid_key", "spark_hire.client_secret")
		w.patch(w.connection, object{"spark_hire": object{"webhook_secret": []string{"w1", "w2"}}}).want(http.StatusOK)
		w.put(user, object{"name": "Asha Lind", "email": "asha@care.example", "api_key": ""}).want(http.StatusOK).into(&u)
		require.Equal(w, false, u["linked"])
		w.delete(user).want(http.StatusNoContent)
		w.get(w.connection+"/spark-hire/jobs").refused(403, "user_not_linked", "user")
	})
}

func TestAConnectionIsMovedToV2(t *testing.T) {
	t.Parallel()
	inTime(t, setup{config: public}, func(w *world) {
		first := w.requested("Mira")
		w.pass(time.Second)
		require.Equal(w, []string{"cancel"}, w.read(first.ID).Actions)
		client := w.spark.AddCredentials(sparkhiretest.Credentials{})
		var c object
		w.patch(w.connection, object{"spark_hire": object{"version": "v2", "client_id": client.ClientID, "client_secret": client.ClientSecret, "webhook_secret": "w1"}}).want(http.StatusOK).into(&c)
		require.Equal(w, "v2", c["spark_hire"].(object)["version"])
		second := w.requested("Ole")
		w.pass(time.Second)
		require.Equal(w, "sent", w.read(second.ID).State)
		require.Empty(w, w.read(second.ID).Actions)
		require.Equal(w, []string{"cancel"}, w.read(first.ID).Actions, "what v1 made stays with v1")
		require.Len(w, w.spark.RequestsTo(http.MethodPost, "/v2.0/partners/candidate_assessment_items"), 1)
	})
}
