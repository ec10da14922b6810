package bridge_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
)

const apiToken = "token-of-the-tests"

func withToken(c *bridge.Config) { c.APITokens = []ats.Secret{apiToken} }

// visit makes a call to the service as a browser does.
func (w *world) visit(address string, headers ...string) *http.Response {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), http.MethodGet, address, nil)
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	rec := httptest.NewRecorder()
	(*w.handler.Load()).ServeHTTP(rec, r)
	return rec.Result()
}

// signIn starts a sign-in and returns where the vendor sends the browser back to.
func (w *world) signIn(headers ...string) *url.URL {
	w.Helper()
	resp := w.visit("/oauth/memory/start?connection="+w.connectionID(), append(headers, "Authorization", "Bearer "+apiToken)...)
	require.Equal(w, http.StatusFound, resp.StatusCode)
	back, err := resp.Location()
	require.NoError(w, err)
	return back
}

func actor(id string) []string { return []string{"Sparkbridge-Actor-Id", id} }

func (w *world) token() string {
	w.Helper()
	c, err := w.engine.Connection(w.Context(), w.account.Tenant())
	require.NoError(w, err)
	token, err := c.Secrets.Get(w.Context(), memory.SecretToken)
	if err != nil {
		return ""
	}
	return token.Reveal()
}

func TestAPersonSignsInAtTheVendorOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		require.Equal(w, http.StatusUnauthorized, w.visit("/oauth/memory/start?connection="+w.connectionID()).StatusCode)
		back := w.signIn(actor("ines")...)
		require.Equal(w, publicURL+"/oauth/memory/callback", back.Scheme+"://"+back.Host+back.Path)
		require.GreaterOrEqual(w, len(back.Query().Get("state")), 43)
		other := w.signIn(actor("bo")...)
		require.NotEqual(w, back.Query().Get("state"), other.Query().Get("state"))

		resp := w.visit(back.RequestURI())
		require.Equal(w, http.StatusOK, resp.StatusCode)
		require.Equal(w, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		require.Equal(w, "no-store", resp.Header.Get("Cache-Control"))
		require.Equal(w, "no-referrer", resp.Header.Get("Referrer-Policy"))
		require.Equal(w, "token of ines", w.token())
		require.Equal(w, http.StatusBadRequest, w.visit(back.RequestURI()).StatusCode, "a state counts once")
		require.Equal(w, http.StatusOK, w.visit(other.RequestURI()).StatusCode, "two people at a time")
		require.Equal(w, "token of bo", w.token())
		require.NotContains(w, w.log.String(), back.Query().Get("state"))
	}, withToken)
}

func TestASignInThatIsNotOursChangesNothing(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w *world) {
		answer := func(change func(q url.Values)) (int, string) {
			back := w.signIn(actor("ines")...)
			q := back.Query()
			change(q)
			back.RawQuery = q.Encode()
			rec := httptest.NewRecorder()
			(*w.handler.Load()).ServeHTTP(rec, httptest.NewRequestWithContext(w.Context(), http.MethodGet, back.RequestURI(), nil))
			return rec.Code, rec.Body.String()
		}
		for name, change := range map[string]func(q url.Values){
			"no state":         func(q url.Values) { q.Del("state") },
			"a wrong state":    func(q url.Values) { q.Set("state", q.Get("state")+"x") },
			"no such account":  func(q url.Values) { q.Set("state", "nobody.x") },
			"no code":          func(q url.Values) { q.Del("code") },
			"a code of others": func(q url.Values) { q.Set("code", "eve") },
			"too late":         func(url.Values) { w.pass(10*time.Minute + time.Second) },
		} {
			code, page := answer(change)
			require.Equal(w, http.StatusBadRequest, code, name)
			require.Contains(w, page, "Not connected", name)
			require.Empty(w, w.token(), name)
		}
		code, page := answer(func(q url.Values) {
			q.Set("error", "access_denied")
			q.Set("error_description", "<script>alert(1)</script>")
		})
		require.Equal(w, http.StatusBadRequest, code)
		require.Contains(w, page, "access_denied")
		require.NotContains(w, page, "<script>")
		require.Empty(w, w.token())

		rec := httptest.NewRecorder()
		(*w.handler.Load()).ServeHTTP(rec, httptest.NewRequestWithContext(w.Context(), http.MethodPost, "/oauth/memory/callback?state=x", nil))
		require.Equal(w, http.StatusMethodNotAllowed, rec.Code)
		require.Equal(w, http.StatusBadRequest, w.visit("/oauth/unknown/callback?state=x.y&code=z").StatusCode)
	}, withToken)
}

func TestWhoMaySignIn(t *testing.T) {
	t.Parallel()
	start := func(w *world, query string, headers ...string) int {
		return w.visit("/oauth/memory/start?"+query, append(headers, "Authorization", "Bearer "+apiToken)...).StatusCode
	}
	byAdministrator := recruiting()
	byAdministrator.Policy.Settings = ats.SettingsByAdministrator
	inWorld(t, func(w *world) {
		of := "connection=" + w.connectionID()
		require.Equal(w, http.StatusUnprocessableEntity, start(w, of))
		require.Equal(w, http.StatusForbidden, start(w, of, actor("bo")...))
		require.Equal(w, http.StatusFound, start(w, of, append(actor("bo"), "Sparkbridge-Actor-Admin", "true")...))
		require.Equal(w, http.StatusNotFound, start(w, "connection=nothing"))
		require.Equal(w, http.StatusUnprocessableEntity, start(w, ""))
	}, withToken, byAdministrator)
	inWorld(t, func(w *world) {
		of := "connection=" + w.connectionID()
		require.Equal(w, http.StatusUnprocessableEntity, start(w, of))
		require.Equal(w, http.StatusFound, start(w, of+"&user=bo"))
		require.Equal(w, http.StatusFound, start(w, of+"&user=bo", actor("bo")...))
		require.Equal(w, http.StatusForbidden, start(w, of+"&user=bo", actor("eve")...))
	}, withToken, agency())
}

func TestEachAdapterReconcilesAtItsOwnPace(t *testing.T) {
	t.Parallel()
	paced := func(c *bridge.Config) { c.ReconcileEvery = map[string]time.Duration{"memory": 5 * time.Minute} }
	count := func(change func(*bridge.Config)) (calls int) {
		inWorld(t, func(w *world) {
			w.pass(time.Minute)
			before := w.ats.reconciled.Load()
			w.pass(30 * time.Minute)
			calls = int(w.ats.reconciled.Load() - before)
		}, change)
		return calls
	}
	require.Equal(t, 6, count(paced))
	require.Zero(t, count(func(*bridge.Config) {}))
	_, err := bridge.New(bridge.Config{ReconcileEvery: map[string]time.Duration{"nobody": time.Hour}})
	require.ErrorContains(t, err, "ReconcileEvery[nobody] there is no such adapter")
}
