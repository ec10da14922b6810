package meet_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
)

func fixture(tb testing.TB) []byte {
	tb.Helper()
	b, err := os.ReadFile("testdata/item.json")
	require.NoError(tb, err)
	return b
}

func TestItemFromJSON(t *testing.T) {
	t.Parallel()
	raw := fixture(t)
	for name, body := range map[string]string{"bare": string(raw), "wrapped": ` { "data" : ` + string(raw) + ` } `} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
			i, err := client.Items.Get(t.Context(), "u", nil)
			require.NoError(t, err)
			require.JSONEq(t, string(raw), string(i.Raw))
			i.Raw = nil
			require.Equal(t, &meet.Item{
				UUID: "1c000000-0000-4000-8000-000000000020", Type: meet.TypeOneWay, Status: "completed",
				DueAt:       time.Date(2026, 3, 9, 17, 0, 0, 0, time.UTC),
				CompletedAt: time.Date(2026, 3, 5, 20, 11, 0, 0, time.UTC),
				Completed:   true, AvgRating: 4.2,
				Candidate: &meet.Person{Name: "Lena Fox", Email: "lena.fox@mail.example", Avatar: "https://cdn.example/signed/t0p"},
				Job:       &meet.Job{UUID: "1c000000-0000-4000-8000-000000000010", Title: "Ward Nurse"},
				Summary: &meet.Summary{Items: []meet.SummaryItem{{
					UUID: "1c000000-0000-4000-8000-000000000071", Question: "Motivation for the ward",
					Answer: "Wants night work and has two years of it.",
				}}},
			}, i)
		})
	}
}

func TestDecodingTolerates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want meet.Item
	}{
		"null everywhere":                {`{"uuid":"u","type":null,"status":null,"due_at":null,"candidate":null,"job":null,"avg_rating":null,"completed":null,"summary":null}`, meet.Item{}},
		"a status that is a number":      {`{"uuid":"u","status":3}`, meet.Item{Status: "3"}},
		"a status that nobody has heard": {`{"uuid":"u","status":"in \"orbit\""}`, meet.Item{Status: `in "orbit"`}},
		"a completion without the flag":  {`{"uuid":"u","completed_at":"2026-03-05T20:11:00.5Z"}`, meet.Item{Completed: true, CompletedAt: time.Date(2026, 3, 5, 20, 11, 0, 500000000, time.UTC)}},
		"the flag without the time":      {`{"uuid":"u","completed":1}`, meet.Item{Completed: true}},
		"a rating in a string":           {`{"uuid":"u","avg_rating":"4.20"}`, meet.Item{AvgRating: 4.2}},
		"a rating that is none":          {`{"uuid":"u","avg_rating":"NaN"}`, meet.Item{}},
		"a time of a year beyond ours":   {`{"uuid":"u","due_at":"9999-12-31T23:59:59-23:59"}`, meet.Item{}},
		"types that nobody expects":      {`{"type":7,"due_at":{"x":1},"completed_at":5,"completed":"maybe","summary":[],"avg_rating":[],"uuid":"u","status":"pending"}`, meet.Item{Status: "pending"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got meet.Item
			require.NoError(t, json.Unmarshal([]byte(c.body), &got))
			require.Equal(t, c.body, string(got.Raw))
			got.Raw, got.Summary = nil, nil
			c.want.UUID = "u"
			require.Equal(t, c.want, got)
		})
	}
	var set meet.QuestionSet
	require.NoError(t, json.Unmarshal([]byte(`{"uuid":"q","title":"Screen"}`), &set))
	require.Equal(t, "Screen", set.Name)
}

func TestListsAreListsOfThingsWithIDs(t *testing.T) {
	t.Parallel()
	for body, good := range map[string]bool{
		`[]`: true, `[null,{"uuid":"j","title":7}]`: true, `{"data":[{"uuid":"j"}]}`: true,
		`{}`: false, `null`: false, `["j"]`: false, `[{"title":"x"}]`: false, `[{"uuid":"j"`: false, ``: false,
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		jobs, err := client.Jobs.List(t.Context())
		if good {
			require.NoError(t, err, body)
			require.NotNil(t, jobs)
			continue
		}
		var unreadable *meet.CallError
		require.ErrorAs(t, err, &unreadable, body)
		require.Equal(t, 200, unreadable.Status)
		matches(t, err)
	}
}

func FuzzItem(f *testing.F) {
	f.Add(fixture(f))
	f.Add([]byte(`{"uuid":"u","status":3,"due_at":"0000-01-01T00:00:00+23:59"}`))
	f.Add([]byte(`{"uuid":1,"avg_rating":"1e400","completed":"T","job":[],"summary":{"items":[null]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second meet.Item
		if json.Unmarshal(body, &first) != nil {
			return
		}
		written, err := json.Marshal(first)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(written, &second))
		require.Equal(t, first.UUID, second.UUID)
		require.True(t, first.DueAt.Equal(second.DueAt))
		require.Equal(t, first.Completed, second.Completed)
		require.InDelta(t, first.AvgRating, second.AvgRating, 0)
	})
}
