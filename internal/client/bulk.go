package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxAnswerLine bounds one line of a bulk answer.
const maxAnswerLine = 64 << 10

// BulkAnswer is what became of one line.
type BulkAnswer struct {
	Key         string   `json:"key"`
	InterviewID string   `json:"interview_id"`
	State       string   `json:"state"`
	Error       *Problem `json:"error"`
}

// Patience is how an import copes with a service that is out of reach.
type Patience struct {
	// For is how long no line may be answered before the import is given up.
	For time.Duration
	// Waiting is told before each pause; may be nil.
	Waiting func(err error, pause time.Duration)
}

// Import asks for the interviews of all lines, each a JSON object with a key, and
// hands each line's answer to done. What was not answered when the connection
// broke, and what the service could not take for the moment, is sent again. The
// error says why lines are left without an answer: the service refused the call
// as a whole, or was out of reach for too long, or ctx ended.
func (c *Client) Import(ctx context.Context, connectionID string, lines [][]byte, p Patience, done func(n int, a BulkAnswer)) error {
	left := make([]int, len(lines))
	for n := range left {
		left[n] = n
	}
	since, failures := time.Now(), 0
	for {
		rest, err := c.round(ctx, connectionID, lines, left, done)
		if len(rest) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(rest) < len(left) {
			since, failures = time.Now(), 0
		}
		left = rest
		problem, refused := errors.AsType[*Problem](err)
		if refused && !problem.Temporary() {
			return err
		}
		failures++
		pause := min(250*time.Millisecond<<min(failures, 8), 15*time.Second)
		if refused {
			pause = max(pause, problem.RetryAfter)
		}
		if time.Since(since)+pause > p.For {
			return fmt.Errorf("the service was out of reach for %s: %w", p.For, err)
		}
		if p.Waiting != nil {
			p.Waiting(err, pause)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// round sends the lines that are left and returns those that need another round,
// with the reason.
func (c *Client) round(ctx context.Context, connectionID string, lines [][]byte, left []int, done func(n int, a BulkAnswer)) ([]int, error) {
	some := make([][]byte, len(left))
	for n, at := range left {
		some[n] = lines[at]
	}
	answered := 0
	var again []int
	var reason error
	err := c.bulk(ctx, connectionID, some, func(a BulkAnswer) {
		at := left[answered]
		answered++
		if a.Error != nil && a.Error.Temporary() {
			again, reason = append(again, at), a.Error
			return
		}
		done(at, a)
	})
	again = append(again, left[answered:]...)
	switch {
	case err != nil:
		reason = err
	case answered < len(left):
		reason = errors.New("the answer ended before every line was answered")
	}
	return again, reason
}

// bulk sends lines in one call and reads answers while it is still sending.
func (c *Client) bulk(ctx context.Context, connectionID string, lines [][]byte, answer func(BulkAnswer)) error {
	var body bytes.Buffer
	for _, l := range lines {
		body.Write(l)
		body.WriteByte('\n')
	}
	resp, err := c.send(ctx, http.MethodPost, Path("connections", connectionID, "interviews", "bulk"), nil, "application/x-ndjson", &body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	in := bufio.NewScanner(resp.Body)
	in.Buffer(make([]byte, 0, 4<<10), maxAnswerLine)
	for n := 0; in.Scan(); n++ {
		if n == len(lines) {
			return errors.New("there are more answers than lines: is this the address of a Sparkbridge service?")
		}
		var a BulkAnswer
		if err := json.Unmarshal(in.Bytes(), &a); err != nil {
			return errors.New("a line of the answer is not JSON")
		}
		answer(a)
	}
	if err := in.Err(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", withoutURL(err))
	}
	return nil
}
