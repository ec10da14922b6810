package bridge

import (
	"context"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/console"
	"github.com/sparkbridge/sparkbridge/bridge/httpapi"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Handler serves what vendors call: /<adapter>/… for every adapter that receives calls,
// and /sparkhire/v1/… and /sparkhire/v2/… for Spark Hire's webhooks; /api/v1/… for
// programs with one of Config.APITokens, see package httpapi; /console/… for people who
// sign in with one, see package console; /oauth/<adapter>/start and …/callback for the
// browser of who signs in at a vendor; and /healthz and /readyz for whoever runs it. It
// may be mounted under any path that Config.PublicURL ends with.
func (b *Bridge) Handler() http.Handler {
	mux := http.NewServeMux()
	for name, a := range b.adapters {
		if r, ok := a.(ats.Receiver); ok {
			mux.Handle("/"+name+"/", http.MaxBytesHandler(http.StripPrefix("/"+name, r.Handler(b)), maxVendorBody))
		}
	}
	mux.HandleFunc("POST /sparkhire/v1/{connection}/{event}/{secret}", bounded(b.hint))
	mux.HandleFunc("POST /sparkhire/v2/{connection}", bounded(b.meetHint))
	pages := console.New(console.Config{
		Engine: consoleEngine{apiEngine{b}}, Keys: b.keys, Tokens: b.config.APITokens, BaseURL: b.config.PublicURL,
		Logger: b.log, Clock: b.config.Clock,
	})
	mux.Handle("/console", pages)
	mux.Handle("/console/", pages)
	api := httpapi.New(httpapi.Config{
		Engine: apiEngine{b}, Tokens: b.config.APITokens, SignedIn: pages.User, BaseURL: b.config.PublicURL,
		Logger: b.log, Clock: b.config.Clock,
	})
	mux.Handle("/api/", api)
	mux.Handle("/oauth/{adapter}/start", api)
	mux.HandleFunc("/oauth/{adapter}/callback", b.authorized)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", b.ready)
	return mux
}

// maxVendorBody bounds what is read of any vendor's call; adapters have smaller
// bounds and better words.
const maxVendorBody = 64 << 20

// apiEngine is the engine as the API sees it.
type apiEngine struct{ *Bridge }

var _ httpapi.Engine = apiEngine{}

// Resolve is [Bridge.Resolve]; an empty id means "send again".
func (e apiEngine) Resolve(ctx context.Context, interviewID, sparkHireInterviewID string, by ats.User) error {
	_, err := e.Bridge.Resolve(ctx, interviewID, Resolution{SparkHireInterviewID: sparkHireInterviewID, By: by})
	return err
}

// JobLink is [Bridge.JobLink].
func (e apiEngine) JobLink(ctx context.Context, connectionID, jobID string) (httpapi.LinkedJob, error) {
	return linkShown(e.Bridge.JobLink(ctx, connectionID, jobID))
}

// LinkJob is [Bridge.LinkJob].
func (e apiEngine) LinkJob(ctx context.Context, p httpapi.LinkParams) (httpapi.LinkedJob, error) {
	return linkShown(e.Bridge.LinkJob(ctx, LinkJobParams{
		ConnectionID: p.ConnectionID, JobID: p.JobID, SparkHireJobID: p.SparkHireJobID,
		Create: (*NewJob)(p.Create), QuestionSetID: p.QuestionSetID, By: p.By,
	}))
}

func linkShown(l LinkedJob, err error) (httpapi.LinkedJob, error) {
	return httpapi.LinkedJob{JobID: l.JobID, SparkHireJobID: l.SparkHireJobID, QuestionSetID: l.QuestionSetID, URL: l.URL}, err
}

// CreateConnection is [Bridge.CreateConnection].
func (e apiEngine) CreateConnection(ctx context.Context, c store.Connection, access httpapi.Access, by ats.User) (store.Connection, error) {
	return e.Bridge.CreateConnection(ctx, c, Access(access), by)
}

// UpdateConnection is [Bridge.UpdateConnection].
func (e apiEngine) UpdateConnection(ctx context.Context, id string, by ats.User, access httpapi.Access, change func(*store.Connection) error) (store.Connection, error) {
	return e.Bridge.UpdateConnection(ctx, id, by, Access(access), change)
}

// requestKey is the key of a call as it is stored: apart from those of the adapters,
// and as a digest, because callers put names into their keys in spite of what they
// are asked.
func (e apiEngine) requestKey(key string) string {
	return "api/" + e.keys.Digest("request key", key)
}

// Request is [Bridge.Request] under the caller's key.
func (e apiEngine) Request(ctx context.Context, r ats.Request) (store.Interview, error) {
	r.Key = e.requestKey(r.Key)
	return e.Bridge.Request(ctx, r)
}

// RequestAll is [Bridge.RequestAll] under the callers' keys, with interviews and
// errors apart.
func (e apiEngine) RequestAll(ctx context.Context, rs []ats.Request) ([]store.Interview, []error) {
	interviews, errs := make([]store.Interview, len(rs)), make([]error, len(rs))
	for n := range rs {
		rs[n].Key = e.requestKey(rs[n].Key)
	}
	for n, done := range e.Bridge.RequestAll(ctx, rs) {
		interviews[n], errs[n] = done.Interview, done.Err
	}
	return interviews, errs
}

func (b *Bridge) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := b.Ready(ctx); err != nil {
		b.log.ErrorContext(ctx, "not ready", "error", err)
		writeText(w, http.StatusServiceUnavailable, "not ready")
		return
	}
	writeText(w, http.StatusOK, "ready")
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
