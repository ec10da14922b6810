package teamtailortest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// empty is what a field that nobody touched sends. [assumed: docs/vendors/teamtailor.md]
func (s *Server) empty(f *Field) any {
	switch f.Type {
	case "checkbox":
		return s.cfg.unchecked
	case "multiselect":
		return []string{}
	case "file":
		return nil
	}
	return ""
}

// isEmpty reports whether a required field counts as not filled in.
func (s *Server) isEmpty(f *Field, v any) bool {
	if f.Type == "checkbox" {
		return v == s.cfg.unchecked
	}
	list, isList := v.([]string)
	return v == nil || v == "" || isList && len(list) == 0
}

// normalize checks a value as a browser would and gives it the shape of webhook-data. [documented: docs/vendors/teamtailor.md]
// Numbers and option ids come back as strings; types follow HTML. [assumed] The form of checkbox, multiselect and dates.
func (s *Server) normalize(f *Field, v any) (any, error) {
	switch f.Type {
	case "checkbox":
		checked, ok := v.(bool)
		switch {
		case !ok && v != s.cfg.checked && v != s.cfg.unchecked:
			return nil, fmt.Errorf("takes true or false")
		case checked || !ok && v == s.cfg.checked:
			return s.cfg.checked, nil
		}
		return s.cfg.unchecked, nil
	case "multiselect":
		list, err := asStrings(v)
		if err != nil {
			return nil, err
		}
		for _, item := range list {
			if !f.hasOption(item) {
				return nil, fmt.Errorf("has no option %q", item)
			}
		}
		return list, nil
	}
	text, err := asString(v)
	if err != nil {
		return nil, err
	}
	if text == "" || fits(f, text) {
		return text, nil
	}
	if f.takesOptions() {
		return nil, fmt.Errorf("has no option %q", text)
	}
	return nil, fmt.Errorf("does not take %q as %s", text, f.Type)
}

// fits reports whether text is a value of the field's HTML type.
func fits(f *Field, text string) bool {
	layouts := map[string][]string{
		"date":           {time.DateOnly},
		"datetime-local": {"2006-01-02T15:04", "2006-01-02T15:04:05"},
		"month":          {"2006-01"},
	}
	switch f.Type {
	case "select", "radio":
		return f.hasOption(text)
	case "number", "range":
		n, err := strconv.ParseFloat(text, 64)
		low, noLow := strconv.ParseFloat(f.Min, 64)
		high, noHigh := strconv.ParseFloat(f.Max, 64)
		return err == nil && (noLow != nil || n >= low) && (noHigh != nil || n <= high)
	case "email":
		return looksLikeEmail(text)
	case "url", "file":
		return isWebURL(text)
	case "week":
		var year, week int
		n, _ := fmt.Sscanf(text, "%4d-W%2d", &year, &week) // the count says what was read
		return n == 2 && len(text) == len("2026-W07") && week >= 1 && week <= 53
	case "date", "datetime-local", "month":
		return slices.ContainsFunc(layouts[f.Type], func(layout string) bool {
			_, err := time.Parse(layout, text)
			return err == nil
		})
	}
	return true
}

// hasOption compares ids as strings, which is how they come back.
func (f *Field) hasOption(id string) bool {
	return slices.ContainsFunc(f.Options, func(o FieldOption) bool { return o.ID == id })
}

// asString accepts what a test would naturally write for a field with one value.
func asString(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int, int64, float64, json.Number:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("takes a string or number")
}

// asStrings accepts a list, or one value for a list of one.
func asStrings(v any) ([]string, error) {
	switch v := v.(type) {
	case []string:
		return slices.Clone(v), nil
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			s, err := asString(item)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		return list, nil
	}
	s, err := asString(v)
	return []string{s}, err
}
