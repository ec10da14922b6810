package topechelon

import (
	"cmp"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// shownAs is how the column shows an interview.
type shownAs struct {
	state StatusState
	label string
}

// statusTable says what the Interview Status column shows in each state of an
// interview [assumed: docs/vendors/topechelon.md 8.1]. Before Spark Hire has taken an
// invitation nothing is claimed: the column is empty while it is on its way, and says
// so when it was refused or when nobody knows.
func statusTable() map[ats.State]shownAs {
	return map[ats.State]shownAs{
		ats.StateSent:        {StatusInvited, "Invited"},
		ats.StateAccepted:    {StatusAccepted, "Accepted"},
		ats.StateCompleted:   {StatusCompleted, "Completed"},
		ats.StateExpired:     {StatusExpired, "Expired"},
		ats.StateCanceled:    {StatusCanceled, "Canceled"},
		ats.StateFailed:      {StatusNone, "Not sent"},
		ats.StateUnconfirmed: {StatusNone, "Unconfirmed"},
	}
}

// Labels returns the texts of the Interview Status column by the state of the
// interview; [Config.Labels] replaces them.
func Labels() map[ats.State]string {
	labels := map[ats.State]string{}
	for state, shown := range statusTable() {
		labels[state] = shown.label
	}
	return labels
}

// shown returns how the column shows the interview.
func (a *Adapter) shown(iv ats.Interview) shownAs {
	state := stateOf(iv)
	s, ok := statusTable()[state]
	if !ok {
		return shownAs{state: StatusNone}
	}
	s.label = orDefault(a.cfg.Labels[state], s.label)
	return s
}

// stateOf returns the state that counts: what was completed stays so, unless Spark
// Hire has reset the interview, which takes the time of completion away.
func stateOf(iv ats.Interview) ats.State {
	if !iv.CompletedAt.IsZero() {
		return ats.StateCompleted
	}
	return iv.State
}

// newest returns the interview that counts for the column, T15: the one that was
// scheduled last. One that is still on its way has not been scheduled yet, and one
// that Spark Hire refused never was, so those count only where there is no other; one
// that may have been sent counts. It is false where there is none at all.
func newest(all []ats.Interview) (ats.Interview, bool) {
	if len(all) == 0 {
		return ats.Interview{}, false
	}
	return slices.MaxFunc(all, func(x, y ats.Interview) int {
		return cmp.Or(
			cmp.Compare(rank(x), rank(y)),
			x.CreatedAt.Compare(y.CreatedAt),
			cmp.Compare(len(x.ID), len(y.ID)), // ids grow with time: by length first, for those that count
			cmp.Compare(x.ID, y.ID),
		)
	}), true
}

// rank tells interviews that have been scheduled from the others.
func rank(iv ats.Interview) int {
	switch stateOf(iv) {
	case ats.StateRequested, ats.StateSending:
		return 0
	case ats.StateFailed:
		return 1
	case ats.StateCanceled:
		if iv.SparkHire.InterviewID == "" { // ended before it was sent
			return 1
		}
		return 2
	case ats.StateSent, ats.StateAccepted, ats.StateCompleted, ats.StateExpired, ats.StateUnconfirmed:
		return 2
	}
	return 0
}

// status returns what the column shows of the interviews of one person in one
// pipeline.
func (a *Adapter) status(all []ats.Interview, revision int64) InterviewStatus {
	iv, ok := newest(all)
	if !ok {
		return InterviewStatus{Revision: revision, State: StatusNone}
	}
	shown := a.shown(iv)
	if shown.label == "" { // nothing is claimed yet
		return InterviewStatus{Revision: revision, State: StatusNone}
	}
	s := InterviewStatus{
		Revision: revision, InterviewID: iv.ID, Type: string(iv.Type),
		State: shown.state, Label: shown.label, DueAt: dueAt(iv.Schedule),
	}
	if shown.state == StatusCompleted {
		s.ResultURL = cmp.Or(iv.SparkHire.WatchURL, iv.SparkHire.ShareURL)
	}
	return s
}

// dueAt returns the instant of a schedule with the offset of its zone, T18.
func dueAt(s ats.Schedule) time.Time {
	if s.IsZero() {
		return time.Time{}
	}
	loc, err := ats.LoadZone(s.Zone)
	if err != nil {
		return s.At.UTC()
	}
	return s.At.In(loc)
}
