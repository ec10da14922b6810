package sign

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// DecryptProviderKey decrypts the provider key of a partner activation with the
// webhook secrets and checks what is inside with the partner API keys.
//
// The token is a compact JWE with direct encryption
// [documented: docs/vendors/teamtailor.md]. Its own header decides between the two
// readings of the documented recipe, which contradicts itself:
//
//   - A128GCM: the 16 bytes that the first 32 hex digits of SHA-256(secret) stand for;
//   - A256GCM: those 32 digits as ASCII, else the whole digest
//     [assumed: docs/vendors/teamtailor.md].
//
// Any other algorithm, and compression, is refused with [ErrScheme]. The plaintext
// is read as a JSON object of form values, else as a JWT, else as an opaque key
// [assumed: docs/vendors/teamtailor.md]. Errors are those of [ParseProviderKey].
func DecryptProviderKey(token string, webhookSecrets, apiKeys []Secret, now time.Time) (ProviderKey, error) {
	plain, secret, err := decrypt(strings.TrimSpace(token), webhookSecrets)
	if err != nil {
		return ProviderKey{}, fmt.Errorf("decrypt provider key: %w", err)
	}
	if fields, ok := decodeObject(plain); ok {
		return ProviderKey{kind: Form, digest: Digest(string(plain)), secret: secret, fields: fields}, nil
	}
	text := string(plain)
	var quoted string
	if json.Unmarshal(plain, &quoted) == nil {
		text = quoted
	}
	key, err := parseProviderKey(text, apiKeys, now)
	if err != nil {
		return ProviderKey{}, fmt.Errorf("check decrypted provider key: %w", err)
	}
	return key, nil
}

func decrypt(token string, secrets []Secret) (plain []byte, secret string, err error) {
	if token == "" {
		return nil, "", ErrMissing
	}
	if len(token) > maxToken {
		return nil, "", ErrMalformed
	}
	enc, err := contentEncryption(token)
	if err != nil {
		return nil, "", err
	}
	sealed, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{enc})
	if err != nil {
		return nil, "", ErrMalformed
	}
	secrets = usable(secrets)
	if len(secrets) == 0 {
		return nil, "", ErrNoSecret
	}
	for _, s := range secrets {
		for _, key := range contentKeys(s, enc) {
			if plain, err := sealed.Decrypt(key); err == nil {
				return plain, s.id, nil
			}
		}
	}
	return nil, "", ErrMismatch
}

// contentEncryption reads the token's header. Direct encryption has no encrypted
// key, so the second of the five parts must be empty.
func contentEncryption(token string) (jose.ContentEncryption, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 5 || parts[1] != "" {
		return "", ErrMalformed
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return "", ErrMalformed
	}
	var header struct {
		Alg  jose.KeyAlgorithm      `json:"alg"`
		Enc  jose.ContentEncryption `json:"enc"`
		Zip  *json.RawMessage       `json:"zip"`
		Crit *json.RawMessage       `json:"crit"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return "", ErrMalformed
	}
	supported := header.Enc == jose.A128GCM || header.Enc == jose.A256GCM
	if header.Alg != jose.DIRECT || !supported || header.Zip != nil || header.Crit != nil {
		return "", ErrScheme
	}
	return header.Enc, nil
}

func contentKeys(s Secret, enc jose.ContentEncryption) [][]byte {
	digest := sha256.Sum256([]byte(s.value))
	if enc == jose.A128GCM {
		return [][]byte{digest[:16]}
	}
	return [][]byte{[]byte(hex.EncodeToString(digest[:16])), digest[:]}
}
