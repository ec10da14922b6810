package teamtailortest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// view is what a request of the public API wants to see.
type view struct {
	page    page
	include includes // nil without the parameter
	fields  map[string][]string
	filters map[string]string
	sort    []string
}

// includes is a tree of relationship names: "a,a.b" is {a: {b: {}}}.
type includes map[string]includes

// readView reads the query of a request for records of a type. [documented: docs/vendors/teamtailor.md] Filters are per
// resource and others are refused with code 102. [assumed] Unknown parameters are refused too, and the codes of the rest.
func (s *Server) readView(q url.Values, typ string, many bool) (view, *reply) {
	v := view{fields: map[string][]string{}, filters: map[string]string{}}
	var rep *reply
	for _, name := range slices.Sorted(maps.Keys(q)) {
		head, rest, _ := strings.Cut(name, "[")
		inner := strings.TrimSuffix(rest, "]")
		switch {
		case name == "include":
			v.include, rep = s.readIncludes(q.Get(name), typ)
		case head == "fields" && inner != "":
			v.fields[inner], rep = s.readFields(inner, q.Get(name))
		case head == "filter" && inner != "" && many:
			if _, listed := s.v1[typ].filters[inner]; !listed {
				refused := filterNotAllowed(name)
				return v, &refused
			}
			v.filters[inner] = q.Get(name)
		case name == "sort" && many:
			v.sort, rep = s.readSort(q.Get(name), typ)
		case (name == "page[number]" || name == "page[size]") && many:
		default:
			refused := notAllowed(name)
			return v, &refused
		}
		if rep != nil {
			return v, rep
		}
	}
	v.page, rep = readPage(q)
	return v, rep
}

// filterNotAllowed is code 102. [observed: docs/vendors/teamtailor.md]
func filterNotAllowed(name string) reply {
	return refuse(http.StatusBadRequest, codeFilterNotAllowed, "Filter not allowed", name+" is not allowed.")
}

// readIncludes checks every step of every path against the relationships of its type. Nothing follows a relationship that
// can be of several types.
func (s *Server) readIncludes(list, typ string) (includes, *reply) {
	tree := includes{}
	for _, path := range splitList(list) {
		at, of := tree, typ
		for name := range strings.SplitSeq(path, ".") {
			target, ok := s.v1[of].relations[name]
			if !ok {
				rep := refuse(http.StatusBadRequest, codeInvalidInclude, "Invalid field",
					name+" is not a valid includable relationship of "+of+".")
				return nil, &rep
			}
			if at[name] == nil {
				at[name] = includes{}
			}
			at, of = at[name], target
		}
	}
	return tree, nil
}

// readFields checks sparse fields, which are attributes or relationships.
func (s *Server) readFields(typ, list string) ([]string, *reply) {
	names, ok := s.fieldsOf(typ)
	if !ok {
		rep := refuse(http.StatusBadRequest, codeInvalidResource, "Invalid resource", typ+" is not a valid resource.")
		return nil, &rep
	}
	wanted := append([]string{}, splitList(list)...)
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			rep := refuse(http.StatusBadRequest, codeInvalidField, "Invalid field", name+" is not a valid field for "+typ+".")
			return nil, &rep
		}
	}
	return wanted, nil
}

// readSort checks sort keys. Any attribute will do. [documented: docs/vendors/teamtailor.md]
func (s *Server) readSort(list, typ string) ([]string, *reply) {
	keys := splitList(list)
	names, _ := s.fieldsOf(typ)
	for _, key := range keys {
		name := strings.TrimPrefix(key, "-")
		if name != "id" && !slices.Contains(names, name) {
			rep := refuse(http.StatusBadRequest, codeInvalidSort, "Invalid sort criteria",
				name+" is not a valid sort criteria for "+typ)
			return nil, &rep
		}
	}
	return keys, nil
}

// fieldsOf returns the attributes and relationships of a type.
func (s *Server) fieldsOf(typ string) ([]string, bool) {
	res, ok := s.resource(typ)
	if !ok {
		return nil, false
	}
	return append(attributeNames(typ), slices.Sorted(maps.Keys(res.relations))...), true
}

// order sorts records by the wanted attributes, by id if there are none. [documented: docs/vendors/teamtailor.md]
func (v view) order(records []*record) {
	keys := append(slices.Clone(v.sort), "id")
	slices.SortStableFunc(records, func(a, b *record) int {
		for _, key := range keys {
			name, descending := strings.CutPrefix(key, "-")
			n := compareValues(a.sortValue(name), b.sortValue(name))
			if descending {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

// sortValue makes ids compare as the numbers they are.
func (r *record) sortValue(name string) any {
	if name == "id" {
		n, _ := strconv.Atoi(r.id) // all ids of the public API are numbers
		return n
	}
	return r.attributes[name]
}

// compareValues compares numbers as numbers and anything else as text, which is right for time stamps.
func compareValues(a, b any) int {
	x, xNumber := a.(int)
	y, yNumber := b.(int)
	if xNumber && yNumber {
		return cmp.Compare(x, y)
	}
	return strings.Compare(textOf(a), textOf(b))
}

// textOf is the text that filters and order see; null is "".
func textOf(v any) string {
	if p, ok := v.(*string); ok {
		if p == nil {
			return ""
		}
		return *p
	}
	return fmt.Sprint(v)
}

// filter says whether a record passes, and whether the value makes sense at all.
type filter func(rec *record, value string) (match, valid bool)

// byAttribute passes records whose attribute is the value. The value must be lower case already: the e-mail filter finds
// nothing otherwise. [observed: docs/vendors/teamtailor.md]
func byAttribute(name string) filter {
	return func(rec *record, value string) (bool, bool) {
		return strings.ToLower(textOf(rec.attributes[name])) == value, true
	}
}

// byFact passes records by something that is not an attribute of theirs.
func byFact(name string) filter {
	return func(rec *record, value string) (bool, bool) { return rec.facts[name] == value, true }
}

// oneOf is [byFact] for a closed list of values, where "all" passes everything.
func oneOf(name string, values ...string) filter {
	return func(rec *record, value string) (bool, bool) {
		return value == "all" || rec.facts[name] == value, slices.Contains(values, value)
	}
}

// sinceUntil adds the two filters of a time attribute.
func sinceUntil(filters map[string]filter, names ...string) {
	for _, name := range names {
		filters[name+"][from"] = byTime(name, func(t, bound time.Time) bool { return !t.Before(bound) })
		filters[name+"][to"] = byTime(name, func(t, bound time.Time) bool { return !t.After(bound) })
	}
}

// byTime compares a time attribute with a date or an RFC 3339 timestamp. A date is its first moment in UTC. [assumed]
func byTime(name string, within func(t, bound time.Time) bool) filter {
	return func(rec *record, value string) (bool, bool) {
		bound, err := time.Parse(time.RFC3339, value)
		if err != nil {
			if bound, err = time.Parse(time.DateOnly, value); err != nil {
				return false, false
			}
		}
		t, err := time.Parse(time.RFC3339, textOf(rec.attributes[name]))
		return err == nil && within(t, bound), true
	}
}

// apiValue is a custom field value in the public API. [documented: docs/vendors/teamtailor.md] for writing; that selects read
// as the ids of their options is [assumed].
func (f *CustomField) apiValue(v *fieldValue) any {
	ids := []string{}
	for _, id := range v.choices {
		ids = append(ids, strconv.Itoa(id))
	}
	switch {
	case f.Type == FieldMultiSelect:
		return ids
	case f.Type == FieldSelect && len(ids) == 1:
		return ids[0]
	case f.Type == FieldSelect:
		return nil
	}
	if n, ok := v.value.(json.Number); ok {
		return n
	}
	return v.value
}
