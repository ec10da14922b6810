package paycor

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Defaults of [Config].
const (
	DefaultAPIURL       = "https://apis.paycor.com"
	DefaultAuthorizeURL = "https://hcm.paycor.com/AppActivation/Authorize"
	DefaultPollInterval = 15 * time.Minute
	// DefaultRequestsPerMinute leaves room for the customer's other uses of the key:
	// Paycor allows 1000 [documented: docs/vendors/paycor.md].
	DefaultRequestsPerMinute = 600
)

// ChallengeMethod is how the PKCE method is spelled.
type ChallengeMethod string

// The spellings. Public programs use the first; RFC 7636 says the second
// [observed: docs/vendors/paycor.md].
const (
	ChallengeLower ChallengeMethod = "s256"
	ChallengeRFC   ChallengeMethod = "S256"
)

// RefreshForm is the call that renews an access token.
type RefreshForm string

// The forms [observed: docs/vendors/paycor.md].
const (
	// RefreshFormA posts a form to the token endpoint.
	RefreshFormA RefreshForm = "A"
	// RefreshFormB posts JSON to an address that Paycor's description does not list.
	RefreshFormB RefreshForm = "B"
)

// Config configures an [Adapter]. Nothing is required: without API credentials what
// needs the public API answers [ats.ErrUnsupported], and without a host nothing is
// shown in Paycor and reports answer [ats.ErrHostCannot]. A connection's [Settings]
// override SubscriptionKey, ClientID, ClientSecret, Scope, HostURL and HostToken.
// [New] copies what it is given.
type Config struct {
	// APIURL is the address of Paycor's public API and of its token endpoint. It must be
	// https; http is accepted for a loopback host. Default [DefaultAPIURL].
	APIURL string

	// AuthorizeURL is the page on which an administrator allows access. It must be
	// https; http is accepted for a loopback host. Default [DefaultAuthorizeURL].
	AuthorizeURL string

	// SubscriptionKey ("APIm Subscription Key"), ClientID and ClientSecret are those of
	// the application in Paycor's developer portal, Scope its scope version identifier.
	// All four or none.
	SubscriptionKey ats.Secret
	ClientID        string
	ClientSecret    ats.Secret
	Scope           string

	// Host is the recruiting backend that owns the candidate's newsfeed and tab. It wins
	// over HostURL. Default: the one at HostURL; without either, nothing is shown in
	// Paycor.
	Host Host

	// HostURL is the address of a backend that speaks the host contract of
	// docs/host-paycor.openapi.yaml, and HostToken the bearer token that it expects of us.
	// Both or none. The URL must be https; http is accepted for a loopback host.
	HostURL   string
	HostToken ats.Secret

	// Texts are the words in the newsfeed and on the tab. Empty ones are the defaults
	// of [DefaultTexts].
	Texts Texts

	// PollInterval is how often the candidates of a linked job are looked at for changes.
	// Default 15 minutes; at least a minute.
	PollInterval time.Duration

	// RequestsPerMinute is the budget of calls per subscription key. Default 600; at
	// most 1000, which is Paycor's limit.
	RequestsPerMinute int

	// ChallengeMethod spells the PKCE method. Default "s256".
	ChallengeMethod ChallengeMethod

	// RefreshForm is the call that renews an access token. Default A.
	RefreshForm RefreshForm

	// HTTPClient makes the calls to Paycor and to the host; redirects are never followed.
	// Default: a pooled client with a time-out of 30 s. Calls to the host are sent once,
	// because the engine repeats reports.
	HTTPClient *http.Client

	// MaxWait is the longest wait asked for by Paycor that a call sits through. A longer
	// one is an [*ats.RetryLaterError]. Default one minute; a negative one never waits.
	MaxWait time.Duration

	// UserAgent is sent with every call. Default "sparkbridge".
	UserAgent string

	// Logger gets warnings for operators, without personal data. Default: discard.
	Logger *slog.Logger

	// Clock tells the time. Default [time.Now].
	Clock func() time.Time
}

// LogValue logs what is configured, and no secret.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("api_url", c.APIURL), slog.Bool("api_credentials", !c.SubscriptionKey.IsZero()),
		slog.Bool("host", c.Host != nil || c.HostURL != ""))
}

// ConfigError says which field of a [Config] is wrong.
type ConfigError struct {
	Field   string
	Problem string
}

// Error returns "paycor config: field: problem".
func (e *ConfigError) Error() string { return "paycor config: " + e.Field + ": " + e.Problem }

// Unwrap returns [ats.ErrInvalid].
func (e *ConfigError) Unwrap() error { return ats.ErrInvalid }

// Validate returns every problem of the configuration, joined, or nil. Each is a
// [*ConfigError] that names the field and the rule.
func (c Config) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &ConfigError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	d := c.withDefaults()
	urls := []struct{ field, value string }{{"APIURL", d.APIURL}, {"AuthorizeURL", d.AuthorizeURL}}
	if c.HostURL != "" {
		urls = append(urls, struct{ field, value string }{"HostURL", c.HostURL})
	}
	for _, u := range urls {
		if problem := urlProblem(u.value); problem != "" {
			bad(u.field, "%s", problem)
		}
	}
	given := map[string]bool{
		"SubscriptionKey": !c.SubscriptionKey.IsZero(), "ClientID": c.ClientID != "",
		"ClientSecret": !c.ClientSecret.IsZero(), "Scope": c.Scope != "",
	}
	names := []string{"SubscriptionKey", "ClientID", "ClientSecret", "Scope"}
	for _, name := range names {
		if !given[name] && (given[names[0]] || given[names[1]] || given[names[2]] || given[names[3]]) {
			bad(name, "is missing: the API needs %s", strings.Join(names, ", "))
		}
	}
	switch {
	case c.HostURL != "" && c.HostToken.IsZero():
		bad("HostToken", "is missing: the host at HostURL expects a bearer token")
	case c.HostURL == "" && !c.HostToken.IsZero():
		bad("HostURL", "is missing: there is a token and no host")
	}
	for _, s := range []struct {
		field string
		value ats.Secret
	}{{"SubscriptionKey", c.SubscriptionKey}, {"ClientSecret", c.ClientSecret}, {"HostToken", c.HostToken}} {
		if strings.ContainsFunc(s.value.Reveal(), isInvisible) {
			bad(s.field, "has a character that no key has; want visible ASCII without spaces")
		}
	}
	if strings.ContainsFunc(c.ClientID, isInvisible) {
		bad("ClientID", "has a character that no id has; want visible ASCII without spaces")
	}
	if strings.ContainsFunc(c.Scope, isInvisible) {
		bad("Scope", "must be the scope version identifier alone; offline_access is added to it")
	}
	if d.PollInterval < time.Minute {
		bad("PollInterval", "%s is less than a minute", d.PollInterval)
	}
	if d.RequestsPerMinute < 1 || d.RequestsPerMinute > 1000 {
		bad("RequestsPerMinute", "%d is not between 1 and 1000", d.RequestsPerMinute)
	}
	if d.ChallengeMethod != ChallengeLower && d.ChallengeMethod != ChallengeRFC {
		bad("ChallengeMethod", "%q is neither s256 nor S256", d.ChallengeMethod)
	}
	if d.RefreshForm != RefreshFormA && d.RefreshForm != RefreshFormB {
		bad("RefreshForm", "%q is neither A nor B", d.RefreshForm)
	}
	return errors.Join(errs...)
}

// withDefaults returns the configuration with every zero value replaced.
func (c Config) withDefaults() Config {
	c.APIURL = strings.TrimRight(orDefault(c.APIURL, DefaultAPIURL), "/")
	c.AuthorizeURL = orDefault(c.AuthorizeURL, DefaultAuthorizeURL)
	c.Texts = c.Texts.withDefaults()
	c.PollInterval = orDefault(c.PollInterval, DefaultPollInterval)
	c.RequestsPerMinute = orDefault(c.RequestsPerMinute, DefaultRequestsPerMinute)
	c.ChallengeMethod = orDefault(c.ChallengeMethod, ChallengeLower)
	c.RefreshForm = orDefault(c.RefreshForm, RefreshFormA)
	c.UserAgent = orDefault(c.UserAgent, "sparkbridge")
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

// urlProblem says why a text is no address to send credentials to; empty when it is
// one.
func urlProblem(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return "must be an absolute https URL"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "must have no user information, query or fragment"
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "must be https: it would carry a secret in the clear"
	}
	return ""
}

func isInvisible(r rune) bool { return r <= ' ' || r > '~' }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
