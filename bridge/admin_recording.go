package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// The kinds of link that [Bridge.Recording] returns.
const (
	// RecordingShareLink opens for whoever holds it: treat it as a secret.
	RecordingShareLink = "share_link"
	// RecordingWatch opens for who is signed in to Spark Hire and sees the job there.
	RecordingWatch = "watch"
)

// Recording returns where a person can watch a completed interview, and which kind
// of link it is: a share link where the product lets people without a Spark Hire
// key watch, and otherwise Spark Hire's own page, for linked users only. A share
// link that is missing is asked for.
//
// Without a recording the error matches [ats.ErrNotFound]. A person who may not
// watch is refused with [ats.CodeNotPermitted], nobody at all with
// [ats.CodeActorRequired] where it depends on the person.
func (b *Bridge) Recording(ctx context.Context, interviewID string, u ats.User) (url, kind string, err error) {
	i, err := b.StoredInterview(ctx, interviewID)
	if err != nil {
		return "", "", err
	}
	row, err := b.ConnectionByID(ctx, i.ConnectionID)
	if err != nil {
		return "", "", err
	}
	a, err := b.adapter(row.Tenant.Adapter)
	if err != nil {
		return "", "", err
	}
	c := b.connectionSeen(row)
	if err := ats.Gate(a, c); err != nil {
		return "", "", err
	}
	if err := b.CheckView(ctx, c, u, candidateOf(i)); err != nil {
		return "", "", err
	}
	if kind, err = b.recordingKind(a, c, i, u); err != nil {
		return "", "", err
	}
	if kind == RecordingWatch {
		return i.SparkHire.WatchURL, kind, nil
	}
	url, err = b.shareLink(ctx, i)
	if isVendorError(err) && linkedUser(c, u) && i.SparkHire.WatchURL != "" {
		return i.SparkHire.WatchURL, RecordingWatch, nil // better than nothing
	}
	return url, kind, err
}

// recordingKind decides which link a person gets who may see the candidate.
func (b *Bridge) recordingKind(a ats.Adapter, c ats.Connection, i store.Interview, u ats.User) (string, error) {
	policy := ats.PolicyFor(a, c)
	_, restricts := a.(ats.AccessChecker)
	if u.IsZero() && (restricts || !policy.ViewWithoutKey) {
		return "", refuseAnonymous()
	}
	kind := RecordingShareLink
	if !policy.ViewWithoutKey {
		if !linkedUser(c, u) {
			return "", ats.Refuse(ats.CodeNotPermitted, "", "Only people with a Spark Hire key of their own can watch recordings.")
		}
		kind = RecordingWatch
	}
	if i.State != ats.StateCompleted || removedThere(i) || !i.ErasedAt.IsZero() || (kind == RecordingWatch && i.SparkHire.WatchURL == "") {
		return "", fmt.Errorf("recording of interview %s: %w", i.ID, ats.ErrNotFound)
	}
	if kind == RecordingShareLink && i.SparkHire.ShareURL == "" && onV2(i.Credential) {
		if !linkedUser(c, u) || i.SparkHire.WatchURL == "" {
			return "", ats.Refuse(codeNotSupported, "", "Spark Hire's newer API has no known way to share a recording. Linked users can watch it in Spark Hire.")
		}
		kind = RecordingWatch
	}
	return kind, nil
}

// shareLink returns the share link of a completed interview, made if there is none.
// Who asks at the same time waits for the same answer, so that one is made.
func (b *Bridge) shareLink(ctx context.Context, i store.Interview) (string, error) {
	got, err, _ := b.sharing.Do(i.ID, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*b.config.SparkHire.RequestTimeout)
		defer cancel()
		now, err := b.StoredInterview(ctx, i.ID)
		if err != nil {
			return "", err
		}
		return b.makeShareLink(ctx, now)
	})
	url, _ := got.(string)
	return url, err
}

func (b *Bridge) makeShareLink(ctx context.Context, i store.Interview) (string, error) {
	if i.SparkHire.ShareURL != "" {
		return i.SparkHire.ShareURL, nil
	}
	keys, err := b.followers(ctx, i)
	if err == nil && len(keys) == 0 {
		err = fmt.Errorf("no Spark Hire key is left: %w", ats.ErrUnavailable)
	}
	if err != nil {
		return "", fmt.Errorf("share link of interview %s: %w", i.ID, err)
	}
	var url string
	for _, s := range keys { // a key may not show it, and the next one may
		if url, err = s.ShareURL(ctx, i.SparkHire.InterviewID); !errors.Is(err, ats.ErrNotFound) {
			break
		}
	}
	if errors.Is(err, errOutcomeUnknown) {
		err = errors.Join(ats.ErrUnavailable, err) // it is looked for before another is made
	}
	if err != nil {
		return "", fmt.Errorf("share link of interview %s: %w", i.ID, err)
	}
	err = b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Interview(ctx, i.ID)
		if err != nil {
			return err
		}
		if now.State != ats.StateCompleted || !now.ErasedAt.IsZero() {
			return ats.ErrNotFound
		}
		now.SparkHire.ShareURL = url
		return tx.SaveInterview(ctx, now)
	})
	if err != nil {
		return "", fmt.Errorf("share link of interview %s: %w", i.ID, err)
	}
	return url, nil
}
