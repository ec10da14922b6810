package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
)

const (
	connections = 128
	triggers    = 4_000 // per handler and round
	rounds      = 5

	apiKey  = "benchmark-partner-api-key"
	secret  = "benchmark-webhook-secret"
	company = "BenchmarkCo"
)

// BenchmarkAcceptTrigger sends signed Teamtailor triggers over 128 connections to
// three handlers that differ only behind the adapter: one that stores nothing,
// the engine, and one that commits each request by itself. Rounds alternate; the
// medians are compared.
func BenchmarkAcceptTrigger(b *testing.B) { onEach(b, acceptTrigger) }

func acceptTrigger(b *testing.B, open func(*testing.B) database) {
	b.Helper()
	for b.Loop() {
		var verify, durable, single []load
		for range rounds {
			verify = append(verify, run(b, open, func(*bridge.Bridge, database) ats.Inbox { return &nothing{} }))
			durable = append(durable, run(b, open, func(e *bridge.Bridge, _ database) ats.Inbox { return e }))
			single = append(single, run(b, open, func(e *bridge.Bridge, s database) ats.Inbox { return &oneByOne{e, s} }))
		}
		v, d, s := median(verify), median(durable), median(single)
		b.ReportMetric(v.perSecond, "verify/s")
		b.ReportMetric(d.perSecond, "durable/s")
		b.ReportMetric(s.perSecond, "single/s")
		b.ReportMetric(d.perSecond/v.perSecond, "durable/verify")
		b.ReportMetric(d.perSecond/s.perSecond, "durable/single")
		b.ReportMetric(d.p99/v.p99, "p99-durable/verify")
		b.ReportMetric(1000*v.p99, "p99-verify-ms")
		b.ReportMetric(1000*d.p99, "p99-durable-ms")
		b.ReportMetric(0, "ns/op") // a round's time means nothing
	}
}

// load is what came of sending all triggers once.
type load struct {
	perSecond float64
	p99       float64 // seconds
}

func median(loads []load) load {
	slices.SortFunc(loads, func(a, b load) int { return int(a.perSecond - b.perSecond) })
	m := loads[len(loads)/2]
	slices.SortFunc(loads, func(a, b load) int { return int(1e9 * (a.p99 - b.p99)) })
	m.p99 = loads[len(loads)/2].p99
	return m
}

// run measures one handler on a database of its own.
func run(b *testing.B, open func(*testing.B) database, inboxOf func(*bridge.Bridge, database) ats.Inbox) load {
	b.Helper()
	b.StopTimer()
	defer b.StartTimer()
	store := open(b)
	defer func() { require.NoError(b, store.Close()) }()
	adapter, err := teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: apiKey},
		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: secret},
		CallBudget:     time.Minute, // one commit per request is that slow
	})
	require.NoError(b, err)
	engine, err := bridge.New(bridge.Config{Store: store, Keys: keyring.Generate(), Adapters: []ats.Adapter{adapter}})
	require.NoError(b, err)
	server := httptest.NewServer(adapter.Handler(inboxOf(engine, store)))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()

	bearer := "Bearer " + teamtailortest.ProviderKey(apiKey, map[string]any{"apiKeys": "Organization: org-key-0001\nAsha Lind: user-key-0002"})
	send := func(t trigger) error {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL+"/webhook", bytes.NewReader(t.body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", bearer)
		req.Header.Set("Teamtailor-Signature", t.signature)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(resp.Body)
		if err := resp.Body.Close(); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("answered %d: %s", resp.StatusCode, text)
		}
		return err
	}
	require.NoError(b, send(newTrigger(-1))) // connects the company

	all := make([]trigger, triggers)
	for n := range all {
		all[n] = newTrigger(n)
	}
	took := make([]time.Duration, triggers)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	start := time.Now()
	for range connections {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= triggers || failed.Load() != nil {
					return
				}
				began := time.Now()
				if err := send(all[n]); err != nil {
					failed.Store(&err)
					return
				}
				took[n] = time.Since(began)
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	if err := failed.Load(); err != nil {
		require.NoError(b, *err)
	}
	slices.Sort(took)
	b.Logf("%.0f/s, p50 %s, p99 %s, most %s", triggers/elapsed.Seconds(), took[triggers/2], took[triggers*99/100], took[triggers-1])
	return load{perSecond: triggers / elapsed.Seconds(), p99: took[triggers*99/100].Seconds()}
}

type trigger struct {
	body      []byte
	signature string
}

func newTrigger(n int) trigger {
	event, result := uuid.NewString(), uuid.NewString()
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	body := fmt.Sprintf(`{"partner-event":{"id":%q,
		"webhook-data":{"recruiter":"asha-lind","interview-type":"one_way","job":"b7e0","timezone":"Europe/Stockholm","question-set":"qs-12","schedule-interview":""},
		"partner-result":{"id":%q,"status":"sending","update-url":"https://api.teamtailor.com/partner/v1/partner-results/%s"},
		"candidate":{"id":%d,"uuid":%q,"first-name":"Mira","last-name":"Falk","email":"mira.falk.%d@mail.example","phone":"+46700000001","picture-url":null,
			"tags":["nurse"],"department":"Care","role":"Nurse","referrals":[],"locations":[{"name":"Lund","address":"Storgatan 1, Lund"}],
			"job":{"id":4711,"title":"Ward nurse","stage-id":9001,"stage":"Video interview","tags":[],"trigger-id":77,"custom-fields":[],"status":{"rejected":false},
				"triggered-by":{"id":31,"email":"asha@care.example","name":"Asha Lind"}},
			"recruiter":{"name":"Asha Lind","email":"asha@care.example","phone":null},"questions":[{"question":"Do you hold a license?","answer":"yes"}],
			"custom-fields":[{"interview-date":{"value":%q,"type":"date","mapped-from":"interview-date"}},{"interview-time":{"value":"14:30","type":"text"}}]}},
		"company":{"uuid":%q,"name":"Example Care AB","url":"https://career.example","logotype":null}}`,
		event, result, result, 100_000+n, uuid.NewString(), n, due, company)
	return trigger{body: []byte(body), signature: teamtailortest.EventSignature(secret, event, time.Now())}
}

// nothing is an inbox that remembers who connected and stores no request.
type nothing struct {
	ats.Inbox

	conn atomic.Pointer[ats.Connection]
}

func (n *nothing) Connection(context.Context, ats.TenantRef) (ats.Connection, error) {
	if c := n.conn.Load(); c != nil {
		return *c, nil
	}
	return ats.Connection{}, ats.ErrNotFound
}

func (n *nothing) Connect(_ context.Context, a ats.Activation) (ats.Connection, error) {
	c := ats.Connection{ID: "c", Tenant: a.Tenant, Enabled: true, Connected: true, CredentialDigest: a.CredentialDigest}
	for _, u := range a.Users {
		c.Users = append(c.Users, ats.User{ID: u.ID, Name: u.Name, Linked: true})
	}
	n.conn.Store(&c)
	return c, nil
}

func (n *nothing) Submit(context.Context, ats.Request) (ats.Interview, error) {
	return ats.Interview{ID: "i", State: ats.StateRequested}, nil
}

// oneByOne is the engine with a transaction for each request.
type oneByOne struct {
	*bridge.Bridge

	store database
}

func (o *oneByOne) Submit(ctx context.Context, r ats.Request) (ats.Interview, error) {
	tx, err := o.store.DB().BeginTx(ctx, nil)
	if err != nil {
		return ats.Interview{}, err
	}
	defer func() { _ = tx.Rollback() }()
	i, err := o.SubmitTx(ctx, tx, r)
	if err != nil {
		return i, err
	}
	return i, tx.Commit()
}
