package paycortest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
)

// ids makes what the vendor makes up.
type ids struct {
	mu     sync.Mutex
	source *mathrand.ChaCha8 // nil without a seed
	count  uint64
}

func newIDs(seed *uint64) *ids {
	i := &ids{}
	if seed != nil {
		var key [32]byte
		for n := range 8 {
			key[n] = byte(*seed >> (8 * n) & 0xff)
		}
		i.source = mathrand.NewChaCha8(key)
	}
	return i
}

func (i *ids) bytes(n int) []byte {
	b := make([]byte, n)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.source != nil {
		_, _ = i.source.Read(b) // never fails
	} else {
		_, _ = rand.Read(b) // never fails
	}
	return b
}

// record returns an id in the shape of the published examples: 32 hexadecimal characters
// [documented: docs/vendors/paycor.md]. It follows from the order of creation.
func (i *ids) record() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.count++
	return fmt.Sprintf("ff80818190aa1001%016x", 0x0190aa1001000000+i.count)
}

// number returns an id that is a number.
func (i *ids) number() int32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.count++
	return int32(910_000 + i.count%1_000_000)
}

// guid returns a random version 4 UUID.
func (i *ids) guid() string {
	b := i.bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// secret returns n random bytes in hexadecimal.
func (i *ids) secret(n int) string { return hex.EncodeToString(i.bytes(n)) }
