package bridge

import (
	"sync"
	"time"
)

// readAgain is how many readings a sweep that goes on reads again, to see that what comes
// is what came next.
const readAgain = 10

// sweepPoint is how far a sweep has come. When more has changed than the budget allows to
// read at once, the next sweep goes on from there: one that began anew each time would
// spend every budget and never come to the end.
type sweepPoint struct {
	watermark time.Time // as stored
	since     time.Time // how far to read
	newest    time.Time // the next watermark
	read      int       // how many readings were dealt with, newest first
	last      time.Time // the last one's change
	// unordered: a reading came before a newer one, or does not say when it changed.
	// Nobody can go on in such a list.
	unordered bool
}

// firstSweep is how far the first sweep after connecting reads.
const firstSweep = 30 * 24 * time.Hour

// resume returns how many readings to leave out. Where it is not the first look, the one
// after them must not be older than the last.
func (p *sweepPoint) resume() (from int, rejoins bool) {
	return max(0, p.read-readAgain), p.read > 0
}

// pass notes that readings were dealt with.
func (p *sweepPoint) pass(batch []reading) {
	for _, r := range batch {
		p.unordered = p.unordered || r.UpdatedAt.IsZero() || (p.read > 0 && r.UpdatedAt.After(p.last))
		p.read++
		p.last = r.UpdatedAt
		if r.UpdatedAt.After(p.newest) {
			p.newest = r.UpdatedAt
		}
	}
}

// sweepOf names the sweep of a connection with a credential.
type sweepOf struct{ connectionID, credential string }

// sweepPoints are those of the sweeps that are to go on. Losing them costs time only.
type sweepPoints struct {
	mu  sync.Mutex
	all map[sweepOf]sweepPoint
}

// takeUp returns where to go on since a watermark, or where to begin.
func (s *sweepPoints) takeUp(of sweepOf, watermark, now time.Time) sweepPoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.all[of]
	delete(s.all, of)
	if ok && p.watermark.Equal(watermark) {
		return p
	}
	since := watermark
	if since.IsZero() {
		since = now.Add(-firstSweep)
	}
	return sweepPoint{watermark: watermark, since: since, newest: since}
}

func (s *sweepPoints) keep(of sweepOf, p sweepPoint) {
	if p.read == 0 || p.unordered {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[sweepOf]sweepPoint{}
	}
	s.all[of] = p
}
