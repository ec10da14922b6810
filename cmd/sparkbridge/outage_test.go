package main_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// Spark Hire cannot be reached, then refuses to invite, then answers when nobody
// waits any more, then turns everything away, while recruiters go on. When it is
// well again everybody is invited, nobody twice, and every card says so.
func TestABadDayOfSparkHireLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{
		idle: true, vendor: []teamtailortest.Option{teamtailortest.WithRateLimit(10_000, time.Second)},
		// What arrives at Spark Hire does so long before it is looked for.
		set: []string{"sparkhire.request_timeout=300ms", "sparkhire.settle_time=1500ms"},
	})
	line := w.lineToSpark()
	w.start()
	w.install()
	w.saveTrigger(w.stage, nil)

	var all []*candidate
	arrive := func(n int) {
		for range n {
			c := w.candidate(fmt.Sprintf("Mirabel%d", len(all)))
			w.accepted(w.trigger(c))
			all = append(all, c)
		}
	}
	line.cut()
	arrive(3)
	w.awaitLog("could not reach Spark Hire", 3)
	ready, body := w.get("/readyz")
	require.Equal(t, http.StatusOK, ready, body)
	require.Empty(t, w.spark.Invitations())

	refusing := w.spark.Inject(sparkhiretest.Fault{
		Method: http.MethodPost, Path: "/interviews", Times: 2,
		Do: sparkhiretest.Respond(http.StatusServiceUnavailable, nil, ""),
	})
	line.restore()
	require.NoError(t, refusing.Wait(w.ctx, 2))

	line.slow.Store(true)
	arrive(3)
	line.awaitLate(creating, 2)
	line.awaitLate(looking, 1)

	w.spark.StartOutage(sparkhiretest.TooManyRequests(1))
	line.slow.Store(false)
	arrive(3)
	w.awaitMetric(requestsToSpark("POST", "429"), func(n float64) bool { return n >= 2 })
	w.awaitMetric(`sparkbridge_queue_waiting`, func(n float64) bool { return n >= 1 })
	w.spark.EndOutage()

	arrive(1)
	for _, c := range all {
		w.awaitCard(c, "sent")
	}
	for n := 0; n < len(all); n += 3 { // one of each kind of trouble
		w.complete(all[n])
	}
	require.Len(t, w.spark.Invitations(), len(all))
	for _, c := range all {
		w.invitedOnce(c)
	}
	for line, want := range map[string]int{
		`sparkbridge_requests_accepted_total\{adapter="teamtailor"\}`: len(all),
		`sparkbridge_invitations_sent_total\{adapter="teamtailor"\}`:  len(all),
	} {
		require.InDelta(t, want, w.metric(line), 0, line)
	}
	for _, status := range []string{"error", "503", "429", "201"} {
		require.Positive(t, w.metric(requestsToSpark("POST", status)), status)
	}
	require.GreaterOrEqual(t, w.metric(`sparkbridge_reports_published_total\{adapter="teamtailor"\}`), float64(len(all)))
	_, metrics := w.get("/metrics")
	require.NotRegexp(t, `(?m)^sparkbridge_(interviews_unconfirmed|interviews_failed|reports_dead)_total\{.*\} [1-9]`, metrics)
	w.stop()
	w.discreet()
}

// requestsToSpark is the line of the metrics that counts them.
func requestsToSpark(method, status string) string {
	return fmt.Sprintf(`sparkbridge_vendor_request_duration_seconds_count\{method=%q,status=%q,vendor="sparkhire"\}`, method, status)
}

// line is what leads the program to Spark Hire, at an address that stays the same
// while nobody listens there.
type line struct {
	w       *world
	address string
	server  *http.Server
	slow    atomic.Bool        // answers come when the caller has gone
	late    chan *http.Request // those that did
}

// lineToSpark makes the program, which has not been started yet, use a line.
func (w *world) lineToSpark() *line {
	w.Helper()
	l := &line{w: w, address: "127.0.0.1:0", late: make(chan *http.Request, 1000)}
	l.restore()
	w.Cleanup(func() { _ = l.server.Close() })
	w.set = append(w.set, "sparkhire.v1_url=http://"+l.address+"/v1.0")
	return l
}

// cut ends every connection; new ones are refused.
func (l *line) cut() {
	l.w.Helper()
	require.NoError(l.w, l.server.Close())
}

// restore listens again, where it did before.
func (l *line) restore() {
	l.w.Helper()
	listener, err := new(net.ListenConfig).Listen(l.w.ctx, "tcp", l.address)
	require.NoError(l.w, err)
	l.address = listener.Addr().String()
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: patience}
	go func(s *http.Server) { _ = s.Serve(listener) }(l.server) // until it is closed
}

// awaitLate waits until n requests that match were answered too late, from now on.
func (l *line) awaitLate(m match, n int) {
	l.w.Helper()
	for n > 0 {
		select {
		case r := <-l.late:
			if m(r) {
				n--
			}
		case <-l.w.ctx.Done():
			require.FailNow(l.w, "no answer was late", "log:\n%s", l.w.running.output())
		}
	}
}

// ServeHTTP implements http.Handler.
func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.slow.Load() {
		l.w.toSpark.ServeHTTP(w, r)
		return
	}
	l.w.toSpark.ServeHTTP(httptest.NewRecorder(), r)
	<-r.Context().Done()
	l.late <- r
	panic(http.ErrAbortHandler)
}

// awaitLog waits until the program's log has n lines with the text.
func (w *world) awaitLog(text string, n int) {
	w.Helper()
	found := map[int]bool{}
	_, err := w.running.stderr.awaitLine(w.ctx, func(line string, at int) bool {
		if strings.Contains(line, text) {
			found[at] = true
		}
		return len(found) >= n
	})
	require.NoError(w, err, "log:\n%s", w.running.output())
}

// awaitMetric waits until a line of the metrics is there whose value ok accepts.
func (w *world) awaitMetric(line string, ok func(float64) bool) {
	w.Helper()
	pattern := regexp.MustCompile(`(?m)^` + line + ` (\S+)$`)
	for {
		status, body := w.get("/metrics")
		require.Equal(w, http.StatusOK, status)
		for _, found := range pattern.FindAllStringSubmatch(body, -1) {
			n, err := strconv.ParseFloat(found[1], 64)
			require.NoError(w, err)
			if ok(n) {
				return
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-w.ctx.Done():
			require.FailNow(w, "a metric does not change", "%s in\n%s\nlog:\n%s", line, body, w.running.output())
		}
	}
}
