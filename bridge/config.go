package bridge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Config says what a [Bridge] connects. Store and Keys are needed; the zero value of
// every other field is its stated default.
type Config struct {
	// Store holds the ledger and the queue. The Bridge does not close it.
	Store store.Store
	// Keys seal secrets before they reach the store.
	Keys *keyring.Ring
	// Adapters are the applicant tracking systems, each name once. Without any the
	// Bridge answers and looks after what is in the store, and nobody can connect.
	Adapters []ats.Adapter

	// PublicURL is where vendors reach [Bridge.Handler], without a trailing
	// slash. Without one no webhooks are registered at Spark Hire and changes
	// are found by the sweep alone.
	PublicURL string
	// APITokens are the bearer tokens that open the API under /api, and with which
	// people sign in under /console. Without any the API answers 401 to everything, and
	// nobody can sign in.
	APITokens []ats.Secret

	SparkHire SparkHireConfig

	// ReconcileInterval is how often adapters look for what was lost. Default one
	// hour.
	ReconcileInterval time.Duration
	// ReconcileEvery is another interval for an adapter, by its name.
	ReconcileEvery map[string]time.Duration
	// Retention is how long the personal data of ended interviews is kept. Default
	// 365 days; negative keeps it.
	Retention time.Duration
	// PublishFor is how long an ATS that cannot be reached is tried before the
	// report becomes a dead letter. Default 72 hours, which is also the least.
	PublishFor time.Duration
	// Workers is how many units of work run at once. Default 8.
	Workers int
	// StopTimeout bounds waiting for running work when Run's context ends.
	// Default 30 seconds.
	StopTimeout time.Duration

	// Hooks are told what the engine does. Default: nobody is.
	Hooks Hooks
	// Logger gets no personal data and no secrets. Default: discard.
	Logger *slog.Logger
	// Clock tells the time. Default [time.Now].
	Clock func() time.Time
}

// SparkHireConfig says how Spark Hire is called.
type SparkHireConfig struct {
	// V1URL is the base URL of API v1.0. Default
	// https://api.sparkhire.com/v1.0.
	V1URL string
	// V2URL is the base URL of API v2.0. Default
	// https://api.sparkhire.com/v2.0.
	V2URL string
	// AppURL is where people watch interviews. Default
	// https://app.sparkhire.com.
	AppURL string
	// RequestsPerMinute is the budget of one key, shared by everything that uses
	// it and never exceeded. Default 400, the documented limit.
	RequestsPerMinute int
	// RequestTimeout bounds one call. Default 30 seconds.
	RequestTimeout time.Duration
	// SettleTime is how long after an attempt without an answer the engine looks
	// for the interview. It must be longer than RequestTimeout. Default 45
	// seconds, or RequestTimeout and a half where that is more.
	SettleTime time.Duration
	// ConfirmWindow is how long after an attempt without an answer a webhook of API
	// v2.0, which has no list to look in, may tell what became of it. Then a person is
	// asked. Default 10 minutes, or SettleTime where that is more.
	ConfirmWindow time.Duration
	// SweepInterval is how often changes are looked for that no webhook told.
	// Default 15 minutes.
	SweepInterval time.Duration
	// NoWebhooks leaves webhooks unregistered.
	NoWebhooks bool
	// HTTPClient sends the requests; it is copied. Default: a client of its own.
	HTTPClient *http.Client
}

func (c Config) withDefaults() Config {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	setDefault(&c.SparkHire.V1URL, "https://api.sparkhire.com/v1.0")
	setDefault(&c.SparkHire.V2URL, "https://api.sparkhire.com/v2.0")
	setDefault(&c.SparkHire.AppURL, "https://app.sparkhire.com")
	setDefault(&c.SparkHire.RequestsPerMinute, 400)
	setDefault(&c.SparkHire.RequestTimeout, 30*time.Second)
	setDefault(&c.SparkHire.SettleTime, max(45*time.Second, c.SparkHire.RequestTimeout*3/2))
	setDefault(&c.SparkHire.ConfirmWindow, max(10*time.Minute, c.SparkHire.SettleTime))
	setDefault(&c.SparkHire.SweepInterval, 15*time.Minute)
	setDefault(&c.ReconcileInterval, time.Hour)
	setDefault(&c.Retention, 365*24*time.Hour)
	setDefault(&c.PublishFor, 72*time.Hour)
	setDefault(&c.Workers, 8)
	setDefault(&c.StopTimeout, 30*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// validate returns every problem, each with the field and the rule.
func (c Config) validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &ConfigError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	if c.Store == nil {
		bad("Store", "is needed")
	}
	if c.Keys == nil {
		bad("Keys", "is needed")
	}
	names := map[string]bool{}
	for i, a := range c.Adapters {
		field := fmt.Sprintf("Adapters[%d]", i)
		if a == nil {
			bad(field, "is nil")
			continue
		}
		if strings.Trim(a.Name(), "abcdefghijklmnopqrstuvwxyz0123456789") != "" || a.Name() == "" {
			bad(field, "name %q must be lower-case letters and digits", a.Name())
		}
		if slices.Contains([]string{"api", "console", "oauth", "sparkhire"}, a.Name()) {
			bad(field, "name %q is one of the service's own paths", a.Name())
		}
		if names[a.Name()] {
			bad(field, "name %q is there twice", a.Name())
		}
		names[a.Name()] = true
		if err := a.Policy().Validate(); err != nil {
			bad(field, "%s: %v", a.Name(), err)
		}
	}
	for i, t := range c.APITokens {
		if t.IsZero() {
			bad(fmt.Sprintf("APITokens[%d]", i), "is empty")
		}
	}
	for field, u := range map[string]string{"PublicURL": c.PublicURL, "SparkHire.V1URL": c.SparkHire.V1URL, "SparkHire.V2URL": c.SparkHire.V2URL, "SparkHire.AppURL": c.SparkHire.AppURL} {
		if u == "" {
			continue // only PublicURL can be empty here
		}
		if p, err := url.Parse(u); err != nil || p.Host == "" || (p.Scheme != "https" && p.Scheme != "http") || p.RawQuery != "" || p.Fragment != "" || p.User != nil {
			bad(field, "must be an http or https URL without query, fragment or password")
		}
	}
	if c.SparkHire.RequestsPerMinute < 1 {
		bad("SparkHire.RequestsPerMinute", "must be at least 1, not %d", c.SparkHire.RequestsPerMinute)
	}
	if c.SparkHire.RequestTimeout < 0 {
		bad("SparkHire.RequestTimeout", "must not be negative")
	}
	if c.SparkHire.SettleTime <= c.SparkHire.RequestTimeout {
		bad("SparkHire.SettleTime", "must be longer than RequestTimeout (%s), not %s: a request may still be on its way", c.SparkHire.RequestTimeout, c.SparkHire.SettleTime)
	}
	if c.SparkHire.ConfirmWindow < 0 {
		bad("SparkHire.ConfirmWindow", "must not be negative")
	}
	if c.SparkHire.SweepInterval < time.Second {
		bad("SparkHire.SweepInterval", "must be at least a second, not %s", c.SparkHire.SweepInterval)
	}
	if c.ReconcileInterval < time.Second {
		bad("ReconcileInterval", "must be at least a second, not %s", c.ReconcileInterval)
	}
	for name, every := range c.ReconcileEvery {
		if field := "ReconcileEvery[" + name + "]"; !names[name] {
			bad(field, "there is no such adapter")
		} else if every < time.Second {
			bad(field, "must be at least a second, not %s", every)
		}
	}
	if c.PublishFor < 72*time.Hour {
		bad("PublishFor", "must be at least 72h, not %s", c.PublishFor)
	}
	if c.Workers < 1 {
		bad("Workers", "must be at least 1, not %d", c.Workers)
	}
	if c.StopTimeout < 0 {
		bad("StopTimeout", "must not be negative")
	}
	return errors.Join(errs...)
}

// ConfigError says what is wrong with one field of [Config].
type ConfigError struct {
	Field   string
	Problem string
}

// Error returns "bridge: config Field problem".
func (e *ConfigError) Error() string { return "bridge: config " + e.Field + " " + e.Problem }
