package jsonapi

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Error is one entry of a document's errors. Title and Detail are the sender's
// words and may repeat what was sent to it.
type Error struct {
	Status    int // HTTP status, 0 if not given
	Code      string
	Title     string
	Detail    string
	Pointer   string // JSON pointer to what is wrong in the request
	Parameter string // or the query parameter
}

// DecodeErrors reads the errors of an answer, as far as they can be made out. Status
// and code may be strings or numbers, an entry may be a plain string, and a
// body that is no such document, empty or cut off, has no errors.
func DecodeErrors(body []byte) []Error {
	var doc struct {
		Errors jsontext.Value `json:"errors"`
		Error  Text           `json:"error"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(body), &doc, lenient()); err != nil {
		return nil
	}
	if list := errorList(doc.Errors); list != nil {
		return list
	}
	if doc.Error != "" {
		return []Error{{Title: string(doc.Error)}}
	}
	return nil
}

func errorList(raw jsontext.Value) []Error {
	switch raw.Kind() {
	case jsontext.KindBeginArray:
	case jsontext.KindString, jsontext.KindBeginObject:
		raw = append(append([]byte{'['}, raw...), ']')
	default:
		return nil
	}
	var entries []entry
	if err := json.Unmarshal(raw, &entries, lenient()); err != nil || len(entries) == 0 {
		return nil
	}
	list := make([]Error, len(entries))
	for i, e := range entries {
		list[i] = Error(e)
	}
	return list
}

// entry reads an error object of any shape, or its title as a plain string.
type entry Error

func (e *entry) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*e = entry{}
	if dec.PeekKind() != jsontext.KindBeginObject {
		var title Text
		err := title.UnmarshalJSONFrom(dec)
		e.Title = string(title)
		return err
	}
	var wire struct {
		Status, Code, Title, Detail Text
		Source                      source
	}
	if err := json.UnmarshalDecode(dec, &wire, json.MatchCaseInsensitiveNames(true)); err != nil {
		return err
	}
	status, _ := strconv.Atoi(string(wire.Status))
	*e = entry{
		Status: status, Code: string(wire.Code), Title: string(wire.Title), Detail: string(wire.Detail),
		Pointer: string(wire.Source.Pointer), Parameter: string(wire.Source.Parameter),
	}
	return nil
}

type source struct{ Pointer, Parameter Text }

func (s *source) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*s = source{}
	if dec.PeekKind() != jsontext.KindBeginObject {
		return dec.SkipValue()
	}
	var wire struct {
		Pointer   Text `json:"pointer"`
		Parameter Text `json:"parameter"`
	}
	err := json.UnmarshalDecode(dec, &wire)
	*s = source(wire)
	return err
}
