package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// What is wrong with an answer.
const (
	ErrNotAnObject = httpx.ConstError("the answer is not an object")
	ErrNotAList    = httpx.ConstError("the answer is not a list")
	ErrNoUUID      = httpx.ConstError("the answer has no uuid")
)

// Object reads one object, bare or in a lone "data" wrapper; id returns its uuid, which
// it must have.
func Object[T any, P interface {
	*T
	json.Unmarshaler
}](body []byte, id func(P) string,
) (*T, error) {
	body = Unwrap(body)
	if First(body) != '{' {
		return nil, ErrNotAnObject
	}
	v := P(new(T))
	if err := v.UnmarshalJSON(body); err != nil {
		return nil, err
	}
	if id(v) == "" {
		return nil, ErrNoUUID
	}
	return v, nil
}

// List reads a list of objects, bare or in a lone "data" wrapper. Null items are left
// out.
func List[T any, P interface {
	*T
	json.Unmarshaler
}](body []byte, id func(P) string,
) ([]*T, error) {
	raw, err := Elements(body)
	if err != nil {
		return nil, err
	}
	items := make([]*T, 0, len(raw))
	for _, r := range raw {
		if First(r) == 'n' {
			continue
		}
		item, err := Object[T](r, id)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// Elements splits a list, bare or in a lone "data" wrapper, nulls included.
func Elements(body []byte) ([]json.RawMessage, error) {
	body = Unwrap(body)
	if First(body) != '[' {
		return nil, ErrNotAList
	}
	var raw []json.RawMessage
	err := json.Unmarshal(body, &raw)
	return raw, err
}

// Fill decodes raw into w. A field whose type is not the expected one stays empty
// instead of making the rest unreadable.
func Fill(raw []byte, w any) error {
	err := json.Unmarshal(raw, w)
	if errors.As(err, new(*json.UnmarshalTypeError)) {
		return nil
	}
	return err
}

// Unwrap returns what a lone "data" key holds, else body. The vendor's sample for
// version 1.0 shows such a wrapper; the programs that were seen get bare values
// [assumed: docs/vendors/sparkhire.md].
func Unwrap(body []byte) []byte {
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

// First is the first byte that is not space, 0 if there is none.
func First(body []byte) byte {
	if rest := bytes.TrimLeft(body, " \t\r\n"); len(rest) > 0 {
		return rest[0]
	}
	return 0
}

// Scalar is the text of a JSON string, number or boolean, and "" for anything else.
func Scalar(b []byte) string {
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
