package topechelon_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

// overHTTP is a world whose host is the simulator of the contract.
func overHTTP(t *testing.T, change ...func(*topechelon.Config)) (*world, *topechelontest.Host) {
	t.Helper()
	host := topechelontest.NewHost(topechelontest.InMemory(), topechelontest.WithHostToken("host-token"))
	t.Cleanup(host.Close)
	host.AddToPipeline("ag-12", jobSent, maya)
	host.SignIn(topechelontest.Actor{AgencyID: "ag-12", UserID: "u1", TimeZone: "America/New_York"})
	w := newWorld(t, append([]func(*topechelon.Config){func(c *topechelon.Config) {
		c.Host, c.HostURL, c.HostToken, c.HTTPClient = nil, host.URL, "host-token", host.Client()
		c.MaxAttempts = 0
	}}, change...)...)
	return w, host
}

var mayaRow = topechelontest.StatusKey{AgencyID: "ag-12", JobID: jobSent, PersonID: maya}

func TestHostOverHTTP(t *testing.T) {
	t.Parallel()

	bubble(t, "every member of a status arrives", func(t *testing.T) {
		w, host := overHTTP(t)
		iv := w.schedule(form(), tove(), "k1")
		require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
		shown, ok := host.Status(mayaRow)
		require.True(t, ok)
		require.Equal(t, topechelontest.Status{Revision: 1, State: "none"}, shown)

		w.reach(iv, ats.StateCompleted)
		shown, _ = host.Status(mayaRow)
		require.Equal(t, "2026-03-17T17:00:00-04:00", shown.DueAt.Format(time.RFC3339), "with the offset of the user's zone")
		shown.DueAt = time.Time{}
		require.Equal(t, topechelontest.Status{
			Revision: 2, InterviewID: iv.ID, Type: "one_way", State: "completed", Label: "Completed",
			ResultURL: "https://app.sparkhire.example/watch/" + iv.ID,
		}, shown)
		require.Empty(t, host.Violations())
	})

	bubble(t, "an older report changes nothing", func(t *testing.T) {
		w, host := overHTTP(t)
		iv := w.schedule(form(), tove(), "k1")
		old, err := w.inbox.Report(iv.ID)
		require.NoError(t, err)
		w.reach(iv, ats.StateSent)
		require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), old))
		shown, _ := host.Status(mayaRow)
		require.Equal(t, "invited", shown.State)
		require.Equal(t, 1, host.StatusWrites().Ignored)
	})

	bubble(t, "what may be repeated is repeated at once, and 501 is final", func(t *testing.T) {
		for status, attempts := range map[int]int{
			http.StatusRequestTimeout: 3, http.StatusTooManyRequests: 3, http.StatusInternalServerError: 3, http.StatusBadGateway: 3,
			http.StatusNotImplemented: 1, http.StatusBadRequest: 1, http.StatusUnauthorized: 1, http.StatusConflict: 1,
		} {
			w, host := overHTTP(t)
			in := host.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: status, Times: -1})
			err := w.adapter.Check(t.Context(), w.conn(), w.request(form(), tove(), "k1"))
			require.Error(t, err)
			require.Equal(t, attempts, in.Hits(), "%d", status)
		}
	})

	bubble(t, "a status tells the kind of error", func(t *testing.T) {
		for status, want := range map[int]error{
			http.StatusBadRequest: ats.ErrInvalid, http.StatusUnauthorized: ats.ErrUnauthorized, http.StatusForbidden: ats.ErrForbidden,
			http.StatusNotFound: ats.ErrNotFound, http.StatusConflict: ats.ErrInvalid, http.StatusGone: ats.ErrGone,
			http.StatusUnprocessableEntity: ats.ErrInvalid, http.StatusTooManyRequests: ats.ErrRateLimited,
			http.StatusRequestTimeout: ats.ErrUnavailable, http.StatusInternalServerError: ats.ErrUnavailable,
			http.StatusNotImplemented: ats.ErrHostCannot, http.StatusServiceUnavailable: ats.ErrUnavailable,
		} {
			w, host := overHTTP(t)
			iv := w.schedule(form(), tove(), "k1")
			host.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: status, Times: -1})
			r, err := w.inbox.Report(iv.ID)
			require.NoError(t, err)
			require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), want, "%d", status)
		}
	})

	bubble(t, "a wait that the host asks for is told", func(t *testing.T) {
		w, host := overHTTP(t, func(c *topechelon.Config) { c.MaxAttempts = 1 })
		iv := w.schedule(form(), tove(), "k1")
		host.Inject(topechelontest.Fault{
			Kind: topechelontest.FaultStatus, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"120"}},
		})
		r, err := w.inbox.Report(iv.ID)
		require.NoError(t, err)
		var later *ats.RetryLaterError
		require.ErrorAs(t, w.adapter.Publish(t.Context(), w.conn(), r), &later)
		require.Equal(t, 2*time.Minute, time.Until(later.At).Round(time.Second))
	})

	bubble(t, "a host that cannot list a person's pipelines is asked about the job's", func(t *testing.T) {
		for _, status := range []int{http.StatusNotFound, http.StatusNotImplemented} {
			w, host := overHTTP(t)
			host.Inject(topechelontest.Fault{
				Kind: topechelontest.FaultStatus, Status: status, Times: -1, Match: topechelontest.On(http.MethodPost, "/by-person"),
			})
			may, err := w.adapter.MayView(t.Context(), w.conn(), tove(), ats.CandidateRef{Tenant: tenant, ID: maya, JobID: jobSent})
			require.NoError(t, err)
			require.True(t, may)
			r := w.request(form(), tove(), "k1")
			require.NoError(t, w.adapter.Check(t.Context(), w.conn(), r))
			r.Candidate.ID = "7002"
			w.isRefusal(w.adapter.Check(t.Context(), w.conn(), r), topechelon.CodeNotInPipeline, "candidate.id")
		}
	})

	bubble(t, "an answer against the contract is no answer", func(t *testing.T) {
		for _, body := range []string{``, `{}`, `[]`, `{"member": "yes"}`, `{"jobIds": null}`, `{"member":`} {
			w, host := overHTTP(t)
			host.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: http.StatusOK, Body: body, Times: -1})
			err := w.adapter.Check(t.Context(), w.conn(), w.request(form(), tove(), "k1"))
			require.ErrorIs(t, err, ats.ErrUnavailable, body)
			require.NotErrorIs(t, err, ats.ErrInvalid, "the caller's request is not to blame")
			_, refused := ats.AsRefusal(err)
			require.False(t, refused)
			may, err := w.adapter.MayView(t.Context(), w.conn(), tove(), ats.CandidateRef{Tenant: tenant, ID: maya})
			require.Error(t, err, body)
			require.False(t, may)
			_, err = w.adapter.Actor(t.Context(), w.conn(), "tove-session")
			require.Error(t, err, body)
		}
	})

	bubble(t, "a connection can have a host of its own, which never sees the deployment's token", func(t *testing.T) {
		w, host := overHTTP(t, func(c *topechelon.Config) { c.HostURL, c.HostToken = "https://elsewhere.example", "another-token" })
		require.NoError(t, w.inbox.SetSettings(tenant, []byte(`{"host_url": "`+host.URL+`"}`)))
		w.isRefusal(w.adapter.Check(t.Context(), w.conn(), w.request(form(), tove(), "k1")), topechelon.CodeSettingRequired, "settings.host_token")
		require.Empty(t, host.Requests())
		require.NoError(t, w.conn().Secrets.CompareAndSwap(t.Context(), "host_token", "", "host-token"))
		require.NoError(t, w.adapter.Check(t.Context(), w.conn(), w.request(form(), tove(), "k1")))
	})
}

func TestActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	actor, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.NoError(t, err)
	require.Equal(t, ats.User{
		ID: "u1", Name: "Tove Lindqvist", Email: "tove@agency.example", TimeZone: "America/New_York", Linked: true, KeyHint: "…ey",
	}, actor)

	other, odd := w.host.users["tove-session"], w.host.users["tove-session"]
	other.AgencyID, odd.TimeZone = "ag-13", "New York"
	w.host.users["other-agency"], w.host.users["odd-zone"] = other, odd
	_, err = w.adapter.Actor(t.Context(), w.conn(), "other-agency")
	require.ErrorIs(t, err, ats.ErrUnauthorized, "a user of another agency is nobody here")
	_, err = w.adapter.Actor(t.Context(), w.conn(), "odd-zone")
	require.ErrorIs(t, err, ats.ErrUnavailable, "rather an error than a wrong time")
	require.NotErrorIs(t, err, ats.ErrUnauthorized)
}

// Without a host the adapter refuses rather than guess: T11, T16.
func TestBesideTopEchelon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *topechelon.Config) { c.Host = nil })
	w.refused(w.request(form(), tove(), "k1"), ats.CodeHostCannot, "")
	_, err := w.adapter.PersonCard(t.Context(), w.conn(), tove(), maya)
	w.isRefusal(err, ats.CodeHostCannot, "")
	_, err = w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.ErrorIs(t, err, ats.ErrUnsupported)

	r := ats.Report{Interview: ats.Interview{ID: "iv-1", Tenant: tenant, Revision: 1, State: ats.StateSent, Job: ats.Job{ID: jobSent}, Candidate: ats.Candidate{ID: maya}}}
	require.ErrorIs(t, w.adapter.Publish(t.Context(), w.conn(), r), ats.ErrHostCannot)

	for _, c := range []struct {
		who  ats.User
		sees bool
	}{{tove(), true}, {nils(), false}} {
		may, err := w.adapter.MayView(t.Context(), w.conn(), c.who, ats.CandidateRef{Tenant: tenant, ID: maya})
		require.NoError(t, err)
		require.Equal(t, c.sees, may, "linked users only")
	}
	require.Equal(t, topechelon.ActionView, w.jobCard(tove(), jobSent).Action)
}

func TestHostFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.request(form(), tove(), "k1")
	w.host.fail(errors.New("the database is away"))
	err := w.adapter.Check(t.Context(), w.conn(), r)
	require.Error(t, err)
	_, refused := ats.AsRefusal(err)
	require.False(t, refused, "an outage is no refusal")
	w.host.fail(ats.ErrHostCannot)
	err = w.adapter.Check(t.Context(), w.conn(), r)
	require.ErrorIs(t, err, ats.ErrHostCannot, "a host of half the contract")
	w.host.fail(ats.ErrForbidden)
	w.isRefusal(w.adapter.Check(t.Context(), w.conn(), r), ats.CodeNotPermitted, "")
}

// An erased interview leaves the column to the others, in whichever report.
func TestErasedInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.schedule(form(), tove(), "k1")
	w.reach(first, ats.StateCompleted)
	w.now = w.now.Add(time.Hour)
	second := w.schedule(form(), tove(), "k2")
	w.reach(second, ats.StateSent)
	r, err := w.inbox.Report(second.ID)
	require.NoError(t, err)
	r.Version++
	r.Interview.Candidate = ats.Candidate{ID: maya}
	require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), r))
	require.Equal(t, first.ID, w.host.column(jobSent, maya).InterviewID)
	require.Equal(t, "Completed", w.host.column(jobSent, maya).Label)

	require.NoError(t, w.inbox.Erase(t.Context(), ats.CandidateRef{Tenant: tenant, ID: maya}))
	require.NoError(t, w.inbox.Deliver(t.Context(), second.ID))
	require.Empty(t, w.host.column(jobSent, maya).ResultURL, "no link stays after everything is erased")
}
