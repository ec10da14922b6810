package topechelon_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/internal/logtest"
)

// bubble runs a subtest in time of its own, where the budget of two calls per second
// costs none.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, f)
	})
}

// account is an agency at the simulator of the public API, with no host: what the
// adapter does alone.
type account struct {
	t       *testing.T
	te      *topechelontest.Server
	agency  *topechelontest.Agency
	ana, bo *topechelontest.User
	job     *topechelontest.Job
	maya    *topechelontest.Person
	adapter *topechelon.Adapter
	inbox   *memory.Inbox
	log     *logtest.Buffer
	now     time.Time
}

func newAccount(t *testing.T, settings string, change ...func(*topechelon.Config)) *account {
	t.Helper()
	a := &account{t: t, log: &logtest.Buffer{}, now: time.Date(2026, 3, 10, 14, 0, 0, 0, time.UTC)}
	a.te = topechelontest.NewServer(topechelontest.InMemory(), topechelontest.WithClock(a.clock), topechelontest.WithUnverified())
	t.Cleanup(a.te.Close)
	a.agency = a.te.AddAgency("Example Talent")
	a.ana = a.agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz"})
	a.bo = a.agency.AddUser(topechelontest.UserConfig{Name: "Bo Nyberg"})
	a.job = a.agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Akron", State: "OH"})
	a.maya = a.agency.AddPerson(topechelontest.PersonConfig{
		FirstName: "Maya", LastName: "Okafor", Emails: []topechelontest.Email{{Address: "maya.okafor@mail.example"}},
	})
	app := a.agency.AddIntegration("Interviews", redirectURL)
	cfg := topechelon.Config{
		APIURL: a.te.BaseURL(), TokenURL: a.te.TokenURL(), AuthorizeURL: a.te.AuthorizeURL(),
		ClientID: app.ClientID, ClientSecret: ats.Secret(app.ClientSecret), HTTPClient: a.te.Client(),
		Clock: a.clock, Logger: slog.New(slog.NewTextHandler(a.log, nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	a.adapter, err = topechelon.New(cfg)
	require.NoError(t, err)
	a.inbox = memory.NewInbox(memory.InboxOptions{Now: a.clock, Adapters: []ats.Adapter{a.adapter}})
	_, err = a.inbox.Connect(t.Context(), ats.Activation{
		Tenant: a.tenant(), Name: a.agency.Name,
		Users: []ats.LinkedUser{{ID: a.ana.ID, Name: a.ana.Name, Key: "ana-spark-hire-key"}, {ID: a.bo.ID, Name: a.bo.Name, Key: "bo-spark-hire-key"}},
	})
	require.NoError(t, err)
	if settings != "" {
		require.NoError(t, a.inbox.SetSettings(a.tenant(), json.RawMessage(settings)))
	}
	return a
}

func (a *account) clock() time.Time { return a.now }

func (a *account) tenant() ats.TenantRef {
	return ats.TenantRef{Adapter: "topechelon", Tenant: a.agency.ID}
}

func (a *account) conn() ats.Connection {
	a.t.Helper()
	c, err := a.inbox.Connection(a.t.Context(), a.tenant())
	require.NoError(a.t, err)
	return c
}

// completed is a report of a completed interview that Ana has scheduled.
func (a *account) completed(id string) ats.Report {
	zone := "America/New_York"
	due, err := ats.At(ats.Date{Year: 2026, Month: 3, Day: 17}, ats.TimeOfDay{Hour: 17}, zone, ats.Fields{})
	require.NoError(a.t, err)
	events := []ats.Event{{Seq: 4, Key: "event-4", Kind: ats.EventCompleted}}
	return ats.Report{Version: 4, Events: events, Interview: ats.Interview{
		ID: id, Tenant: a.tenant(), State: ats.StateCompleted, Revision: 4, Type: ats.OneWay,
		Candidate: ats.Candidate{ID: a.maya.ID, FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
		Job:       ats.Job{ID: a.job.ID, Title: "Controls\nEngineer"}, Schedule: due,
		SparkHire: ats.SparkHire{
			InterviewID: "sh-" + id, WatchURL: "https://app.sparkhire.example/watch/" + id, ShareURL: "https://app.sparkhire.example/share/" + id,
		},
		RequestedBy: ats.User{ID: a.ana.ID}, RequestedFor: ats.User{ID: a.ana.ID},
		CreatedAt: time.Date(2026, 3, 10, 14, 0, 0, 0, time.UTC), CompletedAt: time.Date(2026, 3, 12, 9, 30, 0, 0, time.UTC),
	}}
}

// in returns the report in another state.
func in(r ats.Report, s ats.State) ats.Report {
	r.Interview.State, r.Events = s, nil
	if s != ats.StateCompleted {
		r.Interview.CompletedAt = time.Time{}
	}
	return r
}

func (a *account) publish(r ats.Report) error {
	return a.adapter.Publish(a.t.Context(), a.conn(), r)
}

func (a *account) files() []topechelontest.Attachment { return a.agency.Attachments(a.maya.ID) }

// attachments is the path of the upload.
func (a *account) attachments() string { return fmt.Sprintf("/people/%s/attachments", a.maya.ID) }
