package topechelon_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
)

// Which of several interviews the column shows, T15.
func TestColumnOfSeveral(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	// at makes the interview that was asked for on the n-th day.
	at := func(day int, s ats.State, change ...func(*ats.Interview)) ats.Interview {
		iv := ats.Interview{
			ID: string(rune('a' + day)), Tenant: tenant, State: s, Revision: 1, Type: ats.OneWay, RequestedFor: ats.User{ID: "u1"},
			Candidate: ats.Candidate{ID: maya}, Job: ats.Job{ID: jobSent}, CreatedAt: start.AddDate(0, 0, day),
			SparkHire: ats.SparkHire{InterviewID: "sh"},
		}
		if s == ats.StateCompleted {
			iv.CompletedAt = start.AddDate(0, 1, 0)
		}
		for _, f := range change {
			f(&iv)
		}
		return iv
	}
	unsent := func(iv *ats.Interview) { iv.SparkHire.InterviewID = "" }
	completedOnce := func(iv *ats.Interview) { iv.CompletedAt = start }
	sameMoment := func(iv *ats.Interview) { iv.CreatedAt = start }
	elsewhere := func(iv *ats.Interview) { iv.Job.ID = jobNotSent }
	otherPerson := func(iv *ats.Interview) { iv.Candidate.ID = "7001" }
	otherAgency := func(iv *ats.Interview) { iv.Tenant.Tenant = "ag-13" }

	for name, c := range map[string]struct {
		interviews []ats.Interview
		label      string
	}{
		"none is an empty column":                                 {nil, ""},
		"one on its way is an empty column":                       {[]ats.Interview{at(1, ats.StateSending, unsent)}, ""},
		"the newest of those that were sent":                      {[]ats.Interview{at(2, ats.StateAccepted), at(1, ats.StateCompleted), at(0, ats.StateExpired)}, "Accepted"},
		"in any order":                                            {[]ats.Interview{at(0, ats.StateExpired), at(2, ats.StateAccepted), at(1, ats.StateCompleted)}, "Accepted"},
		"one on its way leaves the column to an earlier one":      {[]ats.Interview{at(2, ats.StateRequested, unsent), at(1, ats.StateCompleted)}, "Completed"},
		"one that Spark Hire refused does, too":                   {[]ats.Interview{at(2, ats.StateFailed, unsent), at(1, ats.StateSent)}, "Invited"},
		"one that ended before it was sent does, too":             {[]ats.Interview{at(2, ats.StateCanceled, unsent), at(1, ats.StateSent)}, "Invited"},
		"one that was canceled in Spark Hire counts":              {[]ats.Interview{at(2, ats.StateCanceled), at(1, ats.StateSent)}, "Canceled"},
		"one that may have been sent counts":                      {[]ats.Interview{at(2, ats.StateUnconfirmed, unsent), at(1, ats.StateSent)}, "Unconfirmed"},
		"a refusal is shown where there is nothing else":          {[]ats.Interview{at(2, ats.StateFailed, unsent), at(3, ats.StateRequested, unsent)}, "Not sent"},
		"what was completed stays so, whatever came after":        {[]ats.Interview{at(2, ats.StateCanceled, completedOnce), at(1, ats.StateSent)}, "Completed"},
		"of two of the same moment, the one with the later id":    {[]ats.Interview{at(3, ats.StateAccepted, sameMoment), at(2, ats.StateSent, sameMoment)}, "Accepted"},
		"interviews for another job do not show here":             {[]ats.Interview{at(2, ats.StateSent, elsewhere)}, ""},
		"nor those of somebody else":                              {[]ats.Interview{at(2, ats.StateSent, otherPerson)}, ""},
		"nor those of another agency":                             {[]ats.Interview{at(2, ats.StateSent, otherAgency)}, ""},
		"a state that nobody knows yet does not hide one that is": {[]ats.Interview{at(2, "postponed"), at(1, ats.StateSent)}, "Invited"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row, err := w.adapter.PipelineRow(t.Context(), w.conn(), tove(), jobSent, maya, c.interviews)
			require.NoError(t, err)
			require.Equal(t, c.label, row.Status.Label)
			require.Equal(t, c.label == "Completed", row.Status.State == topechelon.StatusCompleted)
			if c.label == "" {
				require.Equal(t, topechelon.StatusNone, row.Status.State)
				require.Empty(t, row.Status.InterviewID)
			}
		})
	}
}

// What cannot be read is an error, and no card that says less than there is.
func TestCardsWithoutAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := errors.New("the database is away")
	c := w.conn()
	c.Links = brokenLinks{broken}
	_, err := w.adapter.JobCard(t.Context(), c, tove(), jobSent)
	require.ErrorIs(t, err, broken)
	_, err = w.adapter.PersonCard(t.Context(), c, tove(), maya)
	require.ErrorIs(t, err, broken)
	_, err = w.adapter.PipelineRow(t.Context(), c, tove(), jobSent, maya, nil)
	require.ErrorIs(t, err, broken)
	r := w.request(form(), tove(), "k1")
	r.Candidate.ID = "7001"
	w.host.add("2500", "7001")
	err = w.adapter.Check(t.Context(), c, r)
	require.ErrorIs(t, err, broken)

	c.Links = nil
	_, err = w.adapter.JobCard(t.Context(), c, tove(), jobSent)
	require.ErrorIs(t, err, ats.ErrUnsupported)
	w.isRefusal(w.adapter.Check(t.Context(), c, r), topechelon.CodeNotInPipeline, "candidate.id")

	w.host.fail(broken)
	_, err = w.adapter.PersonCard(t.Context(), w.conn(), tove(), maya)
	require.ErrorIs(t, err, broken)
}

// brokenLinks are job links that cannot be read.
type brokenLinks struct{ err error }

func (b brokenLinks) All(context.Context) ([]ats.JobLink, error)      { return nil, b.err }
func (b brokenLinks) Of(context.Context, string) (ats.JobLink, error) { return ats.JobLink{}, b.err }
