package meet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// What is sent again, by what happened to the first attempt. The simulator counts.
func TestRetries(t *testing.T) {
	t.Parallel()
	lost := sparkhiretest.LoseConnection()
	answer := func(status int) sparkhiretest.Action { return sparkhiretest.Respond(status, nil, "") }
	for _, c := range []struct {
		name     string
		invites  bool
		fault    sparkhiretest.Action
		when     sparkhiretest.Phase
		requests int
		is       []error // nil: it works in the end
	}{
		{"a read after a lost connection", false, lost, sparkhiretest.BeforeEffect, 2, nil},
		{"a read after an answer that broke off", false, sparkhiretest.TruncateBody(9), sparkhiretest.AfterEffect, 2, nil},
		{"a read after 429", false, answer(429), sparkhiretest.BeforeEffect, 2, nil},
		{"a read after 502", false, answer(502), sparkhiretest.BeforeEffect, 2, nil},
		{"not a read after 500", false, answer(500), sparkhiretest.BeforeEffect, 1, []error{meet.ErrUnavailable}},
		{"not a read after an answer of no sense", false, sparkhiretest.MalformedJSON(), sparkhiretest.AfterEffect, 1, []error{}},

		{"an invitation after 429", true, answer(429), sparkhiretest.BeforeEffect, 2, nil},
		{"an invitation after 401", true, answer(401), sparkhiretest.BeforeEffect, 2, nil},
		{"not after 502", true, answer(502), sparkhiretest.AfterEffect, 1, []error{meet.ErrUnavailable, meet.ErrOutcomeUnknown}},
		{"not after a lost connection", true, lost, sparkhiretest.BeforeEffect, 1, []error{meet.ErrUnavailable, meet.ErrOutcomeUnknown}},
		{"not after a lost answer", true, lost, sparkhiretest.AfterEffect, 1, []error{meet.ErrUnavailable, meet.ErrOutcomeUnknown}},
		{"not after an answer that broke off", true, sparkhiretest.TruncateBody(9), sparkhiretest.AfterEffect, 1, []error{meet.ErrUnavailable, meet.ErrOutcomeUnknown}},
		{"not after an answer of no sense", true, sparkhiretest.MalformedJSON(), sparkhiretest.AfterEffect, 1, []error{meet.ErrOutcomeUnknown}},
		{"not after a refusal", true, answer(422), sparkhiretest.BeforeEffect, 1, []error{meet.ErrInvalid}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			item, err := o.client.Items.Invite(t.Context(), o.invitation())
			require.NoError(t, err) // and the connection is now kept alive
			o.sim.ForgetRequests()
			o.sim.Inject(sparkhiretest.Fault{Path: itemsPath + "/...", Do: c.fault, When: c.when})
			if c.invites {
				err = only(o.client.Items.Invite(t.Context(), o.invitation()))
			} else {
				err = only(o.client.Items.Get(t.Context(), item.UUID, nil))
			}
			require.Len(t, o.sim.RequestsTo("", itemsPath+"/..."), c.requests)
			require.LessOrEqual(t, len(o.sim.Interviews()), 2)
			if c.is == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			matches(t, err, c.is...)
		})
	}
}

func TestInviteIsSentAgainWhenNobodyAnswersTheDoor(t *testing.T) {
	t.Parallel()
	dials, sent := 0, 0
	client, err := meet.New("id", secret, meet.WithRequester(ana), meet.WithBackoff(time.Nanosecond, time.Nanosecond), meet.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, tokenPath) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"access_token":"t"}`))}, nil
			}
			if dials++; dials < 3 {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}
			}
			sent++
			return nil, io.ErrUnexpectedEOF
		}),
	}))
	require.NoError(t, err)
	matches(t, only(client.Items.Invite(t.Context(), lena())), meet.ErrUnavailable, meet.ErrOutcomeUnknown)
	require.Equal(t, []int{3, 1}, []int{dials, sent})
}

func TestInviteThatIsCanceled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, cancel := context.WithCancel(t.Context())
	held := o.sim.Inject(sparkhiretest.Fault{Method: "POST", Path: itemsPath, Do: sparkhiretest.Hold()})
	result := make(chan error)
	go func() { result <- only(o.client.Items.Invite(ctx, o.invitation())) }()
	require.NoError(t, held.Wait(t.Context(), 1))
	cancel()
	err := <-result
	require.ErrorIs(t, err, context.Canceled)
	matches(t, err, meet.ErrOutcomeUnknown)

	o.sim.ForgetRequests()
	err = only(o.client.Items.Invite(ctx, o.invitation()))
	require.ErrorIs(t, err, context.Canceled)
	matches(t, err, meet.ErrNotSent)
	require.Empty(t, o.sim.Requests(), "it had ended before")
}

// The standard limiter keeps the client within the budget, tokens included, in virtual time.
func TestClientKeepsWithinTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newQuietOffice(t)
		start, errs := time.Now(), make(chan error)
		for range 4 {
			go func() {
				var err error
				for range 200 {
					err = errors.Join(err, only(o.client.Jobs.List(t.Context())))
				}
				errs <- err
			}()
		}
		for range 4 {
			require.NoError(t, <-errs)
		}
		require.Zero(t, o.sim.RateLimited())
		require.GreaterOrEqual(t, time.Since(start), 2*time.Minute)
		require.Less(t, time.Since(start), 2*time.Minute+time.Second)
	})
}

func TestClientSitsThroughTheServersWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newQuietOffice(t)
		o.sim.Inject(sparkhiretest.Fault{Path: itemsPath, Do: sparkhiretest.TooManyRequests(17)})
		start := time.Now()
		require.NoError(t, only(o.client.Items.Invite(t.Context(), o.invitation())))
		require.GreaterOrEqual(t, time.Since(start), 17*time.Second)
		require.Len(t, o.sim.Interviews(), 1)
	})
}
