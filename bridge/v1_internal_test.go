package bridge

import (
	"fmt"
	"net/http"
	"slices"
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

func TestACandidateWithoutAFirstNameIsInvitedAllTheSame(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ first, last, wantFirst, wantLast string }{
		"both names":      {" Mira ", "Falk", "Mira", "Falk"},
		"one name":        {"Mira", " ", "Mira", ""},
		"a last name":     {"", "Falk", "Falk", ""},
		"no name at all ": {" ", "", "mira@mail.example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := v1{}.createRequest(invitation{FirstName: tc.first, LastName: tc.last, Email: "mira@mail.example"}).Candidate
			require.Equal(t, sparkhire.Candidate{FirstName: tc.wantFirst, LastName: tc.wantLast, Email: "mira@mail.example"}, got)
		})
	}
}

func TestWhoWasInvitedIsReadInAnySpelling(t *testing.T) {
	t.Parallel()
	attempt := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	wanted := invitation{Type: ats.OneWay, JobID: "j1", Email: "mira.falk@mail.example"}
	const when = `"type":"one_way","created_at":"2026-03-02T10:00:01+00:00","updated_at":"2026-03-02T10:00:01+00:00"`
	for name, tc := range map[string]struct {
		interview       string
		found, nameless bool
	}{
		"as observed":                         {`"assigned_to":{"email":"Mira.Falk@mail.example"},"job_post":{"uuid":"j1"}`, true, false},
		"in the words of the request":         {`"candidate_email":"Mira.Falk@mail.example","job_uuid":"j1"`, true, false},
		"somebody else":                       {`"candidate_email":"ole@mail.example","job_uuid":"j1"`, false, false},
		"another job":                         {`"candidate_email":"mira.falk@mail.example","job_uuid":"j2"`, false, false},
		"another job, whoever it is":          {`"job_post":{"title":"Nurse"},"job_uuid":"j2"`, false, false},
		"nobody is named":                     {`"job_uuid":"j1"`, true, true},
		"a person without an address":         {`"assigned_to":{"name":"Mira Falk"}`, true, true},
		"a person with it in the other words": {`"assigned_to":{"name":"Mira Falk"},"candidate_email":"mira.falk@mail.example"`, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := httpmock.NewMockTransport()
			transport.RegisterResponder(http.MethodGet, `=~/interviews\?`, httpmock.NewStringResponder(http.StatusOK, `[{"uuid":"i1",`+when+`,`+tc.interview+`}]`))
			client, err := sparkhire.New("key", sparkhire.WithBaseURL("https://spark.example/v1.0"), sparkhire.WithHTTPClient(&http.Client{Transport: transport}))
			require.NoError(t, err)
			found, whole, err := v1{client: client, now: time.Now}.Find(t.Context(), wanted, attempt.Add(-skew))
			require.NoError(t, err)
			require.True(t, whole)
			if !tc.found {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, tc.nameless, found[0].Nameless)
		})
	}
}

func TestJobsAreOfferedUnlessTheyAreClosed(t *testing.T) {
	t.Parallel()
	transport := httpmock.NewMockTransport()
	var jobs []string
	for _, status := range []string{`"Active"`, `"open"`, `"published"`, `""`, `null`, `1`, `true`, `"Inactive"`, `"closed"`, `"draft"`, `"archived"`, `0`, `false`} {
		jobs = append(jobs, fmt.Sprintf(`{"uuid":"j%d","title":%q,"status":%s}`, len(jobs), strings.Trim(status, `"`), status))
	}
	transport.RegisterResponder(http.MethodGet, `=~range=1-`, httpmock.NewStringResponder(http.StatusOK, "["+strings.Join(jobs, ",")+"]"))
	transport.RegisterResponder(http.MethodGet, `=~/jobs`, httpmock.NewStringResponder(http.StatusOK, "[]"))
	client, err := sparkhire.New("key", sparkhire.WithBaseURL("https://spark.example/v1.0"), sparkhire.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	options, err := v1{client: client, now: time.Now}.Jobs(t.Context())
	require.NoError(t, err)
	var labels []string
	for _, o := range options {
		labels = append(labels, o.Label)
	}
	require.Equal(t, []string{"Active", "open", "published", "", "null", "1", "true"}, labels)
}

func TestStatusesMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]phase{
		"": phaseOpen, "pending": phaseOpen, "created": phaseOpen, "rescheduled": phaseOpen, "reset": phaseOpen, "2": phaseOpen, "archived": phaseOpen,
		"accepted": phaseAccepted, "in_progress": phaseAccepted, "In progress": phaseAccepted,
		"rated": phaseCompleted, "expired": phaseExpired, "canceled": phaseCanceled, " Cancelled ": phaseCanceled, //nolint:misspell // either spelling may come
	} {
		require.Equal(t, want, phaseOf(status, false), "%q", status)
		require.Equal(t, phaseCompleted, phaseOf(status, true), "%q", status)
	}
}

func TestALongListInNoOrderProvesNothing(t *testing.T) {
	t.Parallel()
	attempt := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s, _ := newV1(t, others(maxFound+100, attempt))
	_, _, err := s.Find(t.Context(), invitation{Type: ats.Live, JobID: "j1", Email: "mira.falk@mail.example"}, attempt.Add(-skew))
	require.True(t, isVendorError(err), "%v", err) // so that a person is asked
}

// A search that could never end within a budget asks a person, too.
func TestAListThatIsTooLongToReadProvesNothing(t *testing.T) {
	t.Parallel()
	attempt := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	list := others(mostRead+100, attempt.Add(10000*time.Minute))
	slices.Reverse(list)
	s, transport := newV1(t, list)
	_, _, err := s.Find(t.Context(), invitation{Type: ats.Live, JobID: "j1", Email: "mira.falk@mail.example"}, attempt.Add(-skew))
	require.True(t, isVendorError(err), "%v", err)
	require.Less(t, transport.GetTotalCallCount(), 400)
}
