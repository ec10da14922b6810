package sign

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxToken bounds a provider key. A form with a thousand named users is below it.
const maxToken = 256 << 10

// Kind says in which form a provider key came.
type Kind string

// The forms of a provider key.
const (
	// JWT is a signed token that carries the values of the activation form.
	JWT Kind = "jwt"
	// Form is a set of form values found directly inside an encrypted provider key.
	Form Kind = "form"
	// Opaque is a random or free-form key without content: what Teamtailor makes
	// for an empty form, and keeps sending for activations older than the form.
	Opaque Kind = "opaque"
)

// ProviderKey is a checked provider key. It stands for everything a company
// entrusted to the integration, so neither the key nor a form value is ever
// printed; formatting and logging show the kind and the start of the digest.
type ProviderKey struct {
	kind   Kind
	digest string
	secret string
	fields map[string]any
}

// ParseProviderKey checks the provider key of an inbound call, as returned by
// [BearerToken], with the partner API keys.
//
// A token with the form of a JWT must be signed with HS256 by one of the keys
// [documented: docs/vendors/teamtailor.md]; any other algorithm, "none" included,
// is refused with [ErrScheme]. Times are not required; exp and nbf are honored if
// present. Anything else is an opaque key, which proves nothing by itself: accept
// the call only if [ProviderKey.Digest] is the digest of a known activation.
//
// It returns an error that matches [ErrMissing], [ErrMalformed], [ErrScheme],
// [ErrMismatch], [ErrExpired] or [ErrNoSecret].
func ParseProviderKey(token string, keys []Secret, now time.Time) (ProviderKey, error) {
	key, err := parseProviderKey(token, keys, now)
	if err != nil {
		return ProviderKey{}, fmt.Errorf("check provider key: %w", err)
	}
	return key, nil
}

func parseProviderKey(token string, keys []Secret, now time.Time) (ProviderKey, error) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return ProviderKey{}, ErrMissing
	case len(token) > maxToken:
		return ProviderKey{}, ErrMalformed
	case !isJWT(token):
		return ProviderKey{kind: Opaque, digest: Digest(token)}, nil
	}
	keys = usable(keys)
	if len(keys) == 0 {
		return ProviderKey{}, ErrNoSecret
	}
	for _, key := range keys {
		claims, err := verifyJWT(token, key, now)
		if errors.Is(err, ErrMismatch) {
			continue
		}
		if err != nil {
			return ProviderKey{}, err
		}
		return ProviderKey{kind: JWT, digest: Digest(token), secret: key.id, fields: claims}, nil
	}
	return ProviderKey{}, ErrMismatch
}

// Digest returns the hex SHA-256 of a provider key: what to store and compare in
// place of the key. It changes whenever an administrator saves the form, because
// the token then does, so it identifies a key and not a company.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return hex.EncodeToString(sum[:])
}

// Kind returns the form in which the key came.
func (k ProviderKey) Kind() Kind { return k.kind }

// Digest returns the [Digest] of the key as received; for [Form], of the
// decrypted values, which is the digest of no inbound call.
func (k ProviderKey) Digest() string { return k.digest }

// Secret returns the [Secret.ID] of the partner API key that signed a JWT, or of
// the webhook secret that decrypted a form. Empty for an opaque key.
func (k ProviderKey) Secret() string { return k.secret }

// Field returns the value of one field of the activation form. It reports false
// if there is no such field, which is always so for an opaque key.
//
// Where the values sit and how ids are spelled is not public
// [assumed: docs/vendors/teamtailor.md]: the id is looked up as it is, with dashes,
// with underscores and then in any case without either, at the top and then inside
// "data", "config" and "fields".
func (k ProviderKey) Field(id string) (string, bool) {
	names := [...]string{id, strings.ReplaceAll(id, "_", "-"), strings.ReplaceAll(id, "-", "_")}
	objects := []map[string]any{k.fields}
	for _, wrapper := range [...]string{"data", "config", "fields"} {
		if inner, ok := k.fields[wrapper].(map[string]any); ok {
			objects = append(objects, inner)
		}
	}
	for _, object := range objects {
		for _, name := range names {
			if value, ok := scalar(object[name]); ok {
				return value, true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if value, ok := scalar(object[name]); ok && bare(name) == bare(id) {
				return value, true
			}
		}
	}
	return "", false
}

// bare is an id without what its spellings differ in.
func bare(id string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(id))
}

func scalar(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	}
	return "", false
}

// String returns the kind and the first eight characters of the digest.
func (k ProviderKey) String() string {
	if k.kind == "" {
		return "no provider key"
	}
	return fmt.Sprintf("provider key (%s, sha256 %.8s…)", string(k.kind), k.digest)
}

// Format prints what [ProviderKey.String] returns, whatever the verb.
func (k ProviderKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue returns what [ProviderKey.String] does.
func (k ProviderKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// isJWT reports whether a token claims to be a signed JWT: three parts, the first
// a JSON object that names an algorithm. Such a token must verify. Treating a
// forged one as an opaque key would be harmless and hide the reason.
func isJWT(token string) bool {
	head, _, _ := strings.Cut(token, ".")
	if strings.Count(token, ".") != 2 {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return false
	}
	var header struct {
		Alg *json.RawMessage `json:"alg"`
	}
	return json.Unmarshal(text, &header) == nil && header.Alg != nil
}

func verifyJWT(token string, key Secret, now time.Time) (map[string]any, error) {
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithStrictDecoding(), // one token text per signature, so that a digest identifies it
		jwt.WithJSONNumber(),
	)
	claims := jwt.MapClaims{}
	parsed, err := parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if _, ok := t.Header["crit"]; ok {
			return nil, ErrScheme // an extension that must be understood, and is not
		}
		return []byte(key.value), nil
	})
	switch {
	case err == nil:
		return claims, nil
	case errors.Is(err, jwt.ErrTokenMalformed):
		return nil, ErrMalformed
	case parsed == nil || parsed.Method != jwt.SigningMethodHS256 || errors.Is(err, ErrScheme):
		return nil, ErrScheme
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return nil, ErrMismatch
	case errors.Is(err, jwt.ErrTokenExpired), errors.Is(err, jwt.ErrTokenNotValidYet):
		return nil, ErrExpired
	default:
		return nil, ErrMalformed // exp or nbf that is not a number
	}
}

// decodeObject reads a JSON object and nothing after it.
func decodeObject(text []byte) (map[string]any, bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil || object == nil {
		return nil, false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	return object, true
}
