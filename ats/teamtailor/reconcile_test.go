package teamtailor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

func (w *world) reconcile() {
	w.t.Helper()
	require.NoError(w.t, w.adapter.Reconcile(w.t.Context(), w.inbox))
}

func TestReconcileConnectsWhoIsListed(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]teamtailortest.Option{
		"with the form in the list":     nil,
		"with the token in the list":    {teamtailortest.WithPlaintext(teamtailortest.PlaintextProviderKey)},
		"with a 256-bit key":            {teamtailortest.WithEncryption(teamtailortest.A256GCM)},
		"with a 256-bit key, otherwise": {teamtailortest.WithEncryption(teamtailortest.A256GCMDigest)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{vendor: opts})
			w.reconcile()
			c := w.connection()
			require.True(t, c.Connected)
			require.Equal(t, "Example Care AB", c.Name)
			require.Len(t, c.Users, 2)

			w.clock.advance(time.Hour)
			w.reconcile()
			require.Equal(t, c.UpdatedAt, w.connection().UpdatedAt, "nothing has changed")

			// A trigger brings the key in another packing; that settles once.
			w.accepted(w.runTrigger(w.candidate(), oneWay()))
			settled := w.connection().CredentialDigest
			for range 2 {
				w.clock.advance(time.Hour)
				w.reconcile()
				w.accepted(w.runTrigger(w.candidate(), oneWay()))
				require.Equal(t, settled, w.connection().CredentialDigest)
			}

			require.NoError(t, w.active.Save(t.Context(), teamtailortest.Values{"apiKeys": "Organization: " + orgKey + "\nBo Ek: " + boKey}))
			w.clock.advance(time.Hour)
			w.reconcile()
			require.Len(t, w.connection().Users, 1, "changed keys are taken over without a trigger")
			w.discreet()
		})
	}
}

func TestReconcileDisconnectsWhoIsMissingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.reconcile()
	w.active.Deactivate()
	w.reconcile()
	require.True(t, w.connection().Connected, "once may be an accident")
	w.reconcile()
	require.False(t, w.connection().Connected)

	// Installed again, it comes back: by itself, or with its first trigger.
	var err error
	w.active, err = w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": apiKeys})
	require.NoError(t, err)
	w.reconcile()
	require.True(t, w.connection().Connected)

	w.active.Deactivate()
	w.reconcile()
	w.reconcile()
	require.False(t, w.connection().Connected)
	w.active, err = w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": apiKeys})
	require.NoError(t, err)
	restarted := w.restart()
	w.accepted(restarted.runTrigger(w.candidate(), oneWay()))
	require.True(t, w.connection().Connected, "although the process that saw it leave is gone")
}

// restart replaces the adapter behind the same URL by one without a memory.
func (w *world) restart() *world {
	w.t.Helper()
	adapter, err := teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "partner-api-key"},
		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "webhook-secret"},
		APIURLs:        []string{w.tt.URL}, Clock: w.clock.Now,
	})
	require.NoError(w.t, err)
	w.adapter = adapter
	w.inbox.Use(adapter)
	w.swap(http.StripPrefix("/teamtailor", adapter.Handler(w.inbox)))
	return w
}

// A list that never named a company tells nothing about it: the list may be another
// registration's, or empty.
func TestReconcileLeavesWhoWasNeverListedAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	w.active.Deactivate()
	for range 3 {
		w.reconcile()
	}
	require.True(t, w.connection().Connected)

	var err error
	w.active, err = w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": apiKeys})
	require.NoError(t, err)
	w.reconcile()
	w.active.Deactivate()
	w.restart()
	w.reconcile()
	require.True(t, w.connection().Connected, "once may be an accident")
	w.reconcile()
	require.False(t, w.connection().Connected, "it was listed, although by another process")
}

func TestReconcileForgetsOneAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.reconcile()
	for range 3 {
		w.active.Deactivate()
		w.reconcile()
		var err error
		w.active, err = w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": apiKeys})
		require.NoError(t, err)
		w.reconcile()
		require.True(t, w.connection().Connected)
	}
}

func TestReconcileLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{absent: true})
	_, err := w.inbox.Connect(t.Context(), ats.Activation{Tenant: w.tenant(), Name: "Made by hand"})
	require.NoError(t, err)
	for range 3 {
		w.reconcile()
	}
	require.True(t, w.connection().Connected, "no activation made this connection, so none is missed")
}

func TestReconcileDuringAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.MaxAttempts = 1 }})
	w.reconcile()
	w.active.Deactivate()
	for _, status := range []int{http.StatusInternalServerError, http.StatusUnauthorized, http.StatusTooManyRequests} {
		in := w.tt.Inject(teamtailortest.Fault{Kind: teamtailortest.FaultStatus, Status: status, Times: -1})
		for range 3 {
			require.Error(t, w.adapter.Reconcile(t.Context(), w.inbox))
		}
		in.Remove()
		require.True(t, w.connection().Connected)
	}
}

func TestReconcileSeveralStacks(t *testing.T) {
	t.Parallel()
	other := teamtailortest.NewServer()
	t.Cleanup(other.Close)
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.APIURLs = append(c.APIURLs, other.URL) }})
	w.reconcile() // the other stack does not know the key, and nobody lives there
	require.True(t, w.connection().Connected)
	w.active.Deactivate()
	w.reconcile()
	w.reconcile()
	require.False(t, w.connection().Connected, "the list of the company's own stack decides")
}

func TestReconcileWithoutReadableKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	require.NoError(t, w.active.Save(t.Context(), teamtailortest.Values{"apiKeys": "nonsense"}))
	w.reconcile()
	_, err := w.inbox.Connection(t.Context(), w.tenant())
	require.ErrorIs(t, err, ats.ErrNotFound)
	require.Contains(t, w.log.String(), "activation without readable Spark Hire keys")

	// A webhook secret that does not decrypt is an operator's problem.
	w = newWorld(t, setup{config: func(c *teamtailor.Config) {
		c.WebhookSecrets = map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: "another-secret"}
	}})
	require.ErrorContains(t, w.adapter.Reconcile(t.Context(), w.inbox), "no configured secret matches")
}

func TestLostResultsFailAfterAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.FailLostResults = true }})
	known := w.candidate()
	w.accepted(w.runTrigger(known, oneWay()))
	lost := w.candidate()
	w.runTrigger(lost, oneWay(), teamtailortest.Lost())
	gone := w.candidate()
	w.runTrigger(gone, oneWay(), teamtailortest.Lost())

	w.reconcile()
	w.clock.advance(time.Hour - time.Second)
	w.reconcile()
	require.Equal(t, "sending", w.card(lost).Status, "not an hour yet")
	gone.Destroy()
	w.clock.advance(time.Second)
	w.reconcile()
	require.Equal(t, "failed", w.card(lost).Status)
	require.Contains(t, w.card(lost).Summary, "run the trigger again")
	require.Equal(t, "sending", w.card(known).Status, "whom we know is waited for")
	w.reconcile()
	require.Equal(t, "sending", w.card(known).Status)
}

func TestLostResultsAreLeftAloneByDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	lost := w.candidate()
	w.runTrigger(lost, oneWay(), teamtailortest.Lost())
	for range 3 {
		w.clock.advance(time.Hour)
		w.reconcile()
	}
	require.Equal(t, "sending", w.card(lost).Status)
	for _, r := range w.tt.Requests() {
		require.NotContains(t, r.Path, "partner-results", "nor are results listed")
	}
}

func TestCompaniesWithTheSameKeysAreNotMixedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	twin := w.tt.AddCompany(teamtailortest.CompanyConfig{UUID: "An0ther"})
	_, err := w.partner.Install(t.Context(), twin, teamtailortest.Values{"apiKeys": apiKeys + "\nEva Ny: " + boKey})
	require.NoError(t, err)
	w.reconcile()
	w.partner.SetEventSetup(teamtailortest.EventSetup{URL: w.url + "/events", Events: []string{"candidate.destroy"}})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	require.NoError(t, w.active.Save(t.Context(), teamtailortest.Values{"apiKeys": apiKeys + "\nEva Ny: " + boKey}))
	mira.Destroy()
	w.wait()
	got, err := w.inbox.Interview(iv.ID)
	require.NoError(t, err)
	require.NotEmpty(t, got.Candidate.Email, "whose candidate it is cannot be told, so nobody is erased")
	require.Contains(t, w.log.String(), "not known by its key")
}
