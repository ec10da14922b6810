package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// object is a JSON object of the document.
type object = map[string]any

// openAPI is the document of the API, with what the tests need of JSON Schema. A
// keyword that it does not know fails the test, so that none is in vain.
type openAPI struct{ root object }

var readDocument = sync.OnceValues(func() (openAPI, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return openAPI{}, err
	}
	var root object
	err = yaml.Unmarshal(text, &root)
	return openAPI{root}, err
})

func documented(tb testing.TB) openAPI {
	tb.Helper()
	d, err := readDocument()
	require.NoError(tb, err)
	return d
}

// at returns what is found under the names, following references.
func (d openAPI) at(from any, names ...string) any {
	for _, name := range names {
		from = d.resolve(from)[name]
	}
	return from
}

func (d openAPI) resolve(v any) object {
	o, _ := v.(object)
	if ref, ok := o["$ref"].(string); ok {
		return d.resolve(d.at(d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
	}
	return o
}

// operation returns the call that serves a method and a path below /api/v1.
func (d openAPI) operation(method, path string) object {
	paths := d.at(d.root, "paths").(object)
	for template, item := range paths {
		if matches(template, path) {
			return d.resolve(d.at(item, strings.ToLower(method)))
		}
	}
	return nil
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return len(want) == len(got) && !slices.ContainsFunc(want, func(s string) bool {
		n := slices.Index(want, s)
		return !strings.HasPrefix(s, "{") && s != got[n]
	})
}

// answer returns the content types and schemas of an answer, and whether there is
// one for the status.
func (d openAPI) answer(operation object, status int) (content object, ok bool) {
	responses := d.at(operation, "responses").(object)
	response, ok := responses[fmt.Sprint(status)]
	if !ok && status >= 400 {
		response, ok = responses["default"]
	}
	content, _ = d.at(response, "content").(object)
	return content, ok
}

// problems returns what is wrong with a JSON text.
func (d openAPI) problems(schema any, text []byte) []string {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return []string{err.Error()}
	}
	v := validator{doc: d}
	v.check("", d.flatten(schema), value)
	return v.found
}

// flatten resolves references and joins allOf.
func (d openAPI) flatten(schema any) object {
	s := maps.Clone(d.resolve(schema))
	parts, _ := s["allOf"].([]any)
	for _, part := range parts {
		p := d.flatten(part)
		properties := object{}
		for _, of := range []object{p, s} {
			own, _ := of["properties"].(object)
			maps.Copy(properties, own)
		}
		s["properties"] = properties
		required, _ := p["required"].([]any)
		more, _ := s["required"].([]any)
		s["required"] = slices.Concat(required, more)
	}
	delete(s, "allOf")
	return s
}

type validator struct {
	doc   openAPI
	found []string
}

func (v *validator) bad(at, format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf("%s: "+format, append([]any{at}, args...)...))
}

func (v *validator) check(at string, s object, value any) {
	if types := typesOf(s); len(types) > 0 && !slices.Contains(types, typeOf(value)) {
		v.bad(at, "is %s, not %v", typeOf(value), types)
		return
	}
	if value == nil {
		return
	}
	for _, keyword := range slices.Sorted(maps.Keys(s)) {
		v.keyword(at, keyword, s, value)
	}
}

func (v *validator) keyword(at, keyword string, s object, value any) {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	limit := func() float64 { return float64(s[keyword].(int)) }
	broken := false
	switch keyword {
	case "type", "description", "default", "additionalProperties", "unevaluatedProperties":
	case "const":
		broken = fmt.Sprint(value) != fmt.Sprint(s[keyword])
	case "enum":
		broken = !slices.ContainsFunc(s[keyword].([]any), func(one any) bool { return fmt.Sprint(one) == fmt.Sprint(value) })
	case "minLength":
		broken = isText && float64(utf8.RuneCountInString(text)) < limit()
	case "maxLength":
		broken = isText && float64(utf8.RuneCountInString(text)) > limit()
	case "minimum":
		broken = isNumber && number < limit()
	case "maximum":
		broken = isNumber && number > limit()
	case "pattern":
		broken = isText && !regexp.MustCompile(s[keyword].(string)).MatchString(text)
	case "format":
		_, err := time.Parse(time.RFC3339, text)
		broken = s[keyword] != "date-time" || err != nil || !strings.HasSuffix(text, "Z")
	case "items":
		for n, item := range value.([]any) {
			v.check(fmt.Sprintf("%s[%d]", at, n), v.doc.flatten(s[keyword]), item)
		}
	case "required":
		for _, name := range s[keyword].([]any) {
			if _, ok := value.(object)[name.(string)]; !ok {
				v.bad(at, "has no %s", name)
			}
		}
	case "properties":
		v.members(at, s, value.(object))
	default:
		v.bad(at, "the schema has a keyword that the tests do not know: %s", keyword)
	}
	if broken {
		v.bad(at, "%v is against %s %v", value, keyword, s[keyword])
	}
}

// members checks the members of an object; ones that are not described are wrong.
func (v *validator) members(at string, s, value object) {
	properties := s["properties"].(object)
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if schema, ok := properties[name]; ok {
			v.check(at+"."+name, v.doc.flatten(schema), value[name])
		} else {
			v.bad(at, "has a member that is not described: %s", name)
		}
	}
}

func typesOf(s object) []string {
	switch t := s["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var all []string
		for _, one := range t {
			all = append(all, one.(string))
		}
		return all
	}
	return nil
}

func typeOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if value == math.Trunc(value) {
			return "integer"
		}
		return "a fraction" // no field is one
	case []any:
		return "array"
	}
	return "object"
}
