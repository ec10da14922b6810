package topechelon_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func flowOf(u *topechelontest.User) ats.AuthorizationFlow {
	return ats.AuthorizationFlow{
		State: "state-" + u.ID, Verifier: strings.Repeat("verifier-", 6), RedirectURL: redirectURL, User: ats.User{ID: u.ID},
	}
}

func tries(c *topechelon.Config) { c.TryUnverified = true }

func TestSignIn(t *testing.T) {
	t.Parallel()

	bubble(t, "is for one person and for nobody else", func(t *testing.T) {
		a := newAccount(t, "", tries)
		signIn(t, a.adapter, a.conn(), a.ana)
		job, err := a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.NoError(t, err)
		require.Equal(t, ats.Job{ID: a.job.ID, Title: "Controls Engineer", City: "Akron", Region: "OH"}, job)
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.bo.ID}, a.job.ID)
		require.ErrorIs(t, err, ats.ErrUnauthorized)
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{}, a.job.ID)
		require.ErrorIs(t, err, ats.ErrUnauthorized)
	})

	bubble(t, "a refused renewal disconnects that person only", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		signIn(t, a.adapter, a.conn(), a.bo)
		a.ana.Disconnect()
		_, err := a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.ErrorIs(t, err, ats.ErrUnauthorized)
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.bo.ID}, a.job.ID)
		require.NoError(t, err)
		signIn(t, a.adapter, a.conn(), a.ana)
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.NoError(t, err, "signing in again helps")
	})

	bubble(t, "tokens are renewed when they end", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		for range 2 {
			a.ana.ExpireTokens()
			_, err := a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
			require.NoError(t, err)
		}
		require.Equal(t, 2, a.ana.Renewals())
		require.Zero(t, a.ana.RefusedRenewals(), "no refresh token is used twice")
	})

	bubble(t, "ends with the connection", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		_, err := a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.NoError(t, err)
		require.NoError(t, a.inbox.Disconnect(t.Context(), a.tenant()))
		calls := len(a.te.Requests())
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.ErrorIs(t, err, ats.ErrUnauthorized)
		require.Len(t, a.te.Requests(), calls, "what was forgotten is not used")
	})

	bubble(t, "a code that is not accepted changes nothing", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		err := a.adapter.Authorize(t.Context(), a.conn(), flowOf(a.ana), "no-such-code")
		require.ErrorIs(t, err, ats.ErrUnauthorized)
		require.NotContains(t, err.Error(), "no-such-code")
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.NoError(t, err)
	})

	bubble(t, "an outage of the token endpoint disconnects nobody", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		a.ana.ExpireTokens()
		outage := a.te.Inject(topechelontest.Fault{
			Kind: topechelontest.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1,
			Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/oauth/token") },
		})
		_, err := a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.ErrorIs(t, err, ats.ErrUnavailable)
		require.NotErrorIs(t, err, ats.ErrUnauthorized)
		outage.Remove()
		_, err = a.adapter.Job(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.job.ID)
		require.NoError(t, err)
	})

	bubble(t, "sends scope and code challenge only when configured", func(t *testing.T) {
		plain := newAccount(t, "")
		page, err := plain.adapter.AuthorizationURL(t.Context(), plain.conn(), flowOf(plain.ana))
		require.NoError(t, err)
		u, err := url.Parse(page)
		require.NoError(t, err)
		require.False(t, u.Query().Has("scope"))
		require.False(t, u.Query().Has("code_challenge"))

		full := newAccount(t, "", func(c *topechelon.Config) { c.PKCE, c.Scope = true, "read" })
		page, err = full.adapter.AuthorizationURL(t.Context(), full.conn(), flowOf(full.ana))
		require.NoError(t, err)
		u, err = url.Parse(page)
		require.NoError(t, err)
		require.Equal(t, "read", u.Query().Get("scope"))
		require.Equal(t, "S256", u.Query().Get("code_challenge_method"))
		signIn(t, full.adapter, full.conn(), full.ana)
	})

	bubble(t, "a setting that is missing is named", func(t *testing.T) {
		for setting, change := range map[string]func(*topechelon.Config){
			"authorize_url": func(c *topechelon.Config) { c.AuthorizeURL = "" },
			"client_id":     func(c *topechelon.Config) { c.ClientID, c.ClientSecret = "", "" },
		} {
			a := newAccount(t, "", change)
			_, err := a.adapter.AuthorizationURL(t.Context(), a.conn(), flowOf(a.ana))
			refusal, ok := ats.AsRefusal(err)
			require.True(t, ok, "got: %v", err)
			require.Equal(t, topechelon.CodeSettingRequired, refusal.Code)
			require.Equal(t, "settings."+setting, refusal.Field)
		}
		a := newAccount(t, "")
		flow := flowOf(a.ana)
		flow.User = ats.User{}
		_, err := a.adapter.AuthorizationURL(t.Context(), a.conn(), flow)
		refusal, ok := ats.AsRefusal(err)
		require.True(t, ok)
		require.Equal(t, ats.CodeActorRequired, refusal.Code)
	})

	bubble(t, "the deployment's secret goes to no client and no address of the connection's own", func(t *testing.T) {
		for _, settings := range []string{`{"client_id": "theirs"}`, `{"token_url": "https://elsewhere.example/token"}`} {
			a := newAccount(t, settings)
			err := a.adapter.Authorize(t.Context(), a.conn(), flowOf(a.ana), "code")
			refusal, ok := ats.AsRefusal(err)
			require.True(t, ok, "got: %v", err)
			require.Equal(t, "settings.client_secret", refusal.Field)
		}
	})
}

func TestPeople(t *testing.T) {
	t.Parallel()

	bubble(t, "are not read unless unverified calls are tried", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.ana)
		calls := len(a.te.Requests())
		ref := ats.CandidateRef{Tenant: a.tenant(), ID: a.maya.ID}
		_, err := a.adapter.Candidate(t.Context(), a.conn(), ref)
		require.ErrorIs(t, err, topechelon.ErrUnverified)
		require.ErrorIs(t, err, ats.ErrUnsupported)
		refusal, ok := ats.AsRefusal(err)
		require.True(t, ok)
		require.Equal(t, topechelon.CodeUnverifiedEndpoint, refusal.Code)
		_, err = a.adapter.Person(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.maya.ID)
		require.ErrorIs(t, err, topechelon.ErrUnverified)
		require.Len(t, a.te.Requests(), calls)

		require.NoError(t, a.inbox.SetSettings(a.tenant(), []byte(`{"try_unverified": true}`)))
		_, err = a.adapter.Candidate(t.Context(), a.conn(), ref)
		require.NoError(t, err, "a connection can decide for itself")
	})

	bubble(t, "have the primary address, else the first, with its own mark", func(t *testing.T) {
		for _, c := range []struct {
			emails []topechelontest.Email
			want   string
			marked bool
		}{
			{nil, "", false},
			{[]topechelontest.Email{{Address: "first@mail.example"}, {Address: "second@mail.example"}}, "first@mail.example", false},
			{[]topechelontest.Email{{Address: "first@mail.example", DoNotEmail: true}, {Address: "main@mail.example", Primary: true}}, "main@mail.example", false},
			{[]topechelontest.Email{{Address: "first@mail.example"}, {Address: "main@mail.example", Primary: true, DoNotEmail: true}}, "main@mail.example", true},
		} {
			a := newAccount(t, "", tries)
			signIn(t, a.adapter, a.conn(), a.ana)
			a.agency.SetEmails(a.maya, c.emails...)
			got, err := a.adapter.Person(t.Context(), a.conn(), ats.User{ID: a.ana.ID}, a.maya.ID)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Email)
			require.Equal(t, c.marked, got.DoNotEmail)
			require.Equal(t, "Maya Okafor", got.Name())
		}
	})

	bubble(t, "are read by whoever of the connected users sees them", func(t *testing.T) {
		a := newAccount(t, "", tries)
		ref := ats.CandidateRef{Tenant: a.tenant(), ID: a.maya.ID}
		_, err := a.adapter.Candidate(t.Context(), a.conn(), ref)
		require.ErrorIs(t, err, ats.ErrUnauthorized, "nobody has signed in")
		signIn(t, a.adapter, a.conn(), a.ana)
		a.ana.HidePerson(a.maya.ID)
		_, err = a.adapter.Candidate(t.Context(), a.conn(), ref)
		require.ErrorIs(t, err, ats.ErrNotFound)
		signIn(t, a.adapter, a.conn(), a.bo)
		got, err := a.adapter.Candidate(t.Context(), a.conn(), ref)
		require.NoError(t, err)
		require.Equal(t, a.maya.ID, got.ID)
	})
}

func TestProbe(t *testing.T) {
	t.Parallel()

	bubble(t, "with nothing to call there is nothing wrong", func(t *testing.T) {
		a := newAccount(t, "")
		require.NoError(t, a.adapter.Probe(t.Context(), a.conn()))
		require.Empty(t, a.te.Requests())
	})

	bubble(t, "the public API is asked once, as somebody who has signed in", func(t *testing.T) {
		a := newAccount(t, "")
		signIn(t, a.adapter, a.conn(), a.bo)
		calls := len(a.te.Requests())
		require.NoError(t, a.adapter.Probe(t.Context(), a.conn()))
		require.Len(t, a.te.Requests(), calls+1)
		a.bo.Disconnect()
		require.ErrorIs(t, a.adapter.Probe(t.Context(), a.conn()), ats.ErrUnauthorized)
	})

	bubble(t, "the host is asked about nobody", func(t *testing.T) {
		host := topechelontest.NewHost(topechelontest.InMemory(), topechelontest.WithHostToken("right"))
		for token, want := range map[ats.Secret]error{"right": nil, "wrong": ats.ErrUnauthorized} {
			a := newAccount(t, "", func(c *topechelon.Config) { c.HostURL, c.HostToken, c.HTTPClient = host.URL, token, host.Client() })
			err := a.adapter.Probe(t.Context(), a.conn())
			require.ErrorIs(t, err, want, fmt.Sprint(want))
		}
		require.Empty(t, host.Violations())
	})
}
