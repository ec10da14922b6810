package httpapi_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzCursor: a cursor is one that a list gave, or is refused; it never breaks
// anything.
func FuzzCursor(f *testing.F) {
	overHTTP(f, setup{}, func(w *world) {
		for _, name := range []string{"Mira", "Ole", "Ana"} {
			w.requested(name)
		}
		var page struct {
			NextCursor string `json:"next_cursor"`
		}
		w.get(w.connection + "/interviews?limit=1").want(http.StatusOK).into(&page)
		for _, seed := range []string{page.NextCursor, page.NextCursor[1:], page.NextCursor + "A", "x", "AAAA", "%00", "ä"} {
			f.Add(seed)
		}
		f.Fuzz(func(t *testing.T, cursor string) {
			for _, path := range []string{w.connection + "/interviews", "/connections", "/deliveries"} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/api/v1"+path+"?cursor="+url.QueryEscape(cursor), nil)
				require.NoError(t, err)
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := w.client.Do(req)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				if resp.StatusCode != http.StatusOK {
					require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, "%s %q", path, cursor)
				}
			}
		})
	})
}
