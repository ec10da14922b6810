package teamtailortest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// EventSignature returns the Teamtailor-Signature header of a partner event: version 1 signs "<unix seconds>.<event id>" with
// the partner's webhook secret, not the body; version 0 is a decoy. [documented: docs/vendors/teamtailor.md]
func EventSignature(secret, eventID string, at time.Time) string {
	return signatureHeader(secret, eventID, at, false)
}

// signatureHeader signs any message in the way of [EventSignature]. folded adds the spaces that the documentation's line
// break leaves after the commas.
func signatureHeader(secret, message string, at time.Time, folded bool) string {
	t := unixSeconds(at)
	parts := []string{
		"t=" + t,
		"v1=" + hexHMAC(secret, t+"."+message),
		"v0=" + hexHMAC("decoy", t+"."+message),
	}
	if folded {
		return strings.Join(parts, " , ")
	}
	return strings.Join(parts, ",")
}

// CompanyWebhookSignature returns the TT-Signature header of a company webhook in version 2, over the raw body.
// [documented: docs/vendors/teamtailor.md]
func CompanyWebhookSignature(key string, body []byte, at time.Time) string {
	t := unixSeconds(at)
	return base64.StdEncoding.EncodeToString([]byte("t=" + t + ",v2=" + hexHMAC(key, t+"."+string(body))))
}

// CompanyWebhookSignatureV1 returns the TT-Signature header in the deprecated version 1, over the id of the record alone: it
// has no time and can be replayed. [documented: docs/vendors/teamtailor.md]
func CompanyWebhookSignatureV1(key, id string) string {
	return base64.StdEncoding.EncodeToString([]byte(hexHMAC(key, id)))
}

// ProviderKey returns the JWT that carries an activation's form values: HS256 over the partner's API key, claims as given,
// nothing added. [documented: docs/vendors/teamtailor.md] for the key; HS256 is documented for the sibling product.
func ProviderKey(apiKey string, claims map[string]any) string {
	head := encode64([]byte(`{"alg":"HS256"}`)) + "." + encode64(compactJSON(claims))
	mac := hmac.New(sha256.New, []byte(apiKey))
	mac.Write([]byte(head))
	return head + "." + encode64(mac.Sum(nil))
}

// encrypt returns plaintext as a JWE compact token under a key that follows from the webhook secret.
func encrypt(secret string, e Encryption, iv, plaintext []byte) string {
	digest := sha256.Sum256([]byte(secret))
	key, name := digest[:16], "A128GCM"
	switch e {
	case A256GCM:
		key, name = []byte(hex.EncodeToString(digest[:16])), "A256GCM"
	case A256GCMDigest:
		key, name = digest[:], "A256GCM"
	case A128GCM:
	}
	header := encode64([]byte(`{"alg":"dir","enc":"` + name + `"}`))
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(fmt.Sprintf("teamtailortest: make cipher: %v", err)) // the key length is ours
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(fmt.Sprintf("teamtailortest: make cipher: %v", err))
	}
	sealed := gcm.Seal(nil, iv, plaintext, []byte(header))
	tag := len(sealed) - gcm.Overhead()
	return header + ".." + encode64(iv) + "." + encode64(sealed[:tag]) + "." + encode64(sealed[tag:])
}

// hexHMAC is HMAC-SHA256 in lower-case hexadecimal.
func hexHMAC(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return hex.EncodeToString(mac.Sum(nil))
}

// unixSeconds is the time of a signature.
func unixSeconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// encode64 is the encoding of JWT and JWE: URL-safe, without padding.
func encode64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// compactJSON encodes without escaping <, > and &, as JSON libraries outside Go do. It is for values that the simulator
// built itself, which always encode.
func compactJSON(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("teamtailortest: encode JSON: %v", err))
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
