package teamtailor

import (
	"sync"
	"time"
)

// sightings is what earlier runs of Reconcile saw. It lives in memory: after a
// restart everything is seen for the first time again, which only delays.
type sightings struct {
	mu         sync.Mutex
	missing    map[string]bool                 // companies that were not listed, by tenant
	left       map[string]bool                 // companies that were disconnected for it
	sending    map[string]map[string]time.Time // results in "sending", by base URL: since when
	identified time.Time                       // when a company was last looked for by its key
}

// sendingAt returns which results of a stack the last run saw in "sending", and since
// when.
func (s *sightings) sendingAt(base string) map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sending[base]
}

func (s *sightings) setSending(base string, results map[string]time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sending == nil {
		s.sending = map[string]map[string]time.Time{}
	}
	s.sending[base] = results
}

// isMissing reports whether the tenant was missing before, and notes that it is.
func (s *sightings) isMissing(tenant string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing == nil {
		s.missing = map[string]bool{}
	}
	before := s.missing[tenant]
	s.missing[tenant] = true
	return before
}

func (s *sightings) notMissing(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.missing, tenant)
}

func (s *sightings) hasLeft(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == nil {
		s.left = map[string]bool{}
	}
	s.left[tenant] = true
}

// forget is for a tenant that has come back.
func (s *sightings) forget(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.left, tenant)
	delete(s.missing, tenant)
}

func (s *sightings) isGone(tenant string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[tenant]
}

func (s *sightings) whoLeft() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tenants []string
	for tenant := range s.left {
		tenants = append(tenants, tenant)
	}
	return tenants
}

func (s *sightings) mayIdentify(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.identified) < time.Minute {
		return false
	}
	s.identified = now
	return true
}
