package bridge_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// moodyStore runs every transaction twice, as a database does that asks for it,
// and refuses the commit when told.
type moodyStore struct {
	store.Store
	refuse error
}

var errAgain = errors.New("again")

func (s *moodyStore) InTx(ctx context.Context, f func(ctx context.Context, tx store.Tx) error) error {
	err := s.Store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := f(ctx, tx); err != nil {
			return err
		}
		return errAgain
	})
	if !errors.Is(err, errAgain) {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		return errors.Join(f(ctx, tx), s.refuse)
	})
}

func TestHooksAreToldWhatWasCommittedAndOnce(t *testing.T) {
	t.Parallel()
	inner, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, inner.Close()) })
	moody := &moodyStore{Store: inner}
	var told []bridge.Happening
	acme := memory.New(memory.Options{Name: "acme"})
	job := acme.Account("t1").AddJob(ats.Job{ID: "j1", Title: "Nurse"})
	mira := acme.Account("t1").AddCandidate(job.ID, ats.Candidate{FirstName: "Mira", LastName: "Falk", Email: "mira@mail.example"})
	b, err := bridge.New(bridge.Config{
		Store: moody, Keys: keyring.Generate(), Adapters: []ats.Adapter{acme},
		Hooks: bridge.Hooks{Happened: func(_ context.Context, h bridge.Happening) { told = append(told, h) }},
	})
	require.NoError(t, err)
	tenant := ats.TenantRef{Adapter: "acme", Tenant: "t1"}
	_, err = b.Connect(t.Context(), ats.Activation{Tenant: tenant, Name: "Acme", TimeZone: "Europe/Stockholm", Users: []ats.LinkedUser{{ID: "asha", Key: "key-of-asha"}}})
	require.NoError(t, err)
	request := ats.Request{
		Tenant: tenant, Key: "k1", Type: ats.OneWay, Candidate: mira,
		Job: job, SparkHireJobID: "s1", QuestionSetID: "q1", RequestedFor: "asha",
	}
	var i ats.Interview
	for range 2 {
		i, err = b.Submit(t.Context(), request)
		require.NoError(t, err)
	}
	require.Equal(t, []bridge.Happening{{InterviewID: i.ID, Adapter: "acme", Kind: ats.EventRequested}}, told, "a repeated request is none")

	told, moody.refuse = nil, errors.New("disk full")
	_, err = b.Cancel(t.Context(), i.ID, ats.User{ID: "asha"})
	require.Error(t, err)
	require.Empty(t, told, "it was rolled back")
	moody.refuse = nil
	_, err = b.Cancel(t.Context(), i.ID, ats.User{ID: "asha"})
	require.NoError(t, err)
	require.Equal(t, []bridge.Happening{{InterviewID: i.ID, Adapter: "acme", Kind: ats.EventCanceled}}, told, "once, although it ran twice")

	backlogs, err := b.Backlogs(t.Context())
	require.NoError(t, err)
	require.Len(t, backlogs, 1)
	require.Equal(t, 400, backlogs[0].BudgetLeft)
	require.Zero(t, backlogs[0].Waiting)
}
