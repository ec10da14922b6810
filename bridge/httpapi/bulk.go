package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

const (
	// bulkLine bounds one line, in bytes.
	bulkLine = 64 << 10
	// bulkRead is what is read at once: what has arrived together is stored
	// together.
	bulkRead = 4 * bulkLine
	// bulkBatch is how many lines share a transaction.
	bulkBatch = 1000
	// byteOrderMark may begin the first line, and says nothing.
	byteOrderMark = "\ufeff"
	// bulkIdle is how long the caller may neither send nor read.
	bulkIdle = 60 * time.Second
)

// bulkRequest is one line of a bulk request.
type bulkRequest struct {
	Key string `json:"key"`
	newInterview
}

// bulkAnswer is one line of the answer: an interview or an error.
type bulkAnswer struct {
	Key         string     `json:"key"`
	InterviewID string     `json:"interview_id,omitempty"`
	State       ats.State  `json:"state,omitempty"`
	Error       *lineError `json:"error,omitempty"`
}

// lineError is what a problem says, for one line.
type lineError struct {
	Status int      `json:"status"`
	Code   ats.Code `json:"code"`
	Detail string   `json:"detail"`
	Field  string   `json:"field,omitempty"`
}

func lineErrorOf(policy ats.Policy, err error) *lineError {
	p := problemOf(err)
	return &lineError{Status: statusIn(policy, p.Code), Code: p.Code, Detail: p.Detail, Field: p.Field}
}

// createInterviews answers each line with a line, in order, while the caller is
// still sending. What has been answered is durable.
func (a *api) createInterviews(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	actor, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	by, err := a.requester(c, actor)
	if err != nil {
		return err
	}
	s := newStream(w, r)
	defer s.end()
	w.Header().Set("Content-Type", "application/x-ndjson")
	rows := 0
	for b := range s.batches {
		rows = by.limit(b.lines, rows)
		if len(b.lines) > 0 {
			if err := s.answer(a.carryOut(r, by, b.lines)); err != nil {
				a.log.DebugContext(r.Context(), "the caller of a bulk request has left", "request_id", w.Header().Get(headerRequestID), "error", err)
				return nil
			}
		}
		s.spare <- b.lines // there is room: it came from there
	}
	return nil
}

// carryOut requests what the lines ask for.
func (a *api) carryOut(r *http.Request, by requester, lines []line) []bulkAnswer {
	answers := make([]bulkAnswer, len(lines))
	requests := make([]ats.Request, 0, len(lines))
	at := make([]int, 0, len(lines)) // where the answers of the requests belong
	for n, l := range lines {
		answers[n].Key = l.request.Key
		req, err := ats.Request{}, l.err
		if err == nil {
			req, err = by.request(l.request.Key, "key", l.request.newInterview)
		}
		if err != nil {
			answers[n].Error = lineErrorOf(by.policy, by.policy.Name(err))
			continue
		}
		requests, at = append(requests, req), append(at, n)
	}
	if len(requests) == 0 {
		return answers
	}
	interviews, errs := a.engine.RequestAll(r.Context(), requests)
	for n, i := range interviews {
		a.fill(r, by, &answers[at[n]], i, errs[n])
	}
	return answers
}

func (a *api) fill(r *http.Request, by requester, answer *bulkAnswer, i store.Interview, err error) {
	if err == nil {
		answer.InterviewID, answer.State = i.ID, i.State
		return
	}
	answer.Error = lineErrorOf(by.policy, err)
	if answer.Error.Status == http.StatusInternalServerError {
		answer.Error.Detail = ""
		a.log.ErrorContext(r.Context(), "bulk line failed", "error", err)
	}
}

// limit refuses the lines that are beyond what the product takes in one call, of
// which rows came before, and returns how many there are now.
func (q requester) limit(lines []line, rows int) int {
	for n := range lines {
		if rows++; q.policy.Rows > 0 && rows > q.policy.Rows {
			lines[n].err = refuse(ats.CodeTooManyRows, "", fmt.Sprintf("One call takes %d requests at most. Send this one again in another call.", q.policy.Rows))
		}
	}
	return rows
}

// line is one line of the body, or why it is not one.
type line struct {
	request bulkRequest
	err     error
}

// stream reads lines and writes answers at the same time, in bounded memory: what has
// arrived is read while what came before it is stored.
type stream struct {
	control *http.ResponseController
	in      *bufio.Reader
	begun   bool // a line was read
	batches chan batch
	spare   chan []line   // read and answered
	left    chan struct{} // closed when nobody takes batches any more
	reading sync.Mutex    // held while deadlines are set
	ended   bool
	out     *bufio.Writer
	encode  *json.Encoder
}

// batch is what is stored together, and how the body has ended if it has.
type batch struct {
	lines []line
	err   error
}

// newStream begins to read. Call end, also after the last batch.
func newStream(w http.ResponseWriter, r *http.Request) *stream {
	s := &stream{
		control: http.NewResponseController(w), in: bufio.NewReaderSize(r.Body, bulkRead), out: bufio.NewWriterSize(w, bulkLine),
		batches: make(chan batch), spare: make(chan []line, 2), left: make(chan struct{}),
	}
	s.encode = json.NewEncoder(s.out)
	s.encode.SetEscapeHTML(false)
	// Servers that cannot answer while they read, and recorders, do without.
	_ = s.control.EnableFullDuplex()
	for range cap(s.spare) {
		s.spare <- nil
	}
	go s.read()
	return s
}

// end stops reading, waits until nobody does, and leaves no deadline of ours on a
// connection that serves other calls.
func (s *stream) end() {
	close(s.left)
	select {
	case _, more := <-s.batches:
		if more {
			s.interrupt()
		}
	default:
		s.interrupt()
	}
	_ = s.control.SetWriteDeadline(time.Time{})
}

// interrupt ends a reader before the body has ended.
func (s *stream) interrupt() {
	s.reading.Lock()
	s.ended = true
	_ = s.control.SetReadDeadline(time.Now())
	s.reading.Unlock()
	for range s.batches {
		continue // until the reader closes it
	}
}

// extend lets the caller have time again, unless nobody reads any more: the server's
// limits are for calls that do not stream.
func (s *stream) extend() {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.ended {
		return
	}
	deadline := time.Now().Add(bulkIdle)
	_ = s.control.SetReadDeadline(deadline)
	_ = s.control.SetWriteDeadline(deadline)
}

func (s *stream) read() {
	defer close(s.batches)
	for {
		var b batch
		select {
		case b.lines = <-s.spare:
		case <-s.left:
			return
		}
		b.lines, b.err = s.collect(b.lines[:0])
		select {
		case s.batches <- b:
		case <-s.left:
			return
		}
		if b.err != nil {
			return
		}
	}
}

// collect adds the lines that have arrived, at least one unless the body has ended; it
// waits only for the first. Empty lines are left out.
func (s *stream) collect(lines []line) ([]line, error) {
	s.extend()
	for len(lines) < bulkBatch {
		text, err := s.in.ReadSlice('\n')
		if !s.begun {
			s.begun, text = true, bytes.TrimPrefix(text, []byte(byteOrderMark))
		}
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = s.in.ReadSlice('\n') // what is left of it
		}
		switch text = bytes.TrimSpace(text); {
		case err != nil && !errors.Is(err, io.EOF):
			return lines, err // a line that broke off is none
		case tooLong, len(text) > bulkLine:
			lines = append(lines, line{err: refuse(codeTooLarge, "", "A line is longer than 64 KiB.")})
		case len(text) > 0:
			lines = append(lines, parseLine(text))
		}
		if err != nil {
			return lines, err
		}
		if len(lines) > 0 && !s.arrived() {
			break
		}
	}
	return lines, nil
}

// arrived reports whether a whole line can be read without waiting.
func (s *stream) arrived() bool {
	there, _ := s.in.Peek(s.in.Buffered())
	return bytes.IndexByte(there, '\n') >= 0
}

func parseLine(text []byte) line {
	var l line
	l.err = decodeJSON(text, &l.request)
	return l
}

// answer writes a line for each answer and sends them.
func (s *stream) answer(answers []bulkAnswer) error {
	s.extend()
	for n := range answers {
		if err := s.encode.Encode(&answers[n]); err != nil {
			return err
		}
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
