package sparkhiretest_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// Every operation of version 1.0, with the status it has on success and the members of what it returns.
func TestOperations(t *testing.T) {
	t.Parallel()
	const (
		user      = "avatar created_at email first_name last_name name permission_level updated_at uuid"
		key       = "api_key created_at uuid"
		job       = "created_at created_by description location status status_updated_at title updated_at uuid"
		interview = "assigned_to company completed_at created_at created_by job_post questions rating rejection " +
			"scheduled_at share_link status type updated_at uuid"
		question = "takes text think_time time_limit uuid"
		set      = "created_at name questions updated_at uuid"
		link     = "created_at status updated_at updated_by url uuid"
		webhook  = "created_at event url uuid"
	)
	tomBody := object{"first_name": "Tom", "last_name": "Berg", "email": "tom.berg@northwind.example"}
	jobBody := object{"title": "Cook", "location": object{"formatted_address": "Oslo"}}
	questionBody := object{"text": "Why nights?", "time_limit": 60, "takes": 1}

	operations := []struct {
		method, path string
		body         any
		status       int
		members      string
	}{
		{"GET", "/me", nil, 200, user},
		{"GET", "/plan", nil, 200, "active_jobs_limit name products users_limit"},
		{"GET", "/companies/COMPANY", nil, 200, "avatar created_at name uuid"},
		{"GET", "/users", nil, 200, user},
		{"POST", "/users", tomBody, 201, user},
		{"GET", "/users/USER", nil, 200, user},
		{"PUT", "/users/USER", tomBody, 200, user},
		{"DELETE", "/users/USER", nil, 204, ""},
		{"GET", "/users/USER/integration_key", nil, 200, key},
		{"POST", "/users/KEYLESS/integration_key", nil, 201, key},
		{"PUT", "/users/USER/integration_key", nil, 200, key},
		{"DELETE", "/users/USER/integration_key", nil, 204, ""},
		{"GET", "/jobs", nil, 200, job},
		{"POST", "/jobs", jobBody, 201, job},
		{"GET", "/jobs/JOB", nil, 200, job},
		{"PUT", "/jobs/JOB", jobBody, 200, job},
		{"DELETE", "/jobs/JOB", nil, 204, ""},
		{"GET", "/interviews", nil, 200, interview},
		{"POST", "/interviews", "INTERVIEW BODY", 201, interview},
		{"GET", "/interviews/INTERVIEW", nil, 200, interview},
		{"PUT", "/interviews/INTERVIEW", object{"scheduled_at": "2026-03-12T17:00:00+00:00"}, 200, interview},
		{"DELETE", "/interviews/INTERVIEW", nil, 204, ""},
		{"GET", "/interviews/INTERVIEW/questions", nil, 200, question},
		{"POST", "/interviews/INTERVIEW/questions", questionBody, 201, question},
		{"GET", "/interviews/INTERVIEW/questions/QUESTION", nil, 200, question},
		{"PUT", "/interviews/INTERVIEW/questions/QUESTION", questionBody, 200, question},
		{"DELETE", "/interviews/INTERVIEW/questions/QUESTION", nil, 204, ""},
		{"GET", "/question_sets", nil, 200, set},
		{"POST", "/question_sets", object{"name": "Two", "questions": []any{questionBody}}, 201, set},
		{"GET", "/question_sets/SET", nil, 200, set},
		{"PUT", "/question_sets/SET", object{"name": "Two"}, 200, set},
		{"DELETE", "/question_sets/SET", nil, 204, ""},
		{"GET", "/interviews/INTERVIEW/share_link", nil, 200, link},
		{"POST", "/interviews/INTERVIEW/share_link", nil, 201, link},
		{"PUT", "/interviews/INTERVIEW/share_link/BASIC", object{"status": 0}, 200, link},
		{"GET", "/share_links", nil, 200, link},
		{"POST", "/share_links", "LINK BODY", 201, link},
		{"GET", "/share_links/LINK", nil, 200, link},
		{"PUT", "/share_links/LINK", object{"expires_at": "2026-05-01T00:00:00+00:00"}, 200, link},
		{"DELETE", "/share_links/LINK", nil, 204, ""},
		{"GET", "/webhooks", nil, 200, webhook},
		{"POST", "/webhooks", object{"url": "https://a.example/x", "event": "JobCreated"}, 201, webhook},
		{"DELETE", "/webhooks/WEBHOOK", nil, 204, ""},
		{"GET", "/webhooks/replay/JobCreated", nil, 200, ""},
	}
	require.Len(t, operations, 44)
	for _, tt := range operations {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			names := w.everyKind()
			path := names.Replace(tt.path)
			body := tt.body
			switch body {
			case "INTERVIEW BODY":
				body = w.interviewBody()
			case "LINK BODY":
				body = object{"interview_uuid": names.Replace("INTERVIEW"), "allow_ratings": true}
			}
			r := w.do(tt.status, tt.method, path, body)
			if tt.members == "" {
				require.Empty(t, r.Raw)
				return
			}
			records := []object{}
			if r.Raw[0] == '[' {
				records = r.list()
			} else {
				records = append(records, r.object())
			}
			require.NotEmpty(t, records)
			for _, record := range records {
				require.Equal(t, tt.members, joined(slices.Sorted(maps.Keys(record))))
			}
			require.Equal(t, "application/json", r.Header.Get("Content-Type"))
			require.Equal(t, monday.Format(http.TimeFormat), r.Header.Get("Date"))
		})
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("an unknown path is 404 in the vendor's shape", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		require.NotEmpty(t, w.do(404, "GET", "/candidates", nil).reason())
		require.NotEmpty(t, w.do(404, "GET", "/jobs/", nil).reason())
	})
	t.Run("a known path with another method is 405 and names the allowed ones", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		r := w.do(405, "PATCH", "/jobs/"+w.job.ID, object{})
		require.Equal(t, "GET, PUT, DELETE", r.Header.Get("Allow"))
		require.NotEmpty(t, r.reason())
	})
	t.Run("an unknown version is 404", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		resp, err := w.client.Get(w.URL + "/v9.0/me")
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, 404, resp.StatusCode)
	})
	t.Run("an escaped slash stays inside its segment", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		require.Equal(t, "Job not found.", w.do(404, "GET", "/jobs/a%2Fb", nil).reason())
	})
}

func TestBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"an empty body":               {"", 400},
		"broken JSON":                 {`{"name":`, 400},
		"something after the object":  {`{"name":"x"}}`, 400},
		"an array":                    {`[]`, 400},
		"null":                        {`null`, 400},
		"a member of the wrong type":  {`{"name":7}`, 400},
		"a body that never ends":      {`{"name":"` + string(make([]byte, 1<<20)) + `"}`, 413},
		"the smallest body that will": {`{"name":"x"}`, 201},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := w.on(t)
			r := w.do(tt.status, "POST", "/question_sets", tt.body)
			if tt.status >= 400 {
				require.NotEmpty(t, r.reason())
			}
		})
	}
	t.Run("a body of another media type", func(t *testing.T) {
		t.Parallel()
		w := w.on(t)
		req := w.request(w.ana.Key, "POST", "/question_sets", object{"name": "x"})
		req.Header.Set("Content-Type", "text/plain")
		resp, err := w.client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, 415, resp.StatusCode)
	})
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sparkhiretest.WithEnvelope())
	require.Equal(t, w.ana.ID, w.do(200, "GET", "/me", nil).object()["data"].(object)["uuid"])
	require.Len(t, w.do(200, "GET", "/jobs", nil).object()["data"], 1)
	require.Equal(t, "Job not found.", w.do(404, "GET", "/jobs/none", nil).reason(), "errors have no envelope")
}
