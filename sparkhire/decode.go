package sparkhire

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const errNoKey = httpx.ConstError("the answer has no api_key")

// object is a pointer to a type of this package that an answer is decoded into.
type object[T any] interface {
	*T
	json.Unmarshaler
	id() string // its uuid
}

// decodeObject reads one object.
func decodeObject[T any, P object[T]](body []byte) (*T, error) { return wire.Object[T, P](body, P.id) }

// decodeList reads a list of objects.
func decodeList[T any, P object[T]](body []byte) ([]*T, error) { return wire.List[T, P](body, P.id) }

// parseTime reads a time as leniently as the vendor may write it: RFC 3339 with or without a fraction;
// null, an empty string and anything else mean none. The result is in UTC.
func parseTime(b []byte) time.Time {
	var at time.Time
	if len(b) == 0 || b[0] != '"' || at.UnmarshalJSON(b) != nil {
		return time.Time{}
	}
	return at.UTC()
}

// timeInto decodes a time into a field that exists already.
type timeInto struct{ to *time.Time }

func (t timeInto) UnmarshalJSON(b []byte) error { *t.to = parseTime(b); return nil }

// wireTime decodes a time where the field does not exist yet.
type wireTime time.Time

func (t *wireTime) UnmarshalJSON(b []byte) error { *t = wireTime(parseTime(b)); return nil }

// intInto decodes a whole number that may come as a string. Anything else means zero.
type intInto struct{ to *int }

func (i intInto) UnmarshalJSON(b []byte) error {
	*i.to = 0
	if n, err := strconv.ParseInt(wire.Scalar(b), 10, 32); err == nil {
		*i.to = int(n)
	}
	return nil
}

// textInto decodes text that may come as a number or a boolean. Anything else means none.
type textInto struct{ to *string }

func (s textInto) UnmarshalJSON(b []byte) error {
	*s.to = wire.Scalar(b)
	return nil
}
