package paycor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// itemsOf returns the newsfeed items that a report's events stand for, in order and each
// key once.
//
//	sent         requested         also when the request was sent again
//	resolved     requested         if a person has found out that it was sent
//	accepted     accepted
//	completed    completed
//	canceled     canceled
//	expired      expired
//	reset        reset
//	rescheduled  deadline changed
//	removed      canceled, or removed if the interview was completed
//
// Nothing is said about the others: that a request waits to be sent, that Spark Hire
// refused it, that it was rated. After a completion only its reset and its removal are
// news.
func (a *Adapter) itemsOf(c CandidateRef, r ats.Report) []NewsfeedItem {
	var items []NewsfeedItem
	seen := map[string]bool{}
	completed := r.Acknowledged == ats.StateCompleted
	for _, e := range r.Events {
		if e.Kind == ats.EventReset {
			completed = false
		}
		if completed && e.Kind != ats.EventRemoved {
			continue
		}
		kind, text, ok := a.kindOfEvent(e, r)
		if !ok {
			continue
		}
		item := NewsfeedItem{
			Key:  fmt.Sprintf("%s/%s/%d", r.Interview.ID, strings.TrimPrefix(string(kind), "video_interview."), e.Round),
			Kind: kind, Text: text, Candidate: c, At: e.At.UTC(), ActorUserID: actorOf(e, r.Interview), RequestID: r.Interview.ID,
		}
		if !seen[item.Key] {
			seen[item.Key] = true
			items = append(items, item)
		}
		completed = completed || e.Kind == ats.EventCompleted
	}
	return items
}

// kindOfEvent returns what an event is called in the newsfeed, and false for one that
// the newsfeed does not tell.
func (a *Adapter) kindOfEvent(e ats.Event, r ats.Report) (Kind, string, bool) {
	t := a.cfg.Texts
	switch e.Kind {
	case ats.EventSent:
		return KindRequested, t.Requested, true
	case ats.EventAccepted:
		return KindAccepted, t.Accepted, true
	case ats.EventCompleted:
		return KindCompleted, t.Completed, true
	case ats.EventCanceled:
		return KindCanceled, t.Canceled, true
	case ats.EventExpired:
		return KindExpired, t.Expired, true
	case ats.EventReset:
		return KindReset, t.Reset, true
	case ats.EventRescheduled:
		return KindDeadlineChanged, t.DeadlineChanged, true
	case ats.EventRemoved:
		if r.Interview.CompletedAt.IsZero() {
			return KindCanceled, t.Canceled, true
		}
		return KindRemoved, t.Removed, true
	case ats.EventResolved:
		sent := slices.ContainsFunc(r.Events, func(e ats.Event) bool { return e.Kind == ats.EventSent })
		return KindRequested, t.Requested, r.Interview.SparkHire.InterviewID != "" && !sent
	case ats.EventRequested, ats.EventSending, ats.EventRated, ats.EventFailed, ats.EventUnconfirmed,
		ats.EventPublished, ats.EventPublishFailed, ats.EventErased:
	}
	return "", "", false
}

// actorOf returns the person who caused an event. The one who asked is behind the
// invitation; what the candidate or the clock did has nobody.
func actorOf(e ats.Event, iv ats.Interview) *int32 {
	who := e.Actor
	if who == "" && (e.Kind == ats.EventSent || e.Kind == ats.EventResolved) {
		who = iv.RequestedBy.ID
	}
	if id, ok := userID(who); ok {
		return &id
	}
	return nil
}
