package paycor

import (
	"cmp"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// tabOf returns what the tab shows: one interview of all that the candidate has for the
// job, see [shownOf], in these states:
//
//	requested, sending   nothing: it is not claimed before Spark Hire has invited
//	sent                 requested
//	accepted             accepted
//	completed            completed
//	canceled             canceled
//	expired              expired
//	failed, unconfirmed  none, with a label that says so
func (a *Adapter) tabOf(r ats.Report, midnight ats.Midnight) TabState {
	current := settled(r)
	all := append([]ats.Interview{current}, r.Others...)
	tab := TabState{Revision: cmp.Or(r.Version, r.Interview.Revision), State: TabNone, CanRequest: mayRequest(all)}
	iv, ok := shownOf(all)
	if !ok {
		return tab
	}
	tab.RequestID, tab.ExpiresOn = iv.ID, lastDay(iv.Schedule, midnight)
	t := a.cfg.Texts
	switch iv.State {
	case ats.StateSent:
		tab.State, tab.Label, tab.CanCancel = TabRequested, t.TabRequested, !iv.SparkHire.Irrevocable
	case ats.StateAccepted:
		tab.State, tab.Label, tab.CanCancel = TabAccepted, t.TabAccepted, !iv.SparkHire.Irrevocable
	case ats.StateCompleted:
		tab.State, tab.Label = TabCompleted, t.TabCompleted
		tab.ViewAvailable = viewable(iv, r)
	case ats.StateCanceled:
		tab.State, tab.Label = TabCanceled, t.TabCanceled
	case ats.StateExpired:
		tab.State, tab.Label = TabExpired, t.TabExpired
	case ats.StateFailed:
		tab.Label, tab.ExpiresOn = t.TabFailed, ats.Date{}
	case ats.StateUnconfirmed:
		tab.Label, tab.ExpiresOn = t.TabUnconfirmed, ats.Date{}
	case ats.StateRequested, ats.StateSending: // never shown
	}
	return tab
}

// settled returns the report's interview as the tab may show it: what the host has
// acknowledged as completed stays so, unless Spark Hire has reset it, which gives the
// same request back to the candidate.
func settled(r ats.Report) ats.Interview {
	iv := r.Interview
	reset := slices.ContainsFunc(r.Events, func(e ats.Event) bool { return e.Kind == ats.EventReset })
	if r.Acknowledged == ats.StateCompleted && !reset {
		iv.State = ats.StateCompleted
	}
	return iv
}

// shownOf returns the interview that stands for all of a candidate's: a completed one if
// there is one, else the newest of those about which there is something to say; the
// newest of several completed ones.
func shownOf(all []ats.Interview) (ats.Interview, bool) {
	newestFirst := slices.SortedStableFunc(slices.Values(all), func(x, y ats.Interview) int { return y.CreatedAt.Compare(x.CreatedAt) })
	for _, wanted := range []func(ats.State) bool{
		func(s ats.State) bool { return s == ats.StateCompleted },
		func(s ats.State) bool { return s != ats.StateRequested && s != ats.StateSending },
	} {
		if i := slices.IndexFunc(newestFirst, func(iv ats.Interview) bool { return wanted(iv.State) }); i >= 0 {
			return newestFirst[i], true
		}
	}
	return ats.Interview{}, false
}

// mayRequest reports whether the policy takes another request beside these.
func mayRequest(all []ats.Interview) bool {
	return !slices.ContainsFunc(all, func(iv ats.Interview) bool { return iv.State.Pending() || iv.State == ats.StateCompleted })
}

// viewable reports whether there is a recording to open: it was not removed in Spark
// Hire, and the engine has a way to it.
func viewable(iv ats.Interview, r ats.Report) bool {
	removed := iv.ID == r.Interview.ID && slices.ContainsFunc(r.Events, func(e ats.Event) bool { return e.Kind == ats.EventRemoved })
	return !removed && (iv.SparkHire.ShareURL != "" || iv.SparkHire.WatchURL != "")
}

// lastDay returns the last day on which a candidate can answer. A deadline that was moved
// in Spark Hire has a time of day, and at midnight it ends the day before where dates end
// at their end.
func lastDay(s ats.Schedule, midnight ats.Midnight) ats.Date {
	if s.Time != nil && *s.Time == (ats.TimeOfDay{}) && midnight == ats.EndOfDay && !s.Date.IsZero() {
		return s.Date.AddDays(-1)
	}
	return s.Date
}
