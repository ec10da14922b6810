package sparkhiretest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// orders maps the field names that orderby accepts to comparisons.
// [transcribed: title and updated; assumed: the other names; docs/vendors/sparkhire.md]
type orders[T any] map[string]func(a, b T) int

// list sorts, cuts and renders records as the query asks: orderby is field_asc or field_desc, range is first-last,
// counted from one, both ends included. Without orderby the order is that of making, oldest first; equal records keep
// it, or its reverse when descending. [transcribed: the forms; assumed: the rest; docs/vendors/sparkhire.md]
func list[T, W any](s *Server, c *call, records []T, render func(T) W, by orders[T]) (any, *problem) {
	if p := sortBy(records, c.query.Get("orderby"), by); p != nil {
		return nil, p
	}
	first, last := 1, s.cfg.defaultPage
	if c.query.Has("range") {
		var ok bool
		if first, last, ok = parseRange(c.query.Get("range")); !ok {
			return nil, refusal(http.StatusBadRequest, "range must be first-last, counted from 1, such as 1-20.")
		}
	}
	if s.cfg.rangeIgnored {
		first, last = 1, s.cfg.maxPage
	}
	if first > 1 && first > len(records) && s.cfg.pastEnd != http.StatusOK {
		return nil, refusal(s.cfg.pastEnd, "The range is past the end.")
	}
	begin := min(first-1, len(records))
	end := min(last, begin+s.cfg.maxPage, len(records))
	return rendered(records[begin:end], render), nil
}

// parseRange reads "first-last" in plain digits.
func parseRange(text string) (first, last int, ok bool) {
	from, to, _ := strings.Cut(text, "-")
	first, _ = strconv.Atoi(from)
	last, _ = strconv.Atoi(to)
	exact := text == strconv.Itoa(first)+"-"+strconv.Itoa(last) // no sign, no zero in front, nothing else
	return first, last, exact && 1 <= first && first <= last
}

func sortBy[T any](records []T, order string, by orders[T]) *problem {
	if order == "" {
		return nil
	}
	i := strings.LastIndexByte(order, '_')
	if i < 0 {
		return refusal(http.StatusBadRequest, "orderby must be a field followed by _asc or _desc.")
	}
	compare, known := by[order[:i]]
	if !known {
		return refusal(http.StatusBadRequest, "orderby cannot sort by %s.", order[:i])
	}
	switch order[i+1:] {
	case "asc":
		slices.SortStableFunc(records, compare)
	case "desc":
		slices.Reverse(records)
		slices.SortStableFunc(records, func(a, b T) int { return compare(b, a) })
	default:
		return refusal(http.StatusBadRequest, "orderby must end in _asc or _desc.")
	}
	return nil
}

// byTime and byText make comparisons out of fields.
func byTime[T any](of func(T) time.Time) func(a, b T) int {
	return func(a, b T) int { return of(a).Compare(of(b)) }
}

func byText[T any](of func(T) string) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(strings.ToLower(of(a)), strings.ToLower(of(b))) }
}

// picked reports whether a repeatable filter lets a value through: no filter does, else any equal value.
// [transcribed: status[] and type[] are repeatable; assumed: exact spelling; docs/vendors/sparkhire.md]
func (c *call) picked(param, value string) bool {
	return !c.query.Has(param) || slices.Contains(c.query[param], value)
}

// pickedJob is the filter job[uuid]: UUIDs in one value, separated by commas. [observed: docs/vendors/sparkhire.md]
func (c *call) pickedJob(id string) bool {
	return !c.query.Has("job[uuid]") || slices.Contains(strings.Split(c.query.Get("job[uuid]"), ","), id)
}

// rendered turns records into their wire shape; an empty list is [], never null.
func rendered[T, W any](records []T, render func(T) W) []W {
	out := make([]W, 0, len(records))
	for _, record := range records {
		out = append(out, render(record))
	}
	return out
}
