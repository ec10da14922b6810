package sparkhiretest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// withJobs makes a world with n jobs called 01, 02, … beside the first, each a second after the last.
func withJobs(t *testing.T, n int, opts ...sparkhiretest.Option) *world {
	t.Helper()
	w := newWorld(t, opts...)
	for i := range n {
		w.clock.Advance(time.Second)
		w.AddJob(sparkhiretest.Job{Title: fmt.Sprintf("%02d", i+1)})
	}
	return w
}

func TestRange(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		query string
		want  []any
	}{
		"counts from one, both ends included": {"range=2-4", []any{"01", "02", "03"}},
		"one record":                          {"range=3-3", []any{"02"}},
		"past the end is short":               {"range=5-9", []any{"04", "05"}},
		"beyond the end is empty":             {"range=7-9", []any{}},
		"none gives the usual page":           {"", []any{"Ward Nurse", "01", "02"}},
		"too long is cut":                     {"range=1-6", []any{"Ward Nurse", "01", "02", "03"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withJobs(t, 5, sparkhiretest.WithPageSize(3, 4))
			require.Equal(t, tt.want, w.do(200, "GET", "/jobs?"+tt.query, nil).values("title"))
		})
	}
	for _, bad := range []string{"0-5", "5-4", "a-b", "5", "-", "1-", "-5", "1-2-3", "", "%2B1-2", "01-2", "1-99999999999999999999"} {
		t.Run("refuses "+bad, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			require.Contains(t, w.do(400, "GET", "/jobs?range="+bad, nil).reason(), "range")
		})
	}
	t.Run("the end can be told by a status", func(t *testing.T) {
		t.Parallel()
		w := withJobs(t, 1, sparkhiretest.WithPastEndStatus(http.StatusRequestedRangeNotSatisfiable))
		w.do(200, "GET", "/jobs?range=1-2", nil)
		w.do(416, "GET", "/jobs?range=3-4", nil)
		require.Empty(t, w.do(200, "GET", "/interviews?range=1-2", nil).list(), "an empty list is no error")
	})
	t.Run("a server can ignore it", func(t *testing.T) {
		t.Parallel()
		w := withJobs(t, 2, sparkhiretest.WithRangeIgnored())
		require.Len(t, w.do(200, "GET", "/jobs?range=3-3", nil).list(), 3)
	})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, title := range []string{"cook", "Baker", "Adept"} {
		w.clock.Advance(time.Second)
		w.AddJob(sparkhiretest.Job{Title: title})
	}
	w.AddJob(sparkhiretest.Job{Title: "Twin of Adept"}) // in the same second
	w.clock.Advance(time.Second)
	require.NoError(t, w.SetJobActive(w.job.ID, false))
	for query, want := range map[string][]any{
		"":                      {"Ward Nurse", "cook", "Baker", "Adept", "Twin of Adept"},
		"?orderby=title_asc":    {"Adept", "Baker", "cook", "Twin of Adept", "Ward Nurse"},
		"?orderby=title_desc":   {"Ward Nurse", "Twin of Adept", "cook", "Baker", "Adept"},
		"?orderby=created_desc": {"Twin of Adept", "Adept", "Baker", "cook", "Ward Nurse"},
		"?orderby=updated_desc": {"Ward Nurse", "Twin of Adept", "Adept", "Baker", "cook"},
		"?orderby=updated_asc":  {"cook", "Baker", "Adept", "Twin of Adept", "Ward Nurse"},
	} {
		require.Equal(t, want, w.do(200, "GET", "/jobs"+query, nil).values("title"), query)
	}
	for _, bad := range []string{"title", "title_up", "salary_asc", "_asc", "asc"} {
		require.Contains(t, w.do(400, "GET", "/jobs?orderby="+bad, nil).reason(), "orderby", bad)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.AddJob(sparkhiretest.Job{Title: "Cook"})
	w.AddJob(sparkhiretest.Job{Title: "Old", Inactive: true})
	a := w.invite("candidate_first_name", "A")
	w.invite("candidate_first_name", "B", "type", "live")
	w.invite("candidate_first_name", "C", "job_uuid", other.ID)
	require.NoError(t, w.Accept(a))

	for query, want := range map[string][]any{
		"status%5B%5D=accepted":                            {"A Fox"},
		"status%5B%5D=accepted&status%5B%5D=pending":       {"A Fox", "B Fox", "C Fox"},
		"status%5B%5D=canceled":                            {},
		"type%5B%5D=live":                                  {"B Fox"},
		"type[]=one_way&status[]=pending":                  {"C Fox"},
		"job%5Buuid%5D=" + other.ID:                        {"C Fox"},
		"job%5Buuid%5D=" + other.ID + "%2C" + w.job.ID:     {"A Fox", "B Fox", "C Fox"},
		"job%5Buuid%5D=none":                               {},
		"job[uuid]=" + w.job.ID + "&type[]=live&range=1-1": {"B Fox"},
	} {
		names := []any{}
		for _, i := range w.do(200, "GET", "/interviews?"+query, nil).list() {
			names = append(names, i["assigned_to"].(object)["name"])
		}
		require.Equal(t, want, names, query)
	}
	require.Equal(t, []any{"Old"}, w.do(200, "GET", "/jobs?status[]=inactive", nil).values("title"))
}

func TestUnknownParametersAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, target := range []string{
		"/interviews?status=completed", "/interviews?page=2", "/users?status[]=x", "/jobs?type[]=live", "/me?x=1",
		"/interviews?range=1-2&range=3-4", "/webhooks?range=1-2", "/jobs?job[uuid]=x",
	} {
		require.NotEmpty(t, w.do(400, "GET", target, nil).reason(), target)
	}
	require.Contains(t, w.do(400, "GET", "/jobs?limit=5", nil).reason(), "limit")
	require.NotEmpty(t, w.do(400, "GET", "/jobs?%zz", nil).reason())
}
