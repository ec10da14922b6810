package sparkhire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

const key = "key-of-ana"

// dial returns a client of the given server whose pauses are too short to notice.
func dial(t *testing.T, url string, opts ...sparkhire.Option) *sparkhire.Client {
	t.Helper()
	c, err := sparkhire.New(key, append([]sparkhire.Option{
		sparkhire.WithBaseURL(url), sparkhire.WithBackoff(time.Nanosecond, time.Nanosecond),
	}, opts...)...)
	require.NoError(t, err)
	return c
}

// serve starts a server for one test and returns a client of it.
func serve(t *testing.T, h http.HandlerFunc, opts ...sparkhire.Option) *sparkhire.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return dial(t, s.URL+"/v1.0", opts...)
}

// only drops a call's result.
func only[T any](_ T, err error) error { return err }

var deadline = time.Date(2026, 3, 9, 18, 0, 0, 0, time.FixedZone("CET", 3600))

const (
	obj    = `{"uuid":"u","api_key":"k"}`
	aRange = "range=1-50"
)

// operations are all that the vendor's API has, each with what it must put on the wire.
var operations = []struct {
	method, path, query, body string
	status                    int
	answer                    string
	call                      func(ctx context.Context, c *sparkhire.Client) error
}{
	{"GET", "/me", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Me.Get(ctx)) }},
	{"GET", "/plan", "", "", 200, `{"name":"Growth"}`, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Plan.Get(ctx)) }},
	{"GET", "/companies/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Companies.Get(ctx, "u")) }},

	{"GET", "/users", aRange, "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error { return only(c.Users.List(ctx, nil)) }},
	{"POST", "/users", "", `{"first_name":"Tom","last_name":"Berg","email":"tom.berg@northwind.example","permission_level":"standard"}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Users.Create(ctx, &sparkhire.CreateUserRequest{
			FirstName: "Tom", LastName: "Berg", Email: "tom.berg@northwind.example", PermissionLevel: "standard",
		}))
	}},
	{"GET", "/users/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Users.Get(ctx, "u")) }},
	{"PUT", "/users/u", "", `{"first_name":"Tom","last_name":"","email":"t@northwind.example","permission_level":"admin"}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Users.Update(ctx, "u", &sparkhire.UpdateUserRequest{
			FirstName: new("Tom"), LastName: new(""), Email: new("t@northwind.example"), PermissionLevel: new("admin"),
		}))
	}},
	{"DELETE", "/users/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.Users.Delete(ctx, "u") }},

	{"GET", "/users/u/integration_key", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Users.IntegrationKey(ctx, "u")) }},
	{"POST", "/users/u/integration_key", "", "", 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Users.CreateIntegrationKey(ctx, "u"))
	}},
	{"PUT", "/users/u/integration_key", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Users.RotateIntegrationKey(ctx, "u"))
	}},
	{"DELETE", "/users/u/integration_key", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.Users.RevokeIntegrationKey(ctx, "u") }},

	{"GET", "/jobs", "orderby=title_asc&range=11-30&status%5B%5D=active&status%5B%5D=draft", "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Jobs.List(ctx, &sparkhire.JobListOptions{
			ListOptions: sparkhire.ListOptions{Offset: 10, Limit: 20, OrderBy: "title_asc"},
			Status:      []sparkhire.JobStatus{sparkhire.JobActive, "draft"},
		}))
	}},
	{"POST", "/jobs", "", `{"title":"Ward <Nurse>","description":"Night shifts.","status":"active","location":{"formatted_address":"Austin, TX, USA"}}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Jobs.Create(ctx, &sparkhire.CreateJobRequest{
			Title: "Ward <Nurse>", Description: "Night shifts.", Status: sparkhire.JobActive, Address: "Austin, TX, USA",
		}))
	}},
	{"GET", "/jobs/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Jobs.Get(ctx, "u")) }},
	{"PUT", "/jobs/u", "", `{"title":"Ward Nurse (nights)","description":"","status":"inactive","location":{"formatted_address":"Waco"}}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Jobs.Update(ctx, "u", &sparkhire.UpdateJobRequest{
			Title: new("Ward Nurse (nights)"), Description: new(""), Status: new(sparkhire.JobInactive), Address: new("Waco"),
		}))
	}},
	{"DELETE", "/jobs/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.Jobs.Delete(ctx, "u") }},

	{"GET", "/interviews", "job%5Buuid%5D=j1%2Cj2&orderby=updated_desc&range=1-50&status%5B%5D=completed&type%5B%5D=one_way&type%5B%5D=live", "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Interviews.List(ctx, &sparkhire.InterviewListOptions{
			ListOptions: sparkhire.ListOptions{OrderBy: "updated_desc"},
			Status:      []sparkhire.InterviewStatus{sparkhire.StatusCompleted},
			Type:        []sparkhire.InterviewType{sparkhire.TypeOneWay, sparkhire.TypeLive},
			JobUUIDs:    []string{"j1", "j2"},
		}))
	}},
	{"POST", "/interviews", "", `{"type":"one_way","job_uuid":"j","question_set_uuid":"s","candidate_first_name":"Lena","candidate_last_name":"Fox","candidate_email":"lena.fox@mail.example","scheduled_at":"2026-03-09T17:00:00+00:00"}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{
			Type: sparkhire.TypeOneWay, JobUUID: "j", QuestionSetUUID: "s", ScheduledAt: deadline,
			Candidate: sparkhire.Candidate{FirstName: "Lena", LastName: "Fox", Email: "lena.fox@mail.example"},
		}))
	}},
	{"GET", "/interviews/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Interviews.Get(ctx, "u")) }},
	{"PUT", "/interviews/u", "", `{"scheduled_at":"2026-03-09T17:00:00+00:00"}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Interviews.Update(ctx, "u", &sparkhire.UpdateInterviewRequest{ScheduledAt: &deadline}))
	}},
	{"DELETE", "/interviews/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.Interviews.Delete(ctx, "u") }},

	{"GET", "/interviews/i/questions", "", "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error { return only(c.Questions.List(ctx, "i")) }},
	{"POST", "/interviews/i/questions", "", `{"text":"Why this ward?","time_limit":120,"takes":2,"think_time":"30"}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Questions.Create(ctx, "i", &sparkhire.CreateQuestionRequest{
			Text: "Why this ward?", TimeLimit: 120, Takes: 2, ThinkTime: "30",
		}))
	}},
	{"GET", "/interviews/i/questions/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.Questions.Get(ctx, "i", "u")) }},
	{"PUT", "/interviews/i/questions/u", "", `{"text":"Why?","time_limit":0,"takes":1,"think_time":"unlimited"}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Questions.Update(ctx, "i", "u", &sparkhire.UpdateQuestionRequest{
			Text: new("Why?"), TimeLimit: new(0), Takes: new(1), ThinkTime: new("unlimited"),
		}))
	}},
	{"DELETE", "/interviews/i/questions/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.Questions.Delete(ctx, "i", "u") }},

	{"GET", "/question_sets", aRange, "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error { return only(c.QuestionSets.List(ctx, nil)) }},
	{"POST", "/question_sets", "", `{"name":"Nursing screen","questions":[{"text":"Why this ward?","takes":2}]}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.QuestionSets.Create(ctx, &sparkhire.CreateQuestionSetRequest{
			Name: "Nursing screen", Questions: []sparkhire.CreateQuestionRequest{{Text: "Why this ward?", Takes: 2}},
		}))
	}},
	{"GET", "/question_sets/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.QuestionSets.Get(ctx, "u")) }},
	{"PUT", "/question_sets/u", "", `{"name":"v2","questions":[]}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.QuestionSets.Update(ctx, "u", &sparkhire.UpdateQuestionSetRequest{Name: new("v2"), Questions: []sparkhire.CreateQuestionRequest{}}))
	}},
	{"DELETE", "/question_sets/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.QuestionSets.Delete(ctx, "u") }},

	{"GET", "/interviews/i/share_link", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.ShareLinks.GetBasic(ctx, "i")) }},
	{"POST", "/interviews/i/share_link", "", "", 201, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.ShareLinks.CreateBasic(ctx, "i")) }},
	{"PUT", "/interviews/i/share_link/u", "", `{"status":0}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.ShareLinks.UpdateBasic(ctx, "i", "u", &sparkhire.UpdateBasicShareLinkRequest{Active: new(false)}))
	}},

	{"GET", "/share_links", aRange, "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error { return only(c.ShareLinks.List(ctx, nil)) }},
	{"POST", "/share_links", "", `{"interview_uuid":"i","expires_at":"2026-03-09T17:00:00+00:00","allow_ratings":true}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.ShareLinks.Create(ctx, &sparkhire.CreateShareLinkRequest{InterviewUUID: "i", ExpiresAt: deadline, AllowRatings: true}))
	}},
	{"GET", "/share_links/u", "", "", 200, obj, func(ctx context.Context, c *sparkhire.Client) error { return only(c.ShareLinks.Get(ctx, "u")) }},
	{"PUT", "/share_links/u", "", `{"interview_uuid":"i","expires_at":"2026-03-09T17:00:00+00:00","allow_ratings":false}`, 200, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.ShareLinks.Update(ctx, "u", &sparkhire.UpdateShareLinkRequest{InterviewUUID: new("i"), ExpiresAt: &deadline, AllowRatings: new(false)}))
	}},
	{"DELETE", "/share_links/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.ShareLinks.Delete(ctx, "u") }},

	{"GET", "/webhooks", "", "", 200, "[]", func(ctx context.Context, c *sparkhire.Client) error { return only(c.Webhooks.List(ctx)) }},
	{"POST", "/webhooks", "", `{"url":"https://hooks.example/4f9a","event":"InterviewCompleted","jobs":["j"]}`, 201, obj, func(ctx context.Context, c *sparkhire.Client) error {
		return only(c.Webhooks.Create(ctx, &sparkhire.CreateWebhookRequest{
			URL: "https://hooks.example/4f9a", Event: sparkhire.EventInterviewCompleted, Extra: map[string]any{"jobs": []string{"j"}},
		}))
	}},
	{"DELETE", "/webhooks/u", "", "", 204, "", func(ctx context.Context, c *sparkhire.Client) error { return c.Webhooks.Delete(ctx, "u") }},
	{"GET", "/webhooks/replay/InterviewCompleted", "", "", 200, "", func(ctx context.Context, c *sparkhire.Client) error {
		return c.Webhooks.Replay(ctx, sparkhire.EventInterviewCompleted)
	}},
}

func TestOperationsOnTheWire(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, op := range operations {
		seen[op.method+" "+op.path] = true
		t.Run(op.method+" "+op.path, func(t *testing.T) {
			t.Parallel()
			var got http.Request
			var body []byte
			requests := 0
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				got = *r
				body, _ = io.ReadAll(r.Body)
				w.WriteHeader(op.status)
				_, _ = io.WriteString(w, op.answer)
			})
			require.NoError(t, op.call(t.Context(), client))
			require.Equal(t, 1, requests)
			require.Equal(t, op.method, got.Method)
			require.Equal(t, "/v1.0"+op.path, got.URL.Path)
			require.Equal(t, op.query, got.URL.RawQuery)
			if op.body == "" {
				require.Empty(t, body)
			} else {
				require.JSONEq(t, op.body, string(body))
				require.NotContains(t, string(body), `\u003c`, "the vendor gets < as it is")
			}
			require.Equal(t, "Basic a2V5LW9mLWFuYTo=", got.Header.Get("Authorization"))
			require.Equal(t, "application/json", got.Header.Get("Accept"))
			require.Equal(t, "application/json", got.Header.Get("Content-Type"))
			require.Empty(t, got.Header.Get("Idempotency-Key"), "net/http would take it as leave to repeat")
		})
	}
	require.Len(t, seen, 44, "the API has 44 operations")
}

// Every operation fails in the vendor's words, and in ours when the answer makes no sense.
func TestOperationsThatFail(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		t.Run(op.method+" "+op.path, func(t *testing.T) {
			t.Parallel()
			answer := func(status int, body string) error {
				return op.call(t.Context(), serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(status)
					_, _ = io.WriteString(w, body)
				}))
			}
			err := answer(http.StatusConflict, `{"reason":"No."}`)
			require.ErrorIs(t, err, sparkhire.ErrConflict)
			var refused *sparkhire.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, "No.", refused.Reason)
			require.Equal(t, op.method, refused.Method)
			require.NotErrorIs(t, err, sparkhire.ErrOutcomeUnknown)

			if op.answer == "" {
				return // nothing is read
			}
			for _, garbage := range []string{"", "null", `"x"`, `{"uuid":`, `{}`, `[{}]`} {
				err := answer(op.status, garbage)
				if err == nil {
					require.Contains(t, []string{"GET /plan", "GET /users/u/integration_key"}, op.method+" "+op.path, "it has no uuid")
					continue
				}
				if op.path == "/interviews/i/share_link" && errors.Is(err, sparkhire.ErrNotFound) {
					require.Equal(t, http.MethodGet, op.method, "nothing is no link")
					require.NotContains(t, []string{`"x"`, `{"uuid":`}, garbage)
					continue
				}
				var call *sparkhire.CallError
				require.ErrorAs(t, err, &call, garbage)
				require.Equal(t, op.status, call.Status)
				if op.method == http.MethodGet {
					require.NotErrorIs(t, err, sparkhire.ErrOutcomeUnknown)
				} else {
					require.ErrorIs(t, err, sparkhire.ErrOutcomeUnknown, garbage)
				}
			}
		})
	}
}

func TestExtraIsMergedLast(t *testing.T) {
	t.Parallel()
	var body []byte
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, obj)
	})
	extra := map[string]any{"candidate_email": "other@mail.example", "job": map[string]any{"uuid": "j"}, "job_uuid": nil}
	_, err := client.Interviews.Create(t.Context(), &sparkhire.CreateInterviewRequest{
		Type: "live", Candidate: sparkhire.Candidate{FirstName: "Lena", Email: "lena.fox@mail.example"}, Extra: extra,
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"live","candidate_first_name":"Lena","candidate_email":"other@mail.example","job":{"uuid":"j"},"job_uuid":null}`, string(body))
	require.Len(t, extra, 3, "the caller's map is not changed")

	_, err = client.Interviews.CreateRaw(t.Context(), []byte(`{"anything":["goes"]}`))
	require.NoError(t, err)
	require.JSONEq(t, `{"anything":["goes"]}`, string(body))
}

func TestArgumentsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	ctx := t.Context()
	lena := sparkhire.Candidate{FirstName: "Lena", Email: "lena.fox@mail.example"}
	for _, c := range []struct {
		name, argument string
		err            error
	}{
		{"an empty id", "uuid", only(client.Interviews.Get(ctx, ""))},
		{"an id that climbs", "uuid", client.Jobs.Delete(ctx, "..")},
		{"the second of two ids", "question_uuid", only(client.Questions.Get(ctx, "i", ""))},
		{"an event that is empty", "event", client.Webhooks.Replay(ctx, "")},
		{"an interview without anything", "type", only(client.Interviews.Create(ctx, nil))},
		{"an interview without a job", "job_uuid", only(client.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{Type: "live", Candidate: lena}))},
		{"an interview without an address", "candidate_email", only(client.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{Type: "live", JobUUID: "j", Candidate: sparkhire.Candidate{FirstName: "Lena"}}))},
		{"a one-way interview without questions", "question_set_uuid", only(client.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{Type: "one_way", JobUUID: "j", Candidate: lena}))},
		{"a raw body that is no object", "body", only(client.Interviews.CreateRaw(ctx, []byte(`[1]`)))},
		{"a raw body that is no JSON", "body", only(client.Interviews.CreateRaw(ctx, []byte(`{"a"`)))},
		{"a change that changes nothing", "request", only(client.Interviews.Update(ctx, "u", nil))},
		{"a job without a title", "title", only(client.Jobs.Create(ctx, &sparkhire.CreateJobRequest{Description: "x"}))},
		{"a user without an address", "email", only(client.Users.Create(ctx, &sparkhire.CreateUserRequest{FirstName: "T", LastName: "B"}))},
		{"a question without text", "text", only(client.Questions.Create(ctx, "i", nil))},
		{"a question set without a name", "name", only(client.QuestionSets.Create(ctx, nil))},
		{"a share link of nothing", "request", only(client.ShareLinks.Create(ctx, nil))},
		{"a webhook without a url", "url", only(client.Webhooks.Create(ctx, &sparkhire.CreateWebhookRequest{Event: "JobCreated"}))},
		{"a webhook with a path for a url", "url", only(client.Webhooks.Create(ctx, &sparkhire.CreateWebhookRequest{Event: "JobCreated", URL: "/hook"}))},
		{"an extra that is no JSON", "extra", only(client.Jobs.Create(ctx, &sparkhire.CreateJobRequest{Title: "x", Extra: map[string]any{"f": func() {}}}))},
		{"a negative offset", "offset", only(client.Users.List(ctx, &sparkhire.ListOptions{Offset: -1}))},
		{"a relative base URL", "base URL", only(sparkhire.New("key", sparkhire.WithBaseURL("api.example")))},
		{"a user agent of two lines", "user agent", only(sparkhire.New("key", sparkhire.WithUserAgent("ours\r\nX-Admin: 1")))},
		{"a negative limit", "limit", only(client.Users.List(ctx, &sparkhire.ListOptions{Limit: -1}))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var argument *sparkhire.ArgumentError
			require.ErrorAs(t, c.err, &argument)
			require.Equal(t, c.argument, argument.Name)
			require.NotContains(t, argument.Reason, argument.Name, "the text says it once")
			require.ErrorIs(t, c.err, sparkhire.ErrInvalid)
			require.ErrorIs(t, c.err, sparkhire.ErrNotSent)
		})
	}
}
