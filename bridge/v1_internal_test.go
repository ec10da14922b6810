package bridge

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire"
)

// listed is one interview of a list.
type listed struct {
	id, email string
	at        time.Time
}

// newV1 returns the dialect over a server that answers GET /interviews with all,
// in pages, in the order given, whatever order was asked for.
func newV1(t *testing.T, all []listed) (v1, *httpmock.MockTransport) {
	t.Helper()
	transport := httpmock.NewMockTransport()
	transport.RegisterResponder(http.MethodGet, `=~^https://spark\.example/v1\.0/interviews\?`, func(r *http.Request) (*http.Response, error) {
		var first, last int
		if _, err := fmt.Sscanf(r.URL.Query().Get("range"), "%d-%d", &first, &last); err != nil {
			return nil, err
		}
		var items []string
		for n := first - 1; n < min(last, len(all)); n++ {
			at := all[n].at.Format(time.RFC3339)
			items = append(items, fmt.Sprintf(`{"uuid":%q,"type":"live","status":"pending","created_at":%q,"updated_at":%q,"assigned_to":{"email":%q}}`, all[n].id, at, at, all[n].email))
		}
		return httpmock.NewStringResponse(http.StatusOK, "["+strings.Join(items, ",")+"]"), nil
	})
	client, err := sparkhire.New("key", sparkhire.WithBaseURL("https://spark.example/v1.0"),
		sparkhire.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	return v1{client: client, now: time.Now}, transport
}

// others returns n interviews of other people, a minute apart, oldest first.
func others(n int, until time.Time) []listed {
	list := make([]listed, n)
	for i := range list {
		list[i] = listed{fmt.Sprintf("other-%d", i), "somebody@mail.example", until.Add(-time.Duration(n-i) * time.Minute)}
	}
	return list
}

func TestLookingForAnInterviewNeverTrustsAnOrder(t *testing.T) {
	t.Parallel()
	attempt := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	ours := listed{"ours", "Mira.Falk@mail.example", attempt.Add(time.Second)}
	wanted := invitation{Type: ats.Live, JobID: "j1", Email: "mira.falk@mail.example"}
	newestFirst := func(list []listed) []listed {
		reversed := make([]listed, len(list))
		for n, l := range list {
			reversed[len(list)-1-n] = l
		}
		return reversed
	}
	for name, tc := range map[string]struct {
		list  []listed
		found []string
		pages int
	}{
		"newest first, it is on the first page":      {append([]listed{ours}, newestFirst(others(300, attempt))...), []string{"ours"}, 1},
		"newest first, it is not there":              {newestFirst(others(300, attempt.Add(-time.Hour))), nil, 1},
		"oldest first although newest was asked for": {append(others(300, attempt), ours), []string{"ours"}, 8},
		"a short list in any order":                  {append(append(others(3, attempt), ours), others(2, attempt)...), []string{"ours"}, 2},
		"an empty list":                              {nil, nil, 1},
		"one from before the attempt is not it":      {[]listed{{"before", ours.email, attempt.Add(-time.Hour)}}, nil, 2},
		"two that could be it":                       {[]listed{ours, {"too", ours.email, attempt.Add(time.Minute)}}, []string{"ours", "too"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, transport := newV1(t, tc.list)
			found, _, err := s.Find(t.Context(), wanted, attempt.Add(-skew))
			require.NoError(t, err)
			var ids []string
			for _, r := range found {
				ids = append(ids, r.ID)
			}
			require.Equal(t, tc.found, ids)
			require.Equal(t, tc.pages, transport.GetTotalCallCount(), "pages read")
		})
	}
}

func TestALongListInNoOrderProvesNothing(t *testing.T) {
	t.Parallel()
	attempt := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s, _ := newV1(t, others(maxFound+100, attempt))
	_, _, err := s.Find(t.Context(), invitation{Type: ats.Live, JobID: "j1", Email: "mira.falk@mail.example"}, attempt.Add(-skew))
	require.True(t, isVendorError(err), "%v", err) // so that a person is asked
}
