package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

const (
	// maxPause caps the growing pauses between tries.
	maxPause = 10 * time.Minute
	// patience is how long Spark Hire may be out of reach before a person is
	// asked whether a candidate was invited.
	patience = 24 * time.Hour
)

// settle looks for an interview whose attempt got no answer. Exactly one match
// is adopted; none, in a list that can be trusted, means that the invitation was
// not made and may be made again; anything else, such as an interview that does not
// say whose it is, needs a person. Where there is no list, none means to wait, for
// as long as a webhook may take.
func (b *Bridge) settle(ctx context.Context, s spark, claimed store.Interview) error {
	found, whole, err := s.Find(ctx, invitationOf(claimed), claimed.AttemptAt.Add(-skew))
	if err == nil && len(found) == 0 && whole {
		// An empty list proves something only if the key still sees anything.
		_, err = s.KeyOwner(ctx)
	}
	if err == nil && len(found) > 0 {
		err = b.awaitTwin(ctx, claimed)
	}
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		now := b.now()
		i, txErr := tx.Interview(ctx, claimed.ID)
		if txErr != nil {
			return txErr
		}
		if !sameAttempt(i, claimed) {
			return nil // a person was faster
		}
		if err != nil {
			return b.lookAgain(ctx, tx, i, err, now)
		}
		found, txErr := b.notInLedger(ctx, tx, found)
		if txErr != nil {
			return txErr
		}
		named := slices.DeleteFunc(slices.Clone(found), func(r reading) bool { return r.Nameless })
		switch {
		case len(named) == 0 && len(found) > 0:
			return b.unconfirmed(ctx, tx, i, ats.Reason{
				Code:    codeNotConfirmed,
				Message: "Spark Hire gave no answer and its list of interviews does not say who was invited. Look in Spark Hire and say whether it was sent, or send it again.",
			})
		case len(named) == 0:
			if !whole {
				return b.awaitWord(ctx, tx, i, now)
			}
			i, err := b.giveBack(ctx, tx, i, now.Add(pause(i.Attempt-1)))
			if err != nil {
				return err
			}
			e := event(i, ats.EventSending, now, textNotThere)
			e.Key += "-absent"
			_, err = tx.AppendEvent(ctx, i.ID, e)
			return err
		case len(named) == 1:
			return b.sent(ctx, tx, i, named[0], textAdopted)
		default:
			return b.unconfirmed(ctx, tx, i, ats.Reason{
				Code:    codeSeveralMatch,
				Message: fmt.Sprintf("Spark Hire gave no answer, and %d interviews there could be this one. Say which it is, or send it again.", len(named)),
			})
		}
	})
}

// awaitTwin returns a [*ats.RetryLaterError] while Spark Hire may still answer about
// another invitation of the same person to the same job: what was found may be that
// one, whose id is not in the ledger yet.
func (b *Bridge) awaitTwin(ctx context.Context, i store.Interview) error {
	sending, _, err := b.store.ListInterviews(ctx, store.ListInterviewsParams{
		ConnectionID: i.ConnectionID, CandidateID: i.Candidate.ID, State: ats.StateSending,
	})
	if err != nil {
		return err
	}
	now := b.now()
	for _, other := range sending {
		answered := store.Time(other.AttemptAt.Add(b.config.SparkHire.SettleTime))
		if other.ID != i.ID && other.Type == i.Type && other.SparkHire.JobID == i.SparkHire.JobID && answered.After(now) {
			return &ats.RetryLaterError{At: answered, Err: errors.New("another invitation of the same person is on its way")}
		}
	}
	return nil
}

// awaitWord keeps an interview in doubt until the time has passed in which Spark
// Hire may tell of it, and then asks a person.
func (b *Bridge) awaitWord(ctx context.Context, tx store.Tx, i store.Interview, now time.Time) error {
	end := store.Time(i.AttemptAt.Add(b.config.SparkHire.ConfirmWindow))
	if !now.Before(end) {
		return b.unconfirmed(ctx, tx, i, ats.Reason{
			Code:    codeNotConfirmed,
			Message: "Spark Hire gave no answer and has not told of the invitation since, so whether the candidate was invited could not be found out. Look in Spark Hire and say whether it was sent, or send it again.",
		})
	}
	i.NextAt = end
	i.Revision++
	i.UpdatedAt = now
	return tx.SaveInterview(ctx, i)
}

// lookAgain keeps an interview in doubt while Spark Hire cannot be asked, and
// asks a person when it cannot be asked at all.
func (b *Bridge) lookAgain(ctx context.Context, tx store.Tx, i store.Interview, err error, now time.Time) error {
	if isVendorError(err) || now.Sub(i.AttemptAt) > patience {
		return b.unconfirmed(ctx, tx, i, ats.Reason{
			Code:    codeNotConfirmed,
			Message: "Spark Hire gave no answer and its list of interviews cannot be read, so whether the candidate was invited could not be found out. Say whether it was sent, or send it again.",
		})
	}
	minutes := int(now.Sub(i.AttemptAt) / time.Minute)
	next := now.Add(pause(1 + minutes))
	if at, later := retryLater(err); later { // a spent budget is soon there again, unless looking takes more than that
		next = now.Add(pause(minutes - 10))
		if at.After(next) {
			next = at
		}
	}
	i.NextAt = store.Time(next)
	i.Revision++
	i.UpdatedAt = now
	return tx.SaveInterview(ctx, i)
}

func (b *Bridge) notInLedger(ctx context.Context, tx store.Tx, found []reading) ([]reading, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ids := make([]string, len(found))
	for n, r := range found {
		ids[n] = r.ID
	}
	known, err := tx.KnownSparkHireIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var fresh []reading
	for _, r := range found {
		if !known[r.ID] {
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// unconfirmed leaves the decision to a person.
func (b *Bridge) unconfirmed(ctx context.Context, tx store.Tx, i store.Interview, reason ats.Reason) error {
	now := b.now()
	i.State, i.Reason, i.NextAt = ats.StateUnconfirmed, &reason, time.Time{}
	i.Revision++
	i.UpdatedAt = now
	if err := tx.SaveInterview(ctx, i); err != nil {
		return err
	}
	e := event(i, ats.EventUnconfirmed, now, reason.Message)
	e.Data = map[string]string{"reason": string(reason.Code)}
	if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
		return err
	}
	return tx.Nudge(ctx, store.Nudge{Kind: kindPublish, ID: i.ID})
}

// Resolution is what a person knows about an unconfirmed interview.
type Resolution struct {
	// SparkHireInterviewID is the interview that was made, if it was; empty means
	// "send again".
	SparkHireInterviewID string
	By                   ats.User
}

// codeUnknownInterview refuses an id that Spark Hire does not show.
const codeUnknownInterview ats.Code = "unknown_spark_hire_interview"

// Resolve ends the doubt about an unconfirmed interview: it was sent and has this
// id, or it is to be sent again. Any other state is a [*ats.Refusal] with code
// [ats.CodeNotResolvable]; an id that another interview has, too. One that Spark
// Hire says it has not is refused as well: the interview would count as removed.
// Where Spark Hire cannot be asked, the person's word is taken. An unknown
// interview matches [ats.ErrNotFound].
func (b *Bridge) Resolve(ctx context.Context, interviewID string, r Resolution) (ats.Interview, error) {
	r.SparkHireInterviewID = strings.TrimSpace(r.SparkHireInterviewID)
	if err := b.checkMade(ctx, interviewID, r.SparkHireInterviewID); err != nil {
		return ats.Interview{}, refusalOr("resolve interview "+interviewID, err)
	}
	var result store.Interview
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, interviewID)
		if err != nil {
			return err
		}
		if i.State != ats.StateUnconfirmed {
			return ats.Refuse(ats.CodeNotResolvable, "", "Only an unconfirmed interview can be resolved; this one is "+string(i.State)+".")
		}
		now := b.now()
		action, text := "send again", "A person decided to send it again."
		if r.SparkHireInterviewID != "" {
			known, err := tx.KnownSparkHireIDs(ctx, []string{r.SparkHireInterviewID})
			if err != nil {
				return err
			}
			if known[r.SparkHireInterviewID] {
				return ats.Refuse(ats.CodeNotResolvable, "spark_hire_interview_id", "Another interview has this Spark Hire id.")
			}
			action, text = "sent", "A person confirmed that it was sent."
			i.State, i.SparkHire.InterviewID = ats.StateSent, r.SparkHireInterviewID
		} else {
			i.State, i.NextAt, i.AttemptAt = ats.StateRequested, now, time.Time{}
		}
		i.Reason = nil
		i.Revision++
		i.UpdatedAt = now
		if err := tx.SaveInterview(ctx, i); err != nil {
			return err
		}
		e := event(i, ats.EventResolved, now, text)
		e.Actor = r.By.ID
		if _, err := tx.AppendEvent(ctx, i.ID, e); err != nil {
			return err
		}
		result = i
		if err := tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: i.ConnectionID, InterviewID: i.ID, Actor: r.By.ID, Action: "resolve: " + action}); err != nil {
			return err
		}
		if i.State == ats.StateSent {
			nudges := []store.Nudge{{Kind: kindObserve, ID: i.ID}, {Kind: kindPublish, ID: i.ID}}
			if !i.CancelAt.IsZero() { // somebody canceled before anybody knew
				nudges = append(nudges, store.Nudge{Kind: kindCancel, ID: i.ID})
			}
			return nudgeAll(ctx, tx, nudges...)
		}
		return nudgeAll(ctx, tx, store.Nudge{Kind: kindDrain, ID: i.Credential}, store.Nudge{Kind: kindPublish, ID: i.ID})
	})
	if err != nil {
		return ats.Interview{}, refusalOr("resolve interview "+interviewID, err)
	}
	return result.Interview, nil
}

// checkMade refuses an id at Spark Hire that is certainly none.
func (b *Bridge) checkMade(ctx context.Context, interviewID, sparkHireInterviewID string) error {
	i, err := b.store.GetInterview(ctx, interviewID)
	if err != nil || sparkHireInterviewID == "" || i.State != ats.StateUnconfirmed {
		return err
	}
	keys, err := b.followers(ctx, i)
	if err != nil || len(keys) == 0 {
		return err
	}
	i.SparkHire.InterviewID = sparkHireInterviewID
	ctx, cancel := context.WithTimeout(ctx, 2*b.config.SparkHire.RequestTimeout)
	defer cancel()
	if see, _, err := b.see(ctx, keys, i, linkTries); err == nil && see.removed {
		return ats.Refuse(codeUnknownInterview, "spark_hire_interview_id", "Spark Hire has no interview with this id. Copy it from the address of the interview's page there.")
	}
	return nil
}

// refusalOr leaves refusals as they are, and says of other errors what failed.
func refusalOr(what string, err error) error {
	if _, ok := ats.AsRefusal(err); ok {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// pause is nothing for n = 0, and grows with n from five seconds to maxPause.
func pause(n int) time.Duration {
	if n <= 0 {
		return 0
	}
	d := 5 * time.Second
	for ; n > 1 && d < maxPause; n-- {
		d *= 2
	}
	return min(d, maxPause)
}
