package console_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
)

func TestEveryAddressNeedsASession(t *testing.T) {
	t.Parallel()
	inTime(t, setup{stranger: true, still: true}, func(w *world) {
		i := w.requested("Mira")
		page := "/interviews/" + i.ID
		for _, path := range []string{"", "/", "/connections/" + w.connection, "/connections/" + w.connection + "/interviews", page, "/deliveries", "/nowhere"} {
			back := path
			if path == "/" {
				back = "%2F"
			}
			w.get("/console" + path).goesTo("/console/login?return=" + strings.ReplaceAll(back, "/", "%2F")).lacks("Mira")
			require.Equal(w, http.StatusSeeOther, w.get("/console"+path, "Authorization", "Bearer "+token).status, "a token alone opens the API only")
		}
		w.get("/console/deliveries?state=gone").goesTo("/console/login?return=%2Fdeliveries%3Fstate%3Dgone")
		for _, form := range []string{page + "/cancel", page + "/resolve", page + "/recording", page + "/retry", "/connections/" + w.connection + "/disable", "/deliveries/retry"} {
			parent := form[:strings.LastIndex(form, "/")]
			w.post("/console" + form).goesTo("/console/login?return=" + url.QueryEscape(parent))
		}
		w.post("/console/logout").goesTo("/console/login?return=")
		require.Equal(w, ats.StateRequested, w.read(i.ID).State)
		w.get("/console/login").shows(http.StatusOK, "Sign in", "Who you are", "API token").lacks("Sign out")
		w.get("/console/interviews/"+i.ID, "Sec-Fetch-Site", "cross-site").shows(http.StatusOK, "One moment").lacks("Mira")
	})
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	inTime(t, setup{stranger: true, still: true}, func(w *world) {
		w.post("/console/login", "token", "wrong", "name", "Bo").shows(http.StatusUnauthorized, "This is not one of the API tokens.")
		w.post("/console/login", "token", "").shows(http.StatusUnauthorized)
		w.post("/console/login", "token", token, "name", "a\u0007b").shows(http.StatusUnprocessableEntity, "printable")
		w.post("/console/login", "token", token, "name", strings.Repeat("é", 201)).shows(http.StatusUnprocessableEntity)
		w.post("/console/login", "token", token, "name", "\xff").shows(http.StatusUnprocessableEntity)
		w.post("/console/login", "token", token, "name", strings.Repeat("x", 70<<10)).shows(http.StatusUnprocessableEntity, "could not be read")
		require.Empty(w, w.cookies)

		a := w.post("/console/login", "token", " "+token+"\n").goesTo("/console")
		require.Len(w, a.cookies, 1)
		c := a.cookies[0]
		require.True(w, c.HttpOnly)
		require.Equal(w, http.SameSiteStrictMode, c.SameSite)
		require.Equal(w, "/", c.Path, "the sign-in at vendors is beside the pages")
		require.False(w, c.Secure, "browsers would not send it over http")
		require.NotContains(w, c.Value, token)
		w.get("/console").shows(http.StatusOK, "You act as console")

		w.post("/console/login", "token", "another-token", "name", " Bo Ek ")
		w.get("/console/").shows(http.StatusOK, "You act as Bo Ek")
		w.post("/console/logout").goesTo("/console/login")
		require.Empty(w, w.cookies)
		w.get("/console").goesTo("/console/login?return=")
	})
}

func TestWhereAPersonGoesAfterSigningIn(t *testing.T) {
	t.Parallel()
	inTime(t, setup{stranger: true, still: true, nothing: true}, func(w *world) {
		for to, want := range map[string]string{
			"":                             "/console",
			"/":                            "/console",
			"/deliveries":                  "/console/deliveries",
			"/deliveries?state=gone&x=%2F": "/console/deliveries?state=gone&x=%2F",
			"/connections/a%2Fb":           "/console/connections/a%2Fb",
			"/login":                       "/console",
			"//evil.example/x":             "/console",
			"https://evil.example/":        "/console",
			"/\\evil.example":              "/console",
			"\\\\evil.example":             "/console",
			"/../evil":                     "/console",
			"/%2e%2e/api/v1/connections":   "/console",
			"/deliveries/../../evil":       "/console",
			"javascript:alert(1)":          "/console",
			"deliveries":                   "/console",
			"@evil.example":                "/console",
			"/\r\nSet-Cookie: a=b":         "/console",
		} {
			w.post("/console/login", "token", token, "return", to).goesTo(want)
		}
		w.get("/console/login?return=" + url.QueryEscape(`"><script>alert(1)</script>`)).shows(http.StatusOK)
	})
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true}, func(w *world) {
		good := w.cookies
		other := func(change func(c *bridge.Config)) *browser {
			config := w.config
			change(&config)
			engine, err := bridge.New(config)
			require.NoError(w, err)
			return &browser{w.TB, engine.Handler(), good}
		}
		other(func(*bridge.Config) {}).get("/console").shows(http.StatusOK) // another process
		other(func(c *bridge.Config) { c.Keys = c.Keys.Rotated() }).get("/console").shows(http.StatusOK)
		const login = "/console/login?return="
		other(func(c *bridge.Config) { c.APITokens = []ats.Secret{"another-token"} }).get("/console").goesTo(login)
		other(func(c *bridge.Config) { c.Keys = keyring.Generate() }).get("/console").goesTo(login)

		value := good["sparkbridge_console"].Value
		sealed, err := base64.RawURLEncoding.DecodeString(value)
		require.NoError(w, err)
		_, err = w.config.Keys.Open(sealed, "another context")
		require.ErrorIs(w, err, keyring.ErrOpen)
		sealed[len(sealed)-1]++
		for _, bad := range []string{"", "x", "%", value[1:], base64.RawURLEncoding.EncodeToString(sealed), base64.RawURLEncoding.EncodeToString(w.config.Keys.Seal([]byte(`{"name":"x"}`), "user"))} {
			b := browser{w.TB, w.handler, map[string]*http.Cookie{"": {Name: "sparkbridge_console", Value: bad}}}
			b.get("/console").goesTo(login)
		}

		w.pass(12*time.Hour - time.Second)
		w.get("/console").shows(http.StatusOK)
		w.pass(time.Second)
		w.get("/console").goesTo(login)
	})
}

func TestWithoutTokensNobodyCanSignIn(t *testing.T) {
	t.Parallel()
	inTime(t, setup{stranger: true, still: true, nothing: true, config: func(c *bridge.Config) { c.APITokens = nil }}, func(w *world) {
		w.get("/console").goesTo("/console/login?return=")
		w.get("/console/login").shows(http.StatusOK, "the configuration has no API token", "api_tokens").lacks("Who you are")
		w.post("/console/login", "token", "").shows(http.StatusUnauthorized, "api_tokens")
	})
}

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.sent("Mira")
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"},
			{"Origin", "null"},
		} {
			for _, path := range []string{"/console/interviews/" + i.ID + "/cancel", "/console/connections/" + w.connection + "/disable", "/console/login", "/console/logout"} {
				a := w.call(http.MethodPost, path, url.Values{"token": {token}}, headers...)
				a.shows(http.StatusForbidden, "Forms from pages of other sites are refused.").lacks("Falk", "Ines")
				require.Empty(w, a.cookies)
			}
		}
		w.pass(time.Minute)
		require.Equal(w, ats.StateSent, w.read(i.ID).State)
		w.call(http.MethodPost, "/console/interviews/"+i.ID+"/cancel", url.Values{"x": {"y"}}, "Content-Type", "text/plain").
			shows(http.StatusUnprocessableEntity, "This address takes forms only.")
	})
}

func TestBehindHTTPSUnderAPath(t *testing.T) {
	t.Parallel()
	https := func(address string) setup {
		return setup{stranger: true, still: true, config: func(c *bridge.Config) { c.PublicURL = address }}
	}
	inTime(t, https("https://bridge.example"), func(w *world) {
		c := w.post("/console/login", "token", token).goesTo("/console").cookies[0]
		require.Equal(w, "__Host-sparkbridge_console", c.Name)
		require.True(w, c.Secure)
		require.Equal(w, "/", c.Path)
		w.get("/console").shows(http.StatusOK)
	})
	inTime(t, https("https://example.com/bridge/"), func(w *world) {
		w.get("/console/deliveries").goesTo("/bridge/console/login?return=%2Fdeliveries")
		c := w.post("/console/login", "token", token, "return", "/deliveries").goesTo("/bridge/console/deliveries").cookies[0]
		require.Equal(w, "/bridge/", c.Path)
		require.Equal(w, "sparkbridge_console", c.Name)
		require.Contains(w, w.get("/console").body, `href="/bridge/console/connections/`+w.connection+`"`)
	})
}

func TestTheSignInAtAVendorTakesASession(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true, config: func(c *bridge.Config) { c.PublicURL = "http://bridge.example" }}, func(w *world) {
		start := "/oauth/memory/start?connection=" + w.connection
		require.Contains(w, w.get("/console/connections/"+w.connection).body, `href="`+start+`"`)
		a := w.get(start)
		require.Equal(w, http.StatusFound, a.status, a.body)
		back, err := url.Parse(a.header.Get("Location"))
		require.NoError(w, err)
		require.Equal(w, "Ines", back.Query().Get("code"), "the person who has signed in")
		w.get(back.RequestURI()).shows(http.StatusOK, "Connected")
		require.Contains(w, w.audit(), "Ines: authorize")

		require.Equal(w, http.StatusUnauthorized, w.get("/api/v1/connections").status, "the session opens no other call")
		require.Equal(w, http.StatusUnauthorized, w.post("/oauth/memory/start?connection="+w.connection).status)
		w.cookies = nil
		require.Equal(w, http.StatusUnauthorized, w.get(start).status)
	})
}
