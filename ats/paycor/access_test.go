package paycor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
)

func beside(c *paycor.Config) { c.Host = nil }

func TestTheHostTellsWhoActs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.NoError(t, err)
	require.Equal(t, ats.User{ID: recruiter, Name: "Tove Lindqvist", Email: "t.lindqvist@harborlane.example", Admin: true}, u)
	for _, forged := range []string{"", "  ", "forged"} {
		_, err = w.adapter.Actor(t.Context(), w.conn(), forged)
		require.ErrorIs(t, err, ats.ErrUnauthorized)
		require.ErrorIs(t, err, paycor.ErrUnknownActor)
	}
	require.Equal(t, []string{"Actor", "Actor"}, w.host.calls, "nobody is asked about an empty credential")

	w = newWorld(t, beside)
	_, err = w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.ErrorIs(t, err, ats.ErrUnsupported)
}

func TestTheHostDecidesWhoMayView(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := ats.CandidateRef{Tenant: w.tenant, ID: candidate, JobID: jobID}
	for name, c := range map[string]struct {
		user ats.User
		ref  ats.CandidateRef
	}{
		"nobody":                        {ats.User{}, ref},
		"a user who cannot be Paycor's": {ats.User{ID: "tove"}, ref},
		"a number with a sign":          {ats.User{ID: "+910233"}, ref},
		"a number too large":            {ats.User{ID: "2147483648"}, ref},
		"no candidate":                  {ats.User{ID: recruiter}, ats.CandidateRef{Tenant: w.tenant}},
		"another company's candidate":   {ats.User{ID: recruiter}, ats.CandidateRef{Tenant: ats.TenantRef{Adapter: "paycor", Tenant: "1/x"}, ID: candidate}},
	} {
		may, err := w.adapter.MayView(t.Context(), w.conn(), c.user, c.ref)
		require.NoError(t, err, name)
		require.False(t, may, name)
	}
	may, err := w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: recruiter}, ats.CandidateRef{Tenant: w.tenant, ID: candidate})
	require.ErrorIs(t, err, ats.ErrUnsupported, "a candidate record belongs to a job")
	require.False(t, may)
	require.Empty(t, w.host.calls)

	w.host.fail("MayView", errors.New("down"))
	may, err = w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: recruiter}, ref)
	require.Error(t, err)
	require.False(t, may, "an outage opens nothing")
	err = w.adapter.Check(t.Context(), w.conn(), w.request("k"))
	require.Error(t, err)
	_, isRefusal := ats.AsRefusal(err)
	require.False(t, isRefusal, "an outage is no refusal")

	w.host.fail("MayView", fmt.Errorf("candidate: %w", ats.ErrNotFound))
	may, err = w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: recruiter}, ref)
	require.NoError(t, err)
	require.False(t, may)
}

func TestBesidePaycorLinkedUsersAndAdministratorsMayView(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beside)
	ref := ats.CandidateRef{Tenant: w.tenant, ID: candidate}
	for name, c := range map[string]struct {
		user ats.User
		want bool
	}{
		"a linked user":                    {ats.User{ID: recruiter}, true},
		"an administrator without a key":   {ats.User{ID: "777", Admin: true}, true},
		"a user who was added, not linked": {ats.User{ID: "910234"}, false},
		"a user who claims to be linked":   {ats.User{ID: "777", Linked: true}, false},
		"nobody":                           {ats.User{}, false},
	} {
		may, err := w.adapter.MayView(t.Context(), w.conn(), c.user, ref)
		require.NoError(t, err, name)
		require.Equal(t, c.want, may, name)
	}
	require.NoError(t, w.adapter.Check(t.Context(), w.conn(), w.request("k")))
}

func TestBesidePaycorNothingIsPretended(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beside)
	iv := w.asked("k")
	w.records(iv, ats.EventSent, func(i *ats.Interview) { i.State = ats.StateSent })
	r, err := w.inbox.Report(iv.ID)
	require.NoError(t, err)
	err = w.adapter.Publish(t.Context(), w.conn(), r)
	require.ErrorIs(t, err, ats.ErrHostCannot)
	require.ErrorContains(t, err, "recorded here, not in Paycor")
}

func TestAConnectionsOwnHostGetsNoTokenButItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beside, func(c *paycor.Config) {
		c.HostURL, c.HostToken = "https://recruiting.example", "deployment-token"
	})
	w.settings(`{"feature_enabled": true, "host_url": "https://elsewhere.example"}`)
	_, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.ErrorIs(t, err, ats.ErrUnauthorized, "a report waits until it is mended")
	require.ErrorContains(t, err, "host_token")
	refusal, ok := ats.AsRefusal(err)
	require.True(t, ok)
	require.Equal(t, []string{string(paycor.CodeSettingRequired), "settings.host_token"}, []string{string(refusal.Code), refusal.Field})
}

func TestWhatAnEndedContextStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	iv := w.asked("k")
	r, err := w.inbox.Report(iv.ID)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.adapter.Publish(ctx, w.conn(), r), context.Canceled)
	_, err = w.adapter.Actor(ctx, w.conn(), "tove-session")
	require.ErrorIs(t, err, context.Canceled)
	_, err = w.adapter.MayView(ctx, w.conn(), ats.User{ID: recruiter}, ats.CandidateRef{ID: candidate})
	require.ErrorIs(t, err, context.Canceled)
	require.Error(t, w.adapter.Check(ctx, w.conn(), w.request("other")))
}
