package paycortest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever is sent, a host answers with a status of its contract or with a refusal.
func FuzzHostBodies(f *testing.F) {
	for _, body := range []string{
		item("k", "x", ""), tab(1, ""), `{"credential":"x"}`, `{"userId":1,"candidate":` + mayaJSON + `}`,
		"null", "{}", "[]", "", `{"candidate":null,"tab":null}`, `{"candidate":{}}`, `{"KEY":"k"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := newHost(t)
		for path, method := range map[string]string{
			"/v1/actor": http.MethodPost, "/v1/access-checks": http.MethodPost, "/v1/newsfeed-items": http.MethodPost, "/v1/video-interview-tab": http.MethodPut,
		} {
			got := h.send(t, method, path, string(body), "k")
			require.NoError(t, got.err)
			require.Contains(t, []int{200, 201, 204, 400, 401, 404}, got.status, path)
		}
		require.LessOrEqual(t, len(h.Newsfeed(maya)), 1)
	})
}
