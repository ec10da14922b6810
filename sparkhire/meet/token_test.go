package meet_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	tokenPath = "/partners/oauth/token"
	itemsPath = "/partners/candidate_assessment_items"
)

// shelf is a token store that can fail.
type shelf struct {
	mu         sync.Mutex
	token      meet.Token
	load, save error
}

func (s *shelf) Load(context.Context) (meet.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, s.load
}

func (s *shelf) Save(_ context.Context, t meet.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.save == nil {
		s.token = t
	}
	return s.save
}

// How long a token is used, from what the vendor says about it.
func TestTokenLifetimes(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]time.Duration{
		`{"access_token":"t","expires_in":14400}`:           4*time.Hour - time.Minute,
		`{"access_token":"t","expires_in":"3600"}`:          59 * time.Minute,
		`{"access_token":"t","expires_in":300.9}`:           270 * time.Second,
		`{"data":{"access_token":"t","expires_in":1}}`:      900 * time.Millisecond,
		`{"access_token":"t"}`:                              225 * time.Minute,
		`{"access_token":"t","expires_in":null}`:            225 * time.Minute,
		`{"access_token":"t","expires_in":0}`:               225 * time.Minute,
		`{"access_token":"t","expires_in":-5}`:              225 * time.Minute,
		`{"access_token":"t","expires_in":"NaN"}`:           225 * time.Minute,
		`{"access_token":"t","expires_in":{"x":1}}`:         225 * time.Minute,
		`{"access_token":"t","expires_in":1e300}`:           365*24*time.Hour - time.Minute,
		`{"access_token":"t","expires_in":999999999999999}`: 365*24*time.Hour - time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			store := &shelf{}
			client, err := meet.New("id", secret, meet.WithRequester(ana), meet.WithTokenStore(store), meet.WithHTTPClient(&http.Client{
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					body := "[]"
					if strings.HasSuffix(r.URL.Path, tokenPath) {
						body = answer
					}
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
				}),
			}))
			require.NoError(t, err)
			require.NoError(t, only(client.Jobs.List(t.Context())))
			require.Equal(t, want, time.Until(store.token.UseUntil), answer)
		})
	}
}

// The client never sends a token that has expired, and does not ask for one before it must.
func TestTokenIsRenewedInTime(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]sparkhiretest.Option{
		"as the vendor says":              {sparkhiretest.WithTokenLifetime(225*time.Minute + time.Minute)},
		"when the vendor does not say it": {sparkhiretest.WithoutExpiresIn()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newQuietOffice(t, opts...)
				for range 10 * 9 { // a call each 25 minutes, for 37.5 hours
					require.NoError(t, only(o.client.Jobs.List(t.Context())))
					<-time.After(25 * time.Minute)
				}
				for _, r := range o.sim.Requests() {
					require.Equal(t, 200, r.Status)
				}
				require.Equal(t, 10, o.sim.TokensIssued())
			})
		})
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.NoError(t, only(o.client.Jobs.List(t.Context())))
	o.sim.RevokeTokens()
	o.sim.ForgetRequests()
	require.NoError(t, only(o.client.Items.Invite(t.Context(), o.invitation())), "a refusal for the token invites nobody")
	require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 1)
	require.Len(t, o.sim.RequestsTo("POST", itemsPath), 2)
	require.Equal(t, 2, o.sim.TokensIssued())

	o.sim.Inject(sparkhiretest.Fault{Path: itemsPath, Times: sparkhiretest.Forever, Do: sparkhiretest.Respond(401, nil, "")})
	o.sim.ForgetRequests()
	_, err := o.client.Items.Invite(t.Context(), o.invitation())
	matches(t, err, meet.ErrUnauthorized)
	require.ErrorContains(t, err, "look at the requester")
	require.Len(t, o.sim.RequestsTo("POST", itemsPath), 2, "and no more")
	require.Equal(t, 3, o.sim.TokensIssued())
}

func TestCallersWithARefusedTokenShareTheNextOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.NoError(t, only(o.client.Jobs.List(t.Context())))
	o.sim.RevokeTokens()
	held := o.sim.Inject(sparkhiretest.Fault{Path: tokenPath, Do: sparkhiretest.Hold()})
	errs := make(chan error)
	for range 20 {
		go func() { errs <- only(o.client.Items.Invite(t.Context(), o.invitation())) }()
	}
	require.NoError(t, held.Wait(t.Context(), 1))
	held.Release()
	for range 20 {
		require.NoError(t, <-errs)
	}
	require.Equal(t, 2, o.sim.TokensIssued())
	require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 20)
}

// The caller that fetches the token for all gives up; the others do not suffer.
func TestWaitersOutliveTheCallerThatFetches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newQuietOffice(t)
		held := o.sim.Inject(sparkhiretest.Fault{Path: tokenPath, Do: sparkhiretest.Hold()})
		ctx, cancel := context.WithCancel(t.Context())
		first, others := make(chan error), make(chan error)
		go func() { first <- only(o.client.Jobs.List(ctx)) }()
		synctest.Wait()
		impatient, stop := context.WithCancel(t.Context())
		go func() { first <- only(o.client.Jobs.List(impatient)) }()
		for range 3 {
			go func() { others <- only(o.client.Jobs.List(t.Context())) }()
		}
		synctest.Wait()
		stop()
		err := <-first
		require.ErrorIs(t, err, context.Canceled, "who waits can give up")
		matches(t, err, meet.ErrNotSent)
		cancel()
		err = <-first
		require.ErrorIs(t, err, context.Canceled)
		matches(t, err, meet.ErrNotSent)
		for range 3 {
			require.NoError(t, <-others)
		}
		require.Len(t, o.sim.RequestsTo("POST", tokenPath), 2)
		held.Release()
	})
}

func TestFailureToFetchIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newQuietOffice(t)
		held := o.sim.Inject(sparkhiretest.Fault{Path: tokenPath, Do: sparkhiretest.Hold()})
		require.NoError(t, o.sim.RevokeCredentials("id-of-northwind"))
		errs := make(chan error)
		for range 5 {
			go func() { errs <- only(o.client.Jobs.List(t.Context())) }()
		}
		synctest.Wait()
		held.Release()
		for range 5 {
			matches(t, <-errs, meet.ErrUnauthorized, meet.ErrNotSent)
		}
		require.Len(t, o.sim.Requests(), 1)
	})
}

// When there is no token, nobody was invited, whatever happened to the request for it.
func TestNoToken(t *testing.T) {
	t.Parallel()
	answer := func(status int) sparkhiretest.Action { return sparkhiretest.Respond(status, nil, "") }
	for _, c := range []struct {
		name     string
		fault    sparkhiretest.Action
		when     sparkhiretest.Phase
		times    int
		requests int
		is       []error // nil: it works in the end
	}{
		{"lost once", sparkhiretest.LoseConnection(), sparkhiretest.AfterEffect, 1, 2, nil},
		{"broken off once", sparkhiretest.TruncateBody(9), sparkhiretest.AfterEffect, 1, 2, nil},
		{"unavailable once", answer(503), sparkhiretest.BeforeEffect, 1, 2, nil},
		{"limited once", answer(429), sparkhiretest.BeforeEffect, 1, 2, nil},
		{"lost for ever", sparkhiretest.LoseConnection(), sparkhiretest.AfterEffect, sparkhiretest.Forever, 4, []error{meet.ErrUnavailable, meet.ErrNotSent}},
		{"unavailable for ever", answer(503), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 4, []error{meet.ErrUnavailable, meet.ErrNotSent}},
		{"broken", answer(500), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnavailable, meet.ErrNotSent}},
		{"limited for ever", answer(429), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 4, []error{meet.ErrRateLimited, meet.ErrNotSent}},
		{"refused with 400", answer(400), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnauthorized, meet.ErrNotSent}},
		{"refused with 401", answer(401), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnauthorized, meet.ErrNotSent}},
		{"refused with 403", answer(403), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnauthorized, meet.ErrNotSent}},
		{"without a token", sparkhiretest.Respond(200, nil, `{"token_type":"Bearer"}`), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnavailable, meet.ErrNotSent}},
		{"with one that cannot be sent", sparkhiretest.Respond(200, nil, `{"access_token":"a\nb"}`), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnavailable, meet.ErrNotSent}},
		{"not JSON", sparkhiretest.Respond(200, nil, `<html>`), sparkhiretest.BeforeEffect, sparkhiretest.Forever, 1, []error{meet.ErrUnavailable, meet.ErrNotSent}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, renewing := range []bool{false, true} {
				o := newOffice(t)
				if renewing { // after a refusal of the one there was
					require.NoError(t, only(o.client.Jobs.List(t.Context())))
					o.sim.RevokeTokens()
					o.sim.ForgetRequests()
				}
				o.sim.Inject(sparkhiretest.Fault{Path: tokenPath, Do: c.fault, When: c.when, Times: c.times})
				_, err := o.client.Items.Invite(t.Context(), o.invitation())
				require.Len(t, o.sim.RequestsTo("POST", tokenPath), c.requests)
				if c.is == nil {
					require.NoError(t, err)
					require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 1)
					continue
				}
				matches(t, err, c.is...)
				require.ErrorContains(t, err, "meet: POST "+itemsPath+": ")
				require.ErrorContains(t, err, "POST "+tokenPath+": ", "it says which call is to blame")
				require.NotContains(t, err.Error(), "outcome")
				var failed *meet.CallError
				require.ErrorAs(t, err, &failed)
				require.False(t, failed.Sent || failed.OutcomeUnknown)
				require.Empty(t, o.sim.Invitations())
				o.sim.ClearFaults()
				require.NoError(t, only(o.client.Items.Invite(t.Context(), o.invitation())), "it recovers")
			}
		})
	}
}

func TestTokenStoreIsShared(t *testing.T) {
	t.Parallel()
	o, store := newOffice(t), &shelf{}
	one, two := o.dial(t, meet.WithTokenStore(store)), o.dial(t, meet.WithTokenStore(store))
	require.NoError(t, only(one.Jobs.List(t.Context())))
	require.NoError(t, only(two.Jobs.List(t.Context())))
	require.Equal(t, 1, o.sim.TokensIssued())
	o.sim.RevokeTokens()
	require.NoError(t, only(one.Jobs.List(t.Context())))
	require.NoError(t, only(two.Jobs.List(t.Context())))
	require.Equal(t, 2, o.sim.TokensIssued())
}

func TestTokenStoreThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("row with t0p-secret is locked")
	for _, store := range []*shelf{{load: broken}, {save: broken}} {
		o := newOffice(t)
		_, err := o.dial(t, meet.WithTokenStore(store)).Items.Invite(t.Context(), o.invitation())
		require.ErrorIs(t, err, broken)
		matches(t, err, meet.ErrNotSent, meet.ErrUnavailable)
		require.EqualError(t, err, "meet: POST "+itemsPath+": nothing was sent: the token store failed")
		require.Empty(t, o.sim.Invitations())
	}
}

func TestWithOneAttemptTheNextCallGetsANewToken(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	client := o.dial(t, meet.WithMaxAttempts(1))
	require.NoError(t, only(client.Jobs.List(t.Context())))
	o.sim.RevokeTokens()
	matches(t, only(client.Jobs.List(t.Context())), meet.ErrUnauthorized)
	require.NoError(t, only(client.Jobs.List(t.Context())))
}
