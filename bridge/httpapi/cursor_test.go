package httpapi_test

import (
	"net/http"
	"net/http/httptest"
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
			f.Add(seed, true)
			f.Add(seed, false)
		}
		f.Fuzz(func(t *testing.T, cursor string, interviews bool) {
			path := "/connections"
			if interviews {
				path = w.connection + "/interviews"
			}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1"+path+"?cursor="+url.QueryEscape(cursor), nil)
			req.Header.Set("Authorization", "Bearer "+token)
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, req)
			if rec.Code != http.StatusOK {
				require.Equal(t, http.StatusUnprocessableEntity, rec.Code, "%s %q", path, cursor)
			}
		})
	})
}
