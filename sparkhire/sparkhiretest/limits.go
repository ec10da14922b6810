package sparkhiretest

import (
	"net/http"
	"strconv"
	"time"
)

// Window says how a rate limit is counted.
type Window int

const (
	// SlidingWindow looks back from each request: never more than the limit in any span of the window's length.
	SlidingWindow Window = iota
	// FixedWindow counts from zero at each multiple of the window's length on the clock.
	FixedWindow
)

// waitHeader carries the seconds until a limited caller may come back.
// [documented: that there is one; transcribed: its name; docs/vendors/sparkhire.md]
const waitHeader = "X-Rate-Limit-Try-Again-Seconds"

// bucket is what one key has spent.
type bucket struct {
	start time.Time   // fixed window: where it began
	count int         // fixed window: requests in it
	sent  []time.Time // sliding window: the requests in it, oldest first
}

// take charges one request. It returns how long to wait when the limit is reached, and zero when the request may
// go on. Refused requests are not charged. [assumed: docs/vendors/sparkhire.md]
func (b *bucket) take(now time.Time, window Window, limit int, per time.Duration) time.Duration {
	if window == FixedWindow {
		if start := now.Truncate(per); !start.Equal(b.start) {
			b.start, b.count = start, 0
		}
		if b.count >= limit {
			return b.start.Add(per).Sub(now)
		}
		b.count++
		return 0
	}
	for len(b.sent) > 0 && !now.Before(b.sent[0].Add(per)) {
		b.sent = b.sent[1:]
	}
	if len(b.sent) >= limit {
		return b.sent[0].Add(per).Sub(now)
	}
	b.sent = append(b.sent, now)
	return 0
}

// charge takes one request from the key's budget or refuses it with 429. The wait is rounded up to whole seconds.
// [documented: 400 a minute, 429, seconds; assumed: per key, no burst beyond; docs/vendors/sparkhire.md]
func (s *Server) charge(key string, now time.Time) *problem {
	if s.cfg.limit <= 0 {
		return nil
	}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{}
		s.buckets[key] = b
	}
	wait := b.take(now, s.cfg.window, s.cfg.limit, s.cfg.per)
	if wait <= 0 {
		return nil
	}
	return tooMany(int((wait + time.Second - 1) / time.Second))
}

func tooMany(seconds int) *problem {
	p := refusal(http.StatusTooManyRequests, "Rate limit exceeded.")
	p.header = http.Header{waitHeader: {strconv.Itoa(seconds)}}
	return p
}

// RateLimited returns how many requests the server has answered with 429, those of injected faults included.
func (s *Server) RateLimited() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limited
}
