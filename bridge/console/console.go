package console

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/httpapi"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Config says what a console serves. Engine and Keys are needed.
type Config struct {
	Engine Engine
	// Keys seal the sessions, so that they outlive a restart and are known to every
	// process with the same ring.
	Keys *keyring.Ring
	// Tokens are the API tokens with which people sign in. Without any nobody can.
	Tokens []ats.Secret
	// BaseURL is where browsers reach the root of the service, without a trailing
	// slash: its path begins every link, and https makes the cookie a secure one.
	BaseURL string
	// Logger gets no personal data and no secrets. Default: discard.
	Logger *slog.Logger
	// Clock tells the time. Default [time.Now].
	Clock func() time.Time
}

// Engine is what the pages need of the engine; package bridge has it. What each
// method promises is said there. Everything that changes something is given who did
// it, and refuses what that person may not do.
type Engine interface {
	Adapter(name string) (ats.Adapter, bool)
	AdapterView(c store.Connection) ats.Connection
	ConnectionByID(ctx context.Context, id string) (store.Connection, error)
	ListConnections(ctx context.Context, p store.ListConnectionsParams) ([]store.Connection, string, error)
	SparkHireUsers(ctx context.Context, connectionID string) (map[string]string, error)
	WebhookURL(connectionID string) string
	// SetEnabled switches a connection on or off.
	SetEnabled(ctx context.Context, id string, enabled bool, by ats.User) error
	// SecretSettings returns the names of the settings that are set and not shown.
	SecretSettings(ctx context.Context, connectionID string) ([]string, error)
	// Waiting returns how many interviews wait for the connection's Spark Hire keys; it
	// stops counting at 10,000.
	Waiting(ctx context.Context, c store.Connection) (int, error)
	// Pace returns how those keys get on.
	Pace(ctx context.Context, c store.Connection) (Pace, error)

	StoredInterview(ctx context.Context, id string) (store.Interview, error)
	ListInterviews(ctx context.Context, p store.ListInterviewsParams) ([]store.Interview, string, error)
	Events(ctx context.Context, interviewID string) ([]ats.Event, error)
	Cancel(ctx context.Context, interviewID string, by ats.User) (ats.Interview, error)
	Resolve(ctx context.Context, interviewID, sparkHireInterviewID string, by ats.User) error
	Recording(ctx context.Context, interviewID string, u ats.User) (url, kind string, err error)

	CheckChange(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) error
	CheckGate(c ats.Connection) error
	PolicyOf(c ats.Connection) (ats.Policy, error)
	Actions(c ats.Connection, i store.Interview, u ats.User, mayView bool) []string

	httpapi.Deliveries
}

// Pace is how the Spark Hire keys of a connection get on.
type Pace struct {
	// Waiting is how many interviews wait for them, at most 10,000 for each.
	Waiting int
	// Oldest is when the first of the connection's requests was accepted that are not
	// known to be sent; zero when there is none.
	Oldest time.Time
	// BlockedUntil is when Spark Hire said to come back, the latest of them; zero when
	// it did not.
	BlockedUntil time.Time
}

// Console is the pages. It is safe for concurrent use.
type Console struct {
	engine  Engine
	keys    *keyring.Ring
	tokens  []string // digests
	base    string   // the path before /console
	secure  bool
	log     *slog.Logger
	clock   func() time.Time
	origins *http.CrossOriginProtection
	views   views
	mux     *http.ServeMux
}

// root is the path of the pages.
const root = "/console"

// New returns the pages as a handler of /console and every path under it.
func New(config Config) *Console {
	c := &Console{
		engine: config.Engine, keys: config.Keys, log: config.Logger, clock: config.Clock,
		origins: http.NewCrossOriginProtection(), mux: http.NewServeMux(),
		secure: strings.HasPrefix(config.BaseURL, "https://"),
	}
	if u, err := url.Parse(config.BaseURL); err == nil {
		c.base = strings.TrimRight(u.Path, "/")
	}
	for _, t := range config.Tokens {
		if !t.IsZero() {
			c.tokens = append(c.tokens, c.digest(t.Reveal()))
		}
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	c.views = newViews(c.link)
	for path, methods := range c.routes() {
		c.mux.Handle(root+path, c.endpoint(path, methods))
	}
	c.mux.HandleFunc(root+"/assets/{name}", c.asset)
	return c
}

// page serves a call of a person who has signed in, or returns what is wrong with
// it.
type page func(w http.ResponseWriter, r *http.Request, s session) error

// routes is every page and every form. The path of a form is that of its page with
// one word more: see [Console.signInFirst].
func (c *Console) routes() map[string]map[string]page {
	get := func(p page) map[string]page { return map[string]page{http.MethodGet: p} }
	post := func(p page) map[string]page { return map[string]page{http.MethodPost: p} }
	return map[string]map[string]page{
		"":     get(c.overview),
		"/{$}": get(c.overview),
		"/":    {},

		loginPath: {http.MethodGet: c.loginForm, http.MethodPost: c.login},
		"/logout": post(c.logout),

		"/connections/{id}":            get(c.connection),
		"/connections/{id}/enable":     post(c.enable(true)),
		"/connections/{id}/disable":    post(c.enable(false)),
		"/connections/{id}/interviews": get(c.interviews),

		"/interviews/{id}":           get(c.interview),
		"/interviews/{id}/cancel":    post(c.cancel),
		"/interviews/{id}/resolve":   post(c.resolve),
		"/interviews/{id}/recording": post(c.recording),
		"/interviews/{id}/retry":     post(c.retryInterview),

		"/deliveries":       get(c.deliveries),
		"/deliveries/retry": post(c.retryDelivery),
	}
}

// endpoint serves one path: the method that is asked for, or a page that names the
// ones there are.
func (c *Console) endpoint(route string, methods map[string]page) http.Handler {
	if get, ok := methods[http.MethodGet]; ok {
		methods[http.MethodHead] = get
	}
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, signedIn := c.session(r)
		serve := methods[r.Method]
		switch {
		case !signedIn && route != loginPath:
			c.signInFirst(w, r)
		case len(methods) == 0 || !readable(r.URL.Query()) || !readable(url.Values{"id": {r.PathValue("id")}}):
			c.tell(w, r, s, http.StatusNotFound, "There is nothing at this address.")
		case serve == nil:
			w.Header().Set("Allow", allow)
			c.tell(w, r, s, http.StatusMethodNotAllowed, "This address answers "+allow+" only.")
		default:
			if err := serve(w, r, s); err != nil {
				c.fail(w, r, s, err)
			}
		}
	})
}

// policy lets a page load nothing but this package's style sheet, script and icon.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

const headerRequestID = "X-Request-Id"

// ServeHTTP serves the pages.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	// Not no-referrer: browsers then send forms with the origin null, and where they
	// do not say Sec-Fetch-Site, which is on plain http, the origin is the proof.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get(headerRequestID) == "" {
		h.Set(headerRequestID, rand.Text())
	}
	defer c.recover(w, r)
	if err := c.origins.Check(r); err != nil {
		c.tell(w, r, session{}, http.StatusForbidden, "Forms from pages of other sites are refused.")
		return
	}
	c.mux.ServeHTTP(w, r)
}

// recover answers with a page instead of a broken connection.
func (c *Console) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // the very value
		panic(v)
	}
	c.log.ErrorContext(r.Context(), "page panicked", "request_id", w.Header().Get(headerRequestID), "method", r.Method, "stack", string(debug.Stack()))
	c.tell(w, r, session{}, http.StatusInternalServerError, inside)
}

// link returns the address of a page: each {} of the path is replaced by an id.
func (c *Console) link(to string, ids ...string) string {
	for _, id := range ids {
		to = strings.Replace(to, "{}", url.PathEscape(id), 1)
	}
	return c.base + root + to
}

// parent is the page that a form belongs to.
func parent(r *http.Request) string { return path.Dir(r.URL.EscapedPath()) }
