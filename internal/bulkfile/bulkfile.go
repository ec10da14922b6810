package bulkfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// maxLine bounds one request, as the service does.
const maxLine = 64 << 10

// Format is how a file is written.
type Format int

// The formats.
const (
	CSV Format = iota
	NDJSON
)

// Guess tells how in is written by its first character: a line of NDJSON is an object.
// It returns a reader of all of in.
func Guess(in io.Reader) (Format, io.Reader) {
	b := bufio.NewReader(in)
	for n := 1; ; n++ {
		seen, err := b.Peek(n)
		text := bytes.TrimLeft(bytes.TrimPrefix(seen, []byte("\ufeff")), " \t\r\n")
		switch {
		case len(text) > 0 && text[0] == '{':
			return NDJSON, b
		case err != nil, len(text) > 0 && utf8.FullRune(text):
			return CSV, b
		}
	}
}

// Request is one request of a file.
type Request struct {
	// Line is where it begins; lines count from 1.
	Line int
	Key  string
	// JSON is the line for the bulk call, with the key and without a line end.
	JSON []byte
}

// LineError says what is wrong with one line.
type LineError struct {
	Line int
	// Column is the column's name in CSV, or where on the line; may be empty.
	Column string
	// Problem is a sentence without what is on the line.
	Problem string
}

// Error returns "line 7, column email: sentence".
func (e *LineError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.Problem)
}

// Reader reads requests. It is not safe for concurrent use.
type Reader struct {
	lines  *lines
	format Format
	csv    *table
}

// NewReader returns a reader of in. For CSV it reads the names of the columns at
// once, and what is wrong with them is the error.
func NewReader(in io.Reader, format Format) (*Reader, error) {
	r := &Reader{lines: newLines(in), format: format}
	if format == CSV {
		var err error
		if r.csv, err = readHeader(r.lines); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Next returns the next request. The error is a [*LineError] for a line that is
// none, after which Next can be called again; [io.EOF] at the end; and another
// one when the file cannot be read. Empty lines are left out.
func (r *Reader) Next() (Request, error) {
	for {
		text, number, err := r.lines.next()
		if err != nil {
			return Request{}, err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var v map[string]any
		if r.format == CSV {
			v, err = r.csv.row(r.lines, text, number)
		} else {
			v, err = object(text, number)
		}
		if err != nil {
			return Request{}, err
		}
		return finish(v, number)
	}
}

// finish gives the request its key.
func finish(v map[string]any, line int) (Request, error) {
	key, given := v["key"].(string)
	if !given || key == "" {
		if _, there := v["key"]; there && !given {
			return Request{}, &LineError{Line: line, Column: "key", Problem: "a key must be a text"}
		}
		delete(v, "key")
		text, err := json.Marshal(v) // with its names in order
		if err != nil {
			return Request{}, &LineError{Line: line, Problem: "this cannot be written as JSON"}
		}
		sum := sha256.Sum256(text)
		key = "import-" + hex.EncodeToString(sum[:16])
		v["key"] = key
	}
	text, err := json.Marshal(v)
	if err != nil {
		return Request{}, &LineError{Line: line, Problem: "this cannot be written as JSON"}
	}
	if len(text) > maxLine-1 {
		return Request{}, tooLong(line)
	}
	return Request{Line: line, Key: key, JSON: text}, nil
}

func tooLong(line int) *LineError {
	return &LineError{Line: line, Problem: "the request is longer than 64 KiB"}
}

// object reads a line of NDJSON.
func object(text []byte, line int) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, &LineError{Line: line, Problem: "this is not UTF-8"}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		e := &LineError{Line: line, Problem: "this is not a JSON object"}
		if at, ok := errors.AsType[*json.SyntaxError](err); ok {
			e.Column = strconv.FormatInt(at.Offset, 10)
			e.Problem = "this is not valid JSON"
		}
		return nil, e
	}
	if v == nil || d.More() {
		return nil, &LineError{Line: line, Problem: "a line must be one JSON object"}
	}
	return v, nil
}

// lines reads lines of bounded length, and takes back those that were read too
// far.
type lines struct {
	in     *bufio.Reader
	number int
	back   [][]byte // nil for one that was too long
	count  int64
}

func newLines(in io.Reader) *lines {
	l := &lines{in: bufio.NewReaderSize(in, maxLine)}
	if mark, err := l.in.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = l.in.Discard(3)
		l.count = 3
	}
	return l
}

// next returns a line without its end, and its number. One that is too long is
// read to its end and is a [*LineError].
func (l *lines) next() ([]byte, int, error) {
	l.number++
	if len(l.back) > 0 {
		text := l.back[0]
		l.back = l.back[1:]
		if text == nil {
			return nil, l.number, tooLong(l.number)
		}
		return text, l.number, nil
	}
	text, err := l.in.ReadSlice('\n')
	l.count += int64(len(text))
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			text, err = l.in.ReadSlice('\n')
			l.count += int64(len(text))
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, l.number, err
		}
		return nil, l.number, tooLong(l.number)
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(text) == 0) {
		return nil, l.number, err
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	return bytes.Clone(text), l.number, nil
}

// unread takes lines back that begin after the line with the number.
func (l *lines) unread(number int, texts [][]byte) {
	l.back = append(texts, l.back...)
	l.number = number
}

// Read returns how many bytes were read so far, which is a little ahead of the
// requests.
func (r *Reader) Read() int64 { return r.lines.count }
