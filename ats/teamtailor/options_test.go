package teamtailor_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
)

func keys(pairs ...string) map[teamtailor.Stack]ats.Secret {
	m := map[teamtailor.Stack]ats.Secret{}
	for i := 0; i < len(pairs); i += 2 {
		m[teamtailor.Stack(pairs[i])] = ats.Secret(pairs[i+1])
	}
	return m
}

func TestConfigIsCheckedAsAWhole(t *testing.T) {
	t.Parallel()
	cfg := teamtailor.Config{
		PartnerAPIKeys: keys("mars", "key-1", "eu", " "), WebhookSecrets: keys("eu", " "),
		APIURLs: []string{"http://api.teamtailor.com", "ftp://x", "https://a.example/path"}, SignatureTolerance: 2 * time.Hour,
		FormBudget: -1, CallBudget: -1, LostAfter: time.Second, AuthWord: "Basic", HelpURL: "javascript:alert(1)", MaxAttempts: -1,
		PartnerAPIVersion: "v2", PublicAPIVersion: "2024-9-4",
	}
	_, err := teamtailor.New(cfg)
	require.ErrorIs(t, err, ats.ErrInvalid)
	for _, want := range []string{
		`PartnerAPIKeys: "mars" is not a stack`, `PartnerAPIKeys: the value for "eu" is empty`, `WebhookSecrets: the value for "eu" is empty`,
		"WebhookSecrets: is the same value", `"http://api.teamtailor.com": want https`, `"ftp://x"`, `"https://a.example/path"`,
		"SignatureTolerance: 2h0m0s", "FormBudget", "CallBudget", "LostAfter: 1s", `AuthWord: "Basic"`, "HelpURL", "MaxAttempts", `PartnerAPIVersion: "v2"`, `PublicAPIVersion: "2024-9-4"`,
	} {
		require.ErrorContains(t, err, want)
	}
	var one *teamtailor.ConfigError
	require.ErrorAs(t, err, &one)

	_, err = teamtailor.New(teamtailor.Config{})
	require.ErrorContains(t, err, "PartnerAPIKeys: at least one is required")
	require.ErrorContains(t, err, "WebhookSecrets: at least one is required")
}

func TestKeysAndURLsOfStacks(t *testing.T) {
	t.Parallel()
	secret := keys("", "webhook-secret")
	for name, c := range map[string]struct {
		keys map[teamtailor.Stack]ats.Secret
		urls []string
		want string
	}{
		"one key for all":                {keys("", "k"), nil, ""},
		"a key for one stack":            {keys("na", "k"), nil, ""},
		"a key for each":                 {keys("eu", "a", "na", "b", "ap", "c"), nil, ""},
		"a loopback address":             {keys("", "k"), []string{"http://127.0.0.1:8081"}, ""},
		"localhost":                      {keys("", "k"), []string{"http://localhost:8081/"}, ""},
		"a key without its URL":          {keys("ap", "k"), []string{"https://api.teamtailor.com"}, `a partner API key for "ap" and no URL`},
		"addresses in the stacks' order": {keys("eu", "a", "na", "b"), []string{"http://127.0.0.1:8081", "http://127.0.0.1:8082"}, ""},
		"no key for any URL":             {keys("na", "k"), []string{"https://teamtailor.example"}, "no partner API key for any"},
		"http elsewhere":                 {keys("", "k"), []string{"http://teamtailor.example"}, "want https"},
		"a key that cannot be a header":  {keys("", "ke\ny"), nil, "visible ASCII"},
	} {
		_, err := teamtailor.New(teamtailor.Config{PartnerAPIKeys: c.keys, WebhookSecrets: secret, APIURLs: c.urls})
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.want, name)
		require.NotContains(t, err.Error(), "ke\ny")
	}
}

func TestConfigAndSettingsKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	cfg := teamtailor.Config{PartnerAPIKeys: keys("", "partner-api-key"), WebhookSecrets: keys("", "webhook-secret")}
	settings := teamtailor.Settings{CompanyAPIToken: "company-token", CompanyWebhookKey: "company-key"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", cfg, "settings", settings)
	text := log.String() + fmt.Sprintf("%v %+v %#v %v", cfg, cfg, cfg, settings)
	for _, secret := range []string{"partner-api-key", "webhook-secret", "company-token", "company-key"} {
		require.NotContains(t, text, secret)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	a, err := teamtailor.New(teamtailor.Config{PartnerAPIKeys: keys("", "k"), WebhookSecrets: keys("", "s")})
	require.NoError(t, err)
	p := a.Policy()
	require.NoError(t, p.Validate())
	require.Equal(t, ats.Policy{
		Types:       []ats.InterviewType{ats.OneWay, ats.Live},
		QuestionSet: map[ats.InterviewType]ats.Need{ats.OneWay: ats.Required, ats.Live: ats.Optional},
		Deadline:    ats.DeadlineRule{Given: ats.Required, Time: ats.Required},
		JobLink:     ats.Forbidden, ActorKey: ats.KeyNamed, PrimaryUser: ats.Forbidden, Scope: ats.ScopeTerms,
		WhilePending: ats.Decline, AfterCompleted: ats.Allow, Cancel: ats.Optional, Message: ats.Optional, DoNotEmail: true,
		ViewWithoutKey: true, TimeZone: ats.Optional, GoneErases: true, Settings: ats.SettingsByBackend,
	}, p)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	a, err := teamtailor.New(teamtailor.Config{PartnerAPIKeys: keys("", "k"), WebhookSecrets: keys("", "s")})
	require.NoError(t, err)
	check := func(settings, zone string) error {
		return a.CheckSettings(ats.Connection{ID: "c1", TimeZone: zone, Settings: []byte(settings)})
	}
	for _, ok := range []string{
		``, `{}`, `{"date_field": "datum", "time_field": "tid", "send_score": true, "send_summary": true, "allow_repeat": false, "live_form_time": true}`,
		`{"api_url": "https://api.na.teamtailor.com/", "company_webhook_key": "k", "company_webhook_v1": true, "company_api_token": "t"}`,
		`{"stages": [` + stageRule + `}, ` + stageRule + `, "job": "1", "due_days": 7}]}`,
	} {
		require.NoError(t, check(ok, ""), ok)
	}
	for settings, want := range map[string]string{
		`{"datefield": "x"}`:                                   "datefield",
		`{"date_field": "interview-time"}`:                     "settings.time_field",
		`{"allow_repeat": true}`:                               "settings.allow_repeat",
		`{"api_url": "https://evil.example"}`:                  "settings.api_url",
		`{"api_url": "::"}`:                                    "settings.api_url",
		`{"provider_key_sha256": "abc"}`:                       "settings.provider_key_sha256",
		`{"stages": [{}]}`:                                     "settings.stages[0].stage: is required",
		`{"stages": [{"type": "phone"}]}`:                      "settings.stages[0].type",
		`{"stages": [{"stage": "x"}]}`:                         "settings.stages[0].time_zone: is required",
		`{"stages": [{"time_zone": "Mars"}]}`:                  "settings.stages[0].time_zone: is not",
		`{"stages": [{"due_days": 400}]}`:                      "settings.stages[0].due_days",
		`{"stages": [{"type":"live","due_days": 4}]}`:          "settings.stages[0].due_days: is for one-way",
		`{"stages": [` + stageRule + `}, ` + stageRule + `}]}`: "settings.stages[1].stage: is there already",
	} {
		err := check(settings, "")
		require.ErrorIs(t, err, ats.ErrInvalid, settings)
		require.ErrorContains(t, err, want, settings)
	}
	err = check(`{"stages": [{"stage": "x"}]}`, "Europe/Stockholm")
	require.ErrorContains(t, err, "question_set")
	require.NotContains(t, err.Error(), "time_zone", "the connection's zone serves")
}
