package teamtailor_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// onV2 is the engine itself between the simulators of Teamtailor and of Spark Hire's API
// v2, in virtual time. Mira has one interview, asked for by a trigger.
type onV2 struct {
	*testing.T
	engine  *bridge.Bridge
	handler http.Handler
	spark   *sparkhiretest.Server
	tt      *teamtailortest.Server
	mira    *teamtailortest.Candidate
	partner *teamtailortest.Partner
	company *teamtailortest.Company
	job     *teamtailortest.Job
	log     bytes.Buffer // to be read after pass only
}

func (w *onV2) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }

// tellV2 moves Mira to the stage with the trigger, after prepare, and then tells the story.
func tellV2(t *testing.T, prepare, story func(w *onV2)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		w := &onV2{T: t}
		w.spark = sparkhiretest.NewUnstartedServer(
			sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithClock(time.Now),
			sparkhiretest.WithWebhookClient(&http.Client{Transport: teamtailortest.Transport(w)}),
		)
		defer w.spark.Close()
		asha := w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
		nurse := w.spark.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})
		set := w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
		client := w.spark.AddCredentials(sparkhiretest.Credentials{})

		w.tt = teamtailortest.NewServer(teamtailortest.InMemory(), teamtailortest.WithIntegrationTransport(teamtailortest.Transport(w)))
		defer w.tt.Close()
		w.partner = w.tt.RegisterPartner(teamtailortest.PartnerConfig{DynamicActivation: true, BaseURL: "https://bridge.example/teamtailor"})
		adapter, err := teamtailor.New(teamtailor.Config{
			PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: ats.Secret(w.partner.APIKey())},
			WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: ats.Secret(w.partner.WebhookSecret())},
			APIURLs:        []string{w.tt.URL}, HTTPClient: w.tt.Client(),
			Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
		})
		require.NoError(t, err)
		ledger, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		w.engine, err = bridge.New(bridge.Config{
			Store: ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{adapter}, PublicURL: "https://bridge.example",
			SparkHire: bridge.SparkHireConfig{V1URL: w.spark.V1URL(), V2URL: w.spark.V2URL(), HTTPClient: &http.Client{Transport: w.spark.RoundTripper()}},
		})
		require.NoError(t, err)
		w.handler = w.engine.Handler()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Run(ctx) }()
		defer func() {
			cancel()
			require.NoError(t, <-ended)
			require.NoError(t, ledger.Close())
		}()

		key := bridge.MeetKey(client.ClientID, ats.Secret(client.ClientSecret), asha.Email).Reveal()
		w.company = w.tt.AddCompany(teamtailortest.CompanyConfig{Name: "Example Care AB"})
		active, err := w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": "Organization: " + key + "\nAsha Lind: " + key})
		require.NoError(t, err)
		w.job = w.company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}})
		stage := w.job.Stage("Video interview")
		_, err = active.SaveTrigger(t.Context(), stage, nil, with(with(oneWay(), "job", nurse.ID), "question-set", set.ID))
		require.NoError(t, err)
		move := func(first, email string) *teamtailortest.Candidate {
			c := w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: first, LastName: "Falk", Email: email})
			require.NoError(t, c.SetField("interview-date", "2000-01-08"))
			require.NoError(t, c.SetField("interview-time", "14:30"))
			deliveries, err := w.tt.MoveCandidate(t.Context(), c, stage)
			require.NoError(t, err)
			require.Len(t, deliveries, 1)
			require.Equal(t, http.StatusOK, deliveries[0].Status, deliveries[0].Text)
			w.pass(5 * time.Second)
			return c
		}
		move("Ole", "ole.falk@mail.example") // the company's connection, and its address, is there with the first trigger
		w.enterWebhook()
		if prepare != nil {
			prepare(w)
		}
		w.mira = move("Mira", "mira.falk@mail.example")
		story(w)
		require.Len(t, w.spark.InvitationsTo("mira.falk@mail.example"), 1)
	})
}

// enterWebhook is what a person does on Spark Hire's settings page, and here.
func (w *onV2) enterWebhook() {
	w.Helper()
	const secret = "a-secret-that-signs"
	all, err := w.engine.Connections(w.Context(), teamtailor.Name)
	require.NoError(w, err)
	require.Len(w, all, 1)
	access := bridge.Access{WebhookSecrets: &[]ats.Secret{secret}}
	_, err = w.engine.UpdateConnection(w.Context(), all[0].ID, ats.User{ID: "admin"}, access, func(*store.Connection) error { return nil })
	require.NoError(w, err)
	w.spark.AddMeetWebhook(w.engine.WebhookURL(all[0].ID), secret)
}

// pass lets virtual time pass, and everything happen that is due then.
func (w *onV2) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func (w *onV2) card() teamtailortest.Card {
	w.Helper()
	card, ok := w.tt.Card(w.mira)
	require.True(w, ok)
	return card
}

func TestOnV2TheCardFollowsAndOffersNoCancel(t *testing.T) {
	t.Parallel()
	tellV2(t, nil, func(w *onV2) {
		id := w.spark.InterviewsFor("mira.falk@mail.example")[0].ID
		for _, step := range []struct {
			do     func(string) error
			status string
		}{
			{func(string) error { return nil }, "sent"},
			{w.spark.Accept, "pending"},
			{w.spark.Complete, "completed"},
		} {
			require.NoError(w, step.do(id))
			w.pass(5 * time.Second)
			require.Equal(w, step.status, w.card().Status)
			require.Empty(w, w.card().Buttons)
		}
		require.Contains(w, w.card().URL, id)
		require.Empty(w, w.card().Attachments, "there are no share links")
	})
}

func TestOnV2ARejectionThatCannotCancelIsLogged(t *testing.T) {
	t.Parallel()
	tellV2(t, nil, func(w *onV2) {
		all, err := w.engine.Connections(w.Context(), teamtailor.Name)
		require.NoError(w, err)
		_, err = w.engine.UpdateConnection(w.Context(), all[0].ID, ats.User{ID: "admin"}, bridge.Access{}, func(c *store.Connection) error {
			c.Settings = []byte(`{"cancel_on_rejection": true, "company_api_token": "` + w.company.APIToken() + `"}`)
			return nil
		})
		require.NoError(w, err)
		w.partner.SetEventSetup(teamtailortest.EventSetup{URL: "https://bridge.example/teamtailor/events"})
		require.NoError(w, w.mira.Reject(w.job))
		w.pass(5 * time.Second)
		require.Equal(w, "sent", w.card().Status)
		require.Contains(w, w.log.String(), "its interview stays open")
		require.NotContains(w, w.log.String(), "mail.example")
	})
}

func TestOnV2ALostAnswerIsFoundByTheAnnouncementOrAsksAPerson(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule    sparkhiretest.DeliveryRule
		status  string
		summary string
	}{
		"announced": {sparkhiretest.DeliveryRule{Hold: true, Times: sparkhiretest.Forever}, "sent", "One-way interview sent"},
		"silent":    {sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever}, "sending", "It is not certain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tellV2(t, func(w *onV2) {
				w.spark.DisturbDeliveries(tc.rule)
				w.spark.Inject(sparkhiretest.Fault{
					Method: http.MethodPost, Path: "/v2.0/partners/candidate_assessment_items", Times: 1,
					Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect,
				})
			}, func(w *onV2) {
				require.Equal(w, "sending", w.card().Status)
				w.spark.ReleaseDeliveries()
				w.pass(11 * time.Minute)
				require.Equal(w, tc.status, w.card().Status)
				require.Contains(w, w.card().Summary, tc.summary)
			})
		})
	}
}
