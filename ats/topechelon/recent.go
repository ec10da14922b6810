package topechelon

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
)

// maxRecent bounds how many values a [recent] keeps, twice.
const maxRecent = 1024

// recent keeps what was used lately, by key. It is safe for concurrent use.
type recent[V any] struct {
	mu         sync.Mutex
	young, old map[string]V
}

// get returns the value for the key, made by create if it was not used lately.
func (r *recent[V]) get(key string, create func() (V, error)) (V, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.young[key]; ok {
		return v, nil
	}
	v, ok := r.old[key]
	if !ok {
		var err error
		if v, err = create(); err != nil {
			return v, err
		}
	}
	if r.young == nil || len(r.young) >= maxRecent {
		r.young, r.old = make(map[string]V), r.young
	}
	r.young[key] = v
	return v, nil
}

// digest returns a key that reveals nothing of the parts.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
