package bulkfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// columns are the names of CSV columns, each with where its value belongs in the
// request.
var columns = []struct{ name, object, member string }{ //nolint:gochecknoglobals // a constant
	{"key", "", "key"},
	{"candidate_id", "candidate", "id"},
	{"first_name", "candidate", "first_name"},
	{"last_name", "candidate", "last_name"},
	{"email", "candidate", "email"},
	{"do_not_email", "candidate", "do_not_email"},
	{"job_id", "job", "id"},
	{"job_title", "job", "title"},
	{"type", "", "type"},
	{"due_date", "due", "date"},
	{"due_time", "due", "time"},
	{"time_zone", "due", "time_zone"},
	{"question_set_id", "", "question_set_id"},
	{"message", "", "message"},
	{"spark_hire_job_id", "", "spark_hire_job_id"},
	{"requested_for", "", "requested_for"},
}

// Columns returns the names of the CSV columns.
func Columns() []string {
	names := make([]string, len(columns))
	for n, c := range columns {
		names[n] = c.name
	}
	return names
}

// ColumnOf returns the CSV column of a field as the service names it in a
// refusal; the field itself where there is none.
func ColumnOf(field string) string {
	for _, c := range columns {
		if strings.Trim(c.object+"."+c.member, ".") == field {
			return c.name
		}
	}
	return field
}

// table is a CSV file whose columns are known.
type table struct {
	comma rune
	names []string // by position
}

// readHeader reads the first line that is not empty.
func readHeader(l *lines) (*table, error) {
	for {
		text, number, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty: its first line must name the columns")
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		t := &table{comma: commaOf(text)}
		fields, err := t.split(text)
		if err != nil {
			return nil, &LineError{Line: number, Problem: "the names of the columns cannot be read"}
		}
		if err := t.name(fields, number); err != nil {
			return nil, err
		}
		return t, nil
	}
}

// commaOf returns what separates the values of a line of names.
func commaOf(line []byte) rune {
	for _, c := range ",;\t" {
		if bytes.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

func (t *table) name(fields []string, line int) error {
	for n, f := range fields {
		name := strings.ToLower(strings.TrimSpace(f))
		switch {
		case !slices.Contains(Columns(), name):
			return &LineError{Line: line, Column: strconv.Itoa(n + 1), Problem: fmt.Sprintf("there is no column %.40q; the columns are %s", name, strings.Join(Columns(), ", "))}
		case slices.Contains(t.names, name):
			return &LineError{Line: line, Column: name, Problem: "this column is there twice"}
		}
		t.names = append(t.names, name)
	}
	return nil
}

// split reads one record.
func (t *table) split(text []byte) ([]string, error) {
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma = t.comma
	c.FieldsPerRecord = -1
	fields, err := c.Read()
	if err != nil {
		return nil, err
	}
	if _, err := c.Read(); !errors.Is(err, io.EOF) {
		return nil, csv.ErrQuote
	}
	return fields, nil
}

// row reads the record that begins with a line. A value in quotes may go on over
// the next lines; when that does not come out well, only the first line is bad
// and the others are read anew: one forgotten quote must not swallow the file.
func (t *table) row(l *lines, first []byte, number int) (map[string]any, error) {
	text, more, err := whole(l, first)
	var fields []string
	if err == nil {
		fields, err = t.split(text)
	}
	if err == nil && len(fields) == len(t.names) {
		return t.object(fields, number)
	}
	l.unread(number, more)
	e := &LineError{Line: number, Problem: "a quote is missing or does not belong here"}
	if err == nil {
		e.Problem = fmt.Sprintf("there are %d values for %d columns", len(fields), len(t.names))
	}
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		e.Column = strconv.Itoa(at.Column)
	}
	return nil, e
}

// whole returns the record that begins with a line, and the lines that were read
// for it after the first.
func whole(l *lines, first []byte) (text []byte, more [][]byte, err error) {
	text = first
	for bytes.Count(text, []byte(`"`))%2 == 1 {
		next, _, err := l.next()
		if _, long := errors.AsType[*LineError](err); long {
			return text, append(more, nil), csv.ErrQuote
		}
		if err != nil {
			return text, more, csv.ErrQuote // reading on tells why
		}
		more = append(more, next)
		text = append(append(slices.Clip(text), '\n'), next...)
		if len(text) > maxLine {
			return text, more, csv.ErrQuote
		}
	}
	return text, more, nil
}

// object builds the request of a record that has a value for each column.
func (t *table) object(fields []string, line int) (map[string]any, error) {
	v := map[string]any{}
	for n, name := range t.names {
		value := fields[n]
		if !utf8.ValidString(value) {
			return nil, &LineError{Line: line, Column: name, Problem: "this is not UTF-8: save the file as UTF-8"}
		}
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		for _, c := range columns {
			if c.name != name {
				continue
			}
			if err := put(v, c.object, c.member, value); err != "" {
				return nil, &LineError{Line: line, Column: name, Problem: err}
			}
		}
	}
	return v, nil
}

// put sets a member of the request, and returns what is wrong with the value.
func put(v map[string]any, object, member, value string) string {
	into := v
	if object != "" {
		o, ok := v[object].(map[string]any)
		if !ok {
			o = map[string]any{}
			v[object] = o
		}
		into = o
	}
	if member != "do_not_email" {
		into[member] = value
		return ""
	}
	switch strings.ToLower(value) {
	case "true", "yes", "1":
		into[member] = true
	case "false", "no", "0":
		into[member] = false
	default:
		return "write true or false"
	}
	return ""
}
