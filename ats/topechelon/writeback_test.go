package topechelon_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func TestAttachments(t *testing.T) {
	t.Parallel()

	bubble(t, "are off by default", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		calls := len(a.te.Requests())
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Len(t, a.te.Requests(), calls)
	})

	bubble(t, "hold job, dates and link, and are uploaded once by the user who scheduled", func(t *testing.T) {
		a := newAccount(t, `{"attach_results": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		signIn(t, a.adapter, a.conn(), a.bo)
		for range 3 {
			require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot, "an attachment is no status: nobody says that Top Echelon shows one")
		}
		files := a.files()
		require.Len(t, files, 1)
		require.Equal(t, "spark-hire-iv-1.txt", files[0].FileName)
		require.Equal(t, a.ana.ID, files[0].User)
		require.Equal(t, "Interview: One-way interview\r\n"+
			"Job: Controls Engineer\r\n"+
			"Scheduled: 2026-03-10 10:00 EDT\r\n"+
			"Due: 2026-03-17 17:00 (America/New_York)\r\n"+
			"Completed: 2026-03-12 05:30 EDT\r\n"+
			"Result: https://app.sparkhire.example/share/iv-1\r\n", string(files[0].Content))
		require.ErrorIs(t, a.publish(a.completed("iv-2")), ats.ErrHostCannot)
		require.Len(t, a.files(), 2, "one for each interview")
		require.Empty(t, a.te.Violations())
	})

	bubble(t, "are for completed interviews only", func(t *testing.T) {
		a := newAccount(t, `{"attach_results": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		for _, s := range []ats.State{ats.StateRequested, ats.StateSent, ats.StateAccepted, ats.StateExpired, ats.StateCanceled, ats.StateFailed} {
			require.ErrorIs(t, a.publish(in(a.completed("iv-1"), s)), ats.ErrHostCannot)
		}
		require.Empty(t, a.files())
	})

	bubble(t, "are not sent again when nobody knows whether they arrived", func(t *testing.T) {
		for name, fault := range map[string]topechelontest.Fault{
			"the answer was lost": {Kind: topechelontest.FaultLost, AfterEffect: true},
			"the server failed":   {Kind: topechelontest.FaultStatus, Status: http.StatusBadGateway},
		} {
			a := newAccount(t, `{"attach_results": true}`)
			signIn(t, a.adapter, a.conn(), a.ana)
			fault.Match = topechelontest.On(http.MethodPost, a.attachments())
			in := a.te.Inject(fault)
			for range 3 {
				require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot, name)
				a.now = a.now.Add(time.Hour)
			}
			require.Equal(t, 1, in.Hits())
			require.Equal(t, 1, a.te.Count(http.MethodPost, "/public/v1"+a.attachments()), name)
			require.Contains(t, a.log.String(), "not sent again", "a person can look")
		}
	})

	bubble(t, "begin with the report of the completion", func(t *testing.T) {
		a := newAccount(t, `{"attach_results": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		rated := a.completed("iv-1")
		rated.Events = []ats.Event{{Seq: 5, Key: "event-5", Kind: ats.EventRated}}
		require.ErrorIs(t, a.publish(rated), ats.ErrHostCannot)
		require.Empty(t, a.files(), "completed before the setting was switched on, or before the ledger was forgotten")

		withoutLink := a.completed("iv-2")
		withoutLink.Interview.SparkHire.ShareURL, withoutLink.Interview.SparkHire.WatchURL = "", ""
		require.ErrorIs(t, a.publish(withoutLink), ats.ErrHostCannot)
		require.Empty(t, a.files())
		withLink := a.completed("iv-2")
		withLink.Events = rated.Events
		require.ErrorIs(t, a.publish(withLink), ats.ErrHostCannot)
		require.Len(t, a.files(), 1, "what was missing has come")
	})

	bubble(t, "several who upload at once upload one", func(t *testing.T) {
		a := newAccount(t, `{"attach_results": true, "hotlists": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		report, conn := a.completed("iv-1"), a.conn()
		errs := make([]error, 8)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() { errs[i] = a.adapter.Publish(t.Context(), conn, report) })
		}
		group.Wait()
		for _, err := range errs {
			var later *ats.RetryLaterError
			require.True(t, errors.Is(err, ats.ErrHostCannot) || errors.As(err, &later), "got: %v", err)
		}
		require.Len(t, a.files(), 1)
		require.ErrorIs(t, a.publish(report), ats.ErrHostCannot)
		require.Len(t, a.files(), 1)
		require.Len(t, a.agency.Hotlists(), 1)
		require.Equal(t, 1, a.agency.Hotlists()[0].Adds)
	})

	bubble(t, "a process that died while uploading left nobody knowing", func(t *testing.T) {
		a := newAccount(t, `{"attach_results": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		claim := "claimed " + a.now.Format(time.RFC3339) + " SOMEBODY"
		require.NoError(t, a.conn().Secrets.CompareAndSwap(t.Context(), "attachment/iv-1", "", ats.Secret(claim)))

		a.now = a.now.Add(time.Minute)
		var later *ats.RetryLaterError
		require.ErrorAs(t, a.publish(a.completed("iv-1")), &later, "somebody may still be at it")
		require.True(t, later.At.After(a.now))
		a.now = a.now.Add(2 * time.Minute)
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Empty(t, a.files())
		require.Contains(t, a.log.String(), "not sent again")
	})

	bubble(t, "a refusal does not hold the report back, and the next report tries again", func(t *testing.T) {
		a := newAccount(t, `{"attach_results": true}`)
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot, "nobody has signed in")
		require.Contains(t, a.log.String(), "has not signed in")
		signIn(t, a.adapter, a.conn(), a.ana)
		for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity} {
			a.te.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: status, Match: topechelontest.On(http.MethodPost, a.attachments())})
			require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
			require.Empty(t, a.files())
		}
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Len(t, a.files(), 1)
	})
}

func TestHotlists(t *testing.T) {
	t.Parallel()

	bubble(t, "one for each state, each person on it once", func(t *testing.T) {
		a := newAccount(t, `{"hotlists": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		for _, s := range []ats.State{
			ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateSent, ats.StateCompleted, ats.StateCompleted, ats.StateUnconfirmed,
		} {
			require.ErrorIs(t, a.publish(in(a.completed("iv-1"), s)), ats.ErrHostCannot)
		}
		require.ErrorIs(t, a.publish(a.completed("iv-2")), ats.ErrHostCannot, "another interview of the same person")
		lists := a.agency.Hotlists()
		require.Len(t, lists, 2)
		for i, name := range []string{"Spark Hire – Invited", "Spark Hire – Completed"} {
			require.Equal(t, name, lists[i].Name)
			require.True(t, lists[i].Shared)
			require.Equal(t, []string{a.maya.ID}, lists[i].Records)
			require.Equal(t, 1, lists[i].Adds)
		}
		require.Empty(t, a.te.Violations())
	})

	bubble(t, "a list that is there already is used", func(t *testing.T) {
		a := newAccount(t, `{"hotlists": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		a.agency.AddHotlist(a.bo, "Spark Hire – Completed", true)
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Len(t, a.agency.Hotlists(), 1)
		require.Equal(t, []string{a.maya.ID}, a.agency.Hotlists()[0].Records)
	})

	bubble(t, "an answer that was lost makes neither a second list nor a second entry", func(t *testing.T) {
		for name, match := range map[string]func(*http.Request) bool{
			"creating the list": topechelontest.On(http.MethodPost, "/hotlists"),
			"adding the person": topechelontest.On(http.MethodPost, "/add_record"),
		} {
			a := newAccount(t, `{"hotlists": true}`)
			signIn(t, a.adapter, a.conn(), a.ana)
			in := a.te.Inject(topechelontest.Fault{Kind: topechelontest.FaultLost, AfterEffect: true, Match: match})
			err := a.publish(a.completed("iv-1"))
			require.ErrorIs(t, err, ats.ErrUnavailable, name)
			require.NotErrorIs(t, err, ats.ErrHostCannot, "the engine must repeat the report")
			require.Equal(t, 1, in.Hits())
			require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot, name)
			require.Len(t, a.agency.Hotlists(), 1, name)
			require.Equal(t, 1, a.agency.Hotlists()[0].Adds, name)
		}
	})

	bubble(t, "what did not arrive is added when the report is repeated", func(t *testing.T) {
		a := newAccount(t, `{"hotlists": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		a.te.Inject(topechelontest.Fault{Kind: topechelontest.FaultLost, Match: topechelontest.On(http.MethodPost, "/add_record")})
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrUnavailable)
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Equal(t, 1, a.agency.Hotlists()[0].Adds)
	})

	bubble(t, "a list that somebody deleted is made anew", func(t *testing.T) {
		a := newAccount(t, `{"hotlists": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		require.NoError(t, a.conn().Secrets.CompareAndSwap(t.Context(), "hotlist/completed", "", "done 999"))
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Empty(t, a.agency.Hotlists())
		require.Contains(t, a.log.String(), "record not kept")
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Equal(t, []string{a.maya.ID}, a.agency.Hotlists()[0].Records)
	})

	bubble(t, "a list of the same name that a colleague keeps private is not used", func(t *testing.T) {
		a := newAccount(t, `{"hotlists": true}`)
		signIn(t, a.adapter, a.conn(), a.ana)
		a.agency.AddHotlist(a.bo, "Spark Hire – Completed", false)
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		lists := a.agency.Hotlists()
		require.Len(t, lists, 2)
		require.Empty(t, lists[0].Records)
		require.Equal(t, []string{a.maya.ID}, lists[1].Records)
	})

	bubble(t, "the labels of the deployment name the lists", func(t *testing.T) {
		a := newAccount(t, `{"hotlists": true}`, func(c *topechelon.Config) { c.Labels = map[ats.State]string{ats.StateCompleted: "Done"} })
		signIn(t, a.adapter, a.conn(), a.ana)
		require.ErrorIs(t, a.publish(a.completed("iv-1")), ats.ErrHostCannot)
		require.Equal(t, "Spark Hire – Done", a.agency.Hotlists()[0].Name)
	})
}

func TestRecordsBesideTheStatus(t *testing.T) {
	t.Parallel()
	bubble(t, "come after the status and do not depend on it", recordsBesideTheStatus)
}

func recordsBesideTheStatus(t *testing.T) {
	t.Helper()
	host := newRecruiters()
	a := newAccount(t, `{"attach_results": true}`, func(c *topechelon.Config) { c.Host = host })
	host.agency = a.agency.ID
	host.add(a.job.ID, a.maya.ID)
	signIn(t, a.adapter, a.conn(), a.ana)
	require.NoError(t, a.publish(a.completed("iv-1")), "the host shows the status")
	require.Equal(t, "Completed", host.column(a.job.ID, a.maya.ID).Label)
	require.Len(t, a.files(), 1)

	host.fail(ats.ErrHostCannot)
	require.ErrorIs(t, a.publish(a.completed("iv-2")), ats.ErrHostCannot)
	require.Len(t, a.files(), 2, "a host without a column does not keep the records away")

	host.fail(ats.ErrUnavailable)
	require.ErrorIs(t, a.publish(a.completed("iv-3")), ats.ErrUnavailable)
	require.Len(t, a.files(), 2, "the status comes first")
}
