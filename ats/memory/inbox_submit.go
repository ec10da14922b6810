package memory

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Submit implements [ats.Inbox]. A tenant without a connection is refused with
// [ats.CodeNotConnected]. The job link and the primary user come from
// [Inbox.LinkJob] and [Inbox.SetPrimaryUser]; an adapter that is an
// [ats.RequestChecker] is asked before anything is kept.
func (i *Inbox) Submit(ctx context.Context, r ats.Request) (ats.Interview, error) {
	if err := i.begin(ctx); err != nil {
		return ats.Interview{}, err
	}
	if iv := i.byKey(r.Tenant, r.Key); iv != nil && r.Key != "" {
		defer i.mu.Unlock()
		return iv.repeated(), nil
	}
	c, admitted, policy, err := i.admit(r)
	checker, _ := i.adapters[r.Tenant.Adapter].(ats.RequestChecker)
	i.mu.Unlock()
	if err != nil {
		return ats.Interview{}, policy.Name(err)
	}
	if checker != nil { // without the lock: it may call the ATS
		if err := checker.Check(ctx, c, admitted); err != nil {
			return ats.Interview{}, err
		}
	}

	i.mu.Lock()
	defer i.mu.Unlock()
	if iv := i.byKey(r.Tenant, r.Key); iv != nil {
		return iv.repeated(), nil
	}
	c, admitted, policy, err = i.admit(r) // once more: things may have changed meanwhile
	if err != nil {
		return ats.Interview{}, policy.Name(err)
	}
	notice, err := i.meets(policy, admitted)
	if err != nil {
		return ats.Interview{}, policy.Name(err)
	}
	return i.accept(c, admitted, notice), nil
}

// admit applies the policy, with what only the engine knows. Callers hold i.mu.
func (i *Inbox) admit(r ats.Request) (ats.Connection, ats.Request, ats.Policy, error) {
	policy, err := i.policy(r.Tenant)
	if err != nil {
		return ats.Connection{}, r, policy, fmt.Errorf("submit request %q: %w", r.Key, err)
	}
	c := i.find(r.Tenant)
	if c == nil {
		return ats.Connection{}, r, policy, ats.Refuse(ats.CodeNotConnected, "", "The Spark Hire integration is not connected. An administrator can activate it.")
	}
	if err := ats.Gate(i.adapters[r.Tenant.Adapter], i.view(c)); err != nil {
		return ats.Connection{}, r, policy, err
	}
	if r.Type == "" && len(policy.Types) > 0 {
		r.Type = policy.Types[0]
	}
	if policy.JobLink != ats.Forbidden && r.Job.ID != "" {
		link, linked := c.link(r.Job.ID)
		if !linked && policy.JobLink == ats.Required {
			return ats.Connection{}, r, policy, ats.Refuse(ats.CodeJobNotLinked, "job.id", "This job is not linked to a Spark Hire job yet. Link it and try again.")
		}
		if r.SparkHireJobID == "" {
			r.SparkHireJobID = link.SparkHireJobID
		}
		if r.QuestionSetID == "" && policy.QuestionSet[r.Type] != ats.Forbidden {
			r.QuestionSetID = link.QuestionSetID
		}
	}
	if policy.ActorKey == ats.KeyPrimary {
		r.RequestedFor = c.primary
	}
	if u, ok := c.User(c.primary); policy.PrimaryUser == ats.Required && (!ok || !u.Linked) {
		return ats.Connection{}, r, policy, ats.Refuse(ats.CodePrimaryUserRequired, "", "The integration has no primary user. An administrator can choose one.")
	}
	view := i.view(c)
	r, err = policy.Admit(view, r, i.now())
	return view, r, policy, err
}

// meets answers a request that meets an earlier one. Callers hold i.mu.
func (i *Inbox) meets(policy ats.Policy, r ats.Request) (*ats.Reason, error) {
	var pending, completed bool
	for _, iv := range i.interviews {
		if iv.erased || !sameScope(policy.Scope, iv, r) {
			continue
		}
		pending = pending || iv.State.Pending()
		completed = completed || iv.State == ats.StateCompleted
	}
	rules := []struct {
		met     bool
		answer  ats.Answer
		code    ats.Code
		message string
	}{
		{pending, policy.WhilePending, ats.CodeRequestPending, "There is an interview already that has not ended."},
		{completed, policy.AfterCompleted, ats.CodeAlreadyCompleted, "The candidate has completed an interview already."},
	}
	for _, rule := range rules {
		switch {
		case !rule.met || rule.answer == ats.Allow:
		case rule.answer == ats.AllowWithNotice:
			return &ats.Reason{Code: rule.code, Message: rule.message}, nil
		default:
			return nil, ats.Refuse(rule.code, "", rule.message)
		}
	}
	return nil, nil
}

// sameScope reports whether an interview counts as the same as the request.
func sameScope(s ats.Scope, iv *interview, r ats.Request) bool {
	same := iv.Tenant == r.Tenant && iv.Candidate.ID == r.Candidate.ID
	if s >= ats.ScopeCandidateJob {
		same = same && iv.Job.ID == r.Job.ID
	}
	if s >= ats.ScopeTerms {
		same = same && iv.Type == r.Type && iv.SparkHire.JobID == r.SparkHireJobID &&
			iv.SparkHire.QuestionSetID == r.QuestionSetID && iv.RequestedFor.ID == r.RequestedFor
	}
	return same
}

// accept keeps the request as a new interview. Callers hold i.mu.
func (i *Inbox) accept(c ats.Connection, r ats.Request, notice *ats.Reason) ats.Interview {
	now := i.now().UTC()
	r = cloneRequest(r)
	r.Candidate.Raw, r.Job.Raw = nil, nil
	host, _ := c.User(r.RequestedFor)
	iv := &interview{
		key:     r.Key,
		request: r,
		Interview: ats.Interview{
			ID:           fmt.Sprintf("interview-%d", len(i.interviews)+1),
			ConnectionID: c.ID,
			Tenant:       r.Tenant,
			State:        ats.StateRequested,
			Type:         r.Type,
			Origin:       r.Origin,
			Candidate:    r.Candidate,
			Job:          r.Job,
			SparkHire:    ats.SparkHire{JobID: r.SparkHireJobID, QuestionSetID: r.QuestionSetID},
			Schedule:     r.Schedule,
			Message:      r.Message,
			RequestedBy:  r.RequestedBy,
			RequestedFor: host,
			Notice:       notice,
			CreatedAt:    now,
		},
	}
	iv.add(ats.EventRequested, now, requestedText(r), r.RequestedBy.ID)
	i.interviews = append(i.interviews, iv)
	return iv.view()
}

// requestedText is the timeline's first line, with how the schedule came about.
func requestedText(r ats.Request) string {
	parts := []string{fmt.Sprintf("%s requested, %s", r.Type.Label(), r.Schedule)}
	for _, s := range []string{r.Schedule.Derivation, r.Schedule.Note} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "; ")
}

// repeated returns the interview as a repeated call sees it. Callers hold i.mu.
func (v *interview) repeated() ats.Interview {
	c := v.view()
	c.Repeated = true
	return c
}

// InterviewByKey implements [ats.Inbox].
func (i *Inbox) InterviewByKey(ctx context.Context, tenant ats.TenantRef, key string) (ats.Interview, error) {
	if err := i.begin(ctx); err != nil {
		return ats.Interview{}, err
	}
	defer i.mu.Unlock()
	if iv := i.byKey(tenant, key); iv != nil {
		return iv.view(), nil
	}
	return ats.Interview{}, fmt.Errorf("find interview of %s by key: %w", tenant, ats.ErrNotFound)
}

// OpenInterviews implements [ats.Inbox].
func (i *Inbox) OpenInterviews(ctx context.Context, tenant ats.TenantRef, candidate ats.CandidateRef) ([]ats.Interview, error) {
	if err := i.begin(ctx); err != nil {
		return nil, err
	}
	defer i.mu.Unlock()
	open := []ats.Interview{}
	for _, iv := range i.interviews {
		if iv.Tenant == tenant && iv.Candidate.ID == candidate.ID && !iv.State.Ended() {
			open = append(open, iv.view())
		}
	}
	return open, nil
}

// Cancel implements [ats.Inbox]. It refuses what has ended otherwise, and every
// interview where the policy has no cancel.
func (i *Inbox) Cancel(ctx context.Context, interviewID string, by ats.User) (ats.Interview, error) {
	if err := i.begin(ctx); err != nil {
		return ats.Interview{}, err
	}
	defer i.mu.Unlock()
	iv, err := i.byID(interviewID)
	if err != nil {
		return ats.Interview{}, err
	}
	policy, err := i.policy(iv.Tenant)
	if err != nil {
		return ats.Interview{}, err
	}
	switch {
	case iv.State == ats.StateCanceled:
		return iv.view(), nil
	case policy.Cancel == ats.Forbidden || iv.State.Ended():
		return ats.Interview{}, ats.Refuse(ats.CodeNotCancelable, "", "This interview cannot be canceled any more.")
	}
	iv.end(i.now().UTC(), ats.EventCanceled, "canceled", "Canceled by a recruiter.", by.ID)
	return iv.view(), nil
}

// end cancels the interview. Callers hold i.mu.
func (v *interview) end(at time.Time, kind ats.EventKind, code ats.Code, text, actor string) {
	v.State = ats.StateCanceled
	v.Reason = &ats.Reason{Code: code, Message: text}
	v.add(kind, at, text, actor)
}

// UpdateCandidate implements [ats.Inbox].
func (i *Inbox) UpdateCandidate(ctx context.Context, tenant ats.TenantRef, c ats.Candidate) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	defer i.mu.Unlock()
	for _, iv := range i.interviews {
		if iv.Tenant != tenant || iv.Candidate.ID != c.ID || iv.erased || iv.State.Ended() {
			continue
		}
		iv.Candidate.FirstName = cmp.Or(c.FirstName, iv.Candidate.FirstName)
		iv.Candidate.LastName = cmp.Or(c.LastName, iv.Candidate.LastName)
		iv.Candidate.Email = cmp.Or(c.Email, iv.Candidate.Email)
	}
	return nil
}

// Erase implements [ats.Inbox].
func (i *Inbox) Erase(ctx context.Context, ref ats.CandidateRef) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	defer i.mu.Unlock()
	for _, iv := range i.interviews {
		if iv.erased || iv.Tenant != ref.Tenant || iv.Candidate.ID != ref.ID {
			continue
		}
		iv.erased = true
		iv.Candidate = ats.Candidate{ID: ref.ID}
		iv.Message, iv.SparkHire.WatchURL, iv.SparkHire.ShareURL = "", "", ""
		iv.request.Candidate, iv.request.Message = iv.Candidate, ""
		const text = "The candidate's personal data was erased."
		if iv.State.Ended() {
			iv.add(ats.EventErased, i.now().UTC(), text, "")
		} else {
			iv.end(i.now().UTC(), ats.EventErased, "erased", text, "")
		}
	}
	return nil
}
