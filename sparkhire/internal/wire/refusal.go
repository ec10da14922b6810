package wire

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

const (
	maxWords      = 500
	maxFieldDepth = 4
)

// Words is the text of a JSON string or number, bounded.
func Words(raw json.RawMessage) string {
	s := Scalar(raw)
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "")
	}
	return s
}

// FieldErrors flattens any JSON, as error bodies have it under "errors", into pairs of
// field and message, to a bounded depth. What is no JSON has none.
func FieldErrors(raw json.RawMessage) []httpx.FieldError {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return flatten(nil, "", v, maxFieldDepth)
}

func flatten(to []httpx.FieldError, field string, v any, depth int) []httpx.FieldError {
	if depth == 0 {
		return to
	}
	switch v := v.(type) {
	case string:
		return append(to, httpx.FieldError{Field: field, Message: v})
	case []any:
		for _, item := range v {
			to = flatten(to, field, item, depth-1)
		}
	case map[string]any:
		if name, ok := v["field"].(string); ok {
			if text, ok := v["message"].(string); ok {
				return append(to, httpx.FieldError{Field: name, Message: text})
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := name
			if field != "" {
				inner = field + "." + name
			}
			to = flatten(to, inner, v[name], depth-1)
		}
	}
	return to
}
