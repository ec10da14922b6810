package paycor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
)

const (
	tenantText = "501200/ff80818190aa10010190aa1001000001"
	jobID      = "ff80818190aa10010190bb2002000002"
	candidate  = "ff80818190aa10010190ee5005000005"
	recruiter  = "910233"
)

// host is a recruiting product in Go: it keeps the promises of [paycor.Host].
type host struct {
	mu      sync.Mutex
	items   []paycor.NewsfeedItem
	tabs    map[paycor.CandidateRef]paycor.TabState
	updates []paycor.TabState // in order of arrival
	calls   []string
	hidden  map[int32]bool // who may see nobody
	fails   map[string]error
}

var _ paycor.Host = (*host)(nil)

func (h *host) call(ctx context.Context, name string) error {
	h.calls = append(h.calls, name)
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.fails[name]
}

// fail makes a method fail; nil ends it.
func (h *host) fail(method string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails == nil {
		h.fails = map[string]error{}
	}
	h.fails[method] = err
}

func (h *host) Actor(ctx context.Context, credential string) (paycor.Actor, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.call(ctx, "Actor"); err != nil {
		return paycor.Actor{}, err
	}
	if credential != "tove-session" {
		return paycor.Actor{}, paycor.ErrUnknownActor
	}
	return paycor.Actor{UserID: 910233, Name: "Tove Lindqvist", Email: "t.lindqvist@harborlane.example", Administrator: true}, nil
}

func (h *host) MayView(ctx context.Context, a paycor.Actor, _ paycor.CandidateRef) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.call(ctx, "MayView"); err != nil {
		return true, err // what comes with an error must not be believed
	}
	return !h.hidden[a.UserID], nil
}

func (h *host) AppendNewsfeed(ctx context.Context, item paycor.NewsfeedItem) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.call(ctx, "AppendNewsfeed"); err != nil {
		return err
	}
	if i := slices.IndexFunc(h.items, func(known paycor.NewsfeedItem) bool { return known.Key == item.Key }); i >= 0 {
		known := h.items[i]
		sameActor := (known.ActorUserID == nil) == (item.ActorUserID == nil) && (item.ActorUserID == nil || *known.ActorUserID == *item.ActorUserID)
		if known.ActorUserID, item.ActorUserID = nil, nil; known != item || !sameActor {
			return fmt.Errorf("the key is known with another content: %w", ats.ErrInvalid)
		}
		return nil
	}
	h.items = append(h.items, item)
	return nil
}

func (h *host) ShowVideoInterview(ctx context.Context, c paycor.CandidateRef, s paycor.TabState) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.call(ctx, "ShowVideoInterview"); err != nil {
		return err
	}
	h.updates = append(h.updates, s)
	if h.tabs == nil {
		h.tabs = map[paycor.CandidateRef]paycor.TabState{}
	}
	if s.Revision >= h.tabs[c].Revision {
		h.tabs[c] = s
	}
	return nil
}

func (h *host) texts() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	texts := []string{}
	for _, item := range h.items {
		texts = append(texts, item.Text)
	}
	return texts
}

func (h *host) tab(t *testing.T) paycor.TabState {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	require.Len(t, h.tabs, 1)
	for _, tab := range h.tabs {
		return tab
	}
	return paycor.TabState{}
}

// world is a company with a host, and the engine's double.
type world struct {
	t       *testing.T
	now     time.Time
	host    *host
	adapter *paycor.Adapter
	inbox   *memory.Inbox
	tenant  ats.TenantRef
}

// newWorld connects a company whose feature is enabled, with one linked user who is the
// primary one, and one linked job.
func newWorld(t *testing.T, change ...func(*paycor.Config)) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Date(2026, 3, 10, 14, 22, 5, 0, time.UTC), host: &host{},
		tenant: ats.TenantRef{Adapter: "paycor", Tenant: tenantText},
	}
	cfg := paycor.Config{Host: w.host, Clock: w.clock}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	w.adapter, err = paycor.New(cfg)
	require.NoError(t, err)
	w.inbox = memory.NewInbox(memory.InboxOptions{Now: w.clock, Adapters: []ats.Adapter{w.adapter}})
	_, err = w.inbox.Connect(t.Context(), ats.Activation{
		Tenant: w.tenant, Name: "Harbor Lane Foods", TimeZone: "America/Chicago",
		Users: []ats.LinkedUser{{ID: recruiter, Name: "Tove Lindqvist", Key: "tove-key"}, {ID: "910234", Name: "Sam Okoro"}},
	})
	require.NoError(t, err)
	w.settings(`{"feature_enabled": true}`)
	require.NoError(t, w.inbox.SetPrimaryUser(w.tenant, recruiter))
	require.NoError(t, w.inbox.LinkJob(w.tenant, jobID, "sh-job-1", "qs-12"))
	return w
}

func (w *world) clock() time.Time { return w.now }

func (w *world) settings(text string) {
	w.t.Helper()
	require.NoError(w.t, w.inbox.SetSettings(w.tenant, json.RawMessage(text)))
}

func (w *world) conn() ats.Connection {
	w.t.Helper()
	c, err := w.inbox.Connection(w.t.Context(), w.tenant)
	require.NoError(w.t, err)
	return c
}

// request returns a request that the policy admits.
func (w *world) request(key string) ats.Request {
	w.t.Helper()
	day, err := paycor.ProposedExpiry(w.now, "America/Chicago")
	require.NoError(w.t, err)
	return w.requestFor(key, day)
}

func (w *world) requestFor(key string, day ats.Date) ats.Request {
	w.t.Helper()
	due, err := ats.On(day, w.adapter.PolicyFor(w.conn()).Deadline.Midnight, "America/Chicago", ats.Fields{Date: "due.date"})
	require.NoError(w.t, err)
	return ats.Request{
		Tenant: w.tenant, Key: key, Origin: ats.OriginAPI, Job: ats.Job{ID: jobID, Title: "Shift Supervisor"},
		Candidate: ats.Candidate{ID: candidate, FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
		Schedule:  due, RequestedBy: ats.User{ID: recruiter, Name: "Tove Lindqvist"},
	}
}

func (w *world) submit(r ats.Request) (ats.Interview, error) {
	w.t.Helper()
	return w.inbox.Submit(w.t.Context(), r)
}

// asked is submit for a request that must be taken.
func (w *world) asked(key string) ats.Interview {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	iv, err := w.submit(w.request(key))
	require.NoError(w.t, err)
	return iv
}

// happens records a change and tells the host.
func (w *world) happens(iv ats.Interview, kind ats.EventKind, change func(*ats.Interview)) {
	w.t.Helper()
	w.records(iv, kind, change)
	require.NoError(w.t, w.inbox.Deliver(w.t.Context(), iv.ID))
}

func (w *world) records(iv ats.Interview, kind ats.EventKind, change func(*ats.Interview)) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	_, err := w.inbox.Record(iv.ID, kind, "", change)
	require.NoError(w.t, err)
}

// becomes records a state and tells the host.
func (w *world) becomes(iv ats.Interview, states ...ats.State) {
	w.t.Helper()
	for _, s := range states {
		w.happens(iv, ats.EventKind(s), func(i *ats.Interview) {
			i.State = s
			if s == ats.StateCompleted {
				i.SparkHire.WatchURL = "https://app.sparkhire.example/watch/1"
			}
		})
	}
}

// refused returns the code of the refusal that err must be.
func refused(tb testing.TB, err error) ats.Code {
	tb.Helper()
	r, ok := ats.AsRefusal(err)
	require.True(tb, ok, "want a refusal, got: %v", err)
	return r.Code
}
