// Package storetest is the specification of [store.Store]: an implementation is
// right when [Run] passes. Its tests are the sentences of the contract's comments.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB, clock func() time.Time) store.Store {
//			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.WithClock(clock))
//			require.NoError(t, err)
//			t.Cleanup(func() { require.NoError(t, s.Close()) })
//			return s
//		})
//	}
//
// The functions whose names begin with Bench measure a store, each beside the least
// that its database can do; a benchmark of the implementation calls them.
//
// What a specification that opens one store in one process cannot see is left to
// the implementation's own tests: what survives the end of a process, how exactly
// later nudges are timed, and what a query costs.
package storetest
