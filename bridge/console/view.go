package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/httpapi"
)

//go:embed templates assets
var files embed.FS

// views are the pages by name, each with the frame around it.
type views map[string]*template.Template

// newViews reads the pages. They are part of the program, so a mistake in one is a
// panic that every test sees.
func newViews(link func(to string, ids ...string) string) views {
	version := assetsVersion()
	funcs := template.FuncMap{
		"link":  link,
		"asset": func(name string) string { return link("/assets/{}", name) + "?v=" + version },
		"words": func(s any) string { return strings.ReplaceAll(fmt.Sprint(s), "_", " ") },
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	v := views{}
	for _, name := range names {
		name = strings.TrimSuffix(path.Base(name), ".html")
		v[name] = template.Must(template.New("frame.html").Funcs(funcs).ParseFS(files, "templates/frame.html", "templates/"+name+".html"))
	}
	return v
}

// frame is what every page is given.
type frame struct {
	Title   string
	Session session
	// Done and Problem are sentences about what the person just did.
	Done, Problem string
	RequestID     string
	View          any
}

func (c *Console) show(w http.ResponseWriter, r *http.Request, s session, status int, view, title string, v any) {
	c.showWith(w, r, status, view, frame{Title: title, Session: s, View: v})
}

// showWith writes a page, or nothing of it.
func (c *Console) showWith(w http.ResponseWriter, r *http.Request, status int, view string, f frame) {
	f.RequestID = w.Header().Get(headerRequestID)
	if f.Done == "" && f.Problem == "" {
		f.Done = done[r.URL.Query().Get("done")]
	}
	var b bytes.Buffer
	if err := c.views[view].Execute(&b, f); err != nil {
		c.log.ErrorContext(r.Context(), "page not made", "request_id", f.RequestID, "page", view, "error", err)
		http.Error(w, inside, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(b.Bytes()); err != nil { // the person has left
		c.log.DebugContext(r.Context(), "page not written", "request_id", f.RequestID, "error", err)
	}
}

// inside is all that is told of an error inside the service.
const inside = "Something went wrong inside the service. Its log says what."

// done are the sentences about what was done, by the word that the address has
// afterwards.
//
//nolint:gochecknoglobals // a constant
var done = map[string]string{
	"canceled":    "The interview is canceled.",
	"canceling":   "The cancellation is written down. Spark Hire is told as soon as it can be reached.",
	"sent":        "The interview counts as sent and is followed again.",
	"send-again":  "The invitation is sent again.",
	"retried":     "The ATS is told again.",
	"switched-on": "The connection is switched on.", "switched-off": "The connection is switched off.",
}

// errorView is a page that only says something.
type errorView struct {
	Status  int
	Heading string
}

// tell answers with a page that says one sentence.
func (c *Console) tell(w http.ResponseWriter, r *http.Request, s session, status int, sentence string) {
	c.showWith(w, r, status, "error", frame{Title: http.StatusText(status), Session: s, Problem: sentence, View: errorView{status, http.StatusText(status)}})
}

// fail answers with what the person is told about an error.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, s session, err error) {
	status, sentence := c.explain(w, r, ats.Policy{}, err)
	c.tell(w, r, s, status, sentence)
}

// explain returns what the API would tell, and logs what nobody is told.
func (c *Console) explain(w http.ResponseWriter, r *http.Request, p ats.Policy, err error) (status int, sentence string) {
	status, sentence = httpapi.Explain(p, err)
	level := slog.LevelDebug
	if sentence == "" {
		level, sentence = slog.LevelError, inside
	} else if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		level = slog.LevelWarn
	}
	c.log.Log(r.Context(), level, "page failed", "request_id", w.Header().Get(headerRequestID), "method", r.Method, "route", r.Pattern, "error", err)
	return status, sentence
}

// moment is a time as people read it: in UTC and, where there is one, in the
// connection's zone.
type moment struct {
	at   time.Time
	zone *time.Location
}

const layout = "2006-01-02 15:04:05"

// IsZero reports whether there is no time.
func (m moment) IsZero() bool { return m.at.IsZero() }

// Machine returns the time for programs.
func (m moment) Machine() string { return m.at.UTC().Format(time.RFC3339) }

// UTC returns the time in UTC.
func (m moment) UTC() string { return m.at.UTC().Format(layout) + " UTC" }

// Local returns the time in the connection's zone, or nothing without one.
func (m moment) Local() string {
	if m.zone == nil || m.zone == time.UTC {
		return ""
	}
	return m.at.In(m.zone).Format(layout) + " " + m.zone.String()
}

// moments returns a function that shows times to people at a connection.
func moments(timeZone string) func(time.Time) moment {
	var zone *time.Location
	if timeZone != "" {
		zone, _ = ats.LoadZone(timeZone) // nil with an error
	}
	return func(t time.Time) moment { return moment{t, zone} }
}

// asset serves what the pages load. The address changes with the content.
func (c *Console) asset(w http.ResponseWriter, r *http.Request) {
	name := "assets/" + r.PathValue("name")
	if _, err := fs.Stat(files, name); err != nil {
		s, _ := c.session(r)
		c.tell(w, r, s, http.StatusNotFound, "There is nothing at this address.")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		c.tell(w, r, session{}, http.StatusMethodNotAllowed, "This address answers GET, HEAD only.")
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.ServeFileFS(w, r, files, name) //nolint:gosec // of the embedded files, which have no way out
}

func assetsVersion() string {
	h := sha256.New()
	all, err := fs.ReadDir(files, "assets")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, f := range all {
		text, err := fs.ReadFile(files, "assets/"+f.Name())
		if err != nil {
			panic(err)
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
