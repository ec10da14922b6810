package teamtailor_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/internal/logtest"
)

const (
	orgKey  = "org-key-0001"
	ashaKey = "user-key-0002"
	boKey   = "user-key-0003"
	apiKeys = "Organization: " + orgKey + "\nAsha Lind: " + ashaKey + "\nBo Ek: " + boKey
)

// startOfTest is a Monday, four weeks before the clocks change in Stockholm.
var startOfTest = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// world is one company with the integration, the adapter behind a real HTTP server,
// and an inbox in memory.
type world struct {
	t       *testing.T
	clock   *clock
	tt      *teamtailortest.Server
	partner *teamtailortest.Partner
	company *teamtailortest.Company
	job     *teamtailortest.Job
	stage   *teamtailortest.Stage
	active  *teamtailortest.Activation
	inbox   *memory.Inbox
	adapter *teamtailor.Adapter
	url     string // of the integration
	log     *logtest.Buffer
	handler atomic.Pointer[http.Handler]
}

// swap puts another handler behind the integration's URL.
func (w *world) swap(h http.Handler) { w.handler.Store(&h) }

// setup changes what a world is made of.
type setup struct {
	config   func(*teamtailor.Config)
	partner  func(*teamtailortest.PartnerConfig)
	vendor   []teamtailortest.Option
	dynamic  bool // the activation form is fetched, not pasted
	absent   bool // nothing is installed yet
	opaque   bool // installed without a form
	freeForm bool // the trigger form takes any text, so that nonsense can be sent
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: startOfTest}, log: &logtest.Buffer{}}
	w.tt = teamtailortest.NewServer(append([]teamtailortest.Option{teamtailortest.WithClock(w.clock.Now)}, s.vendor...)...)
	t.Cleanup(w.tt.Close)

	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { (*w.handler.Load()).ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	w.url = server.URL + "/teamtailor"

	pc := teamtailortest.PartnerConfig{BaseURL: w.url, APIKey: "partner-api-key", WebhookSecret: "webhook-secret", AllowBulk: true}
	if s.freeForm {
		pc.TriggerConfig = freeForm()
	}
	if s.partner != nil {
		s.partner(&pc)
	}
	cfg := teamtailor.Config{
		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "partner-api-key"},
		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "webhook-secret"},
		APIURLs:        []string{w.tt.URL},
		Logger:         slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Clock:          w.clock.Now,
		MaxAttempts:    2,
	}
	if s.config != nil {
		s.config(&cfg)
	}
	var err error
	w.adapter, err = teamtailor.New(cfg)
	require.NoError(t, err)
	w.inbox = memory.NewInbox(memory.InboxOptions{Now: w.clock.Now, Adapters: []ats.Adapter{w.adapter}})
	w.swap(http.StripPrefix("/teamtailor", w.adapter.Handler(w.inbox)))
	for key, name := range map[ats.Secret]string{orgKey: "Example Care", ashaKey: "Asha Lind", boKey: "Bo Ek"} {
		w.inbox.AddSparkHireUser(key, memory.SparkHireUser{
			Name:         name,
			Jobs:         []ats.Option{{ID: "b7e0", Label: "Ward nurse, Lund"}, {ID: "b7e1", Label: "Night nurse"}},
			QuestionSets: []ats.Option{{ID: "qs-12", Label: "Nurse basics"}},
		})
	}

	switch {
	case s.opaque, s.dynamic:
	default:
		pc.ActivationConfig = w.adapter.ActivationConfigJSON()
	}
	pc.DynamicActivation = s.dynamic
	w.partner = w.tt.RegisterPartner(pc)
	w.company = w.tt.AddCompany(teamtailortest.CompanyConfig{UUID: "Qw3rTyUi0p", Name: "Example Care AB"})
	w.job = w.company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}})
	w.stage = w.job.Stage("Video interview")
	switch {
	case s.absent:
	case s.opaque:
		w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Interview date", Type: teamtailortest.FieldDate})
		w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Interview time"})
		w.active, err = w.partner.InstallOld(w.company, "0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90")
		require.NoError(t, err)
	default:
		w.active, err = w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": apiKeys})
		require.NoError(t, err)
	}
	return w
}

// freeForm is a trigger form in which anything can be written.
func freeForm() json.RawMessage {
	var fields []map[string]string
	for _, id := range []string{"recruiter", "interview-type", "job", "timezone", "question-set", "schedule-interview"} {
		fields = append(fields, map[string]string{"id": id, "type": "text", "label": id})
	}
	raw, err := json.Marshal(map[string]any{"config": map[string]any{"fields": fields}})
	if err != nil {
		panic(err)
	}
	return raw
}

// tenant is the company as the inbox knows it.
func (w *world) tenant() ats.TenantRef {
	return ats.TenantRef{Adapter: "teamtailor", Tenant: w.company.UUID}
}

// candidate adds Mira Falk, whose interview is due on 2 April at 14:30.
func (w *world) candidate() *teamtailortest.Candidate {
	w.t.Helper()
	c := w.company.AddCandidate(teamtailortest.CandidateConfig{
		FirstName: "Mira", LastName: "Falk", Email: "mira.falk@mail.example", Phone: "+46700000001",
		Questions: []teamtailortest.Question{{Question: "Do you hold a license?", Answer: "yes"}},
	})
	w.setFields(c, "2026-04-02", "14:30")
	return c
}

func (w *world) setFields(c *teamtailortest.Candidate, date, clock string) {
	w.t.Helper()
	require.NoError(w.t, c.SetField("interview-date", date))
	require.NoError(w.t, c.SetField("interview-time", clock))
}

// applicant adds a candidate who has applied to the job.
func (w *world) applicant() *teamtailortest.Candidate {
	w.t.Helper()
	c := w.candidate()
	_, err := w.tt.MoveCandidate(w.t.Context(), c, w.job.Stage(teamtailortest.StageInbox))
	require.NoError(w.t, err)
	return c
}

// oneWay are the choices of a recruiter for a one-way interview.
func oneWay() teamtailortest.Choices {
	return teamtailortest.Choices{
		"recruiter": "asha-lind", "interview-type": "one_way", "job": "b7e0",
		"timezone": "Europe/Stockholm", "question-set": "qs-12",
	}
}

// live are those for a live interview.
func live() teamtailortest.Choices {
	return teamtailortest.Choices{
		"recruiter": "asha-lind", "interview-type": "live", "job": "b7e0", "timezone": "Europe/Stockholm",
	}
}

// with returns the choices with one changed.
func with(c teamtailortest.Choices, id, value string) teamtailortest.Choices {
	c[id] = value
	return c
}

// runTrigger puts a trigger with the choices on the stage and moves the candidate there.
func (w *world) runTrigger(c *teamtailortest.Candidate, choices teamtailortest.Choices, opts ...teamtailortest.SendOption) teamtailortest.Delivery {
	w.t.Helper()
	trigger, err := w.active.SaveTrigger(w.t.Context(), w.stage, nil, choices)
	require.NoError(w.t, err)
	defer trigger.Remove()
	deliveries, err := w.tt.MoveCandidate(w.t.Context(), c, w.stage, opts...)
	require.NoError(w.t, err)
	require.Len(w.t, deliveries, 1)
	return deliveries[0]
}

// runManually starts the integration from the card of a candidate who has applied.
func (w *world) runManually(c *teamtailortest.Candidate, choices teamtailortest.Choices, opts ...teamtailortest.SendOption) teamtailortest.Delivery {
	w.t.Helper()
	d, err := w.active.RunManually(w.t.Context(), c, w.job, nil, choices, opts...)
	require.NoError(w.t, err)
	return d
}

// accepted requires that the call made exactly one interview more, and returns it
// with its request.
func (w *world) accepted(d teamtailortest.Delivery) (ats.Interview, ats.Request) {
	w.t.Helper()
	require.NoError(w.t, d.Err)
	require.Equal(w.t, http.StatusOK, d.Status, d.Text)
	require.Empty(w.t, d.Notes)
	all, requests := w.inbox.Interviews(), w.inbox.Requests()
	require.NotEmpty(w.t, all)
	return all[len(all)-1], requests[len(requests)-1]
}

// refused requires that the call was refused with a text that fits on a card, and
// that nothing was submitted.
func (w *world) refused(d teamtailortest.Delivery, status int) string {
	w.t.Helper()
	require.NoError(w.t, d.Err)
	require.Equal(w.t, status, d.Status, d.Text)
	require.NotEmpty(w.t, d.Text)
	require.LessOrEqual(w.t, len([]rune(d.Text)), 149, d.Text)
	require.Empty(w.t, w.inbox.Interviews())
	return d.Text
}

// record says what Spark Hire did and lets the adapter report it.
func (w *world) record(iv ats.Interview, s ats.State, change func(*ats.Interview)) {
	w.t.Helper()
	_, err := w.inbox.Record(iv.ID, ats.EventKind(s), "The interview is "+string(s)+".", func(next *ats.Interview) {
		next.State = s
		if change != nil {
			change(next)
		}
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.inbox.Deliver(w.t.Context(), iv.ID))
}

func (w *world) card(c *teamtailortest.Candidate) teamtailortest.Card {
	w.t.Helper()
	card, ok := w.tt.Card(c)
	require.True(w.t, ok)
	return card
}

func (w *world) setSettings(settings string) {
	w.t.Helper()
	require.NoError(w.t, w.inbox.SetSettings(w.tenant(), json.RawMessage(settings)))
}

// connection returns what the inbox knows of the company.
func (w *world) connection() ats.Connection {
	w.t.Helper()
	c, err := w.inbox.Connection(w.t.Context(), w.tenant())
	require.NoError(w.t, err)
	return c
}

// do makes a call of one's own to the integration.
func (w *world) do(method, path string, header map[string]string, body []byte) (int, string, http.Header) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(body))
	require.NoError(w.t, err)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) //nolint:forbidigo // follows no redirect
	require.NoError(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp.StatusCode, string(text), resp.Header
}

// discreet requires that the log names neither people nor secrets.
func (w *world) discreet() {
	w.t.Helper()
	for _, private := range []string{
		"Mira", "Falk", "mira.falk", "+4670", orgKey, ashaKey, boKey, "partner-api-key", "webhook-secret", w.company.APIToken(),
	} {
		require.NotContains(w.t, w.log.String(), private)
	}
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
