package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// tokens are the digests of the API tokens: of equal length, so that comparing
// takes the same time whatever was sent.
type tokens [][sha256.Size]byte

func newTokens(all []ats.Secret) tokens {
	var ts tokens
	for _, t := range all {
		if !t.IsZero() {
			ts = append(ts, sha256.Sum256([]byte(t.Reveal())))
		}
	}
	return ts
}

// accept reports whether an Authorization header carries one of the tokens. It
// compares with all of them.
func (t tokens) accept(authorization string) bool {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	found := 0
	for _, known := range t {
		found |= subtle.ConstantTimeCompare(known[:], given[:])
	}
	return found == 1
}
