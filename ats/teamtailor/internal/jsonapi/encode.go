package jsonapi

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MediaType is the content type of requests and answers.
const MediaType = "application/vnd.api+json"

// Encode returns the document that creates or updates one resource. The id is left
// out if empty, attributes if nil. Of the attributes exactly what their
// marshaling yields is sent: a server may refuse the whole request over one
// attribute that it does not list.
func Encode(kind, id string, attributes any, to map[string]Identifier) ([]byte, error) {
	if id == "" {
		return encode(kind, nil, attributes, to)
	}
	return encode(kind, id, attributes, to)
}

// EncodeNumbered is [Encode] with the id as a number, for servers that want it so.
// The id must be a JSON number.
func EncodeNumbered(kind, id string, attributes any, to map[string]Identifier) ([]byte, error) {
	return encode(kind, json.Number(id), attributes, to)
}

func encode(kind string, id, attributes any, to map[string]Identifier) ([]byte, error) {
	type relationship struct {
		Data Identifier `json:"data"`
	}
	var doc struct {
		Data struct {
			ID            any                     `json:"id,omitempty"`
			Type          string                  `json:"type"`
			Attributes    any                     `json:"attributes,omitempty"`
			Relationships map[string]relationship `json:"relationships,omitempty"`
		} `json:"data"`
	}
	doc.Data.ID, doc.Data.Type, doc.Data.Attributes = id, kind, attributes
	if len(to) > 0 {
		doc.Data.Relationships = make(map[string]relationship, len(to))
	}
	for name, target := range to {
		doc.Data.Relationships[name] = relationship{target}
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
