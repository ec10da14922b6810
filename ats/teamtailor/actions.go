package teamtailor

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// The endpoints of the buttons on a card, relative to the integration's base URL.
const (
	actionResend = "actions/resend"
	actionCancel = "actions/cancel"
)

// A button sends the partner event of the original run once more, with the same
// ids and the values of that time [documented: docs/vendors/teamtailor.md]. So each
// path tells repeated calls apart by itself: cancel by what has ended already,
// resend by counting the invitations of the run.

// resend invites again after an invitation that came to nothing. Spark Hire has no
// call that repeats an invitation, so this is a new request, and there is none
// while the last one is open. Pressing twice makes one.
func (h *handler) resend(ctx context.Context, call inbound) (any, error) {
	last, n, err := h.lastOf(ctx, call)
	if err != nil {
		return nil, err
	}
	switch last.State {
	case ats.StateFailed, ats.StateExpired, ats.StateCanceled:
	case ats.StateCompleted:
		return nil, ats.Refuse(ats.CodeAlreadyCompleted, "", "The interview is completed. To invite the candidate once more, create a new interview.")
	case ats.StateRequested, ats.StateSending, ats.StateSent, ats.StateAccepted, ats.StateUnconfirmed:
		return nil, ats.Refuse(ats.CodeRequestPending, "", "The invitation is still open and cannot be repeated. Remind the candidate in Spark Hire, or cancel it first.")
	}
	iv, err := h.accept(ctx, call, resendKey(call, n+1), n+1)
	if err != nil {
		if r, ok := ats.AsRefusal(err); ok && r.Code == ats.CodeExpirationInPast {
			err = ats.Refuse(r.Code, r.Field, "The date of this run is in the past, and the button repeats it. Create a new interview with another date.")
		}
		return nil, err
	}
	return attributesOf(iv), nil
}

// cancel ends the invitation of the run.
func (h *handler) cancel(ctx context.Context, call inbound) (any, error) {
	last, _, err := h.lastOf(ctx, call)
	if err != nil {
		return nil, err
	}
	// Who pressed the button is not sent.
	if _, err := h.in.Cancel(ctx, last.ID, ats.User{}); err != nil {
		return nil, fmt.Errorf("cancel interview %s: %w", last.ID, err)
	}
	return struct{}{}, nil
}

// lastOf returns the newest interview of the run and how often it was sent again.
func (h *handler) lastOf(ctx context.Context, call inbound) (ats.Interview, int, error) {
	tenant, err := h.tenantOf(ctx, call)
	if err != nil {
		return ats.Interview{}, 0, err
	}
	last, err := h.in.InterviewByKey(ctx, tenant, call.key())
	if errors.Is(err, ats.ErrNotFound) {
		return last, 0, ats.Refuse(ats.CodeNotResolvable, "", "This run is not known here any more. Create a new interview from the candidate's card.")
	}
	for n := 0; ; n++ {
		if err != nil {
			return ats.Interview{}, 0, err
		}
		var next ats.Interview
		next, err = h.in.InterviewByKey(ctx, tenant, resendKey(call, n+1))
		if errors.Is(err, ats.ErrNotFound) {
			return last, n, nil
		}
		last = next
	}
}

func resendKey(call inbound, n int) string { return fmt.Sprintf("resend:%s:%d", call.result.ID(), n) }

// tenantOf returns the company of a call, which for an opaque provider key must be
// the one that the key belongs to.
func (h *handler) tenantOf(ctx context.Context, call inbound) (ats.TenantRef, error) {
	if call.credential.kind == sign.JWT && call.Company.UUID != "" {
		return call.tenant(), nil
	}
	acc, err := h.account(ctx, h.in, call.credential, call.Company, call.result.BaseURL())
	return acc.tenant, err
}
