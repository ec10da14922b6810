package jsonapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	type note struct {
		Note string `json:"note,omitempty"`
	}
	tests := map[string]struct {
		id         string
		attributes any
		to         map[string]jsonapi.Identifier
		want       string
	}{
		"a new resource": {"", note{"Sent & <seen>."}, nil, `{"data":{"type":"notes","attributes":{"note":"Sent & <seen>."}}}`},
		"a known one":    {"7", note{"x"}, nil, `{"data":{"id":"7","type":"notes","attributes":{"note":"x"}}}`},
		"relationships only": {
			"7", nil,
			map[string]jsonapi.Identifier{"user": {Type: "users", ID: "31"}, "candidate": {Type: "candidates", ID: "81234"}},
			`{"data":{"id":"7","type":"notes","relationships":{"candidate":{"data":{"type":"candidates","id":"81234"}},"user":{"data":{"type":"users","id":"31"}}}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := jsonapi.Encode("notes", tt.id, tt.attributes, tt.to)
			require.NoError(t, err)
			require.Equal(t, tt.want, string(body))
		})
	}
	body, err := jsonapi.EncodeNumbered("partners", "99", note{"x"}, nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"data":{"id":99,"type":"partners","attributes":{"note":"x"}}}`, string(body))
	_, err = jsonapi.EncodeNumbered("partners", "1e", nil, nil)
	require.ErrorContains(t, err, "encode partners")
	_, err = jsonapi.Encode("notes", "", func() {}, nil)
	require.ErrorContains(t, err, "encode notes")
}
