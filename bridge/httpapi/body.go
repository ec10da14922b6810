package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sparkbridge/sparkbridge/ats"
)

const (
	// maxBody bounds the body of a call, but for those that stream.
	maxBody = 1 << 20
	// maxID and maxText bound ids and short texts, in characters.
	maxID   = 200
	maxText = 500
	// pageMost is the longest page.
	pageMost = 200
)

// decodeBody reads the JSON body of a call into a T: members that T does not have
// are refused by name.
func decodeBody[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var v T
	text, err := readBody(w, r)
	if err != nil {
		return v, err
	}
	err = decodeJSON(text, &v)
	return v, err
}

// decodeNothing refuses a body that says something.
func decodeNothing(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(w, r)
	if err != nil || len(strings.TrimSpace(string(text))) == 0 {
		return err
	}
	return decodeJSON(text, &struct{}{})
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refuse(codeTooLarge, "", "The body is larger than 1 MiB.")
	}
	if err != nil {
		return nil, refuse(codeInvalidRequest, "", "The body could not be read to its end.")
	}
	return text, nil
}

func decodeJSON(text []byte, v any) error {
	err := json.Unmarshal(text, v, json.RejectUnknownMembers(true))
	if err == nil {
		return refuseNUL(text)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		field := fieldOf(e.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return refuse(codeUnknownField, field, fmt.Sprintf("There is no field %q here.", field))
		case field == "":
			return refuse(codeInvalidRequest, "", "The body must be "+kindOf(e.GoType)+".")
		}
		return refuse(codeInvalidRequest, field, "This field must be "+kindOf(e.GoType)+".")
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return refuse(codeInvalidJSON, fieldOf(e.JSONPointer), "This field is there twice.")
		}
		return refuse(codeInvalidJSON, "", fmt.Sprintf("The body is not valid JSON, at byte %d.", e.ByteOffset))
	}
	return refuse(codeInvalidJSON, "", "The body is not valid JSON.")
}

// refuseNUL refuses the one character that JSON has and not every database keeps.
func refuseNUL(text []byte) error {
	if !bytes.Contains(text, []byte(`\u0000`)) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(text))
	for d.PeekKind() != jsontext.KindInvalid { // until the end: it was valid a moment ago
		token, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("read the body again: %w", err)
		}
		if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			return refuse(codeInvalidRequest, fieldOf(d.StackPointer()), "This text has a character that none has.")
		}
	}
	return nil
}

// fieldOf writes a JSON pointer as the names of fields are written in problems.
func fieldOf(p jsontext.Pointer) string {
	field := strings.Join(slices.Collect(p.Tokens()), ".")
	if utf8.RuneCountInString(field) > maxText {
		field = string([]rune(field)[:maxText]) + "…"
	}
	return field
}

// kindOf names a Go type as callers know it.
func kindOf(t reflect.Type) string {
	if t == nil {
		return "something else"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}

// optional is a member that may be left out; null is the zero value.
type optional[T any] struct {
	Set   bool
	Value T
}

// UnmarshalJSONFrom notes that the member is there.
func (o *optional[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	o.Set = true
	return json.UnmarshalDecode(d, &o.Value)
}

// query returns the query's parameters. Those that are not expected are refused: a
// misspelled filter must not show everything.
func query(r *http.Request, expected ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(codeInvalidRequest, "", "The query cannot be read.")
	}
	for name, all := range values {
		if !slices.Contains(expected, name) {
			return nil, refuse(codeUnknownField, name, fmt.Sprintf("There is no parameter %q here.", name))
		}
		if len(all) > 1 {
			return nil, refuse(codeInvalidRequest, name, "This parameter is there twice.")
		}
		if !utf8.ValidString(all[0]) || strings.ContainsRune(all[0], 0) {
			return nil, refuse(codeInvalidRequest, name, "This parameter has a character that none has.")
		}
	}
	return values, nil
}

// limitOf reads the length of a page; 0 is the default. Who asks for more than the
// longest page gets that one, with a cursor.
func limitOf(q url.Values) (int, error) {
	text := q.Get("limit")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if n == 0 || (err != nil && !errors.Is(err, strconv.ErrRange)) {
		return 0, refuse(codeInvalidRequest, "limit", fmt.Sprintf("Write a number from 1 to %d.", pageMost))
	}
	return int(min(n, pageMost)), nil
}

// cursorError names the parameter that a list's error is about.
func cursorError(err error) error {
	if errors.Is(err, ats.ErrInvalid) {
		return refuse(codeInvalidRequest, "cursor", "This is no cursor of this list. Start again without one.")
	}
	return err
}

// checkLength refuses a text that is too long.
func checkLength(field, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return refuse(codeInvalidRequest, field, fmt.Sprintf("This is longer than %d characters.", most))
	}
	return nil
}

// checkTexts does so for several, given as field, text, field, text.
func checkTexts(most int, fieldsAndTexts ...string) error {
	for n := 0; n+1 < len(fieldsAndTexts); n += 2 {
		if err := checkLength(fieldsAndTexts[n], fieldsAndTexts[n+1], most); err != nil {
			return err
		}
	}
	return nil
}

// pathID returns a part of the path that names something.
func pathID(r *http.Request, name string) (string, error) {
	id := r.PathValue(name)
	if !utf8.ValidString(id) || strings.ContainsFunc(id, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return "", refuse(codeInvalidRequest, name, "This id has characters that none has.")
	}
	return id, checkLength(name, id, maxID)
}
