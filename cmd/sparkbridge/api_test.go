package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestABackendUsesTheAPI of the running program: what it asked for survives a
// kill -9, and nothing works without a token.
func TestABackendUsesTheAPI(t *testing.T) {
	t.Parallel()
	tokens := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(tokens, []byte("token-in-a-file\n"), 0o600))
	w := newWorld(t, setup{set: []string{"api_tokens=token-of-the-backend", "api_tokens_file=" + tokens}})
	w.private("token-of-the-backend", "token-in-a-file", "rosalind", "Rosalind")

	status, _ := w.backend("", http.MethodGet, "/connections", "", "")
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = w.backend("token-in-a-file", http.MethodGet, "/connections", "", "")
	require.Equal(t, http.StatusOK, status)

	const token = "token-of-the-backend"
	status, connection := w.backend(token, http.MethodPost, "/connections", "", `{"adapter":"teamtailor","tenant":"0c9a2f3e-1111-4222-8333-444455556666","name":"Example Care AB","time_zone":"Europe/Stockholm","spark_hire":{"version":"v1"}}`)
	require.Equal(t, http.StatusCreated, status, connection)
	path := "/connections/" + connection["id"].(string)
	status, user := w.backend(token, http.MethodPut, path+"/users/asha", "", `{"name":"Asha Lindqvist","api_key":"`+w.asha.Key+`"}`)
	require.Equal(t, http.StatusOK, status, user)
	require.Equal(t, "Asha Lindqvist", user["spark_hire_user"])

	body := `{"candidate":{"id":"c1","first_name":"Rosalind","last_name":"Falk","email":"rosalind.falk@mail.example"},"job":{"id":"j1","title":"Ward nurse"},
		"type":"one_way","spark_hire_job_id":"` + w.nurse.ID + `","question_set_id":"` + w.questions.ID + `","requested_for":"asha","due":{"date":"2099-03-17","time":"14:30"}}`
	status, asked := w.backend(token, http.MethodPost, path+"/interviews", "application-17", body)
	require.Equal(t, http.StatusAccepted, status, asked)
	w.kill()
	w.start()
	status, again := w.backend(token, http.MethodPost, path+"/interviews", "application-17", body)
	require.Equal(t, http.StatusAccepted, status, again)
	require.Equal(t, asked["id"], again["id"])
	status, refused := w.backend(token, http.MethodPut, path+"/job-links/j1", "", `{}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "job_link_not_allowed", refused["code"])

	for range 2 {
		status, _ = w.backend(token, http.MethodDelete, path+"/candidates/c1", "", "")
		require.Equal(t, http.StatusNoContent, status)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		file, err := os.ReadFile(w.database() + suffix)
		require.NoError(t, err)
		require.NotContains(t, strings.ToLower(string(file)), "rosalind", suffix)
	}
	w.stop()
	for _, p := range w.all {
		for _, private := range w.personal {
			require.NotContains(t, p.output(), private)
		}
	}
}

// backend makes a call to the program's API and returns the JSON of the answer.
func (w *world) backend(token, method, path, key, body string) (status int, answer map[string]any) {
	w.Helper()
	req, err := http.NewRequestWithContext(w.ctx, method, w.running.url(w.ctx, w.T)+"/api/v1"+path, strings.NewReader(body))
	require.NoError(w, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := (&http.Client{}).Do(req)
	require.NoError(w, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(w, err)
	require.NoError(w, resp.Body.Close())
	if len(text) > 0 {
		require.NoError(w, json.Unmarshal(text, &answer), "%s", text)
	}
	return resp.StatusCode, answer
}
