package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// event makes a line of the timeline. Key is unique in the interview's life: the
// revision that the change makes is part of it.
func event(i store.Interview, kind ats.EventKind, at time.Time, text string) ats.Event {
	return ats.Event{Key: string(kind) + "-" + strconv.FormatInt(i.Revision, 10), Kind: kind, At: at, Text: text}
}

func requestedEvent(i store.Interview, now time.Time) ats.Event {
	e := event(i, ats.EventRequested, now, requestedText(i))
	e.Actor = i.RequestedBy.ID
	e.Data = map[string]string{"origin": string(i.Origin), "type": string(i.Type)}
	return e
}

func requestedText(i store.Interview) string {
	var b strings.Builder
	b.WriteString(i.Type.Label() + " requested")
	switch i.Origin {
	case ats.OriginTrigger:
		b.WriteString(" by a trigger of the ATS")
	case ats.OriginManual:
		b.WriteString(" by hand in the ATS")
	case ats.OriginBulk:
		b.WriteString(" in bulk in the ATS")
	case ats.OriginStage:
		b.WriteString(" by a stage change in the ATS")
	case ats.OriginAPI:
		b.WriteString(" through the API")
	}
	if !i.Schedule.IsZero() {
		b.WriteString(", " + scheduleWord(i.Type) + " " + i.Schedule.String())
	}
	if i.Schedule.Derivation != "" {
		b.WriteString(", from " + i.Schedule.Derivation)
	}
	b.WriteString(".")
	if i.Schedule.Note != "" {
		b.WriteString(" " + i.Schedule.Note)
	}
	return b.String()
}

func scheduleWord(t ats.InterviewType) string {
	if t == ats.Live {
		return "starting"
	}
	return "due"
}

func sendingText(attempt int) string {
	if attempt == 1 {
		return "Spark Hire is asked to invite the candidate."
	}
	return fmt.Sprintf("Spark Hire is asked to invite the candidate, attempt %d.", attempt)
}

const (
	textSent          = "Spark Hire has invited the candidate."
	textAdopted       = "Spark Hire's answer was lost; the invitation was found there and is this one."
	textAnnounced     = "Spark Hire has told of the invitation after all; it is this one."
	textLost          = "Spark Hire gave no answer. The engine will look whether the invitation was made before it tries again."
	textNotThere      = "The invitation was not found in Spark Hire, so it was not made; it is tried again."
	textAccepted      = "The candidate has accepted the interview."
	textCompleted     = "The interview is completed."
	textRated         = "The interview was rated in Spark Hire."
	textSummarized    = "Spark Hire has summarized the answers."
	textExpired       = "The interview has expired."
	textRescheduled   = "The interview was moved in Spark Hire."
	textReset         = "The interview was reset in Spark Hire: the candidate can record it again."
	textReopened      = "The interview is open again in Spark Hire."
	textRemoved       = "The interview was removed in Spark Hire."
	textCanceledThere = "The interview was canceled in Spark Hire."
	textErased        = "The candidate's personal data was erased."
	textPublished     = "The ATS shows the state \"%s\"."
	textHostCannot    = "Recorded here, not shown there: the ATS has no place for it."
	textDead          = "The ATS could not be told; a person must look: %s."
	textGone          = "The record in the ATS has gone; nothing more is reported there."
)
