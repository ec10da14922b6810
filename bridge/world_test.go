package bridge_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/logtest"
	"github.com/sparkbridge/sparkbridge/internal/sqlitetest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// world is an engine on SQLite between the simulator of Spark Hire and an ATS in
// memory, in virtual time: a quarter of an hour passes when nobody has anything
// to do.
type world struct {
	*testing.T
	engine  *bridge.Bridge
	handler atomic.Pointer[http.Handler] // the present engine's
	spark   *sparkhiretest.Server
	ats     *faultyATS
	account *memory.Account
	ledger  *sqlite.Store
	path    string
	keys    *keyring.Ring
	log     *logtest.Buffer

	api    api // of Spark Hire's, that the connection uses
	client sparkhiretest.Credentials
	asha   sparkhiretest.User // the linked user "asha-lind"
	admin  sparkhiretest.User // owns the organization key
	nurse  sparkhiretest.Job
	set    sparkhiretest.QuestionSet
	job    ats.Job

	change func(*bridge.Config)
	stop   func()
}

const publicURL = "https://bridge.example"

// api is one of Spark Hire's.
type api string

const (
	onV1 api = "v1"
	onV2 api = "v2"
)

// inEachWorld runs a story once for each of Spark Hire's APIs.
func inEachWorld(t *testing.T, story func(w *world), options ...any) {
	t.Helper()
	inWorlds(t, []api{onV1, onV2}, story, options...)
}

// inWorlds runs a story once for each of some APIs.
func inWorlds(t *testing.T, apis []api, story func(w *world), options ...any) {
	t.Helper()
	for _, each := range apis {
		t.Run("API "+string(each), func(t *testing.T) {
			t.Parallel()
			inWorld(t, story, append([]any{each}, options...)...)
		})
	}
}

// inWorld runs a story in a world of its own.
func inWorld(t *testing.T, story func(w *world), options ...any) {
	t.Helper()
	path := sqlitetest.New(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, api: onV1, path: path, keys: keyring.Generate(), log: &logtest.Buffer{}}
		simulator := []sparkhiretest.Option{sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithClock(time.Now), sparkhiretest.WithWebhookClient(&http.Client{Transport: toEngine{w}})}
		memoryOptions := memory.Options{}
		for _, o := range options {
			switch o := o.(type) {
			case sparkhiretest.Option:
				simulator = append(simulator, o)
			case memory.Options:
				memoryOptions = o
			case api:
				w.api = o
			case func(*bridge.Config):
				w.change = o
			}
		}
		w.spark = sparkhiretest.NewUnstartedServer(simulator...)
		defer w.spark.Close()
		w.asha = w.spark.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
		w.admin = w.spark.AddUser(sparkhiretest.User{Name: "Ines Admin", Email: "ines@care.example", Role: sparkhiretest.Admin})
		w.nurse = w.spark.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})
		w.set = w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
		w.ats = &faultyATS{Adapter: memory.New(memoryOptions)}
		w.account = w.ats.Account("care")
		w.job = w.account.AddJob(ats.Job{ID: "4711", Title: "Ward nurse"})
		w.client = w.spark.AddCredentials(sparkhiretest.Credentials{})
		w.open()
		w.connect()
		if w.api == onV2 {
			w.setWebhook()
		}
		w.start()
		defer func() { w.stop() }()
		story(w)
	})
}

// open makes an engine on the world's database file.
func (w *world) open() {
	w.Helper()
	var err error
	w.ledger, err = sqlite.Open(w.Context(), w.path)
	require.NoError(w, err)
	config := bridge.Config{
		Store: w.ledger, Keys: w.keys, Adapters: []ats.Adapter{w.ats}, PublicURL: publicURL,
		SparkHire: bridge.SparkHireConfig{V1URL: w.spark.V1URL(), V2URL: w.spark.V2URL(), HTTPClient: &http.Client{Transport: w.spark.RoundTripper()}},
		Logger:    slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if w.change != nil {
		w.change(&config)
	}
	w.engine, err = bridge.New(config)
	require.NoError(w, err)
	handler := w.engine.Handler()
	w.handler.Store(&handler)
}

// start runs the engine until stop.
func (w *world) start() {
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan error, 1)
	engine, ledger := w.engine, w.ledger
	go func() { ended <- engine.Run(ctx) }()
	w.stop = func() {
		cancel()
		require.NoError(w, <-ended)
		require.NoError(w, ledger.Close())
		w.stop = func() {}
	}
}

// restart ends the engine in an orderly way and starts another one on its file.
func (w *world) restart() {
	w.stop()
	w.open()
	w.start()
}

func (w *world) connect() {
	w.Helper()
	_, err := w.engine.Connect(w.Context(), ats.Activation{
		Tenant: w.account.Tenant(), Name: "Example Care AB", TimeZone: "Europe/Stockholm",
		OrganizationKey: w.sparkKey(w.admin),
		Users:           []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: w.sparkKey(w.asha)}},
	})
	require.NoError(w, err)
}

// sparkKey is what stands for a user of Spark Hire.
func (w *world) sparkKey(u sparkhiretest.User) ats.Secret {
	if w.api == onV2 {
		return bridge.MeetKey(w.client.ClientID, ats.Secret(w.client.ClientSecret), u.Email)
	}
	return ats.Secret(u.Key)
}

const hookSecret = "a-secret-that-signs"

// setWebhook does what a person does on Spark Hire's settings page, and here.
func (w *world) setWebhook() {
	w.Helper()
	c, err := w.engine.Connection(w.Context(), w.account.Tenant())
	require.NoError(w, err)
	_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{ID: "admin"}, bridge.Access{WebhookSecrets: &[]ats.Secret{hookSecret}}, nil)
	require.NoError(w, err)
	w.spark.AddMeetWebhook(w.engine.WebhookURL(c.ID), hookSecret)
}

// creating is the path of the call that invites.
func (w *world) creating() string {
	if w.api == onV2 {
		return "/v2.0/partners/candidate_assessment_items"
	}
	return "/v1.0/interviews"
}

// loseAnswer makes the next invitation take effect without an answer.
func (w *world) loseAnswer() {
	w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: w.creating(), Times: 1, Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
}

// silence makes every webhook get lost.
func (w *world) silence() {
	w.spark.DisturbDeliveries(sparkhiretest.DeliveryRule{Drop: true, Times: sparkhiretest.Forever})
}

// request returns a request for a new candidate of the given first name.
func (w *world) request(first string) ats.Request {
	c := w.account.AddCandidate(w.job.ID, ats.Candidate{FirstName: first, LastName: "Falk", Email: strings.ToLower(first) + ".falk@mail.example"})
	return ats.Request{
		Tenant: w.account.Tenant(), Key: "event-" + c.ID, Type: ats.OneWay, Origin: ats.OriginTrigger,
		Candidate: c, Job: w.job, SparkHireJobID: w.nurse.ID, QuestionSetID: w.set.ID, RequestedFor: "asha-lind",
	}
}

// submit asks for an interview with a new candidate.
func (w *world) submit(first string) ats.Interview {
	w.Helper()
	i, err := w.engine.Submit(w.Context(), w.request(first))
	require.NoError(w, err)
	return i
}

// pass lets virtual time pass, and everything happen that is due then.
func (w *world) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

// passAtRest is pass for a long time that only its end matters of: the engine is away
// for most of it, because an idle queue looks for work every few virtual seconds.
func (w *world) passAtRest(d time.Duration) {
	w.Helper()
	const awake = 5 * time.Minute
	if d > awake {
		w.stop()
		w.pass(d - awake)
		w.open()
		w.start()
		d = awake
	}
	w.pass(d)
}

func (w *world) interview(id string) ats.Interview {
	w.Helper()
	i, err := w.engine.Interview(w.Context(), id)
	require.NoError(w, err)
	return i
}

func (w *world) requireState(id string, want ats.State) ats.Interview {
	w.Helper()
	i := w.interview(id)
	require.Equal(w, want, i.State, "reason: %+v; log:\n%s", i.Reason, w.log)
	return i
}

// kinds returns the timeline's kinds, without those about publishing.
func (w *world) kinds(id string) []ats.EventKind {
	w.Helper()
	events, err := w.engine.Events(w.Context(), id)
	require.NoError(w, err)
	var kinds []ats.EventKind
	for _, e := range events {
		if e.Kind != ats.EventPublished && e.Kind != ats.EventPublishFailed {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// invitations returns how many invitations the candidate got by e-mail.
func (w *world) invitations(i ats.Interview) int {
	return len(w.spark.InvitationsTo(i.Candidate.Email))
}

// card returns the state that the ATS shows.
func (w *world) card(id string) ats.State {
	c, _ := w.ats.Card(id)
	return c.State
}

// errSilent makes a faultyATS give no answer at all.
var errSilent = errors.New("no answer")

// faultyATS fails to publish on demand, and only to publish.
type faultyATS struct {
	*memory.Adapter

	mu   sync.Mutex
	left int
	err  error
	late bool // it fails after the effect

	reconciled atomic.Int64
}

func (f *faultyATS) Reconcile(ctx context.Context, in ats.Inbox) error {
	f.reconciled.Add(1)
	return f.Adapter.Reconcile(ctx, in)
}

// FailNext makes the next n reports fail before they are shown, LoseNext after.
func (f *faultyATS) FailNext(n int, err error) { f.set(n, err, false) }
func (f *faultyATS) LoseNext(n int, err error) { f.set(n, err, true) }

func (f *faultyATS) set(n int, err error, late bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.err, f.late = n, err, late
}

func (f *faultyATS) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	f.mu.Lock()
	fails := f.left > 0
	if fails {
		f.left--
	}
	err, late := f.err, f.late
	f.mu.Unlock()
	if !fails {
		return f.Adapter.Publish(ctx, c, r)
	}
	if errors.Is(err, errSilent) {
		<-ctx.Done()
		return ctx.Err()
	}
	if late {
		if err := f.Adapter.Publish(ctx, c, r); err != nil {
			return err
		}
	}
	return err
}

// toEngine carries Spark Hire's webhooks to whichever engine is there.
type toEngine struct{ w *world }

func (t toEngine) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	(*t.w.handler.Load()).ServeHTTP(rec, r)
	return rec.Result(), nil
}
