// Package config is the configuration of the service: its keys, their defaults
// and rules, and the layers they come from.
package config

import (
	"log/slog"
	"strings"
	"time"
)

// Config is every key of the service. The yaml tags are the keys' names, as
// people write them in files, in environment variables and in --set.
type Config struct {
	Listen       string        `yaml:"listen"`
	PublicURL    string        `yaml:"public_url"`
	Database     string        `yaml:"database"`
	KeyFile      string        `yaml:"key_file"`
	APITokens    []Secret      `yaml:"api_tokens"`
	APITokenFile string        `yaml:"api_tokens_file"`
	Log          Log           `yaml:"log"`
	Workers      int           `yaml:"workers"`
	Retention    time.Duration `yaml:"retention"`
	SparkHire    SparkHire     `yaml:"sparkhire"`
	Teamtailor   Teamtailor    `yaml:"teamtailor"`
	TopEchelon   TopEchelon    `yaml:"topechelon"`
	Paycor       Paycor        `yaml:"paycor"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// SparkHire says how Spark Hire is called.
type SparkHire struct {
	V1URL             string        `yaml:"v1_url"`
	V2URL             string        `yaml:"v2_url"`
	AppURL            string        `yaml:"app_url"`
	RequestsPerMinute int           `yaml:"requests_per_minute"`
	RequestTimeout    time.Duration `yaml:"request_timeout"`
	SettleTime        time.Duration `yaml:"settle_time"`
	ConfirmWindow     time.Duration `yaml:"confirm_window"`
	SweepInterval     time.Duration `yaml:"sweep_interval"`
	RegisterWebhooks  bool          `yaml:"register_webhooks"`
}

// Teamtailor is our registration as a Teamtailor partner.
type Teamtailor struct {
	Enabled            bool          `yaml:"enabled"`
	PartnerAPIKey      PerStack      `yaml:"partner_api_key"`
	WebhookSecret      PerStack      `yaml:"webhook_secret"`
	APIURLs            []string      `yaml:"api_urls"`
	SignatureTolerance time.Duration `yaml:"signature_tolerance"`
	ReconcileInterval  time.Duration `yaml:"reconcile_interval"`
}

// TopEchelon is our registration at Top Echelon.
type TopEchelon struct {
	Enabled      bool   `yaml:"enabled"`
	HostURL      string `yaml:"host_url"`
	HostToken    Secret `yaml:"host_token"`
	APIURL       string `yaml:"api_url"`
	AuthorizeURL string `yaml:"authorize_url"`
	TokenURL     string `yaml:"token_url"`
	ClientID     string `yaml:"client_id"`
	ClientSecret Secret `yaml:"client_secret"`
	// Scope is what people are asked to allow, words separated by a space.
	Scope string `yaml:"scope"`
	PKCE  bool   `yaml:"pkce"`
	// TryUnverified allows calls that nobody has been seen making.
	TryUnverified bool `yaml:"try_unverified"`
}

// Paycor is our registration at Paycor.
type Paycor struct {
	Enabled         bool   `yaml:"enabled"`
	HostURL         string `yaml:"host_url"`
	HostToken       Secret `yaml:"host_token"`
	APIURL          string `yaml:"api_url"`
	AuthorizeURL    string `yaml:"authorize_url"`
	SubscriptionKey Secret `yaml:"subscription_key"`
	ClientID        string `yaml:"client_id"`
	ClientSecret    Secret `yaml:"client_secret"`
	Scope           string `yaml:"scope"`
}

// Default returns every key's default.
func Default() Config {
	return Config{
		Listen:    "127.0.0.1:8080",
		Database:  "sqlite:sparkbridge.db",
		KeyFile:   "sparkbridge.key",
		Log:       Log{Level: "info", Format: "text"},
		Workers:   8,
		Retention: 8760 * time.Hour,
		SparkHire: SparkHire{
			V1URL:             "https://api.sparkhire.com/v1.0",
			V2URL:             "https://api.sparkhire.com/v2.0",
			AppURL:            "https://app.sparkhire.com",
			RequestsPerMinute: 400,
			RequestTimeout:    30 * time.Second,
			SettleTime:        45 * time.Second,
			ConfirmWindow:     10 * time.Minute,
			SweepInterval:     15 * time.Minute,
			RegisterWebhooks:  true,
		},
		Teamtailor: Teamtailor{
			APIURLs:            []string{"https://api.teamtailor.com", "https://api.na.teamtailor.com", "https://api.au.teamtailor.com"},
			SignatureTolerance: 5 * time.Minute,
			ReconcileInterval:  time.Hour,
		},
		TopEchelon: TopEchelon{ //nolint:gosec // addresses, no credentials
			APIURL:   "https://bb3api.topechelon.com/public/v1",
			TokenURL: "https://bb3api.topechelon.com/top_echelon_provider/oauth/token",
		},
		Paycor: Paycor{
			APIURL:       "https://apis.paycor.com",
			AuthorizeURL: "https://hcm.paycor.com/AppActivation/Authorize",
		},
	}
}

// Secret is a key or a token: printing or logging it shows only that there is
// one.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder, or nothing for no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[redacted]"
}

// GoString returns what String does.
func (s Secret) GoString() string { return s.String() }

// LogValue returns what String does.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// PerStack is a secret that may differ per stack of the vendor: "eu", "na",
// "ap". One for all stacks has the empty name.
type PerStack map[string]Secret

// IsZero reports whether there is no secret at all.
func (p PerStack) IsZero() bool {
	for _, s := range p {
		if s != "" {
			return false
		}
	}
	return true
}

// Level returns the log level.
func (l Log) level() (slog.Level, bool) {
	var level slog.Level
	err := level.UnmarshalText([]byte(strings.ToUpper(l.Level)))
	return level, err == nil
}
