package jsonapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"
	"time"
)

// ordinary is the same page for encoding/json: the wanted parts as structs, and
// the attributes of included resources as text until their type is known.
type (
	ordinaryLink struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	ordinaryMany struct {
		Data []ordinaryLink `json:"data"`
	}
	ordinaryOne struct {
		Data ordinaryLink `json:"data"`
	}
	ordinaryCandidate struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Attributes struct {
			FirstName string   `json:"first-name"`
			LastName  string   `json:"last-name"`
			Email     string   `json:"email"`
			Phone     string   `json:"phone"`
			Tags      []string `json:"tags"`
			CreatedAt string   `json:"created-at"`
			UpdatedAt string   `json:"updated-at"`
		} `json:"attributes"`
		Relationships struct {
			Values       ordinaryMany `json:"custom-field-values"`
			Applications ordinaryMany `json:"job-applications"`
		} `json:"relationships"`
	}
	ordinaryIncluded struct {
		ID            string          `json:"id"`
		Type          string          `json:"type"`
		Attributes    json.RawMessage `json:"attributes"`
		Relationships struct {
			Field ordinaryOne `json:"custom-field"`
			Owner ordinaryOne `json:"owner"`
		} `json:"relationships"`
	}
	ordinaryPage struct {
		Data     []ordinaryCandidate `json:"data"`
		Included []ordinaryIncluded  `json:"included"`
		Links    struct {
			Next string `json:"next"`
		} `json:"links"`
		Meta struct {
			RecordCount int `json:"record-count"`
			PageCount   int `json:"page-count"`
		} `json:"meta"`
	}
)

// decodeOrdinary does with encoding/json what a Document does.
func decodeOrdinary(r io.Reader) (ordinaryPage, []valueAttributesOrdinary, []fieldAttributes, error) {
	var page ordinaryPage
	var values []valueAttributesOrdinary
	var fields []fieldAttributes
	if err := json.NewDecoder(r).Decode(&page); err != nil {
		return page, nil, nil, err
	}
	for _, included := range page.Included {
		switch included.Type {
		case "custom-field-values":
			var value valueAttributesOrdinary
			if err := json.Unmarshal(included.Attributes, &value); err != nil {
				return page, nil, nil, err
			}
			values = append(values, value)
		case "custom-fields":
			var field fieldAttributes
			if err := json.Unmarshal(included.Attributes, &field); err != nil {
				return page, nil, nil, err
			}
			fields = append(fields, field)
		}
	}
	return page, values, fields, nil
}

type valueAttributesOrdinary struct {
	Value     string `json:"value"`
	FieldType string `json:"field-type"`
}

// BenchmarkPage reads the same page three ways. The first is the one that counts:
// a reader that goes from page to page.
func BenchmarkPage(b *testing.B) {
	pages := [][]byte{fullPage(1).bytes(), fullPage(2).bytes()}
	b.Run("stream", func(b *testing.B) { benchStream(b, pages) })
	b.Run("stream, first page", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(pages[0])))
		for b.Loop() {
			if err := newReader().doc.Decode(bytes.NewReader(pages[0])); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) { benchOrdinary(b, pages) })
}

func benchStream(b *testing.B, pages [][]byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(pages[0])))
	r := newReader()
	for i := 0; b.Loop(); i++ {
		if err := r.doc.Decode(bytes.NewReader(pages[i%len(pages)])); err != nil {
			b.Fatal(err)
		}
	}
}

func benchOrdinary(b *testing.B, pages [][]byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(pages[0])))
	for i := 0; b.Loop(); i++ {
		if _, _, _, err := decodeOrdinary(bytes.NewReader(pages[i%len(pages)])); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRatio alternates both, so that a noisy machine disturbs both, and
// reports the median time of a page in relation to encoding/json's. The target is
// 0.3.
func BenchmarkRatio(b *testing.B) {
	pages := [][]byte{fullPage(1).bytes(), fullPage(2).bytes()}
	r := newReader()
	var stream, ordinary []time.Duration
	for i := 0; b.Loop(); i++ {
		text := pages[i%len(pages)]
		start := time.Now()
		if err := r.doc.Decode(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if _, _, _, err := decodeOrdinary(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		stream = append(stream, middle.Sub(start))
		ordinary = append(ordinary, time.Since(middle))
	}
	slices.Sort(stream)
	slices.Sort(ordinary)
	half := len(stream) / 2
	b.ReportMetric(float64(stream[half])/float64(ordinary[half]), "of-encoding/json")
}
