package api_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

func TestAConfigurationIsToldEverythingThatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	_, err := api.New(api.Config{BaseURL: "http://api.example", TokenURL: "ftp://x", AuthorizeURL: "https://ana:secret@x.example", PerSecond: -1})
	for _, what := range []string{
		"base URL: want https", "token URL: want an absolute https address", "authorize URL: want no user information",
		"client id", "client secret", "redirect URL", "tokens: no store", "requests per second",
	} {
		require.ErrorContains(t, err, what)
	}
	require.NotContains(t, err.Error(), "ana:secret")

	_, err = api.New(api.Config{ClientID: "id", ClientSecret: "secret", RedirectURL: redirectURL, Tokens: &store{}})
	require.NoError(t, err, "base and token URL have defaults")
}

func TestTheConsentPageIsAskedForWhatIsConfigured(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	cfg := v.config()
	plain, err := v.client(t, cfg).ConsentURL("state-1", "")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(plain, v.AuthorizeURL()+"?"))
	require.Equal(t, url.Values{
		"client_id": {v.app.ClientID}, "redirect_uri": {redirectURL}, "response_type": {"code"}, "state": {"state-1"},
	}, query(t, plain))

	cfg.Scope, cfg.PKCE, cfg.AuthorizeURL = "read write", true, v.AuthorizeURL()+"?tenant=northwind"
	full, err := v.client(t, cfg).ConsentURL("state-1", verifier)
	require.NoError(t, err)
	q := query(t, full)
	require.Equal(t, "read write", q.Get("scope"))
	require.Equal(t, "S256", q.Get("code_challenge_method"))
	require.Len(t, q.Get("code_challenge"), 43)
	require.NotContains(t, full, verifier)
	require.Equal(t, "northwind", q.Get("tenant"))

	_, err = v.client(t, cfg).ConsentURL("state-1", "short")
	require.ErrorContains(t, err, "verifier")
	_, err = v.client(t, cfg).ConsentURL("", verifier)
	require.ErrorContains(t, err, "state")
	cfg.AuthorizeURL = ""
	_, err = v.client(t, cfg).ConsentURL("state-1", verifier)
	require.ErrorIs(t, err, api.ErrNoConsentPage)
}

func TestASignInWithPKCEProvesWhoAsked(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	pkce := func(cfg *api.Config) { cfg.PKCE = true }
	v.signedIn(t, v.ana, pkce)

	cfg := v.config()
	pkce(&cfg)
	c := v.client(t, cfg)
	err := c.Exchange(t.Context(), v.code(t, c, v.ana), strings.Repeat("x", 43))
	require.ErrorIs(t, err, api.ErrUnauthorized)
}

func TestARefusedCodeLeavesTheTokensThatWereThere(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	maya(v)
	c := v.signedIn(t, v.ana)
	err := c.Exchange(t.Context(), "made-up", "")
	require.ErrorIs(t, err, api.ErrUnauthorized)
	require.ErrorContains(t, err, "invalid_grant")
	require.ErrorContains(t, c.Exchange(t.Context(), "", ""), "argument code")
	_, err = c.People.Search(t.Context(), api.PersonSearch{}, 1)
	require.NoError(t, err)
	v.clean(t)
}

func TestAWrongSecretIsTheIntegrationsFault(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	cfg := v.config()
	cfg.ClientSecret = "mistyped"
	c := v.client(t, cfg)
	err := c.Exchange(t.Context(), v.code(t, c, v.ana), "")
	require.ErrorIs(t, err, api.ErrClient)
	require.NotErrorIs(t, err, api.ErrUnauthorized)
	require.NotContains(t, err.Error(), "mistyped")
}

func TestNobodyCallsBeforeSigningIn(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	_, err := v.client(t, v.config()).Jobs.Get(t.Context(), "2342")
	require.ErrorIs(t, err, oauth.ErrNotAuthorized)
	require.ErrorIs(t, err, api.ErrUnauthorized)
	require.ErrorContains(t, err, "has not signed in")
	require.Empty(t, v.Requests())
}

func TestTokensAreRenewedBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(t, topechelontest.WithTokenLifetime(time.Hour))
		c := v.signedIn(t, v.ana)
		<-time.After(58 * time.Minute)
		_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
		require.NoError(t, err)
		require.Zero(t, v.ana.Renewals())

		<-time.After(time.Minute + time.Second)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, v.ana.Renewals(), "with under a minute left, and once for all")
		require.Zero(t, v.ana.RefusedRenewals())
		v.clean(t)
	})
}

func TestATokenShorterThanTheMarginIsNotRenewedWithoutEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(t, topechelontest.WithTokenLifetime(30*time.Second))
		c := v.signedIn(t, v.ana)
		for range 3 {
			<-time.After(45 * time.Second)
			_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
			require.NoError(t, err)
		}
		require.Equal(t, 3, v.ana.Renewals())
	})
}

func TestA401RenewsOnceAndRepeatsOnceWhateverTheCall(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := maya(v)
	c := v.signedIn(t, v.ana)
	v.ana.ExpireTokens()
	require.NoError(t, c.People.Attach(t.Context(), p.ID, "note.txt", []byte("x")))
	require.Len(t, v.agency.Attachments(p.ID), 1)
	require.Equal(t, 1, v.ana.Renewals())

	v.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: 401, Times: -1, Match: topechelontest.On("GET", "/jobs/7")})
	_, err := c.Jobs.Get(t.Context(), "7")
	require.ErrorIs(t, err, api.ErrUnauthorized)
	require.Equal(t, 2, v.Count("GET", "/public/v1/jobs/7"))
	require.Equal(t, 2, v.ana.Renewals())
	v.clean(t)
}

func TestARefusedRenewalDisconnectsThatUserOnly(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]topechelontest.Option{
		"the refusal has a code": nil, "the refusal has none": {topechelontest.WithoutOAuthCodes()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendor(t, opts...)
			ana, ben := v.signedIn(t, v.ana), v.signedIn(t, v.ben)
			v.ana.Disconnect()
			for range 2 {
				_, err := ana.People.Search(t.Context(), api.PersonSearch{}, 1)
				require.ErrorIs(t, err, oauth.ErrDisconnected)
				require.ErrorIs(t, err, api.ErrUnauthorized)
				require.ErrorContains(t, err, "the user must sign in again")
			}
			require.Equal(t, 1, v.ana.RefusedRenewals(), "once is enough to know")
			_, err := ben.People.Search(t.Context(), api.PersonSearch{}, 1)
			require.NoError(t, err)

			require.NoError(t, ana.Exchange(t.Context(), v.code(t, ana, v.ana), ""))
			_, err = ana.People.Search(t.Context(), api.PersonSearch{}, 1)
			require.NoError(t, err, "signing in again connects again")
		})
	}
}

func TestARenewalThatSaysNothingAboutTheUserDisconnectsNobody(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]topechelontest.Fault{
		"an outage":         {Kind: topechelontest.FaultStatus, Status: 503},
		"a lost connection": {Kind: topechelontest.FaultLost},
		"garbage":           {Kind: topechelontest.FaultGarbage},
		"too fast":          {Kind: topechelontest.FaultStatus, Status: 429},
		"a changed secret":  {Kind: topechelontest.FaultStatus, Status: 401, Body: `{"error":"invalid_client"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendor(t)
			c := v.signedIn(t, v.ana)
			v.ana.ExpireTokens()
			f.Match, f.Times = topechelontest.On("POST", "/oauth/token"), -1
			in := v.Inject(f)
			_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
			require.Error(t, err)
			require.NotErrorIs(t, err, oauth.ErrDisconnected)
			require.NotErrorIs(t, err, api.ErrUnauthorized)
			require.Equal(t, name == "a changed secret", errors.Is(err, api.ErrClient))
			require.False(t, api.OutcomeUnknown(err))

			in.Remove()
			_, err = c.People.Search(t.Context(), api.PersonSearch{}, 1)
			require.NoError(t, err)
		})
	}
}

func TestSecretsAreInNoErrorText(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	c := v.signedIn(t, v.ana)
	v.ana.ExpireTokens()
	v.Inject(topechelontest.Fault{
		Kind: topechelontest.FaultStatus, Status: http.StatusBadRequest, Match: topechelontest.On("POST", "/oauth/token"),
		Body: `{"error":"` + v.app.ClientSecret + `","error_description":"Ana Ruiz"}`,
	})
	_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
	require.Error(t, err)
	for _, secret := range []string{v.app.ClientSecret, "Ana", "Bearer"} {
		require.NotContains(t, err.Error(), secret)
	}
}

func TestALostRenewalIsAskedForAgain(t *testing.T) {
	t.Parallel()
	lost := topechelontest.Fault{Kind: topechelontest.FaultLost, AfterEffect: true, Match: topechelontest.On("POST", "/oauth/token")}

	v := newVendor(t, topechelontest.WithRefreshGrace())
	c := v.signedIn(t, v.ana)
	v.ana.ExpireTokens()
	v.Inject(lost)
	_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
	require.NoError(t, err)
	require.Equal(t, 2, v.ana.Renewals())

	v = newVendor(t)
	c = v.signedIn(t, v.ana)
	v.ana.ExpireTokens()
	v.Inject(lost)
	_, err = c.People.Search(t.Context(), api.PersonSearch{}, 1)
	require.ErrorIs(t, err, oauth.ErrDisconnected, "a token that works once is used up")
}

func TestAWaitForTheTokenIsTold(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	c := v.signedIn(t, v.ana)
	v.ana.ExpireTokens()
	v.Inject(topechelontest.Fault{
		Kind: topechelontest.FaultStatus, Status: 429, Header: http.Header{"Retry-After": {"30"}}, Match: topechelontest.On("POST", "/oauth/token"),
	})
	_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
	at, ok := api.RetryAt(err)
	require.True(t, ok)
	require.WithinDuration(t, time.Now().Add(30*time.Second), at, 10*time.Second)
}

func TestAConfigurationShowsNoSecret(t *testing.T) {
	t.Parallel()
	cfg := api.Config{BaseURL: api.DefaultBaseURL, ClientID: "id-1", ClientSecret: "hush"}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), slog.AnyValue(cfg).Resolve().String()} {
		require.Contains(t, text, "id-1")
		require.NotContains(t, text, "hush")
	}
}

func TestALate401DoesNotRenewTheNextToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(t)
		c := v.signedIn(t, v.ana)
		v.ana.ExpireTokens()
		held := v.Inject(topechelontest.Fault{Kind: topechelontest.FaultHold, AfterEffect: true, Match: topechelontest.On("GET", "/jobs/1")})
		late := make(chan error, 1)
		go func() {
			_, err := c.Jobs.Get(t.Context(), "1")
			late <- err
		}()
		<-held.Reached()
		_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
		require.NoError(t, err)
		held.Release()
		require.ErrorIs(t, <-late, api.ErrNotFound)
		require.Equal(t, 1, v.ana.Renewals())
	})
}
