package topechelontest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func TestACodeWorksOnceAndNotForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		code := w.code(t, w.ana, nil)
		answer := w.exchange(t, code)
		require.Equal(t, 200, answer.status)
		require.EqualValues(t, 7200, answer.decode(t)["expires_in"])
		require.EqualValues(t, time.Now().Unix(), answer.decode(t)["created_at"])
		require.Equal(t, "read write", answer.decode(t)["scope"])
		again := w.exchange(t, code)
		require.Equal(t, 400, again.status)
		require.Equal(t, "invalid_grant", again.decode(t)["error"])

		late := w.code(t, w.ana, nil)
		<-time.After(10 * time.Minute)
		require.Equal(t, 400, w.exchange(t, late).status)
	})
}

func TestTheConsentPageIsStrict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	readOnly := w.agency.AddIntegration("Reader", redirectURL, topechelontest.ScopeRead)
	for what, change := range map[string]map[string]string{
		"client_id":             {"client_id": "nobody"},
		"redirect_uri":          {"redirect_uri": "https://elsewhere.example/"},
		"response_type":         {"response_type": "token"},
		"state":                 {"state": ""},
		"scope":                 {"client_id": readOnly.ClientID, "scope": "read write"},
		"code_challenge_method": {"code_challenge": "x", "code_challenge_method": "plain"},
	} {
		_, err := w.ana.Allow(w.consentURL(change))
		require.ErrorContains(t, err, "parameter "+what)
	}
	_, err := w.ana.Allow(w.consentURL(nil) + "&state=twice")
	require.ErrorContains(t, err, "more than once")
	_, err = w.ana.Allow(strings.Replace(w.consentURL(nil), "/authorize?", "/elsewhere?", 1))
	require.ErrorContains(t, err, "not the consent page")
	stranger := w.AddAgency("Other").AddUser(topechelontest.UserConfig{})
	_, err = stranger.Allow(w.consentURL(nil))
	require.ErrorContains(t, err, "another agency")

	back, err := w.ana.Deny(w.consentURL(nil))
	require.NoError(t, err)
	require.Equal(t, "https://integration.example/callback?error=access_denied&from=te&state=s-1", back)
}

func TestABrowserFindsTheUsersOnTheConsentPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := request{method: "GET", url: w.consentURL(nil)}.must(t, w.Client())
	require.Equal(t, 200, page.status)
	require.Contains(t, page.body, "Ana Ruiz")
	refused := request{method: "GET", url: w.consentURL(map[string]string{"client_id": "<b>"})}.must(t, w.Client())
	require.Equal(t, 400, refused.status)

	client := w.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	pressed := request{method: "POST", url: w.consentURL(nil), mediaType: "application/x-www-form-urlencoded", body: "user=" + w.ana.ID}
	answer := pressed.must(t, client)
	require.Equal(t, 303, answer.status)
	require.True(t, strings.HasPrefix(answer.header.Get("Location"), "https://integration.example/callback?code="))
	pressed.body = "user=nobody"
	require.Equal(t, 400, pressed.must(t, client).status)
}

func TestARefreshTokenWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	access, refresh := w.signIn(t, w.ana, "")
	renewed := w.renew(t, refresh)
	require.Equal(t, 200, renewed.status)
	fresh := renewed.decode(t)["access_token"].(string)
	require.NotEqual(t, refresh, renewed.decode(t)["refresh_token"])
	require.Equal(t, 1, w.ana.Renewals())

	require.Equal(t, 401, w.search(t, access, "").status)
	require.Equal(t, 200, w.search(t, fresh, "").status)
	again := w.renew(t, refresh)
	require.Equal(t, 400, again.status)
	require.Equal(t, "invalid_grant", again.decode(t)["error"])
	require.Equal(t, 1, w.ana.RefusedRenewals())
	require.Equal(t, 200, w.renew(t, renewed.decode(t)["refresh_token"].(string)).status)
	w.clean(t)
}

func TestAnAccessTokenEndsByTheClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 16, 0, 0, 0, time.UTC)
	w := newWorld(t, topechelontest.WithClock(func() time.Time { return now }), topechelontest.WithTokenLifetime(time.Hour))
	access, refresh := w.signIn(t, w.ana, "")
	now = now.Add(time.Hour - time.Second)
	require.Equal(t, 200, w.search(t, access, "").status)
	now = now.Add(time.Second)
	require.Equal(t, 401, w.search(t, access, "").status)
	require.Equal(t, 200, w.renew(t, refresh).status)
}

func TestAUserCanEndTheirConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, anaRefresh := w.signIn(t, w.ana, "")
	ben, _ := w.signIn(t, w.ben, "")
	w.ana.Disconnect()
	require.Equal(t, 401, w.search(t, ana, "").status)
	require.Equal(t, 400, w.renew(t, anaRefresh).status)
	require.Equal(t, 200, w.search(t, ben, "").status)
	w.ben.ExpireTokens()
	require.Equal(t, 401, w.search(t, ben, "").status)
}

func TestTheTokenEndpointIsStrict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, refresh := w.signIn(t, w.ana, "")
	for name, c := range map[string]struct {
		members map[string]string
		status  int
		code    string
	}{
		"the redirect is missing on a renewal": {map[string]string{"redirect_uri": ""}, 400, "invalid_request"},
		"the redirect is another":              {map[string]string{"redirect_uri": "https://elsewhere.example/"}, 400, "invalid_grant"},
		"the secret is wrong":                  {map[string]string{"client_secret": "x"}, 401, "invalid_client"},
		"the secret is missing":                {map[string]string{"client_secret": ""}, 400, "invalid_request"},
		"an unknown grant":                     {map[string]string{"grant_type": "password"}, 400, "unsupported_grant_type"},
		"an unknown token":                     {map[string]string{"refresh_token": "x"}, 400, "invalid_grant"},
	} {
		members := map[string]string{"grant_type": "refresh_token", "refresh_token": refresh}
		maps.Copy(members, c.members)
		answer := w.tokenRequest(t, members)
		require.Equal(t, c.status, answer.status, name)
		require.Equal(t, c.code, answer.decode(t)["error"], name)
	}
	asJSON := request{method: "POST", url: w.TokenURL(), mediaType: "application/json", body: "{}"}.must(t, w.Client())
	require.Equal(t, 400, asJSON.status)
	require.Len(t, w.Violations(), 4)
	require.Equal(t, 200, w.renew(t, refresh).status, "none of it has used the token up")

	bare := newWorld(t, topechelontest.WithoutOAuthCodes())
	require.Empty(t, bare.renew(t, "x").body)
}

func TestPKCEIsCheckedWhenItIsUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	asked := map[string]string{"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256"}
	require.Equal(t, 400, w.exchange(t, w.code(t, w.ana, asked)).status)
	require.Equal(t, 200, w.tokenRequest(t, map[string]string{
		"grant_type": "authorization_code", "code": w.code(t, w.ana, asked), "code_verifier": verifier,
	}).status)
}

func TestScopesLimitWhatATokenMayDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, topechelontest.WithScopeWords("r", "w"))
	read, _ := w.signIn(t, w.ana, "r")
	write, _ := w.signIn(t, w.ana, "w")
	require.Equal(t, 200, w.search(t, read, "").status)
	require.Equal(t, 403, w.post(t, read, "/hotlists?record_type=person", `{"hotlist":{"name":"A"}}`).status)
	require.Equal(t, 403, w.search(t, write, "").status)
	require.Equal(t, 201, w.post(t, write, "/hotlists?record_type=person", `{"hotlist":{"name":"A"}}`).status)
	w.clean(t)
}

func TestARefreshTokenCanWorkUntilItsSuccessorIsUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, topechelontest.WithRefreshGrace())
	_, refresh := w.signIn(t, w.ana, "")
	require.Equal(t, 200, w.renew(t, refresh).status, "suppose that the answer is lost")
	second := w.renew(t, refresh)
	require.Equal(t, 200, second.status)
	require.Equal(t, 200, w.search(t, second.decode(t)["access_token"].(string), "").status)
	require.Equal(t, 400, w.renew(t, refresh).status)
}
