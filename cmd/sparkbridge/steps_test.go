package main_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// The requests of the program to Spark Hire.

// creating is the call that invites.
func creating(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/v1.0/interviews"
}

// looking is the search for an interview whose making got no answer. A sweep reads
// the same list, but not for one job.
func looking(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == "/v1.0/interviews" && r.URL.Query().Has("job[uuid]")
}

// reading is the observation of one interview.
func reading(id string) match {
	return func(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.Path == "/v1.0/interviews/"+id }
}

// requests returns those that match.
func requests(all []sparkhiretest.Request, m match) []sparkhiretest.Request {
	var some []sparkhiretest.Request
	for _, r := range all {
		if m(&http.Request{Method: r.Method, URL: &url.URL{Path: r.Path, RawQuery: r.Query.Encode()}}) {
			some = append(some, r)
		}
	}
	return some
}

// registering is the call that subscribes to one event.
func registering(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/v1.0/webhooks"
}

// publishing is a report to Teamtailor.
func publishing(r *http.Request) bool { return r.Method == http.MethodPut }

// awaitAnyCard waits until the card shows one of the statuses.
func (w *world) awaitAnyCard(c *candidate, ok ...string) {
	w.Helper()
	_, err := w.tt.AwaitCard(w.ctx, c.Candidate, func(card teamtailortest.Card) bool {
		return strings.Contains(strings.Join(ok, " "), card.Status)
	})
	require.NoError(w, err, "log:\n%s", w.running.output())
}

// reached waits until a request meets the fault.
func (w *world) reached(in *teamtailortest.Injection) {
	w.Helper()
	select {
	case <-in.Reached():
	case <-w.ctx.Done():
		require.FailNow(w, "no request met the fault", "log:\n%s", w.running.output())
	}
}

// triggered is a candidate whose trigger was answered.
func (w *world) triggered(first string) *candidate {
	w.Helper()
	c := w.candidate(first)
	w.accepted(w.trigger(c))
	return c
}

// held waits until a request is held.
func (w *world) held(h *hold) {
	w.Helper()
	require.NoError(w, h.wait(w.ctx), "log:\n%s", w.running.output())
}

// killWith kills the program while a request is held, and the request with it.
func (w *world) killWith(h *hold) {
	w.kill()
	h.drop()
}

// lockLedger keeps every other process from writing to the database.
func (w *world) lockLedger() (unlock func()) {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+w.database()+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	require.NoError(w, err)
	tx, err := db.BeginTx(w.ctx, nil)
	require.NoError(w, err)
	return func() {
		require.NoError(w, tx.Rollback())
		require.NoError(w, db.Close())
	}
}

// beginWebhook sends half of a webhook about the interview, and returns when the
// program is waiting for the other half.
func (w *world) beginWebhook(interview string) {
	w.Helper()
	all := w.spark.Deliveries()
	hook := all[len(all)-1]
	require.Equal(w, interview, hook.ObjectID)
	to, err := url.Parse(hook.URL)
	require.NoError(w, err)
	conn, err := (&net.Dialer{}).DialContext(w.ctx, "tcp", strings.TrimPrefix(w.running.url(w.ctx, w.T), "http://"))
	require.NoError(w, err)
	w.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: bridge.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", to.Path, len(hook.Body))
	require.NoError(w, err)
	answer, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(w, err)
	require.Contains(w, answer, "100 Continue")
	_, err = conn.Write(hook.Body[:len(hook.Body)/2])
	require.NoError(w, err)
}
