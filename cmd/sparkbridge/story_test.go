package main_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestATriggerBecomesOneInvitationAndItsResultIsOnTheCard(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{direct: true})
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		status, body := w.get(path)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want, body)
	}

	mira := w.candidate("Mirabel")
	w.accepted(w.trigger(mira))
	card := w.awaitCard(mira, "sent")
	due := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	require.Contains(t, card.Summary, due+" 14:30 (Europe/Stockholm)")

	made, ok := w.spark.Interview(w.interview(mira))
	require.True(t, ok)
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	require.NoError(t, err)
	require.Equal(t, due+" 14:30", made.ScheduledAt.In(stockholm).Format("2006-01-02 15:04"), "wherever the machine is")
	require.Equal(t, w.asha.ID, made.CreatedBy, "the recruiter's own key invites")
	require.Equal(t, w.nurse.ID, made.JobID)
	require.Equal(t, w.questions.ID, made.QuestionSetID)
	require.Equal(t, sparkhiretest.OneWay, made.Type)
	require.Equal(t, sparkhiretest.Candidate{FirstName: "Mirabel", LastName: "Falkenrath", Email: mira.email}, made.Candidate)

	require.NoError(t, w.spark.Accept(made.ID))
	w.awaitCard(mira, "pending")
	card = w.complete(mira)
	require.Equal(t, appURL+"/company/interviews/"+made.ID+"/watch", card.URL)
	require.Equal(t, "Share the interview", card.Attachments[0].Description)
	require.Equal(t, []string{"sending", "sent", "pending", "completed"}, statuses(card))

	w.ownedByOneself()
	w.stop()
	w.invitedOnce(mira)
	w.sealedAtRest()
	w.discreet()
}

func TestEveryKindOfRunInvitesOnce(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	// By trigger, for a live interview: no question set.
	live := w.company.AddJob(teamtailortest.JobConfig{Title: "Night nurse", Stages: []string{"Live interview"}})
	w.saveTrigger(live.Stage("Live interview"), teamtailortest.Choices{
		"recruiter": "asha-lindqvist", "interview-type": "live", "job": w.nurse.ID, "timezone": "America/New_York",
	})
	mira := w.candidate("Mirabel")
	w.accepted(w.moveTo(live.Stage("Live interview"), mira))

	// By hand, with the date in the form because the fields are empty.
	ole := w.person("Olegario")
	due := time.Now().AddDate(0, 0, 9).Format(time.DateOnly)
	choices := w.choices()
	choices["schedule-interview"] = due + "T09:05"
	_, err := w.tt.MoveCandidate(w.ctx, ole.Candidate, w.job.Stage(teamtailortest.StageInbox))
	require.NoError(t, err)
	byHand, err := w.active.RunManually(w.ctx, ole.Candidate, w.job, w.user, choices)
	require.NoError(t, err)
	w.accepted(byHand)

	// For several at once, who belong to no job.
	tove, bo := w.candidate("Tovelina"), w.candidate("Bonifaz")
	inBulk, err := w.active.RunBulk(w.ctx, []*teamtailortest.Candidate{tove.Candidate, bo.Candidate}, w.user, w.choices())
	require.NoError(t, err)
	for _, d := range inBulk {
		w.accepted(d)
	}

	for _, c := range []*candidate{mira, ole, tove, bo} {
		w.awaitCard(c, "sent")
		w.complete(c)
	}
	w.stop()
	for c, want := range map[*candidate][3]string{
		mira: {sparkhiretest.Live, "America/New_York", time.Now().AddDate(0, 0, 7).Format(time.DateOnly) + " 14:30"},
		ole:  {sparkhiretest.OneWay, zone, due + " 09:05"},
	} {
		w.invitedOnce(c)
		made := w.spark.InterviewsFor(c.email)[0]
		loc, err := time.LoadLocation(want[1])
		require.NoError(t, err)
		require.Equal(t, want, [3]string{made.Type, want[1], made.ScheduledAt.In(loc).Format("2006-01-02 15:04")})
	}
	require.Empty(t, w.spark.InterviewsFor(mira.email)[0].QuestionSetID)
	w.invitedOnce(tove)
	w.invitedOnce(bo)
	w.discreet()
}
