package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// idsAtOnce is how many ids one statement asks for.
const idsAtOnce = 512

// GetInterview implements [store.Reader].
func (l Ledger) GetInterview(ctx context.Context, id string) (store.Interview, error) {
	row, err := l.q.Interview(ctx, id)
	return l.interview("get interview "+id, row, err)
}

// InterviewByKey implements [store.Reader].
func (l Ledger) InterviewByKey(ctx context.Context, connectionID, key string) (store.Interview, error) {
	row, err := l.q.InterviewByKey(ctx, connectionID, key)
	return l.interview("get interview by request key", row, err)
}

// InterviewBySparkHireID implements [store.Reader].
func (l Ledger) InterviewBySparkHireID(ctx context.Context, connectionID, id string) (store.Interview, error) {
	row, err := l.q.InterviewBySparkHireID(ctx, id, connectionID)
	return l.interview("get interview by Spark Hire id "+id, row, err)
}

func (l Ledger) interview(what string, row rows.Interview, err error) (store.Interview, error) {
	if err != nil {
		return store.Interview{}, l.dialect.found(what, err)
	}
	i, err := interviewFromRow(row)
	return i, l.dialect.Fail(what, err)
}

func (l Ledger) interviews(what string, rs []rows.Interview, err error) ([]store.Interview, error) {
	if err != nil {
		return nil, l.dialect.Fail(what, err)
	}
	is, err := interviewsFromRows(rs)
	return is, l.dialect.Fail(what, err)
}

// PersonalDataBefore implements [store.Reader].
func (l Ledger) PersonalDataBefore(ctx context.Context, t time.Time, limit int) ([]string, error) {
	ids, err := l.q.PersonalDataBefore(ctx, micros(t), clamp(limit))
	return ids, l.dialect.Fail("list interviews with personal data", err)
}

// Waiting implements [store.Reader].
func (l Ledger) Waiting(ctx context.Context, credential string, most int) (int, error) {
	n, err := l.q.Waiting(ctx, credential, clamp(most))
	return int(n), l.dialect.Fail("count waiting interviews", err)
}

// OldestWaiting implements [store.Reader].
func (l Ledger) OldestWaiting(ctx context.Context, connectionID string) (store.OldestWaiting, error) {
	var first store.OldestWaiting
	for _, state := range []ats.State{ats.StateRequested, ats.StateSending} {
		row, err := l.q.OldestInState(ctx, connectionID, string(state))
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return store.OldestWaiting{}, l.dialect.Fail("find the oldest waiting interview", err)
		}
		if since := fromMicros(row.CreatedAt); first.Since.IsZero() || since.Before(first.Since) {
			first = store.OldestWaiting{Credential: row.Credential, Since: since}
		}
	}
	return first, nil
}

// OpenBySparkHireIDs implements [store.Reader].
func (l Ledger) OpenBySparkHireIDs(ctx context.Context, connectionID string, ids []string) (map[string]store.Interview, error) {
	const what = "find interviews by Spark Hire ids"
	found := make(map[string]store.Interview)
	err := l.bySparkHireIDs(ctx, ids, func(ofConnection, id, sparkHireID string) error {
		if other, ok := found[sparkHireID]; ofConnection != connectionID || ok && other.ID < id {
			return nil
		}
		row, err := l.q.Interview(ctx, id)
		if err != nil {
			return err
		}
		i, err := interviewFromRow(row)
		found[sparkHireID] = i
		return err
	})
	if err != nil {
		return nil, l.dialect.Fail(what, err)
	}
	return found, nil
}

// bySparkHireIDs calls f with the connection, id and Spark Hire id of every
// interview that has one of the Spark Hire ids.
func (l Ledger) bySparkHireIDs(ctx context.Context, ids []string, f func(connectionID, id, sparkHireID string) error) error {
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		found, err := l.findBySparkHireIDs(ctx, chunk)
		if err != nil {
			return err
		}
		for _, row := range found {
			if err := f(row[0], row[1], row[2]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l Ledger) findBySparkHireIDs(ctx context.Context, ids []string) (found [][3]string, err error) {
	// A power of two of them, the last one repeated: few texts to parse.
	args := make([]any, 1<<bits.Len(uint(len(ids)-1)))
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	rs, err := l.db.QueryContext(ctx, `SELECT connection_id, id, spark_hire_id FROM sparkbridge_interviews
WHERE spark_hire_id <> '' AND spark_hire_id IN (`+placeholders(len(args))+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rs.Err(), rs.Close()) }()
	for rs.Next() {
		var row [3]string
		if err := rs.Scan(&row[0], &row[1], &row[2]); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, nil
}

// Interview implements [store.Tx].
func (t *Tx) Interview(ctx context.Context, id string) (store.Interview, error) {
	return t.GetInterview(ctx, id)
}

// SaveInterview implements [store.Tx].
func (t *Tx) SaveInterview(ctx context.Context, i store.Interview) error {
	what := "save interview " + i.ID
	row, err := interviewToRow(i)
	if err != nil {
		return t.dialect.Fail(what, err)
	}
	n, err := t.q.UpdateInterview(ctx, rows.UpdateInterviewParams{
		RequestDigest: row.RequestDigest, ScopeKey: row.ScopeKey, State: row.State, Revision: row.Revision,
		Adapter: row.Adapter, Tenant: row.Tenant, Type: row.Type, Origin: row.Origin, CandidateID: row.CandidateID,
		Candidate: row.Candidate, JobID: row.JobID, Job: row.Job, SparkHireID: row.SparkHireID, SparkHire: row.SparkHire,
		Schedule: row.Schedule, Message: row.Message, RequestedBy: row.RequestedBy, RequestedForID: row.RequestedForID,
		RequestedFor: row.RequestedFor, Remarks: row.Remarks, ReplyTo: row.ReplyTo, Credential: row.Credential,
		Attempt: row.Attempt, AttemptAt: row.AttemptAt, NextAt: row.NextAt, CancelBy: row.CancelBy, CancelAt: row.CancelAt,
		SparkHireScheduledAt: row.SparkHireScheduledAt, RatingDigest: row.RatingDigest, Acknowledged: row.Acknowledged,
		ReportedRevision: row.ReportedRevision, UpdatedAt: row.UpdatedAt, CompletedAt: row.CompletedAt,
		EndedAt: row.EndedAt, ErasedAt: row.ErasedAt, ID: row.ID,
	})
	if err != nil || n == 1 {
		if !i.ErasedAt.IsZero() {
			t.erases()
		}
		return t.dialect.Fail(what, err)
	}
	stored, err := t.q.InterviewRevision(ctx, i.ID)
	if err != nil {
		return t.dialect.found(what, err)
	}
	return fmt.Errorf("%s: revision %d does not follow revision %d: %w", what, i.Revision, stored, ats.ErrConflict)
}

// Due implements [store.Tx].
func (t *Tx) Due(ctx context.Context, p store.DueParams) ([]store.Interview, error) {
	rs, err := t.q.Due(ctx, rows.DueParams{Credential: p.Credential, Now: micros(p.Now), Most: clamp(p.Limit)})
	return t.interviews("list due interviews", rs, err)
}

// NextDue implements [store.Tx].
func (t *Tx) NextDue(ctx context.Context, credential string) (time.Time, error) {
	at, err := t.q.NextDue(ctx, credential)
	if none(err) {
		return time.Time{}, nil
	}
	return fromMicros(at), t.dialect.Fail("find the next due interview", err)
}

// KnownSparkHireIDs implements [store.Tx].
func (t *Tx) KnownSparkHireIDs(ctx context.Context, ids []string) (map[string]bool, error) {
	const what = "find known Spark Hire ids"
	// Nobody else gives one of them to an interview before this transaction ends.
	names := make([]string, len(ids))
	for n, id := range ids {
		names[n] = "spark hire interview " + id
	}
	if err := t.lockAbsent(ctx, names...); err != nil {
		return nil, t.dialect.Fail(what, err)
	}
	known := make(map[string]bool)
	err := t.bySparkHireIDs(ctx, ids, func(_, _, sparkHireID string) error {
		known[sparkHireID] = true
		return nil
	})
	return known, t.dialect.Fail(what, err)
}

// MoveCredential implements [store.Tx].
func (t *Tx) MoveCredential(ctx context.Context, p store.MoveCredentialParams) error {
	err := t.q.MoveCredential(ctx, rows.MoveCredentialParams{
		ConnectionID: p.ConnectionID, RequestedForID: p.UserID, Credential: p.To,
	})
	return t.dialect.Fail("move interviews to another credential", err)
}

// CandidateInterviews implements [store.Tx].
func (t *Tx) CandidateInterviews(ctx context.Context, connectionID, candidateID string) ([]store.Interview, error) {
	rs, err := t.q.CandidateInterviews(ctx, candidateID, connectionID)
	return t.interviews("list interviews of candidate "+candidateID, rs, err)
}

// placeholders returns "$1, $2, …", n of them.
func placeholders(n int) string {
	ps := make([]string, n)
	for i := range ps {
		ps[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(ps, ", ")
}
