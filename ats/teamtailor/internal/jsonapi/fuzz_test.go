package jsonapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// No input panics; what is accepted is JSON, has ids, and reads the same a second
// time and in other portions; what is refused is refused for a stated reason.
func FuzzDecode(f *testing.F) {
	// Short seeds: the fuzzer spends its time minimizing long ones.
	f.Add([]byte(`{"data":[` + person + `],"links":{"next":null}}`))
	f.Add([]byte(`{"data":{"id":"1","type":"candidates","relationships":{"custom-field-values":{"data":[{"id":"7","type":"x"}]}}}}`))
	f.Add([]byte(`{"included":[{"attributes":{"value":1},"id":2,"type":"custom-field-values"}],"data":` + person + `}`))
	f.Add([]byte(`{"errors":[{"status":"422","source":{"pointer":"/data"}}],"links":{"next":{"href":"x"}},"meta":{"record-count":"1"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := newReader()
		if err := r.doc.Decode(bytes.NewReader(body)); err != nil {
			require.True(t, errors.Is(err, jsonapi.ErrSyntax) || errors.Is(err, jsonapi.ErrDocument), "%v", err)
			return
		}
		require.True(t, json.Valid(body))
		for _, c := range r.candidates.Items {
			require.NotEmpty(t, c.ID)
		}
		again := newReader()
		require.NoError(t, again.doc.Decode(smallReads{bytes.NewReader(body)}))
		require.Equal(t, r.candidates.Items, again.candidates.Items)
		require.Equal(t, r.values.Items, again.values.Items)
		require.Equal(t, r.doc.Links, again.doc.Links)
		require.Equal(t, r.doc.Errors, again.doc.Errors)
	})
}

func FuzzDecodeErrors(f *testing.F) {
	f.Add([]byte(`{"errors":[{"status":"422","source":{"pointer":"/data"}},"x",5,null,[]]}`))
	f.Add([]byte(`{"errors":{"title":"a"},"error":"b"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if list := jsonapi.DecodeErrors(body); list != nil {
			require.NotEmpty(t, list)
			require.True(t, json.Valid(body))
		}
	})
}

type smallReads struct{ r *bytes.Reader }

func (s smallReads) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 3)]) }
