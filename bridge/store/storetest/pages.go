package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func pageTests() []test {
	return []test{
		{"interviews come newest first, page by page, each once", pageInterviews},
		{"every combination of filters finds what matches", pageFilters},
		{"interviews of the same moment are on one page or the next, never both", pageSameMoment},
		{"new interviews do not disturb the pages of a list", pageStable},
		{"a page has 50 unless asked otherwise and at most 200", pageSizes},
		{"connections come oldest first, by adapter and connectedness", pageConnections},
		{"deliveries of a state come longest ago first", pageDeliveries},
		{"a cursor that the list did not make is invalid", pageCursors},
	}
}

// all follows the cursors to the end and returns the ids with the number of pages.
func all(t *testing.T, s store.Store, p store.ListInterviewsParams) (found []string, pages int) {
	t.Helper()
	for {
		is, next, err := s.ListInterviews(t.Context(), p)
		require.NoError(t, err)
		found = append(found, ids(is)...)
		pages++
		if next == "" {
			return found, pages
		}
		require.NotEmpty(t, is, "a page before the last has records")
		p.Cursor = next
	}
}

func numbered(from, to int) []int {
	var ns []int
	for n := from; n <= to; n++ {
		ns = append(ns, n)
	}
	return ns
}

func pageInterviews(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	is := accept(t, s, numbered(1, 7), nil)
	for limit, pages := range map[int]int{1: 7, 3: 3, 6: 2, 7: 1, 8: 1} {
		found, n := all(t, s, store.ListInterviewsParams{ConnectionID: "c1", Limit: limit})
		require.Equal(t, pages, n, "limit %d", limit)
		require.Len(t, found, 7)
		for n, i := range is {
			require.Equal(t, i.ID, found[len(found)-1-n])
		}
	}
	got, _, err := s.ListInterviews(t.Context(), store.ListInterviewsParams{ConnectionID: "c1", Limit: 1})
	require.NoError(t, err)
	require.Equal(t, is[6], got[0], "whole interviews are listed")
	got, next, err := s.ListInterviews(t.Context(), store.ListInterviewsParams{ConnectionID: "unknown"})
	require.NoError(t, err)
	require.Empty(t, got)
	require.Empty(t, next)
}

func pageFilters(t *testing.T, s store.Store) {
	connections, candidates := []string{"", "c1", "c2"}, []string{"", "a", "b"}
	jobs, states := []string{"", "x", "y"}, []ats.State{"", ats.StateRequested, ats.StateCompleted}
	connect(t, s, "c1", "c2")
	var numbers []int
	for n := range 16 {
		numbers = append(numbers, n)
	}
	pick := func(n, bit int) int { return 1 + n>>bit&1 }
	is := accept(t, s, append(numbers, 100), func(n int, i *store.Interview) {
		if n == 100 { // without a job
			i.Job = ats.Job{}
			return
		}
		i.ConnectionID = connections[pick(n, 0)]
		i.Candidate.ID = candidates[pick(n, 1)]
		i.Job.ID = jobs[pick(n, 2)]
		i.State = states[pick(n, 3)]
	})
	for _, connection := range connections {
		for _, candidate := range candidates {
			for _, job := range jobs {
				for _, state := range states {
					p := store.ListInterviewsParams{ConnectionID: connection, CandidateID: candidate, JobID: job, State: state, Limit: 3}
					var want []string
					for _, i := range is {
						if (connection == "" || connection == i.ConnectionID) && (candidate == "" || candidate == i.Candidate.ID) &&
							(job == "" || job == i.Job.ID) && (state == "" || state == i.State) {
							want = append([]string{i.ID}, want...)
						}
					}
					found, _ := all(t, s, p)
					require.Equal(t, want, found, "%+v", p)
				}
			}
		}
	}
}

func pageSameMoment(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, numbered(1, 5), func(_ int, i *store.Interview) { i.CreatedAt = now() })
	found, _ := all(t, s, store.ListInterviewsParams{ConnectionID: "c1", Limit: 2})
	require.ElementsMatch(t, []string{"interview-0001", "interview-0002", "interview-0003", "interview-0004", "interview-0005"}, found)
}

func pageStable(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	accept(t, s, numbered(1, 4), nil)
	p := store.ListInterviewsParams{Limit: 2}
	_, next, err := s.ListInterviews(t.Context(), p)
	require.NoError(t, err)
	accept(t, s, numbered(5, 9), nil)
	p.Cursor = next
	is, _, err := s.ListInterviews(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, []string{"interview-0002", "interview-0001"}, ids(is))
}

func pageSizes(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for n := range 201 {
			if _, err := tx.Accept(ctx, acceptance(n)); err != nil {
				return err
			}
		}
		return nil
	})
	for limit, want := range map[int]int{-1: 50, 0: 50, 199: 199, 200: 200, 201: 200, 5000: 200} {
		is, next, err := s.ListInterviews(t.Context(), store.ListInterviewsParams{Limit: limit})
		require.NoError(t, err)
		require.Len(t, is, want, "limit %d", limit)
		require.NotEmpty(t, next)
	}
}

func pageConnections(t *testing.T, s store.Store) {
	for n, id := range []string{"d", "c", "b", "a"} {
		c := connection(id)
		c.CreatedAt = now().Add(time.Duration(n) * time.Second)
		c.Connected = id != "b"
		c.Users = []store.User{{ID: "u-" + id}}
		if id == "a" {
			c.Tenant.Adapter = "other"
		}
		save(t, s, c)
	}
	for _, tt := range []struct {
		p    store.ListConnectionsParams
		want string
	}{
		{store.ListConnectionsParams{}, "[d c b a]"},
		{store.ListConnectionsParams{ConnectedOnly: true}, "[d c a]"},
		{store.ListConnectionsParams{Adapter: "memory"}, "[d c b]"},
		{store.ListConnectionsParams{Adapter: "memory", ConnectedOnly: true}, "[d c]"},
		{store.ListConnectionsParams{Adapter: "unknown"}, "[]"},
	} {
		for limit := range 4 {
			tt.p.Limit, tt.p.Cursor = limit, ""
			found := []string{}
			for {
				cs, next, err := s.ListConnections(t.Context(), tt.p)
				require.NoError(t, err)
				for _, c := range cs {
					require.Equal(t, "u-"+c.ID, c.Users[0].ID)
					found = append(found, c.ID)
				}
				if next == "" {
					break
				}
				tt.p.Cursor = next
			}
			require.Equal(t, tt.want, fmt.Sprint(found), "%+v", tt.p)
		}
	}
}

func pageDeliveries(t *testing.T, s store.Store) {
	connect(t, s, "c1")
	is := accept(t, s, numbered(1, 5), nil)
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for n, i := range is {
			d := delivery(i.ID, store.DeliveryDead, now().Add(-time.Duration(n)*time.Second))
			if n == 2 {
				d.State = store.DeliveryOK
			}
			if err := tx.SaveDelivery(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
	for limit := range 5 {
		p := store.ListDeliveriesParams{State: store.DeliveryDead, Limit: limit}
		var found []string
		for {
			ds, next, err := s.ListDeliveries(t.Context(), p)
			require.NoError(t, err)
			for _, d := range ds {
				require.Equal(t, 3, d.Failures)
				found = append(found, d.InterviewID)
			}
			if next == "" {
				break
			}
			p.Cursor = next
		}
		require.Equal(t, []string{"interview-0005", "interview-0004", "interview-0002", "interview-0001"}, found)
	}
	_, _, err := s.ListDeliveries(t.Context(), store.ListDeliveriesParams{})
	require.ErrorIs(t, err, ats.ErrInvalid)
}

func pageCursors(t *testing.T, s store.Store) {
	connect(t, s, "c1", "c2")
	accept(t, s, numbered(1, 2), nil)
	_, ofInterviews, err := s.ListInterviews(t.Context(), store.ListInterviewsParams{Limit: 1})
	require.NoError(t, err)
	_, ofConnections, err := s.ListConnections(t.Context(), store.ListConnectionsParams{Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, ofInterviews)
	require.NotEmpty(t, ofConnections)
	for _, bad := range []string{"x", " ", "AAAA", "null", ofInterviews + "A", ofInterviews[1:], ofInterviews[:len(ofInterviews)-1]} {
		_, _, err := s.ListInterviews(t.Context(), store.ListInterviewsParams{Cursor: bad})
		require.ErrorIs(t, err, ats.ErrInvalid, "%q", bad)
		_, _, err = s.ListConnections(t.Context(), store.ListConnectionsParams{Cursor: bad})
		require.ErrorIs(t, err, ats.ErrInvalid, "%q", bad)
		_, _, err = s.ListDeliveries(t.Context(), store.ListDeliveriesParams{State: store.DeliveryDead, Cursor: bad})
		require.ErrorIs(t, err, ats.ErrInvalid, "%q", bad)
	}
	_, _, err = s.ListInterviews(t.Context(), store.ListInterviewsParams{Cursor: ofConnections})
	require.ErrorIs(t, err, ats.ErrInvalid)
	_, _, err = s.ListConnections(t.Context(), store.ListConnectionsParams{Cursor: ofInterviews})
	require.ErrorIs(t, err, ats.ErrInvalid)
}
