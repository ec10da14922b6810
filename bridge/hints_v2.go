package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
)

const (
	// secretMeetHooks is the name of the secrets that sign webhooks of API v2.0, a
	// list in JSON: several are good while one is being changed.
	secretMeetHooks = "spark_hire_webhook_secrets" //nolint:gosec // the name of a secret, not one
	// maxAnnounced is how many items may be one interview's before nobody can tell.
	maxAnnounced = 8
	// maxItemID bounds an id from outside.
	maxItemID = 200
)

// WebhookURL returns where Spark Hire's API v2.0 is to send a connection's webhooks:
// a person enters it on Spark Hire's settings page, with the secret that the
// connection knows. Without Config.PublicURL it is empty.
func (b *Bridge) WebhookURL(connectionID string) string {
	if b.config.PublicURL == "" {
		return ""
	}
	return b.config.PublicURL + "/sparkhire/v2/" + url.PathEscape(connectionID)
}

// meetHint serves POST /sparkhire/v2/{connection}. The signature covers the body
// alone, and never a time: what comes is a hint, whoever repeats it, and says which
// item to look at.
func (b *Bridge) meetHint(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	connectionID := r.PathValue("connection")
	secrets, err := b.meetHookSecrets(ctx, connectionID)
	switch {
	case errors.Is(err, ats.ErrNotFound):
		http.Error(w, "unknown address", http.StatusNotFound)
		return
	case err != nil:
		b.unavailable(w, r, "read webhook secrets", err)
		return
	}
	d, err := meet.VerifyWebhook(r.Header, http.MaxBytesReader(w, r.Body, maxHint), secrets...)
	if err != nil {
		refuseDelivery(w, err)
		return
	}
	switch {
	case d.Item == nil: // an event that says nothing about an item
	case len(d.UUID) > maxItemID:
		http.Error(w, "the uuid is too long", http.StatusBadRequest)
		return
	case d.Event == meet.EventItemCreated:
		err = b.announced(ctx, connectionID, d.Item)
	default:
		err = b.hinted(ctx, connectionID, d.UUID)
	}
	if err != nil {
		b.unavailable(w, r, "store hint", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}\n")
}

func refuseDelivery(w http.ResponseWriter, err error) {
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		refuseLarge(w)
	case errors.Is(err, meet.ErrBadSignature):
		http.Error(w, "the signature is missing or wrong", http.StatusUnauthorized)
	default:
		http.Error(w, "the body must be an assessment item with a uuid", http.StatusBadRequest)
	}
}

func (b *Bridge) meetHookSecrets(ctx context.Context, connectionID string) ([]string, error) {
	text, err := secretStore{b, connectionID}.Get(ctx, secretMeetHooks)
	if err != nil {
		return nil, err
	}
	var secrets []string
	if err := json.Unmarshal([]byte(text.Reveal()), &secrets); err != nil || len(secrets) == 0 {
		return nil, errors.New("webhook secrets: the stored text is damaged")
	}
	return secrets, nil
}

// announced takes in that Spark Hire has made an item. What the ledger knows needs
// no look. It may also be what became of an attempt without an answer, or with one
// that is still on its way: then its id is kept with the interview and looked at
// when the attempt is settled.
func (b *Bridge) announced(ctx context.Context, connectionID string, item *meet.Item) error {
	_, err := b.store.InterviewBySparkHireID(ctx, connectionID, item.UUID)
	if !errors.Is(err, ats.ErrNotFound) {
		return err
	}
	for _, state := range []ats.State{ats.StateSending, ats.StateUnconfirmed} {
		err := b.each(ctx, connectionID, state, func(i store.Interview) (bool, error) {
			if !onV2(i.Credential) || !matchesItem(item, invitationOf(i)) {
				return true, nil
			}
			return true, b.keepAnnounced(ctx, i.ID, item.UUID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls f with the connection's interviews in a state until it returns false.
func (b *Bridge) each(ctx context.Context, connectionID string, state ats.State, f func(store.Interview) (more bool, err error)) error {
	for cursor := ""; ; {
		page, next, err := b.store.ListInterviews(ctx, store.ListInterviewsParams{ConnectionID: connectionID, State: state, Limit: 200, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, i := range page {
			if more, err := f(i); err != nil || !more {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

// keepAnnounced keeps the id with the interview and asks for a look at it, not
// before an answer that is on its way must have come.
func (b *Bridge) keepAnnounced(ctx context.Context, interviewID, itemID string) error {
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		i, err := tx.Interview(ctx, interviewID)
		if err != nil {
			return err
		}
		inDoubt := i.State == ats.StateSending || i.State == ats.StateUnconfirmed
		if !inDoubt || len(i.Announced) >= maxAnnounced || slices.Contains(i.Announced, itemID) {
			return nil
		}
		i.Announced = append(i.Announced, itemID)
		at := store.Time(i.AttemptAt.Add(b.config.SparkHire.SettleTime))
		if now := b.now(); at.Before(now) {
			at = now
		}
		nudge := store.Nudge{Kind: kindConfirm, ID: i.ID, At: at}
		if i.State == ats.StateSending {
			nudge = store.Nudge{Kind: kindDrain, ID: i.Credential, At: at}
			if at.Before(i.NextAt) {
				i.NextAt = at
			}
		}
		if err := tx.SaveInterview(ctx, i); err != nil {
			return err
		}
		return tx.Nudge(ctx, nudge)
	})
}

// confirm ends the doubt about an unconfirmed interview of which Spark Hire has told
// late: exactly one item that can be it is it.
func (b *Bridge) confirm(ctx context.Context, job store.Job) error {
	i, err := b.store.GetInterview(ctx, job.ID)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && (i.State != ats.StateUnconfirmed || len(i.Announced) == 0)) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	s, err := b.sparkFor(ctx, i.ConnectionID, i.Credential)
	if errors.Is(err, ats.ErrNotFound) {
		return b.finish(ctx, job)
	}
	if err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	found, _, err := s.Find(ctx, invitationOf(i), time.Time{})
	if err == nil && len(found) > 0 {
		err = b.awaitTwin(ctx, i)
	}
	if at, later := retryLater(err); later {
		return b.finishAndReturn(ctx, job, store.Nudge{Kind: kindConfirm, ID: i.ID, At: at})
	}
	if isVendorError(err) {
		b.log.WarnContext(ctx, "an announced item could not be read", "interview", i.ID, "error", err)
		return b.finish(ctx, job) // a person decides, as before
	}
	if err != nil {
		return fmt.Errorf("confirm %s: %w", i.ID, err)
	}
	attemptAt := i.AttemptAt
	return b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := tx.Complete(ctx, job); err != nil {
			return err
		}
		i, err := tx.Interview(ctx, i.ID)
		if err != nil || i.State != ats.StateUnconfirmed || !i.AttemptAt.Equal(attemptAt) {
			return err // a person was faster
		}
		fresh, err := b.notInLedger(ctx, tx, found)
		if err != nil || len(fresh) != 1 {
			return err
		}
		return b.sent(ctx, tx, i, fresh[0], textAnnounced)
	})
}

// costOfSettling is how many calls looking for an interview costs as a rule.
func costOfSettling(i store.Interview) int {
	if onV2(i.Credential) {
		return len(i.Announced)
	}
	return settleCalls
}
