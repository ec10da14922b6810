package meet

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

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

// parseTime reads RFC 3339 with or without a fraction; anything else means none. The result is in UTC,
// and of a year that can be written again.
func parseTime(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if at = at.UTC(); err != nil || at.Year() < 0 || at.Year() > 9999 {
		return time.Time{}
	}
	return at
}

// timeInto decodes a time into a field that exists already.
type timeInto struct{ to *time.Time }

func (t timeInto) UnmarshalJSON(b []byte) error {
	*t.to = time.Time{}
	if wire.First(b) == '"' {
		*t.to = parseTime(wire.Scalar(b))
	}
	return nil
}

// numberInto decodes a number that may come as a string. Anything else means zero.
type numberInto struct{ to *float64 }

func (n numberInto) UnmarshalJSON(b []byte) error {
	*n.to = 0
	var v float64
	if json.Unmarshal([]byte(wire.Scalar(b)), &v) == nil { // as JSON, which knows neither NaN nor infinity
		*n.to = v
	}
	return nil
}

// boolInto decodes true and its spellings "true", 1 and "1". Anything else means false.
type boolInto struct{ to *bool }

func (t boolInto) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseBool(wire.Scalar(b))
	*t.to = v && err == nil
	return nil
}

// textInto decodes text that may come as a number or a boolean. Anything else means none.
type textInto struct{ to *string }

func (t textInto) UnmarshalJSON(b []byte) error {
	*t.to = wire.Scalar(b)
	return nil
}
