package jsonapi

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Identifier names a resource.
type Identifier struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// ToOne is a relationship to at most one resource. Without an include the answer
// has links only and Loaded is false; a loaded relationship to nothing has no ID.
type ToOne struct {
	ID     string
	Loaded bool
}

// UnmarshalJSONFrom reads a relationship object.
func (o *ToOne) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = ToOne{}
	found, err := linkage(dec)
	if err != nil || !found {
		return err
	}
	o.Loaded = true
	if o.ID, err = identifier(dec); err != nil {
		return err
	}
	return closeObject(dec)
}

// ToMany is a relationship to any number of resources. Without an include Loaded
// is false.
type ToMany struct {
	IDs    []string
	Loaded bool
}

// UnmarshalJSONFrom reads a relationship object.
func (m *ToMany) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*m = ToMany{}
	found, err := linkage(dec)
	if err != nil || !found {
		return err
	}
	m.Loaded = true
	if dec.PeekKind() != jsontext.KindBeginArray {
		if err := dec.SkipValue(); err != nil {
			return err
		}
		return closeObject(dec)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		id, err := identifier(dec)
		if err != nil {
			return err
		}
		m.IDs = append(m.IDs, id)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	return closeObject(dec)
}

// linkage reads a relationship object up to the value of its data member. Without
// one it reports false and has read the whole value.
func linkage(dec *jsontext.Decoder) (bool, error) {
	if dec.PeekKind() != jsontext.KindBeginObject {
		return false, dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return false, err
	}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadValue()
		if err != nil {
			return false, err
		}
		if string(name) == `"data"` {
			return true, nil
		}
		if _, err := dec.ReadValue(); err != nil {
			return false, err
		}
	}
	_, err := dec.ReadToken()
	return false, err
}

// closeObject skips to the end of the object that the decoder is in.
func closeObject(dec *jsontext.Decoder) error {
	for dec.PeekKind() != jsontext.KindEndObject {
		if _, err := dec.ReadValue(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// identifier reads a resource identifier and returns its id, empty for null.
func identifier(dec *jsontext.Decoder) (string, error) {
	if dec.PeekKind() != jsontext.KindBeginObject {
		return "", dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return "", err
	}
	var id Text
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadValue()
		if err != nil {
			return "", err
		}
		if string(name) == `"id"` {
			err = id.UnmarshalJSONFrom(dec)
		} else {
			_, err = dec.ReadValue()
		}
		if err != nil {
			return "", err
		}
	}
	_, err := dec.ReadToken()
	return string(id), err
}

// Text is a scalar that the sender writes as a string in some answers and as a
// number or a boolean in others. Null, lists and objects read as empty.
type Text string

// UnmarshalJSONFrom reads any value.
func (t *Text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*t = ""
	kind := dec.PeekKind()
	if kind == jsontext.KindNull || kind == jsontext.KindBeginArray || kind == jsontext.KindBeginObject {
		return dec.SkipValue()
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if kind == jsontext.KindString {
		*t = Text((*texts)(nil).unquote(raw))
	} else {
		*t = Text(raw)
	}
	return nil
}

// Time is a moment in UTC, zero if the sender gives none or one in no known form.
// A date counts as its midnight in UTC.
type Time struct{ time.Time }

// UnmarshalJSONFrom reads any value.
func (t *Time) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*t = Time{}
	if dec.PeekKind() != jsontext.KindString {
		return dec.SkipValue()
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	text := raw[1 : len(raw)-1]
	for _, layout := range [...]string{time.RFC3339, time.DateOnly} {
		if parsed, err := time.Parse(layout, string(text)); err == nil {
			t.Time = parsed.UTC()
			break
		}
	}
	return nil
}

// link is a link in its short or long form; empty for null and anything else.
type link string

func (l *link) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*l = ""
	switch dec.PeekKind() {
	case jsontext.KindString:
		return (*Text)(l).UnmarshalJSONFrom(dec)
	case jsontext.KindBeginObject:
		var long struct {
			Href Text `json:"href"`
		}
		err := json.UnmarshalDecode(dec, &long)
		*l = link(long.Href)
		return err
	default:
		return dec.SkipValue()
	}
}
