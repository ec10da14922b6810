package teamtailor_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

const webhookKey = "company-webhook-key"

// subscribe makes the company's own webhook, whose key is in the settings.
func (w *world) subscribe(change func(*teamtailortest.CompanyWebhookConfig), settings string) {
	w.t.Helper()
	w.reconcile() // connects
	cfg := teamtailortest.CompanyWebhookConfig{URL: w.url + "/company-webhooks/" + w.connection().ID, Key: webhookKey}
	if change != nil {
		change(&cfg)
	}
	w.company.AddWebhook(cfg)
	w.setSettings(`{"company_webhook_key": "` + webhookKey + `"` + settings + `}`)
}

// answers requires that every event was answered with the status.
func (w *world) answers(deliveries []teamtailortest.Delivery, want int) {
	w.t.Helper()
	require.NotEmpty(w.t, deliveries)
	for _, d := range deliveries {
		require.NoError(w.t, d.Err)
		require.Equal(w.t, want, d.Status, "%s: %s", d.Event, d.Text)
	}
}

func (w *world) wait() {
	w.t.Helper()
	require.NoError(w.t, w.tt.Wait(w.t.Context()))
}

func TestDeletedCandidateIsErased(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*teamtailortest.CompanyWebhookConfig){
		"over the whole body":              nil,
		"over the payload":                 func(c *teamtailortest.CompanyWebhookConfig) { c.SignatureInside = true },
		"with the deprecated signature":    func(c *teamtailortest.CompanyWebhookConfig) { c.V1 = true },
		"with attributes in another style": func(c *teamtailortest.CompanyWebhookConfig) { c.Kebab = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.subscribe(change, `, "company_webhook_v1": true`)
			mira, other := w.candidate(), w.candidate()
			iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
			w.accepted(w.runTrigger(other, oneWay()))
			mira.Destroy()
			w.wait()
			got, err := w.inbox.Interview(iv.ID)
			require.NoError(t, err)
			require.Empty(t, got.Candidate.Email)
			require.True(t, got.State.Ended())
			require.NotEmpty(t, w.inbox.Interviews()[1].Candidate.Email)
			for _, d := range w.tt.Deliveries() {
				if d.Kind == teamtailortest.CallCompanyWebhook {
					require.Equal(t, http.StatusOK, d.Status, d.Event)
				}
			}
			w.answers(w.company.Emit(t.Context(), "candidate.destroy", mira.ID, nil), http.StatusOK)
			w.discreet()
		})
	}
}

func TestCompanyWebhooksOfStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.subscribe(nil, "")
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	for name, opt := range map[string]teamtailortest.SendOption{
		"no signature":             teamtailortest.NoSignature(),
		"a bad signature":          teamtailortest.BadSignature(),
		"an old signature":         teamtailortest.SignedAt(startOfTest.Add(-6 * time.Minute)),
		"a signature with our key": teamtailortest.SignedWith("webhook-secret"),
	} {
		w.answers(w.company.Emit(t.Context(), "candidate.destroy", mira.ID, nil, opt), http.StatusUnauthorized)
		require.NotEmpty(t, w.inbox.Interviews()[0].Candidate.Email, name)
	}
	w.answers(w.company.Emit(t.Context(), "something.new", 1, map[string]any{"a": 1}), http.StatusOK)
	w.answers(w.company.Emit(t.Context(), "candidate.update", mira.ID, map[string]any{"email": "x@mail.example"}), http.StatusOK)

	status, _, _ := w.do(http.MethodPost, "/company-webhooks/nobody", nil, []byte(`{}`))
	require.Equal(t, http.StatusNotFound, status)
	got, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.NotEmpty(t, got.Candidate.Email)
}

func TestDeprecatedSignatureNeedsASettingAndDeletesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.subscribe(func(c *teamtailortest.CompanyWebhookConfig) { c.V1 = true }, "")
	mira := w.applicant()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.answers(w.company.Emit(t.Context(), "candidate.destroy", mira.ID, nil), http.StatusUnauthorized)
	w.setSettings(`{"company_webhook_key": "` + webhookKey + `", "company_webhook_v1": true, "cancel_on_rejection": true, "company_api_token": "` + w.company.APIToken() + `"}`)
	require.NoError(t, mira.Reject(w.job))
	w.wait()
	got, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.False(t, got.State.Ended())
	w.answers(w.company.Emit(t.Context(), "candidate.destroy", mira.ID, nil), http.StatusOK)
	got, err = w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Empty(t, got.Candidate.Email)
}

func TestSealedWebhookKeyWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.subscribe(nil, "")
	require.NoError(t, w.connection().Secrets.CompareAndSwap(t.Context(), "company_webhook_key", "", "sealed-key"))
	w.answers(w.company.Emit(t.Context(), "candidate.destroy", 1, nil), http.StatusUnauthorized)
	w.answers(w.company.Emit(t.Context(), "candidate.destroy", 1, nil, teamtailortest.SignedWith("sealed-key")), http.StatusOK)
}

func TestPartnerWebhookSetup(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*teamtailortest.EventSetup){
		"over the body":                  func(*teamtailortest.EventSetup) {},
		"over the id":                    func(e *teamtailortest.EventSetup) { e.Signs = teamtailortest.SetupSignsID },
		"over the payload":               func(e *teamtailortest.EventSetup) { e.Signs = teamtailortest.SetupSignsPayload },
		"over the body with the API key": func(e *teamtailortest.EventSetup) { e.SignWithAPIKey = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{partner: func(p *teamtailortest.PartnerConfig) { p.RequireCompanyToken = true }})
			events := teamtailortest.EventSetup{URL: w.url + "/events"}
			change(&events)
			w.partner.SetEventSetup(events)
			mira := w.candidate()
			iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
			mira.Destroy()
			w.wait()
			got, err := w.inbox.Interview(iv.ID)
			require.NoError(t, err)
			require.Empty(t, got.Candidate.Email)
			for _, opt := range []teamtailortest.SendOption{teamtailortest.BadSignature(), teamtailortest.NoSignature(), teamtailortest.Bearer(""), teamtailortest.Bearer("opaque")} {
				w.answers(w.company.Emit(t.Context(), "candidate.destroy", mira.ID, nil, opt), http.StatusUnauthorized)
			}
			w.discreet()
		})
	}
}

func TestEventAfterSettingsWereSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.partner.SetEventSetup(teamtailortest.EventSetup{URL: w.url + "/events", Events: []string{"candidate.destroy"}})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))

	// The key is new, no trigger has brought it, and a deletion names no company.
	require.NoError(t, w.active.Save(t.Context(), teamtailortest.Values{"apiKeys": "Organization: " + orgKey + "\nBo Ek: " + boKey}))
	mira.Destroy()
	w.wait()
	got, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.Empty(t, got.Candidate.Email, "the list of activations tells whose key it is")

	// It is not asked again and again.
	requests := len(w.tt.Requests())
	w.answers(w.company.Emit(t.Context(), "candidate.destroy", 1, nil), http.StatusOK)
	require.Len(t, w.tt.Requests(), requests)
	require.Contains(t, w.log.String(), "not known by its key")
}

func TestRejectionCancels(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings string
		want     ats.State
	}{
		"not by default":         {`{"company_api_token": %q}`, ats.StateRequested},
		"if the settings say so": {`{"company_api_token": %q, "cancel_on_rejection": true}`, ats.StateCanceled},
		"not without a token":    {`{"cancel_on_rejection": true, "date_field": %q}`, ats.StateRequested},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.reconcile()
			w.partner.SetEventSetup(teamtailortest.EventSetup{URL: w.url + "/events"})
			mira := w.applicant()
			iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
			otherJob := w.company.AddJob(teamtailortest.JobConfig{Title: "Surgeon"})
			_, err := w.tt.MoveCandidate(t.Context(), mira, otherJob.Stage(teamtailortest.StageInbox))
			require.NoError(t, err)
			w.setSettings(fmt.Sprintf(c.settings, w.company.APIToken()))
			require.NoError(t, mira.Reject(otherJob))
			w.wait()
			got, err := w.inbox.Interview(iv.ID)
			require.NoError(t, err)
			require.Equal(t, ats.StateRequested, got.State, "another job's rejection is no reason")
			require.NoError(t, mira.Reject(w.job))
			w.wait()
			got, err = w.inbox.Interview(iv.ID)
			require.NoError(t, err)
			require.Equal(t, c.want, got.State)
			w.discreet()
		})
	}
}

func TestRejectionThatIsNotToBeKnownYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.reconcile()
	mira := w.applicant()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	require.NoError(t, mira.Reject(w.job))
	w.partner.SetEventSetup(teamtailortest.EventSetup{URL: w.url + "/events"})
	w.setSettings(fmt.Sprintf(`{"company_api_token": %q, "cancel_on_rejection": true}`, w.company.APIToken()))
	emit := func(visible any) ats.State {
		w.answers(w.company.Emit(t.Context(), "job_application.update", firstApplication, map[string]any{
			"rejected_at": "2026-03-02T09:30:00.000+00:00", "transparent_recruiting_visible_at": visible,
		}), http.StatusOK)
		got, err := w.inbox.Interview(iv.ID)
		require.NoError(t, err)
		return got.State
	}
	require.Equal(t, ats.StateRequested, emit("2026-03-03T09:30:00.000+00:00"))
	require.Equal(t, ats.StateRequested, emit("soon"))
	require.Equal(t, ats.StateCanceled, emit("2026-03-02T09:30:00.000+00:00"))
}

// firstApplication is the id of the first application at the simulator.
const firstApplication = 90210
