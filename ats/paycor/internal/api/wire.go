package api

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	errNotText   = httpx.ConstError("a text has an unexpected type")
	errNotJSON   = httpx.ConstError("the answer is not the expected JSON")
	errNotPage   = httpx.ConstError("the answer is not a list")
	errNotRecord = httpx.ConstError("the answer holds no record")
)

// text is a JSON string, or a number: the vendor's own examples have numbers in fields that are
// described as strings [documented: docs/vendors/paycor.md]. Null is empty.
type text string

// UnmarshalJSON takes strings, numbers, booleans and null.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) == 0:
		return errNotText
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case string(b) == "null":
		*t = ""
	case b[0] == '{' || b[0] == '[':
		return errNotText
	default:
		*t = text(b)
	}
	return nil
}

// integer is an int32 that may come as a string. What is none of both counts as absent: a code whose
// meaning is not published must not make a list unreadable.
type integer struct{ value *int32 }

// UnmarshalJSON never fails on a JSON value.
func (n *integer) UnmarshalJSON(b []byte) error {
	n.value = nil
	s := strings.TrimSpace(strings.Trim(string(b), `"`))
	if f, err := strconv.ParseFloat(s, 64); err == nil && f == math.Trunc(f) && f >= math.MinInt32 && f <= math.MaxInt32 {
		v := int32(f)
		n.value = &v
	}
	return nil
}

func (n integer) orZero() int32 {
	if n.value == nil {
		return 0
	}
	return *n.value
}

// boolean is a JSON boolean; anything else counts as false.
type boolean bool

// UnmarshalJSON never fails on a JSON value.
func (v *boolean) UnmarshalJSON(b []byte) error {
	*v = boolean(strings.EqualFold(strings.Trim(string(b), `"`), "true"))
	return nil
}

// Date is a moment as the vendor wrote it. Job dates are documented as date-times; candidate dates are
// texts such as 01/02/2024 of undocumented format and zone.
type Date struct {
	// Raw is the vendor's text, empty when there was none.
	Raw string
	// Time is UTC; a text without a zone is read as UTC. It is zero for a text that cannot be read,
	// which is not an error.
	Time time.Time
	// Day says that the text names a day and no time.
	Day bool
}

// layouts are tried in this order [assumed: docs/vendors/paycor.md].
var layouts = [...]struct { //nolint:gochecknoglobals // a constant table
	layout string
	day    bool
}{
	{time.RFC3339, false},
	{"2006-01-02T15:04:05", false},
	{time.DateOnly, true},
	{"01/02/2006 15:04:05", false},
	{"01/02/2006", true},
}

// ParseDate reads a date leniently. It never fails: what cannot be read keeps its text only.
func ParseDate(s string) Date {
	d := Date{Raw: s}
	trimmed := strings.TrimSpace(s)
	for _, l := range layouts {
		if t, err := time.Parse(l.layout, trimmed); err == nil {
			d.Time, d.Day = t.UTC(), l.day
			break
		}
	}
	return d
}

// decodeOne reads an answer that is one record.
func decodeOne[W any](body []byte, into *W) error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || string(body) == "null" {
		return errNotRecord
	}
	if body[0] != '{' {
		return errNotJSON
	}
	return json.Unmarshal(body, into)
}

// amount is a JSON number that may come as a string; anything else counts as zero.
type amount float64

// UnmarshalJSON never fails on a JSON value.
func (a *amount) UnmarshalJSON(b []byte) error {
	*a = 0
	if f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		*a = amount(f)
	}
	return nil
}
