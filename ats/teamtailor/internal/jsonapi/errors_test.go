package jsonapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want []jsonapi.Error
	}{
		"status and code as strings": {
			`{"errors":[{"title":"can't be blank","detail":"email - can't be blank","code":"100","source":{"pointer":"/data/attributes/email"},"status":"422"}]}`,
			[]jsonapi.Error{{Status: 422, Code: "100", Title: "can't be blank", Detail: "email - can't be blank", Pointer: "/data/attributes/email"}},
		},
		"status and code as numbers": {
			`{"errors":[{"status":406,"code":100,"title":"Invalid/Missing API Version","detail":"Current version is: 20240904"}]}`,
			[]jsonapi.Error{{Status: 406, Code: "100", Title: "Invalid/Missing API Version", Detail: "Current version is: 20240904"}},
		},
		"several":                      {`{"errors":[{"title":"a"},{"title":"b","source":{"parameter":"filter[x]"}}]}`, []jsonapi.Error{{Title: "a"}, {Title: "b", Parameter: "filter[x]"}}},
		"nulls and unknown members":    {`{"errors":[{"title":"a","detail":null,"source":null,"meta":{"x":[1]},"status":null}],"jsonapi":{}}`, []jsonapi.Error{{Title: "a"}}},
		"a source that is a text":      {`{"errors":[{"title":"a","source":"x"}]}`, []jsonapi.Error{{Title: "a"}}},
		"a status that is no number":   {`{"errors":[{"title":"a","status":"many"}]}`, []jsonapi.Error{{Title: "a"}}},
		"names in another case":        {`{"errors":[{"Title":"a","STATUS":"404"}]}`, []jsonapi.Error{{Title: "a", Status: 404}}},
		"plain strings":                {`{"errors":["first","second"]}`, []jsonapi.Error{{Title: "first"}, {Title: "second"}}},
		"one string":                   {`{"errors":"Not allowed"}`, []jsonapi.Error{{Title: "Not allowed"}}},
		"one object":                   {`{"errors":{"title":"a"}}`, []jsonapi.Error{{Title: "a"}}},
		"the short form of Rails":      {`{"status":500,"error":"Internal Server Error"}`, []jsonapi.Error{{Title: "Internal Server Error"}}},
		"invalid UTF-8":                {"{\"errors\":[{\"title\":\"a\xff\"}]}", []jsonapi.Error{{Title: "a\ufffd"}}},
		"whitespace around":            {" \n{\"errors\":[{\"title\":\"a\"}]}\n", []jsonapi.Error{{Title: "a"}}},
		"an empty list":                {`{"errors":[]}`, nil},
		"errors of no kind":            {`{"errors":5}`, nil},
		"no errors":                    {`{"data":null}`, nil},
		"an empty body":                {"", nil},
		"a page of HTML":               {"<html><title>502</title></html>", nil},
		"a body that is cut off":       {`{"errors":[{"title":"a"`, nil},
		"a list instead of a document": {`[{"title":"a"}]`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, jsonapi.DecodeErrors([]byte(tt.body)))
		})
	}
}
