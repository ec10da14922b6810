package client_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// service answers calls as the handler says.
func service(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{URL: server.URL + "/api/v1/", Token: "token-7319", Actor: client.Actor{ID: "a1", Admin: true}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestACallSaysWhoAsks(t *testing.T) {
	t.Parallel()
	c := service(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "[%q,%q,%q,%q]", r.URL.EscapedPath(), r.Header.Get("Authorization"), r.Header.Get("Sparkbridge-Actor-Id"), r.Header.Get("Sparkbridge-Actor-Admin"))
	})
	text, err := c.Call(t.Context(), http.MethodGet, client.Path("connections", "a/b c"), nil, nil)
	require.NoError(t, err)
	require.JSONEq(t, `["/api/v1/connections/a%2Fb%20c","Bearer token-7319","a1","true"]`, string(text))
}

func TestRefusalsAndStrangersAreTold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status    int
		body      string
		want      string
		temporary bool
	}{
		"a refusal":                 {422, `{"code":"invalid_email","detail":"Write an address.","field":"candidate.email","request_id":"R"}`, "invalid_email: Write an address. (field candidate.email)", false},
		"our own failure":           {500, `{"code":"internal","detail":"","request_id":"R7"}`, "internal (request R7)", false},
		"a spent budget":            {429, `{"code":"rate_limited","detail":"Wait."}`, "rate_limited: Wait.", true},
		"a proxy":                   {502, `<html>`, `status_502: The answer was "502 Bad Gateway" and not one of a Sparkbridge service. Check the address and what is in between.`, true},
		"a redirect is no answer":   {302, ``, `status_302: The answer was "302 Found" and not one of a Sparkbridge service. Check the address and what is in between.`, false},
		"something that is no JSON": {200, `<html>`, "the answer is not JSON: is this the address of a Sparkbridge service?", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := service(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://elsewhere.example/")
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			_, err := c.Call(t.Context(), http.MethodGet, "/connections", nil, nil)
			require.EqualError(t, err, tc.want)
			if p := (*client.Problem)(nil); tc.status != http.StatusOK {
				require.ErrorAs(t, err, &p)
				require.Equal(t, tc.temporary, p.Temporary())
			}
		})
	}
}

func TestListsAreReadToTheirEndAndAgain(t *testing.T) {
	t.Parallel()
	c := service(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		next := strconv.Itoa(n + 1)
		if n == 2 {
			next = ""
		}
		_, _ = fmt.Fprintf(w, `{"items":[%d,%d],"next_cursor":%q}`, 2*n, 2*n+1, next)
	})
	list := c.List(t.Context(), "/connections", nil)
	for range 2 {
		var all []string
		for item, err := range list {
			require.NoError(t, err)
			all = append(all, string(item))
		}
		require.Equal(t, []string{"0", "1", "2", "3", "4", "5"}, all)
	}
	for item, err := range list {
		require.NoError(t, err)
		require.Equal(t, "0", string(item))
		break
	}
}

func TestAnImportSendsAgainWhatWasNotAnswered(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls [][]string
	c := service(t, func(w http.ResponseWriter, r *http.Request) {
		var keys []string
		for in := bufio.NewScanner(r.Body); in.Scan(); {
			keys = append(keys, in.Text())
		}
		mu.Lock()
		calls = append(calls, keys)
		n := len(calls)
		mu.Unlock()
		for i, key := range keys {
			switch {
			case n == 1 && i == 1: // busy with this one only
				_, _ = fmt.Fprintf(w, `{"key":%q,"error":{"status":503,"code":"unavailable","detail":"Later."}}`+"\n", key)
			case n == 1 && i == 3: // the connection breaks
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			case key == "e":
				_, _ = fmt.Fprintf(w, `{"key":%q,"error":{"status":422,"code":"invalid_email","detail":"No.","field":"candidate.email"}}`+"\n", key)
			default:
				_, _ = fmt.Fprintf(w, `{"key":%q,"interview_id":"i-%s","state":"requested"}`+"\n", key, key)
			}
		}
	})
	var lines [][]byte
	for key := range strings.SplitSeq("abcde", "") {
		lines = append(lines, []byte(key))
	}
	var answers []string
	waited := 0
	err := c.Import(t.Context(), "c1", lines, client.Patience{For: time.Minute, Waiting: func(error, time.Duration) { waited++ }}, func(n int, a client.BulkAnswer) {
		word := a.InterviewID
		if a.Error != nil {
			word = a.Error.Code
		}
		answers = append(answers, fmt.Sprintf("%d %s", n, word))
	})
	require.NoError(t, err)
	require.Equal(t, 1, waited)
	slices.Sort(answers)
	require.Equal(t, []string{"0 i-a", "1 i-b", "2 i-c", "3 i-d", "4 invalid_email"}, answers, "each once")
	require.Equal(t, [][]string{{"a", "b", "c", "d", "e"}, {"b", "d", "e"}}, calls)
}

func TestAnImportThatIsRefusedAsAWholeIsNotRepeated(t *testing.T) {
	t.Parallel()
	calls := make(chan struct{}, 10)
	c := service(t, func(w http.ResponseWriter, _ *http.Request) {
		calls <- struct{}{}
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"code":"unauthorized","detail":"No."}`))
	})
	err := c.Import(t.Context(), "c1", [][]byte{[]byte("{}")}, client.Patience{For: time.Minute}, func(int, client.BulkAnswer) { t.Error("nothing was answered") })
	require.EqualError(t, err, "unauthorized: No.")
	require.Len(t, calls, 1)
}

func TestAClientNeedsAnAddressAndAToken(t *testing.T) {
	t.Parallel()
	for _, c := range []client.Config{
		{URL: "bridge.example", Token: "t"},
		{URL: "https://user:pass@bridge.example", Token: "t"},
		{URL: "https://bridge.example"},
		{URL: "https://bridge.example", Token: "two words"},
	} {
		_, err := client.New(c)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "pass@")
	}
}
