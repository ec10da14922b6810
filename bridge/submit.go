package bridge

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Submit accepts a request: see [ats.Inbox]. It is durable when it returns nil.
func (b *Bridge) Submit(ctx context.Context, r ats.Request) (ats.Interview, error) {
	a, first, err := b.prepare(ctx, r, b.readyLink)
	if err != nil || first != nil {
		return deref(first), b.namedFor(ctx, r.Tenant, err)
	}
	done, err := b.store.Accept(ctx, a)
	i, err := b.accepted(done, err)
	return i, b.namedFor(ctx, r.Tenant, err)
}

// SubmitTx is [Bridge.Submit] inside a transaction that the caller began on the
// same database and will commit: the request counts when, and only if, the
// caller commits. After a *[ats.Refusal] the transaction can go on; after any other
// error it should be rolled back.
//
// The transaction must be one that the store takes: see WithTx of packages sqlite and
// postgres. On PostgreSQL another isolation level than READ COMMITTED, the default,
// matches [ats.ErrInvalid].
//
// What only the ATS can check is asked before anything is written, but while the
// transaction is open. An [ats.RequestChecker] that looks into the caller's own
// database does not see what the transaction has written, and must not use the
// handle on which it was begun: on SQLite that has one connection, and both would
// wait for ever.
func (b *Bridge) SubmitTx(ctx context.Context, tx *sql.Tx, r ats.Request) (ats.Interview, error) {
	a, first, err := b.prepare(ctx, r, b.readyLink)
	if err != nil || first != nil {
		return deref(first), b.namedFor(ctx, r.Tenant, err)
	}
	done, err := b.store.WithTx(tx).Accept(ctx, a)
	i, err := b.accepted(done, err)
	return i, b.namedFor(ctx, r.Tenant, err)
}

// prepare checks a request and makes it ready to be stored. When the request
// cannot be accepted any more but was before, it returns the first interview.
func (b *Bridge) prepare(ctx context.Context, r ats.Request, link linkReader) (store.Acceptance, *ats.Interview, error) {
	adapter, err := b.adapter(r.Tenant.Adapter)
	if err != nil {
		return store.Acceptance{}, nil, fmt.Errorf("submit: %w", err)
	}
	conn, err := b.tenant(ctx, r.Tenant)
	if err != nil {
		if errors.Is(err, ats.ErrNotFound) {
			err = ats.Refuse(ats.CodeNotConnected, "", "Spark Hire is not connected for this account. An administrator can activate the integration.")
		}
		return store.Acceptance{}, nil, err
	}
	now := b.now()
	policy := ats.PolicyFor(adapter, conn.seen)
	full, err := b.admit(ctx, adapter, policy, conn, r, now, link)
	if err != nil {
		if first := b.earlier(ctx, conn.row.ID, r.Key); first != nil {
			return store.Acceptance{}, first, nil
		}
		return store.Acceptance{}, nil, err
	}
	i := store.Interview{
		Interview: ats.Interview{
			ID: newID(), ConnectionID: conn.row.ID, Tenant: r.Tenant,
			State: ats.StateRequested, Revision: 1, Type: full.Type, Origin: full.Origin,
			Candidate: full.Candidate, Job: full.Job,
			SparkHire: ats.SparkHire{JobID: full.SparkHireJobID, QuestionSetID: full.QuestionSetID},
			Schedule:  full.Schedule, Message: full.Message,
			RequestedBy: full.RequestedBy, CreatedAt: now, UpdatedAt: now,
		},
		RequestKey: full.Key, RequestDigest: digestOf(r), ScopeKey: scopeKey(policy.Scope, full),
		ReplyTo: full.ReplyTo, NextAt: now,
	}
	for _, u := range conn.row.Users {
		if u.ID == full.RequestedFor {
			i.Credential = u.Credential
			i.RequestedFor = ats.User{ID: u.ID, Name: u.Name}
		}
	}
	if err := refuseOnV2(i.Credential, i.Type, i.SparkHire.QuestionSetID); err != nil {
		if first := b.earlier(ctx, conn.row.ID, r.Key); first != nil {
			return store.Acceptance{}, first, nil
		}
		return store.Acceptance{}, nil, err
	}
	accept := store.Acceptance{
		Event:            requestedEvent(i, now),
		DeclinePending:   policy.WhilePending == ats.Decline,
		DeclineCompleted: policy.AfterCompleted == ats.Decline,
		NoticePending:    noticeOf(policy.WhilePending, ats.CodeRequestPending, "There is an interview already that has not ended."),
		NoticeCompleted:  noticeOf(policy.AfterCompleted, ats.CodeAlreadyCompleted, "The candidate has completed an interview already."),
	}
	if i.Message != "" && onV2(i.Credential) {
		i.Notice = &ats.Reason{Code: codeMessageNotSent, Message: "Spark Hire's newer API, which this account uses, takes no message: the candidate does not get yours."}
		for _, n := range []*ats.Reason{accept.NoticePending, accept.NoticeCompleted} {
			if n != nil {
				n.Message += " " + i.Notice.Message
			}
		}
	}
	accept.Interview = i
	return accept, nil, nil
}

// codeMessageNotSent is the notice of an interview whose message stays here.
const codeMessageNotSent ats.Code = "message_not_sent"

// noticeOf returns what a request is told that meets an earlier one and may go on.
func noticeOf(a ats.Answer, code ats.Code, text string) *ats.Reason {
	if a != ats.AllowWithNotice {
		return nil
	}
	return &ats.Reason{Code: code, Message: text}
}

// admit checks a request against the rules, in the order in which a person can do
// something about them, and completes it.
func (b *Bridge) admit(ctx context.Context, a ats.Adapter, p ats.Policy, conn cachedConnection, r ats.Request, now time.Time, link linkReader) (ats.Request, error) {
	if err := ats.Gate(a, conn.seen); err != nil {
		return r, err
	}
	if conn.seen.Connected && conn.seen.Enabled {
		// Who lacks a key can do nothing about the job.
		if p.ActorKey == ats.KeyOwn && !r.RequestedBy.IsZero() && !linkedUser(conn.seen, r.RequestedBy) {
			return r, ats.Refuse(ats.CodeUserNotLinked, "requested_for", "This recruiter has no Spark Hire key in the integration's settings. An administrator can add one.")
		}
		var err error
		if r, err = resolveLink(ctx, p, conn.seen, r, link); err != nil {
			return r, err
		}
		if p.PrimaryUser == ats.Required && !linked(conn.row, conn.row.PrimaryUser) {
			return r, ats.Refuse(ats.CodePrimaryUserRequired, "", "The integration has no primary user. An administrator can choose one.")
		}
	}
	if p.ActorKey == ats.KeyPrimary {
		r.RequestedFor = conn.row.PrimaryUser
	}
	full, err := p.Admit(conn.seen, r, now)
	if err != nil {
		return full, err
	}
	if checker, ok := a.(ats.RequestChecker); ok {
		err = checker.Check(ctx, conn.seen, full)
	}
	return full, err
}

// earlier returns the interview that the key made before, if it did.
func (b *Bridge) earlier(ctx context.Context, connectionID, key string) *ats.Interview {
	if key == "" {
		return nil
	}
	row, err := b.store.InterviewByKey(ctx, connectionID, key)
	if err != nil {
		return nil
	}
	row.Interview.Repeated = true
	return &row.Interview
}

func (b *Bridge) accepted(done store.Accepted, err error) (ats.Interview, error) {
	switch {
	case err != nil:
		return ats.Interview{}, fmt.Errorf("submit: %w", err)
	case done.Blocked && done.Interview.State == ats.StateCompleted:
		return ats.Interview{}, ats.Refuse(ats.CodeAlreadyCompleted, "candidate.id", "This candidate has already completed this interview.")
	case done.Blocked:
		return ats.Interview{}, ats.Refuse(ats.CodeRequestPending, "candidate.id", "This candidate already has this invitation and has not finished it. Cancel it first to send another.")
	}
	i := done.Interview.Interview
	i.Repeated = done.Repeated
	return i, nil
}

// scopeKey is equal for requests that count as the same.
func scopeKey(s ats.Scope, r ats.Request) string {
	parts := []string{r.Candidate.ID}
	if s != ats.ScopeCandidate {
		parts = append(parts, r.Job.ID)
	}
	if s == ats.ScopeTerms {
		parts = append(parts, string(r.Type), r.SparkHireJobID, r.QuestionSetID, r.RequestedFor)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// digestOf tells requests apart without keeping them.
func digestOf(r ats.Request) string {
	text, err := json.Marshal([]any{
		r.Type, r.Candidate.ID, r.Candidate.FirstName, r.Candidate.LastName, r.Candidate.Email,
		r.Candidate.DoNotEmail, r.Job.ID, r.Job.Title, r.SparkHireJobID, r.QuestionSetID,
		r.Schedule.Date.String(), r.Schedule.String(), r.Message, r.RequestedBy.ID, r.RequestedFor,
	})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func deref(i *ats.Interview) ats.Interview {
	if i == nil {
		return ats.Interview{}
	}
	return *i
}
