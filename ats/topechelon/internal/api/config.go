package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// Addresses that have been seen in use [observed: docs/vendors/topechelon.md]. The
// address of the consent page is shown to an agency once, when it creates the
// integration, and has no default.
const (
	DefaultBaseURL  = "https://bb3api.topechelon.com/public/v1"
	DefaultTokenURL = "https://bb3api.topechelon.com/top_echelon_provider/oauth/token" //nolint:gosec // an address
)

// DefaultPerSecond is how many requests per second a client makes at most; no number
// is published [assumed: docs/vendors/topechelon.md].
const DefaultPerSecond = 2

// Config is an agency's integration and the tokens of one of its users. ClientID,
// ClientSecret, RedirectURL and Tokens are needed.
type Config struct {
	// BaseURL and TokenURL are https, except on a loopback host, where a test server
	// may listen. Defaults [DefaultBaseURL] and [DefaultTokenURL].
	BaseURL, TokenURL string
	// AuthorizeURL is the consent page. Without it [Client.ConsentURL] is refused and
	// everything else works.
	AuthorizeURL string

	ClientID     string
	ClientSecret string
	// Scope is what consent is asked for, such as "read write". Empty leaves the
	// parameter out. The words are not published [assumed: docs/vendors/topechelon.md].
	Scope string
	// RedirectURL is exactly the one that the integration was created with. It goes
	// along with renewals too [observed: docs/vendors/topechelon.md].
	RedirectURL string
	// PKCE adds a code challenge (RFC 7636). Off by default: nobody has seen the
	// vendor take one.
	PKCE bool

	// TryUnverified switches on calls that nobody has seen at work.
	TryUnverified bool

	// HTTPClient is copied, its redirect policy replaced: none is followed. Nil is a
	// pool of the client's own with a time-out of 30 seconds.
	HTTPClient *http.Client
	UserAgent  string

	// Tokens keeps the tokens of this one user.
	Tokens oauth.Store

	// PerSecond is the request budget of the user, default [DefaultPerSecond]. Limiter
	// replaces it; clients of the same user must share one.
	PerSecond int
	Limiter   httpx.Limiter

	// Clock tells when tokens end. Default [time.Now].
	Clock func() time.Time
}

// String names the integration without its secret.
func (c Config) String() string { return "integration " + c.ClientID + " at " + c.BaseURL }

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// check fills in the defaults and names everything that is wrong.
func check(c *Config) error {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.TokenURL == "" {
		c.TokenURL = DefaultTokenURL
	}
	if c.PerSecond == 0 {
		c.PerSecond = DefaultPerSecond
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	var errs []error
	bad := func(wrong bool, text string) {
		if wrong {
			errs = append(errs, errors.New(text))
		}
	}
	for _, a := range []struct{ name, url string }{
		{"base URL", c.BaseURL}, {"token URL", c.TokenURL}, {"authorize URL", c.AuthorizeURL},
	} {
		if a.url == "" {
			continue
		}
		if err := checkAddress(a.url); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", a.name, err))
		}
	}
	bad(c.ClientID == "", "client id: is empty; Top Echelon shows it when the integration is created")
	bad(c.ClientSecret == "", "client secret: is empty; Top Echelon shows it once, when the integration is created")
	bad(c.RedirectURL == "", "redirect URL: is empty; it is the one that the integration was created with")
	bad(c.Tokens == nil, "tokens: no store")
	bad(c.PerSecond < 0, "requests per second: want a positive number")
	return errors.Join(errs...)
}

// checkAddress wants an address that a secret can be sent to.
func checkAddress(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errors.New("not a URL")
	case u.Opaque != "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("want an absolute https address")
	case u.User != nil || u.Fragment != "":
		return errors.New("want no user information and no fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("want https: http would show the tokens to everybody on the way")
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// pool is the HTTP client of a configuration that has none, or none with a transport.
func pool(given *http.Client) http.Client {
	var c http.Client
	if given != nil {
		c = *given
	} else {
		c.Timeout = httpx.DefaultTimeout
	}
	if c.Transport == nil {
		dialer := &net.Dialer{Timeout: 10 * time.Second}
		c.Transport = &http.Transport{
			DialContext:         dialer.DialContext,
			ForceAttemptHTTP2:   true,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	return c
}
