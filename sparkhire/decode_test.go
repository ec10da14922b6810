package sparkhire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(tb, err)
	return b
}

func TestInterviewFromJSON(t *testing.T) {
	t.Parallel()
	raw := fixture(t, "interview.json")
	for _, c := range []struct{ name, body string }{
		{"bare", string(raw)},
		{"in the wrapper of the vendor's sample", ` { "data" : ` + string(raw) + ` } `},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.body) })
			i, err := client.Interviews.Get(t.Context(), "u")
			require.NoError(t, err)
			require.JSONEq(t, string(raw), string(i.Raw))
			require.Equal(t, "0b9c0000-0000-4000-8000-000000000020", i.UUID)
			require.Equal(t, sparkhire.TypeOneWay, i.Type)
			require.Equal(t, sparkhire.StatusCompleted, i.Status)
			require.Equal(t, time.Date(2026, 3, 9, 16, 0, 0, 0, time.UTC), i.ScheduledAt, "times are in UTC")
			require.Equal(t, time.Date(2026, 3, 5, 20, 11, 0, 123456000, time.UTC), i.CompletedAt)
			require.Equal(t, time.Date(2026, 3, 2, 10, 5, 0, 0, time.UTC), i.CreatedAt)
			require.Zero(t, i.UpdatedAt)
			require.Equal(t, "Ward Nurse", i.JobPost.Title)
			require.True(t, i.JobPost.Status.Active())
			require.Equal(t, time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), i.JobPost.StatusUpdatedAt)
			require.Equal(t, "Austin, TX, USA", i.JobPost.Location.FormattedAddress)
			require.Equal(t, "Northwind Clinics", i.Company.Name)
			require.Equal(t, "Lena Fox", i.AssignedTo.Name)
			require.Equal(t, "Ana Ruiz", i.CreatedBy.Name)
			require.Equal(t, sparkhire.ShareLinkStatus("1"), i.ShareLink.Status)
			require.JSONEq(t, `[{"text":"Why this ward?","answer":{"seconds":31}}]`, string(i.Questions))
			require.JSONEq(t, `null`, string(i.Rating))
			require.JSONEq(t, `{"reason":"position filled"}`, string(i.Rejection))
		})
	}
}

func TestInterviewInTheWordsOfTheRequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, job, person, email string
	}{
		{"all of them", `{"job_uuid":"j","candidate_first_name":"Lena","candidate_last_name":"Fox","candidate_email":"lena@mail.example"}`, "j", "Lena Fox", "lena@mail.example"},
		{"the response's own win", `{"job_uuid":"j","candidate_email":"lena@mail.example","job_post":{"uuid":"p"},"assigned_to":{"name":"Ana","email":"ana@mail.example"}}`, "p", "Ana", "ana@mail.example"},
		{"where those say little", `{"job_uuid":"j","candidate_email":"lena@mail.example","job_post":{"title":"Nurse"},"assigned_to":{"uuid":"u"}}`, "j", "", "lena@mail.example"},
		{"of other types", `{"job_uuid":7,"candidate_first_name":["x"],"candidate_email":"lena@mail.example"}`, "", "", "lena@mail.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var i sparkhire.Interview
			require.NoError(t, json.Unmarshal([]byte(c.body), &i))
			require.Equal(t, c.email, i.AssignedTo.Email)
			require.Equal(t, c.person, i.AssignedTo.Name)
			if c.job == "" {
				require.Nil(t, i.JobPost)
				return
			}
			require.Equal(t, c.job, i.JobPost.UUID)
		})
	}
	var i sparkhire.Interview
	require.NoError(t, json.Unmarshal([]byte(`{"uuid":"u","candidate_first_name":"Lena"}`), &i))
	require.Nil(t, i.AssignedTo, "a name alone names nobody")
	require.Nil(t, i.JobPost)
}

func TestDecodingTolerates(t *testing.T) {
	t.Parallel()
	interview := func(t *testing.T, body string) sparkhire.Interview {
		t.Helper()
		var i sparkhire.Interview
		require.NoError(t, json.Unmarshal([]byte(body), &i))
		require.Equal(t, "u", i.UUID)
		return i
	}
	t.Run("a status that is a number", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, sparkhire.InterviewStatus("3"), interview(t, `{"uuid":"u","status":3}`).Status)
	})
	t.Run("a status that nobody has heard of", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, sparkhire.InterviewStatus("in orbit"), interview(t, `{"uuid":"u","status":"in orbit"}`).Status)
	})
	t.Run("a status with an escape in it", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, sparkhire.InterviewStatus("a\"é"), interview(t, `{"uuid":"u","status":"a\"\u00e9"}`).Status)
	})
	t.Run("null everywhere", func(t *testing.T) {
		t.Parallel()
		i := interview(t, `{"uuid":"u","type":null,"status":null,"scheduled_at":null,"job_post":null,"assigned_to":null,"share_link":null,"company":null}`)
		require.Zero(t, i.Status)
		require.Nil(t, i.JobPost)
		require.False(t, i.Completed())
	})
	t.Run("types that nobody expects, keeping the rest", func(t *testing.T) {
		t.Parallel()
		i := interview(t, `{"type":7,"assigned_to":"Lena","job_post":[],"company":{"name":{"x":1}},"share_link":false,"scheduled_at":{"date":1},"completed_at":"tomorrow","created_at":"2026-03-02T10:05:00Z","uuid":"u"}`)
		require.Zero(t, i.CompletedAt)
		require.Equal(t, time.Date(2026, 3, 2, 10, 5, 0, 0, time.UTC), i.CreatedAt)
	})
	t.Run("numbers in strings and strings for numbers", func(t *testing.T) {
		t.Parallel()
		var q sparkhire.Question
		require.NoError(t, json.Unmarshal([]byte(`{"uuid":"q","time_limit":"120","takes":2,"think_time":30}`), &q))
		require.Equal(t, []any{120, 2, "30"}, []any{q.TimeLimit, q.Takes, q.ThinkTime})
		require.NoError(t, json.Unmarshal([]byte(`{"uuid":"q","time_limit":"unlimited","takes":null,"think_time":"unlimited"}`), &q))
		require.Equal(t, []any{0, 0, "unlimited"}, []any{q.TimeLimit, q.Takes, q.ThinkTime})
		require.Contains(t, string(q.Raw), `"time_limit":"unlimited"`)
	})
	t.Run("a question set with a title for a name", func(t *testing.T) {
		t.Parallel()
		var s sparkhire.QuestionSet
		require.NoError(t, json.Unmarshal([]byte(`{"uuid":"s","title":"Screen","questions":[{"text":"Why?"}]}`), &s))
		require.Equal(t, "Screen", s.Name)
		require.Equal(t, "Why?", s.Questions[0].Text)
		require.NoError(t, json.Unmarshal([]byte(`{"uuid":"s","title":null,"name":"Screen 2"}`), &s))
		require.Equal(t, "Screen 2", s.Name)
	})
	t.Run("a link status of any form", func(t *testing.T) {
		t.Parallel()
		for body, want := range map[string]sparkhire.ShareLinkStatus{`1`: "1", `"active"`: "active", `true`: "true", `null`: ""} {
			var l sparkhire.ShareLink
			require.NoError(t, json.Unmarshal([]byte(`{"uuid":"l","status":`+body+`}`), &l))
			require.Equal(t, want, l.Status)
		}
	})
	t.Run("data that is not a wrapper", func(t *testing.T) {
		t.Parallel()
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"data":{"uuid":"other"},"uuid":"u"}`)
		})
		i, err := client.Interviews.Get(t.Context(), "u")
		require.NoError(t, err)
		require.Equal(t, "u", i.UUID)
	})
	t.Run("a plan with words for numbers", func(t *testing.T) {
		t.Parallel()
		var p sparkhire.Plan
		require.NoError(t, json.Unmarshal([]byte(`{"name":"Growth","active_jobs_limit":"10","users_limit":null,"products":"all"}`), &p))
		require.Equal(t, 10, p.ActiveJobsLimit)
	})
}

func TestListsTolerateTheWrapperAndNull(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"uuid":"a"},null,{"uuid":"b","name":"data"}]}`)
	})
	page, err := client.Users.List(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.JSONEq(t, `{"uuid":"b","name":"data"}`, string(page.Items[1].Raw))
	require.Equal(t, 2, page.Next)
}

func TestCompleted(t *testing.T) {
	t.Parallel()
	require.True(t, sparkhire.Interview{Status: "Completed"}.Completed())
	require.True(t, sparkhire.Interview{Status: "rated", CompletedAt: time.Now()}.Completed())
	require.False(t, sparkhire.Interview{Status: "accepted"}.Completed())
}

// What was decoded is written again in a form that decodes to the same.
func TestInterviewSurvivesARoundTrip(t *testing.T) {
	t.Parallel()
	var first, second sparkhire.Interview
	require.NoError(t, json.Unmarshal(fixture(t, "interview.json"), &first))
	written, err := json.Marshal(first)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(written, &second))
	require.Equal(t, stripped(first), stripped(second))
}

// stripped drops the raw JSON, whose spelling may differ.
func stripped(i sparkhire.Interview) sparkhire.Interview {
	i.Raw = nil
	if i.JobPost != nil {
		i.JobPost.Raw = nil
	}
	if i.Company != nil {
		i.Company.Raw = nil
	}
	if i.ShareLink != nil {
		i.ShareLink.Raw = nil
	}
	for _, raw := range []*json.RawMessage{&i.Questions, &i.Rating, &i.Rejection} {
		var compact bytes.Buffer
		if json.Compact(&compact, *raw) == nil {
			*raw = compact.Bytes()
		}
	}
	return i
}

func FuzzInterview(f *testing.F) {
	f.Add(fixture(f, "interview.json"))
	f.Add([]byte(`{"uuid":"u","status":3,"scheduled_at":"x"}`))
	f.Add([]byte(`{"data":{"uuid":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second sparkhire.Interview
		if json.Unmarshal(body, &first) != nil {
			return
		}
		written, err := json.Marshal(first)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(written, &second))
		require.Equal(t, first.UUID, second.UUID)
		require.True(t, first.ScheduledAt.Equal(second.ScheduledAt))
		require.Equal(t, first.Completed(), second.Completed())
	})
}
