package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
)

const (
	keySize    = 32
	idSize     = 4
	version    = 1
	headerSize = 1 + idSize
)

// ErrOpen is returned for a sealed value that was changed, belongs to another
// context, or is not a sealed value.
var ErrOpen = errors.New("sealed value does not open in this context")

// ErrUnknownKey is returned for a value sealed by a key that the ring lacks:
// the key file is not the one that the database was written with.
var ErrUnknownKey = errors.New("sealed by a key that is not in the key ring")

// Ring seals and opens secrets.
type Ring struct {
	keys   []ringKey // newest first
	pepper []byte
}

type ringKey struct {
	id    [idSize]byte
	bytes []byte
	aead  cipher.AEAD
}

// Generate returns a ring with one random key.
func Generate() *Ring {
	r := &Ring{pepper: randomBytes(keySize)}
	return r.Rotated()
}

// Rotated returns a ring with one more random key, which seals from now on.
func (r *Ring) Rotated() *Ring {
	k, err := newKey(randomBytes(idSize), randomBytes(keySize))
	if err != nil {
		panic(err) // sizes are constants
	}
	return &Ring{keys: append([]ringKey{k}, r.keys...), pepper: r.pepper}
}

// Seal returns plaintext encrypted and bound to context. Sealing the same value
// twice gives different results.
func (r *Ring) Seal(plaintext []byte, context string) []byte {
	k := r.keys[0]
	out := make([]byte, headerSize, headerSize+len(plaintext)+k.aead.Overhead())
	out[0] = version
	copy(out[1:], k.id[:])
	return k.aead.Seal(out, nil, plaintext, aad(out[:headerSize], context)) //nolint:gosec // the cipher makes its own nonce
}

// Open returns what was sealed with the same context. The error matches
// [ErrOpen] or [ErrUnknownKey].
func (r *Ring) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) < headerSize || sealed[0] != version {
		return nil, ErrOpen
	}
	for _, k := range r.keys {
		if [idSize]byte(sealed[1:headerSize]) != k.id {
			continue
		}
		plain, err := k.aead.Open(nil, nil, sealed[headerSize:], aad(sealed[:headerSize], context))
		if err != nil {
			return nil, ErrOpen
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%w: key %s", ErrUnknownKey, hex.EncodeToString(sealed[1:headerSize]))
}

// Current reports whether the value was sealed by the newest key.
func (r *Ring) Current(sealed []byte) bool {
	return len(sealed) >= headerSize && sealed[0] == version && [idSize]byte(sealed[1:headerSize]) == r.keys[0].id
}

// Digest names a secret: the same label and secret give the same 32 hexadecimal
// digits under every rotation of the ring, and nothing can be learned from them
// without the ring.
func (r *Ring) Digest(label, secret string) string {
	h := hmac.New(sha256.New, r.pepper)
	h.Write([]byte(label))
	h.Write([]byte{0})
	h.Write([]byte(secret))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// LogValue says how many keys there are.
func (r *Ring) LogValue() slog.Value {
	return slog.StringValue(fmt.Sprintf("key ring of %d", len(r.keys)))
}

// String says how many keys there are.
func (r *Ring) String() string { return r.LogValue().String() }

// GoString says how many keys there are.
func (r *Ring) GoString() string { return r.String() }

func newKey(id, key []byte) (ringKey, error) {
	if len(id) != idSize || len(key) != keySize {
		return ringKey{}, fmt.Errorf("a key needs an id of %d bytes and %d bytes", idSize, keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return ringKey{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return ringKey{}, err
	}
	return ringKey{id: [idSize]byte(id), bytes: key, aead: aead}, nil
}

func aad(header []byte, context string) []byte {
	return append(append([]byte(nil), header...), context...)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}
