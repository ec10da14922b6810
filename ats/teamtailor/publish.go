package teamtailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

// Publish implements [ats.Adapter]. It writes the present state to the partner
// result on the candidate's card, with PUT: status, summary, details, links and
// buttons. The whole card is written each time, so repeating a report changes
// nothing, and the events of a report need no place of their own.
//
// What did not come from a trigger has no partner result and returns
// [ats.ErrHostCannot]; so does whatever follows a completion that the card shows
// already, because a completed result is never taken back.
//
// If Teamtailor refuses the content, status and link alone are tried once; when it
// refuses those too the error matches [ats.ErrInvalid]. [ats.ErrGone] means that
// the result, the candidate or the account is gone.
func (a *Adapter) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	if err := a.publish(ctx, c, r); err != nil {
		return fmt.Errorf("publish interview %s: %w", r.Interview.ID, err)
	}
	return nil
}

func (a *Adapter) publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	var to replyTo
	if len(r.ReplyTo) > 0 {
		if err := json.Unmarshal(r.ReplyTo, &to); err != nil {
			return fmt.Errorf("read address for reports: %w", ats.ErrInvalid)
		}
	}
	if to.UpdateURL == "" {
		return fmt.Errorf("the request came from no trigger and has no partner result: %w", ats.ErrHostCannot)
	}
	// Checked again, because the list may have become shorter since.
	result, err := a.bases.Result(to.UpdateURL)
	if err != nil {
		return fmt.Errorf("%w: %w", err, ats.ErrInvalid)
	}
	if wasCompleted(r) {
		return fmt.Errorf("the card shows a completed interview: %w", ats.ErrHostCannot)
	}
	settings, err := settingsOf(c)
	if err != nil { // no reason to keep the news from the recruiter
		a.log.WarnContext(ctx, "publish with default settings", "connection", c, "error", err)
	}
	update, err := updateFor(r, to, settings)
	if err != nil || update.Status == "" {
		return err
	}
	err = a.put(ctx, result, update)
	if errors.Is(err, ats.ErrNotFound) {
		return &kindError{ats.ErrGone, err} // it was there when the run began
	}
	return err
}

// wasCompleted reports whether the card shows a completion that the interview has
// since been taken back from. A completion among the events that wait was never
// shown.
func wasCompleted(r ats.Report) bool {
	if r.Interview.State == ats.StateCompleted {
		return false
	}
	waiting := slices.ContainsFunc(r.Events, func(e ats.Event) bool { return e.Kind == ats.EventCompleted })
	return r.Acknowledged == ats.StateCompleted || !r.Interview.CompletedAt.IsZero() && !waiting
}

// put writes the update, or what can be written of it.
func (a *Adapter) put(ctx context.Context, result api.ResultRef, update api.ResultUpdate) error {
	s, ok := a.stackAt(result.BaseURL())
	if !ok {
		return fmt.Errorf("%w: %w", api.ErrUpdateURL, ats.ErrInvalid)
	}
	err := s.partner.Results.Update(ctx, result.ID(), update)
	if !refusesContent(err) {
		return classify(err)
	}
	a.log.WarnContext(ctx, "partner result refused, writing only its status", "result", result.ID(), "error", err)
	err = s.partner.Results.Update(ctx, result.ID(), api.ResultUpdate{Status: update.Status, URL: update.URL})
	return classify(err)
}

// refusesContent reports whether less content may help. Teamtailor does not document
// how it refuses [assumed: docs/vendors/teamtailor.md].
func refusesContent(err error) bool {
	e, ok := errors.AsType[*api.APIError](err)
	return ok && slices.Contains([]int{
		http.StatusBadRequest, http.StatusConflict, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity,
	}, e.Status)
}

// updateFor returns what the card shows in a state. It has no status if there is
// nothing to write, because Teamtailor itself has set "sending" when the run began.
//
//	requested, sending  sending    after a button or a person's "send again" only
//	sent                sent       due date; button to cancel where that is possible
//	accepted            pending    likewise
//	completed           completed  links, score and summary if wanted
//	expired, canceled,
//	failed              failed     the reason; button to send again
//	unconfirmed         sending    that a person is looking
func updateFor(r ats.Report, to replyTo, s Settings) (api.ResultUpdate, error) {
	iv := r.Interview
	var u api.ResultUpdate
	u.Actions = []api.Action{} // takes the buttons of an earlier state away
	cancel := []api.Action{{ButtonText: "Cancel invitation", Endpoint: actionCancel}}
	if iv.SparkHire.Irrevocable {
		cancel = []api.Action{}
	}
	again := api.Action{ButtonText: "Send again", Endpoint: actionResend}
	switch iv.State {
	case ats.StateRequested, ats.StateSending:
		if to.Resend == 0 && (r.Acknowledged == "" || r.Acknowledged == ats.StateRequested || r.Acknowledged == ats.StateSending) {
			return u, nil
		}
		u.Status = api.StatusSending
	case ats.StateSent:
		u.Status, u.Actions = api.StatusSent, cancel
	case ats.StateAccepted:
		u.Status, u.Actions = api.StatusPending, cancel
	case ats.StateCompleted:
		u.Status = api.StatusCompleted
		if watch := iv.SparkHire.WatchURL; isWeb(watch) {
			u.URL = &watch
		}
		if share := iv.SparkHire.ShareURL; isWeb(share) {
			u.Attachments = []api.Attachment{{URL: share, Description: "Share the interview"}}
		}
		if score := iv.SparkHire.Score; s.SendScore && score != nil && *score >= 0 && *score <= 100 {
			rounded := math.Round(*score)
			u.Assessment = &api.Assessment{Score: &rounded}
		}
	case ats.StateExpired, ats.StateCanceled, ats.StateFailed:
		u.Status, u.Actions = api.StatusFailed, []api.Action{again}
	case ats.StateUnconfirmed:
		u.Status = api.StatusSending
	default:
		return u, fmt.Errorf("state %q: %w", iv.State, ats.ErrHostCannot)
	}
	summary := summaryOf(iv)
	u.Summary = &summary
	u.Details = map[string]any{}
	for name, value := range detailsOf(iv) {
		u.Details[name] = value
	}
	if text := iv.SparkHire.Summary; s.SendSummary && text != "" && iv.State == ats.StateCompleted {
		u.Details["Spark Hire's summary"] = text
	}
	return u, nil
}

// isWeb reports whether Teamtailor takes it for a link.
func isWeb(link string) bool {
	return strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://")
}

// summaryOf says what a recruiter must know in its first 150 characters, which are
// all that the card shows [documented: docs/vendors/teamtailor.md].
func summaryOf(iv ats.Interview) string {
	kind, when := iv.Type.Label(), ""
	if due := iv.Schedule.String(); due != "" {
		when = ", due " + due
		if iv.Type == ats.Live {
			when = ", starts " + due
		}
	}
	text := ""
	switch iv.State {
	case ats.StateRequested, ats.StateSending:
		text = kind + " is being sent" + when + "."
	case ats.StateSent:
		text = kind + " sent to the candidate" + when + "."
	case ats.StateAccepted:
		text = kind + " accepted by the candidate" + when + "."
	case ats.StateCompleted:
		text = "Interview completed."
	case ats.StateExpired:
		text = reasonOf(iv, "The deadline passed without an interview.")
	case ats.StateCanceled:
		text = reasonOf(iv, "The invitation was canceled.")
	case ats.StateFailed:
		text = reasonOf(iv, "Spark Hire refused the invitation.")
	case ats.StateUnconfirmed:
		text = "It is not certain whether the invitation was sent. A person is looking into it; please do not send another one."
	}
	if iv.Notice != nil && iv.Notice.Message != "" {
		text += " " + iv.Notice.Message
	}
	return text
}

func reasonOf(iv ats.Interview, fallback string) string {
	if iv.Reason == nil || iv.Reason.Message == "" {
		return fallback
	}
	return iv.Reason.Message
}
