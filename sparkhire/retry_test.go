package sparkhire_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// What is sent again, by method and by what happened to the first attempt. The simulator counts.
func TestRetries(t *testing.T) {
	t.Parallel()
	lost := sparkhiretest.LoseConnection()
	answer := func(status int) sparkhiretest.Action { return sparkhiretest.Respond(status, nil, "") }
	read := func(ctx context.Context, c *sparkhire.Client, id string) error {
		return only(c.Interviews.Get(ctx, id))
	}
	create := func(ctx context.Context, c *sparkhire.Client, id string) error {
		return only(c.Questions.Create(ctx, id, &sparkhire.CreateQuestionRequest{Text: "Why nights?"}))
	}
	change := func(ctx context.Context, c *sparkhire.Client, id string) error {
		return only(c.Interviews.Update(ctx, id, &sparkhire.UpdateInterviewRequest{ScheduledAt: new(nextWeek())}))
	}
	remove := func(ctx context.Context, c *sparkhire.Client, id string) error { return c.Interviews.Delete(ctx, id) }
	replay := func(ctx context.Context, c *sparkhire.Client, _ string) error {
		return c.Webhooks.Replay(ctx, sparkhire.EventInterviewCreated)
	}
	rotate := func(ctx context.Context, c *sparkhire.Client, _ string) error {
		return only(c.Users.RotateIntegrationKey(ctx, "u"))
	}
	for _, c := range []struct {
		name     string
		call     func(context.Context, *sparkhire.Client, string) error
		fault    sparkhiretest.Action
		when     sparkhiretest.Phase
		requests int
		is       error // nil: it works in the end
	}{
		{"a read after a lost connection", read, lost, sparkhiretest.BeforeEffect, 2, nil},
		{"a read after an answer that broke off", read, sparkhiretest.TruncateBody(9), sparkhiretest.AfterEffect, 2, nil},
		{"a read after 429", read, answer(429), sparkhiretest.BeforeEffect, 2, nil},
		{"a read after 502", read, answer(502), sparkhiretest.BeforeEffect, 2, nil},
		{"a read after 503", read, answer(503), sparkhiretest.BeforeEffect, 2, nil},
		{"a read after 504", read, answer(504), sparkhiretest.BeforeEffect, 2, nil},
		{"not a read after 500", read, answer(500), sparkhiretest.BeforeEffect, 1, sparkhire.ErrUnavailable},
		{"not a read after an answer of no sense", read, sparkhiretest.MalformedJSON(), sparkhiretest.AfterEffect, 1, nil},

		{"a create after 429", create, answer(429), sparkhiretest.BeforeEffect, 2, nil},
		{"not a create after 503", create, answer(503), sparkhiretest.BeforeEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"not a create after a lost connection", create, lost, sparkhiretest.BeforeEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"not a create after a lost answer", create, lost, sparkhiretest.AfterEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"not a create after an answer that broke off", create, sparkhiretest.TruncateBody(9), sparkhiretest.AfterEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"not a create after an answer of no sense", create, sparkhiretest.MalformedJSON(), sparkhiretest.AfterEffect, 1, sparkhire.ErrOutcomeUnknown},

		{"a change after 429", change, answer(429), sparkhiretest.BeforeEffect, 2, nil},
		{"not a change after 503", change, answer(503), sparkhiretest.BeforeEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"not a change after a lost connection", change, lost, sparkhiretest.BeforeEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"a delete after 429", remove, answer(429), sparkhiretest.BeforeEffect, 2, nil},
		{"not a delete after a lost answer", remove, lost, sparkhiretest.AfterEffect, 1, sparkhire.ErrOutcomeUnknown},

		{"not a replay, whatever happens", replay, lost, sparkhiretest.BeforeEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"not even after 429", replay, answer(429), sparkhiretest.BeforeEffect, 1, sparkhire.ErrRateLimited},
		{"not a rotation of a key, whatever happens", rotate, lost, sparkhiretest.BeforeEffect, 1, sparkhire.ErrOutcomeUnknown},
		{"nor after 429", rotate, answer(429), sparkhiretest.BeforeEffect, 1, sparkhire.ErrRateLimited},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			interview, err := o.client.Interviews.Create(t.Context(), o.invitation())
			require.NoError(t, err) // and the connection is now kept alive
			o.sim.ForgetRequests()
			o.sim.Inject(sparkhiretest.Fault{Do: c.fault, When: c.when})

			err = c.call(t.Context(), o.client, interview.UUID)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			} else if c.requests == 2 {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
			require.Len(t, o.sim.Requests(), c.requests)
		})
	}
}

func TestCreateIsSentAgainWhenNobodyAnswersTheDoor(t *testing.T) {
	t.Parallel()
	dials, sent := 0, 0
	client, err := sparkhire.New(key, sparkhire.WithBackoff(time.Nanosecond, time.Nanosecond), sparkhire.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if dials++; dials < 3 {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}
			}
			sent++
			return nil, io.ErrUnexpectedEOF
		}),
	}))
	require.NoError(t, err)
	_, err = client.Interviews.Create(t.Context(), lena())
	matches(t, err, sparkhire.ErrUnavailable, sparkhire.ErrOutcomeUnknown)
	require.Equal(t, []int{3, 1}, []int{dials, sent})
}

func TestCreateWithAnEndedContext(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := o.client.Interviews.Create(ctx, o.invitation())
	matches(t, err, sparkhire.ErrNotSent)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, o.sim.Requests())
}

func TestCreateThatIsCanceledOnTheWayIsUnknown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	held := o.sim.Inject(sparkhiretest.Fault{Method: "POST", Path: "/interviews", Do: sparkhiretest.Hold()})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { result <- only(o.client.Interviews.Create(ctx, o.invitation())) }()
	require.NoError(t, held.Wait(t.Context(), 1))
	cancel()
	err := <-result
	matches(t, err, sparkhire.ErrOutcomeUnknown)
	require.ErrorIs(t, err, context.Canceled)
}

// The standard limiter keeps the client within the vendor's budget, here in virtual time: more calls
// than a minute allows, from several goroutines, and not one of them refused.
func TestClientKeepsWithinTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := sparkhiretest.NewUnstartedServer()
		defer sim.Close()
		ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
		client, err := sparkhire.New(ana.Key, sparkhire.WithBaseURL(sim.V1URL()), sparkhire.WithHTTPClient(sim.Client()))
		require.NoError(t, err)
		start, errs := time.Now(), make(chan error)
		for range 4 {
			go func() {
				var err error
				for range 250 {
					err = errors.Join(err, only(client.Me.Get(t.Context())))
				}
				errs <- err
			}()
		}
		for range 4 {
			require.NoError(t, <-errs)
		}
		require.Zero(t, sim.RateLimited())
		require.GreaterOrEqual(t, time.Since(start), 2*time.Minute)
		require.Less(t, time.Since(start), 2*time.Minute+time.Second)
	})
}

func TestClientSitsThroughTheServersWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := sparkhiretest.NewUnstartedServer()
		defer sim.Close()
		ana := sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "ana.ruiz@northwind.example"})
		client, err := sparkhire.New(ana.Key, sparkhire.WithBaseURL(sim.V1URL()), sparkhire.WithHTTPClient(sim.Client()))
		require.NoError(t, err)
		sim.Inject(sparkhiretest.Fault{Do: sparkhiretest.TooManyRequests(17)})
		start := time.Now()
		_, err = client.Jobs.Create(t.Context(), &sparkhire.CreateJobRequest{Title: "Cook", Address: "Waco, TX, USA"})
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(start), 17*time.Second)
		require.Len(t, sim.Jobs(), 1)
	})
}
