// Package jsonapi reads JSON:API documents as a stream into typed structs, and
// writes the small documents that an API client sends.
//
// A document is read in one pass. What nobody asked for is skipped without being
// kept, so memory follows the wanted attributes and not the size of a page. A
// [Document] and its [Set]s are reused from page to page:
//
//	candidates := jsonapi.NewSet[attributes, relations]("candidates")
//	fields := jsonapi.NewSet[fieldAttributes, none]("custom-fields")
//	doc := jsonapi.Document{Data: candidates, Included: []jsonapi.Collector{fields}}
//	err := doc.Decode(body)
//
// Included resources may come before the ones that refer to them, and members of a
// resource in any order; look references up with [Set.Find] after decoding.
//
// Text that is not valid UTF-8 is accepted and repaired, names that occur twice
// count once, the last time. Names are matched exactly.
package jsonapi
