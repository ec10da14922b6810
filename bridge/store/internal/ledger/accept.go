package ledger

import (
	"context"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// Accept implements [store.Tx].
func (t *Tx) Accept(ctx context.Context, a store.Acceptance) (store.Accepted, error) {
	out, err := t.AcceptAll(ctx, []store.Acceptance{a})
	if err != nil {
		return store.Accepted{}, err
	}
	return out[0], nil
}

// AcceptAll does what Accept does for each in turn, so that a later one sees the
// earlier ones. Nudges of the same credential become one. An error means that
// nothing is to be committed.
func (t *Tx) AcceptAll(ctx context.Context, as []store.Acceptance) ([]store.Accepted, error) {
	out := make([]store.Accepted, len(as))
	free, stored, err := t.begin(ctx, as)
	if err != nil {
		return nil, t.dialect.Fail("accept request", err)
	}
	nudged := make(map[string]bool)
	for n, a := range as {
		if out[n] = (store.Accepted{Interview: asStored(a.Interview)}); !stored[a.Interview.ID] {
			if out[n], err = t.accept(ctx, a, free[n]); err != nil {
				return nil, err
			}
		}
		if c := a.Interview.Credential; !out[n].Repeated && !out[n].Blocked && !nudged[c] {
			nudged[c] = true
			if err := t.jobs.Nudge(ctx, store.Nudge{Kind: store.KindDrain, ID: c}); err != nil {
				return nil, t.dialect.Fail("accept request: nudge", err)
			}
		}
	}
	return out, nil
}

// accept stores one request. When it is free, nobody needs to look for an earlier one.
func (t *Tx) accept(ctx context.Context, a store.Acceptance, free bool) (store.Accepted, error) {
	i := a.Interview
	if i.ID == "" || i.ConnectionID == "" || i.RequestKey == "" {
		return store.Accepted{}, fmt.Errorf("accept request: id, connection and request key are needed: %w", ats.ErrInvalid)
	}
	var blocker store.Interview
	var blocked bool
	var err error
	if !free {
		if blocker, blocked, err = t.blocker(ctx, a); err == nil && !blocked {
			a.Interview, err = t.noticed(ctx, a)
		}
		if err != nil {
			return store.Accepted{}, t.dialect.Fail("accept request: look for an earlier one", err)
		}
	}
	if !blocked {
		stored, err := t.insert(ctx, a)
		if err != nil {
			return store.Accepted{}, t.dialect.Fail("accept request", err)
		}
		if stored {
			return store.Accepted{Interview: asStored(a.Interview)}, nil
		}
	}
	// The same request again is the same interview, whatever else stands in the way.
	earlier, err := t.q.InterviewByKey(ctx, i.ConnectionID, i.RequestKey)
	switch {
	case err == nil:
		same, err := interviewFromRow(earlier)
		return store.Accepted{Interview: same, Repeated: true}, t.dialect.Fail("accept request", err)
	case none(err) && blocked:
		return store.Accepted{Interview: blocker, Blocked: true}, nil
	default:
		return store.Accepted{}, t.dialect.Fail("accept request: read the earlier one", err)
	}
}

// blocker returns the interview that stands in the way.
func (t *Tx) blocker(ctx context.Context, a store.Acceptance) (i store.Interview, blocked bool, err error) {
	if a.Interview.ScopeKey == "" || !a.DeclinePending && !a.DeclineCompleted {
		return i, false, nil
	}
	return t.inScope(ctx, a.Interview, a.DeclinePending, a.DeclineCompleted)
}

// noticed returns the interview with the notice that an earlier one gives it.
func (t *Tx) noticed(ctx context.Context, a store.Acceptance) (store.Interview, error) {
	i := a.Interview
	if i.ScopeKey == "" {
		return i, nil
	}
	for _, n := range []struct {
		notice             *ats.Reason
		pending, completed bool
	}{{a.NoticePending, true, false}, {a.NoticeCompleted, false, true}} {
		if n.notice == nil {
			continue
		}
		earlier, met, err := t.inScope(ctx, i, n.pending, n.completed)
		if err != nil {
			return i, err
		}
		if met && earlier.RequestKey != i.RequestKey {
			i.Notice = n.notice
			return i, nil
		}
	}
	return i, nil
}

// inScope returns the newest interview that counts as the same.
func (t *Tx) inScope(ctx context.Context, of store.Interview, pending, completed bool) (i store.Interview, found bool, err error) {
	row, err := t.q.InterviewInScope(ctx, rows.InterviewInScopeParams{
		ConnectionID: of.ConnectionID, ScopeKey: of.ScopeKey, Pending: bit(pending), Completed: bit(completed),
	})
	if err != nil {
		if none(err) {
			err = nil
		}
		return i, false, err
	}
	i, err = interviewFromRow(row)
	return i, true, err
}

// insert stores the interview and its first event; stored is false when the
// request key is known already.
func (t *Tx) insert(ctx context.Context, a store.Acceptance) (stored bool, err error) {
	row, err := interviewToRow(a.Interview)
	if err != nil {
		return false, err
	}
	n, err := t.q.InsertInterview(ctx, rows.InsertInterviewParams(row))
	if err != nil || n == 0 {
		return false, err
	}
	event, err := eventToRow(a.Interview.ID, a.Event)
	if err != nil {
		return false, err
	}
	event.Seq = 1
	return true, t.q.InsertFirstEvent(ctx, rows.InsertFirstEventParams(event))
}
