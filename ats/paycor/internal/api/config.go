package api

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// The vendor's addresses [documented and observed: docs/vendors/paycor.md].
const (
	ProductionURL          = "https://apis.paycor.com"
	ProductionAuthorizeURL = "https://hcm.paycor.com/AppActivation/Authorize"
	SandboxURL             = "https://apis-sandbox.paycor.com"
	SandboxAuthorizeURL    = "https://hcm-demo.paycor.com/AppActivation/Authorize"
)

// DefaultPerMinute is what a client allows itself of the vendor's 1000 calls per minute and
// subscription key, which the customer may use for other things too [assumed].
const DefaultPerMinute = 600

// The spellings of the PKCE method. Programs in the field send the first; RFC 7636 says the second
// [observed, contradictory].
const (
	ChallengeLower = "s256"
	ChallengeUpper = "S256"
)

// RefreshForm is one of the two calls that renew tokens [observed].
type RefreshForm string

const (
	// RefreshFormA posts a form to the token endpoint.
	RefreshFormA RefreshForm = "A"
	// RefreshFormB posts JSON to an authentication support endpoint that the vendor's description
	// does not list.
	RefreshFormB RefreshForm = "B"
)

// Config says what a [Client] calls and as whom. SubscriptionKey, ClientID and ClientSecret are
// required.
type Config struct {
	// BaseURL is the API's address, [ProductionURL] by default.
	BaseURL string
	// AuthorizeURL is the page on which an administrator signs in, [ProductionAuthorizeURL] by default.
	AuthorizeURL string

	// SubscriptionKey is the APIm subscription key, sent with every call.
	SubscriptionKey string
	// ClientID and ClientSecret are those of the customer's application.
	ClientID     string
	ClientSecret string
	// Scope is the scope version identifier of the application's Data Access page. It is needed to
	// sign in, not to renew. offline_access is added to it.
	Scope string
	// RedirectURL is an Approved Return OAuth URL of the application, used where a call names none.
	RedirectURL string

	// ChallengeMethod is [ChallengeLower] by default [assumed].
	ChallengeMethod string
	// RefreshForm is [RefreshFormA] by default [assumed].
	RefreshForm RefreshForm

	// Tokens keeps the connection's tokens. Without it a client can only sign in.
	Tokens oauth.Store

	// HTTPClient is copied, never changed; its redirect policy is replaced: none is followed. Nil
	// gives one with a pool of its own and [httpx.DefaultTimeout].
	HTTPClient *http.Client
	// UserAgent names the program in requests.
	UserAgent string
	// Limiter replaces the client's own, which allows PerMinute calls, [DefaultPerMinute] by default.
	Limiter   httpx.Limiter
	PerMinute int
	// MaxWait is the longest wait asked for by the vendor that a call sits through,
	// [httpx.DefaultMaxWait] by default; a negative one never waits.
	MaxWait time.Duration
	// Clock tells when tokens end. Default [time.Now].
	Clock func() time.Time
}

// LogValue shows where the client calls, and no credential.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("base_url", c.BaseURL), slog.String("refresh_form", string(c.RefreshForm)))
}

// String hides the credentials.
func (c Config) String() string { return "Paycor at " + c.BaseURL }

// GoString hides the credentials.
func (c Config) GoString() string { return c.String() }

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = ProductionURL
	}
	if c.AuthorizeURL == "" {
		c.AuthorizeURL = ProductionAuthorizeURL
	}
	if c.ChallengeMethod == "" {
		c.ChallengeMethod = ChallengeLower
	}
	if c.RefreshForm == "" {
		c.RefreshForm = RefreshFormA
	}
	if c.PerMinute == 0 {
		c.PerMinute = DefaultPerMinute
	}
	if c.Limiter == nil {
		c.Limiter = httpx.NewLimiter(c.PerMinute, time.Minute)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

// check names everything that is wrong, without showing a value.
func (c Config) check() error {
	var problems []error
	for _, field := range []struct{ name, value string }{
		{"subscription key", c.SubscriptionKey}, {"client ID", c.ClientID}, {"client secret", c.ClientSecret},
	} {
		if field.value == "" || strings.ContainsFunc(field.value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			problems = append(problems, errors.New(field.name+": want visible ASCII without spaces"))
		}
	}
	if strings.ContainsAny(c.Scope, " \t\r\n") {
		problems = append(problems, errors.New("scope: want the scope version identifier alone"))
	}
	if u, err := url.Parse(c.AuthorizeURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		problems = append(problems, errors.New("authorize URL: want an absolute http or https address"))
	}
	if c.ChallengeMethod != ChallengeLower && c.ChallengeMethod != ChallengeUpper {
		problems = append(problems, errors.New("challenge method: want s256 or S256"))
	}
	if c.RefreshForm != RefreshFormA && c.RefreshForm != RefreshFormB {
		problems = append(problems, errors.New("refresh form: want A or B"))
	}
	if c.PerMinute < 0 {
		problems = append(problems, errors.New("calls per minute: want a positive number"))
	}
	return errors.Join(problems...)
}

// httpClient is the caller's client or one of our own, with a transport in any case.
func (c Config) httpClient() *http.Client {
	own := &http.Client{Timeout: httpx.DefaultTimeout}
	if c.HTTPClient != nil {
		*own = *c.HTTPClient
	}
	if own.Transport == nil {
		dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
		own.Transport = &http.Transport{
			DialContext:         dialer.DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 8,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	own.Transport = patient{own.Transport}
	return own
}
