package httpx

import "time"

// backoff is the pause before repetition n (from 0): anything up to base·2ⁿ, at most limit. The whole
// range is drawn from (full jitter), which spreads clients that failed at the same moment best.
func backoff(n int, base, limit time.Duration, random float64) time.Duration {
	ceiling := limit
	if n < 32 && base<<n < limit && base<<n > 0 {
		ceiling = base << n
	}
	return time.Duration(random * float64(ceiling))
}
