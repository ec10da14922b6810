package teamtailortest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// v2 checks a TT-Signature of version 2 by hand.
func v2(t *testing.T, header, key string, message []byte) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(header)
	require.NoError(t, err)
	at, sum, ok := strings.Cut(strings.TrimPrefix(string(raw), "t="), ",v2=")
	require.True(t, ok)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(at + "." + string(message)))
	require.Equal(t, hex.EncodeToString(mac.Sum(nil)), sum)
}

const hookPath = "/tt/hook"

// hooked is a world with a company webhook to /tt/hook.
func hooked(t *testing.T, cfg teamtailortest.CompanyWebhookConfig) (*world, *teamtailortest.CompanyWebhook) {
	t.Helper()
	w := newWorld(t)
	w.app.on("POST "+hookPath, func(call) response { return jsonResponse(`{}`) })
	cfg.URL = "https://app.example" + hookPath
	return w, w.company.AddWebhook(cfg)
}

func TestCompanyWebhooksFollowWhatHappens(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t, teamtailortest.CompanyWebhookConfig{})
	inbox := w.job.Stage(teamtailortest.StageInbox)
	move := func(c *teamtailortest.Candidate, to *teamtailortest.Stage) {
		_, err := w.tt.MoveCandidate(t.Context(), c, to)
		require.NoError(t, err)
	}
	ole := w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Ole"})
	ole.Update(func(c *teamtailortest.CandidateConfig) { c.Phone = "+46700000002" })
	ole.Update(func(*teamtailortest.CandidateConfig) {})
	move(ole, inbox)
	move(ole, w.stage)
	move(ole, w.stage)
	require.NoError(t, ole.Reject(w.job))
	require.NoError(t, ole.Reject(w.job))
	require.NoError(t, ole.Restore(w.job))
	require.NoError(t, ole.RemoveApplication(w.job))
	require.ErrorIs(t, ole.Reject(w.job), teamtailortest.ErrNotFound)
	require.ErrorIs(t, ole.RemoveApplication(w.job), teamtailortest.ErrNotFound)
	w.job.SetStatus("archived")
	w.job.SetStatus("archived")
	w.company.AddJobTemplate(teamtailortest.JobConfig{Title: "Silent"})
	w.company.AddJob(teamtailortest.JobConfig{Title: "Loud"})
	move(ole, inbox)
	ole.Destroy()
	require.NoError(t, w.tt.Wait(t.Context()))

	var events []any
	for _, c := range w.app.to(hookPath) {
		events = append(events, at(decodeJSON(t, c.body), "payload", "event_name"))
		v2(t, c.header.Get("TT-Signature"), hook.Key(), c.body)
		require.Equal(t, "application/json", c.header.Get("Content-Type"))
		require.Empty(t, c.header.Get("Authorization"))
		require.Empty(t, c.header.Get("Teamtailor-Signature"))
	}
	require.Equal(t, []any{
		"candidate.create", "candidate.update", "job_application.create", "job_application.update", "job_application.update",
		"job_application.update", "job_application.destroy", "job.update", "job.create", "job_application.create",
		"job_application.destroy", "candidate.destroy",
	}, events)
	require.JSONEq(t, `{"payload": {"event_name": "candidate.destroy", "data": {"id": "`+strconv.Itoa(ole.ID)+`", "type": "candidates"}}}`,
		string(w.app.last(t, hookPath).body), "no attributes")
	rejected := decodeJSON(t, w.app.to(hookPath)[4].body)
	require.Equal(t, "job_applications", at(rejected, "payload", "data", "type"))
	require.NotEmpty(t, at(rejected, "payload", "data", "attributes", "rejected_at"))
	require.NotContains(t, at(rejected, "payload", "data", "attributes"), "candidate_id", "which the vendor leaves out")
}

func TestCompanyWebhookShapes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg   teamtailortest.CompanyWebhookConfig
		check func(t *testing.T, c call, body map[string]any)
	}{
		"the deprecated version": {teamtailortest.CompanyWebhookConfig{V1: true}, func(t *testing.T, c call, body map[string]any) {
			t.Helper()
			require.Equal(t, teamtailortest.CompanyWebhookSignatureV1("k", "90210"), c.header.Get("TT-Signature"))
			require.Equal(t, c.header.Get("TT-Signature"), body["signature"])
		}},
		"the signature inside": {teamtailortest.CompanyWebhookConfig{SignatureInside: true}, func(t *testing.T, c call, body map[string]any) {
			t.Helper()
			var raw struct {
				Payload json.RawMessage `json:"payload"`
			}
			require.NoError(t, json.Unmarshal(c.body, &raw))
			v2(t, c.header.Get("TT-Signature"), "k", raw.Payload)
			require.Equal(t, c.header.Get("TT-Signature"), body["signature"])
		}},
		"kebab-case": {teamtailortest.CompanyWebhookConfig{Kebab: true}, func(t *testing.T, _ call, body map[string]any) {
			t.Helper()
			require.Equal(t, "Video", at(body, "payload", "data", "attributes", "stage-name"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.cfg.Key = "k"
			w, _ := hooked(t, c.cfg)
			deliveries := w.company.Emit(t.Context(), "job_application.update", 90210, map[string]any{"stage_name": "Video"})
			require.Len(t, deliveries, 1)
			require.Equal(t, teamtailortest.CallCompanyWebhook, deliveries[0].Kind)
			require.Equal(t, "job_application.update", deliveries[0].Event)
			got := w.app.last(t, hookPath)
			c.check(t, got, decodeJSON(t, got.body))
		})
	}
}

func TestCompanyWebhooksCanBeMadeWrong(t *testing.T) {
	t.Parallel()
	w, hook := hooked(t, teamtailortest.CompanyWebhookConfig{Key: "k", Events: []string{"candidate.destroy"}})
	emit := func(opts ...teamtailortest.SendOption) call {
		w.company.Emit(t.Context(), "candidate.destroy", 81234, nil, opts...)
		return w.app.last(t, hookPath)
	}
	at := time.Unix(1781000000, 0)
	got := emit(teamtailortest.SignedAt(at))
	require.Equal(t, teamtailortest.CompanyWebhookSignature("k", got.body, at), got.header.Get("TT-Signature"))
	got = emit(teamtailortest.SignedAt(at), teamtailortest.SignedWith("other"))
	require.Equal(t, teamtailortest.CompanyWebhookSignature("other", got.body, at), got.header.Get("TT-Signature"))
	got = emit(teamtailortest.SignedAt(at), teamtailortest.BadSignature())
	require.NotEqual(t, teamtailortest.CompanyWebhookSignature("k", got.body, at), got.header.Get("TT-Signature"))
	require.Empty(t, emit(teamtailortest.NoSignature()).header.Get("TT-Signature"))
	before := len(w.app.to(hookPath))
	lost := w.company.Emit(t.Context(), "candidate.destroy", 81234, nil, teamtailortest.Lost())
	require.True(t, lost[0].Lost)
	require.Empty(t, w.company.Emit(t.Context(), "candidate.update", 81234, nil), "not chosen")
	hook.Remove()
	require.Empty(t, w.company.Emit(t.Context(), "candidate.destroy", 81234, nil))
	require.Len(t, w.app.to(hookPath), before)
}

func TestPartnerWebhookSetups(t *testing.T) {
	t.Parallel()
	payloadOf := func(t *testing.T, body []byte) string {
		t.Helper()
		var raw struct {
			Payload json.RawMessage `json:"payload"`
		}
		require.NoError(t, json.Unmarshal(body, &raw))
		return string(raw.Payload)
	}
	for name, c := range map[string]struct {
		setup   teamtailortest.EventSetup
		key     string
		message func(t *testing.T, body []byte) string
	}{
		"the raw body with the webhook secret": {teamtailortest.EventSetup{}, webhookSecret, func(_ *testing.T, b []byte) string { return string(b) }},
		"the raw body with the API key":        {teamtailortest.EventSetup{SignWithAPIKey: true}, apiKey, func(_ *testing.T, b []byte) string { return string(b) }},
		"the record's id":                      {teamtailortest.EventSetup{Signs: teamtailortest.SetupSignsID}, webhookSecret, func(*testing.T, []byte) string { return "81234" }},
		"the payload":                          {teamtailortest.EventSetup{Signs: teamtailortest.SetupSignsPayload}, webhookSecret, payloadOf},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldFor(t, teamtailortest.PartnerConfig{
				ActivationConfig: json.RawMessage(activationForm), RequireCompanyToken: true,
			}, teamtailortest.WithPublicURL(teamtailortest.StackNA.URL()), teamtailortest.WithStack(teamtailortest.StackNA))
			w.app.on("POST /tt/events", func(call) response { return plainResponse(http.StatusInternalServerError, "broken") })
			c.setup.URL = "https://app.example/tt/events"
			w.partner.SetEventSetup(c.setup)
			require.Empty(t, w.company.Emit(t.Context(), "candidate.destroy", 81234, nil), "not installed yet")
			a := w.install(t)
			deliveries := w.company.Emit(t.Context(), "candidate.destroy", 81234, nil)
			require.Len(t, deliveries, 1)
			require.Equal(t, 500, deliveries[0].Status)
			require.Len(t, w.app.to("/tt/events"), 1, "never again")
			got := w.app.last(t, "/tt/events")
			require.Equal(t, a.ProviderKey(), bearer(t, got))
			require.Equal(t, w.company.APIToken(), got.header.Get("Teamtailor-Api-Token"))
			require.Equal(t, "api.na.teamtailor.com", got.header.Get("Teamtailor-Host"))
			_, err := signed(got, c.key, c.message(t, got.body))
			require.NoError(t, err)
			a.Deactivate()
			require.Empty(t, w.company.Emit(t.Context(), "candidate.destroy", 81234, nil))
		})
	}
}
