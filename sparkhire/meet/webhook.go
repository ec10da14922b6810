package meet

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// Event is what a delivery is about. Expect values that are not listed here.
type Event string

// The events that are known; a webhook gets all of them [vendor-authored: the first four; observed:
// the others; docs/vendors/sparkhire.md].
const (
	EventItemCreated   Event = "AssessmentItem.Created"
	EventItemUpdated   Event = "AssessmentItem.Updated"
	EventItemCompleted Event = "AssessmentItem.Completed"
	EventItemEvaluated Event = "AssessmentItem.Evaluated"
	EventItemDeleted   Event = "AssessmentItem.Deleted"
	EventItemRestored  Event = "AssessmentItem.Restored"

	itemEvents = "AssessmentItem"
)

// Events returns the known events.
func Events() []Event {
	return []Event{
		EventItemCreated, EventItemUpdated, EventItemCompleted, EventItemEvaluated, EventItemDeleted, EventItemRestored,
	}
}

// Known reports whether the event is one of [Events].
func (e Event) Known() bool { return slices.Contains(Events(), e) }

// The headers of a delivery [observed: docs/vendors/sparkhire.md].
const (
	signatureHeader = "X-SparkHire-Signature"
	eventHeader     = "X-SparkHire-Event"
	timeHeader      = "X-SparkHire-Event-Time"
	requestHeader   = "X-SparkHire-Request-UUID"
)

// MaxWebhookBody is how much of a delivery is read.
const MaxWebhookBody = 1 << 20

// Errors of [VerifyWebhook].
var (
	// ErrBadSignature is returned for a delivery that nobody has signed with one of the secrets. Answer 401.
	ErrBadSignature = errors.New("meet: webhook signature is missing or wrong")

	// ErrBadWebhook is returned for a delivery that cannot be one of Spark Hire's. Answer 400.
	ErrBadWebhook = errors.New("meet: not a webhook delivery")
)

// Delivery is what a webhook says has happened. Body and all that was read from it are signed; Event,
// Time and RequestUUID are not. It is a hint and nothing more, see [VerifyWebhook].
type Delivery struct {
	Event       Event     // may be empty, or one that nobody has heard of
	Time        time.Time // of the event, in UTC; zero when it is missing or unreadable
	RequestUUID string    // of the delivery; the same when it is repeated [assumed]

	UUID string // of the item, or of whatever the body holds; may be empty for other events
	Item *Item  // for events of items, else nil

	Raw json.RawMessage // the body as received; holds personal data
}

// LogValue is the event and the uuids.
func (d Delivery) LogValue() slog.Value {
	return logUUID(d.UUID, slog.String("event", string(d.Event)), slog.String("request_uuid", d.RequestUUID))
}

// VerifyWebhook reads a delivery of at most [MaxWebhookBody] bytes, checks that one of the webhook's
// secrets has signed it, and only then looks into it. While a secret is being changed on the settings
// page, give the old and the new one.
//
// The signature covers the body alone. Who has seen one delivery can send its body again, at any time
// and under any other event, time and request UUID; the vendor itself may repeat, delay, reorder or
// lose deliveries. So take nothing from a delivery but UUID, read the item ([ItemsService.Get]), and
// act on that. Believe a deletion only when the read says [IsGone] and other calls still work. Do not
// tell repetitions apart by RequestUUID alone: make acting twice harmless.
//
// Answer 200 at once and work afterwards, to events that are not known too.
//
// Errors: [ErrBadSignature]; [ErrBadWebhook]; *[ArgumentError] when there is no secret or an empty
// one, which would let anybody in; or what reading body returned.
func VerifyWebhook(header http.Header, body io.Reader, secrets ...string) (*Delivery, error) {
	if len(secrets) == 0 || slices.Contains(secrets, "") {
		return nil, &ArgumentError{Op: "webhook", Name: "secret", Reason: "must not be empty"}
	}
	raw, err := io.ReadAll(io.LimitReader(body, MaxWebhookBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read webhook: %w", err)
	case len(raw) > MaxWebhookBody:
		return nil, fmt.Errorf("%w: body is larger than %d bytes", ErrBadWebhook, MaxWebhookBody)
	case !signed(header.Values(signatureHeader), raw, secrets):
		return nil, ErrBadSignature
	}
	d := &Delivery{
		Event: Event(header.Get(eventHeader)), Time: parseTime(header.Get(timeHeader)),
		RequestUUID: header.Get(requestHeader), Raw: raw,
	}
	if !strings.HasPrefix(string(d.Event), itemEvents) {
		var w struct {
			UUID textInto `json:"uuid"`
		}
		w.UUID.to = &d.UUID
		_ = json.Unmarshal(wire.Unwrap(raw), &w) // whatever it is, it is acknowledged
		return d, nil
	}
	if d.Item, err = decodeObject[Item](raw); err != nil {
		return nil, fmt.Errorf("%w: body is not an item with a uuid", ErrBadWebhook)
	}
	d.UUID = d.Item.UUID
	return d, nil
}

// signed compares the one signature with that of every secret, in a time that does not tell how far
// they agree nor with which.
func signed(signatures []string, body []byte, secrets []string) bool {
	if len(signatures) != 1 {
		return false
	}
	signature, err := hex.DecodeString(signatures[0])
	if err != nil {
		return false
	}
	good := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		good = hmac.Equal(mac.Sum(nil), signature) || good
	}
	return good
}
