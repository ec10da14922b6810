package ledger

import (
	"context"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// GetJobLink implements [store.Reader].
func (l Ledger) GetJobLink(ctx context.Context, k store.JobLinkKey) (store.JobLink, error) {
	row, err := l.q.JobLink(ctx, k.ConnectionID, k.JobID)
	if err != nil {
		return store.JobLink{}, l.dialect.found("get link of job "+k.JobID, err)
	}
	return jobLinkFromRow(row), nil
}

// ListJobLinks implements [store.Reader].
func (l Ledger) ListJobLinks(ctx context.Context, connectionID string) ([]store.JobLink, error) {
	found, err := l.q.JobLinks(ctx, connectionID)
	if err != nil {
		return nil, l.dialect.Fail("list job links of connection "+connectionID, err)
	}
	links := make([]store.JobLink, len(found))
	for n, row := range found {
		links[n] = jobLinkFromRow(row)
	}
	return links, nil
}

// JobLink implements [store.Tx].
func (t *Tx) JobLink(ctx context.Context, k store.JobLinkKey) (store.JobLink, error) {
	row, err := locked(ctx, t, "job link "+k.ConnectionID+" "+k.JobID, func() (rows.JobLink, error) {
		return t.q.JobLink(ctx, k.ConnectionID, k.JobID)
	})
	if err != nil {
		return store.JobLink{}, t.dialect.found("get link of job "+k.JobID, err)
	}
	return jobLinkFromRow(row), nil
}

// SaveJobLink implements [store.Tx].
func (t *Tx) SaveJobLink(ctx context.Context, l store.JobLink) error {
	err := t.q.SaveJobLink(ctx, rows.SaveJobLinkParams{
		ConnectionID: l.ConnectionID, JobID: l.JobID, Title: l.Title,
		SparkHireJobID: l.SparkHireJobID, QuestionSetID: l.QuestionSetID,
		State: string(l.State), Marker: l.Marker, Credential: l.Credential, AttemptAt: micros(l.AttemptAt),
		CreatedAt: micros(l.CreatedAt), UpdatedAt: micros(l.UpdatedAt),
	})
	return t.dialect.Fail("save link of job "+l.JobID, err)
}

// DeleteJobLink implements [store.Tx].
func (t *Tx) DeleteJobLink(ctx context.Context, k store.JobLinkKey) error {
	return t.dialect.Fail("delete link of job "+k.JobID, t.q.DeleteJobLink(ctx, k.ConnectionID, k.JobID))
}

// UnfinishedInterviews implements [store.Reader].
func (l Ledger) UnfinishedInterviews(ctx context.Context, p store.UnfinishedParams) ([]string, error) {
	ids, err := l.q.UnfinishedInterviews(ctx, p.ConnectionID, p.UserID)
	return ids, l.dialect.Fail("list unfinished interviews of user "+p.UserID, err)
}

func jobLinkFromRow(row rows.JobLink) store.JobLink {
	return store.JobLink{
		ConnectionID: row.ConnectionID, JobID: row.JobID, Title: row.Title,
		SparkHireJobID: row.SparkHireJobID, QuestionSetID: row.QuestionSetID,
		State: store.JobLinkState(row.State), Marker: row.Marker, Credential: row.Credential, AttemptAt: fromMicros(row.AttemptAt),
		CreatedAt: fromMicros(row.CreatedAt), UpdatedAt: fromMicros(row.UpdatedAt),
	}
}
