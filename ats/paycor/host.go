package paycor

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Host is what no public API of Paycor's offers: the recruiting product itself, or a
// service in front of it. An implementation in Go is given as [Config.Host]; one that
// speaks HTTP is called by the client that [Config.HostURL] makes.
//
// Errors are told by the kinds of package ats: [ats.ErrNotFound] for a candidate who
// is not there, [ats.ErrInvalid] for what the host will never take, [ats.ErrHostCannot]
// for what it has no place for, and anything else for "try again". Implementations must
// be safe for concurrent use and return when ctx ends.
type Host interface {
	// Actor returns the person behind a credential that the host's own page handed to
	// the browser, or an error that matches [ErrUnknownActor].
	Actor(ctx context.Context, credential string) (Actor, error)

	// MayView reports whether the person may see the candidate's record. Only UserID
	// is known of the person. A person or candidate whom nobody knows is false. JobID
	// is empty where it is not known.
	MayView(ctx context.Context, a Actor, c CandidateRef) (bool, error)

	// AppendNewsfeed adds an item to the candidate's newsfeed. An item whose key is
	// there already changes nothing.
	AppendNewsfeed(ctx context.Context, item NewsfeedItem) error

	// ShowVideoInterview replaces what the candidate's tab shows. A state whose
	// revision is older than what is shown changes nothing and is nil.
	ShowVideoInterview(ctx context.Context, c CandidateRef, s TabState) error
}

// ErrUnknownActor is what [Host.Actor] returns for a credential that nobody holds. It
// matches [ats.ErrUnauthorized].
var ErrUnknownActor = fmt.Errorf("unknown actor: %w", ats.ErrUnauthorized)

// AccountRef names a recruiting account of a legal entity.
type AccountRef struct {
	// LegalEntityID is Paycor's "Client ID".
	LegalEntityID int32
	ATSAccountID  string
}

// String returns the tenant, see [ParseTenant].
func (a AccountRef) String() string {
	return strconv.FormatInt(int64(a.LegalEntityID), 10) + "/" + a.ATSAccountID
}

// JobRef names a job.
type JobRef struct {
	AccountRef
	JobID string
}

// CandidateRef names a candidate record. It belongs to one job: it is what other
// products call an application.
type CandidateRef struct {
	JobRef
	CandidateID string
}

// Actor is a person who works in Paycor Recruiting.
type Actor struct {
	UserID        int32
	Email         string
	Name          string
	Administrator bool
}

// String returns the id, so that printing an actor shows no person.
func (a Actor) String() string { return "user " + strconv.FormatInt(int64(a.UserID), 10) }

// LogValue logs the id only.
func (a Actor) LogValue() slog.Value { return slog.StringValue(a.String()) }

// Kind is what a newsfeed item is about.
type Kind string

// The kinds.
const (
	KindRequested       Kind = "video_interview.requested"
	KindAccepted        Kind = "video_interview.accepted"
	KindCompleted       Kind = "video_interview.completed"
	KindCanceled        Kind = "video_interview.canceled"
	KindExpired         Kind = "video_interview.expired"
	KindReset           Kind = "video_interview.reset"
	KindDeadlineChanged Kind = "video_interview.deadline_changed"
	KindRemoved         Kind = "video_interview.removed"
)

// NewsfeedItem is one line of a candidate's newsfeed. It holds no personal data of the
// candidate besides the record's id.
type NewsfeedItem struct {
	// Key is "<interview id>/<event>/<n>", at most 200 characters: n counts resets and
	// changed deadlines. The same key always comes with the same content.
	Key       string
	Candidate CandidateRef
	Text      string
	Kind      Kind
	// At is when it happened, in UTC.
	At time.Time
	// ActorUserID is the person who caused it; nil for the candidate or the clock.
	ActorUserID *int32
	// RequestID is the interview's id.
	RequestID string
}

// Tab is what the tab's state is called.
type Tab string

// The states of the tab.
const (
	TabNone      Tab = "none"
	TabRequested Tab = "requested"
	TabAccepted  Tab = "accepted"
	TabCompleted Tab = "completed"
	TabCanceled  Tab = "canceled"
	TabExpired   Tab = "expired"
)

// TabState is what the Video Interview tab of a candidate record shows.
type TabState struct {
	// Revision grows with every change to the candidate's requests: the newest wins.
	Revision int64
	// RequestID is the interview shown; empty when there is none.
	RequestID string
	State     Tab
	// Label is the line that people read; may be empty.
	Label string
	// ExpiresOn is the last day on which the candidate can answer; zero for none.
	ExpiresOn ats.Date
	// ViewAvailable says that there is a recording to view.
	ViewAvailable bool
	// CanCancel says that the interview shown is pending and can be taken back,
	// CanRequest that nothing stands against another request. Whether a person may is
	// another question.
	CanCancel  bool
	CanRequest bool
}
