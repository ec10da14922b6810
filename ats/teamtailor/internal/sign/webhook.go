package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Message names what a signature turned out to cover.
type Message string

// What a signature can cover. Only RawBody and Payload protect the content.
const (
	EventID    Message = "event-id"    // partner-event.id
	RawBody    Message = "raw-body"    // the body as received
	ResourceID Message = "resource-id" // payload.data.id
	Payload    Message = "payload"     // the bytes of the payload member
)

// Match says how a signature was confirmed. Recording it tells an operator which
// of the accepted rules Teamtailor uses, and when an old secret is no longer needed.
type Match struct {
	// Secret is the [Secret.ID] of the secret that matched.
	Secret string
	// Message is what the signature covers.
	Message Message
	// Scheme is "v1" or "v2".
	Scheme string
	// ID is the event's or resource's id as the signature's check read it, which
	// is the one to act on. Empty if the body has none.
	ID string
	// Time is the signed time in UTC; zero for the company scheme v1, which has none.
	Time time.Time
	// Later names a later scheme that stood beside the one that matched: Teamtailor
	// is introducing it, and this package should learn it. Usually empty.
	Later string
}

// Trigger checks the signature of a trigger webhook or an action call.
//
// The signature is the HMAC-SHA256 of the time, a dot and partner-event.id under
// the webhook secret [documented: docs/vendors/teamtailor.md]. It therefore does
// not protect the rest of the body: TLS and the provider key do. If it does not
// match, the rule that was documented before July 2024, with the raw body in
// place of the id, is tried [assumed: docs/vendors/teamtailor.md];
// [Match.Message] tells which one held.
//
// Only scheme v1 counts. A header without it is refused, whatever else it
// contains. It returns an error that matches [ErrMissing], [ErrMalformed],
// [ErrScheme], [ErrMismatch], [ErrStale] or [ErrNoSecret].
func Trigger(h http.Header, body []byte, secrets []Secret, w Window) (Match, error) {
	match, err := trigger(h, body, secrets, w)
	if err != nil {
		return Match{}, fmt.Errorf("verify trigger signature: %w", err)
	}
	return match, nil
}

func trigger(h http.Header, body []byte, secrets []Secret, w Window) (Match, error) {
	s, err := headerStamp(h)
	if err != nil {
		return Match{}, err
	}
	value, err := memberAt(body, "partner-event", "id")
	if err != nil {
		return Match{}, err
	}
	id := idText(value)
	if id == "" {
		return Match{}, ErrMalformed
	}
	return s.verify(secrets, w, Match{Scheme: "v1", ID: id}, []signed{
		{EventID, []byte(id)},
		{RawBody, body},
	})
}

// PartnerWebhook checks the signature of an event webhook that a partner webhook
// setup sends. Give the webhook secrets first and the partner API keys after them.
//
// What these calls sign is not public. Each secret is tried in order with the raw
// body, payload.data.id and the bytes of the payload member
// [assumed: docs/vendors/teamtailor.md]; one must match. Because an id alone may
// match, the caller must require a valid provider key as well. Errors are those
// of [Trigger].
func PartnerWebhook(h http.Header, body []byte, secrets []Secret, w Window) (Match, error) {
	s, err := headerStamp(h)
	if err != nil {
		return Match{}, fmt.Errorf("verify partner webhook signature: %w", err)
	}
	id, payload, err := resource(body)
	if err != nil {
		return Match{}, fmt.Errorf("verify partner webhook signature: %w", err)
	}
	match, err := s.verify(secrets, w, Match{Scheme: "v1", ID: id}, []signed{
		{RawBody, body},
		{ResourceID, []byte(id)},
		{Payload, payload},
	})
	if err != nil {
		return Match{}, fmt.Errorf("verify partner webhook signature: %w", err)
	}
	return match, nil
}

// Company checks the v2 signature of a company's own webhook with the keys that
// the company's administrator was shown.
//
// The signature covers the time, a dot and the raw body
// [documented: docs/vendors/teamtailor.md], or the exact bytes of the payload
// member in place of the body [assumed: docs/vendors/teamtailor.md]: the same
// value also stands inside the body, which cannot sign itself. A header of the
// deprecated scheme v1 is refused with [ErrScheme]; see [CompanyV1].
func Company(h http.Header, body []byte, keys []Secret, w Window) (Match, error) {
	match, err := company(h, body, keys, w)
	if err != nil {
		return Match{}, fmt.Errorf("verify company webhook signature: %w", err)
	}
	return match, nil
}

func company(h http.Header, body []byte, keys []Secret, w Window) (Match, error) {
	text, err := companyHeader(h)
	if err != nil {
		return Match{}, err
	}
	if isHexMAC(text) {
		return Match{}, ErrScheme
	}
	s, err := parseStamp(text, "v2")
	if err != nil {
		return Match{}, err
	}
	id, payload, err := resource(body)
	if err != nil {
		return Match{}, err
	}
	return s.verify(keys, w, Match{Scheme: "v2", ID: id}, []signed{
		{RawBody, body},
		{Payload, payload},
	})
}

// CompanyV1 checks the deprecated signature of a company webhook, which covers
// payload.data.id only [documented: docs/vendors/teamtailor.md]. It has no time,
// so a copy of the call is valid for ever, and it does not protect the body. Use
// it only for a company that cannot switch, and act on the id alone.
func CompanyV1(h http.Header, body []byte, keys []Secret) (Match, error) {
	match, err := companyV1(h, body, keys)
	if err != nil {
		return Match{}, fmt.Errorf("verify company webhook signature v1: %w", err)
	}
	return match, nil
}

func companyV1(h http.Header, body []byte, keys []Secret) (Match, error) {
	text, err := companyHeader(h)
	if err != nil {
		return Match{}, err
	}
	if !isHexMAC(text) {
		return Match{}, ErrScheme
	}
	mac, err := hex.DecodeString(text)
	if err != nil {
		return Match{}, ErrMalformed
	}
	id, _, err := resource(body)
	if err != nil {
		return Match{}, err
	}
	return search(keys, [][]byte{mac}, "", Match{Scheme: "v1", ID: id}, []signed{{ResourceID, []byte(id)}})
}

// signed is one text that a signature may cover.
type signed struct {
	message Message
	bytes   []byte
}

// verify looks for the secret and message that explain the signature. The time is
// judged last, so that [ErrStale] always means a genuine signature.
func (s stamp) verify(secrets []Secret, w Window, match Match, messages []signed) (Match, error) {
	match, err := search(secrets, s.macs, s.raw+".", match, messages)
	if err != nil {
		return Match{}, err
	}
	if !w.contains(s.time) {
		return Match{}, ErrStale
	}
	match.Time, match.Later = s.time, s.others
	return match, nil
}

func search(secrets []Secret, macs [][]byte, prefix string, match Match, messages []signed) (Match, error) {
	secrets = usable(secrets)
	if len(secrets) == 0 {
		return Match{}, ErrNoSecret
	}
	for _, secret := range secrets {
		for _, m := range messages {
			if len(m.bytes) == 0 {
				continue // a signature over nothing would fit every body that lacks it
			}
			hash := hmac.New(sha256.New, []byte(secret.value))
			hash.Write([]byte(prefix))
			hash.Write(m.bytes)
			sum := hash.Sum(nil)
			for _, mac := range macs {
				if hmac.Equal(sum, mac) {
					match.Secret, match.Message = secret.id, m.message
					return match, nil
				}
			}
		}
	}
	return Match{}, ErrMismatch
}

// headerStamp reads the Teamtailor-Signature header. Repeated header lines are one
// list, as HTTP has it; a second time in that list is refused by parseStamp.
func headerStamp(h http.Header) (stamp, error) {
	values := h.Values(TriggerHeader)
	if len(values) == 0 {
		return stamp{}, ErrMissing
	}
	return parseStamp(strings.Join(values, ","), "v1")
}

func companyHeader(h http.Header) (string, error) {
	values := h.Values(CompanyHeader)
	if len(values) == 0 {
		return "", ErrMissing
	}
	if len(values) > 1 || len(values[0]) > maxHeader {
		return "", ErrMalformed
	}
	text, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(values[0]))
	if err != nil {
		return "", ErrMalformed
	}
	return string(text), nil
}

func isHexMAC(text string) bool {
	return len(text) == hex.EncodedLen(sha256.Size) && strings.Trim(text, "0123456789abcdefABCDEF") == ""
}

// resource returns payload.data.id and the exact bytes of the payload member.
func resource(body []byte) (id string, payload []byte, err error) {
	payload, err = member(body, "payload")
	if err != nil || payload == nil {
		return "", nil, err
	}
	value, err := memberAt(body, "payload", "data", "id")
	if err != nil {
		return "", nil, err
	}
	return idText(value), payload, nil
}
