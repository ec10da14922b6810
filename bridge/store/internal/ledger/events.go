package ledger

import (
	"context"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger/rows"
)

// Events implements [store.Reader].
func (l Ledger) Events(ctx context.Context, interviewID string) ([]ats.Event, error) {
	rs, err := l.q.Events(ctx, interviewID)
	return l.events("list events of interview "+interviewID, rs, err)
}

func (l Ledger) events(what string, rs []rows.Event, err error) ([]ats.Event, error) {
	if err != nil {
		return nil, l.dialect.Fail(what, err)
	}
	es, err := eventsFromRows(rs)
	return es, l.dialect.Fail(what, err)
}

// AppendEvent implements [store.Tx].
func (t *Tx) AppendEvent(ctx context.Context, interviewID string, e ats.Event) (added bool, err error) {
	what := "append event to interview " + interviewID
	row, err := eventToRow(interviewID, e)
	if err != nil {
		return false, t.dialect.Fail(what, err)
	}
	n, err := t.q.InsertEvent(ctx, rows.InsertEventParams{
		InterviewID: row.InterviewID, Key: row.Key, Kind: row.Kind, At: row.At,
		Text: row.Text, Actor: row.Actor, Data: row.Data, Reportable: row.Reportable,
	})
	return n == 1, t.dialect.Fail(what, err)
}

// UnacknowledgedEvents implements [store.Tx].
func (t *Tx) UnacknowledgedEvents(ctx context.Context, interviewID string) ([]ats.Event, error) {
	rs, err := t.q.UnacknowledgedEvents(ctx, interviewID)
	return t.events("list unacknowledged events of interview "+interviewID, rs, err)
}

// AcknowledgeEvents implements [store.Tx].
func (t *Tx) AcknowledgeEvents(ctx context.Context, interviewID string, seq int64) error {
	return t.dialect.Fail("acknowledge events of interview "+interviewID, t.q.AcknowledgeEvents(ctx, interviewID, seq))
}

// EraseEvents implements [store.Tx].
func (t *Tx) EraseEvents(ctx context.Context, interviewID string) error {
	t.erases()
	return t.dialect.Fail("erase events of interview "+interviewID, t.q.EraseEvents(ctx, interviewID))
}
