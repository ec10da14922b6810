package httpx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

func TestRetry(t *testing.T) {
	t.Parallel()
	read := []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete}
	write := []string{http.MethodPost, http.MethodPatch}
	for _, c := range []struct {
		name             string
		err              httpx.Error
		reading, writing bool
	}{
		{"could not connect", httpx.Error{}, true, true},
		{"connection lost after sending", httpx.Error{Sent: true}, true, false},
		{"408 request timeout", answered(408), true, false},
		{"425 too early", answered(425), true, false},
		{"429 too many requests", answered(429), true, true},
		{"500 internal error", answered(500), true, false},
		{"502 bad gateway", answered(502), true, false},
		{"503 unavailable", answered(503), true, false},
		{"504 gateway timeout", answered(504), true, false},
		{"501 not implemented", answered(501), false, false},
		{"505 of no use", answered(505), false, false},
		{"400 malformed", answered(400), false, false},
		{"401 unauthorized", answered(401), false, false},
		{"404 not found", answered(404), false, false},
		{"409 conflict", answered(409), false, false},
		{"302 redirect", answered(302), false, false},
		{"200 with an unreadable body", answered(200), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, method := range read {
				require.Equal(t, c.reading, httpx.Retry(method, &c.err), method)
			}
			for _, method := range write {
				require.Equal(t, c.writing, httpx.Retry(method, &c.err), method)
			}
		})
	}
}

func answered(status int) httpx.Error { return httpx.Error{Status: status, Sent: true} }
