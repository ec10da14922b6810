package teamtailor

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

// Stack names one of Teamtailor's three installations
// [documented: docs/vendors/teamtailor.md].
type Stack string

// The stacks. The third is called AP although its host says "au".
const (
	// AnyStack, in a map of keys, stands for every stack without an entry of its
	// own. Whether one registration covers all stacks is not public.
	AnyStack Stack = ""
	EU       Stack = "eu"
	NA       Stack = "na"
	AP       Stack = "ap"
)

// DefaultAPIURLs returns the addresses of Teamtailor's stacks.
func DefaultAPIURLs() []string {
	var urls []string
	for _, s := range api.Stacks() {
		urls = append(urls, s.URL)
	}
	return urls
}

// Defaults of [Config].
const (
	DefaultSignatureTolerance = 5 * time.Minute
	DefaultFormBudget         = 2500 * time.Millisecond
	DefaultCallBudget         = 4 * time.Second
	DefaultLostAfter          = time.Hour
	DefaultMaxAttempts        = 3
	DefaultAuthWord           = "Token"
	DefaultPartnerAPIVersion  = "20180828"
	DefaultPublicAPIVersion   = "20240904"
)

// Config configures an [Adapter]. PartnerAPIKeys and WebhookSecrets are required;
// every other zero value means the default in its comment. [New] copies what it
// is given.
type Config struct {
	// PartnerAPIKeys are the integration's API keys by stack: they verify provider
	// keys and authorize our calls to the partner API. At least one.
	PartnerAPIKeys map[Stack]ats.Secret

	// WebhookSecrets are the integration's webhook secrets ("webhook signature") by
	// stack: they verify signatures and decrypt the list of activations. At least
	// one, and never the same value as an API key.
	WebhookSecrets map[Stack]ats.Secret

	// OldPartnerAPIKeys and OldWebhookSecrets are accepted on calls from Teamtailor
	// beside the present ones, while one is being replaced. Default: none.
	OldPartnerAPIKeys []ats.Secret
	OldWebhookSecrets []ats.Secret

	// APIURLs are the base URLs of Teamtailor's APIs, without a path, and the
	// allow-list for update-urls. They must be https; http is accepted for a
	// loopback host.
	// A URL of a stack without a partner API key is not served. One that is none
	// of Teamtailor's own stands for the stack at its place in the default list,
	// where keys are given per stack.
	// Default: [DefaultAPIURLs].
	APIURLs []string

	// SignatureTolerance is how far a signed time may lie from the clock, in both
	// directions. Default 5 minutes; at most an hour.
	SignatureTolerance time.Duration

	// AuthWord is the word before the key on calls to the partner API: "Token" or
	// "Bearer". The other one is tried once after a 401, because Teamtailor's
	// documentation shows both. Default "Token".
	AuthWord string

	// PartnerAPIVersion and PublicAPIVersion are sent as X-Api-Version. Default
	// "20180828" and "20240904".
	PartnerAPIVersion string
	PublicAPIVersion  string

	// FormBudget bounds how long the trigger form waits for Spark Hire, CallBudget
	// everything else that Teamtailor waits for. Default 2.5 s and 4 s; Teamtailor
	// documents no time-out.
	FormBudget time.Duration
	CallBudget time.Duration

	// AllowRepeat accepts a second request for the same candidate, job and terms
	// while the first has not ended. Default: it is refused. A connection can be
	// stricter with its setting allow_repeat.
	AllowRepeat bool

	// JSONErrors sends refusals as a JSON string instead of plain text. Both are
	// seen in Teamtailor's material. Default: plain text.
	JSONErrors bool

	// Textarea declares the field for the Spark Hire keys as "textarea" instead of
	// "text". The type is not on Teamtailor's list: try it in a sandbox first.
	// Default: text.
	Textarea bool

	// HelpURL is linked from the activation form. Default: no link.
	HelpURL string

	// FailLostResults lets [Adapter.Reconcile] mark partner results as failed that
	// are still "sending" after LostAfter and that nobody here knows. Switch it on
	// only where no other deployment uses the same partner API key. Default: off.
	FailLostResults bool

	// LostAfter is how long such a result must have been seen. Default 1 hour; at
	// least a minute.
	LostAfter time.Duration

	// HTTPClient makes the calls to Teamtailor; redirects are never followed.
	// Default: a pooled client with a time-out of 30 s.
	HTTPClient *http.Client

	// MaxAttempts is how often a call to Teamtailor that may be repeated is sent at
	// most. Default 3: what fails then is for the engine to repeat. With 1 the other
	// word of AuthWord is not tried either.
	MaxAttempts int

	// UserAgent is sent with calls to Teamtailor. Default "sparkbridge".
	UserAgent string

	// Logger gets warnings for operators, without personal data. Default: discard.
	Logger *slog.Logger

	// Clock tells the time. Default [time.Now].
	Clock func() time.Time
}

// LogValue logs what is configured, and no key.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("partner_api_keys", len(c.PartnerAPIKeys)),
		slog.Int("webhook_secrets", len(c.WebhookSecrets)), slog.Any("api_urls", c.APIURLs))
}

// ConfigError says which field of a [Config] is wrong.
type ConfigError struct {
	Field   string
	Problem string
}

// Error returns "teamtailor config: field: problem".
func (e *ConfigError) Error() string { return "teamtailor config: " + e.Field + ": " + e.Problem }

// Unwrap returns [ats.ErrInvalid].
func (e *ConfigError) Unwrap() error { return ats.ErrInvalid }

// Validate returns every problem of the configuration, joined, or nil. Each is a
// [*ConfigError] that names the field and the rule.
func (c Config) Validate() error {
	_, err := c.withDefaults().endpoints()
	errs := []error{err}
	bad := func(field, format string, args ...any) {
		errs = append(errs, &ConfigError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	checkKeys := func(field string, keys map[Stack]ats.Secret) {
		if len(keys) == 0 {
			bad(field, "at least one is required; find it in the Integrations Hub under Show details")
		}
		for _, stack := range slices.Sorted(maps.Keys(keys)) {
			if !slices.Contains([]Stack{AnyStack, EU, NA, AP}, stack) {
				bad(field, "%q is not a stack; use eu, na or ap", stack)
			}
			switch key := keys[stack].Reveal(); {
			case strings.TrimSpace(key) == "":
				bad(field, "the value for %q is empty", stack)
			case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
				bad(field, "the value for %q has a character that no key has; want visible ASCII without spaces", stack)
			}
		}
	}
	checkKeys("PartnerAPIKeys", c.PartnerAPIKeys)
	checkKeys("WebhookSecrets", c.WebhookSecrets)
	for _, key := range c.PartnerAPIKeys {
		for _, secret := range c.WebhookSecrets {
			if key == secret && !key.IsZero() {
				bad("WebhookSecrets", "is the same value as a partner API key; they are two different secrets")
			}
		}
	}
	d := c.withDefaults()
	if d.SignatureTolerance < 0 || d.SignatureTolerance > time.Hour {
		bad("SignatureTolerance", "%s is not between 0 and 1h", d.SignatureTolerance)
	}
	if d.FormBudget < 0 {
		bad("FormBudget", "%s is negative", d.FormBudget)
	}
	if d.CallBudget < 0 {
		bad("CallBudget", "%s is negative", d.CallBudget)
	}
	if d.LostAfter < time.Minute {
		bad("LostAfter", "%s is less than a minute", d.LostAfter)
	}
	if d.MaxAttempts < 1 {
		bad("MaxAttempts", "%d is less than one", d.MaxAttempts)
	}
	if d.AuthWord != "Token" && d.AuthWord != "Bearer" {
		bad("AuthWord", "%q is neither Token nor Bearer", d.AuthWord)
	}
	for _, v := range [][2]string{{"PartnerAPIVersion", d.PartnerAPIVersion}, {"PublicAPIVersion", d.PublicAPIVersion}} {
		field, version := v[0], v[1]
		if len(version) != len(DefaultPublicAPIVersion) || strings.Trim(version, "0123456789") != "" {
			bad(field, "%q is not a date such as %s", version, DefaultPublicAPIVersion)
		}
	}
	if d.HelpURL != "" {
		if u, err := url.Parse(d.HelpURL); err != nil || u.Scheme != "https" || u.Host == "" {
			bad("HelpURL", "must be an https URL")
		}
	}
	return errors.Join(errs...)
}

// withDefaults returns the configuration with every zero value replaced.
func (c Config) withDefaults() Config {
	if len(c.APIURLs) == 0 {
		c.APIURLs = DefaultAPIURLs()
	}
	c.SignatureTolerance = orDefault(c.SignatureTolerance, DefaultSignatureTolerance)
	c.FormBudget = orDefault(c.FormBudget, DefaultFormBudget)
	c.CallBudget = orDefault(c.CallBudget, DefaultCallBudget)
	c.LostAfter = orDefault(c.LostAfter, DefaultLostAfter)
	c.AuthWord = orDefault(c.AuthWord, DefaultAuthWord)
	c.PartnerAPIVersion = orDefault(c.PartnerAPIVersion, DefaultPartnerAPIVersion)
	c.PublicAPIVersion = orDefault(c.PublicAPIVersion, DefaultPublicAPIVersion)
	c.MaxAttempts = orDefault(c.MaxAttempts, DefaultMaxAttempts)
	c.UserAgent = orDefault(c.UserAgent, "sparkbridge")
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// endpoint is a stack that can be called: an address with the key for it.
type endpoint struct {
	base  string // in its canonical form
	stack Stack  // AnyStack for an address that is none of Teamtailor's own
	key   ats.Secret
}

// endpoints returns the addresses for which there is a key, in the order of APIURLs.
func (c Config) endpoints() ([]endpoint, error) {
	bases, err := api.NewBases(c.APIURLs...)
	if err != nil {
		return nil, &ConfigError{"APIURLs", err.Error()}
	}
	names := map[string]Stack{}
	for _, s := range api.Stacks() {
		names[s.URL] = Stack(s.Name)
	}
	var list []endpoint
	for place, base := range bases.URLs() {
		stack, known := names[base]
		if _, forAll := c.PartnerAPIKeys[AnyStack]; !known && !forAll && place < len(api.Stacks()) {
			stack = Stack(api.Stacks()[place].Name)
		}
		key, ok := c.PartnerAPIKeys[stack]
		if !ok {
			key = c.PartnerAPIKeys[AnyStack]
		}
		if !key.IsZero() {
			list = append(list, endpoint{base: base, stack: stack, key: key})
		}
	}
	var errs []error
	for _, stack := range slices.Sorted(maps.Keys(c.PartnerAPIKeys)) {
		if stack != AnyStack && !slices.ContainsFunc(list, func(e endpoint) bool { return e.stack == stack }) {
			errs = append(errs, &ConfigError{"APIURLs", fmt.Sprintf("there is a partner API key for %q and no URL of that stack", stack)})
		}
	}
	if len(list) == 0 && len(c.PartnerAPIKeys) > 0 {
		errs = append(errs, &ConfigError{"APIURLs", "there is no partner API key for any of them"})
	}
	return list, errors.Join(errs...)
}
