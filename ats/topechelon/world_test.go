package topechelon_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/internal/logtest"
)

// recruiters is a recruiting backend that embeds Go: a [topechelon.Host] in memory.
type recruiters struct {
	agency string

	mu        sync.Mutex
	users     map[string]topechelon.Actor // by credential
	blind     map[string]bool             // users who may see nobody
	pipelines map[string][]string         // people by job
	shown     map[topechelon.PipelineRef]topechelon.InterviewStatus
	err       error // what every call returns, if set
	calls     int
}

var _ topechelon.Host = (*recruiters)(nil)

func newRecruiters() *recruiters {
	return &recruiters{
		agency: "ag-12", users: map[string]topechelon.Actor{}, blind: map[string]bool{},
		pipelines: map[string][]string{}, shown: map[topechelon.PipelineRef]topechelon.InterviewStatus{},
	}
}

func (h *recruiters) enter() (func(), error) {
	h.mu.Lock()
	h.calls++
	return h.mu.Unlock, h.err
}

func (h *recruiters) Actor(_ context.Context, credential string) (topechelon.Actor, error) {
	leave, err := h.enter()
	defer leave()
	if err != nil {
		return topechelon.Actor{}, err
	}
	a, ok := h.users[credential]
	if !ok {
		return topechelon.Actor{}, ats.ErrUnauthorized
	}
	return a, nil
}

func (h *recruiters) PipelineJobs(_ context.Context, a topechelon.Actor, personID string) ([]string, error) {
	leave, err := h.enter()
	defer leave()
	if err != nil {
		return nil, err
	}
	if a.AgencyID != h.agency || h.blind[a.UserID] {
		return nil, ats.ErrForbidden
	}
	jobs := []string{}
	for job, people := range h.pipelines {
		if slices.Contains(people, personID) {
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}

func (h *recruiters) InPipeline(_ context.Context, a topechelon.Actor, p topechelon.PipelineRef) (bool, error) {
	leave, err := h.enter()
	defer leave()
	if err != nil {
		return false, err
	}
	if a.AgencyID != h.agency || h.blind[a.UserID] {
		return false, ats.ErrForbidden
	}
	return slices.Contains(h.pipelines[p.JobID], p.PersonID), nil
}

func (h *recruiters) PublishInterviewStatus(_ context.Context, p topechelon.PipelineRef, s topechelon.InterviewStatus) error {
	leave, err := h.enter()
	defer leave()
	if err != nil {
		return err
	}
	if !slices.Contains(h.pipelines[p.JobID], p.PersonID) {
		return ats.ErrNotFound
	}
	if s.Revision > h.shown[p].Revision {
		h.shown[p] = s
	}
	return nil
}

// add puts a person into the pipeline of a job.
func (h *recruiters) add(job, person string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pipelines[job] = append(h.pipelines[job], person)
}

// column returns the Interview Status of the person in the pipeline of the job.
func (h *recruiters) column(job, person string) topechelon.InterviewStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.shown[topechelon.PipelineRef{AgencyID: h.agency, JobID: job, PersonID: person}]
}

// fail makes every call return the error, or none.
func (h *recruiters) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
}

// The agency of most tests. Job 2342 has been sent to Spark Hire, 2400 has not; Maya
// is in the pipelines of both.
const (
	jobSent    = "2342"
	jobNotSent = "2400"
	maya       = "481516"
)

var tenant = ats.TenantRef{Adapter: "topechelon", Tenant: "ag-12"}

// world is an agency with an embedded host, the adapter and the engine's double.
type world struct {
	t       *testing.T
	host    *recruiters
	adapter *topechelon.Adapter
	inbox   *memory.Inbox
	log     *logtest.Buffer
	now     time.Time
}

func newWorld(t *testing.T, change ...func(*topechelon.Config)) *world {
	t.Helper()
	w := &world{t: t, host: newRecruiters(), log: &logtest.Buffer{}, now: time.Date(2026, 3, 10, 14, 0, 0, 0, time.UTC)}
	w.host.add(jobSent, maya)
	w.host.add(jobNotSent, maya)
	w.host.users["tove-session"] = topechelon.Actor{
		UserRef: topechelon.UserRef{AgencyID: "ag-12", UserID: "u1"},
		Name:    "Tove Lindqvist", Email: "tove@agency.example", TimeZone: "America/New_York",
	}
	cfg := topechelon.Config{
		Host: w.host, Clock: w.clock, MaxAttempts: 1,
		Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	w.adapter, err = topechelon.New(cfg)
	require.NoError(t, err)
	w.inbox = memory.NewInbox(memory.InboxOptions{Now: w.clock, Adapters: []ats.Adapter{w.adapter}})
	w.connect("tove-key", "")
	require.NoError(t, w.inbox.LinkJob(tenant, jobSent, "sh-job-1", ""))
	return w
}

// connect sets the Spark Hire keys of Tove (u1) and Nils (u2).
func (w *world) connect(tove, nils ats.Secret) {
	w.t.Helper()
	_, err := w.inbox.Connect(w.t.Context(), ats.Activation{
		Tenant: tenant, Name: "Example Talent",
		Users: []ats.LinkedUser{{ID: "u1", Name: "Tove Lindqvist", Key: tove}, {ID: "u2", Name: "Nils Berg", Key: nils}},
	})
	require.NoError(w.t, err)
}

func (w *world) clock() time.Time { return w.now }

func (w *world) conn() ats.Connection {
	w.t.Helper()
	c, err := w.inbox.Connection(w.t.Context(), tenant)
	require.NoError(w.t, err)
	return c
}

func tove() ats.User {
	return ats.User{ID: "u1", Name: "Tove Lindqvist", TimeZone: "America/New_York"}
}
func nils() ats.User { return ats.User{ID: "u2", Name: "Nils Berg", TimeZone: "Europe/Oslo"} }

// person is the candidate as Top Echelon has them.
func person() ats.Candidate {
	return ats.Candidate{FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"}
}

// form is a form opened from the pipeline of the sent job and filled in.
func form() topechelon.Form {
	f := topechelon.NewForm(jobSent, maya)
	f.QuestionSetID, f.Date, f.Time = "b7c1", "2026-03-17", "17:00"
	return f
}

// request is what the form asks for.
func (w *world) request(f topechelon.Form, u ats.User, key string) ats.Request {
	w.t.Helper()
	r, err := f.Request(w.conn(), u, key, person(), ats.Job{Title: "Controls Engineer"})
	require.NoError(w.t, err)
	return r
}

// schedule submits the form, which must be accepted.
func (w *world) schedule(f topechelon.Form, u ats.User, key string) ats.Interview {
	w.t.Helper()
	iv, err := w.inbox.Submit(w.t.Context(), w.request(f, u, key))
	require.NoError(w.t, err)
	return iv
}

// refused submits a request that must be refused with the code, about the field, and
// without a trace.
func (w *world) refused(r ats.Request, code ats.Code, field string) {
	w.t.Helper()
	before := len(w.inbox.Interviews())
	_, err := w.inbox.Submit(w.t.Context(), r)
	w.isRefusal(err, code, field)
	require.Len(w.t, w.inbox.Interviews(), before)
	require.Empty(w.t, w.host.shown)
}

func (w *world) isRefusal(err error, code ats.Code, field string) {
	w.t.Helper()
	refusal, ok := ats.AsRefusal(err)
	require.True(w.t, ok, "got: %v", err)
	require.Equal(w.t, code, refusal.Code)
	require.Equal(w.t, field, refusal.Field)
	require.Greater(w.t, len(refusal.Message), 20, "a sentence for the recruiter")
}

// happens records what Spark Hire says and delivers the report.
func (w *world) happens(iv ats.Interview, kind ats.EventKind, change func(*ats.Interview)) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	_, err := w.inbox.Record(iv.ID, kind, "", change)
	require.NoError(w.t, err)
	require.NoError(w.t, w.inbox.Deliver(w.t.Context(), iv.ID))
}

// reach brings the interview to a state and delivers the report.
func (w *world) reach(iv ats.Interview, s ats.State) {
	w.t.Helper()
	w.happens(iv, ats.EventKind(s), to(s))
}

// to changes an interview as Spark Hire's answer would.
func to(s ats.State) func(*ats.Interview) {
	return func(iv *ats.Interview) {
		iv.State = s
		if s != ats.StateFailed && s != ats.StateUnconfirmed {
			iv.SparkHire.InterviewID = "sh-" + iv.ID
		}
		if s == ats.StateCompleted {
			iv.SparkHire.WatchURL = "https://app.sparkhire.example/watch/" + iv.ID
			iv.SparkHire.ShareURL = "https://app.sparkhire.example/share/" + iv.ID
		}
	}
}

func (w *world) row(u ats.User, job, personID string) topechelon.PipelineRow {
	w.t.Helper()
	row, err := w.adapter.PipelineRow(w.t.Context(), w.conn(), u, job, personID, w.inbox.Interviews())
	require.NoError(w.t, err)
	return row
}

func (w *world) personCard(u ats.User, personID string) topechelon.PersonCard {
	w.t.Helper()
	card, err := w.adapter.PersonCard(w.t.Context(), w.conn(), u, personID)
	require.NoError(w.t, err)
	return card
}

func (w *world) jobCard(u ats.User, job string) topechelon.JobCard {
	w.t.Helper()
	card, err := w.adapter.JobCard(w.t.Context(), w.conn(), u, job)
	require.NoError(w.t, err)
	return card
}
