package sparkhire_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

func TestTheBasicLinkInAnyShape(t *testing.T) {
	t.Parallel()
	for body, url := range map[string]string{
		`{"uuid":"u","url":"https://share.example/1"}`: "https://share.example/1",
		`{"url":"https://share.example/1"}`:            "https://share.example/1",
		`[{"url":"https://share.example/1"}]`:          "https://share.example/1",
		`{"data":{"url":"https://share.example/1"}}`:   "https://share.example/1",
		``: "", `null`: "", `{}`: "", `[]`: "", `{"data":null}`: "", `{"data":[]}`: "",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
			link, err := client.ShareLinks.GetBasic(t.Context(), "i")
			if url == "" {
				require.ErrorIs(t, err, sparkhire.ErrNotFound)
				return
			}
			require.NoError(t, err)
			require.Equal(t, url, link.URL)
		})
	}
}
