package meet

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// refusal is what an error body says, each word bounded.
type refusal struct {
	reason, message, code string
}

const (
	maxWords      = 500
	maxFieldDepth = 4
)

// explain reads an error body. None of version 2.0 is public: the shapes are those of version 1.0,
// those of a common framework, and OAuth2's. All are read, in any type, and nothing is required
// [assumed: docs/vendors/sparkhire.md].
func explain(_ int, _ http.Header, body []byte) httpx.Facts {
	var w struct {
		Reason      json.RawMessage `json:"reason"`
		Message     json.RawMessage `json:"message"`
		Description json.RawMessage `json:"error_description"`
		Error       json.RawMessage `json:"error"`
		Errors      json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(unwrapData(body), &w) != nil {
		return httpx.Facts{}
	}
	r := &refusal{reason: words(w.Reason), message: words(w.Message), code: words(w.Error)}
	if r.message == "" {
		r.message = words(w.Description)
	}
	if r.code == "" {
		var nested struct {
			Code    json.RawMessage `json:"code"`
			Message json.RawMessage `json:"message"`
		}
		if json.Unmarshal(w.Error, &nested) == nil {
			r.code = words(nested.Code)
			if r.message == "" {
				r.message = words(nested.Message)
			}
		}
	}
	f := httpx.Facts{Code: r.code, Message: r.reason, Detail: r}
	if f.Message == "" {
		f.Message = r.message
	} else if r.message != "" && r.message != r.reason {
		f.Message += " (" + r.message + ")"
	}
	var errs any
	if json.Unmarshal(w.Errors, &errs) == nil {
		f.Fields = fieldErrors(nil, "", errs, maxFieldDepth)
	}
	return f
}

// words is the text of a JSON string or number, bounded.
func words(raw json.RawMessage) string {
	s := scalar(raw)
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "")
	}
	return s
}

// fieldErrors flattens any JSON into pairs of field and message.
func fieldErrors(to []httpx.FieldError, field string, v any, depth int) []httpx.FieldError {
	if depth == 0 {
		return to
	}
	switch v := v.(type) {
	case string:
		return append(to, httpx.FieldError{Field: field, Message: v})
	case []any:
		for _, item := range v {
			to = fieldErrors(to, field, item, depth-1)
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
			to = fieldErrors(to, inner, v[name], depth-1)
		}
	}
	return to
}
