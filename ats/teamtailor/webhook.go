package teamtailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// replyTo is the address for reports on an interview: [ats.Request.ReplyTo].
type replyTo struct {
	UpdateURL string `json:"update_url"`
	// Resend counts the presses of the button that made this interview; 0 for the
	// first one.
	Resend int `json:"resend,omitempty"`
}

// webhook accepts a trigger. What can be told from the call alone is refused at
// once, because only then does the recruiter read it at once; whatever needs
// Spark Hire is reported later. The request is durable when the answer goes out:
// Teamtailor delivers no call a second time [documented: docs/vendors/teamtailor.md].
func (h *handler) webhook(ctx context.Context, call inbound) (any, error) {
	iv, err := h.accept(ctx, call, call.key(), 0)
	if err != nil {
		return nil, err
	}
	return attributesOf(iv), nil
}

// accept applies the rules to the call, connects the company if its credential is
// new, and submits the request under the key.
func (h *handler) accept(ctx context.Context, call inbound, key string, resend int) (ats.Interview, error) {
	acc, err := h.account(ctx, h.in, call.credential, call.Company, call.result.BaseURL())
	if err != nil {
		return ats.Interview{}, err
	}
	r, err := terms{
		origin:    call.Event.origin(),
		candidate: minimal(candidateFromEvent(call.Event.Candidate), acc.settings),
		form:      call.Event.Data,
		users:     acc.users,
		zone:      acc.conn.TimeZone,
		settings:  acc.settings,
		now:       h.now(),
	}.request()
	if err != nil {
		return h.known(ctx, acc.tenant, key, err)
	}
	r.Tenant, r.Key = acc.tenant, key
	r.Job = jobFromEvent(call.Event.Candidate.Job)
	r.ReplyTo, err = json.Marshal(replyTo{UpdateURL: call.result.String(), Resend: resend})
	if err != nil {
		return ats.Interview{}, fmt.Errorf("encode address for reports: %w", err)
	}
	conn, err := h.connect(ctx, h.in, acc, call.token)
	if err != nil {
		return ats.Interview{}, err
	}
	if conn.Connected {
		h.remember(ctx, conn, secretCompanyToken, call.token)
		h.remember(ctx, conn, secretAPIURL, call.result.BaseURL())
	}
	if err := h.declineRepeat(ctx, r, acc.settings); err != nil {
		return h.known(ctx, acc.tenant, key, err)
	}
	iv, err := h.in.Submit(ctx, r)
	if err == nil {
		h.log.InfoContext(ctx, "accept request", "event", call.id, "interview", iv, "origin", string(r.Origin), "repeated", iv.Repeated)
	}
	return iv, err
}

// known returns the interview that an earlier call with the key has made, so that a
// repeated call is answered as the first one even if it would be refused by now;
// else the refusal itself.
func (h *handler) known(ctx context.Context, tenant ats.TenantRef, key string, refusal error) (ats.Interview, error) {
	iv, err := h.in.InterviewByKey(ctx, tenant, key)
	switch {
	case err == nil:
		return iv, nil
	case errors.Is(err, ats.ErrNotFound):
		return ats.Interview{}, refusal
	}
	return ats.Interview{}, err
}

// declineRepeat refuses a second request where the deployment would allow it and the
// connection's settings do not. Two calls at the same moment can both pass: the
// deployment's own rule, which is the default, knows no such gap.
func (h *handler) declineRepeat(ctx context.Context, r ats.Request, s Settings) error {
	if !h.cfg.AllowRepeat || s.AllowRepeat == nil || *s.AllowRepeat {
		return nil
	}
	open, err := h.in.OpenInterviews(ctx, r.Tenant, ats.CandidateRef{Tenant: r.Tenant, ID: r.Candidate.ID})
	if err != nil {
		return err
	}
	same := func(iv ats.Interview) bool {
		return iv.Job.ID == r.Job.ID && iv.Type == r.Type && iv.SparkHire.JobID == r.SparkHireJobID &&
			iv.SparkHire.QuestionSetID == r.QuestionSetID && iv.RequestedFor.ID == r.RequestedFor
	}
	if !slices.ContainsFunc(open, same) {
		return nil
	}
	return ats.Refuse(ats.CodeRequestPending, "", "The candidate has an open invitation to the same interview. Cancel it first, or wait until it has ended.")
}

// responseBody is an answer that also updates the partner result. Only status,
// score, details and attachments are read on this path
// [documented: docs/vendors/teamtailor.md]; the status is left alone, because a
// report may overtake this answer.
type responseBody struct {
	Attributes struct {
		Details map[string]string `json:"details"`
	} `json:"partner_result_attributes"`
}

func attributesOf(iv ats.Interview) responseBody {
	var body responseBody
	body.Attributes.Details = detailsOf(iv)
	return body
}
