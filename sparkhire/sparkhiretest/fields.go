package sparkhiretest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// fields reads a JSON object member by member. Reading leaves the destination alone when the member is absent, so
// that the same code creates, merges and replaces. The first complaint wins and names its field.
type fields struct {
	values map[string]json.RawMessage
	seen   map[string]bool // members that somebody has asked for
	wrong  string
}

// object decodes a request body. Anything but one JSON object is refused. [assumed: docs/vendors/sparkhire.md]
func object(body []byte) (*fields, *problem) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(body, &values); err != nil || values == nil {
		return nil, refusal(http.StatusBadRequest, "The body must be one JSON object.")
	}
	return newFields(values), nil
}

func newFields(values map[string]json.RawMessage) *fields {
	return &fields{values: values, seen: map[string]bool{}}
}

// read runs into over the members of the body and returns the refusal, if any. What into has set by then is not to be
// used.
func (s *Server) read(c *call, into func(*fields)) *problem {
	f, p := object(c.body)
	if p != nil {
		return p
	}
	into(f)
	return f.done(&s.cfg)
}

// take returns a member that is present, and marks it as known.
func (f *fields) take(name string) (json.RawMessage, bool) {
	f.seen[name] = true
	value, ok := f.values[name]
	return value, ok
}

// text reads a string; null empties it.
func (f *fields) text(name string, dst *string) {
	value, ok := f.take(name)
	if !ok {
		return
	}
	var s *string
	switch err := json.Unmarshal(value, &s); {
	case err != nil:
		f.refuse("%s must be a string.", name)
	case s == nil:
		*dst = ""
	default:
		*dst = *s
	}
}

// number reads an integer that is not negative; null sets zero.
func (f *fields) number(name string, dst *int) {
	value, ok := f.take(name)
	if !ok {
		return
	}
	var n int
	if err := json.Unmarshal(value, &n); err != nil || n < 0 {
		f.refuse("%s must be a whole number, not negative.", name)
		return
	}
	*dst = n
}

// moment reads an RFC 3339 time, in UTC and whole seconds; null and the empty string clear it.
// [transcribed: RFC 3339; docs/vendors/sparkhire.md]
func (f *fields) moment(name string, dst *time.Time) {
	var s string
	if f.text(name, &s); f.wrong != "" || !f.has(name) {
		return
	}
	if s == "" {
		*dst = time.Time{}
		return
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		f.refuse("%s must be an RFC 3339 time such as 2026-03-09T17:00:00+00:00.", name)
		return
	}
	*dst = t.UTC().Truncate(time.Second)
}

// raw reads a member of any shape into dst, which decides what fits; want describes it.
func (f *fields) raw(name, want string, dst any) {
	value, ok := f.take(name)
	if !ok {
		return
	}
	if err := json.Unmarshal(value, dst); err != nil {
		f.refuse("%s must be %s.", name, want)
	}
}

// has reports whether the member is present.
func (f *fields) has(name string) bool {
	_, ok := f.values[name]
	return ok
}

// require complains about a field unless ok.
func (f *fields) require(name string, ok bool) {
	if !ok {
		f.refuse("%s is required.", name)
	}
}

// refuse notes a complaint unless there is one.
func (f *fields) refuse(format string, args ...any) {
	if f.wrong == "" {
		f.wrong = fmt.Sprintf(format, args...)
	}
}

// done returns the refusal, if any. Members that nobody has read are unknown, and refused when the options say so.
func (f *fields) done(cfg *config) *problem {
	if cfg.strictFields {
		for _, name := range slices.Sorted(maps.Keys(f.values)) {
			if !f.seen[name] {
				f.refuse("%s is not a known field.", name)
			}
		}
	}
	if f.wrong != "" {
		return refusal(cfg.refusal, "%s", f.wrong)
	}
	return nil
}
