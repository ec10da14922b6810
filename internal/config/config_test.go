package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/config"
)

func TestDefaultsAreValidAndComplete(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Sources{})
	require.NoError(t, err)
	require.Equal(t, config.Default(), c)
	require.Equal(t, 400, c.SparkHire.RequestsPerMinute)
	require.Equal(t, 365*24*time.Hour, c.Retention)
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	t.Parallel()
	file := write(t, "workers: 2\nlog: {level: warn}\nsparkhire:\n  sweep_interval: 2m\n  request_timeout: 5s\n")
	env := []string{"SPARKBRIDGE_WORKERS=3", "SPARKBRIDGE_SPARKHIRE__SWEEP_INTERVAL=3m", "PATH=/bin"}
	c, err := config.Load(config.Sources{File: file, Environ: env, Flags: map[string]string{"workers": "4"}})
	require.NoError(t, err)
	require.Equal(t, 4, c.Workers, "the flag")
	require.Equal(t, 3*time.Minute, c.SparkHire.SweepInterval, "the environment")
	require.Equal(t, 5*time.Second, c.SparkHire.RequestTimeout, "the file")
	require.Equal(t, "warn", c.Log.Level, "the file")
	require.Equal(t, "text", c.Log.Format, "the default")
}

func TestSecretsPerStack(t *testing.T) {
	t.Parallel()
	file := write(t, "teamtailor:\n  enabled: true\n  partner_api_key: {eu: key-eu, na: key-na}\n  webhook_secret: one-for-all\n")
	c, err := config.Load(config.Sources{File: file, Environ: []string{"SPARKBRIDGE_TEAMTAILOR__PARTNER_API_KEY__AP=key-ap"}})
	require.NoError(t, err)
	require.Equal(t, config.PerStack{"eu": "key-eu", "na": "key-na", "ap": "key-ap"}, c.Teamtailor.PartnerAPIKey)
	require.Equal(t, config.PerStack{"": "one-for-all"}, c.Teamtailor.WebhookSecret)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		require.NotContains(t, fmt.Sprintf(verb, c), "key-eu")
	}
}

func TestListsAreWrittenWithCommasOrAsInTheFile(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"a,b", "a b", "[a, b]", `["a","b"]`} {
		c, err := config.Load(config.Sources{Environ: []string{"SPARKBRIDGE_API_TOKENS=" + list}})
		require.NoError(t, err, list)
		require.Equal(t, []config.Secret{"a", "b"}, c.APITokens, list)
	}
	c, err := config.Load(config.Sources{Flags: map[string]string{"teamtailor.partner_api_key": "{eu: key-eu, na: key-na}", "teamtailor.webhook_secret": "{half"}})
	require.NoError(t, err)
	require.Equal(t, config.PerStack{"eu": "key-eu", "na": "key-na"}, c.Teamtailor.PartnerAPIKey)
	require.Equal(t, config.PerStack{"": "{half"}, c.Teamtailor.WebhookSecret, "a text like any other")
	_, err = config.Load(config.Sources{Environ: []string{"SPARKBRIDGE_API_TOKENS={a: b}"}})
	require.ErrorContains(t, err, "api_tokens: must be a list of texts, in SPARKBRIDGE_API_TOKENS")
}

func TestWhatIsUncertainAboutTopEchelonHasKeys(t *testing.T) {
	t.Parallel()
	require.Equal(t, [3]any{"", false, false}, uncertain(config.Default()), "nothing is assumed")
	file := write(t, "topechelon:\n  scope: read write\n  pkce: true\n")
	c, err := config.Load(config.Sources{File: file, Environ: []string{"SPARKBRIDGE_TOPECHELON__TRY_UNVERIFIED=true"}})
	require.NoError(t, err)
	require.Equal(t, [3]any{"read write", true, true}, uncertain(c))
}

func uncertain(c config.Config) [3]any {
	return [3]any{c.TopEchelon.Scope, c.TopEchelon.PKCE, c.TopEchelon.TryUnverified}
}

func TestKeysInTheClearStayOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1:9", "localhost:9", "[::1]:9"} {
		_, err := config.Load(config.Sources{Flags: map[string]string{"sparkhire.v1_url": "http://" + host + "/v1.0"}})
		require.NoError(t, err, host)
	}
}

func TestVariablesOfOtherCommandsAreLeftAlone(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Sources{Environ: []string{"SPARKBRIDGE_URL=http://127.0.0.1:8080", "SPARKBRIDGE_TOKEN=t", "SPARKBRIDGE_TOKEN_FILE=f", "SPARKBRIDGE_ACTOR_ID=1", "SPARKBRIDGE_ACTOR_CREDENTIAL=c", "SPARKBRIDGE_CONFIG=sparkbridge.yaml"}})
	require.NoError(t, err)
}

func TestVariablesOfTheTestsAreLeftAlone(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Sources{Environ: []string{"SPARKBRIDGE_TEST_POSTGRES=postgres://sparkbridge@127.0.0.1:5432/postgres"}})
	require.NoError(t, err)
	_, err = config.Load(config.Sources{Environ: []string{"SPARKBRIDGE_TESTS=1"}})
	require.ErrorContains(t, err, "tests: unknown key, in SPARKBRIDGE_TESTS")
}

func TestAKeyWithoutAValueIsAsIfItWereNotThere(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Sources{File: write(t, "public_url:\nlisten: ~\nworkers: null\nsparkhire:\npaycor: {scope: }\n")})
	require.NoError(t, err)
	require.Equal(t, config.Default(), c)
}

func TestEveryKeyIsAFlag(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"workers": "workers", "sparkhire.settle_time": "sparkhire.settle_time", "sparkhire.v1-url": "sparkhire.v1_url",
		"api-tokens-file": "api_tokens_file", "teamtailor-partner-api-key": "teamtailor.partner_api_key",
		"teamtailor.partner-api-key.eu": "teamtailor.partner_api_key.eu",
	} {
		key, alone, ok := config.Flag(name)
		require.True(t, ok, name)
		require.Equal(t, want, key)
		require.False(t, alone, name)
	}
	_, alone, ok := config.Flag("paycor.enabled")
	require.True(t, ok && alone, "yes or no needs no value")
	_, _, ok = config.Flag("port")
	require.False(t, ok)
}

func TestTokensComeFromBothPlaces(t *testing.T) {
	t.Parallel()
	tokens := write(t, "second\nthird\n")
	c, err := config.Load(config.Sources{Flags: map[string]string{"api_tokens": "first", "api_tokens_file": tokens}})
	require.NoError(t, err)
	require.Equal(t, []config.Secret{"first", "second", "third"}, c.APITokens)
}

func TestEveryProblemIsListedWithItsKeyAndRule(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		yaml string
		env  []string
		set  map[string]string
		want []string
	}{
		"an unknown key": {yaml: "listne: x\n", want: []string{"listne: line 1: unknown key"}},
		"an unknown key in a section": {
			yaml: "sparkhire:\n  v3_url: x\n",
			want: []string{"sparkhire.v3_url: line 2: unknown key"},
		},
		"a key that is nearly right": {
			yaml: "publicUrl: https://a.example\n",
			want: []string{"publicUrl: line 1: unknown key; is public_url meant?"},
		},
		"an unknown variable": {
			env:  []string{"SPARKBRIDGE_SPARKHIRE_V1_URL=https://a.example"},
			want: []string{"sparkhire_v1_url: unknown key, in SPARKBRIDGE_SPARKHIRE_V1_URL; is sparkhire.v1_url meant?"},
		},
		"wrong kinds": {
			yaml: "workers: many\nretention: a year\nsparkhire: {register_webhooks: maybe}\nlisten: [a]\n",
			want: []string{
				"workers: line 1: must be a whole number", "retention: line 2: must be a duration",
				"sparkhire.register_webhooks: line 3: must be true or false", "listen: line 4: must be a text",
			},
		},
		"impossible values": {
			set: map[string]string{"listen": "nowhere", "database": "mysql:x", "key_file": "", "workers": "0", "log.level": "loud", "log.format": "xml", "retention": "-1h"},
			want: []string{
				"listen: must be host:port", "database: must be sqlite:", "key_file: must name a file", "workers: must be between",
				"log.level: must be debug", "log.format: must be text or json", "retention: must not be negative",
			},
		},
		"missing secrets of an enabled adapter": {
			yaml: "teamtailor: {enabled: true}\n",
			want: []string{"teamtailor.partner_api_key: is needed", "teamtailor.webhook_secret: is needed"},
		},
		"a settle time within the request time-out": {
			set:  map[string]string{"sparkhire.request_timeout": "30s", "sparkhire.settle_time": "20s"},
			want: []string{"sparkhire.settle_time: must be longer than sparkhire.request_timeout (30s)"},
		},
		"an address with a password": {
			set:  map[string]string{"public_url": "https://user:pass@a.example"},
			want: []string{"public_url: must be an http or https address"},
		},
		"keys in the clear, to another machine": {
			set:  map[string]string{"sparkhire.v1_url": "http://api.sparkhire.com/v1.0", "sparkhire.v2_url": "http://10.0.0.7/v2.0"},
			want: []string{"sparkhire.v1_url: must be https", "sparkhire.v2_url: must be https"},
		},
		"a database URL with a bare @ in its password": {
			set:  map[string]string{"database": "postgres://ines:p@ss/w@rd@db.example/ledger"},
			want: []string{"database: must be postgres://user:password@host:port/name"},
		},
		"a database URL without a database": {
			set:  map[string]string{"database": "postgres://db.example"},
			want: []string{"database: must be postgres://user:password@host:port/name"},
		},
		"a database in memory": {
			set:  map[string]string{"database": "sqlite::memory:"},
			want: []string{"database: must be sqlite:<file>"},
		},
		"a database file that is written like an address": {
			set:  map[string]string{"database": "sqlite://sparkbridge.db"},
			want: []string{"database: must be sqlite:<file>"},
		},
		"an unknown stack": {
			yaml: "teamtailor: {enabled: true, webhook_secret: s, partner_api_key: {moon: k}}\n",
			want: []string{"teamtailor.partner_api_key.moon: unknown stack"},
		},
		"a port that there is not": {
			set:  map[string]string{"listen": "127.0.0.1:99999"},
			want: []string{"listen: must be host:port"},
		},
		"an impossible address of an adapter that is off": {
			yaml: "paycor: {api_url: foo}\ntopechelon: {host_url: 'ftp://x'}\nteamtailor: {api_urls: [nowhere]}\n",
			want: []string{"paycor.api_url: must be an http", "topechelon.host_url: must be an http", "teamtailor.api_urls[0]: must be an http"},
		},
		"a key that is there twice": {yaml: "workers: 2\nlog: {level: info}\nworkers: 3\n", want: []string{"workers: line 3: this key is there twice"}},
		"two documents":             {yaml: "workers: 2\n---\nworkers: 3\n", want: []string{"--config: the file must be one YAML document"}},
		"a token that is nothing":   {yaml: "api_tokens: [null]\n", want: []string{"api_tokens[0]: must not be empty"}},
		"no YAML":                   {yaml: "a: b: c", want: []string{"--config: the file is not YAML"}},
		"a list for a section":      {yaml: "log: [a]\n", want: []string{"log: line 1: must be a mapping"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Sources{File: write(t, tc.yaml), Environ: tc.env, Flags: tc.set})
			require.Error(t, err)
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(tc.want), err)
			for _, want := range tc.want {
				require.Contains(t, err.Error(), want)
			}
		})
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Sources{File: filepath.Join(t.TempDir(), "none.yaml")})
	require.ErrorContains(t, err, "--config: the file cannot be read")
}

func FuzzLoad(f *testing.F) {
	f.Add("listen: 127.0.0.1:0\n")
	f.Add("teamtailor: {partner_api_key: {eu: a}}\n")
	f.Add("api_tokens: [a, b]\nlog:\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = config.Load(config.Sources{File: write(t, text)}) // never panics
	})
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sparkbridge.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
