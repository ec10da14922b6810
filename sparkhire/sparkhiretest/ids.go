package sparkhiretest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// idMaker makes UUIDs and secrets: random ones, or by counting when a caller wants runs to be equal. It is used
// under the server's lock.
type idMaker struct {
	counting bool
	n        uint64
}

// uuid returns a version 4 UUID. Clients must treat it as opaque. [transcribed: docs/vendors/sparkhire.md]
func (m *idMaker) uuid() string {
	if m.counting {
		m.n++
		return fmt.Sprintf("5e000000-0000-4000-8000-%012x", m.n)
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// secret returns what API keys and share URLs are made of.
func (m *idMaker) secret() string {
	if m.counting {
		m.n++
		return fmt.Sprintf("EXAMPLE-%d", m.n)
	}
	var b [20]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
