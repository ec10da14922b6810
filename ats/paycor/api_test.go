package paycor_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// vendor is a world with Paycor in it: a simulator without a socket.
type vendor struct {
	*world
	paycor  *paycortest.Server
	app     *paycortest.Application
	account *paycortest.Account
	job     *paycortest.Job
}

// newVendor makes a company at Paycor with the world's ids and an application.
func newVendor(t *testing.T, change ...func(*paycor.Config)) *vendor {
	t.Helper()
	v := &vendor{}
	now := time.Now
	v.paycor = paycortest.NewServer(paycortest.InMemory(), paycortest.WithClock(func() time.Time { return now() }))
	t.Cleanup(v.paycor.Close)
	v.app = v.paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	v.account = v.paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200}).AddAccount(paycortest.AccountConfig{ID: "ff80818190aa10010190aa1001000001"})
	v.world = newWorld(t, append([]func(*paycor.Config){func(c *paycor.Config) {
		c.APIURL, c.AuthorizeURL, c.HTTPClient, c.MaxWait = v.paycor.URL, v.paycor.AuthorizeURL(), v.paycor.Client(), -1
		c.SubscriptionKey, c.ClientID = ats.Secret(v.app.SubscriptionKey()), v.app.ClientID()
		c.ClientSecret, c.Scope = ats.Secret(v.app.ClientSecret()), v.app.Scope()
	}}, change...)...)
	now = v.clock
	v.job = v.account.AddJob(paycortest.JobConfig{ID: jobID})
	return v
}

// signIn activates the application.
func (v *vendor) signIn() *vendor {
	v.t.Helper()
	activate(v.t, v.adapter, v.paycor, v.conn())
	return v
}

// paths returns what was asked since the n-th request.
func (v *vendor) paths(since int) []string {
	paths := []string{}
	for _, r := range v.paycor.Requests()[since:] {
		path := r.Path[strings.LastIndex(r.Path, "/")+1:]
		if start, err := url.ParseQuery(r.Query); err == nil && start.Get("createdOrModifiedStartDate") != "" {
			path += " since " + start.Get("createdOrModifiedStartDate")
		}
		paths = append(paths, path)
	}
	return paths
}

func TestWithoutCredentialsTheAPIIsUnsupported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for job, err := range w.adapter.Jobs(t.Context(), w.conn()) {
		require.Zero(t, job)
		require.ErrorIs(t, err, ats.ErrUnsupported)
		require.ErrorContains(t, err, "subscription_key", "it says what to configure")
	}
	for _, err := range w.adapter.Candidates(t.Context(), w.conn(), ats.JobRef{ID: jobID}, time.Time{}) {
		require.ErrorIs(t, err, ats.ErrUnsupported)
	}
	_, err := w.adapter.Candidate(t.Context(), w.conn(), ats.CandidateRef{ID: candidate, JobID: jobID})
	require.ErrorIs(t, err, ats.ErrUnsupported)
	_, err = w.adapter.AuthorizationURL(t.Context(), w.conn(), ats.AuthorizationFlow{})
	require.Equal(t, paycor.CodeCredentialsMissing, refused(t, err))
	require.Equal(t, paycor.CodeCredentialsMissing, refused(t, w.adapter.Authorize(t.Context(), w.conn(), ats.AuthorizationFlow{}, "code")))
	require.NoError(t, w.adapter.Probe(t.Context(), w.conn()), "there is nothing to call with")
	require.NoError(t, w.adapter.Reconcile(t.Context(), w.inbox))
}

func TestTheSettingsOfAConnectionWinOverTheDeployments(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	own := v.paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	v.settings(`{"feature_enabled": true, "subscription_key": "` + own.SubscriptionKey() + `", "client_id": "` + own.ClientID() +
		`", "client_secret": "` + own.ClientSecret() + `", "scope": "` + own.Scope() + `"}`)
	v.signIn()
	require.NoError(t, v.adapter.Probe(t.Context(), v.conn()))
	requests := v.paycor.Requests()
	require.Equal(t, own.ClientID(), requests[len(requests)-1].Application)
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	flow := ats.AuthorizationFlow{State: "state-1", Verifier: strings.Repeat("v", 43), RedirectURL: returnURL}
	t.Run("the page gets what public programs send", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t)
		page, err := v.adapter.AuthorizationURL(t.Context(), v.conn(), flow)
		require.NoError(t, err)
		u, err := url.Parse(page)
		require.NoError(t, err)
		require.Equal(t, "s256", u.Query().Get("code_challenge_method"))
		require.Equal(t, v.app.Scope()+" offline_access", u.Query().Get("scope"))
		require.NotContains(t, page, flow.Verifier)

		v = newVendor(t, func(c *paycor.Config) { c.ChallengeMethod = paycor.ChallengeRFC })
		page, err = v.adapter.AuthorizationURL(t.Context(), v.conn(), flow)
		require.NoError(t, err)
		require.Contains(t, page, "code_challenge_method=S256")
	})
	t.Run("before it nothing is authorized", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t)
		require.ErrorIs(t, v.adapter.Probe(t.Context(), v.conn()), ats.ErrUnauthorized)
		_, err := v.adapter.Candidate(t.Context(), v.conn(), ats.CandidateRef{ID: candidate, JobID: jobID})
		require.ErrorIs(t, err, ats.ErrUnauthorized)
		require.NoError(t, v.adapter.Reconcile(t.Context(), v.inbox), "there is nothing to poll yet")
		require.Empty(t, v.paycor.Requests())
	})
	t.Run("a code that is refused leaves the tokens as they were", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t).signIn()
		require.ErrorIs(t, v.adapter.Authorize(t.Context(), v.conn(), flow, "forged-code"), ats.ErrUnauthorized)
		require.NoError(t, v.adapter.Probe(t.Context(), v.conn()))
	})
	t.Run("a verifier that is too short is refused before anybody is asked", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t)
		_, err := v.adapter.AuthorizationURL(t.Context(), v.conn(), ats.AuthorizationFlow{State: "s", Verifier: "v", RedirectURL: returnURL})
		require.ErrorIs(t, err, ats.ErrInvalid)
	})
	t.Run("both ways to renew work", func(t *testing.T) {
		t.Parallel()
		for form, want := range map[paycor.RefreshForm]string{paycor.RefreshFormA: "A", paycor.RefreshFormB: "B"} {
			v := newVendor(t, func(c *paycor.Config) { c.RefreshForm = form }).signIn()
			v.now = v.now.Add(time.Hour)
			require.NoError(t, v.adapter.Probe(t.Context(), v.conn()))
			require.Len(t, v.app.Refreshes(), 1)
			require.Equal(t, want, v.app.Refreshes()[0].Form)
		}
	})
	t.Run("a company that was not picked is told", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t)
		other := v.paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 7})
		page, err := v.adapter.AuthorizationURL(t.Context(), v.conn(), flow)
		require.NoError(t, err)
		back, err := v.paycor.Consent(page, other)
		require.NoError(t, err)
		u, err := url.Parse(back)
		require.NoError(t, err)
		require.NoError(t, v.adapter.Authorize(t.Context(), v.conn(), flow, u.Query().Get("code")))
		err = v.adapter.Probe(t.Context(), v.conn())
		require.ErrorIs(t, err, ats.ErrForbidden)
		require.ErrorContains(t, err, "501200")
	})
}

func TestAPIErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	t.Run("a permission that is missing is named", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t).signIn()
		v.app.SetDataAccess(paycortest.ViewJobs)
		_, err := v.adapter.Candidate(t.Context(), v.conn(), ats.CandidateRef{ID: candidate, JobID: jobID})
		require.ErrorIs(t, err, ats.ErrForbidden)
		require.ErrorContains(t, err, "View ATS Candidate by Candidate Id")
		require.ErrorAs(t, err, new(*paycor.APIError))
	})
	t.Run("a wait that Paycor names is passed on", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t).signIn()
		v.paycor.Inject(paycortest.RateLimited(1, "30"))
		require.ErrorAs(t, v.adapter.Probe(t.Context(), v.conn()), new(*ats.RetryLaterError))
	})
	t.Run("access that was taken away asks for a new sign-in", func(t *testing.T) {
		t.Parallel()
		v := newVendor(t)
		ends := func() {
			t.Helper()
			err := v.adapter.Probe(t.Context(), v.conn())
			require.ErrorIs(t, err, ats.ErrUnauthorized)
			refusal, ok := ats.AsRefusal(err)
			require.True(t, ok)
			require.Equal(t, ats.CodeConnectionDisconnected, refusal.Code)
		}
		ends() // nobody has signed in
		v.signIn()
		v.app.Revoke()
		for range 2 {
			ends()
		}
		require.Len(t, v.app.Refreshes(), 1, "a token that was refused is not tried again")
		v.signIn()
		require.NoError(t, v.adapter.Probe(t.Context(), v.conn()))
	})
}

func TestWhatIsReadOfJobsAndCandidates(t *testing.T) {
	t.Parallel()
	v := newVendor(t).signIn()
	v.account.AddJob(paycortest.JobConfig{Title: "Filled long ago", Status: "FILLED"})
	v.job.Update(func(j *paycortest.JobConfig) { j.City, j.NumericTexts = "Duluth", true })
	var jobs []ats.Job
	for job, err := range v.adapter.Jobs(t.Context(), v.conn()) {
		require.NoError(t, err)
		jobs = append(jobs, job)
	}
	require.Len(t, jobs, 1, "jobs that take no candidates are not offered")
	require.Equal(t, jobID, jobs[0].ID)
	require.Equal(t, "Shift Supervisor", jobs[0].Title)
	require.Equal(t, "Duluth", jobs[0].City)
	require.Equal(t, "ACTIVE", jobs[0].Status)

	v.job.AddCandidate(paycortest.CandidateConfig{ID: candidate, MobilePhone: "2185550142", Resume: "<p>secret past</p>"})
	want := ats.Candidate{ID: candidate, FirstName: "Maya", LastName: "Okafor", Phone: "2185550142"}
	for _, job := range []string{jobID, ""} { // the linked job is found
		got, err := v.adapter.Candidate(t.Context(), v.conn(), ats.CandidateRef{ID: candidate, JobID: job})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := v.adapter.Candidate(t.Context(), v.conn(), ats.CandidateRef{ID: "nobody"})
	require.ErrorIs(t, err, ats.ErrNotFound)

	before := len(v.paycor.Requests())
	for _, err := range v.adapter.Candidates(t.Context(), v.conn(), ats.JobRef{ID: jobID}, v.now) {
		require.NoError(t, err)
	}
	require.Equal(t, []string{"candidates since 2026-03-09"}, v.paths(before), "a day more than was asked for")
	require.Zero(t, v.paycor.CreateCalls())
}

func TestAPayloadThatMakesNoSense(t *testing.T) {
	t.Parallel()
	v := newVendor(t).signIn()
	v.paycor.Inject(paycortest.Fault{Kind: paycortest.FaultMalformed, Match: func(r *http.Request) bool { return r.Method == http.MethodGet }})
	require.ErrorIs(t, v.adapter.Probe(t.Context(), v.conn()), ats.ErrUnavailable)
}

func TestTwoProcessesRenewOnce(t *testing.T) {
	t.Parallel()
	v := newVendor(t).signIn()
	other, err := paycor.New(paycor.Config{
		APIURL: v.paycor.URL, AuthorizeURL: v.paycor.AuthorizeURL(), HTTPClient: v.paycor.Client(), Clock: v.clock, MaxWait: -1,
		SubscriptionKey: ats.Secret(v.app.SubscriptionKey()), ClientID: v.app.ClientID(), ClientSecret: ats.Secret(v.app.ClientSecret()), Scope: v.app.Scope(),
	})
	require.NoError(t, err)
	v.now = v.now.Add(time.Hour)
	const each = 8
	errs := make([]error, 2*each)
	conn := v.conn()
	var group sync.WaitGroup
	for i := range errs {
		a := v.adapter
		if i%2 == 1 {
			a = other
		}
		group.Go(func() { errs[i] = a.Probe(t.Context(), conn) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, v.app.Refreshes(), 1)
	require.Zero(t, v.app.ReusedTokens())
}

func TestTokensThatCannotBeKeptAreTold(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	c := v.conn()
	c.Secrets = nil
	require.NoError(t, v.adapter.Probe(t.Context(), c), "there is nothing to call with")
	for _, err := range v.adapter.Jobs(t.Context(), c) {
		require.ErrorIs(t, err, ats.ErrUnsupported)
	}
}
