package topechelontest

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"sync"
)

// random hands out what must not be guessed, or what follows from a seed.
type random struct {
	mu  sync.Mutex
	src io.Reader
}

func newRandom(seed *uint64) *random {
	if seed == nil {
		return &random{src: rand.Reader}
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], *seed)
	return &random{src: mathrand.NewChaCha8(key)}
}

// token returns 24 random bytes as text that fits a header and an address.
func (r *random) token() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := make([]byte, 24)
	if _, err := io.ReadFull(r.src, b); err != nil {
		panic(fmt.Sprintf("topechelontest: read random bytes: %v", err)) // neither source ever fails
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
