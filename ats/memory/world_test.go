package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// world is an adapter with one account, an inbox that it is connected to, and a
// clock that tests move.
type world struct {
	adapter *memory.Adapter
	account *memory.Account
	inbox   *memory.Inbox
	conn    ats.Connection
	now     time.Time
}

// newWorld makes a world whose policy change alters; change may be nil.
func newWorld(t *testing.T, change func(p *ats.Policy)) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	policy := memory.DefaultPolicy()
	if change != nil {
		change(&policy)
	}
	w.adapter = memory.New(memory.Options{Policy: policy, Now: clock, PageSize: 2})
	w.account = w.adapter.Account("acme")
	w.inbox = memory.NewInbox(memory.InboxOptions{Now: clock, Adapters: []ats.Adapter{w.adapter}})
	w.conn = w.connect(t, w.activation())
	return w
}

func (w *world) activation() ats.Activation {
	return ats.Activation{
		Tenant: w.account.Tenant(), Name: "Acme", TimeZone: "America/Chicago", CredentialDigest: "digest-1",
		OrganizationKey: "organization-key",
		Users: []ats.LinkedUser{
			{ID: "tove", Name: "Tove Lindqvist", Email: "tove@acme.example", Key: "key-of-tove"},
			{ID: "abel", Name: "Abel Ferreira", Key: "key-of-abel"},
		},
		Secrets: map[string]ats.Secret{"refresh_token": "first"},
	}
}

func (w *world) connect(t *testing.T, a ats.Activation) ats.Connection {
	t.Helper()
	c, err := w.inbox.Connect(t.Context(), a)
	require.NoError(t, err)
	return c
}

// request returns a good request about a new candidate of a new job.
func (w *world) request(key string) ats.Request {
	job := w.account.AddJob(ats.Job{Title: "Shift Supervisor"})
	maya := w.account.AddCandidate(job.ID, ats.Candidate{
		FirstName: "Maya", LastName: "Okafor", Email: "maya@mail.example", Phone: "+1 555 0100",
		CustomFields: []ats.CustomField{{APIName: "wish", Value: "nights"}}, Raw: []byte(`{}`),
	})
	return ats.Request{
		Tenant: w.account.Tenant(), Key: key, Candidate: maya, Job: job, RequestedFor: "tove",
		RequestedBy: ats.User{ID: "abel", Name: "Abel Ferreira"}, Message: "See you soon, Maya.", ReplyTo: []byte(`{"trigger":"t1"}`),
	}
}

func (w *world) submit(t *testing.T, r ats.Request) ats.Interview {
	t.Helper()
	iv, err := w.inbox.Submit(t.Context(), r)
	require.NoError(t, err)
	return iv
}

// becomes records a state.
func (w *world) becomes(t *testing.T, id string, s ats.State) ats.Interview {
	t.Helper()
	iv, err := w.inbox.Record(id, ats.EventKind(s), "It is "+string(s)+".", func(iv *ats.Interview) { iv.State = s })
	require.NoError(t, err)
	return iv
}

func refused(t *testing.T, err error, code ats.Code) {
	t.Helper()
	refusal, ok := ats.AsRefusal(err)
	require.True(t, ok, "want %s, got: %v", code, err)
	require.Equal(t, code, refusal.Code)
	require.NotEmpty(t, refusal.Message)
}
