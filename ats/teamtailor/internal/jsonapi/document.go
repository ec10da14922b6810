package jsonapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DefaultLimit is the largest document that is read, in bytes.
const DefaultLimit = 8 << 20

// The reasons for refusing a document. A broken reader's error is passed through.
var (
	// ErrSyntax means that the bytes are not one JSON document.
	ErrSyntax = errors.New("not a JSON document")
	// ErrDocument means that the JSON is not a JSON:API document, or a wanted
	// member has another type than expected.
	ErrDocument = errors.New("not the expected JSON:API document")
	// ErrTooLarge means that the document exceeds [Document.Limit].
	ErrTooLarge = errors.New("JSON:API document is too large")
)

// Document reads documents, one after the other, into the same sets. It is not
// safe for concurrent use. The zero value reads only links, meta and errors.
type Document struct {
	// Data receives the primary resources, one or many; nil skips them. A primary
	// resource of another type than the set's is an error.
	Data Collector
	// Included receives included resources, each in the set of its type; others
	// are skipped.
	Included []Collector
	// Limit bounds the document in bytes; zero means [DefaultLimit].
	Limit int64

	// Links, Meta and Errors are what the last document held.
	Links  Links
	Meta   Meta
	Errors []Error

	dec     *jsontext.Decoder
	in      limited
	scratch []byte // members that came before the type of their resource
	texts   texts
}

// Links are the links of a document that matter for reading on.
type Links struct {
	Next string // empty on the last page
}

// Meta is the paging information of a document. Both are zero if it has none.
type Meta struct {
	RecordCount int
	PageCount   int
}

// lenient are the options that every document is read with.
func lenient() json.Options {
	return json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

// Decode reads one document to its end. It first empties the sets, so that it can
// be repeated with another reader after an error; what the sets hold after an
// error is meaningless. Errors match [ErrSyntax], [ErrDocument], [ErrTooLarge] or
// what the reader returned, and contain nothing of the document.
func (d *Document) Decode(r io.Reader) error {
	d.Links, d.Meta, d.Errors = Links{}, Meta{}, nil
	for _, c := range d.Included {
		c.reset()
	}
	if d.Data != nil {
		d.Data.reset()
	}
	limit := d.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	d.in = limited{r: r, left: limit}
	if d.dec == nil {
		d.dec = jsontext.NewDecoder(&d.in, lenient())
	} else {
		d.dec.Reset(&d.in, lenient())
	}
	err := d.document()
	d.in.r = nil
	return d.reason(err)
}

// reason keeps the reader's own error and replaces the JSON package's, whose text
// holds parts of the document.
func (d *Document) reason(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case d.in.err != nil:
		return d.in.err
	case errors.As(err, &syntax):
		return fmt.Errorf("%w (at byte %d)", ErrSyntax, syntax.ByteOffset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w (it ends early)", ErrSyntax)
	default:
		return fmt.Errorf("%w (near byte %d)", ErrDocument, d.dec.InputOffset())
	}
}

func (d *Document) document() error {
	if err := d.open(); err != nil {
		return err
	}
	for {
		name, more, err := d.name()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := d.member(name); err != nil {
			return err
		}
	}
	if _, err := d.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return &jsontext.SyntacticError{ByteOffset: d.dec.InputOffset(), Err: err}
	}
	return nil
}

func (d *Document) member(name []byte) error {
	switch string(name) {
	case "data":
		if d.Data == nil {
			return d.dec.SkipValue()
		}
		return d.resources(d.Data)
	case "included":
		if len(d.Included) == 0 {
			return d.dec.SkipValue()
		}
		return d.resources(nil)
	case "links":
		return d.links()
	case "meta":
		return d.meta()
	case "errors":
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		d.Errors = errorList(raw)
		return nil
	default:
		return d.dec.SkipValue()
	}
}

// open reads the start of an object.
func (d *Document) open() error {
	if d.dec.PeekKind() != jsontext.KindBeginObject {
		return d.unexpected()
	}
	_, err := d.dec.ReadToken()
	return err
}

// name reads the name of the object's next member, or its end. The name is lent
// until the next use of the decoder.
func (d *Document) name() (name []byte, more bool, err error) {
	if d.dec.PeekKind() == jsontext.KindEndObject {
		_, err = d.dec.ReadToken()
		return nil, false, err
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return nil, false, err
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], true, nil
	}
	name, err = jsontext.AppendUnquote(nil, raw)
	return name, true, err
}

// unexpected reports a value of the wrong kind, or the syntax error or broken
// reader that hides behind it.
func (d *Document) unexpected() error {
	if err := d.dec.SkipValue(); err != nil {
		return err
	}
	return ErrDocument
}

func (d *Document) links() error {
	if d.dec.PeekKind() != jsontext.KindBeginObject {
		return d.dec.SkipValue()
	}
	var links struct {
		Next link `json:"next"`
	}
	err := json.UnmarshalDecode(d.dec, &links)
	d.Links.Next = string(links.Next)
	return err
}

func (d *Document) meta() error {
	if d.dec.PeekKind() != jsontext.KindBeginObject {
		return d.dec.SkipValue()
	}
	var meta struct {
		Records Text `json:"record-count"`
		Pages   Text `json:"page-count"`
	}
	if err := json.UnmarshalDecode(d.dec, &meta); err != nil {
		return err
	}
	d.Meta.RecordCount, _ = strconv.Atoi(string(meta.Records))
	d.Meta.PageCount, _ = strconv.Atoi(string(meta.Pages))
	return nil
}

// limited reads at most left bytes and remembers what went wrong.
type limited struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one more than allowed, to tell "exactly the limit" from "more"
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		l.err = ErrTooLarge
		return 0, l.err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}
