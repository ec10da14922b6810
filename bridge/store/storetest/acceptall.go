package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func acceptAllTests() []test {
	return []test{
		{"requests in one call are answered in their order", acceptAllOrder},
		{"a key that comes twice in one call is one interview", acceptAllRepeats},
		{"the first of a key in one call is the one that is stored", acceptAllFirstOfKey},
		{"a request in one call blocks a later one of its scope", acceptAllScopes},
		{"a bad request in one call fails it, and nothing is stored", acceptAllBad},
		{"no requests are no answers", acceptAllNone},
	}
}

// acceptAll stores the requests in one call.
func acceptAll(t *testing.T, s store.Store, as []store.Acceptance) (out []store.Accepted, err error) {
	t.Helper()
	err = s.InTx(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		out, err = tx.AcceptAll(ctx, as)
		return err
	})
	return out, err
}

// many returns more requests than one message to a server may have, from last to
// first.
func many() []store.Acceptance {
	var as []store.Acceptance
	for n := 700; n > 0; n-- {
		as = append(as, acceptance(n))
	}
	return as
}

func acceptAllOrder(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	first := accept(t, s, []int{350}, nil)[0]
	as := many()
	out, err := acceptAll(t, s, as)
	require.NoError(t, err)
	require.Len(t, out, len(as))
	for n, a := range as {
		require.Equal(t, a.Interview.ID, out[n].Interview.ID)
		require.Equal(t, a.Interview.ID == first.ID, out[n].Repeated)
		require.False(t, out[n].Blocked)
	}
	for _, n := range []int{0, 350, 699} {
		stored, err := s.GetInterview(t.Context(), as[n].Interview.ID)
		require.NoError(t, err)
		require.Equal(t, stored, out[n].Interview)
		events, err := s.Events(t.Context(), stored.ID)
		require.NoError(t, err)
		require.Len(t, events, 1)
	}
}

func acceptAllRepeats(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	as := []store.Acceptance{acceptance(1), acceptance(2), acceptance(3), acceptance(4)}
	as[2].Interview.RequestKey = as[0].Interview.RequestKey
	as[3].Interview.RequestKey = as[0].Interview.RequestKey // of another connection
	as[3].Interview.ConnectionID, as[3].Interview.Tenant = "c2", tenant("c2")
	out, err := acceptAll(t, s, as)
	require.NoError(t, err)
	for n, want := range []store.Accepted{
		{Interview: as[0].Interview},
		{Interview: as[1].Interview},
		{Interview: as[0].Interview, Repeated: true},
		{Interview: as[3].Interview},
	} {
		require.Equal(t, want, out[n], n)
	}
	_, err = s.GetInterview(t.Context(), as[2].Interview.ID)
	require.ErrorIs(t, err, ats.ErrNotFound)
}

// The first of a key wins, whichever of them is quicker to store.
func acceptAllFirstOfKey(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	as := []store.Acceptance{acceptance(1), acceptance(2), acceptance(3), acceptance(4), acceptance(5)}
	as[0].DeclinePending = true
	as[1].Interview.RequestKey = as[0].Interview.RequestKey // nothing to look for
	as[3].Interview.ScopeKey = as[2].Interview.ScopeKey
	as[4].Interview.RequestKey = as[3].Interview.RequestKey // another scope
	out, err := acceptAll(t, s, as)
	require.NoError(t, err)
	for n, want := range []store.Accepted{
		{Interview: as[0].Interview},
		{Interview: as[0].Interview, Repeated: true},
		{Interview: as[2].Interview},
		{Interview: as[3].Interview},
		{Interview: as[3].Interview, Repeated: true},
	} {
		require.Equal(t, want, out[n], n)
	}
}

func acceptAllScopes(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	as := []store.Acceptance{acceptance(1), acceptance(2), acceptance(3), acceptance(4)}
	for n := range as {
		as[n].Interview.ScopeKey = "same"
	}
	as[1].DeclinePending = true
	as[2].NoticePending = &ats.Reason{Code: "already_pending", Message: "There is another one."}
	as[2].Interview.Notice = nil
	as[3].DeclineCompleted = true // none is
	out, err := acceptAll(t, s, as)
	require.NoError(t, err)
	require.Equal(t, store.Accepted{Interview: as[0].Interview}, out[0])
	require.Equal(t, store.Accepted{Interview: as[0].Interview, Blocked: true}, out[1])
	require.Equal(t, as[2].Interview.ID, out[2].Interview.ID)
	require.Equal(t, as[2].NoticePending, out[2].Interview.Notice)
	require.Equal(t, store.Accepted{Interview: as[3].Interview}, out[3])
	_, err = s.GetInterview(t.Context(), as[1].Interview.ID)
	require.ErrorIs(t, err, ats.ErrNotFound)
}

func acceptAllBad(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	for name, tc := range map[string]struct {
		spoil func(i *store.Interview)
		want  error
	}{
		"no key":             {func(i *store.Interview) { i.RequestKey = "" }, ats.ErrInvalid},
		"no id":              {func(i *store.Interview) { i.ID = "" }, ats.ErrInvalid},
		"unknown connection": {func(i *store.Interview) { i.ConnectionID = "unknown" }, ats.ErrNotFound},
		"an id in use":       {func(i *store.Interview) { i.ID = interview(1).ID }, ats.ErrConflict},
	} {
		as := []store.Acceptance{acceptance(1), acceptance(2), acceptance(3)}
		tc.spoil(&as[1].Interview)
		_, err := acceptAll(t, s, as)
		require.ErrorIs(t, err, tc.want, name)
		for _, n := range []int{0, 2} {
			_, err := s.GetInterview(t.Context(), as[n].Interview.ID)
			require.ErrorIs(t, err, ats.ErrNotFound, name)
		}
	}
}

func acceptAllNone(t *testing.T, s store.Store) {
	out, err := acceptAll(t, s, nil)
	require.NoError(t, err)
	require.Empty(t, out)
}
