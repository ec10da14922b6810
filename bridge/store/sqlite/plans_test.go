package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/internal/ledger"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// Every statement must find its rows by an index and in the order that it wants
// them, so that it costs the same with a million rows. SQLite plans without
// looking at the rows, because nobody runs ANALYZE.
func TestNoStatementScansATable(t *testing.T) {
	t.Parallel()
	s := open(t, prepared(t))
	e := &explaining{DB: s.DB()}
	c := ledger.TxConfig{
		Dialect: sqlite.Dialect, Jobs: noJobs{}, Clock: time.Now, Erases: func() {},
	}
	l, tx := ledger.New(e, c.Dialect), ledger.NewTx(e, c)
	ctx, now := t.Context(), time.Now()
	ask := func(_ any, err error) {
		if err != nil {
			require.ErrorIs(t, err, ats.ErrNotFound)
		}
	}
	page := func(_ any, _ string, err error) { require.NoError(t, err) }

	ask(l.GetInterview(ctx, "i"))
	ask(l.InterviewByKey(ctx, "c", "k"))
	ask(l.InterviewBySparkHireID(ctx, "c", "s"))
	ask(l.OpenBySparkHireIDs(ctx, "c", []string{"s", "t", "u"}))
	ask(l.PersonalDataBefore(ctx, now, 10))
	ask(l.Waiting(ctx, "k", 10))
	ask(l.OldestWaiting(ctx, "c"))
	ask(l.UnfinishedInterviews(ctx, store.UnfinishedParams{ConnectionID: "c", UserID: "u"}))
	ask(l.GetJobLink(ctx, store.JobLinkKey{ConnectionID: "c", JobID: "j"}))
	ask(l.ListJobLinks(ctx, "c"))
	for bits := range 16 {
		pick := func(bit int, s string) string {
			if bits>>bit&1 == 1 {
				return s
			}
			return ""
		}
		page(l.ListInterviews(ctx, store.ListInterviewsParams{
			ConnectionID: pick(0, "c"), CandidateID: pick(1, "p"), JobID: pick(2, "j"), State: ats.State(pick(3, "sent")),
		}))
	}
	ask(tx.Due(ctx, store.DueParams{Credential: "k", Now: now, Limit: 10}))
	ask(tx.NextDue(ctx, "k"))
	ask(tx.KnownSparkHireIDs(ctx, []string{"s"}))
	ask(tx.CandidateInterviews(ctx, "c", "p"))
	require.NoError(t, tx.DeleteJobLink(ctx, store.JobLinkKey{ConnectionID: "c", JobID: "j"}))
	require.NoError(t, tx.MoveCredential(ctx, store.MoveCredentialParams{ConnectionID: "c", UserID: "u", To: "k"}))
	require.ErrorIs(t, tx.SaveInterview(ctx, store.Interview{Interview: ats.Interview{ID: "i"}}), ats.ErrNotFound)

	ask(l.Events(ctx, "i"))
	ask(tx.UnacknowledgedEvents(ctx, "i"))
	require.NoError(t, tx.AcknowledgeEvents(ctx, "i", 1))
	require.NoError(t, tx.EraseEvents(ctx, "i"))

	ask(l.GetConnection(ctx, "c"))
	ask(l.GetConnectionByTenant(ctx, ats.TenantRef{Adapter: "a", Tenant: "t"}))
	ask(l.ConnectionByDigest(ctx, "a", "d"))
	ask(l.SealedKey(ctx, "k"))
	ask(l.GetSecret(ctx, "c", "n"))
	ask(l.SecretNames(ctx, "c"))
	page(l.ListConnections(ctx, store.ListConnectionsParams{}))
	page(l.ListConnections(ctx, store.ListConnectionsParams{Adapter: "a"}))
	require.NoError(t, tx.ForgetSecrets(ctx, "c"))
	require.NoError(t, tx.SaveSecret(ctx, "c", "n", nil))

	ask(tx.Delivery(ctx, "i"))
	page(l.ListDeliveries(ctx, store.ListDeliveriesParams{State: store.DeliveryDead}))
	ask(tx.Limit(ctx, "k"))
	ask(tx.Watermark(ctx, "c", "k"))
	ask(l.NextAlarm(ctx))
	ask(tx.RingAlarms(ctx, 10))

	// With rows, for what is asked only then.
	for range 2 {
		require.NoError(t, tx.SaveConnection(ctx, store.Connection{ID: "c", Users: []store.User{{ID: "u"}}}))
	}
	a := store.Acceptance{
		Interview:      store.Interview{Interview: ats.Interview{ID: "i", ConnectionID: "c", State: ats.StateRequested}, RequestKey: "k", ScopeKey: "s"},
		DeclinePending: true, DeclineCompleted: true, NoticePending: &ats.Reason{},
	}
	for range 2 {
		ask(tx.Accept(ctx, a))
	}
	ask(l.GetConnection(ctx, "c"))
	require.NoError(t, tx.SaveSecret(ctx, "c", "n", []byte("x")))
	require.NoError(t, tx.SaveJobLink(ctx, store.JobLink{ConnectionID: "c", JobID: "j"}))
	require.NoError(t, tx.SaveWatermark(ctx, "c", "k", now))
	require.NoError(t, tx.SaveLimit(ctx, store.Limit{Credential: "k"}))
	require.NoError(t, tx.Audit(ctx, store.AuditEntry{}))
	ask(tx.AppendEvent(ctx, "i", ats.Event{Key: "sent"}))
	require.NoError(t, tx.SaveDelivery(ctx, store.Delivery{InterviewID: "i", ConnectionID: "c", State: store.DeliveryDead}))
	require.NoError(t, tx.Nudge(ctx, store.Nudge{Kind: "a", At: now.Add(time.Nanosecond).Add(time.Hour)}))
	require.NoError(t, tx.Nudge(ctx, store.Nudge{Kind: "b", At: now.Add(2 * time.Hour)}))
	c.Clock = func() time.Time { return now.Add(24 * time.Hour) }
	ask(ledger.NewTx(e, c).RingAlarms(ctx, 10))

	requireAllQueries(t, e.plans)
	fine := strings.NewReplacer(
		"SCAN asked VIRTUAL TABLE", "", // the list of what is looked for
		"SCAN counted", "", // the rows of a subquery that found them by an index
		"SCAN CONSTANT ROW", "",
		"SCAN sparkbridge_alarms", "", // in the order of the primary key; the first row is enough
	)
	sorting := regexp.MustCompile(strings.Join([]string{
		"name: Users ",                   // those of one connection
		"name: PageOfCandidateAnywhere ", // those of one candidate
		"name: PageOfJobAnywhere ",       // those of one job; with a connection it is PageOfJob
	}, "|"))
	for query, plan := range e.plans {
		if sorting.MatchString(query) {
			plan = strings.ReplaceAll(plan, "USE TEMP B-TREE FOR ORDER BY", "")
		}
		for _, bad := range []string{"SCAN", "TEMP B-TREE", "AUTOMATIC"} {
			if strings.Contains(fine.Replace(plan), bad) {
				t.Errorf("%s\n%s", query, plan)
			}
		}
	}
}

// requireAllQueries requires that no query was forgotten.
func requireAllQueries(t *testing.T, plans map[string]string) {
	t.Helper()
	paths, err := filepath.Glob("../internal/ledger/queries/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	asked := make(map[string]bool)
	name := regexp.MustCompile(`-- name: (\w+) `)
	for query := range plans {
		if m := name.FindStringSubmatch(query); m != nil {
			asked[m[1]] = true
		}
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			require.True(t, asked[m[1]], "%s was not asked for", m[1])
		}
	}
}

// explaining notes the plan of each statement and then runs it.
type explaining struct {
	*sql.DB
	plans map[string]string
}

func (e *explaining) note(ctx context.Context, query string, args []any) {
	rs, err := e.DB.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		panic(err)
	}
	defer func() { _ = rs.Close() }()
	var plan []string
	for rs.Next() {
		var id, parent, unused int
		var detail string
		if err := rs.Scan(&id, &parent, &unused, &detail); err != nil {
			panic(err)
		}
		plan = append(plan, detail)
	}
	if e.plans == nil {
		e.plans = make(map[string]string)
	}
	if err := rs.Err(); err != nil {
		panic(err)
	}
	e.plans[query] += strings.Join(plan, "\n") + "\n"
}

func (e *explaining) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	e.note(ctx, query, args)
	return e.DB.ExecContext(ctx, query, args...)
}

func (e *explaining) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	e.note(ctx, query, args)
	return e.DB.QueryContext(ctx, query, args...)
}

func (e *explaining) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	e.note(ctx, query, args)
	return e.DB.QueryRowContext(ctx, query, args...)
}

type noJobs struct{}

func (noJobs) Nudge(context.Context, ...store.Nudge) error { return nil }
func (noJobs) Later(context.Context, store.Nudge) error    { return nil }
func (noJobs) Finish(context.Context, store.Job) error     { return nil }
func (noJobs) Complete(context.Context, store.Job) error   { return nil }
