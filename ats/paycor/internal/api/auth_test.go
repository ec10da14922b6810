package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// The sign-in sends exactly the parameters that programs in the field send, and never the verifier.
func TestAuthorizationURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636, appendix B
	page, err := w.client.AuthorizationURL("state-1", verifier, "")
	require.NoError(t, err)
	u, err := url.Parse(page)
	require.NoError(t, err)
	require.Equal(t, url.Values{
		"response_type": {"code"}, "client_id": {w.app.ClientID()}, "redirect_uri": {returnURL},
		"scope": {w.app.Scope() + " offline_access"}, "subscription-key": {w.app.SubscriptionKey()}, "state": {"state-1"},
		"code_challenge":        {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
		"code_challenge_method": {"s256"},
	}, u.Query())
	require.NotContains(t, page, verifier)

	upper := w.newClient(t, func(c *api.Config) { c.ChallengeMethod = api.ChallengeUpper })
	page, err = upper.AuthorizationURL("state-1", verifier, "https://other.example/return")
	require.NoError(t, err)
	require.Contains(t, page, "code_challenge_method=S256")
	require.Contains(t, page, "other.example")
}

func TestAuthorizationURLRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	verifier := strings.Repeat("v", 43)
	for name, try := range map[string]func() (string, error){
		"no scope": func() (string, error) {
			return w.newClient(t, func(c *api.Config) { c.Scope = "" }).AuthorizationURL("s", verifier, "")
		},
		"no redirect": func() (string, error) {
			return w.newClient(t, func(c *api.Config) { c.RedirectURL = "" }).AuthorizationURL("s", verifier, "")
		},
		"no state":         func() (string, error) { return w.client.AuthorizationURL("", verifier, "") },
		"a short verifier": func() (string, error) { return w.client.AuthorizationURL("s", "short", "") },
	} {
		_, err := try()
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), w.app.SubscriptionKey(), name)
	}
}

func TestSignInYieldsTokensThatWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.newClient(t, func(c *api.Config) { c.Tokens = &memoryStore{} })
	_, err := client.Tenants(t.Context())
	require.ErrorIs(t, err, oauth.ErrNotAuthorized)

	tokens, err := w.signIn(t, client)
	require.NoError(t, err)
	require.NoError(t, client.Save(t.Context(), tokens))
	tenants, err := client.Tenants(t.Context())
	require.NoError(t, err)
	require.Equal(t, []api.Tenant{{LegalEntityID: 501200, TenantID: 678000}}, tenants)
	require.Empty(t, w.app.Refreshes())
}

func TestCodeIsGoodForOneTryAndItsVerifier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	verifier := strings.Repeat("v", 43)
	page, err := w.client.AuthorizationURL("s", verifier, "")
	require.NoError(t, err)
	back, err := w.paycor.Consent(page)
	require.NoError(t, err)
	u, err := url.Parse(back)
	require.NoError(t, err)
	code := u.Query().Get("code")

	_, err = w.client.Exchange(t.Context(), code, strings.Repeat("w", 43), "")
	require.ErrorIs(t, err, oauth.ErrRefused)
	require.ErrorContains(t, err, "invalid_grant")
	require.NotContains(t, err.Error(), code)
	_, err = w.client.Exchange(t.Context(), code, verifier, "")
	require.NoError(t, err)
	_, err = w.client.Exchange(t.Context(), code, verifier, "")
	require.ErrorIs(t, err, oauth.ErrRefused)
}

// T1: a token is renewed when fewer than 60 seconds remain, and not before.
func TestT1TokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	for _, form := range []api.RefreshForm{api.RefreshFormA, api.RefreshFormB} {
		t.Run("by form "+string(form), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(c *api.Config) { c.RefreshForm = form })
				wait := func(d time.Duration) { <-time.After(d) }
				wait(1739 * time.Second)
				_, err := w.client.Tenants(t.Context())
				require.NoError(t, err)
				require.Empty(t, w.app.Refreshes())
				wait(2 * time.Second)
				for range 3 {
					_, err = w.client.Tenants(t.Context())
					require.NoError(t, err)
				}
				require.Len(t, w.app.Refreshes(), 1)
				require.Equal(t, string(form), w.app.Refreshes()[0].Form)
				require.Zero(t, w.app.ReusedTokens())
			})
		})
	}
}

// T1: a 401 without a body renews once and repeats once.
func TestT1RefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.ExpireAccess()
	_, err := w.client.Tenants(t.Context())
	require.NoError(t, err)
	require.Len(t, w.app.Refreshes(), 1)
	require.Len(t, w.paycor.Requests(), 3) // refused, renewed, repeated

	w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: http.StatusUnauthorized, Match: paycortest.IsAPICall, Times: -1})
	_, err = w.client.Tenants(t.Context())
	require.ErrorIs(t, err, api.ErrUnauthorized)
	require.Len(t, w.app.Refreshes(), 2)
	require.Zero(t, w.app.ReusedTokens())
}

// A 401 that blames the subscription key has its own error and costs no refresh token.
func TestWrongSubscriptionKeyIsNotTheTokensFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wrong := w.newClient(t, func(c *api.Config) { c.SubscriptionKey = "another-key" })
	_, err := wrong.Tenants(t.Context())
	require.ErrorIs(t, err, api.ErrSubscriptionKey)
	require.NotErrorIs(t, err, api.ErrUnauthorized)
	require.NotContains(t, err.Error(), "another-key")
	require.Empty(t, w.app.Refreshes())
	require.Len(t, w.paycor.Requests(), 1)

	// Neither does it disconnect when it is noticed while renewing.
	w.app.ExpireAccess()
	_, err = wrong.Refresh(t.Context(), "any")
	require.ErrorIs(t, err, api.ErrSubscriptionKey)
	require.NotErrorIs(t, err, oauth.ErrRefused)
}

// A key that is refused only after the token was renewed is still told from the token.
func TestKeyThatIsRefusedAfterRenewing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 401, Match: paycortest.IsAPICall})
	w.paycor.Inject(paycortest.Fault{
		Kind: paycortest.FaultStatus, Status: 401, Match: paycortest.IsAPICall, Body: "Access denied due to missing subscription key",
	})
	_, err := w.client.Tenants(t.Context())
	require.ErrorIs(t, err, api.ErrSubscriptionKey)
	require.Len(t, w.app.Refreshes(), 1)
}

// forgetful is a store that does not take what it is given while broken.
type forgetful struct {
	memoryStore
	broken func(text string) bool
}

func (f *forgetful) Swap(ctx context.Context, old, replacement string) error {
	if f.broken != nil && f.broken(replacement) {
		return errors.New("disk full")
	}
	return f.memoryStore.Swap(ctx, old, replacement)
}

// T2: tokens that could not be kept are not used, and not lost either.
func TestT2NewTokensAreKeptBeforeTheyAreUsed(t *testing.T) {
	t.Parallel()
	store := &forgetful{}
	w := newWorld(t, func(c *api.Config) { c.Tokens = store })
	w.app.ExpireAccess()
	store.broken = func(text string) bool { return !strings.Contains(text, "lease\"") } // takes the lease, not the tokens
	_, err := w.client.Tenants(t.Context())
	require.ErrorContains(t, err, "keep new tokens")
	require.Len(t, w.app.Refreshes(), 1)
	require.Equal(t, 1, w.calls(func(r paycortest.Request) bool { return strings.HasSuffix(r.Path, "TenantList") }))
	store.broken = nil
	_, err = w.client.Tenants(t.Context())
	require.NoError(t, err)
	require.Len(t, w.app.Refreshes(), 1)
	require.Zero(t, w.app.ReusedTokens())
}

// A rate limit on the token endpoint says when to come back, and uses nothing up.
func TestRateLimitOnTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.ExpireAccess()
	in := w.paycor.Inject(paycortest.Fault{
		Kind: paycortest.FaultStatus, Status: 429, Match: paycortest.IsTokenCall, Body: `{"message":"Rate limit is exceeded. Try again in 42 seconds."}`,
	})
	_, err := w.client.Refresh(t.Context(), "any")
	require.ErrorIs(t, err, api.ErrRateLimited)
	require.NotErrorIs(t, err, oauth.ErrOutcomeUnknown)
	at, ok := api.RetryAt(err)
	require.True(t, ok)
	require.WithinDuration(t, time.Now().Add(42*time.Second), at, 5*time.Second)
	require.Equal(t, 1, in.Hits())
}

// T3: many callers share one refresh, also when two clients stand for two processes.
func TestT3OneRefreshForAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.newClient(t)
	w.app.ExpireAccess()
	var group sync.WaitGroup
	errs := make(chan error, 40)
	for i := range 40 {
		client := w.client
		if i%2 == 0 {
			client = second
		}
		group.Go(func() {
			_, err := client.Tenants(t.Context())
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, w.app.Refreshes(), 1)
	require.Zero(t, w.app.ReusedTokens())
}

// T4: a refused refresh token ends the connection, without further attempts.
func TestT4RefusedRefreshDisconnects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.Revoke()
	_, err := w.client.Tenants(t.Context())
	require.ErrorIs(t, err, oauth.ErrDisconnected)
	require.ErrorContains(t, err, "sign in again")
	require.Len(t, w.app.Refreshes(), 1)
	for range 3 {
		_, err = w.client.Tenants(t.Context())
		require.ErrorIs(t, err, oauth.ErrDisconnected)
	}
	require.Len(t, w.app.Refreshes(), 1)

	tokens, err := w.signIn(t, w.client)
	require.NoError(t, err)
	require.NoError(t, w.client.Save(t.Context(), tokens))
	_, err = w.client.Tenants(t.Context())
	require.NoError(t, err)
}

// T5: an answer that is lost before the effect costs nothing; one lost after it uses the token up.
func TestT5LostAnswers(t *testing.T) {
	t.Parallel()
	t.Run("lost on the way there", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.app.ExpireAccess()
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultLost, Match: paycortest.IsTokenCall})
		_, err := w.client.Tenants(t.Context())
		require.NoError(t, err)
		require.Len(t, w.app.Refreshes(), 1)
	})
	t.Run("lost on the way back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.app.ExpireAccess()
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultLost, Match: paycortest.IsTokenCall, AfterEffect: true})
		_, err := w.client.Tenants(t.Context())
		require.ErrorIs(t, err, oauth.ErrDisconnected)
		require.Len(t, w.app.Refreshes(), 2) // once more with the same token, and refused
		require.Equal(t, 1, w.app.ReusedTokens())
	})
	t.Run("the vendor fails twice", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.app.ExpireAccess()
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 503, Match: paycortest.IsTokenCall, Times: 2})
		_, err := w.client.Tenants(t.Context())
		require.ErrorIs(t, err, oauth.ErrOutcomeUnknown)
		require.NotErrorIs(t, err, oauth.ErrDisconnected)
		_, err = w.client.Tenants(t.Context())
		require.NoError(t, err)
	})
}

// T6: no error, and nothing that prints, holds a secret.
func TestT6NothingSecretIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.job.AddCandidate(paycortest.CandidateConfig{FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"})
	tokens := w.app.Activate()
	secrets := []string{
		w.app.SubscriptionKey(), w.app.ClientSecret(), tokens.Access, tokens.Refresh, "Okafor", "maya.okafor",
	}
	leaky := `{"error":"` + tokens.Refresh + `","title":"Validation Error","detail":"Maya Okafor <maya.okafor@mail.example> ` +
		w.app.ClientSecret() + `","source":{"email":"maya.okafor@mail.example","bad field Okafor":"x"}}`
	var shown []string
	for _, status := range []int{400, 401, 403, 404, 429, 500} {
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: status, Times: -1, Body: leaky, Header: http.Header{"Retry-After": {"120"}}})
		_, err := w.client.Refresh(t.Context(), tokens.Refresh)
		require.Error(t, err)
		shown = append(shown, err.Error())
	}
	w = newWorld(t)
	for _, status := range []int{400, 403, 404, 429} {
		in := w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: status, Times: -1, Body: leaky, Header: http.Header{"Retry-After": {"120"}}})
		_, err := w.client.Tenants(t.Context())
		require.Error(t, err)
		apiError := new(api.APIError)
		require.ErrorAs(t, err, &apiError)
		shown = append(shown, err.Error(), apiError.LogValue().String())
		in.Remove()
	}
	c, err := w.client.Candidates.Get(t.Context(), api.CandidateRef{JobRef: w.jobRef(), CandidateID: "none"})
	require.Nil(t, c)
	shown = append(shown, err.Error(), w.client.String(), fmt.Sprintf("%v %#v %v", w.config(), w.config(), w.config().LogValue()))
	shown = append(shown, fmt.Sprintf("%v %#v", api.Candidate{ID: "c1", LastName: "Okafor"}, api.Candidate{ID: "c1", LastName: "Okafor"}))
	for _, text := range shown {
		for _, secret := range secrets {
			require.NotContains(t, text, secret)
		}
		require.NotContains(t, text, "subscription-key=")
	}
}

// A broken connection to the token endpoint shows neither the key in its address nor the body.
func TestUnreachableTokenEndpointShowsNoAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.ExpireAccess()
	w.paycor.Close()
	_, err := w.client.Refresh(t.Context(), "refresh-token-value")
	require.Error(t, err)
	require.NotContains(t, err.Error(), w.app.SubscriptionKey())
	require.NotContains(t, err.Error(), "refresh-token-value")
}

func TestLifetimeIsNeverBelievedToBeMoreThanHalfAnHour(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]time.Duration{
		`{"access_token":"a","refresh_token":"r"}`:                      1800 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":600}`:     600 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":"900"}`:   900 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":86400}`:   1800 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":-1}`:      1800 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":null}`:    1800 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":"soon"}`:  1800 * time.Second,
		`{"access_token":"a","refresh_token":"r","expires_in":"1e300"}`: 1800 * time.Second,
	} {
		w := newWorld(t, func(c *api.Config) { c.Clock = func() time.Time { return day } })
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 200, Body: answer})
		tokens, err := w.client.Refresh(t.Context(), "r0")
		require.NoError(t, err, answer)
		require.Equal(t, oauth.Tokens{Access: "a", Refresh: "r", Expires: day.Add(want)}, tokens, answer)
	}
}

func TestTokenAnswersThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{``, `{}`, `[]`, `{"access_token":`, `{"access_token":""}`, `{"access_token":7}`} {
		w := newWorld(t)
		w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 200, Body: answer})
		_, err := w.client.Refresh(t.Context(), "r0")
		require.ErrorIs(t, err, oauth.ErrOutcomeUnknown, answer)
	}
	w := newWorld(t)
	w.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: 200, Body: `{"access_token":"a"}`})
	_, err := w.client.Exchange(t.Context(), "c", "v", "")
	require.ErrorIs(t, err, api.ErrNoRefreshToken)
}

// The whole way once over real connections, with TLS, answers that get lost, and a token that ends.
func TestOverRealConnections(t *testing.T) {
	t.Parallel()
	paycor := paycortest.NewServer(paycortest.WithTLS())
	defer paycor.Close()
	entity := paycor.AddLegalEntity(paycortest.LegalEntityConfig{})
	account := entity.AddAccount(paycortest.AccountConfig{})
	job := account.AddJob(paycortest.JobConfig{})
	for range 101 {
		job.AddCandidate(paycortest.CandidateConfig{})
	}
	w := &world{paycor: paycor, entity: entity, account: account, job: job, store: &memoryStore{}}
	w.app = paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	w.client = w.newClient(t)
	tokens, err := w.signIn(t, w.client)
	require.NoError(t, err)
	require.NoError(t, w.client.Save(t.Context(), tokens))

	w.app.ExpireAccess()
	paycor.Inject(paycortest.Fault{Kind: paycortest.FaultLost, Match: paycortest.IsAPICall})
	candidates, err := collect(t, w.client.Candidates.All(t.Context(), w.jobRef(), nil))
	require.NoError(t, err)
	require.Len(t, candidates, 101)
	require.Len(t, w.app.Refreshes(), 1)
	require.Zero(t, w.app.ReusedTokens())

	w.app.ExpireAccess()
	lost := paycor.Inject(paycortest.Fault{Kind: paycortest.FaultLost, Match: paycortest.IsTokenCall, AfterEffect: true})
	_, err = w.client.Tenants(t.Context())
	require.ErrorIs(t, err, oauth.ErrDisconnected)
	require.Equal(t, 1, lost.Hits(), "net/http must not repeat a POST by itself")
	require.Len(t, w.app.Refreshes(), 3)
}
