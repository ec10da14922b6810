package jsonapi

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// resources reads null, one resource or a list of them, into one set or, with nil,
// each into the included set of its type.
func (d *Document) resources(into Collector) error {
	switch d.dec.PeekKind() {
	case jsontext.KindNull:
		return d.dec.SkipValue()
	case jsontext.KindBeginObject:
		return d.resource(into)
	case jsontext.KindBeginArray:
	default:
		return d.unexpected()
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return err
	}
	for d.dec.PeekKind() != jsontext.KindEndArray {
		if err := d.resource(into); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return err
}

// resource reads one resource object. A primary resource's set is given. Of an
// included one the type decides, which usually comes first; what comes before it
// is kept as text until the type is known.
func (d *Document) resource(into Collector) error {
	var (
		primary           = into != nil
		id                Text
		typed             bool
		attrs, rels       part
		earlyAttrs, early span
	)
	if err := d.open(); err != nil {
		return err
	}
	d.scratch = d.scratch[:0]
	if primary {
		attrs, rels = into.begin()
	}
	for {
		name, more, err := d.name()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		switch string(name) {
		case "id":
			err = id.UnmarshalJSONFrom(d.dec)
		case "type":
			if typed {
				return ErrDocument
			}
			typed = true
			into, err = d.collector(into)
			if err == nil && into != nil && !primary {
				attrs, rels = into.begin()
			}
		case "attributes":
			err = d.part(attrs, primary || typed, &earlyAttrs)
		case "relationships":
			err = d.part(rels, primary || typed, &early)
		default:
			err = d.skip()
		}
		if err != nil {
			return err
		}
	}
	if !typed || id == "" {
		return ErrDocument
	}
	if into == nil {
		return nil
	}
	into.end(string(id))
	if err := d.late(earlyAttrs, attrs); err != nil {
		return err
	}
	return d.late(early, rels)
}

// collector reads the type of a resource and returns the set it belongs to: the
// given one, which must be of that type, or an included one, or none.
func (d *Document) collector(primary Collector) (Collector, error) {
	if d.dec.PeekKind() != jsontext.KindString {
		return nil, d.unexpected()
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	name := raw[1 : len(raw)-1]
	if primary != nil {
		if string(name) != primary.typeName() {
			return nil, ErrDocument
		}
		return primary, nil
	}
	for _, c := range d.Included {
		if string(name) == c.typeName() {
			return c, nil
		}
	}
	return nil, nil
}

// span is a part of the scratch buffer, empty if start and end are the same.
type span struct{ start, end int }

// part reads attributes or relationships to where they belong, past them if nobody
// wants them, or into the scratch buffer as long as that is not known.
func (d *Document) part(to part, known bool, early *span) error {
	if !known {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		early.start = len(d.scratch)
		d.scratch = append(d.scratch, raw...)
		early.end = len(d.scratch)
		return nil
	}
	if len(to.fields) == 0 || d.dec.PeekKind() == jsontext.KindNull {
		return d.skip()
	}
	if err := d.open(); err != nil {
		return err
	}
	for {
		name, more, err := d.name()
		if err != nil || !more {
			return err
		}
		if i, ok := to.fields[string(name)]; ok {
			err = d.value(to.value.Field(i).Addr().Interface())
		} else {
			err = d.skip()
		}
		if err != nil {
			return err
		}
	}
}

// value reads one wanted value. The kinds that pages are full of have a short way.
func (d *Document) value(into any) error {
	switch into := into.(type) {
	case json.UnmarshalerFrom:
		return into.UnmarshalJSONFrom(d.dec)
	case *string:
		if d.dec.PeekKind() != jsontext.KindString {
			return json.UnmarshalDecode(d.dec, into)
		}
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		*into = d.texts.unquote(raw)
		return nil
	default:
		return json.UnmarshalDecode(d.dec, into)
	}
}

// late reads what part has kept.
func (d *Document) late(early span, to part) error {
	if early.start == early.end || len(to.fields) == 0 {
		return nil
	}
	return json.Unmarshal(d.scratch[early.start:early.end], to.value.Addr().Interface(), lenient())
}

// skip passes a value of a resource. It reads the value whole, which is faster than
// by its tokens and fine for values of this size: the buffer grows to the longest.
func (d *Document) skip() error {
	_, err := d.dec.ReadValue()
	return err
}
