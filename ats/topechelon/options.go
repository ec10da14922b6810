package topechelon

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Defaults of [Config]. Both addresses are those that a public program uses
// [observed: docs/vendors/topechelon.md].
const (
	DefaultAPIURL      = "https://bb3api.topechelon.com/public/v1"
	DefaultTokenURL    = "https://bb3api.topechelon.com/top_echelon_provider/oauth/token" //nolint:gosec // an address, no credential
	DefaultMaxAttempts = 3
)

// Config configures an [Adapter]. Every field is optional, and every zero value
// means the default in its comment. Addresses and credentials are those of the
// deployment; a connection can have its own, see [Settings].
//
// Without a host the adapter stands beside Top Echelon: it cannot know who is in a
// pipeline, so it refuses requests rather than guess, and shows nothing there.
type Config struct {
	// Host is what knows pipelines and shows statuses, where the deployment embeds
	// it. It wins over HostURL, and connections cannot have one of their own.
	// Default: the host at HostURL, if there is one.
	Host Host

	// HostURL is where the host contract of docs/host-topechelon.openapi.yaml is
	// served, without a slash at the end, and HostToken the bearer token for it. The
	// URL must be https; http is accepted for a loopback address. Neither goes
	// without the other. Default: no host.
	HostURL   string
	HostToken ats.Secret

	// APIURL is the base of the public API. Default [DefaultAPIURL].
	APIURL string

	// AuthorizeURL, TokenURL, ClientID and ClientSecret are what Top Echelon shows
	// once, when an agency creates an integration under Manage API Credentials. The
	// authorize URL has no default, because none is published. Default of the token
	// URL [DefaultTokenURL]; of the others: the public API is not used.
	AuthorizeURL string
	TokenURL     string
	ClientID     string
	ClientSecret ats.Secret

	// Scope is asked for at consent, words separated by a space. Reading needs the
	// scope Read, writing back Write too. The literal words are not published
	// [assumed: docs/vendors/topechelon.md]. Default: none is sent, and Top Echelon
	// gives what the integration was created with.
	Scope string

	// PKCE sends a code challenge at consent. Top Echelon does not document it.
	// Default: none is sent.
	PKCE bool

	// TryUnverified lets the adapter call endpoints that nobody has been seen calling,
	// such as reading one person. A connection can set it too. Default: such a call is
	// an error that matches [ErrUnverified].
	TryUnverified bool

	// Labels replaces texts of the Interview Status column, by the state of the
	// interview; see [Labels]. States that are missing keep their text. Default: all
	// keep it.
	Labels map[ats.State]string

	// HTTPClient makes the calls to host and API; redirects are never followed.
	// Default: a pooled client with a time-out of 30 s.
	HTTPClient *http.Client

	// MaxAttempts is how often a call that may be repeated is sent at most. Default 3:
	// what fails then is for the engine to repeat.
	MaxAttempts int

	// UserAgent is sent with every call. Default "sparkbridge".
	UserAgent string

	// Logger gets warnings for operators, without personal data. Default: discard.
	Logger *slog.Logger

	// Clock tells the time. Default [time.Now].
	Clock func() time.Time
}

// LogValue logs what is configured, and no credential.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.Bool("host_embedded", c.Host != nil), slog.String("host_url", c.HostURL),
		slog.String("api_url", c.APIURL), slog.Bool("api_credentials", c.ClientID != ""))
}

// ConfigError says which field of a [Config] is wrong.
type ConfigError struct {
	Field   string
	Problem string
}

// Error returns "topechelon config: field: problem".
func (e *ConfigError) Error() string { return "topechelon config: " + e.Field + ": " + e.Problem }

// Unwrap returns [ats.ErrInvalid].
func (e *ConfigError) Unwrap() error { return ats.ErrInvalid }

// Validate returns every problem of the configuration, joined, or nil. Each is a
// [*ConfigError] that names the field and the rule.
func (c Config) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &ConfigError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	for _, u := range [][2]string{
		{"HostURL", c.HostURL}, {"APIURL", c.APIURL}, {"AuthorizeURL", c.AuthorizeURL}, {"TokenURL", c.TokenURL},
	} {
		if u[1] == "" {
			continue
		}
		if problem := addressProblem(u[1]); problem != "" {
			bad(u[0], "%s", problem)
		}
	}
	for _, s := range [][2]string{{"HostToken", c.HostToken.Reveal()}, {"ClientID", c.ClientID}, {"ClientSecret", c.ClientSecret.Reveal()}} {
		if problem := credentialProblem(s[1]); problem != "" {
			bad(s[0], "%s", problem)
		}
	}
	if c.Host == nil {
		switch {
		case c.HostURL != "" && c.HostToken.IsZero():
			bad("HostToken", "is required with HostURL")
		case c.HostURL == "" && !c.HostToken.IsZero():
			bad("HostURL", "is required with HostToken")
		}
	}
	switch {
	case c.ClientID != "" && c.ClientSecret.IsZero():
		bad("ClientSecret", "is required with ClientID; Top Echelon shows it once, when the integration is created")
	case c.ClientID == "" && !c.ClientSecret.IsZero():
		bad("ClientID", "is required with ClientSecret")
	}
	for _, state := range slices.Sorted(maps.Keys(c.Labels)) {
		switch _, known := statusTable()[state]; {
		case !known:
			bad("Labels", "%q is not a state that the column shows", state)
		case strings.TrimSpace(c.Labels[state]) == "":
			bad("Labels", "the text for %q is empty", state)
		}
	}
	if c.MaxAttempts < 0 {
		bad("MaxAttempts", "%d is negative", c.MaxAttempts)
	}
	return errors.Join(errs...)
}

// withDefaults returns the configuration with every zero value replaced.
func (c Config) withDefaults() Config {
	c.HostURL = strings.TrimRight(c.HostURL, "/")
	c.APIURL = strings.TrimRight(orDefault(c.APIURL, DefaultAPIURL), "/")
	c.TokenURL = orDefault(c.TokenURL, DefaultTokenURL)
	c.MaxAttempts = orDefault(c.MaxAttempts, DefaultMaxAttempts)
	c.UserAgent = orDefault(c.UserAgent, "sparkbridge")
	c.Labels = maps.Clone(c.Labels)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

// addressProblem says what is wrong with a configured address, or nothing.
func addressProblem(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return "must be an absolute https URL"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "must have no user information, query or fragment"
	case u.Scheme == "https":
		return ""
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	}
	return "must be https; http is for a loopback address only"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// credentialProblem says what is wrong with a credential, without repeating it.
func credentialProblem(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "has a character that no credential has; want visible ASCII without spaces"
	}
	return ""
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
