package bridge

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// spark is Spark Hire as the engine needs it, seen with one credential; [v1] and
// [v2] are its dialects. A call that a dialect does not know matches
// [ats.ErrUnsupported], and nothing is sent. Other errors are told by kind: [errOutcomeUnknown] where an effect is possible that nobody
// confirmed; a [*ats.RetryLaterError] where the call was refused for now; a
// [*vendorError] where Spark Hire said no; one that matches
// [ats.ErrUnavailable] where nothing was sent or a read failed.
type spark interface {
	// Invite asks Spark Hire to invite. It is never repeated by itself.
	Invite(ctx context.Context, i invitation) (reading, error)
	// Find returns the interviews that could be the invitation's, created at or
	// after since, also those that do not say who was invited. Where it has not
	// looked at all there are, whole is false: what it did not find may be there.
	Find(ctx context.Context, i invitation, since time.Time) (found []reading, whole bool, err error)
	// Read matches [ats.ErrNotFound] for an interview that is not there or not
	// visible, and [ats.ErrGone] for one that has expired.
	Read(ctx context.Context, id string) (reading, error)
	// Remove ends an interview. One that is not there is nil.
	Remove(ctx context.Context, id string) error
	// ShareURL returns the interview's share link, made if there is none.
	ShareURL(ctx context.Context, id string) (string, error)
	// Changed yields what changed at or after since, newest first, without the newest
	// from of them.
	Changed(ctx context.Context, since time.Time, from int) iter.Seq2[reading, error]
	// KeyOwner returns the name of the credential's user.
	KeyOwner(ctx context.Context) (string, error)
	Jobs(ctx context.Context) ([]ats.Option, error)
	QuestionSets(ctx context.Context) ([]ats.Option, error)
	// EnsureWebhooks subscribes to every event that the engine wants at the URL
	// that address makes for it, unless it is subscribed already.
	EnsureWebhooks(ctx context.Context, address func(event string) string) error
}

// invitation is what Spark Hire is asked to send.
type invitation struct {
	Type          ats.InterviewType
	JobID         string
	QuestionSetID string
	FirstName     string
	LastName      string
	Email         string
	Schedule      ats.Schedule
	Message       string
	// Announced are the ids among which Find looks in a dialect without lists.
	Announced []string
}

// reading is an interview as Spark Hire shows it.
type reading struct {
	ID string
	// Phase is what Status and the other facts mean.
	Phase       phase
	Status      string
	CompletedAt time.Time
	ScheduledAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	ShareURL    string
	WatchURL    string
	// RatingDigest changes when Score, Summary or a rating of unknown form does.
	RatingDigest string
	Rated        bool
	Score        *float64
	Summary      string
	// Nameless: it does not say who was invited. Only what Find returns has this.
	Nameless bool
}

// phase is where Spark Hire says that an interview is.
type phase int

const (
	phaseOpen phase = iota // invited, or a word that is not known
	phaseAccepted
	phaseCompleted
	phaseExpired
	phaseCanceled
)

// errOutcomeUnknown: the call may have had an effect.
var errOutcomeUnknown = errors.New("outcome unknown")

// vendorError is Spark Hire saying no.
type vendorError struct {
	kind error // one of the kinds of package ats
	// text is Spark Hire's own words; it may repeat personal data from the
	// request, so it is shown to people and never logged.
	text string
	// advice is told instead of the usual sentence when a key is refused.
	advice string
	err    error
}

func (e *vendorError) Error() string   { return e.err.Error() }
func (e *vendorError) Unwrap() []error { return []error{e.kind, e.err} }

// reasonFor returns what a recruiter is told about an error of Spark Hire's.
func reasonFor(err error) ats.Reason {
	ve, ok := errors.AsType[*vendorError](err)
	if !ok {
		return ats.Reason{Code: codeVendorRefused, Message: "Spark Hire did not accept the request."}
	}
	switch {
	case errors.Is(ve.kind, ats.ErrUnauthorized) && ve.advice != "":
		return ats.Reason{Code: ats.CodeInvalidKey, Message: ve.advice}
	case errors.Is(ve.kind, ats.ErrUnauthorized):
		return ats.Reason{Code: ats.CodeInvalidKey, Message: "Spark Hire does not accept the recruiter's API key any more. It can be replaced in the integration's settings."}
	case ve.text == "" && errors.Is(ve.kind, ats.ErrNotFound):
		return ats.Reason{Code: codeVendorRefused, Message: "Spark Hire does not know the chosen job or question set, or the recruiter may not use it. Choose again and repeat the request."}
	case ve.text == "":
		return ats.Reason{Code: codeVendorRefused, Message: "Spark Hire did not accept the request and gave no reason."}
	}
	return ats.Reason{Code: codeVendorRefused, Message: "Spark Hire did not accept the request: " + ve.text}
}

// Reasons of the engine's own.
const (
	codeVendorRefused  ats.Code = "spark_hire_refused"
	codeNotConfirmed   ats.Code = "not_confirmed"
	codeSeveralMatch   ats.Code = "several_match"
	codeDeadlinePassed ats.Code = "deadline_passed"
	codeRemoved        ats.Code = "removed_in_spark_hire"
	codeCanceledByUser ats.Code = "canceled"
	codeErased         ats.Code = "erased"
	codeExpired        ats.Code = "expired"
)
