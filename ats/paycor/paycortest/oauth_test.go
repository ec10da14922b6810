package paycortest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

func TestSignInPageChecksEveryParameter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, spoil := range map[string]func(url.Values){
		"another response type":       func(q url.Values) { q.Set("response_type", "token") },
		"an unknown client":           func(q url.Values) { q.Set("client_id", "x") },
		"an address not approved":     func(q url.Values) { q.Set("redirect_uri", "https://evil.example/") },
		"another scope":               func(q url.Values) { q.Set("scope", "x offline_access") },
		"another subscription key":    func(q url.Values) { q.Set("subscription-key", "x") },
		"no state":                    func(q url.Values) { q.Del("state") },
		"a challenge that is none":    func(q url.Values) { q.Set("code_challenge", "short") },
		"a plain challenge":           func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"the verifier in the address": func(q url.Values) { q.Set("code_verifier", verifier) },
		"a parameter twice":           func(q url.Values) { q.Add("state", "x") },
	} {
		q := w.authorize()
		spoil(q)
		_, err := w.Consent(w.AuthorizeURL() + "?" + q.Encode())
		require.Error(t, err, name)
		page := send(t, w.Client(), http.MethodGet, w.AuthorizeURL()+"?"+q.Encode(), "", nil)
		require.Equal(t, http.StatusBadRequest, page.status, name)
	}
	_, err := w.Consent("https://hcm.elsewhere.example/AppActivation/Authorize?" + w.authorize().Encode())
	require.Error(t, err)
	for _, spelling := range []string{"s256", "S256"} {
		q := w.authorize()
		q.Set("code_challenge_method", spelling)
		_, err := w.Consent(w.AuthorizeURL() + "?" + q.Encode())
		require.NoError(t, err)
	}
}

// A browser gets a page with a button, and the button leads back.
func TestSignInPageForBrowsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.AuthorizeURL() + "?" + w.authorize().Encode()
	page := send(t, w.Client(), http.MethodGet, address, "", nil)
	require.Contains(t, page.body, "Client ID 501200")
	client := w.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	pressed := send(t, client, http.MethodPost, address, "", nil)
	require.Equal(t, http.StatusSeeOther, pressed.status)
	require.True(t, strings.HasPrefix(pressed.header.Get("Location"), returnURL+"?code="))

	declined, err := w.Decline(address)
	require.NoError(t, err)
	require.Contains(t, declined, "error=access_denied")
	require.Contains(t, declined, "state=state-1")
}

// exchangeForm is a right form for a fresh code.
func (w *world) exchangeForm(t *testing.T) url.Values {
	t.Helper()
	back, err := w.Consent(w.AuthorizeURL() + "?" + w.authorize().Encode())
	require.NoError(t, err)
	u, err := url.Parse(back)
	require.NoError(t, err)
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.app.ClientID()}, "client_secret": {w.app.ClientSecret()},
		"code": {u.Query().Get("code")}, "code_verifier": {verifier}, "redirect_uri": {returnURL},
	}
}

func TestCodeExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, spoil := range map[string]func(url.Values){
		"another verifier":   func(f url.Values) { f.Set("code_verifier", strings.Repeat("x", 43)) },
		"another address":    func(f url.Values) { f.Set("redirect_uri", "https://evil.example/") },
		"another secret":     func(f url.Values) { f.Set("client_secret", "x") },
		"an unknown code":    func(f url.Values) { f.Set("code", "x") },
		"a field too many":   func(f url.Values) { f.Set("scope", "x") },
		"a field too few":    func(f url.Values) { f.Del("code_verifier") },
		"another grant type": func(f url.Values) { f.Set("grant_type", "client_credentials") },
		"a field twice":      func(f url.Values) { f.Add("code", "x") },
	} {
		f := w.exchangeForm(t)
		spoil(f)
		require.Equal(t, http.StatusBadRequest, w.token(t, f).status, name)
	}
	f := w.exchangeForm(t)
	got := w.token(t, f).doc(t)
	require.EqualValues(t, 1800, got["expires_in"])
	require.Equal(t, "Bearer", got["token_type"])
	require.Regexp(t, "^[0-9a-f]{64}$", got["refresh_token"])
	require.Equal(t, http.StatusBadRequest, w.token(t, f).status, "a code is good for one use")

	q := w.authorize()
	q.Set("scope", w.app.Scope())
	back, err := w.Consent(w.AuthorizeURL() + "?" + q.Encode())
	require.NoError(t, err)
	u, err := url.Parse(back)
	require.NoError(t, err)
	f.Set("code", u.Query().Get("code"))
	require.NotContains(t, w.token(t, f).doc(t), "refresh_token", "without offline_access there is none")
}

func TestCodesEndAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.exchangeForm(t)
		<-time.After(5 * time.Minute)
		require.Equal(t, http.StatusBadRequest, w.token(t, f).status)
	})
}

func TestRefreshTokensAreGoodForOneUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.token(t, w.refreshForm(w.tokens.Refresh)).doc(t)
	require.Equal(t, http.StatusBadRequest, w.token(t, w.refreshForm(w.tokens.Refresh)).status)
	second := w.token(t, w.refreshForm(first["refresh_token"].(string)))
	require.Equal(t, http.StatusOK, second.status)
	require.Equal(t, http.StatusBadRequest, w.token(t, w.refreshForm("unknown")).status)
	refreshes := w.app.Refreshes()
	require.Len(t, refreshes, 4)
	require.Equal(t, []bool{false, true, false, true}, []bool{refreshes[0].Refused, refreshes[1].Refused, refreshes[2].Refused, refreshes[3].Refused})
	require.Equal(t, 1, w.app.ReusedTokens())
}

// A secret that is wrong does not use a token up.
func TestWrongSecretKeepsTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.refreshForm(w.tokens.Refresh)
	f.Set("client_secret", "x")
	require.Equal(t, http.StatusBadRequest, w.token(t, f).status)
	require.Equal(t, http.StatusOK, w.token(t, w.refreshForm(w.tokens.Refresh)).status)
	require.Zero(t, w.app.ReusedTokens())
}

func TestOtherRefreshForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.URL + "/v1/authenticationsupport/retrieveAccessTokenWithRefreshToken"
	post := func(kind, body string) answer {
		return send(t, w.Client(), http.MethodPost, address, body, map[string]string{
			"Content-Type": kind, "Ocp-Apim-Subscription-Key": w.app.SubscriptionKey(),
		})
	}
	require.Equal(t, http.StatusUnsupportedMediaType, post("application/x-www-form-urlencoded", w.refreshForm(w.tokens.Refresh).Encode()).status)
	camel := `{"refreshToken":"` + w.tokens.Refresh + `","clientId":"` + w.app.ClientID() + `","clientSecret":"` + w.app.ClientSecret() + `"}`
	require.Equal(t, http.StatusBadRequest, post("application/json", camel).status)
	snake := `{"refresh_token":"` + w.tokens.Refresh + `","client_id":"` + w.app.ClientID() + `","client_secret":"` + w.app.ClientSecret() + `"}`
	require.Equal(t, http.StatusOK, post("application/json", snake).status)
	require.Equal(t, http.StatusBadRequest, post("application/json", snake).status)
	require.Equal(t, "B", w.app.Refreshes()[0].Form)
}

func TestAccessTokensEndAfterHalfAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		<-time.After(1799 * time.Second)
		require.Equal(t, http.StatusOK, w.get(t, w.root()+"/accounts").status)
		<-time.After(time.Second)
		refused := w.get(t, w.root()+"/accounts")
		require.Equal(t, http.StatusUnauthorized, refused.status)
		require.Empty(t, refused.body)
	})
}

func TestRevokeEndsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.Revoke()
	require.Equal(t, http.StatusUnauthorized, w.get(t, w.root()+"/accounts").status)
	require.Equal(t, http.StatusBadRequest, w.token(t, w.refreshForm(w.tokens.Refresh)).status)
}

func TestTokenEndpointWantsTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refused := send(t, w.Client(), http.MethodPost, w.URL+"/sts/v1/common/token", "", nil)
	require.Equal(t, http.StatusUnauthorized, refused.status)
	require.Contains(t, refused.body, "Access denied due to missing subscription key")
	require.Empty(t, w.app.Refreshes())

	w.SetQuirks(paycortest.Quirks{NoExpiresIn: true})
	require.NotContains(t, w.token(t, w.refreshForm(w.tokens.Refresh)).doc(t), "expires_in")
}
