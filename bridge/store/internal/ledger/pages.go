package ledger

import (
	"context"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// Pages have 50 records unless asked for more or fewer, and never more than 200.
const (
	pageDefault = 50
	pageMost    = 200
)

// pageSize returns how many records a page has.
func pageSize(limit int) int {
	if limit <= 0 {
		return pageDefault
	}
	return min(limit, pageMost)
}

// ListInterviews implements [store.Reader].
func (l Ledger) ListInterviews(ctx context.Context, p store.ListInterviewsParams) ([]store.Interview, string, error) {
	const what = "list interviews"
	from := newest()
	if p.Cursor != "" {
		var err error
		if from, err = parseCursor(listInterviews, p.Cursor); err != nil {
			return nil, "", fmt.Errorf("%s: %w", what, err)
		}
	}
	size := pageSize(p.Limit)
	rs, err := l.page(ctx, p, from, clamp(size+1)) // one more tells whether there is a next page
	if err != nil {
		return nil, "", l.dialect.Fail(what, err)
	}
	next := ""
	if len(rs) > size {
		rs = rs[:size]
		next = cursor{at: rs[size-1].CreatedAt, id: rs[size-1].ID}.format(listInterviews)
	}
	is, err := interviewsFromRows(rs)
	return is, next, l.dialect.Fail(what, err)
}

// page chooses the query whose index leads with the most telling filter.
func (l Ledger) page(ctx context.Context, p store.ListInterviewsParams, from cursor, most int32) ([]rows.Interview, error) {
	state := string(p.State)
	switch {
	case p.CandidateID != "" && p.ConnectionID != "":
		return l.q.PageOfCandidate(ctx, rows.PageOfCandidateParams{
			CandidateID: p.CandidateID, ConnectionID: p.ConnectionID, JobID: p.JobID, State: state,
			BeforeAt: from.at, BeforeID: from.id, Most: most,
		})
	case p.CandidateID != "":
		return l.q.PageOfCandidateAnywhere(ctx, rows.PageOfCandidateAnywhereParams{
			CandidateID: p.CandidateID, JobID: p.JobID, State: state, BeforeAt: from.at, BeforeID: from.id, Most: most,
		})
	case p.JobID != "" && p.ConnectionID != "":
		return l.q.PageOfJob(ctx, rows.PageOfJobParams{
			JobID: p.JobID, ConnectionID: p.ConnectionID, State: state, BeforeAt: from.at, BeforeID: from.id, Most: most,
		})
	case p.JobID != "":
		return l.q.PageOfJobAnywhere(ctx, rows.PageOfJobAnywhereParams{
			JobID: p.JobID, State: state, BeforeAt: from.at, BeforeID: from.id, Most: most,
		})
	case p.ConnectionID != "" && state != "":
		return l.q.PageOfState(ctx, rows.PageOfStateParams{
			ConnectionID: p.ConnectionID, State: state, BeforeAt: from.at, BeforeID: from.id, Most: most,
		})
	case p.ConnectionID != "":
		return l.q.PageOfConnection(ctx, rows.PageOfConnectionParams{
			ConnectionID: p.ConnectionID, BeforeAt: from.at, BeforeID: from.id, Most: most,
		})
	default:
		return l.q.PageOfAll(ctx, rows.PageOfAllParams{State: state, BeforeAt: from.at, BeforeID: from.id, Most: most})
	}
}

// ListConnections implements [store.Reader].
func (l Ledger) ListConnections(ctx context.Context, p store.ListConnectionsParams) ([]store.Connection, string, error) {
	const what = "list connections"
	from := oldest()
	if p.Cursor != "" {
		var err error
		if from, err = parseCursor(listConnections, p.Cursor); err != nil {
			return nil, "", fmt.Errorf("%s: %w", what, err)
		}
	}
	size := pageSize(p.Limit)
	var (
		rs  []rows.Connection
		err error
	)
	if p.Adapter != "" {
		rs, err = l.q.PageOfAdapterConnections(ctx, rows.PageOfAdapterConnectionsParams{
			Adapter: p.Adapter, Connected: bit(p.ConnectedOnly), AfterAt: from.at, AfterID: from.id, Most: clamp(size + 1),
		})
	} else {
		rs, err = l.q.PageOfConnections(ctx, rows.PageOfConnectionsParams{
			Connected: bit(p.ConnectedOnly), AfterAt: from.at, AfterID: from.id, Most: clamp(size + 1),
		})
	}
	if err != nil {
		return nil, "", l.dialect.Fail(what, err)
	}
	next := ""
	if len(rs) > size {
		rs = rs[:size]
		next = cursor{at: rs[size-1].CreatedAt, id: rs[size-1].ID}.format(listConnections)
	}
	var cs []store.Connection
	for _, row := range rs {
		c, err := l.connection(ctx, what, row, nil)
		if err != nil {
			return nil, "", err
		}
		cs = append(cs, c)
	}
	return cs, next, nil
}

// ListDeliveries implements [store.Reader].
func (l Ledger) ListDeliveries(ctx context.Context, p store.ListDeliveriesParams) ([]store.Delivery, string, error) {
	const what = "list deliveries"
	if p.State == "" {
		return nil, "", fmt.Errorf("%s: a state is needed: %w", what, ats.ErrInvalid)
	}
	from := oldest()
	if p.Cursor != "" {
		var err error
		if from, err = parseCursor(listDeliveries, p.Cursor); err != nil {
			return nil, "", fmt.Errorf("%s: %w", what, err)
		}
	}
	size := pageSize(p.Limit)
	rs, err := l.q.PageOfDeliveries(ctx, rows.PageOfDeliveriesParams{
		State: string(p.State), AfterAt: from.at, AfterID: from.id, Most: clamp(size + 1),
	})
	if err != nil {
		return nil, "", l.dialect.Fail(what, err)
	}
	next := ""
	if len(rs) > size {
		rs = rs[:size]
		next = cursor{at: rs[size-1].UpdatedAt, id: rs[size-1].InterviewID}.format(listDeliveries)
	}
	var ds []store.Delivery
	for _, row := range rs {
		ds = append(ds, deliveryFromRow(row))
	}
	return ds, next, nil
}
