package memory_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func TestNewPanicsOverAPolicyThatContradictsItself(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "memory: policy: deadline: must be required or optional", func() {
		memory.New(memory.Options{Policy: ats.Policy{
			Types: []ats.InterviewType{ats.Live}, QuestionSet: map[ats.InterviewType]ats.Need{ats.Live: ats.Forbidden},
		}})
	})
}

func TestAdapterTakesItsPolicyAsGiven(t *testing.T) {
	t.Parallel()
	given := memory.DefaultPolicy()
	a := memory.New(memory.Options{Name: "demo", Policy: given})
	require.Equal(t, "demo", a.Name())
	require.Equal(t, given, a.Policy())
	given.Types[0] = "altered"
	require.Equal(t, memory.DefaultPolicy(), a.Policy())
}

func TestACardShowsTheInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	iv := w.submit(t, w.request("key-1"))
	_, shown := w.adapter.Card(iv.ID)
	require.False(t, shown)
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	score := 85.0
	_, err := w.inbox.Record(iv.ID, ats.EventCompleted, "The interview is done.", func(next *ats.Interview) {
		next.State = ats.StateCompleted
		next.SparkHire = ats.SparkHire{WatchURL: "https://app.example/w", ShareURL: "https://app.example/s", Score: &score}
	})
	require.NoError(t, err)
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))

	card, shown := w.adapter.Card(iv.ID)
	require.True(t, shown)
	require.Equal(t, memory.Card{
		InterviewID: iv.ID, CandidateID: "candidate-1", JobID: "job-1", TriggerID: "t1", State: ats.StateCompleted, Revision: 2,
		Title: "One-way interview", Due: "2026-03-17 (America/Chicago)",
		WatchURL: "https://app.example/w", ShareURL: "https://app.example/s", Score: &score,
		Lines: []memory.Line{
			{Key: "event-1", Kind: ats.EventRequested, At: w.now, Text: "One-way interview requested, 2026-03-17 (America/Chicago); 7 calendar days from today"},
			{Key: "event-2", Kind: ats.EventCompleted, At: w.now, Text: "The interview is done."},
		},
	}, card)
	require.Equal(t, "card of interview-1: completed", fmt.Sprintf("%+v", card))
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("shown", "card", card)
	require.NotContains(t, log.String(), "app.example")

	history := w.adapter.History(iv.ID)
	require.Equal(t, []ats.State{ats.StateRequested, ats.StateCompleted}, []ats.State{history[0].State, history[1].State})
	history[1].Lines[0].Text = "altered"
	*history[1].Score = 1
	again, _ := w.adapter.Card(iv.ID)
	require.Equal(t, card, again, "what is returned is a copy")
	require.Empty(t, w.adapter.History("nothing"))
}

func TestSettingsHideTheScore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	require.NoError(t, w.inbox.SetSettings(w.conn.Tenant, json.RawMessage(`{"hide_score":true}`)))
	id := w.submit(t, w.request("key-1")).ID
	score := 85.0
	_, err := w.inbox.Record(id, ats.EventRated, "Rated.", func(iv *ats.Interview) { iv.SparkHire.Score = &score })
	require.NoError(t, err)
	require.NoError(t, w.inbox.Deliver(t.Context(), id))
	card, _ := w.adapter.Card(id)
	require.Nil(t, card.Score)

	c := w.conn
	c.Settings = json.RawMessage(`{"shout":true}`)
	require.ErrorIs(t, w.adapter.Publish(t.Context(), c, w.adapter.Reports()[0]), ats.ErrInvalid)
}

func TestReasonsAndNoticesAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := w.submit(t, w.request("key-1")).ID
	_, err := w.inbox.Record(id, ats.EventFailed, "It failed.", func(iv *ats.Interview) {
		iv.State, iv.Reason = ats.StateFailed, &ats.Reason{Code: "bounced", Message: "The address does not exist."}
		iv.Notice = &ats.Reason{Code: "note", Message: "Mind this."}
	})
	require.NoError(t, err)
	require.NoError(t, w.inbox.Deliver(t.Context(), id))
	card, _ := w.adapter.Card(id)
	require.Equal(t, "The address does not exist.", card.Reason)
	require.Equal(t, "Mind this.", card.Notice)
}

func TestPrintingShowsNoTokenAndNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.submit(t, w.request("key-1"))
	w.inbox.AddSparkHireUser("key-of-tove", memory.SparkHireUser{})
	for _, verb := range []string{"%v", "%+v", "%s"} {
		printed := fmt.Sprintf(verb+verb+verb, w.account, w.inbox, w.adapter)
		for _, private := range []string{w.account.Token().Reveal(), "key-of-tove", "Okafor"} {
			require.NotContains(t, printed, private)
		}
	}
}

func TestAnOlderReportAddsOnlyItsLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := w.submit(t, w.request("key-1")).ID
	old, err := w.inbox.Report(id)
	require.NoError(t, err)
	w.becomes(t, id, ats.StateSent)
	recent, err := w.inbox.Report(id)
	require.NoError(t, err)
	recent.Events = recent.Events[1:]

	require.NoError(t, w.adapter.Publish(t.Context(), w.conn, recent))
	require.NoError(t, w.adapter.Publish(t.Context(), w.conn, old))
	card, _ := w.adapter.Card(id)
	require.Equal(t, ats.StateSent, card.State)
	require.EqualValues(t, 2, card.Revision)
	require.Len(t, card.Lines, 2)
}

func TestFailingAndLosing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := w.submit(t, w.request("key-1")).ID
	w.adapter.FailNext(2, ats.ErrForbidden)
	for range 2 {
		require.ErrorIs(t, w.inbox.Deliver(t.Context(), id), ats.ErrForbidden)
	}
	require.Empty(t, w.adapter.Reports())

	w.adapter.LoseNext(1, ats.ErrUnavailable)
	require.ErrorIs(t, w.inbox.Deliver(t.Context(), id), ats.ErrUnavailable)
	card, shown := w.adapter.Card(id)
	require.True(t, shown, "the answer was lost, not the report")
	require.NoError(t, w.inbox.Deliver(t.Context(), id))
	again, _ := w.adapter.Card(id)
	require.Equal(t, card, again)
	require.Len(t, w.adapter.Reports(), 2)
	require.Len(t, w.adapter.History(id), 1)

	w.adapter.LoseNext(-1, ats.ErrUnavailable)
	w.adapter.FailNext(0, nil)
	_, err := w.adapter.Candidate(t.Context(), w.conn, ats.CandidateRef{Tenant: w.conn.Tenant, ID: "candidate-1"})
	require.NoError(t, err)
}

func TestPublishSaysWhatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := w.submit(t, w.request("key-1")).ID
	r, err := w.inbox.Report(id)
	require.NoError(t, err)
	require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn, ats.Report{}), ats.ErrInvalid)

	stranger := r
	stranger.Interview.Candidate.ID = "nobody"
	require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn, stranger), ats.ErrNotFound)

	elsewhere := w.conn
	elsewhere.Tenant.Tenant = "nobody"
	require.ErrorIs(t, w.adapter.Publish(t.Context(), elsewhere, r), ats.ErrNotFound)

	w.account.Close()
	require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn, r), ats.ErrGone)
}

func TestClosedJobsAndRemovedCandidatesAreNotListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var ids []string
	for range 5 {
		ids = append(ids, w.account.AddJob(ats.Job{Title: "Nurse"}).ID)
	}
	w.account.CloseJob(ids[0])
	w.account.CloseJob(ids[3])
	var listed []string
	for j, err := range w.adapter.Jobs(t.Context(), w.conn) {
		require.NoError(t, err)
		listed = append(listed, j.ID)
	}
	require.Equal(t, []string{ids[1], ids[2], ids[4]}, listed)

	for i := range 3 {
		w.account.AddCandidate(ids[1], ats.Candidate{ID: fmt.Sprint(i)})
	}
	w.account.RemoveCandidate("1")
	w.account.RemoveCandidate("unknown")
	job := ats.JobRef{Tenant: w.conn.Tenant, ID: ids[1]}
	listed = nil
	for c, err := range w.adapter.Candidates(t.Context(), w.conn, job, time.Time{}) {
		require.NoError(t, err)
		listed = append(listed, c.ID)
	}
	require.Equal(t, []string{"0", "2"}, listed)
	for _, err := range w.adapter.Candidates(t.Context(), w.conn, ats.JobRef{Tenant: w.conn.Tenant, ID: "nothing"}, time.Time{}) {
		require.ErrorIs(t, err, ats.ErrNotFound)
	}
}

func TestAdministratorsSeeRestrictedCandidates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.account.AddCandidate("", ats.Candidate{FirstName: "Maya"})
	ref := ats.CandidateRef{Tenant: w.conn.Tenant, ID: c.ID}
	w.account.AddUser(ats.User{ID: "user"})
	w.account.AddUser(ats.User{ID: "admin", Admin: true})
	for _, restricted := range []bool{false, true} {
		if restricted {
			w.account.Restrict(c.ID)
		}
		for id, want := range map[string]bool{"user": !restricted, "admin": true, "stranger": false} {
			may, err := w.adapter.MayView(t.Context(), w.conn, ats.User{ID: id}, ref)
			require.NoError(t, err)
			require.Equal(t, want, may, id)
		}
	}
}

func TestTriggersAreAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.request("unused")
	good := memory.Trigger{CandidateID: r.Candidate.ID, JobID: r.Job.ID, Recruiter: "tove"}
	for name, c := range map[string]struct {
		change func(tr *memory.Trigger)
		status int
		body   string
	}{
		"a good one":                   {func(*memory.Trigger) {}, 202, `"state":"requested"`},
		"an unknown type":              {func(tr *memory.Trigger) { tr.Type = "group" }, 422, `"field":"type"`},
		"an unknown candidate":         {func(tr *memory.Trigger) { tr.CandidateID = "nobody" }, 422, `"field":"candidate_id"`},
		"an unknown job":               {func(tr *memory.Trigger) { tr.JobID = "nothing" }, 422, `"field":"job_id"`},
		"an unknown recruiter":         {func(tr *memory.Trigger) { tr.Recruiter = "nobody" }, 422, `"code":"user_not_linked"`},
		"a date that is none":          {func(tr *memory.Trigger) { tr.Date = "tomorrow" }, 422, `"field":"date"`},
		"a time that is none":          {func(tr *memory.Trigger) { tr.Date, tr.Time = "2026-03-17", "2:30 PM" }, 422, `"field":"time"`},
		"a time without a date":        {func(tr *memory.Trigger) { tr.Time = "14:30" }, 422, `"field":"date"`},
		"a zone that is none":          {func(tr *memory.Trigger) { tr.Date, tr.TimeZone = "2026-03-17", "Mars/Olympus" }, 422, `"field":"time_zone"`},
		"a time that does not exist":   {func(tr *memory.Trigger) { tr.Date, tr.Time = "2027-03-14", "02:30" }, 422, `"code":"time_does_not_exist"`},
		"a date that is in the past":   {func(tr *memory.Trigger) { tr.Date = "2026-03-08" }, 422, `"code":"expiration_in_past"`},
		"a question set for a live":    {func(tr *memory.Trigger) { tr.Type, tr.QuestionSetID = "Live", "q1" }, 422, `"code":"question_set_not_allowed"`},
		"a candidate of another job's": {func(tr *memory.Trigger) { tr.JobID = w.account.AddJob(ats.Job{}).ID }, 422, `"code":"not_in_pipeline"`},
	} {
		tr := good
		c.change(&tr)
		tr.ID = name
		rec := httptest.NewRecorder()
		w.adapter.Handler(w.inbox).ServeHTTP(rec, w.account.Trigger(t.Context(), tr))
		require.Equal(t, c.status, rec.Code, "%s: %s", name, rec.Body)
		require.Contains(t, rec.Body.String(), c.body, name)
		require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	}
	require.Len(t, w.inbox.Interviews(), 1)

	rec := httptest.NewRecorder()
	call := w.account.Trigger(t.Context(), good)
	w.inbox.FailNext(1, ats.ErrUnavailable)
	w.adapter.Handler(w.inbox).ServeHTTP(rec, call)
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.NotEmpty(t, rec.Header().Get("Retry-After"))

	rec = httptest.NewRecorder()
	w.adapter.Handler(memory.NewInbox(memory.InboxOptions{})).ServeHTTP(rec, w.account.Trigger(t.Context(), good))
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
	require.Contains(t, rec.Body.String(), "not_connected")
}

func TestTriggersSayWhen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		date, time, zone string
		want, at         string
	}{
		"a date ends with its day":           {"2026-03-17", "", "", "2026-03-17 (America/Chicago)", "2026-03-18T05:00:00Z"},
		"a time is in the connection's zone": {"2026-03-17", "9:05", "", "2026-03-17 09:05 (America/Chicago)", "2026-03-17T14:05:00Z"},
		"or in its own":                      {"2026-03-17", "1430", "Europe/Stockholm", "2026-03-17 14:30 (Europe/Stockholm)", "2026-03-17T13:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			r := w.request("unused")
			rec := httptest.NewRecorder()
			w.adapter.Handler(w.inbox).ServeHTTP(rec, w.account.Trigger(t.Context(), memory.Trigger{
				CandidateID: r.Candidate.ID, Recruiter: "tove", Date: c.date, Time: c.time, TimeZone: c.zone,
			}))
			require.Equal(t, http.StatusAccepted, rec.Code, rec.Body)
			s := w.inbox.Interviews()[0].Schedule
			require.Equal(t, c.want, s.String())
			require.Equal(t, c.at, s.At.Format(time.RFC3339))
			require.Equal(t, "date and time of the trigger", s.Derivation)
		})
	}
}

func TestReconcileLeavesRefusalsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r := w.request("unused")
	w.account.Trigger(t.Context(), memory.Trigger{CandidateID: r.Candidate.ID, Recruiter: "nobody"})
	w.account.Trigger(t.Context(), memory.Trigger{CandidateID: r.Candidate.ID, Recruiter: "tove"})
	require.NoError(t, w.adapter.Reconcile(t.Context(), w.inbox))
	require.Len(t, w.inbox.Interviews(), 1)
}

func TestReconcileGoesOnWithOtherTenants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a := w.activation()
	a.Tenant.Tenant = "without-account"
	w.connect(t, a)
	bakery := w.adapter.Account("bakery")
	a.Tenant = bakery.Tenant()
	w.connect(t, a)
	bakery.Close()
	err := w.adapter.Reconcile(t.Context(), w.inbox)
	require.ErrorIs(t, err, ats.ErrNotFound)
	require.ErrorContains(t, err, "memory/without-account")
	left, err := w.inbox.Connections(t.Context(), "memory")
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(left, func(c ats.Connection) bool { return c.Tenant == bakery.Tenant() }))
}
