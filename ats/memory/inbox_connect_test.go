package memory_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func TestConnectTellsWhatWasActivated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	require.Equal(t, "Acme", w.conn.Name)
	require.True(t, w.conn.Enabled)
	require.True(t, w.conn.Connected)
	require.Equal(t, "digest-1", w.conn.CredentialDigest)
	require.Equal(t, []ats.User{
		{ID: "tove", Name: "Tove Lindqvist", Email: "tove@acme.example", Linked: true, KeyHint: "…ve"},
		{ID: "abel", Name: "Abel Ferreira", Linked: true, KeyHint: "…el"},
	}, w.conn.Users)
	require.NotContains(t, fmt.Sprintf("%+v %#v", w.conn, w.conn.Users), "key-of-tove")
}

func TestConnectingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.now = w.now.Add(time.Hour)
	require.Equal(t, w.conn, w.connect(t, w.activation()))
}

func TestConnectUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	started := w.submit(t, w.request("key-1"))
	w.now = w.now.Add(time.Hour)
	a := w.activation()
	a.Name, a.TimeZone, a.CredentialDigest = "Acme Inc", "", "digest-2"
	a.Users = []ats.LinkedUser{{ID: "abel", Name: "Abel Ferreira", Key: "a new key of abel's"}}
	a.Secrets = map[string]ats.Secret{"refresh_token": "", "api_token": "second"}
	c := w.connect(t, a)
	require.Equal(t, w.conn.ID, c.ID)
	require.Equal(t, "Acme Inc", c.Name)
	require.Equal(t, "America/Chicago", c.TimeZone, "an empty zone keeps the present one")
	require.Equal(t, w.now, c.UpdatedAt)
	require.Equal(t, w.conn.CreatedAt, c.CreatedAt)
	_, err := w.inbox.Submit(t.Context(), w.request("key-2"))
	refused(t, err, ats.CodeUserNotLinked)
	_, err = c.Secrets.Get(t.Context(), "refresh_token")
	require.ErrorIs(t, err, ats.ErrNotFound)
	secret, err := c.Secrets.Get(t.Context(), "api_token")
	require.NoError(t, err)
	require.Equal(t, "second", secret.Reveal())

	iv, err := w.inbox.Interview(started.ID)
	require.NoError(t, err)
	require.Equal(t, "tove", iv.RequestedFor.ID, "what a user started goes on")
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, err := w.inbox.Connect(t.Context(), ats.Activation{Tenant: ats.TenantRef{Adapter: "memory", Tenant: "new"}})
	refused(t, err, ats.CodeTimeZoneRequired)
	_, err = w.inbox.Connect(t.Context(), ats.Activation{Tenant: ats.TenantRef{Adapter: "memory", Tenant: "new"}, TimeZone: "Mars/Olympus"})
	refused(t, err, ats.CodeTimeZoneUnknown)
	_, err = w.inbox.Connect(t.Context(), ats.Activation{Tenant: ats.TenantRef{Adapter: "memory"}, TimeZone: "UTC"})
	require.ErrorIs(t, err, ats.ErrInvalid)
	_, err = w.inbox.Connect(t.Context(), ats.Activation{Tenant: ats.TenantRef{Adapter: "other", Tenant: "new"}, TimeZone: "UTC"})
	require.ErrorIs(t, err, ats.ErrNotFound)
	all, err := w.inbox.Connections(t.Context(), "memory")
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func TestATimeZoneIsNeededOnlyWhereThePolicyNeedsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *ats.Policy) { p.TimeZone = ats.Optional })
	c := w.connect(t, ats.Activation{Tenant: w.adapter.Account("bakery").Tenant()})
	require.Empty(t, c.TimeZone)
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	iv := w.submit(t, w.request("key-1"))
	for range 2 {
		require.NoError(t, w.inbox.Disconnect(t.Context(), w.conn.Tenant))
	}
	require.NoError(t, w.inbox.Disconnect(t.Context(), ats.TenantRef{Adapter: "memory", Tenant: "nobody"}))

	c, err := w.inbox.Connection(t.Context(), w.conn.Tenant)
	require.NoError(t, err, "a connection that is not active is found all the same")
	require.False(t, c.Connected)
	_, err = c.Secrets.Get(t.Context(), "refresh_token")
	require.ErrorIs(t, err, ats.ErrNotFound)
	_, err = w.inbox.Submit(t.Context(), w.request("key-2"))
	refused(t, err, ats.CodeConnectionDisconnected)
	_, err = w.inbox.ConnectionByCredential(t.Context(), "memory", "digest-1")
	require.ErrorIs(t, err, ats.ErrNotFound)
	all, err := w.inbox.Connections(t.Context(), "memory")
	require.NoError(t, err)
	require.Empty(t, all)
	require.NotNil(t, all)

	require.Equal(t, iv.ID, w.submit(t, ats.Request{Tenant: w.conn.Tenant, Key: "key-1"}).ID, "what was accepted stays accepted")
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID), "and is reported")
	require.Len(t, w.adapter.Reports(), 1)

	require.Equal(t, c.ID, w.connect(t, w.activation()).ID, "who returns is the same tenant")
	w.submit(t, w.request("key-3"))
}

func TestFindingConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	bakery := w.activation()
	bakery.Tenant, bakery.CredentialDigest = w.adapter.Account("bakery").Tenant(), "digest-2"
	second := w.connect(t, bakery)

	for digest, want := range map[string]string{"digest-1": w.conn.ID, "digest-2": second.ID} {
		c, err := w.inbox.ConnectionByCredential(t.Context(), "memory", digest)
		require.NoError(t, err)
		require.Equal(t, want, c.ID)
	}
	for _, other := range [][2]string{{"memory", "digest-3"}, {"memory", ""}, {"other", "digest-1"}} {
		_, err := w.inbox.ConnectionByCredential(t.Context(), other[0], other[1])
		require.ErrorIs(t, err, ats.ErrNotFound)
		require.NotContains(t, err.Error(), "digest")
	}
	all, err := w.inbox.Connections(t.Context(), "memory")
	require.NoError(t, err)
	require.Equal(t, []string{w.conn.ID, second.ID}, []string{all[0].ID, all[1].ID}, "oldest first")
	_, err = w.inbox.Connection(t.Context(), ats.TenantRef{Adapter: "memory", Tenant: "nobody"})
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func TestSettingsAreCheckedByTheAdapter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	require.NoError(t, w.inbox.SetSettings(w.conn.Tenant, json.RawMessage(`{"hide_score":true}`)))
	require.ErrorContains(t, w.inbox.SetSettings(w.conn.Tenant, json.RawMessage(`{"shout":true}`)), "settings.shout")
	c, err := w.inbox.Connection(t.Context(), w.conn.Tenant)
	require.NoError(t, err)
	require.JSONEq(t, `{"hide_score":true}`, string(c.Settings))
	require.ErrorIs(t, w.inbox.SetSettings(ats.TenantRef{Adapter: "memory", Tenant: "nobody"}, nil), ats.ErrNotFound)
}

func TestSecretsAreReplacedByWhoKnowsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	store := w.conn.Secrets
	for _, c := range []struct {
		name, old, next string
		want            error
	}{
		{"refresh_token", "first", "second", nil},
		{"refresh_token", "first", "third", ats.ErrConflict},
		{"refresh_token", "", "third", ats.ErrConflict},
		{"refresh_token", "second", "", nil},
		{"refresh_token", "second", "third", ats.ErrConflict},
		{"refresh_token", "", "fourth", nil},
		{"api_token", "", "first", nil},
	} {
		require.ErrorIs(t, store.CompareAndSwap(t.Context(), c.name, ats.Secret(c.old), ats.Secret(c.next)), c.want)
	}
	for name, want := range map[string]string{"refresh_token": "fourth", "api_token": "first"} {
		got, err := store.Get(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, want, got.Reveal())
	}
	_, err := store.Get(t.Context(), "unknown")
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func TestOneOfManyReplacesASecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()
	var won, lost atomic.Int32
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			if w.conn.Secrets.CompareAndSwap(ctx, "refresh_token", "first", ats.Secret(fmt.Sprint(i))) == nil {
				won.Add(1)
			} else {
				lost.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, won.Load())
	require.EqualValues(t, 7, lost.Load())
}

func TestLookup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	jobs, sets := []ats.Option{{ID: "s1", Label: "Nurse"}}, []ats.Option{{ID: "q1", Label: "Nursing"}}
	w.inbox.AddSparkHireUser("key-of-tove", memory.SparkHireUser{Name: "Tove", Jobs: jobs, QuestionSets: sets})
	lookup := w.inbox.Lookup()

	name, err := lookup.CheckKey(t.Context(), "key-of-tove")
	require.NoError(t, err)
	require.Equal(t, "Tove", name)
	got, err := lookup.Jobs(t.Context(), "key-of-tove")
	require.NoError(t, err)
	require.Equal(t, jobs, got)
	got, err = lookup.QuestionSets(t.Context(), "key-of-tove")
	require.NoError(t, err)
	require.Equal(t, sets, got)

	_, err = lookup.CheckKey(t.Context(), "key-of-nobody")
	require.ErrorIs(t, err, ats.ErrUnauthorized)
	require.NotContains(t, err.Error(), "key-of-nobody")
	w.inbox.FailNext(1, ats.ErrUnavailable)
	_, err = lookup.Jobs(t.Context(), "key-of-tove")
	require.ErrorIs(t, err, ats.ErrUnavailable)
}
