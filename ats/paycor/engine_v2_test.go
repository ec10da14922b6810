package paycor_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	invitePath = "/v2.0/partners/candidate_assessment_items"
	hookSecret = "a-secret-that-signs"
)

// connectOnV2 is connect for Spark Hire's API v2: a client stands for the account, users
// are known by their addresses, and a person enters the webhook.
func (b *bridged) connectOnV2() {
	b.Helper()
	client := b.spark.AddCredentials(sparkhiretest.Credentials{})
	c, err := b.engine.CreateConnection(b.Context(), store.Connection{
		Tenant: b.tenant, Name: "Harbor Lane Foods", TimeZone: "America/Chicago", Settings: json.RawMessage(`{"feature_enabled": true}`),
	}, bridge.Access{
		Version: "v2", ClientID: client.ClientID, ClientSecret: ats.Secret(client.ClientSecret), WebhookSecrets: &[]ats.Secret{hookSecret},
	}, b.admin)
	require.NoError(b, err)
	b.id = c.ID
	b.spark.AddMeetWebhook(b.engine.WebhookURL(b.id), hookSecret)

	_, err = b.engine.SaveUser(b.Context(), b.id, ats.User{ID: b.tove.ID, Name: b.tove.Name}, nil, b.admin)
	require.Equal(b, ats.Code("email_required"), refused(b, err))
	b.tove.Email = "nobody@harborlane.example"
	_, err = b.engine.SaveUser(b.Context(), b.id, b.tove, nil, b.admin)
	require.Equal(b, ats.CodeInvalidKey, refused(b, err), "Spark Hire must know the address")
	b.tove.Email = b.toveThere.Email
	_, err = b.engine.SaveUser(b.Context(), b.id, b.tove, nil, b.admin)
	require.NoError(b, err)
	require.NoError(b, b.update(func(c *store.Connection) { c.Enabled, c.PrimaryUser = true, b.tove.ID }))

	_, err = b.engine.LinkJob(b.Context(), bridge.LinkJobParams{ConnectionID: b.id, JobID: jobID, Create: &bridge.NewJob{Title: "Shift Supervisor"}, By: b.tove})
	require.Equal(b, ats.Code("not_supported"), refused(b, err))
	require.ErrorContains(b, err, "Make the job in Spark Hire and name it")
	b.link(b.set.ID)
}

// TestOnV2 tells what Paycor's rules become on Spark Hire's API v2. [TestRulesInTheEngine]
// has them for v1.
func TestOnV2(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(b *bridged){
		"webhooks carry a life to newsfeed and tab":        v2Life,
		"a lost answer is found by the announcement":       v2LostAnswer,
		"a lost answer without announcement asks a person": v2Unconfirmed,
		"nothing offers to cancel":                         v2NoCancel,
		"a recording opens for linked users":               v2Recording,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withEngineThat(t, (*bridged).connectOnV2, func(b *bridged) {
				story(b)
				for _, r := range b.spark.Requests() {
					require.Contains(b, r.Path, "/v2.0/", "%s", r.Method)
				}
			})
		})
	}
}

func v2Life(b *bridged) {
	i := b.sent("k")
	require.Equal(b, b.toveThere.ID, b.spark.InterviewsFor(i.Candidate.Email)[0].CreatedBy)
	require.Equal(b, "requested", b.tab().State)
	b.completes(i)
	require.Equal(b, "completed", b.tab().State)
	require.True(b, b.tab().ViewAvailable)
	require.Equal(b, []string{"Video Interview Requested", "Video Interview Accepted", "Video Interview Completed"}, b.host.Texts(maya()))
	require.Len(b, b.spark.InvitationsTo(i.Candidate.Email), 1)
	for _, d := range b.spark.Deliveries() {
		require.Less(b, d.Status, 300, "%s is taken", d.Event)
	}
	_, err := b.engine.Submit(b.Context(), b.request("another"))
	require.Equal(b, ats.CodeAlreadyCompleted, refused(b, err))
}

// loses makes the answer to the next invitation get lost after its effect.
func (b *bridged) loses() ats.Interview {
	b.Helper()
	b.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: invitePath, Times: 1, Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	i, err := b.engine.Submit(b.Context(), b.request("k"))
	require.NoError(b, err)
	b.pass(5 * time.Second)
	return b.in(i.ID, ats.StateSending)
}

func v2LostAnswer(b *bridged) {
	b.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever})
	i := b.loses()
	require.Empty(b, b.host.Texts(maya()), "nothing is claimed")
	b.spark.ReleaseDeliveries()
	b.pass(2 * time.Minute)
	b.in(i.ID, ats.StateSent)
	require.Equal(b, []string{"Video Interview Requested"}, b.host.Texts(maya()))
	require.Equal(b, "requested", b.tab().State)
	require.Len(b, b.spark.InvitationsTo(i.Candidate.Email), 1)
}

func v2Unconfirmed(b *bridged) {
	b.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
	i := b.loses()
	b.pass(11 * time.Minute)
	b.in(i.ID, ats.StateUnconfirmed)
	require.Equal(b, "Video Interview Request Not Confirmed", b.tab().Label)
	require.False(b, b.tab().CanRequest)
	_, err := b.engine.Submit(b.Context(), b.request("another"))
	require.Equal(b, ats.CodeRequestPending, refused(b, err))
	require.Len(b, b.spark.InvitationsTo(i.Candidate.Email), 1)
}

func v2NoCancel(b *bridged) {
	i := b.sent("k")
	notCancelable := func() {
		b.Helper()
		require.False(b, b.tab().CanCancel)
		require.Empty(b, b.reads(b.tove, i).Actions)
		told := b.cancels(b.tove, i).refused()
		require.Equal(b, "not_cancelable", told.Code)
		require.Contains(b, told.Detail, "Cancel the interview in Spark Hire")
	}
	notCancelable()
	require.NoError(b, b.spark.Accept(i.SparkHire.InterviewID))
	b.pass(5 * time.Second)
	b.in(i.ID, ats.StateAccepted)
	require.Equal(b, "accepted", b.tab().State)
	notCancelable()
}

func v2Recording(b *bridged) {
	i := b.completes(b.sent("k"))
	var r struct{ URL, Kind string }
	path := "/interviews/" + i.ID + "/recording"
	b.call(http.MethodGet, path, nil, b.tove).want(http.StatusOK).into(&r)
	require.Equal(b, "watch", r.Kind)
	require.Contains(b, r.URL, i.SparkHire.InterviewID)
	told := b.call(http.MethodGet, path, nil, b.sam).want(http.StatusNotImplemented).refused()
	require.Equal(b, "not_supported", told.Code)
	require.NotEmpty(b, told.Detail)
}
