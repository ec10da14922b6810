package topechelon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/logtest"
	"github.com/sparkbridge/sparkbridge/internal/sqlitetest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// stack is the real engine on SQLite between the simulators of a host and of Spark
// Hire, in virtual time, called as a recruiting backend calls it: with the
// credential of who is signed in. Tove (u1) has connected Spark Hire, Nils (u2) has
// not. Job 2342 has been sent, 2400 has not; Maya is in the pipelines of both.
type stack struct {
	*testing.T
	host    *topechelontest.Host
	spark   *sparkhiretest.Server
	adapter *topechelon.Adapter
	engine  *bridge.Bridge
	handler atomic.Pointer[http.Handler] // the present engine's
	keys    *keyring.Ring
	path    string
	log     *logtest.Buffer
	stop    func()

	toveKey, nilsKey sparkhiretest.User
	tove, nils       ats.User
	asTove, asNils   []string
	set              sparkhiretest.QuestionSet
	connection       string // its path
	sparkHireJob     string // of jobSent
}

const (
	apiToken = "api-token-of-the-backend"
	dueDate  = "2000-01-03" // virtual time begins with the year 2000
	dueTime  = "17:00"
	dueShown = "2000-01-03T17:00:00-05:00" // in New York

	// soon is when everything has been done that nobody has to wait for.
	soon = 2 * time.Second
)

type object = map[string]any

// inStack tells a story in a stack of its own.
func inStack(t *testing.T, story func(s *stack), options ...sparkhiretest.Option) {
	t.Helper()
	inStackThat(t, (*stack).populate, story, options...)
}

func inStackThat(t *testing.T, populate, story func(s *stack), options ...sparkhiretest.Option) {
	t.Helper()
	path := sqlitetest.New(t)
	synctest.Test(t, func(t *testing.T) {
		s := &stack{T: t, path: path, keys: keyring.Generate(), log: &logtest.Buffer{}}
		s.host = topechelontest.NewHost(topechelontest.InMemory(), topechelontest.WithHostToken("host-token"))
		defer s.host.Close()
		s.spark = sparkhiretest.NewUnstartedServer(append([]sparkhiretest.Option{
			sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithClock(time.Now),
			sparkhiretest.WithWebhookClient(&http.Client{Transport: toStack{s}}),
		}, options...)...)
		defer s.spark.Close()
		s.open()
		defer func() { s.stop() }()
		populate(s)
		story(s)
		require.Empty(t, s.host.Violations())
	})
}

// open starts an engine on the stack's database file.
func (s *stack) open() {
	s.Helper()
	ledger, err := sqlite.Open(s.Context(), s.path)
	require.NoError(s, err)
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.adapter, err = topechelon.New(topechelon.Config{HTTPClient: s.host.Client(), Logger: log})
	require.NoError(s, err)
	s.engine, err = bridge.New(bridge.Config{
		Store: ledger, Keys: s.keys, Adapters: []ats.Adapter{s.adapter}, PublicURL: "https://bridge.example",
		APITokens: []ats.Secret{apiToken}, Logger: log,
		SparkHire: bridge.SparkHireConfig{V1URL: s.spark.V1URL(), V2URL: s.spark.V2URL(), HTTPClient: &http.Client{Transport: s.spark.RoundTripper()}},
	})
	require.NoError(s, err)
	handler := s.engine.Handler()
	s.handler.Store(&handler)
	ctx, cancel := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	engine := s.engine
	go func() { ended <- engine.Run(ctx) }()
	s.stop = func() {
		cancel()
		require.NoError(s, <-ended)
		require.NoError(s, ledger.Close())
		s.stop = func() {}
	}
}

// restart ends the engine and starts another one on its file.
func (s *stack) restart() {
	s.stop()
	s.open()
}

// populate makes everything through the doors that people use.
func (s *stack) populate() {
	s.Helper()
	s.toveKey = s.spark.AddUser(sparkhiretest.User{Name: "Tove Lindqvist", Email: "tove@agency.example"})
	s.nilsKey = s.spark.AddUser(sparkhiretest.User{Name: "Nils Berg", Email: "nils@agency.example"})
	s.set = s.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Engineer basics"})
	s.tove = ats.User{ID: "u1", Name: "Tove Lindqvist", TimeZone: "America/New_York"}
	s.nils = ats.User{ID: "u2", Name: "Nils Berg", TimeZone: "Europe/Oslo"}
	s.asTove, s.asNils = s.signIn(s.tove), s.signIn(s.nils)
	s.host.AddToPipeline("ag-12", jobSent, maya)
	s.host.AddToPipeline("ag-12", jobNotSent, maya)

	var made struct{ ID string }
	s.call(http.MethodPost, "/connections", object{
		"adapter": "topechelon", "tenant": "ag-12", "name": "Example Talent",
		"settings": object{"host_url": s.host.URL, "host_token": "host-token"},
	}).want(http.StatusCreated).into(&made)
	s.connection = "/connections/" + made.ID
	s.save(s.tove, s.toveKey.Key, s.asTove).want(http.StatusOK)
	s.sparkHireJob = s.send(jobSent, s.asTove).want(http.StatusOK).text("spark_hire_job_id")
	s.pass(soon)
}

// signIn returns the headers of a signed-in user of the agency.
func (s *stack) signIn(u ats.User) []string {
	return []string{"Sparkbridge-Actor-Credential", s.host.SignIn(topechelontest.Actor{AgencyID: "ag-12", UserID: u.ID, Name: u.Name, TimeZone: u.TimeZone})}
}

// pass lets virtual time pass, and everything happen that is due then.
func (s *stack) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

// save is the button Save beside the field for the key.
func (s *stack) save(u ats.User, key string, who []string) *reply {
	return s.call(http.MethodPut, s.connection+"/users/"+u.ID, object{"name": u.Name, "api_key": key}, who...)
}

// send is the button Send to Spark Hire on a job.
func (s *stack) send(job string, who []string) *reply {
	return s.call(http.MethodPut, s.connection+"/job-links/"+job, object{"create": object{"title": "Job " + job, "city": "Akron", "region": "OH"}}, who...)
}

// form is what the page sends for a filled-in form about Maya.
func (s *stack) form(change ...func(o object)) object {
	o := object{
		"candidate":       object{"id": maya, "first_name": "Maya", "last_name": "Okafor", "email": "maya.okafor@mail.example"},
		"job":             object{"id": jobSent, "title": "Controls Engineer"},
		"question_set_id": s.set.ID,
		"due":             object{"date": dueDate, "time": dueTime},
	}
	for _, f := range change {
		f(o)
	}
	return o
}

// set returns a change of one member of a form, by its path.
func set(path string, value any) func(object) {
	return func(o object) {
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			o, _ = o[name].(object)
		}
		o[names[len(names)-1]] = value
	}
}

func live(o object) { o["type"], o["question_set_id"] = "live", "" }

// schedule is the button Schedule Interview, of a form with the page's key.
func (s *stack) schedule(key string, form object, who []string) *reply {
	return s.call(http.MethodPost, s.connection+"/interviews", form, append([]string{"Idempotency-Key", key}, who...)...)
}

// scheduled schedules as Tove, lets the invitation go out and returns it.
func (s *stack) scheduled(key string, change ...func(object)) ats.Interview {
	s.Helper()
	id := s.schedule(key, s.form(change...), s.asTove).want(http.StatusAccepted).text("id")
	s.pass(soon)
	iv := s.interview(id)
	require.Equal(s, ats.StateSent, iv.State, "%+v\n%s", iv.Reason)
	return iv
}

func (s *stack) interview(id string) ats.Interview {
	s.Helper()
	iv, err := s.engine.Interview(s.Context(), id)
	require.NoError(s, err)
	return iv
}

// interviews returns what a backend that embeds the engine reads for its pages.
func (s *stack) interviews() []ats.Interview {
	s.Helper()
	rows, _, err := s.engine.ListInterviews(s.Context(), store.ListInterviewsParams{ConnectionID: s.view().ID, Limit: 200})
	require.NoError(s, err)
	all := make([]ats.Interview, len(rows))
	for n, row := range rows {
		all[n] = row.Interview
	}
	return all
}

func (s *stack) view() ats.Connection {
	s.Helper()
	c, err := s.engine.Connection(s.Context(), tenant)
	require.NoError(s, err)
	return c
}

// column returns the Interview Status of Maya in the pipeline of a job.
func (s *stack) column(job string) topechelontest.Status {
	shown, _ := s.host.Status(topechelontest.StatusKey{AgencyID: "ag-12", JobID: job, PersonID: maya})
	return shown
}

func (s *stack) row(u ats.User, job string) topechelon.PipelineRow {
	s.Helper()
	row, err := s.adapter.PipelineRow(s.Context(), s.view(), u, job, maya, s.interviews())
	require.NoError(s, err)
	return row
}

func (s *stack) jobCard(u ats.User, job string) topechelon.JobCard {
	s.Helper()
	card, err := s.adapter.JobCard(s.Context(), s.view(), u, job)
	require.NoError(s, err)
	return card
}

func (s *stack) personCard(u ats.User, person string) topechelon.PersonCard {
	s.Helper()
	card, err := s.adapter.PersonCard(s.Context(), s.view(), u, person)
	require.NoError(s, err)
	return card
}

// invitations returns how many e-mails invite Maya.
func (s *stack) invitations() int { return len(s.spark.InvitationsTo("maya.okafor@mail.example")) }

// call speaks to the API as the backend does, with more headers in pairs.
func (s *stack) call(method, path string, body any, headers ...string) *reply {
	var raw []byte
	if text, ok := body.(string); ok {
		raw = []byte(text)
	} else if body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(s, err)
	}
	r := httptest.NewRequestWithContext(s.Context(), method, "/api/v1"+path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+apiToken)
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	rec := httptest.NewRecorder()
	(*s.handler.Load()).ServeHTTP(rec, r)
	return &reply{s: s, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

// reply is an answer of the API.
type reply struct {
	s      *stack
	status int
	header http.Header
	body   []byte
}

func (r *reply) want(status int) *reply {
	r.s.Helper()
	require.Equal(r.s, status, r.status, "%s", r.body)
	return r
}

func (r *reply) into(v any) {
	r.s.Helper()
	require.NoError(r.s, json.Unmarshal(r.body, v), "%s", r.body)
}

// text returns a member of the answer.
func (r *reply) text(name string) string {
	r.s.Helper()
	var o object
	r.into(&o)
	value, _ := o[name].(string)
	return value
}

// refused requires a refusal with a status, a code and a field, and returns its
// sentence.
func (r *reply) refused(status int, code ats.Code, field string) string {
	r.s.Helper()
	r.want(status)
	var p struct{ Code, Field, Detail string }
	r.into(&p)
	require.Equal(r.s, string(code), p.Code, p.Detail)
	require.Equal(r.s, field, p.Field)
	require.Greater(r.s, len(p.Detail), 20, "a sentence")
	return p.Detail
}

// toStack carries Spark Hire's webhooks to whichever engine is there.
type toStack struct{ s *stack }

func (t toStack) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	(*t.s.handler.Load()).ServeHTTP(rec, r)
	return rec.Result(), nil
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}
