package httpapi_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// bulkLine is a line of the answer.
type bulkLine struct {
	Key   string
	ID    string `json:"interview_id"`
	State string
	Error *struct {
		Status      int
		Code, Field string
	}
}

func linesOf(tb testing.TB, body []byte) []bulkLine {
	tb.Helper()
	var all []bulkLine
	for text := range bytes.Lines(body) {
		var l bulkLine
		require.NoError(tb, json.Unmarshal(text, &l))
		all = append(all, l)
	}
	return all
}

func ndjson(tb testing.TB, bodies ...any) string {
	tb.Helper()
	var b strings.Builder
	for _, body := range bodies {
		if text, ok := body.(string); ok {
			b.WriteString(text + "\n")
			continue
		}
		text, err := json.Marshal(body)
		require.NoError(tb, err)
		b.Write(append(text, '\n'))
	}
	return b.String()
}

func TestEachLineIsAnsweredInOrder(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		keyed := func(key, first string) object {
			b := w.candidate(first)
			b["key"] = key
			return b
		}
		mira, ole := keyed("1", "Mira"), keyed("2", "Ole")
		noEmail := keyed("3", "Ana")
		noEmail["candidate"].(object)["email"] = ""
		other := keyed("1", "Eva")
		unknown := keyed("5", "Ida")
		unknown["salary"] = 1
		pending := keyed("6", "Mira")
		pending["candidate"] = mira["candidate"]
		noKey := keyed("", "Liv")
		tooLong := keyed("8", "Max")
		tooLong["message"] = strings.Repeat("x", 70<<10)
		last := keyed("9", "Bo")
		input := ndjson(w, mira, ole, "", mira, noEmail, other, unknown, pending, noKey, "{half", tooLong, "   ", last)

		got := w.post(w.connection+"/interviews/bulk", strings.TrimSuffix(input, "\n")).want(http.StatusOK)
		require.Equal(w, "application/x-ndjson", got.header.Get("Content-Type"))
		lines := linesOf(w, got.body)
		require.Len(w, lines, 11, "%s", got.body)
		for n, want := range []struct {
			key    string
			status int
			code   string
			field  string
		}{
			{"1", 0, "", ""},
			{"2", 0, "", ""},
			{"1", 0, "", ""},
			{"3", 422, "candidate_email_missing", "candidate.email"},
			{"1", 409, "idempotency_mismatch", ""},
			{"5", 422, "unknown_field", "salary"},
			{"6", 409, "request_pending", "candidate.id"},
			{"", 422, "idempotency_key_required", "key"},
			{"", 422, "invalid_json", ""},
			{"", 413, "too_large", ""},
			{"9", 0, "", ""},
		} {
			l := lines[n]
			require.Equal(w, want.key, l.Key, n)
			if want.code == "" {
				require.Nil(w, l.Error, n)
				require.Equal(w, "requested", l.State)
				require.NotEmpty(w, l.ID)
				continue
			}
			require.Empty(w, l.ID)
			require.Equal(w, want.status, l.Error.Status, n)
			require.Equal(w, want.code, l.Error.Code, n)
			require.Equal(w, want.field, l.Error.Field, n)
		}
		require.Equal(w, lines[0].ID, lines[2].ID, "the same line again")
		require.Len(w, w.get(w.connection+"/interviews").ids(), 3)

		again := linesOf(w, w.post(w.connection+"/interviews/bulk", ndjson(w, mira, ole, last)).want(http.StatusOK).body)
		require.Equal(w, []string{lines[0].ID, lines[1].ID, lines[10].ID}, []string{again[0].ID, again[1].ID, again[2].ID}, "the whole can be repeated")

		marked := linesOf(w, w.post(w.connection+"/interviews/bulk", "\ufeff"+strings.ReplaceAll(ndjson(w, mira, ole), "\n", "\r\n")).want(http.StatusOK).body)
		require.Equal(w, []string{lines[0].ID, lines[1].ID}, []string{marked[0].ID, marked[1].ID}, "as some programs write files")

		// A line is the same request as a call with its key.
		var single shown
		delete(ole, "key")
		w.post(w.connection+"/interviews", ole, "Idempotency-Key", "2").want(http.StatusAccepted).into(&single)
		require.Equal(w, lines[1].ID, single.ID)

		require.Empty(w, w.post(w.connection+"/interviews/bulk", "").want(http.StatusOK).body)
		require.Empty(w, w.post(w.connection+"/interviews/bulk", "\n\n").want(http.StatusOK).body)
		w.post("/connections/nobody/interviews/bulk", "").refused(404, "not_found", "")
		w.post(w.connection+"/interviews/bulk", "", "Sparkbridge-Actor-Admin", "x").refused(422, "invalid_request", "Sparkbridge-Actor-Admin")
		w.patch(w.connection, object{"enabled": false}).want(http.StatusOK)
		off := linesOf(w, w.post(w.connection+"/interviews/bulk", ndjson(w, keyed("10", "Kim"))).want(http.StatusOK).body)
		require.Equal(w, "integration_off", off[0].Error.Code)
		require.Equal(w, 403, off[0].Error.Status)
	})
}

func TestALineIsAnsweredWhileTheNextIsNotThere(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		sending, out := io.Pipe()
		req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews/bulk")
		req.Body, req.ContentLength = sending, -1
		first := w.candidate("Mira")
		first["key"] = "0"
		text := ndjson(w, first)
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(out, text)
			sent <- err
		}()
		resp, err := w.client.Do(req)
		require.NoError(w, err)
		defer resp.Body.Close()
		require.NoError(w, <-sent)
		answers := bufio.NewReader(resp.Body)
		for n := range 5 {
			text, err := answers.ReadBytes('\n')
			require.NoError(w, err)
			l := linesOf(w, text)[0]
			require.Nil(w, l.Error)
			require.Equal(w, fmt.Sprint(n), l.Key)
			next := w.candidate(fmt.Sprintf("Mira%d", n))
			next["key"] = fmt.Sprint(n + 1)
			_, err = io.WriteString(out, ndjson(w, next))
			require.NoError(w, err)
		}
		require.NoError(w, out.Close())
		rest, err := io.ReadAll(answers)
		require.NoError(w, err)
		require.Len(w, linesOf(w, rest), 1)
		w.get("/connections").want(http.StatusOK)
	})
}

// TestAServersLimitsDoNotEndAStream: a call may take as long as lines come.
func TestAServersLimitsDoNotEndAStream(t *testing.T) {
	t.Parallel()
	inTime(t, setup{wrap: bareAdapter}, func(w *world) {
		const pause = 50 * time.Second
		out := &timedRecorder{ResponseRecorder: httptest.NewRecorder()}
		req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews/bulk")
		req.Body = io.NopCloser(&lineReader{world: w, most: 3, pause: pause})
		start := time.Now()
		w.handler.ServeHTTP(out, req)
		require.Len(w, linesOf(w, out.Body.Bytes()), 3)
		require.True(w, out.duplex)
		require.True(w, slices.IsSortedFunc(out.read, time.Time.Compare))
		for n := range 3 {
			require.Contains(w, out.read, start.Add(time.Duration(n)*pause+time.Minute), "a minute for each line")
		}
		require.Equal(w, start.Add(2*pause+time.Minute), out.read[len(out.read)-1])
		require.Equal(w, append(out.read, time.Time{}), out.write, "other calls on the connection have none of ours")
	})
}

// timedRecorder records the deadlines that are set.
type timedRecorder struct {
	*httptest.ResponseRecorder

	duplex      bool
	read, write []time.Time
}

func (r *timedRecorder) EnableFullDuplex() error { r.duplex = true; return nil }

func (r *timedRecorder) SetReadDeadline(at time.Time) error {
	r.read = append(r.read, at)
	return nil
}

func (r *timedRecorder) SetWriteDeadline(at time.Time) error {
	r.write = append(r.write, at)
	return nil
}

// lineReader makes lines as they are read, with a pause before each.
type lineReader struct {
	world *world
	most  int64
	pause time.Duration
	// message makes the lines long.
	message string
	n       atomic.Int64
	rest    []byte
}

func (l *lineReader) Read(p []byte) (int, error) {
	if l.pause > 0 && l.n.Load() > 0 && l.n.Load() < l.most {
		l.world.pass(l.pause)
	}
	for len(l.rest) < len(p) && l.n.Load() < l.most {
		n := l.n.Add(1)
		l.rest = fmt.Appendf(l.rest, `{"key":"k%d","candidate":{"id":"c%d","first_name":"Mira","last_name":"Falk","email":"mira%d@mail.example"},"job":{"id":"4711"},"spark_hire_job_id":%q,"question_set_id":%q,"requested_for":"asha-lind","message":%q}`+"\n",
			n, n, n, l.world.nurse.ID, l.world.set.ID, l.message)
		if l.pause > 0 {
			break
		}
	}
	if len(l.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// TestMemoryDoesNotGrowWithTheInput: however many lines come, only a few times as many
// as are stored together have been read and not answered.
func TestMemoryDoesNotGrowWithTheInput(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{wrap: bareAdapter}, func(w *world) {
		lines := &lineReader{world: w, most: 600, message: strings.Repeat("See you soon. ", 200)}
		out := &behind{header: http.Header{}, read: &lines.n}
		req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews/bulk")
		req.Body = io.NopCloser(lines)
		w.handler.ServeHTTP(out, req)
		require.Equal(w, lines.most, out.answered)
		require.LessOrEqual(w, out.most, int64(3*(256<<10)/2800), "what is read at once holds so many lines; some is stored, some is next, some has arrived")
	})
}

// behind is a caller who notes how far the answers are behind what was read.
type behind struct {
	header   http.Header
	read     *atomic.Int64
	answered int64
	most     int64
}

func (b *behind) Header() http.Header { return b.header }
func (b *behind) WriteHeader(int)     {}

func (b *behind) Write(p []byte) (int, error) {
	b.most = max(b.most, b.read.Load()-b.answered)
	b.answered += int64(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// TestACallerWhoLeavesIsNotWaitedFor: nobody reads on when the answers reach nobody.
func TestACallerWhoLeavesIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	inTime(t, setup{wrap: bareAdapter}, func(w *world) {
		gone := &leaver{header: http.Header{}, late: make(chan struct{})}
		gone.line.Store(&lineReader{world: w, most: 1, pause: time.Nanosecond})
		req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews/bulk")
		req.Body = io.NopCloser(gone)
		start := time.Now()
		w.handler.ServeHTTP(gone, req)
		require.Equal(w, start, time.Now())
	})
}

// leaver sends one line, takes no answer and sends nothing any more.
type leaver struct {
	header http.Header
	line   atomic.Pointer[lineReader]
	late   chan struct{} // closed when the server has waited long enough
}

func (l *leaver) Read(p []byte) (int, error) {
	if line := l.line.Swap(nil); line != nil {
		return line.Read(p)
	}
	<-l.late
	return 0, os.ErrDeadlineExceeded
}

func (l *leaver) Header() http.Header       { return l.header }
func (l *leaver) WriteHeader(int)           {}
func (l *leaver) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func (l *leaver) SetWriteDeadline(time.Time) error { return nil }

func (l *leaver) SetReadDeadline(at time.Time) error {
	if !at.After(time.Now()) {
		close(l.late)
	}
	return nil
}

// BenchmarkBulk is a line of a bulk request from the socket to the answer. The
// figures of the store alone are in package sqlite.
func BenchmarkBulk(b *testing.B) {
	overHTTP(b, setup{wrap: bareAdapter}, func(w *world) {
		req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews/bulk")
		req.Body, req.ContentLength = io.NopCloser(&lineReader{world: w, most: int64(b.N)}), -1
		b.ReportAllocs()
		b.ResetTimer()
		resp, err := w.client.Do(req)
		require.NoError(b, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(b, err)
		b.StopTimer()
		require.Equal(b, b.N, bytes.Count(body, []byte("\n")))
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	})
}

// A line that only the database refuses fails alone.
func TestALineThatCannotBeStoredFailsAlone(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		_, err := w.ledger.DB().ExecContext(w.Context(), `CREATE TRIGGER no_eva BEFORE INSERT ON sparkbridge_interviews WHEN NEW.candidate LIKE '%Eva%' BEGIN SELECT RAISE(ABORT, 'no Eva today'); END`)
		require.NoError(w, err)
		var bodies []any
		for _, first := range []string{"Mira", "Eva", "Ole"} {
			b := w.candidate(first)
			b["key"] = first
			bodies = append(bodies, b)
		}
		got := w.post(w.connection+"/interviews/bulk", ndjson(w, bodies...)).want(http.StatusOK)
		lines := linesOf(w, got.body)
		require.Nil(w, lines[0].Error)
		require.Equal(w, "internal", lines[1].Error.Code)
		require.Nil(w, lines[2].Error)
		require.NotContains(w, string(got.body), "today")
		require.Contains(w, w.log.String(), "bulk line failed")
	})
}

func TestTheATSIsAskedAboutEachLine(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{wrap: func(m *memory.Adapter) ats.Adapter { return m }}, func(w *world) {
		var bodies []any
		for n := range 40 {
			b := w.candidate(fmt.Sprintf("Mira%d", n))
			b["key"] = fmt.Sprint(n)
			if n%2 == 1 {
				b["job"] = object{"id": "another"}
			}
			bodies = append(bodies, b)
		}
		for n, l := range linesOf(w, w.post(w.connection+"/interviews/bulk", ndjson(w, bodies...)).want(http.StatusOK).body) {
			require.Equal(w, fmt.Sprint(n), l.Key)
			if n%2 == 1 {
				require.Equal(w, "not_in_pipeline", l.Error.Code)
			} else {
				require.Nil(w, l.Error)
			}
		}
	})
}
