package httpx

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds what a header can ask for, so that arithmetic on it cannot overflow.
const longestWait = 10 * 365 * 24 * time.Hour

// waitOf returns the wait that an answer asks for. Retry-After counts on any status. The rate
// limit headers count on 429 only: vendors send X-Rate-Limit-Reset with every answer.
func waitOf(status int, h http.Header, now time.Time) (time.Duration, bool) {
	if d, ok := ParseRetryAfter(h.Get("Retry-After"), now); ok {
		return d, true
	}
	if status != http.StatusTooManyRequests {
		return 0, false
	}
	for _, name := range [...]string{"X-Rate-Limit-Try-Again-Seconds", "X-Rate-Limit-Reset"} {
		if d, ok := ParseReset(h.Get(name), now); ok {
			return d, true
		}
	}
	return 0, false
}

// ParseRetryAfter reads a Retry-After value: whole seconds, or an HTTP date, of which one in the
// past means now. It reports false for anything else.
func ParseRetryAfter(v string, now time.Time) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	if d, ok := parseSeconds(v); ok {
		return d, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	return clampWait(at.Sub(now)), true
}

// ParseReset reads the value of a rate limit header: seconds from now, whole or with a fraction.
// A number too large to be a wait is a Unix time, which some vendors send under the same name.
func ParseReset(v string, now time.Time) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	if d, ok := parseSeconds(v); ok {
		if d >= longestWait {
			if sec, err := strconv.ParseInt(v, 10, 64); err == nil && sec < math.MaxInt32*4 {
				return clampWait(time.Unix(sec, 0).Sub(now)), true
			}
		}
		return d, true
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(f) || f < 0 {
		return 0, false
	}
	return clampWait(time.Duration(min(f, longestWait.Seconds()) * float64(time.Second))), true
}

func parseSeconds(v string) (time.Duration, bool) {
	sec, err := strconv.ParseUint(v, 10, 63)
	if err != nil {
		return 0, false
	}
	if sec >= uint64(longestWait/time.Second) {
		return longestWait, true
	}
	return time.Duration(sec) * time.Second, true
}

func clampWait(d time.Duration) time.Duration { return min(max(d, 0), longestWait) }
