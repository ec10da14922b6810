package sparkhire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	errNotAnObject = httpx.ConstError("the answer is not an object")
	errNotAList    = httpx.ConstError("the answer is not a list")
	errNoUUID      = httpx.ConstError("the answer has no uuid")
	errNoKey       = httpx.ConstError("the answer has no api_key")
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
	body = unwrapData(body)
	if first(body) != '[' {
		return nil, errNotAList
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
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

// fill decodes raw into w. A field whose type is not the expected one stays empty instead of making
// the rest unreadable: hardly a type in this API is confirmed.
func fill(raw []byte, w any) error {
	err := json.Unmarshal(raw, w)
	if errors.As(err, new(*json.UnmarshalTypeError)) {
		return nil
	}
	return err
}

// unwrapData returns what a lone "data" key holds, else body. The vendor's own sample shows such a
// wrapper; the programs that were seen get bare values [assumed: docs/vendors/sparkhire.md].
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
	if n, err := strconv.ParseInt(scalar(b), 10, 32); err == nil {
		*i.to = int(n)
	}
	return nil
}

// textInto decodes text that may come as a number or a boolean. Anything else means none.
type textInto struct{ to *string }

func (s textInto) UnmarshalJSON(b []byte) error {
	*s.to = scalar(b)
	return nil
}

// scalar is the text of a JSON string, number or boolean, and "" for anything else.
func scalar(b []byte) string {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return ""
	}
	switch b[0] {
	case '{', '[', 'n':
		return ""
	case '"':
		if inner := b[1:max(len(b)-1, 1)]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			return string(inner)
		}
		var s string
		_ = json.Unmarshal(b, &s)
		return s
	}
	return string(b)
}
