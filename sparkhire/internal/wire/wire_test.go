package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

type thing struct{ UUID string }

func (t *thing) UnmarshalJSON(b []byte) error {
	var w struct{ UUID string }
	err := wire.Fill(b, &w)
	t.UUID = w.UUID
	return err
}

func id(t *thing) string { return t.UUID }

func TestObjectsAndListsAreReadBareOrWrapped(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"uuid":"a"}`, ` {"data": {"uuid":"a"}}`} {
		got, err := wire.Object[thing]([]byte(body), id)
		require.NoError(t, err, body)
		require.Equal(t, "a", got.UUID)
	}
	for body, want := range map[string]error{
		`[]`: wire.ErrNotAnObject, ``: wire.ErrNotAnObject, `{"uuid":""}`: wire.ErrNoUUID, `{"uuid":5}`: wire.ErrNoUUID,
		`{"data":{"uuid":"a"},"more":1}`: wire.ErrNoUUID,
	} {
		_, err := wire.Object[thing]([]byte(body), id)
		require.ErrorIs(t, err, want, body)
	}
	for _, body := range []string{`[{"uuid":"a"},null,{"uuid":"b"}]`, `{"data":[{"uuid":"a"},{"uuid":"b"}]}`} {
		all, err := wire.List[thing]([]byte(body), id)
		require.NoError(t, err)
		require.Equal(t, []*thing{{"a"}, {"b"}}, all)
	}
	_, err := wire.List[thing]([]byte(`{}`), id)
	require.ErrorIs(t, err, wire.ErrNotAList)
	_, err = wire.List[thing]([]byte(`[{}]`), id)
	require.ErrorIs(t, err, wire.ErrNoUUID)
	_, err = wire.List[thing]([]byte(`[{"uuid":]`), id)
	require.Error(t, err)
}

func TestScalarsAreReadInAnyType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"a"`: "a", `"a\u00e9"`: "aé", `5`: "5", `true`: "true", `null`: "", `{}`: "", `[1]`: "", ``: "", "\x20\"b\"\x20": "b", `"`: "",
	} {
		require.Equal(t, want, wire.Scalar([]byte(text)), text)
	}
	require.Len(t, wire.Words(json.RawMessage(`"`+strings.Repeat("x", 600)+`"`)), 500)
}

func TestFieldErrorsAreFlattened(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]httpx.FieldError{
		`{"due_at":["too late"]}`:                       {{Field: "due_at", Message: "too late"}},
		`{"a":{"b":"c"},"0":"d"}`:                       {{Field: "0", Message: "d"}, {Field: "a.b", Message: "c"}},
		`[{"field":"x","message":"y"},"z"]`:             {{Field: "x", Message: "y"}, {Message: "z"}},
		`{"a":{"b":{"c":{"d":"deeper than we look"}}}}`: nil,
		`nothing`: nil,
	} {
		require.Equal(t, want, wire.FieldErrors(json.RawMessage(text)), text)
	}
}

func FuzzFieldErrors(f *testing.F) {
	f.Add(`{"a":["b"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, e := range wire.FieldErrors(json.RawMessage(text)) {
			require.NotContains(t, e.Field, "\xff")
		}
		_ = wire.Scalar([]byte(text))
		require.LessOrEqual(t, len(wire.Unwrap([]byte(text))), len(text))
	})
}
