package teamtailortest

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"sync"
)

// ids hands out what the vendor numbers. Numeric ids always count up from a fixed start that differs by kind, so that
// mistaking one kind for another shows; what is random comes from a seeded stream when a seed is given.
type ids struct {
	mu     sync.Mutex
	last   map[idKind]int
	random io.Reader
}

type idKind string

const (
	idPartner      idKind = "partner"
	idActivation   idKind = "partner-activation"
	idUser         idKind = "user"
	idJob          idKind = "job"
	idStage        idKind = "stage"
	idTrigger      idKind = "trigger"
	idCandidate    idKind = "candidate"
	idApplication  idKind = "job-application"
	idCustomField  idKind = "custom-field"
	idCustomOption idKind = "custom-field-option"
	idCustomValue  idKind = "custom-field-value"
	idNote         idKind = "note"
)

// newIDs starts the counters. Candidates, jobs and the like begin where the samples of the documentation do.
func newIDs(seed *uint64) *ids {
	i := &ids{random: rand.Reader, last: map[idKind]int{
		idPartner: 90, idActivation: 11, idUser: 30, idJob: 4710, idStage: 9000, idTrigger: 76, idCandidate: 81233,
		idApplication: 90209, idCustomField: 1457, idCustomOption: 3300, idCustomValue: 55100, idNote: 660,
	}}
	if seed != nil {
		var key [32]byte
		binary.LittleEndian.PutUint64(key[:], *seed)
		i.random = mathrand.NewChaCha8(key)
	}
	return i
}

// next returns the next number of a kind.
func (i *ids) next(k idKind) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last[k]++
	return i.last[k]
}

// bytes returns n random bytes.
func (i *ids) bytes(n int) []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	b := make([]byte, n)
	if _, err := io.ReadFull(i.random, b); err != nil {
		panic(fmt.Sprintf("teamtailortest: read random bytes: %v", err)) // neither source ever fails
	}
	return b
}

// uuid returns a version 4 UUID in its usual form.
func (i *ids) uuid() string {
	b := i.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// token returns 20 random bytes in hexadecimal.
func (i *ids) token() string { return hex.EncodeToString(i.bytes(20)) }

// companyUUID returns a short base-62 string, which is how company ids look in the vendor's samples.
// [observed: docs/vendors/teamtailor.md]
func (i *ids) companyUUID() string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := i.bytes(10)
	for n := range b {
		b[n] = digits[int(b[n])%len(digits)]
	}
	return string(b)
}
