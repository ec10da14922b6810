package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

const (
	partnerKey   = "partner_api_key_example"
	companyToken = "company_api_token_example"
	resultID     = "0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90"
)

// exchange is a request that the vendor expects and how it answers.
type exchange struct {
	call   string // method and path with query
	want   string // fixture of the body, none expected if empty
	header map[string]string
	status int    // 200 if not set
	answer string // fixture, or text if it is not a file name
	set    map[string]string
}

// vendor is a server that expects exactly these requests in this order. It answers
// anything else with an error that says what is wrong, and fails the test at its end.
type vendor struct {
	URL string

	mu       sync.Mutex
	expected []exchange
	problems []string
}

// partnerHeader and publicHeader are what every request must carry.
func partnerHeader() map[string]string {
	return map[string]string{"Authorization": "Token " + partnerKey, "X-Api-Version": "20180828", "Accept": "application/vnd.api+json"}
}

func publicHeader() map[string]string {
	return map[string]string{"Authorization": "Token token=" + companyToken, "X-Api-Version": "20240904", "Accept": "application/vnd.api+json"}
}

func newVendor(t *testing.T, header map[string]string, expected ...exchange) *vendor {
	t.Helper()
	v := &vendor{expected: expected}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { v.serve(w, r, header) }))
	v.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, problem := range v.problems {
			t.Error(problem)
		}
		for _, missing := range v.expected {
			t.Errorf("no request came for %s", missing.call)
		}
	})
	return v
}

func (v *vendor) serve(w http.ResponseWriter, r *http.Request, header map[string]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.refuse(w, "body: %v", err)
		return
	}
	if len(v.expected) == 0 {
		v.refuse(w, "unexpected %s %s", r.Method, r.URL)
		return
	}
	next := v.expected[0]
	v.expected = v.expected[1:]
	if call := r.Method + " " + r.URL.RequestURI(); call != next.call {
		v.refuse(w, "want %s, got %s", next.call, call)
		return
	}
	for _, list := range []map[string]string{header, next.header} {
		for name, want := range list {
			if got := r.Header.Get(name); got != want && next.header[name] != got {
				v.refuse(w, "%s: want header %s: %q, got %q", next.call, name, want, got)
				return
			}
		}
	}
	if problem := sameBody(next.want, r.Header.Get("Content-Type"), body); problem != "" {
		v.refuse(w, "%s: %s", next.call, problem)
		return
	}
	for name, value := range next.set {
		w.Header().Set(name, value)
	}
	answer := next.answer
	if strings.HasSuffix(answer, ".json") {
		text, err := os.ReadFile(filepath.Join("testdata", answer))
		if err != nil {
			v.refuse(w, "%v", err)
			return
		}
		answer = strings.ReplaceAll(string(text), "BASE", v.URL)
	}
	w.Header().Set("Content-Type", "application/vnd.api+json; charset=utf-8")
	w.WriteHeader(max(next.status, 200))
	_, _ = io.WriteString(w, answer)
}

// sameBody compares JSON by value: nothing missing and nothing more.
func sameBody(fixture, contentType string, body []byte) string {
	if fixture == "" {
		if len(body) > 0 || contentType != "" {
			return fmt.Sprintf("want no body and no content type, got %q %s", contentType, body)
		}
		return ""
	}
	if contentType != "application/vnd.api+json" {
		return fmt.Sprintf("content type %q", contentType)
	}
	text, err := os.ReadFile(filepath.Join("testdata", fixture))
	if err != nil {
		return err.Error()
	}
	var want, got any
	if err := json.Unmarshal(text, &want); err != nil {
		return fixture + ": " + err.Error()
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return "body: " + err.Error()
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("want body of %s, got %s", fixture, body)
	}
	return ""
}

func (v *vendor) refuse(w http.ResponseWriter, format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	v.problems = append(v.problems, problem)
	w.WriteHeader(http.StatusTeapot)
	_, _ = fmt.Fprintf(w, `{"errors":[{"title":%q}]}`, problem)
}

func (v *vendor) partner(t *testing.T, opts ...api.Option) *api.Partner {
	t.Helper()
	p, err := api.NewPartner(v.URL, partnerKey, opts...)
	require.NoError(t, err)
	return p
}

func (v *vendor) public(t *testing.T, opts ...api.Option) *api.Public {
	t.Helper()
	p, err := api.NewPublic(v.URL, companyToken, opts...)
	require.NoError(t, err)
	return p
}
