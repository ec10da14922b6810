package sparkhiretest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestLife(t *testing.T) {
	t.Parallel()

	t.Run("accepted, completed, rated, reset", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		show := func() object { return w.do(200, "GET", "/interviews/"+id, nil).object() }

		w.clock.Advance(time.Hour)
		require.NoError(t, w.Accept(id))
		require.Equal(t, "accepted", show()["status"])
		require.Equal(t, "2026-03-02T11:00:00+00:00", show()["updated_at"])
		require.Nil(t, show()["completed_at"])

		w.clock.Advance(time.Hour)
		require.NoError(t, w.Complete(id))
		require.Equal(t, "completed", show()["status"])
		require.Equal(t, "2026-03-02T12:00:00+00:00", show()["completed_at"])
		require.Equal(t, sparkhiretest.Email{
			To: w.ana.Email, Kind: sparkhiretest.EmailNotice, InterviewID: id, At: monday.Add(2 * time.Hour),
		}, w.Emails()[1])

		require.NoError(t, w.Rate(id, object{"stars": 4}))
		require.Equal(t, object{"stars": 4.0}, show()["rating"])
		require.Equal(t, "completed", show()["status"])

		require.NoError(t, w.Reset(id, time.Time{}))
		require.Equal(t, "pending", show()["status"])
		require.Nil(t, show()["completed_at"])
		require.Nil(t, show()["rating"])
		require.Equal(t, deadline, show()["scheduled_at"])
		require.Equal(t, sparkhiretest.EmailReset, w.Emails()[2].Kind)
		require.Len(t, w.InvitationsTo("lena.fox@mail.example"), 1, "a reset is not an invitation")
	})
	t.Run("a completed interview does not expire, one that was reset does", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		require.NoError(t, w.Accept(id))
		require.NoError(t, w.Complete(id))
		w.clock.Advance(30 * 24 * time.Hour)
		w.do(200, "GET", "/interviews/"+id, nil)
		require.ErrorIs(t, w.Reset(id, monday), sparkhiretest.ErrState, "a date that has passed")
		require.NoError(t, w.Reset(id, time.Time{}))
		require.Nil(t, w.do(200, "GET", "/interviews/"+id, nil).object()["scheduled_at"], "the old date has passed")
		require.NoError(t, w.Reschedule(id, monday.AddDate(0, 0, 40)))
		w.clock.Advance(11 * 24 * time.Hour)
		w.do(410, "GET", "/interviews/"+id, nil)
	})
	t.Run("what is not possible is refused and changes nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		invited, accepted, completed := w.invite(), w.invite(), w.invite()
		expired, deleted := w.invite(), w.invite()
		require.NoError(t, w.Accept(accepted))
		require.NoError(t, w.Accept(completed))
		require.NoError(t, w.Complete(completed))
		require.NoError(t, w.Expire(expired))
		require.NoError(t, w.Delete(deleted))
		later := monday.AddDate(0, 0, 9)
		acts := map[string]func(string) error{
			"accept":     w.Accept,
			"complete":   w.Complete,
			"expire":     w.Expire,
			"rate":       func(id string) error { return w.Rate(id, 1) },
			"reset":      func(id string) error { return w.Reset(id, later) },
			"reschedule": func(id string) error { return w.Reschedule(id, later) },
			"delete":     w.Delete,
			"change":     func(id string) error { return w.ChangeCandidate(id, sparkhiretest.Candidate{}) },
		}
		before := w.Interviews()
		for act, impossible := range map[string][]string{
			"accept":     {accepted, completed, expired},
			"complete":   {invited, completed, expired},
			"expire":     {completed, expired},
			"rate":       {invited, accepted, expired},
			"reset":      {invited, accepted, expired},
			"reschedule": {completed},
			"change":     {completed, expired},
		} {
			for _, id := range impossible {
				require.ErrorIs(t, acts[act](id), sparkhiretest.ErrState, "%s %s", act, w.state(id))
			}
		}
		for act, do := range acts {
			require.ErrorIs(t, do(deleted), sparkhiretest.ErrNotFound, act)
			require.ErrorIs(t, do("none"), sparkhiretest.ErrNotFound, act)
		}
		require.Error(t, w.Rate(completed, func() {}))
		require.ErrorIs(t, w.Reschedule(invited, monday), sparkhiretest.ErrState)
		require.Equal(t, before, w.Interviews())
	})
	t.Run("candidates cannot enter interviews of an inactive job", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		require.NoError(t, w.SetJobActive(w.job.ID, false))
		require.ErrorIs(t, w.Accept(id), sparkhiretest.ErrState)
		require.NoError(t, w.SetJobActive(w.job.ID, true))
		require.NoError(t, w.Accept(id))
		require.NoError(t, w.SetJobActive(w.job.ID, false))
		require.ErrorIs(t, w.Complete(id), sparkhiretest.ErrState)
	})
	t.Run("a candidate's name and address can change, and old invitations stay where they went", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		require.NoError(t, w.ChangeCandidate(id, sparkhiretest.Candidate{
			FirstName: "Lena", LastName: "Fuchs", Email: "lena.fuchs@mail.example",
		}))
		shown := w.do(200, "GET", "/interviews/"+id, nil).object()["assigned_to"].(object)
		require.Equal(t, "lena.fuchs@mail.example", shown["email"])
		require.Len(t, w.InvitationsTo("lena.fox@mail.example"), 1)
		require.Empty(t, w.InvitationsTo("lena.fuchs@mail.example"))
	})
}

func TestDeadlines(t *testing.T) {
	t.Parallel()

	t.Run("an open one-way interview expires at its deadline, not a second before", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		w.clock.Advance(7*24*time.Hour + 7*time.Hour - time.Second)
		w.do(200, "GET", "/interviews/"+id, nil)
		w.clock.Advance(time.Second)
		require.Equal(t, "Interview has expired.", w.do(410, "GET", "/interviews/"+id, nil).reason())
		shown := w.do(200, "GET", "/interviews", nil).list()[0]
		require.Equal(t, "expired", shown["status"])
		require.Equal(t, deadline, shown["updated_at"])
		w.do(200, "GET", "/interviews/"+id+"/questions", nil)
	})
	t.Run("each at its own, and one that is noticed late counts from its deadline", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		late := w.invite()
		early := w.invite("scheduled_at", "2026-03-04T10:00:00Z", "candidate_email", "max@mail.example")
		never := w.invite("scheduled_at", "2027-03-04T10:00:00Z", "candidate_email", "kim@mail.example")
		w.clock.Advance(3 * 24 * time.Hour)
		w.Tick()
		require.Equal(t, sparkhiretest.Expired, w.state(early))
		require.Equal(t, sparkhiretest.Invited, w.state(late))
		w.clock.Advance(30 * 24 * time.Hour)
		i, ok := w.Interview(late)
		require.True(t, ok)
		require.Equal(t, sparkhiretest.Expired, i.State)
		require.Equal(t, i.ScheduledAt, i.UpdatedAt)
		require.Equal(t, sparkhiretest.Invited, w.state(never))
	})
	t.Run("a live interview expires at its start unless it was accepted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		idle, taken := w.invite("type", "live"), w.invite("type", "live")
		require.NoError(t, w.Accept(taken))
		w.clock.Advance(8 * 24 * time.Hour)
		w.do(410, "GET", "/interviews/"+idle, nil)
		w.do(200, "GET", "/interviews/"+taken, nil)
		require.NoError(t, w.Complete(taken))
	})
	t.Run("an extension moves the deadline, in both directions", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		require.NoError(t, w.Reschedule(id, monday.AddDate(0, 0, 20)))
		w.clock.Advance(10 * 24 * time.Hour)
		w.do(200, "GET", "/interviews/"+id, nil)
		require.NoError(t, w.Reschedule(id, monday.AddDate(0, 0, 11)))
		w.clock.Advance(24 * time.Hour)
		w.do(410, "GET", "/interviews/"+id, nil)
	})
	t.Run("expired interviews can be left out of lists", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithExpiredUnlisted())
		id := w.invite()
		require.Len(t, w.do(200, "GET", "/interviews", nil).list(), 1)
		require.NoError(t, w.Expire(id))
		require.Empty(t, w.do(200, "GET", "/interviews", nil).list())
	})
}

func TestInterviewsThatTheAPIDidNotMake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	site, err := w.InviteOnSite(w.invitation("lena.fox@mail.example"))
	require.NoError(t, err)
	require.Equal(t, sparkhiretest.BySite, site.Origin)
	require.Equal(t, sparkhiretest.Invited, site.State)
	require.Len(t, w.InvitationsTo("lena.fox@mail.example"), 1)

	in := w.invitation("max@mail.example")
	in.ScheduledAt, in.By = time.Time{}, w.ana.ID
	link, err := w.InviteByLink(in)
	require.NoError(t, err)
	require.Equal(t, sparkhiretest.ByLink, link.Origin)
	require.Equal(t, sparkhiretest.Accepted, link.State)
	require.Equal(t, w.ana.ID, link.CreatedBy)
	require.Empty(t, w.InvitationsTo("max@mail.example"))

	shown := w.do(200, "GET", "/interviews?orderby=created_asc", nil).list()
	require.Len(t, shown, 2)
	require.Nil(t, shown[0]["created_by"], "nobody in particular")
	require.Nil(t, shown[1]["scheduled_at"])
	require.Empty(t, w.RequestsTo("POST", "/interviews"))

	for name, spoil := range map[string]func(*sparkhiretest.Invitation){
		"job_uuid":          func(in *sparkhiretest.Invitation) { in.JobID = "none" },
		"question_set_uuid": func(in *sparkhiretest.Invitation) { in.QuestionSetID = "" },
		"candidate_email":   func(in *sparkhiretest.Invitation) { in.Candidate.Email = "" },
		"scheduled_at":      func(in *sparkhiretest.Invitation) { in.ScheduledAt = monday },
		"type":              func(in *sparkhiretest.Invitation) { in.Type = "telepathy" },
	} {
		bad := w.invitation("kim@mail.example")
		spoil(&bad)
		_, err := w.InviteOnSite(bad)
		require.ErrorContains(t, err, name)
	}
	require.Len(t, w.Interviews(), 2)
}
