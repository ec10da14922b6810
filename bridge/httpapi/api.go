package httpapi

import (
	"crypto/rand"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Config says what an API serves. Engine is needed.
type Config struct {
	Engine Engine
	// Tokens are the bearer tokens that are accepted. Without any, every call is
	// answered with 401.
	Tokens []ats.Secret
	// SignedIn returns who has signed in to the pages, if somebody has. Of what is
	// served here that opens /oauth/{adapter}/start alone, which a browser calls.
	// Default: nobody has.
	SignedIn func(r *http.Request) (ats.User, bool)
	// BaseURL is where callers reach the root of the service, without a trailing
	// slash: it begins the Location of what was created. Empty gives a path.
	BaseURL string
	// Logger gets no personal data and no secrets. Default: discard.
	Logger *slog.Logger
	// Clock tells the time, for Retry-After. Default [time.Now].
	Clock func() time.Time
}

// prefix is where the API is mounted.
const prefix = "/api/v1"

// api is the handler of the whole API.
type api struct {
	engine   Engine
	tokens   tokens
	signedIn func(r *http.Request) (ats.User, bool)
	baseURL  string
	log      *slog.Logger
	clock    func() time.Time
	origins  *http.CrossOriginProtection
	mux      *http.ServeMux
}

// New returns the API as a handler of every path under /api, and of
// /oauth/{adapter}/start. It is safe for concurrent use.
func New(c Config) http.Handler {
	a := &api{
		engine: c.Engine, tokens: newTokens(c.Tokens), signedIn: c.SignedIn, baseURL: strings.TrimRight(c.BaseURL, "/"),
		log: c.Logger, clock: c.Clock,
		origins: http.NewCrossOriginProtection(), mux: http.NewServeMux(),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.clock == nil {
		a.clock = time.Now
	}
	byPath := map[string]map[string]handler{}
	for _, r := range a.routes() {
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]handler{}
		}
		byPath[r.path][r.method] = r.handler
	}
	for path, methods := range byPath {
		a.mux.Handle(prefix+path, a.endpoint(path, methods))
	}
	a.mux.Handle(startPath, a.endpoint(startPath, map[string]handler{http.MethodGet: a.startAuthorization}))
	a.mux.Handle("/", a.endpoint("", nil))
	return a
}

// handler serves a call, or returns what is wrong with it.
type handler func(w http.ResponseWriter, r *http.Request) error

type route struct {
	method  string
	path    string
	handler handler
}

// routes is every call of the API. The OpenAPI document has the same ones.
func (a *api) routes() []route {
	return []route{
		{http.MethodGet, "/openapi.yaml", a.openAPI},

		{http.MethodPost, "/connections", a.createConnection},
		{http.MethodGet, "/connections", a.listConnections},
		{http.MethodGet, "/connections/{id}", a.getConnection},
		{http.MethodPatch, "/connections/{id}", a.updateConnection},
		{http.MethodDelete, "/connections/{id}", a.deleteConnection},

		{http.MethodGet, "/connections/{id}/users", a.listUsers},
		{http.MethodPut, "/connections/{id}/users/{user_id}", a.putUser},
		{http.MethodDelete, "/connections/{id}/users/{user_id}", a.deleteUser},

		{http.MethodGet, "/connections/{id}/spark-hire/jobs", a.listSparkHireJobs},
		{http.MethodGet, "/connections/{id}/spark-hire/question-sets", a.listQuestionSets},
		{http.MethodGet, "/connections/{id}/jobs", a.listJobs},
		{http.MethodGet, "/connections/{id}/jobs/{job_id}/candidates", a.listCandidates},
		{http.MethodGet, "/connections/{id}/job-links/{job_id}", a.getJobLink},
		{http.MethodPut, "/connections/{id}/job-links/{job_id}", a.putJobLink},
		{http.MethodDelete, "/connections/{id}/job-links/{job_id}", a.deleteJobLink},

		{http.MethodPost, "/connections/{id}/interviews", a.createInterview},
		{http.MethodGet, "/connections/{id}/interviews", a.listInterviews},
		{http.MethodPost, "/connections/{id}/interviews/bulk", a.createInterviews},
		{http.MethodDelete, "/connections/{id}/candidates/{candidate_id}", a.eraseCandidate},

		{http.MethodGet, "/interviews/{id}", a.getInterview},
		{http.MethodGet, "/interviews/{id}/events", a.listEvents},
		{http.MethodPost, "/interviews/{id}/cancel", a.cancelInterview},
		{http.MethodPost, "/interviews/{id}/resolve", a.resolveInterview},
		{http.MethodGet, "/interviews/{id}/recording", a.getRecording},

		{http.MethodGet, "/deliveries", a.listDeliveries},
		{http.MethodPost, "/deliveries/{interview_id}/retry", a.retryDelivery},
	}
}

// endpoint serves one path: the method that is asked for, or an answer that names
// the ones there are.
func (a *api) endpoint(path string, methods map[string]handler) http.Handler {
	if get, ok := methods[http.MethodGet]; ok {
		methods[http.MethodHead] = get
	}
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = withConcern(r)
		serve := methods[r.Method]
		switch {
		case len(methods) == 0:
			a.fail(w, r, path, refuse(codeNotFound, "", "There is nothing at this address."))
			return
		case serve == nil:
			w.Header().Set("Allow", allow)
			a.fail(w, r, path, refuse(codeMethodNotAllowed, "", "Use "+allow+" here."))
			return
		}
		if err := serve(w, r); err != nil {
			a.fail(w, r, path, a.named(r, err))
		}
	})
}

// ServeHTTP gives the call an id and lets in who has a token.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set(headerRequestID, requestID(r))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	defer a.recover(w, r)
	if err := a.origins.Check(r); err != nil {
		a.fail(w, r, "", refuse(ats.CodeNotPermitted, "", "Calls from pages of other sites are refused."))
		return
	}
	if !a.tokens.accept(r.Header.Get("Authorization")) {
		if with, ok := a.withSession(r); ok {
			a.mux.ServeHTTP(w, with)
			return
		}
		h.Set("WWW-Authenticate", `Bearer realm="sparkbridge"`)
		a.fail(w, r, "", refuse(codeUnauthorized, "", "A valid API token is needed, as Authorization: Bearer."))
		return
	}
	a.mux.ServeHTTP(w, r)
}

// requestID returns the id that the caller, or what is in front of the service,
// gave the call, so that their logs and ours can be read together; else a new one.
// Only what can be no address and no name with a space is taken.
func requestID(r *http.Request) string {
	id := r.Header.Get(headerRequestID)
	if len(id) < 8 || len(id) > 64 || strings.Trim(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_") != "" {
		return rand.Text()
	}
	return id
}

// recover answers with 500 instead of a broken connection.
func (a *api) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // the very value
		panic(v)
	}
	a.log.ErrorContext(r.Context(), "handler panicked", "request_id", w.Header().Get(headerRequestID), "method", r.Method, "stack", string(debug.Stack()))
	a.write(w, r, &problem{Code: codeInternal})
}
