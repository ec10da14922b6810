package paycor_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/sqlitetest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// bridged is the engine itself between the simulators of Spark Hire and of a host, in
// virtual time.
type bridged struct {
	*testing.T
	engine  *bridge.Bridge
	handler atomic.Pointer[http.Handler]
	spark   *sparkhiretest.Server
	host    *paycortest.Host
	paycor  *paycortest.Server
	adapter *paycor.Adapter
	tenant  ats.TenantRef
	id      string // of the connection

	admin, tove, sam ats.User // an administrator, a linked user, and one without a key
	toveThere        sparkhiretest.User
	job              sparkhiretest.Job
	set              sparkhiretest.QuestionSet
}

// maya is the candidate whom the host knows.
func maya() paycortest.CandidateRef {
	return paycortest.CandidateRef{LegalEntityID: 501200, AccountID: "ff80818190aa10010190aa1001000001", JobID: jobID, CandidateID: candidate}
}

// withEngine runs a story with the engine: the feature is enabled, tove is linked and the
// primary user, and the job is linked.
func withEngine(t *testing.T, story func(b *bridged), options ...sparkhiretest.Option) {
	t.Helper()
	withEngineThat(t, (*bridged).connect, story, options...)
}

func withEngineThat(t *testing.T, connect, story func(b *bridged), options ...sparkhiretest.Option) {
	t.Helper()
	path := sqlitetest.New(t)
	synctest.Test(t, func(t *testing.T) {
		b := &bridged{
			T: t, tenant: ats.TenantRef{Adapter: "paycor", Tenant: tenantText},
			admin: ats.User{ID: "910001", Name: "Ada Admin", Admin: true},
			tove:  ats.User{ID: recruiter, Name: "Tove Lindqvist"}, sam: ats.User{ID: "910234", Name: "Sam Okoro"},
		}
		b.spark = sparkhiretest.NewUnstartedServer(append([]sparkhiretest.Option{
			sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithClock(time.Now), sparkhiretest.WithWebhookClient(&http.Client{Transport: b}),
		}, options...)...)
		defer b.spark.Close()
		b.toveThere = b.spark.AddUser(sparkhiretest.User{Name: "Tove at Spark Hire", Email: "t.lindqvist@harborlane.example"})
		b.job = b.spark.AddJob(sparkhiretest.Job{Title: "Shift Supervisor", Address: "Duluth, MN"})
		b.set = b.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Leading people"})
		b.host = paycortest.NewHost(paycortest.InMemory())
		defer b.host.Close()
		b.host.AddCandidate(maya())
		b.host.AllowEveryone()
		for _, u := range []paycortest.UserConfig{{ID: 910001, Administrator: true}, {ID: 910233}, {ID: 910234}} {
			b.host.AddUser(u)
		}
		b.paycor = paycortest.NewServer(paycortest.InMemory())
		defer b.paycor.Close()
		app := b.paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
		var err error
		b.adapter, err = paycor.New(paycor.Config{
			HostURL: b.host.URL, HostToken: ats.Secret(b.host.Token()), HTTPClient: &http.Client{Transport: network{b.host.Endpoint, b.paycor.Endpoint}},
			APIURL: b.paycor.URL, AuthorizeURL: b.paycor.AuthorizeURL(),
			SubscriptionKey: ats.Secret(app.SubscriptionKey()), ClientID: app.ClientID(), ClientSecret: ats.Secret(app.ClientSecret()), Scope: app.Scope(),
		})
		require.NoError(t, err)
		ledger, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		b.engine, err = bridge.New(bridge.Config{
			Store: ledger, Keys: keyring.Generate(), Adapters: []ats.Adapter{b.adapter}, PublicURL: "https://bridge.example", APITokens: []ats.Secret{apiToken},
			SparkHire: bridge.SparkHireConfig{V1URL: b.spark.V1URL(), V2URL: b.spark.V2URL(), HTTPClient: &http.Client{Transport: b.spark.RoundTripper()}},
		})
		require.NoError(t, err)
		handler := b.engine.Handler()
		b.handler.Store(&handler)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.engine.Run(ctx) }()
		defer func() {
			cancel()
			require.NoError(t, <-ended)
			require.NoError(t, ledger.Close())
		}()
		connect(b)
		story(b)
	})
}

func (b *bridged) connect() {
	b.Helper()
	c, err := b.engine.CreateConnection(b.Context(), store.Connection{
		Tenant: b.tenant, Name: "Harbor Lane Foods", TimeZone: "America/Chicago", Settings: json.RawMessage(`{"feature_enabled": true}`),
	}, bridge.Access{}, b.admin)
	require.NoError(b, err)
	b.id = c.ID
	// A person takes a moment for each step, in which the engine registers its webhooks.
	b.pass(2 * time.Second)
	b.key(b.tove, ats.Secret(b.toveThere.Key))
	b.key(b.sam, "")
	b.pass(2 * time.Second)
	require.NoError(b, b.update(func(c *store.Connection) { c.Enabled, c.PrimaryUser = true, b.tove.ID }))
	b.pass(2 * time.Second)
	b.link(b.set.ID)
}

// network leads to several servers without sockets.
type network []*paycortest.Endpoint

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, e := range n {
		if strings.HasPrefix(r.URL.String(), e.URL) {
			return e.RoundTripper().RoundTrip(r)
		}
	}
	return nil, paycortest.ErrNoRoute
}

// RoundTrip carries Spark Hire's webhooks to the engine.
func (b *bridged) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	(*b.handler.Load()).ServeHTTP(rec, r)
	return rec.Result(), nil
}

func (b *bridged) key(u ats.User, key ats.Secret) {
	b.Helper()
	_, err := b.engine.SaveUser(b.Context(), b.id, u, &key, b.admin)
	require.NoError(b, err)
}

func (b *bridged) update(change func(*store.Connection)) error {
	_, err := b.engine.UpdateConnection(b.Context(), b.id, b.admin, bridge.Access{}, func(c *store.Connection) error {
		change(c)
		return nil
	})
	return err
}

func (b *bridged) link(set string) {
	b.Helper()
	_, err := b.engine.LinkJob(b.Context(), bridge.LinkJobParams{ConnectionID: b.id, JobID: jobID, SparkHireJobID: b.job.ID, QuestionSetID: &set, By: b.tove})
	require.NoError(b, err)
}

// pass lets virtual time pass, and everything happen that is due then.
func (b *bridged) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func (b *bridged) request(key string) ats.Request {
	b.Helper()
	day, err := paycor.ProposedExpiry(time.Now(), "America/Chicago")
	require.NoError(b, err)
	due, err := ats.On(day, ats.EndOfDay, "America/Chicago", ats.Fields{})
	require.NoError(b, err)
	return ats.Request{
		Tenant: b.tenant, Key: key, Origin: ats.OriginAPI, Job: ats.Job{ID: jobID, Title: "Shift Supervisor"}, Schedule: due,
		Candidate:   ats.Candidate{ID: candidate, FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
		RequestedBy: b.tove,
	}
}

// sent asks for an interview and lets it go out.
func (b *bridged) sent(key string) ats.Interview {
	b.Helper()
	return b.sentBy(b.request(key))
}

// sentForToday does so with the earliest deadline there is, in a zone where the day is
// nearly over when virtual time begins.
func (b *bridged) sentForToday(key string) ats.Interview {
	b.Helper()
	zone, err := ats.LoadZone("Atlantic/Azores")
	require.NoError(b, err)
	r := b.request(key)
	r.Schedule, err = ats.On(ats.DateOf(time.Now().In(zone)), ats.EndOfDay, zone.String(), ats.Fields{})
	require.NoError(b, err)
	return b.sentBy(r)
}

func (b *bridged) sentBy(r ats.Request) ats.Interview {
	b.Helper()
	i, err := b.engine.Submit(b.Context(), r)
	require.NoError(b, err)
	b.pass(5 * time.Second)
	return b.in(i.ID, ats.StateSent)
}

// in returns the interview, which must be in the state.
func (b *bridged) in(id string, want ats.State) ats.Interview {
	b.Helper()
	i, err := b.engine.Interview(b.Context(), id)
	require.NoError(b, err)
	require.Equal(b, want, i.State, "reason: %+v", i.Reason)
	return i
}

// completes lets the candidate finish.
func (b *bridged) completes(i ats.Interview) ats.Interview {
	b.Helper()
	require.NoError(b, b.spark.Accept(i.SparkHire.InterviewID))
	b.pass(5 * time.Second)
	require.NoError(b, b.spark.Complete(i.SparkHire.InterviewID))
	b.pass(5 * time.Second)
	return b.in(i.ID, ats.StateCompleted)
}

// tab returns what maya's tab shows.
func (b *bridged) tab() paycortest.TabState {
	b.Helper()
	tab, ok := b.host.Tab(maya())
	require.True(b, ok)
	return tab
}
