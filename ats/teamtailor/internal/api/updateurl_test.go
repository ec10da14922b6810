package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

func stacks(tb testing.TB, more ...string) api.Bases {
	tb.Helper()
	var urls []string
	for _, stack := range api.Stacks() {
		urls = append(urls, stack.URL)
	}
	bases, err := api.NewBases(append(urls, more...)...)
	require.NoError(tb, err)
	return bases
}

func TestUpdateURLsThatAreAccepted(t *testing.T) {
	t.Parallel()
	bases := stacks(t, "http://127.0.0.1:8090", "http://[::1]:8091/")
	tests := map[string][2]string{ // the URL, and what it comes to
		"the European stack":      {"https://api.teamtailor.com/partner/v1/partner-results/" + resultID, "https://api.teamtailor.com"},
		"the American stack":      {"https://api.na.teamtailor.com/partner/v1/partner-results/" + resultID, "https://api.na.teamtailor.com"},
		"the Asia-Pacific stack":  {"https://api.au.teamtailor.com/partner/v1/partner-results/" + resultID, "https://api.au.teamtailor.com"},
		"a listed test server":    {"http://127.0.0.1:8090/partner/v1/partner-results/" + resultID, "http://127.0.0.1:8090"},
		"a listed IPv6 address":   {"http://[::1]:8091/partner/v1/partner-results/" + resultID, "http://[::1]:8091"},
		"the host in capitals":    {"HTTPS://API.Teamtailor.COM/partner/v1/partner-results/" + resultID, "https://api.teamtailor.com"},
		"the port of the scheme":  {"https://api.teamtailor.com:443/partner/v1/partner-results/" + resultID, "https://api.teamtailor.com"},
		"an id that is a number":  {"https://api.teamtailor.com/partner/v1/partner-results/12", "https://api.teamtailor.com"},
		"an id of capitals, even": {"https://api.teamtailor.com/partner/v1/partner-results/0D1F-z", "https://api.teamtailor.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref, err := bases.Result(tt[0])
			require.NoError(t, err)
			require.Equal(t, tt[1], ref.BaseURL())
			require.Equal(t, tt[0][strings.LastIndex(tt[0], "/")+1:], ref.ID())
			require.Equal(t, tt[1]+"/partner/v1/partner-results/"+ref.ID(), ref.String())
			require.Contains(t, bases.URLs(), ref.BaseURL())
		})
	}
}

func TestUpdateURLsThatAreRefused(t *testing.T) {
	t.Parallel()
	const path = "/partner/v1/partner-results/" + resultID
	tests := map[string]string{
		"nothing":                         "",
		"plain http":                      "http://api.teamtailor.com" + path,
		"another scheme":                  "ftp://api.teamtailor.com" + path,
		"no scheme":                       "//api.teamtailor.com" + path,
		"an opaque address":               "https:api.teamtailor.com" + path,
		"another host":                    "https://evil.example" + path,
		"a host that starts like ours":    "https://api.teamtailor.com.evil.example" + path,
		"a host that ends like ours":      "https://evilapi.teamtailor.com" + path,
		"a neighbor of ours":              "https://teamtailor.com" + path,
		"a trailing dot":                  "https://api.teamtailor.com." + path,
		"another port":                    "https://api.teamtailor.com:8443" + path,
		"an empty port":                   "https://api.teamtailor.com:" + path,
		"user information":                "https://api.teamtailor.com@evil.example" + path,
		"a password":                      "https://user:pass@api.teamtailor.com" + path,
		"a backslash":                     "https://evil.example\\@api.teamtailor.com" + path,
		"a query":                         "https://api.teamtailor.com" + path + "?x=1",
		"an empty query":                  "https://api.teamtailor.com" + path + "?",
		"a fragment":                      "https://api.teamtailor.com" + path + "#x",
		"an empty fragment":               "https://api.teamtailor.com" + path + "#",
		"no id":                           "https://api.teamtailor.com/partner/v1/partner-results/",
		"the list":                        "https://api.teamtailor.com/partner/v1/partner-results",
		"a slash at the end":              "https://api.teamtailor.com" + path + "/",
		"something below":                 "https://api.teamtailor.com" + path + "/relationships",
		"another resource":                "https://api.teamtailor.com/partner/v1/partners/99",
		"the public API":                  "https://api.teamtailor.com/v1/candidates/1",
		"a way out":                       "https://api.teamtailor.com/partner/v1/partner-results/../partners/99",
		"a way out that is escaped":       "https://api.teamtailor.com/partner/v1/partner-results/..%2fpartners%2f99",
		"two dots":                        "https://api.teamtailor.com/partner/v1/partner-results/..",
		"an escape":                       "https://api.teamtailor.com/partner/v1/partner-results/%30d1f",
		"a double slash":                  "https://api.teamtailor.com//partner/v1/partner-results/" + resultID,
		"a path in capitals":              "https://api.teamtailor.com/Partner/v1/partner-results/" + resultID,
		"a semicolon":                     "https://api.teamtailor.com" + path + ";x=1",
		"a space":                         "https://api.teamtailor.com" + path + " ",
		"a leading space":                 " https://api.teamtailor.com" + path,
		"a line break":                    "https://api.teamtailor.com" + path + "\r\nX: y",
		"a letter that looks like ours":   "https://api.teamt\u0430ilor.com" + path,
		"an address of the machine":       "http://127.0.0.1" + path,
		"the address of the cloud's data": "http://169.254.169.254" + path,
		"an endless id":                   "https://api.teamtailor.com/partner/v1/partner-results/" + strings.Repeat("a", 101),
		"an endless address":              "https://api.teamtailor.com/partner/v1/partner-results/" + strings.Repeat("a", 5000),
	}
	bases := stacks(t)
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref, err := bases.Result(raw)
			require.ErrorIs(t, err, api.ErrUpdateURL)
			require.Zero(t, ref)
		})
	}
	_, err := api.Bases{}.Result("https://api.teamtailor.com" + path)
	require.ErrorIs(t, err, api.ErrUpdateURL, "the zero value allows none")
	_, err = stacks(t, "http://127.0.0.1:8090").Result("http://127.0.0.1:8091" + path)
	require.ErrorIs(t, err, api.ErrUpdateURL)
}

func TestNewBases(t *testing.T) {
	t.Parallel()
	bases, err := api.NewBases("https://api.teamtailor.com", "https://API.teamtailor.com:443/", "http://localhost:8090")
	require.NoError(t, err)
	require.Equal(t, []string{"https://api.teamtailor.com", "http://localhost:8090"}, bases.URLs())

	_, err = api.NewBases("https://api.teamtailor.com", "http://api.teamtailor.com", "api.teamtailor.com", "https://x.example/v1", "https://x.example?", "https://x.example#", "https://u@x.example", "ftp://x.example", "https://", "http://10.0.0.1", "\x00")
	for _, want := range []string{
		`"http://api.teamtailor.com": want https`, `"api.teamtailor.com": want`, `"https://x.example/v1": want scheme, host and port only`,
		`"https://x.example?": want scheme`, `"https://x.example#": want scheme`, `"https://u@x.example": want scheme`, `"ftp://x.example": want https`,
		`"https://": want an absolute address`, `"http://10.0.0.1": want https`, `"\x00": not a URL`,
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), `"https://api.teamtailor.com"`)
}

func TestStackHints(t *testing.T) {
	t.Parallel()
	bases := stacks(t, "http://127.0.0.1:8090")
	got, ok := bases.Host(" API.NA.teamtailor.com ")
	require.True(t, ok)
	require.Equal(t, "https://api.na.teamtailor.com", got)
	tests := map[string]string{
		"api.na.teamtailor.com":            "https://api.na.teamtailor.com",
		"https://api.au.teamtailor.com":    "https://api.au.teamtailor.com",
		"https://api.au.teamtailor.com/v1": "https://api.au.teamtailor.com",
		"api.teamtailor.com:443":           "https://api.teamtailor.com",
		"127.0.0.1:8090":                   "http://127.0.0.1:8090",
		"http://api.teamtailor.com":        "",
		"app.teamtailor.com":               "",
		"api.teamtailor.com@evil.example":  "",
		"":                                 "",
		"\x00":                             "",
	}
	for hint, want := range tests {
		got, ok := bases.Host(hint)
		require.Equal(t, want, got, hint)
		require.Equal(t, want != "", ok, hint)
	}
}

// Whatever is accepted, the request that follows goes to a listed host and to a
// result, however a URL is read.
func FuzzUpdateURL(f *testing.F) {
	for _, seed := range []string{
		"https://api.teamtailor.com/partner/v1/partner-results/" + resultID, "http://127.0.0.1:8090/partner/v1/partner-results/1",
		"https://api.teamtailor.com@evil.example/partner/v1/partner-results/1", "https://api.teamtailor.com/partner/v1/partner-results/..%2f",
		"HTTPS://API.TEAMTAILOR.COM:443/partner/v1/partner-results/A", "https://api.teamtailor.com\\/partner/v1/partner-results/1",
	} {
		f.Add(seed)
	}
	bases := stacks(f, "http://127.0.0.1:8090")
	f.Fuzz(func(t *testing.T, raw string) {
		ref, err := bases.Result(raw)
		if err != nil {
			require.Equal(t, api.ResultRef{}, ref)
			return
		}
		require.True(t, slices.Contains(bases.URLs(), ref.BaseURL()))
		u, err := url.Parse(ref.String())
		require.NoError(t, err)
		require.Equal(t, "/partner/v1/partner-results/"+ref.ID(), u.EscapedPath())
		require.Equal(t, ref.BaseURL(), u.Scheme+"://"+u.Host)
		require.Regexp(t, `^[0-9A-Za-z-]{1,100}$`, ref.ID())
		require.True(t, strings.EqualFold(ref.String(), strings.Replace(raw, ":443/", "/", 1)), "nothing was dropped on the way")
		again, err := bases.Result(ref.String())
		require.NoError(t, err)
		require.Equal(t, ref, again)
	})
}
