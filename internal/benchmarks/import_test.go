package benchmarks

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

var rows = flag.Int("rows", 50_000, "how many requests the large import has")

// BenchmarkImport sends a file of requests to the API: of a service that is busy,
// inviting as fast as its budget allows while a console reads lists, and of one that
// only takes requests. Both are compared with a bare loop that inserts the same rows.
func BenchmarkImport(b *testing.B) { onEach(b, importSpeed) }

func importSpeed(b *testing.B, open func(*testing.B) database) {
	b.Helper()
	for b.Loop() {
		busy := importOnce(b, open, *rows, true)
		alone := importOnce(b, open, *rows, false)
		bare := insertBare(b, open, *rows)
		b.ReportMetric(busy.perSecond, "busy/s")
		b.ReportMetric(alone.perSecond, "alone/s")
		b.ReportMetric(bare, "bare/s")
		b.ReportMetric(busy.perSecond/bare, "busy/bare")
		b.ReportMetric(alone.perSecond/bare, "alone/bare")
		b.ReportMetric(busy.lists[len(busy.lists)/2], "list-p50-ms")
		b.ReportMetric(busy.lists[len(busy.lists)*99/100], "list-p99-ms")
		b.ReportMetric(0, "ns/op")
	}
}

// imported is what came of one import.
type imported struct {
	perSecond float64
	lists     []float64 // how long a list took meanwhile, sorted, in ms
}

// importOnce imports on a new database; a busy service invites and shows lists as well.
func importOnce(b *testing.B, open func(*testing.B) database, count int, busy bool) imported {
	b.Helper()
	sh := sparkhiretest.NewServer()
	defer sh.Close()
	asha := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund"})
	set := sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	s := open(b)
	engine, err := bridge.New(bridge.Config{
		Store: s, Keys: keyring.Generate(), Adapters: []ats.Adapter{plain{memory.New(memory.Options{})}}, APITokens: []ats.Secret{"token"},
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL()},
	})
	require.NoError(b, err)
	conn, err := engine.Connect(b.Context(), ats.Activation{
		Tenant: ats.TenantRef{Adapter: "memory", Tenant: "care"}, TimeZone: "Europe/Stockholm",
		Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: ats.Secret(asha.Key)}},
	})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	if busy {
		go func() { ended <- engine.Run(ctx) }()
	} else {
		ended <- nil
	}
	server := httptest.NewServer(engine.Handler())
	defer server.Close()

	reading, done := context.WithCancel(ctx)
	lists := make(chan []float64, 1)
	if busy {
		go func() { lists <- readLists(reading, engine, conn.ID) }()
	} else {
		lists <- nil
	}
	start := time.Now()
	send(b, server.URL+"/api/v1/connections/"+conn.ID+"/interviews/bulk", &requests{count: count, job: job.ID, set: set.ID})
	elapsed := time.Since(start)
	done()
	found := <-lists
	stop()
	require.NoError(b, <-ended)
	require.NoError(b, s.Close())
	b.Logf("%d requests in %s, %d lists", count, elapsed, len(found))
	return imported{float64(count) / elapsed.Seconds(), found}
}

// send sends all requests and requires that each is accepted.
func send(b *testing.B, address string, body *requests) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, body)
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer token")
	resp, err := new(http.Client).Do(req)
	require.NoError(b, err)
	defer func() { require.NoError(b, resp.Body.Close()) }()
	accepted := 0
	for answers := bufio.NewScanner(resp.Body); answers.Scan(); accepted++ {
		if !bytes.Contains(answers.Bytes(), []byte(`"interview_id"`)) {
			b.Fatal("refused: ", answers.Text())
		}
	}
	require.Equal(b, body.count, accepted)
}

// plain has none of the capabilities of the adapter in it.
type plain struct{ ats.Adapter }

// requests are lines of a bulk request, made as they are read.
type requests struct {
	count, made int
	job, set    string
	rest        []byte
}

func (r *requests) Read(p []byte) (int, error) {
	for len(r.rest) < len(p) && r.made < r.count {
		r.made++
		n := r.made
		r.rest = fmt.Appendf(r.rest, `{"key":"k%d","candidate":{"id":"c%d","first_name":"Mira","last_name":"Falk","email":"mira%d@mail.example"},"job":{"id":"4711","title":"Ward nurse"},"type":"one_way","spark_hire_job_id":%q,"question_set_id":%q,"requested_for":"asha","due":{"date":"2099-03-17","time":"14:30"}}`+"\n", n, n, n, r.job, r.set)
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = append(r.rest[:0], r.rest[n:]...)
	return n, nil
}

// readLists is a console: it reads the newest interviews every ten milliseconds.
func readLists(ctx context.Context, engine *bridge.Bridge, connectionID string) []float64 {
	var took []float64
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		start := time.Now()
		if _, _, err := engine.ListInterviews(ctx, store.ListInterviewsParams{ConnectionID: connectionID, Limit: 50}); err != nil && ctx.Err() == nil {
			panic(err) // a benchmark without lists means nothing
		}
		if ctx.Err() != nil {
			break
		}
		took = append(took, float64(time.Since(start).Microseconds())/1000)
		<-tick.C
	}
	slices.Sort(took)
	return took
}

// insertBare inserts as many rows in transactions of a thousand, copies of one that
// was accepted, and returns how many a second.
func insertBare(b *testing.B, open func(*testing.B) database, count int) float64 {
	b.Helper()
	s := open(b)
	defer func() { require.NoError(b, s.Close()) }()
	engine, err := bridge.New(bridge.Config{Store: s, Keys: keyring.Generate(), Adapters: []ats.Adapter{plain{memory.New(memory.Options{})}}})
	require.NoError(b, err)
	tenant := ats.TenantRef{Adapter: "memory", Tenant: "care"}
	_, err = engine.Connect(b.Context(), ats.Activation{Tenant: tenant, TimeZone: "Europe/Stockholm", Users: []ats.LinkedUser{{ID: "asha", Name: "Asha Lind", Key: "user-key-0001"}}})
	require.NoError(b, err)
	i, err := engine.Submit(b.Context(), ats.Request{
		Tenant: tenant, Key: "k", Type: ats.OneWay, RequestedFor: "asha", SparkHireJobID: "b7e0", QuestionSetID: "qs-12",
		Candidate: ats.Candidate{ID: "c0", FirstName: "Mira", LastName: "Falk", Email: "mira0@mail.example"}, Job: ats.Job{ID: "4711", Title: "Ward nurse"},
	})
	require.NoError(b, err)
	start := time.Now()
	for first := 0; first < count; first += 1000 {
		tx, err := s.DB().BeginTx(b.Context(), nil)
		require.NoError(b, err)
		for n := first; n < min(first+1000, count); n++ {
			id := fmt.Sprintf("00000000-0000-7000-8000-%012d", n)
			_, err := tx.ExecContext(b.Context(), storetest.CopyRow, id, "key-"+id, "scope-"+id, n, i.ID)
			require.NoError(b, err)
		}
		require.NoError(b, tx.Commit())
	}
	return float64(count) / time.Since(start).Seconds()
}
