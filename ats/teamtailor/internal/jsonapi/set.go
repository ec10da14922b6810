package jsonapi

import (
	"fmt"
	"reflect"
	"strings"
)

// Resource is one resource object. A holds the wanted attributes and R the wanted
// relationships, as structs whose fields have json tags; struct{} wants none.
type Resource[A, R any] struct {
	ID            string
	Attributes    A
	Relationships R
}

// Set holds the resources of one type that a document contains. Its items are
// valid until the next [Document.Decode].
type Set[A, R any] struct {
	// Items are in the order of the document.
	Items []Resource[A, R]

	kind        string
	attrs, rels fields
	index       map[string]int
	indexed     bool
}

// NewSet returns an empty set for a resource type, such as "candidates". It panics
// if A or R is not a struct of fields with json tags.
func NewSet[A, R any](kind string) *Set[A, R] {
	return &Set[A, R]{kind: kind, attrs: fieldsOf(reflect.TypeFor[A]()), rels: fieldsOf(reflect.TypeFor[R]())}
}

// smallSet is the size up to which looking at every item beats building an index.
const smallSet = 16

// Find returns the resource with an id, or nil. The index is built at most once
// per document.
func (s *Set[A, R]) Find(id string) *Resource[A, R] {
	if len(s.Items) <= smallSet {
		for i := range s.Items {
			if s.Items[i].ID == id {
				return &s.Items[i]
			}
		}
		return nil
	}
	if !s.indexed {
		if s.index == nil {
			s.index = make(map[string]int, len(s.Items))
		}
		for i := range s.Items {
			s.index[s.Items[i].ID] = i
		}
		s.indexed = true
	}
	if i, ok := s.index[id]; ok {
		return &s.Items[i]
	}
	return nil
}

// Collector is a [Set] of any kind.
type Collector interface {
	typeName() string
	reset()
	begin() (attributes, relationships part) // of a new, empty resource
	end(id string)                           // completes it
}

// part is a struct to fill, with its wanted members.
type part struct {
	value  reflect.Value
	fields fields
}

// fields maps the names of wanted members to the fields that receive them.
type fields map[string]int

func fieldsOf(t reflect.Type) fields {
	list := fields{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || !t.Field(i).IsExported() {
			panic(fmt.Sprintf("jsonapi: field %s of %s needs a json tag", t.Field(i).Name, t))
		}
		list[name] = i
	}
	return list
}

func (s *Set[A, R]) typeName() string { return s.kind }

func (s *Set[A, R]) reset() {
	clear(s.Items) // the texts of the last page must not live on in here
	s.Items = s.Items[:0]
	clear(s.index)
	s.indexed = false
}

func (s *Set[A, R]) begin() (attributes, relationships part) {
	s.Items = append(s.Items, Resource[A, R]{})
	last := &s.Items[len(s.Items)-1]
	return part{reflect.ValueOf(&last.Attributes).Elem(), s.attrs}, part{reflect.ValueOf(&last.Relationships).Elem(), s.rels}
}

func (s *Set[A, R]) end(id string) { s.Items[len(s.Items)-1].ID = id }
