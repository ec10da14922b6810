package api

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// errNoID is why a record cannot be used.
const errNoID = httpx.ConstError("a record in the answer has no usable id")

// id is an identifier, which comes as a number or a string
// [observed: docs/vendors/topechelon.md]. Anything else is empty.
type id string

func (i *id) UnmarshalJSON(b []byte) error {
	*i = ""
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		if isID(s) {
			*i = id(s)
		}
		return nil
	}
	if s := string(b); s != "" && strings.Trim(s, "0123456789") == "" {
		*i = id(s)
	}
	return nil
}

// isID says that a text can be an identifier: one piece, printable, not long.
func isID(s string) bool {
	return s != "" && len(s) <= 100 && s != "." && s != ".." && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// text is a string, or a number as one; anything else is empty.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	switch {
	case len(b) == 0:
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(strings.TrimSpace(s))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = text(b)
	}
	return nil
}

// count is a number that may come as a string; anything else is 0.
type count int

func (c *count) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(b), `"`))
	if err != nil || n < 0 {
		n = 0
	}
	*c = count(n)
	return nil
}

// flag is true unless the value means no. What it marks is a wish not to be written
// to, so that a value nobody has seen counts as true.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `" `)) {
	case "false", "null", "0", "", "no", "f", "n":
		*f = false
	default:
		*f = true
	}
	return nil
}

// place is a city's state, as a string or as an object with an abbreviation or a name.
type place string

func (p *place) UnmarshalJSON(b []byte) error {
	*p = ""
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '{' {
		var o struct {
			Abbreviation text `json:"abbreviation"`
			Name         text `json:"name"`
		}
		if err := json.Unmarshal(b, &o); err != nil {
			return err
		}
		if *p = place(o.Abbreviation); *p == "" {
			*p = place(o.Name)
		}
		return nil
	}
	var t text
	err := t.UnmarshalJSON(b)
	*p = place(t)
	return err
}
