package api_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

// collect returns everything that a sequence yields.
func collect[T any](t *testing.T, items iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for item, err := range items {
		require.NoError(t, err)
		all = append(all, item)
	}
	return all
}

func TestAllPagesAreReadInBothEnvelopes(t *testing.T) {
	t.Parallel()
	for _, form := range []topechelontest.IDs{topechelontest.IDsAsObserved, topechelontest.IDsAsNumbers, topechelontest.IDsAsStrings} {
		v := newVendor(t, topechelontest.WithPageSize(2), topechelontest.WithIDs(form))
		c := v.signedIn(t, v.ana)
		for i := range 5 {
			v.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Kim", LastName: fmt.Sprintf("Example %d", i)})
			v.agency.AddHotlist(v.ana, fmt.Sprintf("List %d", i), false)
		}
		people := collect(t, c.People.All(t.Context(), api.PersonSearch{Keyword: "kim", Ascending: true}))
		require.Len(t, people, 5)
		require.Equal(t, "Kim Example 0", people[0].Name)
		require.Equal(t, 3, v.Count("POST", "/public/v1/people/search"))

		lists := collect(t, c.Hotlists.All(t.Context(), nil))
		require.Len(t, lists, 5)
		require.Equal(t, 3, v.Count("GET", "/public/v1/hotlists"))
		v.clean(t)
	}
}

func TestALoopThatBreaksAsksForNothingMore(t *testing.T) {
	t.Parallel()
	v := newVendor(t, topechelontest.WithPageSize(2))
	c := v.signedIn(t, v.ana)
	for range 5 {
		v.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Kim"})
	}
	all := c.People.All(t.Context(), api.PersonSearch{})
	const search = "/public/v1/people/search"
	require.Zero(t, v.Count("POST", search))
	for range 2 {
		for _, err := range all {
			require.NoError(t, err)
			break
		}
	}
	require.Equal(t, 2, v.Count("POST", search), "ranging again starts again")

	v.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: 403})
	errs := 0
	for p, err := range all {
		require.Zero(t, p)
		require.ErrorIs(t, err, api.ErrForbidden)
		errs++
	}
	require.Equal(t, 1, errs)
}

func TestAParsedResumeIsSearchedForUntilItAppears(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	c := v.signedIn(t, v.ana)
	v.agency.AddResume(topechelontest.PersonConfig{FirstName: "Lena", LastName: "Fox"})
	for look := 1; look <= 3; look++ {
		page, err := c.People.Search(t.Context(), api.PersonSearch{Keyword: "Lena Fox"}, 1)
		require.NoError(t, err)
		require.Equal(t, look == 3, len(page.Items) == 1)
	}
}
