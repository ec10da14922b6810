package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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

// world is the API of an engine on SQLite, between a simulator of Spark Hire and an
// ATS in memory. Every body and every answer is held to the OpenAPI document.
type world struct {
	testing.TB
	engine  *bridge.Bridge
	handler http.Handler
	client  *http.Client
	url     string
	spark   *sparkhiretest.Server
	memory  *memory.Adapter
	account *memory.Account
	ledger  *sqlite.Store
	path    string
	keys    *keyring.Ring
	log     *logtest.Buffer
	doc     openAPI
	spoken  map[string]bool // operations that were answered

	asha  sparkhiretest.User // the linked user "asha-lind"
	admin sparkhiretest.User // owns the organization key
	nurse sparkhiretest.Job
	set   sparkhiretest.QuestionSet
	job   ats.Job
	// connection is the id of the connection that exists from the start.
	connection string
}

// setup is what a test can change about its world.
type setup struct {
	policy  func(*ats.Policy)
	wrap    func(*memory.Adapter) ats.Adapter
	config  func(*bridge.Config)
	nothing bool // no connection from the start
}

// overHTTP tells a story over real sockets; nothing works in the background.
func overHTTP(tb testing.TB, s setup, story func(w *world)) {
	tb.Helper()
	w := newWorld(tb, s, sqlitetest.New(tb), newSimulator())
	defer w.close()
	server := httptest.NewServer(w.handler)
	defer server.Close()
	w.client, w.url = server.Client(), server.URL
	w.connect(s)
	story(w)
}

// inTime tells a story in virtual time, with the engine at work.
func inTime(t *testing.T, s setup, story func(w *world)) {
	t.Helper()
	path := sqlitetest.New(t)
	synctest.Test(t, func(t *testing.T) {
		simulator := sparkhiretest.NewUnstartedServer(sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithClock(time.Now))
		w := newWorld(t, s, path, simulator)
		defer w.close()
		w.client, w.url = &http.Client{Transport: sparkhiretest.HandlerTransport(w.handler)}, "http://bridge.example"
		w.connect(s)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Run(ctx) }()
		defer func() {
			cancel()
			require.NoError(t, <-ended)
		}()
		story(w)
	})
}

func newSimulator() *sparkhiretest.Server {
	return sparkhiretest.NewServer(sparkhiretest.WithDeterministicIDs())
}

func newWorld(tb testing.TB, s setup, path string, simulator *sparkhiretest.Server) *world {
	tb.Helper()
	w := &world{TB: tb, spark: simulator, path: path, keys: keyring.Generate(), log: &logtest.Buffer{}, doc: documented(tb), spoken: map[string]bool{}}
	w.asha = w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	w.admin = w.spark.AddUser(sparkhiretest.User{Name: "Ines Admin", Email: "ines@care.example", Role: sparkhiretest.Admin})
	w.nurse = w.spark.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})
	w.set = w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	policy := memory.DefaultPolicy()
	if s.policy != nil {
		s.policy(&policy)
	}
	w.memory = memory.New(memory.Options{Policy: policy})
	w.account = w.memory.Account("care")
	w.job = w.account.AddJob(ats.Job{ID: "4711", Title: "Ward nurse", City: "Lund"})
	var adapter ats.Adapter = w.memory
	if s.wrap != nil {
		adapter = s.wrap(w.memory)
	}
	var err error
	w.ledger, err = sqlite.Open(tb.Context(), w.path)
	require.NoError(tb, err)
	config := bridge.Config{
		Store: w.ledger, Keys: w.keys, Adapters: []ats.Adapter{adapter}, APITokens: []ats.Secret{token, "another-token"},
		SparkHire: bridge.SparkHireConfig{V1URL: simulator.V1URL(), V2URL: simulator.V2URL(), HTTPClient: simulator.Client()},
		Logger:    slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if s.config != nil {
		s.config(&config)
	}
	w.engine, err = bridge.New(config)
	require.NoError(tb, err)
	w.handler = w.engine.Handler()
	return w
}

func (w *world) close() {
	w.Helper()
	require.NoError(w, w.ledger.Close())
	w.spark.Close()
}

// connect makes the connection of the tests, with one linked user, through the API.
func (w *world) connect(s setup) {
	w.Helper()
	if s.nothing {
		return
	}
	var c struct{ ID string }
	w.post("/connections", object{
		"adapter": "memory", "tenant": "care", "name": "Example Care AB", "time_zone": "Europe/Stockholm",
		"spark_hire": object{"version": "v1"},
	}).want(http.StatusCreated).into(&c)
	w.connection = "/connections/" + c.ID
	w.put(w.connection+"/users/asha-lind", object{"name": "Asha Lind", "email": "asha@care.example", "api_key": w.asha.Key}).want(http.StatusOK)
}

// candidate adds a person to the pipeline of the job and returns the body of a
// request for an interview.
func (w *world) candidate(first string) object {
	c := w.account.AddCandidate(w.job.ID, ats.Candidate{FirstName: first, LastName: "Falk", Email: strings.ToLower(first) + ".falk@mail.example"})
	return object{
		"candidate":         object{"id": c.ID, "first_name": c.FirstName, "last_name": c.LastName, "email": c.Email},
		"job":               object{"id": w.job.ID, "title": w.job.Title},
		"spark_hire_job_id": w.nurse.ID, "question_set_id": w.set.ID, "requested_for": "asha-lind",
	}
}

// requested asks for an interview with a new candidate and returns it.
func (w *world) requested(first string) shown {
	w.Helper()
	var i shown
	w.post(w.connection+"/interviews", w.candidate(first), "Idempotency-Key", "key-of-"+first).want(http.StatusAccepted).into(&i)
	return i
}

// shown is an interview as the API shows it, with what the tests look at.
type shown struct {
	ID        string
	State     string
	Revision  int64
	Origin    string
	Candidate struct{ ID, Email string }
	SparkHire struct {
		InterviewID string `json:"interview_id"`
		Status      string
	} `json:"spark_hire"`
	Due *struct {
		Date, Time string
		TimeZone   string `json:"time_zone"`
		At         time.Time
	}
	RequestedBy *struct{ ID, Name string } `json:"requested_by"`
	Reason      *struct{ Code string }
	Actions     []string
	Notified    string  `json:"candidate_notified"`
	CompletedAt *string `json:"completed_at"`
}

func (w *world) read(id string, headers ...string) shown {
	w.Helper()
	var i shown
	w.get("/interviews/"+id, headers...).want(http.StatusOK).into(&i)
	return i
}

// pass lets virtual time pass, and everything happen that is due then.
func (w *world) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

// sent returns an interview to which the candidate was invited.
func (w *world) sent(first string) shown {
	w.Helper()
	i := w.requested(first)
	w.pass(2 * time.Second)
	i = w.read(i.ID)
	require.Equal(w, "sent", i.State)
	return i
}

// completed returns an interview that the candidate has completed.
func (w *world) completed(first string) shown {
	w.Helper()
	i := w.sent(first)
	require.NoError(w, w.spark.Accept(i.SparkHire.InterviewID))
	require.NoError(w, w.spark.Complete(i.SparkHire.InterviewID))
	w.pass(20 * time.Minute) // the sweep finds it
	i = w.read(i.ID)
	require.Equal(w, "completed", i.State)
	return i
}

func (w *world) get(path string, headers ...string) *answer {
	w.Helper()
	return w.call(http.MethodGet, path, nil, headers...)
}

func (w *world) post(path string, body any, headers ...string) *answer {
	w.Helper()
	return w.call(http.MethodPost, path, body, headers...)
}

func (w *world) put(path string, body any, headers ...string) *answer {
	w.Helper()
	return w.call(http.MethodPut, path, body, headers...)
}

func (w *world) patch(path string, body any, headers ...string) *answer {
	w.Helper()
	return w.call(http.MethodPatch, path, body, headers...)
}

func (w *world) delete(path string, headers ...string) *answer {
	w.Helper()
	return w.call(http.MethodDelete, path, nil, headers...)
}

// call makes a call; a body that is no text is sent as JSON. Headers are given as
// name, value, name, value.
func (w *world) call(method, path string, body any, headers ...string) *answer {
	w.Helper()
	var text []byte
	switch body := body.(type) {
	case nil:
	case string:
		text = []byte(body)
	default:
		var err error
		text, err = json.Marshal(body)
		require.NoError(w, err)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+"/api/v1"+path, bytes.NewReader(text))
	require.NoError(w, err)
	req.Header.Set("Authorization", "Bearer "+token)
	for n := 0; n+1 < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	resp, err := w.client.Do(req)
	require.NoError(w, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(w, err)
	a := &answer{w: w, status: resp.StatusCode, header: resp.Header, body: got}
	w.hold(method, req.URL.EscapedPath(), text, a)
	return a
}

// hold holds a call and its answer to the document.
func (w *world) hold(method, path string, body []byte, a *answer) {
	w.Helper()
	if method == http.MethodHead {
		return
	}
	require.NotEmpty(w, a.header.Get("X-Request-Id"))
	operation := w.doc.operation(method, strings.TrimPrefix(path, "/api/v1"))
	if operation == nil { // the tests of what is not there
		schema := w.doc.at(w.doc.root, "components", "schemas", "Problem")
		require.Empty(w, w.doc.problems(schema, a.body))
		return
	}
	content, ok := w.doc.answer(operation, a.status)
	require.True(w, ok, "the document has no answer %d to %s %s:\n%s", a.status, method, path, a.body)
	if len(content) == 0 {
		require.Empty(w, a.body)
	} else {
		mediaType := a.header.Get("Content-Type")
		require.Contains(w, content, mediaType, "%s %s: %d", method, path, a.status)
		w.holdTexts(mediaType, w.doc.at(content[mediaType], "schema"), a.body)
	}
	if a.status >= 300 {
		return
	}
	w.spoken[operation["operationId"].(string)] = true
	if accepted, ok := w.doc.at(operation, "requestBody", "content").(object); ok {
		for mediaType, c := range accepted {
			if mediaType == "application/json" {
				w.holdTexts(mediaType, w.doc.at(c, "schema"), body)
			}
		}
	}
}

func (w *world) holdTexts(mediaType string, schema any, text []byte) {
	w.Helper()
	switch mediaType {
	case "application/yaml":
	case "application/x-ndjson":
		for line := range bytes.Lines(text) {
			require.Empty(w, w.doc.problems(schema, line), "%s", line)
		}
	default:
		require.Empty(w, w.doc.problems(schema, text), "%s", text)
	}
}

// answer is an answer of the API.
type answer struct {
	w      *world
	status int
	header http.Header
	body   []byte
}

func (a *answer) want(status int) *answer {
	a.w.Helper()
	require.Equal(a.w, status, a.status, "%s", a.body)
	return a
}

func (a *answer) into(v any) {
	a.w.Helper()
	require.NoError(a.w, json.Unmarshal(a.body, v), "%s", a.body)
}

// refused wants a problem.
func (a *answer) refused(status int, code, field string) *answer {
	a.w.Helper()
	var p struct {
		Status int
		Code   string
		Field  string
		ID     string `json:"request_id"`
	}
	a.want(status).into(&p)
	require.Equal(a.w, "application/problem+json", a.header.Get("Content-Type"))
	require.Equal(a.w, a.header.Get("X-Request-Id"), p.ID)
	require.Equal(a.w, status, p.Status)
	require.Equal(a.w, code, p.Code, "%s", a.body)
	require.Equal(a.w, field, p.Field, "%s", a.body)
	return a
}

// ids returns the ids of a list.
func (a *answer) ids() []string {
	a.w.Helper()
	var l struct{ Items []struct{ ID string } }
	a.want(http.StatusOK).into(&l)
	ids := []string{}
	for _, i := range l.Items {
		ids = append(ids, i.ID)
	}
	return ids
}

// jsonBody returns a body for calls that are made beside [world.call].
func jsonBody(v any) io.Reader {
	text, err := json.Marshal(v)
	if err != nil {
		return strings.NewReader(err.Error())
	}
	return bytes.NewReader(text)
}

// saveConnection changes what is stored, past the engine's rules.
func saveConnection(w *world, c store.Connection) error {
	return w.ledger.InTx(w.Context(), func(ctx context.Context, tx store.Tx) error { return tx.SaveConnection(ctx, c) })
}

// renamed changes a connection a little, so that nobody remembers the old one.
func renamed(c *store.Connection) error {
	c.Name += "!"
	return nil
}
