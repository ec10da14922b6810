package sign

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// member returns the exact bytes of one member of a JSON object, or nil if the
// object has no such member. The bytes alias the input.
//
// A body is read here before it is trusted, and again by a decoder afterwards.
// Both must see the same values, so whatever two decoders could read differently
// is refused: a name that occurs twice, the same name in another case, anything
// after the object.
func member(object []byte, name string) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), jsontext.AllowInvalidUTF8(true))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != jsontext.KindBeginObject {
		return nil, ErrMalformed
	}
	var found []byte
	for dec.PeekKind() != jsontext.KindEndObject {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, ErrMalformed
		}
		here := tok.String()
		if here != name && strings.EqualFold(here, name) {
			return nil, ErrMalformed
		}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, ErrMalformed
		}
		if here == name {
			end := dec.InputOffset() // the decoder's own slice is lent until its next call only
			found = object[end-int64(len(value)) : end]
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, ErrMalformed
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, ErrMalformed
	}
	return found, nil
}

// memberAt follows names through nested objects. It returns nil when one of them
// is missing or is not an object.
func memberAt(object []byte, names ...string) ([]byte, error) {
	value := object
	for i, name := range names {
		if i > 0 && jsontext.Value(value).Kind() != jsontext.KindBeginObject {
			return nil, nil
		}
		var err error
		if value, err = member(value, name); err != nil || value == nil {
			return nil, err
		}
	}
	return value, nil
}

// idText returns an identifier's text: ids are strings in some messages and
// numbers in others. It is empty for anything else.
func idText(value []byte) string {
	switch jsontext.Value(value).Kind() {
	case jsontext.KindString:
		text, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return ""
		}
		return string(text)
	case jsontext.KindNumber:
		return string(value)
	default:
		return ""
	}
}
