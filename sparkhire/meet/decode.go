package meet

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	errNotAnObject = httpx.ConstError("the answer is not an object")
	errNotAList    = httpx.ConstError("the answer is not a list")
	errNoUUID      = httpx.ConstError("the answer has no uuid")
)

// object is a pointer to a type of this package that an answer is decoded into.
type object[T any] interface {
	*T
	json.Unmarshaler
	id() string // its uuid
}

// decodeObject reads one object, bare or in a lone "data" wrapper.
func decodeObject[T any, P object[T]](body []byte) (*T, error) {
	body = unwrapData(body)
	if first(body) != '{' {
		return nil, errNotAnObject
	}
	v := P(new(T))
	if err := v.UnmarshalJSON(body); err != nil {
		return nil, err
	}
	if v.id() == "" {
		return nil, errNoUUID
	}
	return v, nil
}

// decodeList reads a list of objects, bare or in a lone "data" wrapper. Null items are left out.
func decodeList[T any, P object[T]](body []byte) ([]*T, error) {
	raw, err := elements(body)
	if err != nil {
		return nil, err
	}
	items := make([]*T, 0, len(raw))
	for _, r := range raw {
		if first(r) == 'n' {
			continue
		}
		item, err := decodeObject[T, P](r)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// elements splits a list, nulls included.
func elements(body []byte) ([]json.RawMessage, error) {
	body = unwrapData(body)
	if first(body) != '[' {
		return nil, errNotAList
	}
	var raw []json.RawMessage
	err := json.Unmarshal(body, &raw)
	return raw, err
}

// fill decodes raw into w. A field whose type is not the expected one stays empty instead of making
// the rest unreadable: hardly a type in this API is confirmed.
func fill(raw []byte, w any) error {
	err := json.Unmarshal(raw, w)
	if errors.As(err, new(*json.UnmarshalTypeError)) {
		return nil
	}
	return err
}

// unwrapData returns what a lone "data" key holds, else body. Answers are bare where they were seen;
// the vendor's sample for version 1.0 has the wrapper [assumed: docs/vendors/sparkhire.md].
func unwrapData(body []byte) []byte {
	rest := bytes.TrimLeft(body, " \t\r\n")
	if len(rest) == 0 || rest[0] != '{' ||
		!bytes.HasPrefix(bytes.TrimLeft(rest[1:], " \t\r\n"), []byte(`"data"`)) {
		return body
	}
	var w map[string]json.RawMessage
	if json.Unmarshal(rest, &w) != nil || len(w) != 1 {
		return body
	}
	return w["data"]
}

// first is the first byte that is not space, 0 if there is none.
func first(body []byte) byte {
	if rest := bytes.TrimLeft(body, " \t\r\n"); len(rest) > 0 {
		return rest[0]
	}
	return 0
}

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
	if first(b) == '"' {
		*t.to = parseTime(scalar(b))
	}
	return nil
}

// numberInto decodes a number that may come as a string. Anything else means zero.
type numberInto struct{ to *float64 }

func (n numberInto) UnmarshalJSON(b []byte) error {
	*n.to = 0
	var v float64
	if json.Unmarshal([]byte(scalar(b)), &v) == nil { // as JSON, which knows neither NaN nor infinity
		*n.to = v
	}
	return nil
}

// boolInto decodes true and its spellings "true", 1 and "1". Anything else means false.
type boolInto struct{ to *bool }

func (t boolInto) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseBool(scalar(b))
	*t.to = v && err == nil
	return nil
}

// textInto decodes text that may come as a number or a boolean. Anything else means none.
type textInto struct{ to *string }

func (t textInto) UnmarshalJSON(b []byte) error {
	*t.to = scalar(b)
	return nil
}

// scalar is the text of a JSON string, number or boolean, and "" for anything else.
func scalar(b []byte) string {
	b = bytes.TrimSpace(b)
	switch first(b) {
	case 0, '{', '[', 'n':
		return ""
	case '"':
		var s string
		_ = json.Unmarshal(b, &s)
		return s
	}
	return string(b)
}
