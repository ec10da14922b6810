package console_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/logtest"
	"github.com/sparkbridge/sparkbridge/internal/sqlitetest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const token = "token-of-the-tests"

// world is the console of an engine on SQLite, between a simulator of Spark Hire and
// an ATS in memory, and a person at a browser. Time is virtual.
type world struct {
	testing.TB
	browser
	engine  *bridge.Bridge
	config  bridge.Config
	spark   *sparkhiretest.Server
	memory  *memory.Adapter
	account *memory.Account
	ledger  *sqlite.Store
	log     *logtest.Buffer

	nurse sparkhiretest.Job
	set   sparkhiretest.QuestionSet
	// connection is the id of the connection, with the linked user "asha-lind".
	connection string
	private    []string // what no log may have
}

// setup is what a test can change about its world.
type setup struct {
	policy func(*ats.Policy)
	wrap   func(*memory.Adapter) ats.Adapter
	config func(*bridge.Config)
	// nothing leaves out the connection, stranger the signing in, still the engine's
	// work.
	nothing, stranger, still bool
}

// inTime tells a story in virtual time.
func inTime(t *testing.T, s setup, story func(w *world)) {
	t.Helper()
	path := sqlitetest.New(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, s, path)
		defer func() {
			require.NoError(t, w.ledger.Close())
			w.spark.Close()
			w.discreet()
		}()
		if !s.nothing {
			w.connect()
		}
		if !s.stranger {
			w.signIn("Ines")
		}
		if !s.still {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- w.engine.Run(ctx) }()
			defer func() {
				cancel()
				require.NoError(t, <-ended)
			}()
		}
		story(w)
	})
}

func newWorld(tb testing.TB, s setup, path string) *world {
	tb.Helper()
	w := &world{TB: tb, log: &logtest.Buffer{}, private: []string{token}}
	w.spark = sparkhiretest.NewUnstartedServer(sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithClock(time.Now))
	w.nurse = w.spark.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})
	w.set = w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	policy := memory.DefaultPolicy()
	if s.policy != nil {
		s.policy(&policy)
	}
	w.memory = memory.New(memory.Options{Policy: policy})
	w.account = w.memory.Account("care")
	w.account.AddJob(ats.Job{ID: "4711", Title: "Ward nurse", City: "Lund"})
	var adapter ats.Adapter = w.memory
	if s.wrap != nil {
		adapter = s.wrap(w.memory)
	}
	var err error
	w.ledger, err = sqlite.Open(tb.Context(), path)
	require.NoError(tb, err)
	w.config = bridge.Config{
		Store: w.ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{adapter}, APITokens: []ats.Secret{token, "another-token"},
		SparkHire: bridge.SparkHireConfig{V1URL: w.spark.V1URL(), V2URL: w.spark.V2URL(), HTTPClient: w.spark.Client()},
		Logger:    slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if s.config != nil {
		s.config(&w.config)
	}
	w.engine, err = bridge.New(w.config)
	require.NoError(tb, err)
	w.browser = browser{tb, w.engine.Handler(), nil}
	return w
}

// bare takes every capability from the adapter; then everybody may see everything.
func bare(m *memory.Adapter) ats.Adapter { return struct{ ats.Adapter }{m} }

// connect makes the connection, with one linked user.
func (w *world) connect() {
	w.Helper()
	asha := w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	ines := w.spark.AddUser(sparkhiretest.User{Name: "Ines Admin", Email: "ines@care.example", Role: sparkhiretest.Admin})
	c, err := w.engine.Connect(w.Context(), ats.Activation{
		Tenant: w.account.Tenant(), Name: "Example Care AB", TimeZone: "Europe/Stockholm", OrganizationKey: ats.Secret(ines.Key),
		Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Email: "asha@care.example", Key: ats.Secret(asha.Key)}},
	})
	require.NoError(w, err)
	w.connection = c.ID
	w.account.AddUser(ats.User{ID: "asha-lind"})
	w.account.AddUser(ats.User{ID: "Ines"})
	w.private = append(w.private, asha.Key, ines.Key, "asha@care.example", "Asha Lind")
}

// requested asks for an interview with a new candidate of this first name.
func (w *world) requested(first string) ats.Interview {
	w.Helper()
	c := w.account.AddCandidate("4711", ats.Candidate{FirstName: first, LastName: "Falk", Email: strings.ToLower(first) + ".falk@mail.example"})
	w.private = append(w.private, c.Email, c.FirstName+" "+c.LastName)
	i, err := w.engine.Submit(w.Context(), ats.Request{
		Tenant: w.account.Tenant(), Key: "key-of-" + c.ID, Type: ats.OneWay, Origin: ats.OriginManual, Candidate: c,
		Job: ats.Job{ID: "4711", Title: "Ward nurse"}, SparkHireJobID: w.nurse.ID, QuestionSetID: w.set.ID, RequestedFor: "asha-lind",
		RequestedBy: ats.User{ID: "asha-lind"}, Message: "Welcome, " + first,
	})
	require.NoError(w, err)
	return i
}

// pass lets virtual time pass, and everything happen that is due then.
func (w *world) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func (w *world) read(id string) ats.Interview {
	w.Helper()
	i, err := w.engine.StoredInterview(w.Context(), id)
	require.NoError(w, err)
	return i.Interview
}

// sent returns an interview to which the candidate was invited.
func (w *world) sent(first string) ats.Interview {
	w.Helper()
	i := w.requested(first)
	w.pass(2 * time.Second)
	i = w.read(i.ID)
	require.Equal(w, ats.StateSent, i.State)
	return i
}

// completed returns an interview that the candidate has completed.
func (w *world) completed(first string) ats.Interview {
	w.Helper()
	i := w.sent(first)
	require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
	require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
	w.pass(20 * time.Minute) // the sweep finds it
	i = w.read(i.ID)
	require.Equal(w, ats.StateCompleted, i.State)
	return i
}

// unconfirmed returns an interview of which nobody knows whether it was sent. It was.
func (w *world) unconfirmed(first string) ats.Interview {
	w.Helper()
	w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
	closed := w.spark.Inject(sparkhiretest.Fault{Method: http.MethodGet, Path: "/interviews", Times: sparkhiretest.Forever, Do: sparkhiretest.Respond(http.StatusForbidden, nil, "")})
	defer closed.Remove()
	i := w.requested(first)
	w.pass(2 * time.Minute)
	i = w.read(i.ID)
	require.Equal(w, ats.StateUnconfirmed, i.State)
	return i
}

// audit returns the audit log as "actor: action".
func (w *world) audit() []string {
	w.Helper()
	rows, err := w.ledger.DB().QueryContext(w.Context(), `SELECT actor || ': ' || action || CASE detail WHEN '' THEN '' ELSE ' (' || detail || ')' END FROM sparkbridge_audit ORDER BY id`)
	require.NoError(w, err)
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		var line string
		require.NoError(w, rows.Scan(&line))
		lines = append(lines, line)
	}
	require.NoError(w, rows.Err())
	return lines
}

// discreet requires that nothing personal and no secret is in the log.
func (w *world) discreet() {
	w.Helper()
	log := w.log.String()
	for _, value := range w.private {
		for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value)} {
			require.NotContains(w, log, form)
		}
	}
}

// browser is a person's browser: it keeps cookies and follows nothing by itself.
type browser struct {
	testing.TB
	handler http.Handler
	cookies map[string]*http.Cookie
}

const origin = "http://bridge.example"

func (b *browser) get(path string, headers ...string) *answer {
	b.Helper()
	return b.call(http.MethodGet, path, nil, headers...)
}

// post sends a form, given as name, value, name, value.
func (b *browser) post(path string, fields ...string) *answer {
	b.Helper()
	form := url.Values{}
	for n := 0; n+1 < len(fields); n += 2 {
		form.Add(fields[n], fields[n+1])
	}
	return b.call(http.MethodPost, path, form, "Sec-Fetch-Site", "same-origin", "Origin", origin)
}

func (b *browser) call(method, path string, form url.Values, headers ...string) *answer {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, origin+path, strings.NewReader(form.Encode()))
	require.NoError(b, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	resp, err := sparkhiretest.HandlerTransport(b.handler).RoundTrip(r)
	require.NoError(b, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	for _, c := range resp.Cookies() {
		if b.cookies == nil {
			b.cookies = map[string]*http.Cookie{}
		}
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	a := &answer{TB: b.TB, status: resp.StatusCode, header: resp.Header, cookies: resp.Cookies(), body: string(body)}
	if strings.HasPrefix(path, "/console") {
		a.safe()
	}
	return a
}

// signIn signs in under a name.
func (b *browser) signIn(name string) {
	b.Helper()
	b.post("/console/login", "token", token, "name", name).goesTo("/console")
}

// answer is an answer of the console.
type answer struct {
	testing.TB
	status  int
	header  http.Header
	cookies []*http.Cookie
	body    string
}

// safe requires what every answer has.
func (a *answer) safe() {
	a.Helper()
	require.Contains(a, a.header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Contains(a, a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	require.Equal(a, "nosniff", a.header.Get("X-Content-Type-Options"))
	require.Equal(a, "same-origin", a.header.Get("Referrer-Policy"))
	require.NotEmpty(a, a.header.Get("X-Request-Id"))
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		require.Equal(a, "no-store", a.header.Get("Cache-Control"))
		require.NotRegexp(a, `(?i)<script[^>]*>[^<]|<style|<[^>]* (style|on[a-z]+)=`, a.body, "the policy lets none of it run")
	}
}

// goesTo wants a page that sends the browser on.
func (a *answer) goesTo(address string) *answer {
	a.Helper()
	require.Equal(a, http.StatusSeeOther, a.status, "%s", a.body)
	require.Equal(a, address, a.header.Get("Location"))
	return a
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// text is the page as people read it.
func (a *answer) text() string {
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(a.body, " ")), " ")
}

// shows wants a page with these texts, in this order.
func (a *answer) shows(status int, texts ...string) *answer {
	a.Helper()
	require.Equal(a, status, a.status, "%s", a.body)
	rest := a.text()
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		require.True(a, found, "%q is not in …%s", text, rest)
		rest = after
	}
	return a
}

// lacks wants a page without these texts.
func (a *answer) lacks(texts ...string) *answer {
	a.Helper()
	for _, text := range texts {
		require.NotContains(a, a.text(), text)
	}
	return a
}

// settings changes what the connection is told, past the engine's rules.
func (w *world) settings(settings map[string]any) {
	w.Helper()
	text, err := json.Marshal(settings)
	require.NoError(w, err)
	w.stored(func(c *store.Connection) { c.Settings = text })
}

// stored changes the connection likewise.
func (w *world) stored(change func(c *store.Connection)) {
	w.Helper()
	require.NoError(w, w.ledger.InTx(w.Context(), func(ctx context.Context, tx store.Tx) error {
		c, err := tx.Connection(ctx, w.connection)
		if err != nil {
			return err
		}
		change(&c)
		return tx.SaveConnection(ctx, c)
	}))
}
